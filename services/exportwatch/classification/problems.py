"""Facts that were stated and cannot be used: what a decision names instead of guessing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """A stated fact that cannot be used. ``code`` is one of the decision's reason codes."""

    code: str
    path: str
    found: str
    expected: str


def wrong(path: str, found: Any, expected: str) -> Problem:
    return Problem("UNREADABLE_FACT", path, f"{found!r:.80}", expected)


def list_of(raw: Mapping[str, Any], key: str, problems: list[Problem]) -> list[Any]:
    value = raw.get(key)
    if value is None or isinstance(value, list):
        return value or []
    problems.append(wrong(key, value, "a list"))
    return []
