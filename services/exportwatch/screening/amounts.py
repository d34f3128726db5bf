"""The figures of a line, the limits of a licence in quantity or value, and whether the one is within the other.

A figure is held against a limit of the same kind only: masses in kilograms, pieces in pieces. Every figure that can be
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
# UN/ECE Recommendation 20 units and what ERPs write for them, by what they are multiples of: two figures are compared
# where they are of one kind. "TON" is not there: it may be the short, the long or the metric one.
_KINDS = {
    "kg": {
        "1": "KGM KG KGS 千克 公斤",
        "0.001": "GRM G GR 克",
        "1000": "TNE T MT TO 吨 公吨",
        "0.000001": "MGM MG 毫克",
        "0.1": "HGM",
        "0.0002": "CTM",
        "100": "DTN",
        "1000000": "KTN",
        "0.45359237": "LBR LB LBS 磅",
        "0.028349523125": "ONZ OZ",
        "0.0311034768": "APZ",
        "907.18474": "STN",
        "1016.0469088": "LTN",
    },
    "piece": {"1": "C62 H87 EA PCE PC PCS NMB NAR 个 件 只 支 片 块 根 台", "12": "DZN", "1000": "MIL"},
    "litre": {"1": "LTR L 升", "0.001": "MLT ML 毫升", "100": "HLT", "1000": "MTQ M3 立方米"},
    "metre": {"1": "MTR M 米", "0.01": "CMT CM", "0.001": "MMT MM", "1000": "KMT KM"},
    "square metre": {"1": "MTK M2 平方米", "0.0001": "CMK"},
}
_UNITS = {
    unit: (kind, Decimal(factor))
    for kind, factors in _KINDS.items()
    for factor, units in factors.items()
    for unit in units.split()
}
# Units that count what is not one thing in each document: known, and never compared with another unit.
_OF_THEIR_OWN = frozenset("SET ST PR PK CT BX RO BG BO DR CS PLT KIT 套 箱 盒 卷 袋 瓶 桶 包 对".split())


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
    """The greatest figure that the line states of each measure; none of one that cannot be read or is not positive."""
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


def is_readable(measure: Measure) -> bool:
    """Whether it is known what is counted: a figure in a unit that nobody knows is no figure for any other unit."""
    return measure.name == VALUE or measure.unit in _KINDS or measure.unit in _OF_THEIR_OWN


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
    known = _UNITS.get(_unit(unit))
    if known is None:
        return Measure(QUANTITY, _unit(unit)), value
    kind, factor = known
    return Measure(QUANTITY, kind), value * factor


def _unit(stated: str) -> str:
    return stated.strip().upper()


def _figure(stated: Any, figure: str, unit: str) -> tuple[Decimal | None, str]:
    """A figure above zero, and its unit. Nothing leaves with a quantity of zero: it is how an ERP writes none."""
    if not isinstance(stated, Mapping):
        return None, ""
    value, of = number(stated.get(figure)), stated.get(unit)
    if value is None or value <= 0 or not isinstance(of, str):
        return None, ""
    return value, of
