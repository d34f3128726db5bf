"""What the licences on record say to the lines of one document.

Whether a licence fits is asked once for the document and a control code; of a line only its figures are held against
it. Lines that can draw on nothing but the same licences are added up: two shipments' worth in one document is no less
than in two. Which line draws on which of several licences nobody says, so what is beyond all of them is too much, and
where no division of whole lines among them is found (``division``) a person looks.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from exportwatch.law.model import Effect
from exportwatch.screening.amounts import Figures, added_up, beyond_all, exceeded, figures_of
from exportwatch.screening.division import Asked, Numbers, divided
from exportwatch.screening.license_scope import Claim, cited_for
from exportwatch.screening.licenses import Cover, Fit, Licenses
from exportwatch_events.catalogue import LicenseNeed, LicenseStatus
from exportwatch_events.documents import Item

_MISSING = Cover(LicenseStatus.MISSING)


class Drawn(NamedTuple):
    """A line, and the controls for which it draws on licences: code and effect."""

    item: Item
    controls: tuple[tuple[str, Effect], ...]


@dataclass(frozen=True, slots=True)
class _Pool:
    """The licences that are asked about a control code, and the numbers of those that a line may draw on."""

    fits: tuple[Fit, ...]
    numbers: Numbers
    drawn_on: tuple[Fit, ...]  # those of the numbers, the best first


class Permits:
    """The licences as the lines of a document may use them. ``claim``: of the document, whatever the line and code."""

    def __init__(
        self, licenses: Licenses, claim: Claim, cited: tuple[str, ...], lines: Sequence[Drawn]
    ) -> None:
        self._licenses = licenses
        self._claim = claim
        self._cited = cited
        self._lines = lines
        self._pools: dict[tuple[LicenseNeed, str, tuple[str, ...]], _Pool] = {}
        self._sharing: dict[LicenseNeed, _Sharing] = {}
        self._beyond: dict[tuple[LicenseNeed, Numbers], tuple[str, ...]] = {}
        self._divisions: dict[LicenseNeed, Mapping[tuple[str, str], Fit | None]] = {}

    def cover(self, need: LicenseNeed, code: str, item: Item) -> Cover:
        """The best cover for a line: of a cited licence; where none is cited, of any that fits wholly, or of the only
        one that does but for what is drawn."""
        cited = cited_for(item, self._cited)
        pool, drawn = self._pool(need, code, cited), figures_of(item)
        further = self._beyond_together(need, pool)
        short: list[tuple[bool, Cover]] = []
        for fit in pool.fits:
            too_much = exceeded(fit.limits, drawn)
            if further and fit.cover.license_no in pool.numbers:
                too_much = tuple(dict.fromkeys((*too_much, *further)))
            if fit.useful and not too_much:
                return self._divided(need, code, item, pool, fit).covering(drawn)
            if cited or fit.cover.status is LicenseStatus.COVERED:
                # One that fits in all but what is drawn says more than one that does not fit at all.
                short.append((not fit.useful, fit.beyond(too_much) if too_much else fit.cover))
        if not short or (len(short) > 1 and not cited):
            return _MISSING
        return min(short, key=lambda s: (s[0], s[1].rank))[1]

    def _divided(self, need: LicenseNeed, code: str, item: Item, pool: _Pool, first: Fit) -> Fit:
        """Of the licences that cover the line, the one that it draws on in the division of the document's lines;
        ``first`` for a line that no division is about."""
        if first.cover.license_no not in pool.numbers:
            return first
        if need not in self._divisions:
            self._divisions[need] = divided(self._asked(need))
        own = self._divisions[need].get((item["item_id"], code), first)
        if own is None:
            return replace(
                first, cover=replace(first.cover, undivided=first.cover.status is LicenseStatus.COVERED)
            )
        return own if own.cover.license_no in pool.numbers else first

    def _asked(self, need: LicenseNeed) -> Iterator[Asked]:
        """Each line and control code of the kind with the licences that it may draw on."""
        for item, codes in self._needing(need):
            cited = cited_for(item, self._cited)
            for code in codes:
                pool = self._pool(need, code, cited)
                if pool.drawn_on:
                    yield Asked(item["item_id"], code, figures_of(item), pool.drawn_on, pool.numbers)

    def _needing(self, need: LicenseNeed) -> Iterator[tuple[Item, list[str]]]:
        dual_use = need is LicenseNeed.DUAL_USE_LICENSE
        for item, controls in self._lines:
            yield item, [code for code, effect in controls if (effect is Effect.DUAL_USE_LICENSE) is dual_use]

    def _pool(self, need: LicenseNeed, code: str, cited: tuple[str, ...]) -> _Pool:
        key = (need, code, cited)
        known = self._pools.get(key)
        if known is None:
            fits = self._licenses.fits(replace(self._claim, need=need, control_code=code), cited)
            numbers = _drawn_on(fits)
            own = tuple(fit for fit in fits if fit.cover.license_no in numbers)
            known = self._pools[key] = _Pool(fits, numbers, own)
        return known

    # -- what the lines draw together ----------------------------------------------------------------------

    def _beyond_together(self, need: LicenseNeed, pool: _Pool) -> tuple[str, ...]:
        """In what the lines that can draw on nothing but these licences are beyond all of them."""
        key = (need, pool.numbers)
        known = self._beyond.get(key)
        if known is None:
            limits = [fit.limits for fit in pool.fits if fit.cover.license_no in pool.numbers]
            bounded = bool(limits) and all(limits)
            known = self._beyond[key] = (
                beyond_all(limits, self._drawn_within(need, pool.numbers)) if bounded else ()
            )
        return known

    def _drawn_within(self, need: LicenseNeed, numbers: Numbers) -> Figures:
        sharing = self._sharing.get(need)
        if sharing is None:
            sharing = self._sharing[need] = _Sharing(self._lines_of(need))
        return sharing.within(numbers)

    def _lines_of(self, need: LicenseNeed) -> Iterator[tuple[Figures, frozenset[Numbers]]]:
        """What each line draws, and for each of its control codes of the kind the licences that it may draw on."""
        for item, codes in self._needing(need):
            cited = cited_for(item, self._cited)
            pools = frozenset(self._pool(need, code, cited).numbers for code in codes)
            yield figures_of(item), pools - {frozenset()}


class _Sharing:
    """What lines draw, by the licences that they may draw on: added up once, and found by the rarest of these, so that
    no two lines are compared."""

    def __init__(self, lines: Iterable[tuple[Figures, frozenset[Numbers]]]) -> None:
        together: dict[frozenset[Numbers], list[Figures]] = {}
        for figures, pools in lines:
            together.setdefault(pools, []).append(figures)
        self._drawn = {pools: added_up(drawn) for pools, drawn in together.items()}
        often = Counter(number for pools in self._drawn for numbers in pools for number in numbers)
        self._by_rarest: dict[str, list[tuple[Numbers, frozenset[Numbers]]]] = {}
        for pools in self._drawn:
            for numbers in pools:
                rarest = min(numbers, key=lambda number: (often[number], number))
                self._by_rarest.setdefault(rarest, []).append((numbers, pools))

    def within(self, numbers: Numbers) -> Figures:
        """What the lines draw that can, for some control code, draw on these licences only."""
        asked = sorted(numbers)  # the order in which decimals are added
        found = [pools for one in asked for own, pools in self._by_rarest.get(one, ()) if own <= numbers]
        return added_up(self._drawn[pools] for pools in dict.fromkeys(found))


def _drawn_on(fits: tuple[Fit, ...]) -> Numbers:
    """The granted licences that fit; where there is none, those that are applied for."""
    for status in (LicenseStatus.COVERED, LicenseStatus.PENDING):
        numbers = frozenset(fit.cover.license_no for fit in fits if fit.cover.status is status)
        if numbers:
            return frozenset(number for number in numbers if number)
    return frozenset()
