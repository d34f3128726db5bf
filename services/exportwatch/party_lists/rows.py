"""What the readers of list files share: entries as they are gathered, and every fault with its place.

A file with one fault is not taken at all: a list with a hole in it releases whoever fell through.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import orjson

from exportwatch.screening.countries import known_country
from exportwatch_events.control import PartyListEntry, UnreadableControl, read_party

Identity = tuple[str, str]  # list id, entry id


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps a file from being read. ``place``: a line number, or ``results[3]`` where the file has no lines."""

    place: str
    field: str
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as read. ``passed_over``: records in it that are no listed party (addresses, relations)."""

    entries: tuple[PartyListEntry, ...]
    faults: tuple[Fault, ...]
    passed_over: int = 0


@dataclass(slots=True)
class Gathering:
    """Entries and faults while a file is read."""

    entries: dict[Identity, PartyListEntry] = field(default_factory=dict)
    places: dict[Identity, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    passed_over: int = 0

    def fault(self, place: str, name: str, found: object, expected: str) -> None:
        self.faults.append(Fault(place, name, f"{found!r:.80}", expected))

    def add(self, place: str, fields: Mapping[str, Any]) -> None:
        """Take one entry in the form of the wire contract; what is wrong with it becomes a fault."""
        stated = {name: value for name, value in fields.items() if value not in (None, "", [])}
        read = read_party(orjson.dumps(stated))
        if isinstance(read, UnreadableControl):
            name = read.field or "entry"
            self.fault(place, name, stated.get(name.split(".")[0].split("[")[0]), read.message)
            return
        identity = (read.list_id, read.entry_id)
        if identity in self.places:
            self.fault(
                place, "entry_id", read.entry_id, f"each id once; it stands in {self.places[identity]} too"
            )
            return
        self.places[identity] = place
        self.entries[identity] = read

    def reading(self) -> Reading:
        return Reading(tuple(self.entries.values()), tuple(self.faults), self.passed_over)


def csv_rows(
    content: bytes, needed: Sequence[str], header: str, gathering: Gathering
) -> Iterable[tuple[str, Mapping[str, str]]]:
    """The lines of a CSV file with a header that has the ``needed`` columns; what is wrong becomes a fault."""
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        missing = [name for name in needed if name not in (reader.fieldnames or ())]
        if missing:
            gathering.fault("1", missing[0], reader.fieldnames, header)
            return
        for row in reader:
            if None in row or None in row.values():
                gathering.fault(
                    str(reader.line_num), "line", "another number of cells", "as many as the header has"
                )
            else:
                yield str(reader.line_num), row
    except UnicodeDecodeError as error:
        gathering.fault("1", "file", f"byte {error.start}", "UTF-8")
    except csv.Error as error:
        gathering.fault("1", "file", str(error), "CSV with commas and double quotes")


_PARTIAL_DAY = re.compile(r"(\d{4})(?:-(\d\d?))?(?:-(\d\d?))?(?:T.*)?$")


def first_day(text: str) -> date | None:
    """The first day that a date may mean: ``2024`` is 2024-01-01. ``None`` where it is no date."""
    match = _PARTIAL_DAY.match(text.strip())
    if match is None:
        return None
    year, month, day = match.groups(default="1")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def day_behind(text: str) -> date | None:
    """The first day after all that a date may mean: ``2024`` is 2025-01-01. ``None`` where it is no date."""
    start, match = first_day(text), _PARTIAL_DAY.match(text.strip())
    if start is None or match is None:
        return None
    _year, month, day = match.groups()
    if day:
        return start + timedelta(days=1)
    if month:
        return date(start.year + start.month // 12, start.month % 12 + 1, 1)
    return date(start.year + 1, 1, 1)


def one_country(stated: Iterable[object]) -> str | None:
    """The country, where all that are stated are one; several or none say nothing."""
    known = {known_country(c.strip().upper()) if isinstance(c, str) else None for c in stated}
    return known.pop() if len(known) == 1 else None


def named(names: Iterable[object]) -> dict[str, Any]:
    """``name``, ``local_name`` and ``aliases``: the first in Latin letters, the first in another script, the rest.

    Aliases are sorted: editions list them in any order, and an order is no change.
    """
    texts = list(dict.fromkeys(n.strip() for n in names if isinstance(n, str) and n.strip()))
    name = next((n for n in texts if _is_latin(n)), None)
    local = next((n for n in texts if not _is_latin(n)), None)
    return {"name": name, "local_name": local, "aliases": sorted(n for n in texts if n not in (name, local))}


def _is_latin(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return sum(c < "\u0250" for c in letters) * 2 > len(letters)
