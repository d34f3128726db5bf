"""Numbers and units as people write them, in the unit of the law."""

from decimal import Decimal
from typing import Any

import pytest

from exportwatch.classification.units import (
    PARAMETERS,
    BadValue,
    Interval,
    canonical,
    interval,
    number,
    percent,
)


@pytest.mark.parametrize(
    ("name", "value", "unit", "expected"),
    [
        ("compaction_density", 2580, "kg/m3", "2.58"),
        ("compaction_density", "2.58", "t/m³", "2.58"),
        ("compaction_density", "2,58", "g/cc", "2.58"),
        ("compaction_density", "2.58", "kg/L", "2.58"),
        ("discharge_capacity", 160, "Ah/kg", "160"),
        ("first_coulombic_efficiency", 0.97, "1", "97"),
        ("first_coulombic_efficiency", 970000, "ppm", "97"),
        ("average_voltage", 3850, "mV", "3.85"),
        ("flexural_strength", 300, "bar", "30"),
        ("flexural_strength", 30, "N/mm2", "30"),
        ("particle_size", "0.05", "mm", "50"),
        ("purity", 999999, "mg/kg", "99.9999"),
        ("energy_density", "0.3", "kWh/kg", "300"),
    ],
)
def test_a_value_is_exact_in_the_canonical_unit(name: str, value: Any, unit: str, expected: str) -> None:
    assert canonical(PARAMETERS[name], value, unit) == Interval(Decimal(expected), Decimal(expected))


@pytest.mark.parametrize(
    ("name", "value", "unit", "implausible"),
    [
        ("compaction_density", 2580, "g/cc", True),
        ("compaction_density", -2.6, "g/cc", True),
        ("first_coulombic_efficiency", 0.97, "%", True),
        ("average_voltage", 385, "V", True),
        ("compaction_density", 2.58, "MPa", False),
        ("compaction_density", 2.58, None, False),
        ("compaction_density", 2.58, "stone/pint", False),
        ("flexural_strength", 30, "mPa", False),
        ("compaction_density", "dense", "g/cc", False),
        ("compaction_density", float("nan"), "g/cc", False),
        ("compaction_density", float("inf"), "g/cc", False),
        ("compaction_density", True, "g/cc", False),
        ("compaction_density", [2.58], "g/cc", False),
    ],
)
def test_what_cannot_be_right_is_never_a_number(name: str, value: Any, unit: Any, implausible: bool) -> None:
    read = canonical(PARAMETERS[name], value, unit)
    assert isinstance(read, BadValue)
    assert read.implausible is implausible


def test_ranges_and_inequalities_are_intervals() -> None:
    assert interval("2.4-2.6") == Interval(Decimal("2.4"), Decimal("2.6"))
    below = interval("<0.1")
    assert below is not None
    assert below.high < Decimal("0.1")
    above = interval("≥99.9")
    assert above is not None
    assert above.low == Decimal("99.9")


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,5", "1.5"), ("1.234,5", "1234.5"), ("1,234.5", "1234.5"), ("1,234,567", "1234567")],
)
def test_the_last_separator_is_the_decimal_one(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["1,234", "2,450", "999,999", "1,200-1,500", ">=1,200", "-1,234"])
def test_a_separator_that_may_be_of_thousands_is_not_read(text: str) -> None:
    assert interval(text) is None
    refused = canonical(PARAMETERS["frequency"], text, "MHz")
    assert isinstance(refused, BadValue)
    assert refused.expected == "a number that can be read in one way"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0,123", "0.123"),
        ("1,23", "1.23"),
        ("1234,567", "1234.567"),
        ("1.234", "1.234"),
        ("1,2345", "1.2345"),
    ],
)
def test_a_separator_that_cannot_be_of_thousands_is_the_decimal_one(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


def test_of_shares_no_separator_is_one_of_thousands() -> None:
    assert percent("99,999") == Interval(Decimal("99.999"), Decimal("99.999"))
    assert percent("1,234-2,345") == Interval(Decimal("1.234"), Decimal("2.345"))
    read = canonical(PARAMETERS["purity"], "99,999", "%")
    assert read == Interval(Decimal("99.999"), Decimal("99.999"))


def test_a_number_of_ten_thousand_digits_is_no_number() -> None:
    assert number("9" * 10_000) is None


@pytest.mark.parametrize("text", ["1e30000000", "-1e30000000", "0e99999999", "1e30", ">=1e30000000"])
def test_a_number_beyond_all_measure_is_no_number(text: str) -> None:
    assert interval(text) is None
    assert isinstance(canonical(PARAMETERS["purity"], text, "%"), BadValue)


@pytest.mark.parametrize("text", ["1e-30000000", "9e29", "-9e29"])
def test_what_arithmetic_can_hold_is_a_number(text: str) -> None:
    assert number(text) == Decimal(text)
