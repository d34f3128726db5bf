"""Each fact that can be missing has someone who can provide it."""

import ast
from pathlib import Path

import pytest

import exportwatch
from exportwatch.classification.units import PARAMETERS
from exportwatch.law.load import load_pack
from exportwatch.law.subject import Missing
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.providers import OTHERWISE, missing_in_words, provider_of

SOURCE = Path(exportwatch.__file__).parent


def facts_in_code() -> set[str]:
    """The first argument of every ``Missing("…", …)``."""
    calls = [
        node
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Missing"
    ]
    firsts = [call.args[0] for call in calls if call.args]
    return {str(first.value) for first in firsts if isinstance(first, ast.Constant)}


def facts_in_pack(condition: object) -> set[str]:
    if isinstance(condition, list):
        return {fact for part in condition for fact in facts_in_pack(part)}
    if not hasattr(condition, "items"):
        return set()
    own = {str(argument["fact"]) for name, argument in condition.items() if name == "incomplete"}
    return own | {fact for _, argument in condition.items() for fact in facts_in_pack(argument)}


def test_the_facts_are_found() -> None:
    assert {"composition", "form", "route", "cas"} <= facts_in_code()


@pytest.mark.parametrize("fact", sorted(facts_in_code() | set(PARAMETERS)))
def test_a_fact_that_the_code_asks_for_names_who_provides_it(fact: str) -> None:
    assert provider_of(Missing(fact, "why")) != OTHERWISE


def test_a_fact_that_the_pack_asks_for_names_who_provides_it() -> None:
    conditions = [e.mapping["condition"] for i in load_pack().instruments for e in i.entries]
    asked = {fact for condition in conditions for fact in facts_in_pack(condition)}
    assert "further_conditions" in asked
    assert not [fact for fact in asked if provider_of(Missing(fact, "why")) == OTHERWISE]


def test_the_sentence_names_the_entry_its_limb_and_the_test_condition() -> None:
    entries = {e.control_code: e for e in ControlContent(load_rules()).snapshot().register.entries()}
    limb = next(e for e in entries.values() if e.instrument_id == "CN-2025-61" and e.limb == "1")
    told = missing_in_words(Missing("form", "which?"), [entries["1C905.a"], limb])
    assert told["fact"] == "form"
    assert told["why"].startswith(
        f"which?; asked by 1C905.a of CN-2025-18, {limb.control_code} of CN-2025-61 limb 1"
    )
    sheet = Missing("compaction_density", "x", "the manufacturer's data sheet at pressure 220 MPa")
    assert missing_in_words(sheet, [])["why"].endswith(
        "provided by: the manufacturer's data sheet at pressure 220 MPa"
    )
