"""What the lines of a document draw of a licence that is limited in quantity or value, and whether that is more.

Lines that may draw on the same licence are added up: two shipments' worth in one document is no less than in two. What
was drawn before is not known here. Every figure that can be compared counts, the greatest of a line for that line.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from exportwatch.classification.units import number
from exportwatch_events.control import License
from exportwatch_events.documents import Item

# UN/ECE Recommendation 20 units of mass and what ERPs write for them, in kilograms.
_KILOGRAMS = {
    unit: Decimal(kilograms)
    for kilograms, units in {
        "1": ("KGM", "KG", "KGS"),
        "0.001": ("GRM", "G", "GR"),
        "1000": ("TNE", "T", "MT"),
        "0.000001": ("MGM",),
        "0.45359237": ("LBR", "LB", "LBS"),
        "0.028349523125": ("ONZ", "OZ"),
    }.items()
    for unit in units
}

Line = tuple[Item, tuple[str, ...]]  # an item, and the control codes that list it or may list it


class Drawn(NamedTuple):
    """Quantity in the licence's unit, value in its currency; ``None`` where no figure can be compared."""

    quantity: Decimal | None
    value: Decimal | None


class Drawing:
    """The lines of one document, and the licences that the document cites for all of them, by number: ``None`` where
    nothing is on record."""

    def __init__(self, lines: Iterable[Line] = (), cited: Mapping[str, License | None] | None = None) -> None:
        self._lines = tuple(lines)
        self._cited = cited or {}
        self._known: dict[str, Drawn] = {}

    def citing(self, further: Mapping[str, License | None]) -> "Drawing":
        """The same lines in a document that cites these licences, too."""
        return Drawing(self._lines, {**self._cited, **further})

    def of(self, license_: License) -> Drawn:
        """What all lines draw that may draw on the licence; remembered, as each of them asks for it."""
        known = self._known.get(license_.license_no)
        if known is None:
            drawn = [
                drawn_by(item, license_) for item, codes in self._lines if self._draws(item, codes, license_)
            ]
            quantities, values = (d.quantity for d in drawn), (d.value for d in drawn)
            known = self._known[license_.license_no] = Drawn(_sum(quantities), _sum(values))
        return known

    def _draws(self, item: Item, codes: tuple[str, ...], license_: License) -> bool:
        """A line draws on the licence that it cites, else on the one that the document cites for what it is, else,
        where nothing is cited, on any that covers it. Of several that are cited for the same thing nobody says which
        line draws on which."""
        if not _covers_any(license_, codes):
            return False
        if own := item.get("license"):
            return bool(own == license_.license_no)
        fitting = [no for no, one in self._cited.items() if one is not None and _covers_any(one, codes)]
        return fitting == [license_.license_no] if self._cited else True


def _covers_any(license_: License, codes: tuple[str, ...]) -> bool:
    return any(covers_code(license_, code) for code in codes)


NOTHING_ELSE = Drawing()


def covers_code(license_: License, code: str) -> bool:
    """A code of the licence covers itself and its sub-items: ``1C905`` covers ``1C905.a``."""
    listed = (*(license_.control_codes or ()), *(license_.technology_entries or ()))
    if license_.control_codes is None and license_.technology_entries is None:
        return True
    return any(code == c or code.startswith((f"{c}.", f"{c}/")) for c in listed)


def drawn_by(item: Item, license_: License) -> Drawn:
    """What one item draws: the greatest of its figures that can be compared with the licence's."""
    return Drawn(max(_quantities(item, license_), default=None), max(_values(item, license_), default=None))


def exceeded(license_: License, item: Item, drawing: Drawing) -> tuple[str, ...]:
    """In which limits of the licence the item, or all that draw on it together, are beyond it."""
    own, together = drawn_by(item, license_), drawing.of(license_)
    found = []
    if license_.quantity and _most(own.quantity, together.quantity) > license_.quantity.value:
        found.append("quantity")
    if license_.value and _most(own.value, together.value) > license_.value.amount:
        found.append("value")
    return tuple(found)


def uncompared(license_: License, item: Item) -> tuple[str, ...]:
    """The limits of the licence that no figure of the item can be held against: another unit, or unreadable."""
    own = drawn_by(item, license_)
    limits = (("quantity", license_.quantity, own.quantity), ("value", license_.value, own.value))
    return tuple(name for name, limit, drawn in limits if limit is not None and drawn is None)


def _quantities(item: Item, license_: License) -> Iterator[Decimal]:
    allowed = license_.quantity
    if allowed is None:
        return
    for stated in (item.get("net_mass"), item.get("quantity")):
        value, unit = _figure(stated, "value", "unit")
        if value is None:
            continue
        mass, of = _KILOGRAMS.get(unit.upper()), _KILOGRAMS.get(allowed.unit.strip().upper())
        if unit == allowed.unit:
            yield value
        elif mass is not None and of is not None:
            yield value * mass / of


def _values(item: Item, license_: License) -> Iterator[Decimal]:
    if license_.value is None:
        return
    amount, currency = _figure(item.get("value"), "amount", "currency")
    if amount is not None and currency.upper() == license_.value.currency.strip().upper():
        yield amount


def _figure(stated: Any, figure: str, unit: str) -> tuple[Decimal | None, str]:
    """A figure that is no negative one, and its unit."""
    if not isinstance(stated, Mapping):
        return None, ""
    value, of = number(stated.get(figure)), stated.get(unit)
    if value is None or value < 0 or not isinstance(of, str):
        return None, ""
    return value, of.strip()


def _sum(figures: Iterable[Decimal | None]) -> Decimal | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known, Decimal(0)) if known else None


def _most(*figures: Decimal | None) -> Decimal:
    return max((figure for figure in figures if figure is not None), default=Decimal(0))
