"""Parameters that a text states: which one a number is, what it was tested at, and how it stands to the field."""

from decimal import Decimal
from typing import Any

import orjson
import pytest

from exportwatch.classification.statements import MOST, Statement, statements
from exportwatch.classification.text import read_text
from exportwatch.classification.vocabulary import build_vocabulary
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, screen
from law.case_events import wire_event

RULES = load_rules()
SNAPSHOT = ControlContent(RULES).snapshot()
LABELS = build_vocabulary(RULES.tables).labels


def read(text: str) -> list[Statement]:
    return list(statements(read_text("description", text), LABELS))


def told(text: str) -> list[tuple[str, str, dict[str, str]]]:
    """Name, value and conditions of each parameter, as short texts."""
    return [
        (one.name, "?" if one.value is None else span(one), {k: f"{v:f}" for k, v in one.condition.items()})
        for one in read(text)
    ]


def span(one: Statement) -> str:
    assert one.value is not None
    low, high = one.value.low, one.value.high
    return f"{low:f}" if low == high else f"{low:f}..{'' if high > 10**9 else f'{high:f}'}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.60 g/cc @ 300 MPa", [("compaction_density", "2.60", {"pressure": "300"})]),
        ("压实密度2.60g/cm3(300MPa)", [("compaction_density", "2.60", {"pressure": "300"})]),
        ("压实密度(220MPa)≥2.58g/cm³", [("compaction_density", "2.58..", {"pressure": "220"})]),
        ("compaction density of 2,60 g/cm³", [("compaction_density", "2.60", {})]),
        ("2.60 g/cc under 220 MPa", [("compaction_density", "2.60", {"pressure": "220"})]),
        ("density 1.75 g/cm3", [("density", "1.75", {})]),
        ("true density 2.2 g/cm3", []),
        ("purity 99.95 %", [("purity", "99.95", {})]),
        ("≥99.99%", [("purity", "99.99..", {})]),
        (
            "97.2% first efficiency, 99.95 % purity",
            [("first_coulombic_efficiency", "97.2", {}), ("purity", "99.95", {})],
        ),
        ("first efficiency 97.2%", [("first_coulombic_efficiency", "97.2", {})]),
        ("coulombic efficiency 99.9 % after 100 cycles", []),
        ("160 mAh/g at 0.1C", [("discharge_capacity", "160", {"c_rate": "0.1"})]),
        ("0.1C: 160 mAh/g", [("discharge_capacity", "160", {"c_rate": "0.1"})]),
        ("charge capacity 165 mAh/g", []),
        ("not less than 160 mAh/g", [("discharge_capacity", "160..", {})]),
        ("150-158 mAh/g", [("discharge_capacity", "150..158", {})]),
        ("flexural strength 35 MPa, density 1.80 g/cm3", [("flexural_strength", "35", {}), ("density", "1.80", {})]),
        ("compressive strength 42.5 MPa", []),
        ("5 % of the price, humidity 95 %", []),
        ("stored at 25C", []),
        ("平均电压3.9V", [("average_voltage", "3.9", {})]),
        ("220 V, 50 Hz", []),
        ("Mo powder 99.95% 3-5 um", [("purity", "99.95", {}), ("particle_size", "3..5", {})]),
        ("coating of 60 um", []),
        ("95 at% 6Li", [("enrichment", "95", {})]),
        ("Fe 95 at%", []),
        ("purity not < 99.9 %", [("purity", "99.9..", {})]),
        ("density must not be below 1.70 g/cc", [("density", "1.70..", {})]),
    ],
)  # fmt: skip
def test_a_number_is_the_parameter_that_its_unit_and_the_words_beside_it_say(
    text: str, expected: list[tuple[str, str, dict[str, str]]]
) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("nines", "low", "below"),
    [
        ("2N", "99", "99.9"),
        ("2N5", "99.5", "99.6"),
        ("3N", "99.9", "99.99"),
        ("4N", "99.99", "99.999"),
        ("4N5", "99.995", "99.996"),
    ],
)
def test_nines_are_a_purity_from_here_to_below_the_next(nines: str, low: str, below: str) -> None:
    (one,) = read(f"antimony oxide {nines}")
    assert one.value is not None
    assert one.value.low == Decimal(low)
    assert Decimal(low) < one.value.high < Decimal(below)


@pytest.mark.parametrize("text", ["2,580 g/cc", "2580 g/cc", "density 900 g/cm3"])
def test_a_value_that_cannot_be_right_or_can_be_read_in_two_ways_is_not_known(text: str) -> None:
    assert [(one.name, one.value) for one in read(text)] == [("density", None)]


def test_of_a_text_with_more_numbers_than_a_data_sheet_no_value_is_known() -> None:
    for text in ("160 mAh/g at 0.1C, ", "humidity 5 %, "):
        found = read(text * (MOST + 1) + "2.60 g/cc at 220 MPa")
        assert "compaction_density" in {one.name for one in found}
        assert not [one for one in found if one.value is not None]


TEXT = "LFP preparation technology, compaction density {} g/cc at 220 MPa, 161 mAh/g at 0.1C, ICE 97.2%"


def item(said: str, field: str, condition: dict[str, Any] | None) -> dict[str, Any]:
    parameter = {"name": "compaction_density", "value": field, "unit": "g/cc", "condition": condition}
    event = {
        "item_id": "1",
        "kind": "technology",
        "description": TEXT.format(said),
        "parameters": [parameter],
    }
    outcome = screen(
        wire_event({"on": "2025-09-01", "document": "contract", "facts": {"item": event}}), (), SNAPSHOT
    )
    assert isinstance(outcome, Decided)
    return orjson.loads(outcome.value)["items"][0]


AT_220 = {"pressure": {"value": 220, "unit": "MPa"}}


@pytest.mark.parametrize(
    ("said", "field", "condition", "result", "named"),
    [
        ("2.60", "2.60", AT_220, "license_required", False),
        ("2.40", "2.60", AT_220, "license_required", True),  # the field stands
        (
            "2.60",
            "2.50",
            AT_220,
            "review",
            True,
        ),  # the text convicts nothing alone, and the field clears nothing
        ("2.60", "2.60", None, "license_required", False),  # the text has the condition that the field lacks
        ("2.50", "2.60", None, "review", True),
        (
            "2580",
            "2.50",
            AT_220,
            "not_required",
            False,
        ),  # what cannot be right is named and takes nothing away
        ("2.50", "2.40", AT_220, "not_required", True),  # both are below: the contradiction decides nothing
    ],
)
def test_the_field_is_the_stronger_and_what_the_text_says_against_it_is_named(
    said: str, field: str, condition: dict[str, Any] | None, result: str, named: bool
) -> None:
    found = item(said, field, condition)
    assert found["result"] == result
    reasons = [reason for reason in found["reasons"] if reason["code"] == "CONFLICT_TEXT_PARAMETER"]
    assert bool(reasons) is named
    for reason in reasons:
        assert said in reason["text"]["en"] and field in reason["text"]["en"]
