"""The register for a person at a terminal: a drawing of all timelines, and one instrument day by day.

Plain characters that any terminal shows, at most 100 columns. Text in, text out.
"""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta

from exportwatch.law.model import WHOLE, Instrument, LimbStatus, LimbStatusName
from exportwatch.law.register import LawRegister

COLUMNS = 100
_LABEL = 24
_MONTHS_BELOW_DAYS = 800
_CONFIRMED = (
    "last confirmed: the day on which the status was last held against its source (a stored copy, or an amendment's), "
    "not a day on which the ministry was asked. Where no day is recorded, nobody is known to have confirmed the status "
    "since it was announced, or the days are from memory."
)
_LAST_FIRST = date(MAXYEAR, 11, 30)

SIGNS = {
    LimbStatusName.NOT_PUBLISHED: " ",
    LimbStatusName.NOT_YET_EFFECTIVE: ".",
    LimbStatusName.IN_FORCE: "#",
    LimbStatusName.SUSPENDED: "~",
    LimbStatusName.UNCONFIRMED: "?",
    LimbStatusName.REPEALED: "x",
    LimbStatusName.NEVER_OPERATED: "o",
}


@dataclass(frozen=True, slots=True)
class Scale:
    """The days that a drawing shows, both ends included."""

    first: date
    last: date

    @property
    def width(self) -> int:
        return COLUMNS - _LABEL

    def day(self, column: int) -> date:
        """The last day of a column."""
        days = (self.last - self.first).days + 1
        return self.first + timedelta(days=(days * (column + 1) - 1) // self.width)

    def column(self, day: date) -> int | None:
        if not self.first <= day <= self.last:
            return None
        return next(column for column in range(self.width) if self.day(column) >= day)


def scale_of(register: LawRegister, first: date | None = None, last: date | None = None) -> Scale:
    """From the first publication to a few months behind the last known change, where not given."""
    # The last year of the calendar is how some write "without an end".
    days = [day for day in register.boundaries() if day.year < MAXYEAR]
    first = min(first or (days[0].replace(day=1) if days else date(2023, 1, 1)), _LAST_FIRST)
    last = last or (days[-1] + timedelta(days=92) if days else first + timedelta(days=366))
    return Scale(first, max(last, first + timedelta(days=_LABEL)))


def draw(register: LawRegister, scale: Scale, on: date | None = None) -> Iterator[str]:
    """One row for each limb, under an axis of years; ``v`` and ``^`` mark a day, where one is given."""
    yield from _axis(scale)
    column = scale.column(on) if on else None
    if column is not None:
        yield " " * (_LABEL + column) + "v"
    for instrument in register.instruments.values():
        for limb in instrument.limbs:
            calendar = register.calendar(instrument.id, limb.id)
            signs = [SIGNS[calendar.on(scale.day(column)).status] for column in range(scale.width)]
            yield (_label(instrument.id, limb.id) + "".join(signs)).rstrip()
    if column is not None:
        yield " " * (_LABEL + column) + "^"
    per_column = (scale.last - scale.first).days / scale.width
    yield ""
    yield from _legend()
    yield f"{per_column:.0f} days a column, read at its last day; exact days: exportwatch law show INSTRUMENT"
    yield ""
    yield from _confirmations(register)
    if on:
        yield from _on(register, on)


def _legend() -> Iterator[str]:
    """Two rows of three signs, each as a piece of a row."""
    texts = [f"{sign * 3} {name.replace('_', ' ')}" for name, sign in SIGNS.items() if sign != " "]
    for row in (texts[:3], texts[3:]):
        yield " " * _LABEL + "".join(f"{text:<24}" for text in row).rstrip()


def _confirmations(register: LawRegister) -> Iterator[str]:
    """The limbs by the day on which their status was last confirmed, the latest day first."""
    by_day: dict[date | None, list[str]] = {}
    for instrument in register.instruments.values():
        for limb in instrument.limbs:
            day = register.calendar(instrument.id, limb.id).last_confirmed
            by_day.setdefault(day, []).append(_label(instrument.id, limb.id).strip())
    open_ = len(by_day.pop(None, ()))
    for day in sorted((day for day in by_day if day), reverse=True):
        yield from _names(f"last confirmed {day}: ", by_day[day])
    if open_:
        yield f"no day of confirmation is recorded: {open_} limb{'s' * (open_ > 1)}"


def _axis(scale: Scale) -> Iterator[str]:
    """Years, or months where the drawing is short; a label only where there is room for it."""
    by_month = (scale.last - scale.first).days < _MONTHS_BELOW_DAYS
    labels, ticks = [" "] * scale.width, [" "] * scale.width
    for month in months(scale):
        column = scale.column(max(month, scale.first))
        text = f"{month:%Y-%m}" if by_month else f"{month:%Y}"
        if column is None or (month.month > 1 and month > scale.first and not by_month):
            continue
        ticks[column] = "|"
        room = labels[max(column - 1, 0) : column + len(text)]
        if column + len(text) <= scale.width and not "".join(room).strip():
            labels[column : column + len(text)] = text
    yield (" " * _LABEL + "".join(labels)).rstrip()
    yield (" " * _LABEL + "".join(ticks)).rstrip()


def months(scale: Scale) -> Iterator[date]:
    """The first day of each month that a drawing shows, or shows in part."""
    first, last = (day.year * 12 + day.month - 1 for day in (scale.first, scale.last))
    for number in range(first, last + 1):
        yield date(number // 12, number % 12 + 1, 1)


def _label(instrument_id: str, limb: str) -> str:
    text = instrument_id if limb == WHOLE else f"{instrument_id} limb {limb}"
    return f"{text[: _LABEL - 1]:<{_LABEL}}"


def _on(register: LawRegister, on: date) -> Iterator[str]:
    unsure = [s for s in _statuses(register, on) if s.status is LimbStatusName.UNCONFIRMED]
    names = [_label(s.instrument_id, s.limb).strip() for s in unsure]
    yield from _names(f"v {on}: unconfirmed are ", names or ["none"])


def table(register: LawRegister, on: date) -> Iterator[str]:
    """Every limb that is published on a day, with its status and when that changes next."""
    yield f"{'instrument':<{_LABEL}}{'status':<19}{'since':<12}{'next change':<13}{'confirmed':<12}scope"
    for status in _statuses(register, on):
        if status.status is LimbStatusName.NOT_PUBLISHED:
            continue
        instrument = register.instruments[status.instrument_id]
        limb = instrument.limb(status.limb)
        confirmed = register.calendar(instrument.id, status.limb).last_confirmed
        scope = (limb.name if limb else "") or instrument.scope
        row = (
            f"{_label(status.instrument_id, status.limb)}{_name(status):<19}"
            f"{_day(status.since):<12}{_day(status.next_change):<13}{_day(confirmed):<12}"
        )
        yield row + textwrap.shorten(scope, COLUMNS - len(row), placeholder=" ...")


def detail(register: LawRegister, instrument: Instrument, on: date | None = None) -> Iterator[str]:
    """All that the register knows of an instrument: identity, source, the days of each limb, notes."""
    yield from _wrapped(f"{instrument.id}  {instrument.titles.en}", "", " " * (len(instrument.id) + 2))
    yield f"  {instrument.titles.zh}"
    yield f"  issued by {', '.join(instrument.authority) or 'not known'}, published {instrument.published}"
    cited = f"source: {instrument.source.cite}; confidence {instrument.source.confidence}"
    yield from _wrapped(cited, "  ")
    yield from _wrapped(f"scope: {instrument.scope}", "  ")
    for limb in instrument.limbs:
        yield ""
        yield from _wrapped("whole instrument" if limb.id == WHOLE else f"limb {limb.id}: {limb.name}", "  ")
        confirmed = register.calendar(instrument.id, limb.id).last_confirmed
        yield f"    last confirmed: {confirmed or 'no day is recorded'}"
        yield from _days(register, instrument, limb.id, on)
    if instrument.notes:
        yield ""
    for note in instrument.notes:
        yield from _wrapped(f"note: {note}", "  ")
    for policy in {p.id: p for p in instrument.policies}.values():
        said = f"{policy.effect.replace('_', ' ')}: {policy.name.en}; confidence {policy.source.confidence}"
        yield from _wrapped(f"policy {policy.id}: {said}", "  ")
    yield ""
    yield from _wrapped(_CONFIRMED, "  ")
    if instrument.entries:
        yield ""
        codes = ", ".join(str(entry.mapping.get("code", "?")) for entry in instrument.entries)
        yield from _wrapped(f"entries: {codes}", "  ")


def _days(register: LawRegister, instrument: Instrument, limb: str, on: date | None) -> Iterator[str]:
    for start, end, status in register.calendar(instrument.id, limb).stretches():
        here = on is not None and start <= on and (end is None or on <= end)
        span = f"{start}" if end == start else f"{start} to {end}" if end else f"{start} onwards"
        told = [f"by {status.by}"] if status.by and status.by != instrument.id else []
        told += [f"confirmed {status.confirmed_at}"] if status.confirmed_at else []
        told += [status.note] if status.note else []
        head = f"  {'>' if here else ' '} {span:<26}{_name(status):<19}"
        yield from _wrapped("; ".join(told), head, " " * len(head))


def _statuses(register: LawRegister, on: date) -> list[LimbStatus]:
    return [
        register.status(instrument.id, limb.id, on)
        for instrument in register.instruments.values()
        for limb in instrument.limbs
    ]


def _name(status: LimbStatus) -> str:
    return status.status.replace("_", " ")


def _day(day: date | None) -> str:
    return str(day) if day else "-"


def _names(head: str, names: Iterable[str]) -> Iterator[str]:
    """A list of names, none of which is broken over two lines."""
    whole = ", ".join(name.replace(" ", "\xa0") for name in names)
    for line in textwrap.wrap(head + whole, COLUMNS, subsequent_indent="  ", break_on_hyphens=False):
        yield line.replace("\xa0", " ")


def _wrapped(text: str, head: str, rest: str | None = None) -> list[str]:
    lines = textwrap.wrap(text, COLUMNS, initial_indent=head, subsequent_indent=rest or head + "  ")
    return lines or [head.rstrip()]
