"""The predicates of control entries: three values, and a clear word for what cannot be compiled."""

from decimal import Decimal
from typing import Any

import pytest

from exportwatch.law.conditions import compile_condition, symbols
from exportwatch.law.predicates import ConditionError
from exportwatch.law.subject import (
    Evidence,
    Finding,
    Identity,
    ItemKind,
    Material,
    MaterialClass,
    Measure,
    Missing,
    Subject,
    Truth,
)

SEEN = Evidence("description", "x", "names it")
AT_220 = {
    "name": "compaction_density",
    "op": ">=",
    "value": "2.58",
    "unit": "g/cm3",
    "condition": {"pressure": "220"},
}


def subject(**of: Any) -> Subject:
    return Subject(kind=ItemKind.GOODS, **of)


def measured(value: str, **condition: str) -> Subject:
    at = {name: Decimal(number) for name, number in condition.items()}
    return subject(measures={"compaction_density": (Measure(Decimal(value), Decimal(value), at, SEEN),)})


def material(*classes: MaterialClass, **of: Any) -> Subject:
    return subject(materials=(Material("Dy", frozenset(classes), Identity.NAME, (SEEN,), **of),))


@pytest.mark.parametrize(
    ("value", "truth"), [("2.5799", Truth.NO), ("2.58", Truth.YES), ("2.5801", Truth.YES)]
)
def test_a_limit_is_held_at_to_the_last_digit(value: str, truth: Truth) -> None:
    assert compile_condition({"parameter": AT_220})(measured(value, pressure="220")).truth is truth


def test_a_value_under_another_test_condition_is_not_comparable() -> None:
    verdict = compile_condition({"parameter": AT_220})(measured("2.70", pressure="300"))
    assert verdict.truth is Truth.UNKNOWN
    assert verdict.basis_mismatch


def test_a_value_without_its_test_condition_is_unknown() -> None:
    assert compile_condition({"parameter": AT_220})(measured("2.70")).truth is Truth.UNKNOWN


def test_a_missing_value_is_named() -> None:
    verdict = compile_condition({"parameter": AT_220})(subject())
    assert verdict.truth is Truth.UNKNOWN
    assert [m.fact for m in verdict.missing] == ["compaction_density"]


def test_two_values_that_disagree_about_the_limit_are_unknown() -> None:
    at = {"pressure": Decimal(220)}
    both = tuple(Measure(Decimal(v), Decimal(v), at, SEEN) for v in ("2.5", "2.6"))
    assert (
        compile_condition({"parameter": AT_220})(subject(measures={"compaction_density": both})).truth
        is Truth.UNKNOWN
    )


@pytest.mark.parametrize(("value", "near"), [("2.33", True), ("2.322", True), ("2.32", False)])
def test_near_is_a_tenth_of_the_limit(value: str, near: bool) -> None:
    assert compile_condition({"parameter": AT_220})(measured(value, pressure="220")).near is near


def test_one_failing_condition_of_several_is_enough() -> None:
    condition = compile_condition({"all": [{"substance": "lfp"}, {"parameter": AT_220}]})
    found = {"lfp": Finding(Truth.YES, Identity.NAME, (SEEN,))}
    at = {"pressure": Decimal(220)}
    low = {"compaction_density": (Measure(Decimal(1), Decimal(1), at, SEEN),)}
    assert condition(subject(substances=found, measures=low)).truth is Truth.NO
    assert condition(subject(substances=found)).truth is Truth.UNKNOWN


def test_a_number_is_near_nothing_where_the_thing_is_another() -> None:
    condition = compile_condition({"all": [{"substance": "lfp"}, {"parameter": AT_220}]})
    assert not condition(measured("2.57", pressure="220")).near


def test_not_of_unknown_is_unknown() -> None:
    assert compile_condition({"not": {"parameter": AT_220}})(subject()).truth is Truth.UNKNOWN


DY_METAL = {"material": {"element": "Dy", "class": "metal"}}
DY_ALLOY = {"material": {"element": "Dy", "class": "alloy", "constituents": ["DyFe", "TbDyFe"]}}


def test_a_class_that_is_only_possible_is_a_question() -> None:
    verdict = compile_condition(DY_METAL)(material(MaterialClass.METAL, MaterialClass.OXIDE))
    assert verdict.truth is Truth.UNKNOWN


@pytest.mark.parametrize(
    ("constituents", "truth"),
    [
        ({"Dy", "Fe"}, Truth.YES),
        ({"Dy", "Fe", "Co"}, Truth.UNKNOWN),
        ({"Dy", "Ni"}, Truth.NO),
        (None, Truth.UNKNOWN),
    ],
)
def test_a_closed_list_of_alloys_is_closed(constituents: set[str] | None, truth: Truth) -> None:
    known = frozenset(constituents) if constituents else None
    assert compile_condition(DY_ALLOY)(material(MaterialClass.ALLOY, constituents=known)).truth is truth


def test_deep_processed_is_not_listed_and_worth_a_remark() -> None:
    verdict = compile_condition(DY_METAL)(material(MaterialClass.DEEP_PROCESSED))
    assert verdict.truth is Truth.NO
    assert verdict.remark


def test_a_report_that_excludes_the_element_is_worth_a_remark() -> None:
    verdict = compile_condition(DY_METAL)(material(MaterialClass.METAL, presence=Truth.NO))
    assert (verdict.truth, verdict.remark) == (Truth.NO, True)


def test_what_is_missing_of_the_material_is_passed_on() -> None:
    missing = (Missing("test_report", "why"),)
    verdict = compile_condition(DY_METAL)(
        material(MaterialClass.METAL, presence=Truth.UNKNOWN, missing=missing)
    )
    assert verdict.missing == missing


@pytest.mark.parametrize(
    ("source", "key"),
    [
        ({"substanz": "lfp"}, "predicate"),
        ({"parameter": {**AT_220, "op": "=>"}}, "op"),
        ({"parameter": {**AT_220, "limit": 1}}, "parameter"),
        ({"parameter": {**AT_220, "value": "much"}}, "value"),
        ({"material": {"element": "Dy", "class": "liquid"}}, "class"),
        ({"material": {"element": "Dy", "class": "alloy", "constituents": ["dyfe"]}}, "constituents"),
        ({"all": []}, "all"),
        ({"substance": "lfp", "process": "x"}, "condition"),
        ({"incomplete": {"fact": "x"}}, "incomplete"),
        ({"kind": "gas"}, "kind"),
    ],
)
def test_what_is_not_in_the_closed_set_is_refused_by_name(source: Any, key: str) -> None:
    with pytest.raises(ConditionError) as wrong:
        compile_condition(source)
    assert wrong.value.key == key
    assert wrong.value.known


def test_the_symbols_of_a_compact_name() -> None:
    assert symbols("TbDyFe") == {"Tb", "Dy", "Fe"}
    assert symbols("YAl") == {"Y", "Al"}
