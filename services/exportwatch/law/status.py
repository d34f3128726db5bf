"""What holds for a limb on a day: the statements of its timeline, laid out as a calendar without gaps.

Three rules of the law are here and nowhere else. An end that nobody confirmed is neither a revival nor a
continuation: from then on the status is unconfirmed. A last day of which nobody said whether it counts is
unconfirmed itself. And a text that was posted during a day leaves the departures of that day unconfirmed
until the hour of posting. Pure; the calendar is computed once, a question costs a binary search.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from exportwatch.law.model import LimbStatus, LimbStatusName, StatusInterval

_DAY = timedelta(days=1)
_NEVER = "never operated: suspended before it took effect"


@dataclass(frozen=True, slots=True)
class _Segment:
    start: date
    status: LimbStatus
    clock: tuple[time, LimbStatus] | None = None


class LimbCalendar:
    """Every day of one limb. ``statements`` come in the order in which they were announced."""

    __slots__ = ("_segments", "_starts")

    def __init__(
        self,
        instrument_id: str,
        limb: str,
        published: date,
        statements: Sequence[StatusInterval],
        closed_by: str | None = None,
    ) -> None:
        """``closed_by``: why nothing is certain about the limb any more (an unreadable amendment), if so."""
        nothing = LimbStatus(instrument_id, limb, LimbStatusName.NOT_PUBLISHED)
        laid = _laid_out(statements)
        segments = [_Segment(date.min, nothing)]
        for day in _days(published, laid):
            segment = _segment(nothing, laid, day, closed_by)
            if segment.status != segments[-1].status:
                segments.append(segment)
        self._segments = _with_outlook(segments)
        self._starts = [segment.start for segment in self._segments]

    def on(self, day: date, at: time | None = None) -> LimbStatus:
        """The status on a day, at an hour (China) where one is known."""
        segment = self._segments[bisect_right(self._starts, day) - 1]
        if segment.clock and at is not None and at >= segment.clock[0]:
            return segment.clock[1]
        return segment.status

    def boundaries(self) -> tuple[date, ...]:
        """The days on which something changes, the day of publication first."""
        return tuple(self._starts[1:])

    @property
    def last_confirmed(self) -> date | None:
        """The latest day on which a statement that counts was confirmed; None where none is recorded."""
        return max((s.status.confirmed_at for s in self._segments if s.status.confirmed_at), default=None)

    def segments(self) -> tuple[tuple[date, LimbStatus], ...]:
        """The first day and status of each stretch after publication."""
        return tuple((s.start, s.status) for s in self._segments[1:])

    def stretches(self) -> tuple[tuple[date, date | None, LimbStatus], ...]:
        """The same with the last day of each stretch; None where no end is known."""
        ends = [*(start - _DAY for start in self._starts[2:]), None]
        return tuple((s.start, end, s.status) for s, end in zip(self._segments[1:], ends, strict=True))


def _laid_out(statements: Iterable[StatusInterval]) -> list[StatusInterval]:
    """A later announcement takes the place of an earlier one from its first day on, and what it replaced does
    not come back after it; what the earlier one said of days behind the later one's end remains. So the
    statement that began last is the one that counts, also when it has ended."""
    laid: list[StatusInterval] = []
    for statement in statements:
        laid = [s for s in laid if s.start < statement.start or _is_behind(s.start, statement)]
        laid.append(statement)
    return sorted(laid, key=lambda s: s.start)


def _is_behind(day: date, statement: StatusInterval) -> bool:
    if statement.until is None:
        return False
    return day > statement.until or (day == statement.until and statement.until_inclusive is False)


def _days(published: date, laid: Sequence[StatusInterval]) -> list[date]:
    """Each day on which the status may differ from the day before."""
    days = {published}
    for interval in laid:
        days.add(interval.start)
        if interval.in_force_time is not None:
            days.add(interval.start + _DAY)
        if interval.until is not None:
            days |= {interval.until, min(interval.until, date.max - _DAY) + _DAY}
    return sorted(day for day in days if day >= published)


def _segment(
    nothing: LimbStatus, laid: Sequence[StatusInterval], day: date, closed_by: str | None
) -> _Segment:
    started = [interval for interval in laid if interval.start <= day]
    if closed_by is not None or not started:
        note = closed_by or "published, but nothing is known of its effect"
        return _Segment(day, _unconfirmed(nothing, None, note))
    interval = started[-1]
    if _is_behind(day, interval):
        ended = f"{_noun(interval.status)} to {interval.until}: neither an extension nor a lapse is confirmed"
        return _Segment(day, _unconfirmed(nothing, interval, ended))
    if day == interval.until and interval.until_inclusive is None:
        open_day = f"whether {day} itself is included is not defined"
        return _Segment(day, _unconfirmed(nothing, interval, open_day))
    operated = any(i.status is LimbStatusName.IN_FORCE for i in started)
    status = _stated(nothing, interval, operated)
    if interval.in_force_time is not None and day == interval.start:
        posted = f"posted at {interval.in_force_time:%H:%M} of this day; departures before it are open"
        return _Segment(day, _unconfirmed(nothing, interval, posted), (interval.in_force_time, status))
    return _Segment(day, status)


def _stated(nothing: LimbStatus, interval: StatusInterval, operated: bool) -> LimbStatus:
    name, note = interval.status, interval.note
    if not operated and name is LimbStatusName.SUSPENDED:
        note = f"{_NEVER}; {note}" if note else _NEVER
    if not operated and name is LimbStatusName.REPEALED:
        name = LimbStatusName.NEVER_OPERATED
    if name is LimbStatusName.NOT_YET_EFFECTIVE and interval.takes_effect and not note:
        note = f"takes effect on {interval.takes_effect}"
    return replace(
        nothing,
        status=name,
        since=interval.start,
        until=interval.until,
        by=interval.by,
        confirmed_at=interval.confirmed_at,
        note=note,
    )


def _unconfirmed(nothing: LimbStatus, interval: StatusInterval | None, note: str) -> LimbStatus:
    by = interval.by if interval else None
    until = interval.until if interval else None
    return replace(nothing, status=LimbStatusName.UNCONFIRMED, until=until, by=by, note=note)


def _noun(status: LimbStatusName) -> str:
    return "suspended" if status is LimbStatusName.SUSPENDED else status.replace("_", " ")


def _with_outlook(segments: Sequence[_Segment]) -> tuple[_Segment, ...]:
    """Say of each segment since when its status holds and on which day it changes, reading backwards."""
    done: list[_Segment] = []
    for index in reversed(range(len(segments))):
        segment = segments[index]
        clock = segment.clock
        if clock is not None:
            clock = (clock[0], replace(clock[1], next_change=_change(clock[1], done)))
        status = replace(segment.status, next_change=_change(segment.status, done))
        if status.status is LimbStatusName.UNCONFIRMED:
            status = replace(status, since=_since(segments, index))
        done.insert(0, _Segment(segment.start, status, clock))
    return tuple(done)


def _change(status: LimbStatus, later: Sequence[_Segment]) -> date | None:
    for segment in later:
        if segment.status.status is not status.status:
            return segment.start
    return None


def _since(segments: Sequence[_Segment], index: int) -> date:
    while index > 0 and segments[index - 1].status.status is LimbStatusName.UNCONFIRMED:
        index -= 1
    return segments[index].start
