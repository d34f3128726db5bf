"""What tells a substance from the goods that are made with it, and the terms that are written as stems."""

import pytest

from exportwatch.classification.endings import written_out
from exportwatch.classification.item import ItemFacts, read_item
from exportwatch.classification.neat import as_material, with_shares
from exportwatch.classification.processes import find_substances
from exportwatch.classification.reading import read_texts
from exportwatch.classification.vocabulary import Vocabulary, build_vocabulary
from exportwatch.law.load import load_pack
from exportwatch.law.subject import Finding, Identity, ItemKind, Truth


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return build_vocabulary(load_pack(None).tables)


def facts_of(description: str, **more: object) -> ItemFacts:
    return read_item({"description": description, **more}, ItemKind.GOODS)


def truth_of(substance: str, facts: ItemFacts, vocabulary: Vocabulary) -> Truth:
    found = find_substances(facts, read_texts(facts, vocabulary), vocabulary)
    return found[substance].truth if substance in found else Truth.NO


@pytest.mark.parametrize(
    ("description", "truth"),
    [
        ("Gallium nitride wafers", Truth.YES),
        ("Gallium nitride wafers for LED lamps", Truth.YES),
        ("LED lamps with gallium nitride", Truth.NO),
        ("LED lamps and gallium nitride wafers", Truth.UNKNOWN),
    ],
)
def test_goods_take_a_substance_out_unless_they_are_its_purpose_or_it_may_be_there_neat(
    description: str, truth: Truth, vocabulary: Vocabulary
) -> None:
    assert truth_of("gan", facts_of(description), vocabulary) is truth


@pytest.mark.parametrize(
    ("text", "truth"), [("Sweater graphite", Truth.NO), ("Graphite sheet", Truth.UNKNOWN)]
)
def test_a_name_that_is_a_colour_too_counts_only_beside_a_fact_of_material(
    text: str, truth: Truth, vocabulary: Vocabulary
) -> None:
    assert truth_of("flake_graphite", facts_of(text), vocabulary) is truth


def test_the_name_of_an_element_is_the_metal_only_where_no_compound_is_named(vocabulary: Vocabulary) -> None:
    assert truth_of("gallium_metal", facts_of("Gallium 6N"), vocabulary) is Truth.YES
    assert truth_of("gallium_metal", facts_of("Gallium chloride"), vocabulary) is Truth.NO
    assert truth_of("gallium_metal", facts_of("Gallium alloy"), vocabulary) is Truth.UNKNOWN


def test_the_main_constituents_share_is_the_purity_where_none_is_stated(vocabulary: Vocabulary) -> None:
    composition = [{"substance": "Bi", "percent": 99.9}, {"substance": "Ag", "percent": 0.001}]
    composed = facts_of("Metal", composition=composition)
    measures = with_shares(composed, vocabulary)
    assert [str(m.low) for m in measures["purity"]] == ["99.9"]
    assert [str(m.low) for m in measures["share:Ag"]] == ["0.001"]
    stated = facts_of(
        "Metal", composition=composition, parameters=[{"name": "purity", "value": 99.99, "unit": "%"}]
    )
    assert [str(m.low) for m in with_shares(stated, vocabulary)["purity"]] == ["99.99"]


def test_what_no_rule_speaks_of_is_left_as_it_was_found(vocabulary: Vocabulary) -> None:
    facts = facts_of("P204")
    found = {"p204": Finding(Truth.YES, Identity.NAME, ())}
    assert as_material(found, facts, read_texts(facts, vocabulary), vocabulary) is found


def test_a_stem_inside_a_term_stands_for_the_forms_of_the_word() -> None:
    forms = list(written_out("чешуйчат* графит*"))
    assert "чешуйчатый графит*" in forms
    assert "чешуйчатого графит*" in forms
    assert list(written_out("graphite flake*")) == ["graphite flake*"]
