"""The figures of a line, the limits of a licence in quantity or value, and whether the one is within the other.

A figure is held against a limit of the same unit only; masses are compared in kilograms. Every figure that can be
compared counts, the greatest of a line for that line. What was drawn of a licence before is not known here.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from exportwatch.classification.units import number
from exportwatch_events.control import License
from exportwatch_events.documents import Item

QUANTITY, VALUE = "quantity", "value"
_KILOGRAM = "kg"
# UN/ECE Recommendation 20 units of mass and what ERPs write for them, in kilograms.
_KILOGRAMS = {
    unit: Decimal(kilograms)
    for kilograms, units in {
        "1": ("KGM", "KG", "KGS", "千克", "公斤"),
        "0.001": ("GRM", "G", "GR", "克"),
        "1000": ("TNE", "T", "MT", "吨"),
        "0.000001": ("MGM",),
        "0.45359237": ("LBR", "LB", "LBS"),
        "0.028349523125": ("ONZ", "OZ"),
    }.items()
    for unit in units
}


class Measure(NamedTuple):
    """What is counted, and in what: a quantity in a unit, a value in a currency."""

    name: str
    unit: str


class Limit(NamedTuple):
    """The most that a licence allows of a measure."""

    measure: Measure
    most: Decimal


Figures = Mapping[Measure, Decimal]


def limits_of(license_: License) -> tuple[Limit, ...]:
    """In what the licence is limited; nothing where it is not."""
    found = []
    if license_.quantity is not None:
        found.append(Limit(*_quantity(license_.quantity.value, license_.quantity.unit)))
    if license_.value is not None:
        found.append(Limit(Measure(VALUE, _unit(license_.value.currency)), license_.value.amount))
    return tuple(found)


def figures_of(item: Item) -> Figures:
    """The greatest figure that the line states of each measure; of one that cannot be read, or is negative, none."""
    greatest: dict[Measure, Decimal] = {}
    for measure, figure in _stated(item):
        greatest[measure] = max(figure, greatest.get(measure, figure))
    return greatest


def added_up(lines: Iterable[Figures]) -> Figures:
    """What the lines draw together."""
    total: dict[Measure, Decimal] = {}
    for figures in lines:
        for measure, figure in figures.items():
            total[measure] = total.get(measure, Decimal(0)) + figure
    return total


def exceeded(limits: tuple[Limit, ...], drawn: Figures) -> tuple[str, ...]:
    """The limits that what is drawn is beyond."""
    return tuple(one.measure.name for one in limits if drawn.get(one.measure, Decimal(0)) > one.most)


def uncompared(limits: tuple[Limit, ...], drawn: Figures) -> tuple[str, ...]:
    """The limits that no figure can be held against."""
    return tuple(limit.measure.name for limit in limits if limit.measure not in drawn)


def beyond_all(licenses: Iterable[tuple[Limit, ...]], drawn: Figures) -> tuple[str, ...]:
    """In what the lines draw more than the licences allow together, however the lines are divided among them."""
    limits = tuple(licenses)
    return tuple(name for name in (QUANTITY, VALUE) if limits and not _suffice(name, limits, drawn))


def _suffice(name: str, licenses: tuple[tuple[Limit, ...], ...], drawn: Figures) -> bool:
    """Each licence carries a part of what is drawn, by its own unit; one that has no such limit, or in whose unit
    nothing is stated, carries all."""
    carried = Fraction(0)
    for limits in licenses:
        limit = next((limit for limit in limits if limit.measure.name == name), None)
        figure = drawn.get(limit.measure) if limit else None
        if limit is None or not figure:
            return True
        carried += Fraction(limit.most) / Fraction(figure)
        if carried >= 1:
            return True
    return False


def _stated(item: Item) -> Iterator[tuple[Measure, Decimal]]:
    for stated in (item.get("net_mass"), item.get("quantity")):
        value, unit = _figure(stated, "value", "unit")
        if value is not None:
            yield _quantity(value, unit)
    amount, currency = _figure(item.get("value"), "amount", "currency")
    if amount is not None:
        yield Measure(VALUE, _unit(currency)), amount


def _quantity(value: Decimal, unit: str) -> tuple[Measure, Decimal]:
    kilograms = _KILOGRAMS.get(_unit(unit))
    if kilograms is None:
        return Measure(QUANTITY, _unit(unit)), value
    return Measure(QUANTITY, _KILOGRAM), value * kilograms


def _unit(stated: str) -> str:
    return stated.strip().upper()


def _figure(stated: Any, figure: str, unit: str) -> tuple[Decimal | None, str]:
    """A figure that is no negative one, and its unit."""
    if not isinstance(stated, Mapping):
        return None, ""
    value, of = number(stated.get(figure)), stated.get(unit)
    if value is None or value < 0 or not isinstance(of, str):
        return None, ""
    return value, of
