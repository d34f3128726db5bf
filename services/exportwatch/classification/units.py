"""Numbers as people write them, in the one unit in which the law compares them.

Units go through pint with decimal arithmetic, so that 2580 kg/m3 is exactly 2.58 g/cm3. Values that cannot be
read, or lie outside what is physically possible, are problems with a name, never numbers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from functools import lru_cache
from typing import Any

import pint

UNITS = pint.UnitRegistry(non_int_type=Decimal)
UNITS.define("ratio_one = []")


@dataclass(frozen=True, slots=True)
class Canon:
    """The canonical unit of a parameter and the range outside which a value cannot be right."""

    unit: str
    low: Decimal
    high: Decimal


def _canon(unit: str, low: str, high: str) -> Canon:
    return Canon(unit, Decimal(low), Decimal(high))


PARAMETERS: Mapping[str, Canon] = {
    "compaction_density": _canon("g/cm**3", "0.1", "25"),
    "tap_density": _canon("g/cm**3", "0.01", "25"),
    "density": _canon("g/cm**3", "0.0001", "25"),
    "discharge_capacity": _canon("mA*hour/g", "0", "4000"),
    "first_coulombic_efficiency": _canon("percent", "5", "100"),
    "average_voltage": _canon("V", "0", "10"),
    "energy_density": _canon("W*hour/kg", "0", "20000"),
    "purity": _canon("percent", "0", "100"),
    "flexural_strength": _canon("MPa", "0", "10000"),
    "elastic_limit": _canon("MPa", "0", "100000"),
    "tensile_strength": _canon("MPa", "0", "100000"),
    "elongation": _canon("percent", "0", "1000"),
    "particle_size": _canon("um", "0", "1000000"),
    "power": _canon("kW", "0", "1000000"),
    "frequency": _canon("MHz", "0", "1000000"),
    "pressure": _canon("MPa", "0", "1000000"),
    "cylinder_diameter": _canon("mm", "0", "100000"),
    "diameter": _canon("mm", "0", "100000"),
    "inner_diameter": _canon("mm", "0", "100000"),
    "wall_thickness": _canon("mm", "0", "100000"),
    "length": _canon("mm", "0", "10000000"),
    "width": _canon("mm", "0", "100000"),
    "thickness": _canon("mm", "0", "100000"),
    "transmittance": _canon("percent", "0", "100"),
    "dislocation_density": _canon("1/cm**2", "0", "1e15"),
    "volume": _canon("liter", "0", "1e9"),
    "enrichment": _canon("percent", "0", "100"),
}
CONDITIONS: Mapping[str, Canon] = {"pressure": _canon("MPa", "0", "10000"), "c_rate": _canon("", "0", "100")}

_SPELLINGS = {
    "1": "ratio_one", "": "ratio_one", "%": "percent", "wt%": "percent", "wt.%": "percent", "mass%": "percent",
    "pct": "percent", "percent": "percent", "ppm": "ppm", "ppmw": "ppm", "mg/kg": "mg/kg",
    "g/cc": "g/cm**3", "g/ccm": "g/cm**3", "g/cm3": "g/cm**3", "g/cm^3": "g/cm**3", "g/ml": "g/cm**3",
    "g*cm-3": "g/cm**3", "gm/cc": "g/cm**3",
    "kg/dm^3": "kg/dm**3", "gcm-3": "g/cm**3", "kg/m3": "kg/m**3", "kg/m^3": "kg/m**3", "t/m3": "tonne/m**3",
    "t/m^3": "tonne/m**3", "kg/l": "kg/liter", "kg/dm3": "kg/dm**3", "g/l": "g/liter", "mg/m3": "mg/m**3",
    "mah/g": "mA*hour/g", "ah/kg": "A*hour/kg", "ah/g": "A*hour/g", "mahg-1": "mA*hour/g",
    "ma*h/g": "mA*hour/g", "a*h/kg": "A*hour/kg", "w*h/kg": "W*hour/kg", "mah/kg": "mA*hour/kg",
    "wh/kg": "W*hour/kg", "kwh/kg": "kW*hour/kg", "mpa": "MPa", "gpa": "GPa", "kpa": "kPa", "pa": "Pa", "bar": "bar",
    "n/mm2": "N/mm**2", "n/mm^2": "N/mm**2", "psi": "psi", "kgf/cm2": "kgf/cm**2", "atm": "atm", "v": "V", "mv": "mV",
    "um": "um", "µm": "um", "μm": "um", "micron": "um", "microns": "um", "mm": "mm", "nm": "nm", "cm": "cm", "m": "m",
    "in": "inch", "inch": "inch", "inches": "inch", '"': "inch", "/cm2": "1/cm**2", "/cm^2": "1/cm**2",
    "1/cm2": "1/cm**2", "1/cm^2": "1/cm**2", "cm-2": "1/cm**2", "cm^-2": "1/cm**2", "at%": "percent", "at.%": "percent",
    "l": "liter", "liter": "liter", "liters": "liter", "litre": "liter", "litres": "liter", "m3": "m**3", "m^3": "m**3",
    "kw": "kW", "w": "W", "mw": "MW", "mhz": "MHz", "ghz": "GHz", "khz": "kHz", "hz": "Hz",
    "g/cm³": "g/cm**3", "kg/m³": "kg/m**3", "t/m³": "tonne/m**3", "n/mm²": "N/mm**2",
}  # fmt: skip
# Units of other scripts, without their dots.
LATINIZED = {
    "г/см3": "g/cm3", "克/立方厘米": "g/cm3", "毫安时/克": "mah/g", "мач/г": "mah/g", "втч/кг": "wh/kg",
    "瓦时/千克": "wh/kg", "瓦时/公斤": "wh/kg", "мпа": "mpa", "гпа": "gpa", "兆帕": "mpa", "мгц": "mhz", "ггц": "ghz",
    "兆赫": "mhz", "квт": "kw", "千瓦": "kw", "伏": "v", "мкм": "um", "微米": "um", "prozent": "%", "процент": "%",
}  # fmt: skip
_EXACT_CASE = {"mPa": None}  # a viscosity prefix, not a pressure: 1 mPa is never meant and never guessed

_INTERVAL = re.compile(
    r"^\s*(?P<op>>=|<=|≥|≤|>|<|~|≈)?\s*(?P<a>[-+]?[\d.,]+(?:[eE][-+]?\d+)?)\s*(?:(?:-|–|~|to|\.\.)\s*(?P<b>[\d.,]+))?\s*$"
)
_DIGITS = 30  # before the point: no figure of trade has as many
# ``1,200``: 1.2 to one reader, 1200 to another. So is ``1.200`` in a text; in a field a point is JSON's own.
_GROUP = r"(?<![\d.,])[1-9]\d{{0,2}}{}\d{{3}}(?![\d.,])"
_GROUPED, GROUPED_IN_TEXT = re.compile(_GROUP.format(",")), re.compile(_GROUP.format("[.,]"))
_HUGE = Decimal(10) ** _DIGITS
_OPEN = Decimal("1e-12")  # an open end, as a closed interval


@dataclass(frozen=True, slots=True)
class Interval:
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class BadValue:
    """A number that cannot be used: what was found and what was expected."""

    found: str
    expected: str
    implausible: bool = False


def number(value: Any) -> Decimal | None:
    """A finite decimal from a JSON number or a numeric string (either decimal separator), else ``None``: also where
    the separator may be one of thousands."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        value = value.strip()
        if "," in value and _GROUPED.search(value):
            return None
        value = _one_separator(value)
    try:
        result = Decimal(str(value))
    except (DecimalException, ValueError):
        return None
    # By the exponent: arithmetic, ``abs`` included, overflows on what a context cannot hold.
    return result if result.is_finite() and result.adjusted() < _DIGITS else None


