"""A division of a document's lines among the licences that they may draw on: each line draws on one, as a whole.

Nobody says which line draws on which licence, so a division is looked for: lines with the fewest licences first, then
the greatest, each on the best licence that still has room. One that is found is proof that the licences suffice; where
a line finds no room, another division might (packing is not decided here), and a person looks. Pure; the order of the
lines in the document does not matter.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from exportwatch.screening.amounts import Figures, Limit, exceeded, uncompared
from exportwatch.screening.licenses import Fit

Numbers = frozenset[str]  # of licences
_MOST_LOOKS = 100_000  # at a licence for a line; a document that needs more is a person's


class Asked(NamedTuple):
    """A control code of a line: what the line draws, and the licences that it may draw on, the best first."""

    item_id: str
    code: str
    drawn: Figures
    fits: tuple[Fit, ...]


def divided(asked: Iterable[Asked]) -> Mapping[tuple[str, str], Fit | None]:
    """For each line and code the licence that it draws on; ``None`` where none has room left for it."""
    found: dict[tuple[str, str], Fit | None] = {}
    room: dict[str, tuple[Limit, ...]] = {}
    drawing: dict[str, set[str]] = {}  # a line draws on a licence once, for however many codes
    looks = 0
    for one in sorted(asked, key=_hardest_first):
        has = drawing.setdefault(one.item_id, set())
        own = next((fit for fit in one.fits if _number(fit) in has), None)
        if own is None and looks < _MOST_LOOKS:
            looks += len(one.fits)
            own = _best_with_room(one, room)
            if own is not None:
                has.add(_number(own))
                room[_number(own)] = _less(room.get(_number(own), own.limits), one.drawn)
        found[one.item_id, one.code] = own
    return found


def _hardest_first(one: Asked) -> tuple[int, list[Decimal], str, str]:
    return len(one.fits), sorted(-figure for figure in one.drawn.values()), one.item_id, one.code


def _best_with_room(one: Asked, room: Mapping[str, Sequence[Limit]]) -> Fit | None:
    """The first of the least open ones; one whose limit no figure of the line can be held against is more open."""
    best: tuple[tuple[int, int], Fit] | None = None
    for fit in one.fits:
        limits = tuple(room.get(_number(fit), fit.limits))
        if exceeded(limits, one.drawn):
            continue
        open_ = fit.cover.rank[1], len(uncompared(limits, one.drawn))
        if not any(open_):
            return fit
        if best is None or open_ < best[0]:
            best = open_, fit
    return best[1] if best else None


def _less(limits: Sequence[Limit], drawn: Figures) -> tuple[Limit, ...]:
    return tuple(one._replace(most=one.most - drawn.get(one.measure, Decimal(0))) for one in limits)


def _number(fit: Fit) -> str:
    return fit.cover.license_no or ""
