"""A division of a document's lines among the licences that they may draw on: each line draws on one, as a whole.

Nobody says which line draws on which licence, so a division is looked for: lines with the fewest licences first, then
the greatest, each on a licence that still has room. One that is found is proof that the licences suffice; where
a line finds no room, another division might (packing is not decided here), and a person looks. Pure; the order of the
lines in the document does not matter.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from exportwatch.screening.amounts import Figures, Limit, exceeded, uncompared
from exportwatch.screening.licenses import Fit

Numbers = frozenset[str]  # of licences
_MOST_LOOKS = 200_000  # at a licence for a line; a document that needs more is a person's


class Asked(NamedTuple):
    """A control code of a line: what the line draws, and the licences that it may draw on, the best first."""

    item_id: str
    code: str
    drawn: Figures
    fits: tuple[Fit, ...]
    numbers: Numbers  # of these


def divided(asked: Iterable[Asked]) -> Mapping[tuple[str, str], Fit | None]:
    """For each line and code the licence that it draws on; ``None`` where none has room left for it."""
    found: dict[tuple[str, str], Fit | None] = {}
    drawing: dict[str, set[str]] = {}  # a line draws on a licence once, for however many codes
    rooms = _Rooms()
    for one in sorted(asked, key=_hardest_first):
        has = drawing.setdefault(one.item_id, set())
        own = next((fit for fit in one.fits if _number(fit) in has), None) if has else None
        if own is None:
            own = rooms.take(one)
            has |= {_number(own)} if own is not None else set()
        found[one.item_id, one.code] = own
    return found


class _Rooms:
    """What is left of each licence."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[Limit, ...]] = {}
        self._next: dict[Numbers, int] = {}  # where the last line of these licences found room
        self._looks = 0

    def take(self, one: Asked) -> Fit | None:
        """The licence with room for the line, from which it then draws: the least open one.

        One whose limit no figure of the line can be held against is more open.
        """
        best: tuple[tuple[int, int], int] | None = None
        start = self._next.get(one.numbers, 0)
        for step in range(len(one.fits)):
            if self._looks >= _MOST_LOOKS:
                break
            self._looks += 1
            at = (start + step) % len(one.fits)
            fit = one.fits[at]
            limits = self._left.get(_number(fit), fit.limits)
            if exceeded(limits, one.drawn):
                continue
            open_ = fit.cover.rank[1], len(uncompared(limits, one.drawn))
            if best is None or open_ < best[0]:
                best = open_, at
            if not any(open_):
                break
        if best is None:
            return None
        return self._drawn(one, best[1])

    def _drawn(self, one: Asked, at: int) -> Fit:
        fit = one.fits[at]
        self._next[one.numbers] = at
        limits = self._left.get(_number(fit), fit.limits)
        self._left[_number(fit)] = tuple(
            limit._replace(most=limit.most - one.drawn.get(limit.measure, Decimal(0))) for limit in limits
        )
        return fit


def _hardest_first(one: Asked) -> tuple[int, list[Decimal], str, str]:
    return len(one.fits), sorted(-figure for figure in one.drawn.values()), one.item_id, one.code


def _number(fit: Fit) -> str:
    return fit.cover.license_no or ""