def _one_separator(text: str) -> str:
    """``1,5`` is 1.5 and ``1,234.5`` is 1234.5; whichever separator stands last is the decimal one."""
    if "," not in text:
        return text
    if "." not in text:
        return text.replace(",", ".") if text.count(",") == 1 else text.replace(",", "")
    if text.rindex(",") > text.rindex("."):
        return text.replace(".", "").replace(",", ".")
    return text.replace(",", "")


def interval(value: Any) -> Interval | None:
    """A number, a range (``2.4-2.6``) or an inequality (``>=2.58``, ``<0.05``) as a closed interval."""
    plain = number(value)
    if plain is not None:
        return Interval(plain, plain)
    if not isinstance(value, str) or len(value) > 60:
        return None
    match = _INTERVAL.match(value)
    if match is None:
        return None
    first, second = number(match["a"]), number(match["b"]) if match["b"] else None
    if first is None or (match["b"] and second is None):
        return None
    if second is not None:
        return Interval(min(first, second), max(first, second))
    return _inequality(match["op"], first)


def percent(value: Any) -> Interval | None:
    """As ``interval``, of shares: a group of thousands is none of them, so that its comma is a decimal one."""
    if isinstance(value, str) and "," in value:
        value = _GROUPED.sub(lambda m: m.group().replace(",", "."), value)
    return interval(value)


