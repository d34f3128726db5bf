"""Read the fields of a located mapping one by one and note whatever is wrong with them, instead of stopping.

A reader gives the value or None and puts a ``ConfigError`` on the list; whoever reads decides at the end.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, time
from typing import Any

from exportwatch.errors import ConfigError
from exportwatch.law.located import LocatedList, LocatedMapping, Place, UnquotedDate, at, not_known

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_HOUR = re.compile(r"\d{2}:\d{2}")


class Fields:
    """One mapping of a file. ``subject`` is what messages call it."""

    def __init__(self, value: Any, place: Place, problems: list[ConfigError]) -> None:
        self._mapping = value if isinstance(value, LocatedMapping) else LocatedMapping()
        self._place = place
        self._problems = problems
        if not isinstance(value, LocatedMapping):
            self.problem(None, f"expected a mapping, found {_shown(value)}")

    def place(self, key: str | None = None) -> Place:
        lines = getattr(self._mapping, "lines", {})
        line = lines.get(key, getattr(self._mapping, "line", 0)) or self._place.line
        return Place(self._place.file, line, self._place.subject)

    def problem(self, key: str | None, text: str) -> None:
        self._problems.append(at(self.place(key), text))

    def only(self, known: Sequence[str]) -> None:
        """Every key must be one of these."""
        for key in self._mapping:
            if key not in known:
                self._problems.append(not_known(self.place(key), "key", key, known))

    def raw(self, key: str) -> Any:
        return self._mapping.get(key)

    def has(self, key: str) -> bool:
        return self._mapping.get(key) is not None

    def text(self, key: str, required: bool = True) -> str | None:
        value = self._mapping.get(key)
        if isinstance(value, str) and value.strip():
            return value
        if value is not None or required:
            self._wrong(key, "text", value)
        return None

    def choice(self, key: str, known: Iterable[str]) -> str | None:
        value = self.text(key)
        names = list(known)
        if value is not None and value not in names:
            self._problems.append(not_known(self.place(key), key, value, names))
            return None
        return value

    def day(self, key: str, required: bool = True) -> date | None:
        """A day as text in quotes, ``YYYY-MM-DD``."""
        value = self._mapping.get(key)
        if value is None and not required:
            return None
        if isinstance(value, UnquotedDate):
            self.problem(key, f'{key}: write the date in quotes: "{value.text}"')
            return None
        if isinstance(value, str) and _ISO_DAY.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                self.problem(key, f'{key}: "{value}" is not a day of the calendar')
                return None
        self._wrong(key, 'a day "YYYY-MM-DD"', value)
        return None

    def hour(self, key: str) -> time | None:
        value = self._mapping.get(key)
        if value is None:
            return None
        try:
            return time.fromisoformat(value if _HOUR.fullmatch(value) else "")
        except (TypeError, ValueError):
            self._wrong(key, 'an hour "HH:MM"', value)
            return None

    def flag(self, key: str) -> bool | None:
        value = self._mapping.get(key)
        if value is None or isinstance(value, bool):
            return value
        self._wrong(key, "true or false", value)
        return None

    def count(self, key: str) -> int | None:
        """A whole number from 1 on, where it is stated."""
        value = self._mapping.get(key)
        if value is None or (type(value) is int and value > 0):
            return value
        self._wrong(key, "a whole number from 1 on", value)
        return None

    def texts(self, key: str, required: bool = True) -> tuple[str, ...]:
        value = self._mapping.get(key)
        if isinstance(value, LocatedList) and all(isinstance(item, str) for item in value):
            return tuple(value)
        if value is not None or required:
            self._wrong(key, "a list of texts", value)
        return ()

    def nested(self, key: str, subject: str | None = None) -> "Fields":
        """The mapping under a key (an empty one, and a problem, where there is none)."""
        place = self.place(key)
        value = self._mapping.get(key)
        if value is None:
            self._wrong(key, "a mapping", None)
            value = LocatedMapping()
        return Fields(value, Place(place.file, place.line, subject or place.subject), self._problems)

    def items(self, key: str, required: bool = True) -> list[tuple[Any, int]]:
        """The items of a list with their lines."""
        value = self._mapping.get(key)
        if isinstance(value, LocatedList) and (value or not required):
            return list(zip(value, value.lines, strict=True))
        if value is not None or required:
            self._wrong(key, "a list", value)
        return []

    def keys(self) -> list[str]:
        return list(self._mapping)

    def _wrong(self, key: str, expected: str, value: Any) -> None:
        if value is None:
            self.problem(key, f"{key} is missing: expected {expected}")
        else:
            self.problem(key, f"{key}: expected {expected}, found {_shown(value)}")


def _shown(value: Any) -> str:
    match value:
        case UnquotedDate():
            return f"the unquoted date {value.text}"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case None:
            return "nothing"
        case _:
            return repr(value)
