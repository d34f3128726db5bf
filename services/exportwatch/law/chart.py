"""The timelines as inline SVG: one picture for each instrument, to be stacked under the axis.

Each status has a colour and a pattern of its own (Okabe and Ito's palette), so that it can be told in black and
white and by the colour-blind. Pure: a register and a scale in, markup out; all text is escaped.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import escape

from exportwatch.law.model import WHOLE, Instrument, Limb, LimbStatusName
from exportwatch.law.register import LawRegister
from exportwatch.law.timeline import Scale, months

WIDTH = 1120
_LEFT, _RIGHT = 330, 920  # the days are drawn between these
_CONFIRMED, _STATUS = 932, 1012
_ROW, _HEAD, _BAR = 26, 38, 16
_LETTER = 6.0  # width of a small letter, about
_SHOWN = [name for name in LimbStatusName if name is not LimbStatusName.NOT_PUBLISHED]
_STEPS, _YEAR = (1, 3, 6, 12, 24, 60, 120, 600, 1200, 6000, 12000), 12  # months between two marks of the axis
_MONTH, _ROOM = 30, 56  # days of a month; width of a label and the space behind it

# Background, and the strokes of a tile of 8 by 8.
_PATTERNS = {
    LimbStatusName.NOT_YET_EFFECTIVE: ("#ffffff", '<circle cx="2" cy="2" r="1.1" fill="#0072b2"/>'
                                       '<circle cx="6" cy="6" r="1.1" fill="#0072b2"/>'),
    LimbStatusName.IN_FORCE: ("#0072b2", ""),
    LimbStatusName.SUSPENDED: ("#fff3d6", '<path d="M-2 2l4-4M0 8l8-8M6 10l4-4" stroke="#c87f00" stroke-width="2"/>'),
    LimbStatusName.UNCONFIRMED: ("#ffffff", '<path d="M0 0l8 8M8 0l-8 8" stroke="#d55e00" stroke-width="1.3"/>'),
    LimbStatusName.REPEALED: ("#ffffff", '<path d="M0 2h8M0 6h8" stroke="#666666" stroke-width="1.2"/>'),
    LimbStatusName.NEVER_OPERATED: ("#eeeeee", '<path d="M2 0v8M6 0v8" stroke="#999999" stroke-width="1.2"/>'),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """What all pictures of a page share: the days shown, and the legal date asked for, if any."""

    scale: Scale
    on: date | None = None

    @property
    def day_width(self) -> float:
        return (_RIGHT - _LEFT) / ((self.scale.last - self.scale.first).days + 1)

    def x(self, day: date) -> float:
        """The left edge of a day."""
        return _LEFT + self.day_width * (day - self.scale.first).days

    @property
    def mark(self) -> float | None:
        """The middle of the legal date; None where there is none to be seen."""
        if self.on is None or not self.scale.first <= self.on <= self.scale.last:
            return None
        return round(self.x(self.on) + self.day_width / 2, 1)


def patterns() -> str:
    """The fills of the statuses, once for a page."""
    tiles = "".join(
        f'<pattern id="{_fill(name)}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{ground}"/>{strokes}</pattern>'
        for name, (ground, strokes) in _PATTERNS.items()
    )
    return (
        f'<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>{tiles}</defs></svg>'
    )


def swatch(name: LimbStatusName) -> str:
    return (
        '<svg class="swatch" width="30" height="14" viewBox="0 0 30 14" aria-hidden="true">'
        f'<rect x=".5" y=".5" width="29" height="13" class="bar" fill="url(#{_fill(name)})"/></svg>'
    )


def legend() -> str:
    return "".join(f"<span>{swatch(name)} {_words(name)}</span>" for name in _SHOWN)


def axis(frame: Frame) -> str:
    """The head of the pictures: dates, the legal date, what the columns on the right say."""
    lines = ['<text x="0" y="30" class="head">instrument, limb</text>']
    free = 0.0
    for day, label in _ticks(frame):
        x, width = frame.x(day), _LETTER * len(label)
        if x >= free and x + width <= _RIGHT:
            lines.append(f'<text x="{x:.1f}" y="30" class="tick">{label}</text>')
            free = x + width + _LETTER
    lines.append(f'<text x="{_CONFIRMED}" y="30" class="head">last confirmed</text>')
    if frame.on is not None:
        lines.append(f'<text x="{_STATUS}" y="30" class="head">on {frame.on}</text>')
    if frame.mark is not None:
        side = "end" if frame.mark > (_LEFT + _RIGHT) / 2 else "start"
        lines.append(
            f'<text x="{frame.mark}" y="13" class="mark" text-anchor="{side}">legal date {frame.on}</text>'
        )
        lines.append(f'<path d="M{frame.mark} 17V36" class="mark"/>')
    return _picture(36, "dates", lines)


def picture(register: LawRegister, instrument: Instrument, frame: Frame) -> str:
    """An instrument with a bar for each of its limbs."""
    single = len(instrument.limbs) == 1 and instrument.limbs[0].id == WHOLE
    height = _HEAD if single else _HEAD - 4 + _ROW * len(instrument.limbs)
    title = _cut(instrument.titles.en, 58)
    lines = [*_grid(frame, height)]
    lines.append(f'<text x="0" y="15" class="id">{escape(instrument.id)}</text>')
    lines.append(
        f'<text x="0" y="29" class="small">{escape(title)}<title>{escape(instrument.titles.en)}</title></text>'
    )
    for index, limb in enumerate(instrument.limbs):
        top = 11 if single else _HEAD + _ROW * index
        if not single:
            name = _cut(f"{limb.id}: {limb.name}", 54)
            lines.append(
                f'<text x="12" y="{top + 12}" class="small">{escape(name)}<title>{escape(limb.name)}</title></text>'
            )
        lines += _bars(register, instrument, limb, frame, top)
    if frame.mark is not None:
        lines.append(f'<path d="M{frame.mark} 0V{height}" class="mark"/>')
    return _picture(height, instrument.id, lines)


def _bars(register: LawRegister, instrument: Instrument, limb: Limb, frame: Frame, top: int) -> Iterator[str]:
    calendar = register.calendar(instrument.id, limb.id)
    for start, end, status in calendar.stretches():
        first, last = max(start, frame.scale.first), min(end or frame.scale.last, frame.scale.last)
        if first > last:
            continue
        x, width = frame.x(first), frame.x(last) + frame.day_width - frame.x(first)
        by = status.by if status.by and status.by != instrument.id else ""
        told = f"{start} to {end or 'further notice'}: {_words(status.status)}{f' by {by}' if by else ''}"
        yield (
            f'<rect x="{x:.1f}" y="{top}" width="{width:.1f}" height="{_BAR}" class="bar" '
            f'fill="url(#{_fill(status.status)})"><title>{escape(told)}</title></rect>'
        )
        if by and status.status is not LimbStatusName.UNCONFIRMED and width > _LETTER * len(by) + 8:
            yield f'<text x="{x + 4:.1f}" y="{top + 12}" class="by">{escape(by)}</text>'
    confirmed = calendar.last_confirmed or "not recorded"
    yield f'<text x="{_CONFIRMED}" y="{top + 12}" class="small">{confirmed}</text>'
    if frame.on is not None:
        name = calendar.on(frame.on).status
        shown = "not published" if name is LimbStatusName.NOT_PUBLISHED else _words(name)
        yield f'<text x="{_STATUS}" y="{top + 12}" class="status">{shown}</text>'


def _grid(frame: Frame, height: int) -> Iterator[str]:
    yield f'<path d="M0 .5H{WIDTH}" class="rule"/>'
    for day, _ in _ticks(frame):
        yield f'<path d="M{frame.x(day):.1f} 0V{height}" class="grid"/>'


def _ticks(frame: Frame) -> Iterator[tuple[date, str]]:
    """Months, quarters, half years, years or more of them: the finest that leave room for their labels."""
    month = _MONTH * frame.day_width
    step = next((step for step in _STEPS if step * month >= _ROOM), _STEPS[-1])
    for day in months(frame.scale):
        if day >= frame.scale.first and (day.year * 12 + day.month - 1) % step == 0:
            yield day, f"{day.year}" if step >= _YEAR else f"{day:%Y-%m}"


def _picture(height: int, label: str, lines: list[str]) -> str:
    return (
        f'<svg class="row" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label, quote=True)}">'
        + "".join(lines)
        + "</svg>"
    )


def _cut(text: str, most: int) -> str:
    """Cut between words where there are words (not in Chinese)."""
    if len(text) <= most:
        return text
    cut = text[: most - 2]
    return (cut.rsplit(" ", 1)[0] if " " in cut[most // 2 :] else cut) + " …"


def _fill(name: LimbStatusName) -> str:
    return "p-" + name.replace("_", "-")


def _words(name: LimbStatusName) -> str:
    return name.replace("_", " ")