def _inequality(operator: str | None, value: Decimal) -> Interval:
    match operator:
        case ">=" | "≥":
            return Interval(value, _HUGE)
        case ">":
            return Interval(value + _OPEN, _HUGE)
        case "<=" | "≤":
            return Interval(Decimal(0), value)
        case "<":
            return Interval(Decimal(0), max(value - _OPEN, Decimal(0)))
        case "~" | "≈":
            tenth = abs(value) / 10
            return Interval(value - tenth, value + tenth)
        case _:
            return Interval(value, value)


@lru_cache(maxsize=4096)
def _spelled(unit: str) -> str | None:
    """The unit as pint spells it; ``None`` where it is unknown."""
    spelled = (
        unit.strip().replace(" ", "").replace("·", "*").replace("⁻", "-").replace("³", "3").replace("²", "2")
    )
    return None if spelled in _EXACT_CASE else _SPELLINGS.get(spelled.lower())


@lru_cache(maxsize=4096)
def factor(unit: str, canonical: str) -> Decimal | None:
    """What one of ``unit`` is in ``canonical``; ``None`` where the unit is unknown or of another kind."""
    name = _spelled(unit)
    if name is None:
        return None
    target = canonical or "dimensionless"
    try:
        source = UNITS.Quantity(Decimal(1), "dimensionless" if name == "ratio_one" else name)
        return Decimal(source.to(target).magnitude).normalize()
    except (pint.DimensionalityError, pint.UndefinedUnitError):
        return None


_READ_IN_ONE_WAY = "a number that can be read in one way"


def canonical(canon: Canon, value: Any, unit: Any) -> Interval | BadValue:
    """``value`` in the canonical unit, or why it cannot be used."""
    shown = f"{value!s:.40} {unit!s:.20}".strip()
    read = percent(value) if isinstance(unit, str) and _spelled(unit) == "percent" else interval(value)
    if read is None:
        grouped = isinstance(value, str) and bool(_GROUPED.search(value))
        return BadValue(shown, _READ_IN_ONE_WAY if grouped else "a number, a range or an inequality")
    scale = factor(unit if isinstance(unit, str) else ("1" if unit in (1, None) else str(unit)), canon.unit)
    if scale is None or (unit is None and canon.unit):
        return BadValue(shown, f"a unit of {canon.unit.replace('**', '')}")
    low, high = read.low * scale, read.high * scale if read.high < _HUGE else _HUGE
    if high < canon.low or low > canon.high or low < 0:
        return BadValue(
            shown, f"between {canon.low} and {canon.high} {canon.unit.replace('**', '')}", implausible=True
        )
    return Interval(low, high)
