"""The timelines of instruments around one day, as a drawing that stands alone: SVG without script or reference.

Told apart by shade and hatching, not by colour alone, so that it can be printed in black and white. Pure.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from html import escape

from exportwatch.screening.dossier import LawLine, Step

WIDTH, ROW, TOP, BAR, LEFT, RIGHT = 960, 56, 34, 22, 150, 16  # in the units of the drawing
AROUND = 200  # days that are shown at least on both sides of the legal date
WIDEST = 1500  # days that are shown at most
_LETTER = 6.2  # mean width of a letter of 11 px
_DATE = 62.0
_FILLS = {
    "in_force": "#1f4e79",
    "suspended": "url(#hatch)",
    "not_yet_effective": "#dfe7ef",
    "unconfirmed": "url(#dots)",
    "repealed": "#f4f4f4",
    "never_operated": "#f4f4f4",
}
_DEFS = (
    '<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="7" height="7" fill="#fff"/><rect width="3" height="7" fill="#8fb3d1"/></pattern>'
    '<pattern id="dots" width="7" height="7" patternUnits="userSpaceOnUse"><rect width="7" height="7" fill="#fff3cd"/>'
    '<circle cx="3" cy="3" r="1.3" fill="#8a6d00"/></pattern></defs>'
)


class _Scale:
    """From days to places."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self._per_day = (WIDTH - LEFT - RIGHT) / max((last - first).days, 1)

    def x(self, day: date) -> float:
        inside = min(max(day, self.first), self.last)
        return round(LEFT + (inside - self.first).days * self._per_day, 1)


def timeline_svg(laws: Sequence[LawLine], on: date) -> str:
    """The limbs, one a row, with the day marked; empty where there are none."""
    if not laws:
        return ""
    scale = _scale(laws, on)
    height = TOP + ROW * len(laws) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="Timeline of the instruments around {on}">',
        _DEFS,
        *_years(scale, height),
    ]
    for index, law in enumerate(laws):
        parts += _bars(law, TOP + ROW * index, scale)
    parts += _day(scale.x(on), on, height)
    for index, law in enumerate(laws):
        parts += _dates(law, TOP + ROW * index, scale)
    return "".join([*parts, "</svg>"])


def _scale(laws: Sequence[LawLine], on: date) -> _Scale:
    """From some time before the first stretch to some time after the last, no further than ``WIDEST`` from the day."""
    days = [step.start.toordinal() for law in laws for step in law.steps]
    day = on.toordinal()
    first = min([day - AROUND, *(max(one - AROUND // 4, day - WIDEST) for one in days)])
    last = max([day + AROUND, *(min(one + AROUND // 2, day + WIDEST) for one in days)])
    return _Scale(_date(first), _date(last))


def _date(ordinal: int) -> date:
    return date.fromordinal(min(max(ordinal, date.min.toordinal()), date.max.toordinal()))


def _bars(law: LawLine, top: int, scale: _Scale) -> Iterator[str]:
    middle = top + BAR / 2 + 4
    yield f'<text x="0" y="{middle}" font-size="12" font-weight="bold">{escape(law.law)}</text>'
    ends = [*(step.start for step in law.steps[1:]), scale.last]
    for step, end in zip(law.steps, ends, strict=False):
        left, right = scale.x(step.start), scale.x(end)
        if right > left:
            yield from _stretch(step, left, right, top)


def _dates(law: LawLine, top: int, scale: _Scale) -> Iterator[str]:
    """The first day of each stretch below it, on a white ground, as far as there is room."""
    free = float(LEFT) - 4
    for step in law.steps:
        left = scale.x(step.start)
        if scale.first <= step.start <= scale.last and left >= free and left + _DATE <= WIDTH:
            ground = 'paint-order="stroke" stroke="#fff" stroke-width="4"'
            yield f'<text x="{left}" y="{top + BAR + 14}" font-size="10" fill="#333" {ground}>{step.start}</text>'
            free = left + _DATE


def _stretch(step: Step, left: float, right: float, top: int) -> Iterator[str]:
    words = step.status.replace("_", " ")
    fill = _FILLS.get(step.status, "#fff")
    by = f" by {step.by}" if step.by else ""
    yield f'<rect x="{left}" y="{top}" width="{round(right - left, 1)}" height="{BAR}" fill="{fill}" stroke="#33475b">'
    yield f"<title>{escape(f'{step.start}: {words}{by}')}</title></rect>"
    width = len(words) * _LETTER
    if width + 8 <= right - left:
        ink = "#fff" if step.status == "in_force" else "#111"
        if fill.startswith("url"):
            yield f'<rect x="{left + 3}" y="{top + 4}" width="{width + 4:.1f}" height="{BAR - 8}" fill="#fff"/>'
        yield f'<text x="{left + 5}" y="{top + 15}" font-size="11" fill="{ink}">{escape(words)}</text>'


def _years(scale: _Scale, height: int) -> Iterator[str]:
    for year in range(scale.first.year + 1, scale.last.year + 1):
        x = scale.x(date(year, 1, 1))
        yield f'<line x1="{x}" y1="{TOP - 8}" x2="{x}" y2="{height}" stroke="#ccc"/>'
        yield f'<text x="{x + 3}" y="{TOP - 10}" font-size="10" fill="#666">{year}</text>'


def _day(x: float, on: date, height: int) -> Iterator[str]:
    """The line of the legal date, its label on the side where there is room."""
    label = f"legal date {on}"
    anchor, at = ("start", x + 4) if x + len(label) * _LETTER < WIDTH else ("end", x - 4)
    yield f'<line x1="{x}" y1="12" x2="{x}" y2="{height}" stroke="#b00020" stroke-width="2" stroke-dasharray="5 3"/>'
    yield f'<text x="{at}" y="12" font-size="11" fill="#b00020" text-anchor="{anchor}">{label}</text>'
