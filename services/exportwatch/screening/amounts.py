"""What the lines of a document draw of a licence that is limited in quantity or value, and whether that is more.

Lines that cite the same licence are added up: two shipments' worth in one document is no less than in two. What was
drawn before is not known here. Every figure that can be compared counts, the greatest of a line for that line.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from exportwatch.classification.units import number
from exportwatch_events.control import License
from exportwatch_events.documents import Item

# UN/ECE Recommendation 20 units of mass, in kilograms.
_KILOGRAMS = {"KGM": Decimal(1), "GRM": Decimal("0.001"), "TNE": Decimal(1000), "MGM": Decimal("0.000001")}

Line = tuple[Item, tuple[str, ...]]  # an item, and the control codes that list it or may list it


class Drawn(NamedTuple):
    """Quantity in the licence's unit, value in its currency; ``None`` where no figure can be compared."""

    quantity: Decimal | None
    value: Decimal | None


class Drawing:
    """The lines of one document, and the licences that the document cites for all of them."""

    def __init__(self, lines: Iterable[Line] = (), cited: tuple[str, ...] = ()) -> None:
        self._lines = tuple(lines)
        self._cited = cited
        self._known: dict[str, Drawn] = {}

    def citing(self, numbers: tuple[str, ...]) -> "Drawing":
        """The same lines in a document that cites these licences, too."""
        return Drawing(self._lines, (*self._cited, *numbers))

    def of(self, license_: License) -> Drawn:
        """What all lines draw that cite the licence and that it is about; remembered, as each of them asks for it."""
        known = self._known.get(license_.license_no)
        if known is None:
            drawn = [
                drawn_by(item, license_) for item, codes in self._lines if self._draws(item, codes, license_)
            ]
            quantities, values = (d.quantity for d in drawn), (d.value for d in drawn)
            known = self._known[license_.license_no] = Drawn(_sum(quantities), _sum(values))
        return known

    def _draws(self, item: Item, codes: tuple[str, ...], license_: License) -> bool:
        """Of several licences that are cited for all lines nobody says which line draws on which."""
        own = item.get("license")
        cites = own == license_.license_no if own else self._cited == (license_.license_no,)
        return cites and any(covers_code(license_, code) for code in codes)


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
        if unit == allowed.unit:
            yield value
        elif unit in _KILOGRAMS and allowed.unit in _KILOGRAMS:
            yield value * _KILOGRAMS[unit] / _KILOGRAMS[allowed.unit]


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
