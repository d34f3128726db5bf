"""Amendments: what was announced after the pack was written, folded into the timelines by its own dates.

The result is a function of the set of amendments, never of their arrival: of several records of one
announcement about one limb the one confirmed last counts, and announcements are laid out in the order in
which they were made. What cannot be applied is a ``LawProblem`` and leaves what it names unconfirmed.
Source: the wire contract of ``compliance.law.v1``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import orjson

from exportwatch.law.model import WHOLE, Limb, LimbStatusName, StatusInterval

_CHINA = ZoneInfo("Asia/Shanghai")
_DAY = timedelta(days=1)
_STATED = {
    "in_force": LimbStatusName.IN_FORCE,
    "confirmed_lapsed": LimbStatusName.IN_FORCE,
    "suspended": LimbStatusName.SUSPENDED,
    "extended": LimbStatusName.SUSPENDED,
    "repealed": LimbStatusName.REPEALED,
}
_OF_A_SUSPENSION = ("extended", "confirmed_lapsed")


class LawAmendment(Protocol):
    """What is read of an amendment event; ``from_`` is the first day of the new status."""

    @property
    def instrument_id(self) -> str: ...
    @property
    def limb(self) -> str | None: ...
    @property
    def status(self) -> str: ...
    @property
    def from_(self) -> date | None: ...
    @property
    def until(self) -> date | None: ...
    @property
    def until_inclusive(self) -> bool | None: ...
    @property
    def announced_by(self) -> str: ...
    @property
    def confirmed_at(self) -> date | datetime | None: ...
    @property
    def source(self) -> Any: ...
    @property
    def entries(self) -> Sequence[Mapping[str, Any]] | None: ...


@dataclass(frozen=True, slots=True)
class LawProblem:
    """An amendment that could not be applied. It makes nothing clear; the operator sees it by its text."""

    instrument_id: str | None
    limb: str
    announced_by: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """An amendment as a value that can be compared, sorted and digested."""

    instrument_id: str
    limb: str
    status: str
    start: date | None
    until: date | None
    until_inclusive: bool | None
    announced_by: str
    confirmed_at: date | None
    content: bytes
    entries: tuple[Mapping[str, Any], ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        return self.instrument_id, self.limb, self.announced_by

    @property
    def rank(self) -> tuple[date, date, bytes]:
        return self.confirmed_at or date.min, self.start or date.min, self.content


def amendment(event: LawAmendment) -> Amendment:
    """Take what the law needs from an event."""
    confirmed = event.confirmed_at
    if isinstance(confirmed, datetime):
        confirmed = (confirmed.astimezone(_CHINA) if confirmed.tzinfo else confirmed).date()
    fields: dict[str, Any] = {
        "instrument_id": event.instrument_id,
        "limb": event.limb or WHOLE,
        "status": str(event.status),
        "start": event.from_,
        "until": event.until,
        "until_inclusive": event.until_inclusive,
        "announced_by": event.announced_by,
        "confirmed_at": confirmed,
    }
    entries = tuple(event.entries or ())
    content = orjson.dumps(
        {**fields, "source": event.source, "entries": entries}, option=orjson.OPT_SORT_KEYS, default=str
    )
    return Amendment(**fields, content=content, entries=entries)


def newest(amendments: Iterable[Amendment]) -> tuple[Amendment, ...]:
    """One amendment for each instrument, limb and announcement, in the order of these names."""
    kept: dict[tuple[str, str, str], Amendment] = {}
    for candidate in amendments:
        known = kept.get(candidate.key)
        if known is None or candidate.rank > known.rank:
            kept[candidate.key] = candidate
    return tuple(kept[key] for key in sorted(kept))


def _announced(interval: StatusInterval) -> date:
    """When an amendment was announced: not later than it was confirmed, nor than it took effect."""
    return min(interval.start, interval.confirmed_at or date.max)


def statements(
    limb: Limb, concerned: Sequence[Amendment], published: Mapping[str, date]
) -> tuple[tuple[StatusInterval, ...], tuple[LawProblem, ...]]:
    """The statements about a limb in the order of their announcement, and what could not be applied.

    ``published``: when each announcement of the pack was published. A statement of the pack is as old as the
    announcement that made it: an instrument's own day of effect was announced with the instrument, so that
    a suspension announced before that day prevails on it.
    """
    base = [
        (min(i.start, published.get(i.by, i.start)), i.start, 0, date.min, i.by, i) for i in limb.timeline
    ]
    added: list[StatusInterval] = []
    problems: list[LawProblem] = []
    suspensions = [i for i in limb.timeline if i.status is LimbStatusName.SUSPENDED]
    # What goes on from a suspension comes behind all suspensions, and extensions one behind the other.
    for item in sorted(
        concerned, key=lambda a: (a.status in _OF_A_SUSPENSION, a.until or date.max, a.rank, a.announced_by)
    ):
        outcome = _interval(item, suspensions)
        if isinstance(outcome, str):
            problems.append(LawProblem(item.instrument_id, item.limb, item.announced_by, outcome))
        elif outcome is not None:
            added.append(outcome)
            if outcome.status is LimbStatusName.SUSPENDED:
                suspensions.append(outcome)
    rows = base + [(_announced(i), i.start, 1, i.confirmed_at or date.min, i.by, i) for i in _agreed(added)]
    return tuple(row[-1] for row in sorted(rows, key=lambda row: row[:-1])), tuple(problems)


def _interval(item: Amendment, suspensions: Sequence[StatusInterval]) -> StatusInterval | str | None:
    """The statement of an amendment about one limb; None where it does not concern it; else what is wrong."""
    status = _STATED.get(item.status)
    if status is None:
        return f'status "{item.status}" is not known; known: {", ".join(_STATED)}'
    start = item.start
    if item.status in _OF_A_SUSPENSION:
        if not suspensions:
            return None if item.limb == WHOLE else f"{item.status}, but the limb was never suspended"
        if start is None:
            start = _goes_on_from(item, suspensions)
    if start is None:
        return f"{item.status} without the day from which"
    if item.until is not None and item.until < start:
        return f"ends on {item.until}, before it begins on {start}"
    if item.status == "extended" and item.until is None:
        return "extended without the day to which"
    return StatusInterval(
        status=status,
        start=start,
        by=item.announced_by,
        until=item.until,
        until_inclusive=item.until_inclusive,
        confirmed_at=item.confirmed_at,
    )


def _goes_on_from(item: Amendment, suspensions: Sequence[StatusInterval]) -> date | None:
    """The old end of the suspension that is extended, or the first day after it where it lapsed."""
    ends = [(s.until, s.until_inclusive is False) for s in suspensions if s.until is not None]
    if item.until is not None:
        ends = [end for end in ends if end[0] < item.until]
    if not ends:
        return None
    last, excluded = max(ends)
    return last if item.status == "extended" or excluded or last == date.max else last + _DAY


def _agreed(added: Sequence[StatusInterval]) -> list[StatusInterval]:
    """Two announcements of one day that say different things of the same days leave them unconfirmed."""
    groups: dict[tuple[date, date, date | None], list[StatusInterval]] = {}
    for interval in added:
        groups.setdefault((_announced(interval), interval.start, interval.confirmed_at), []).append(interval)
    agreed = []
    for group in groups.values():
        group.sort(key=lambda i: i.by)
        names = " and ".join(i.by for i in group)
        if len({i.status for i in group}) > 1:
            note = f"{names} contradict each other"
            agreed.append(
                replace(group[0], status=LimbStatusName.UNCONFIRMED, by=names, until=None, note=note)
            )
            continue
        shortest = min(group, key=lambda i: (i.until or date.max, i.until_inclusive is True))
        agreed.append(shortest if len(group) == 1 else replace(shortest, by=names))
    return agreed
