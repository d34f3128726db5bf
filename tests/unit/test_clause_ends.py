"""How far a denial in a trade text reaches."""

import pytest

from exportwatch.classification.clause_ends import ClauseEnd, clause_ends
from exportwatch.classification.item import read_item
from exportwatch.classification.negation import denied_in_clause, plainly_denied
from exportwatch.classification.reading import read_texts
from exportwatch.classification.text import Text, read_text
from exportwatch.law.subject import ItemKind
from exportwatch.screening.control import ControlContent, load_rules

VOCABULARY = ControlContent(load_rules()).snapshot().things.classifier.vocabulary


@pytest.mark.parametrize(
    ("shown", "behind"),
    [
        ("No pallet: wafers", ["no pallet"]),
        ("no insurance. Wafers; boxes", ["no insurance.", "no insurance. wafers"]),
        ("不含木托盘；金属镓。", ["不含木托盘", "不含木托盘 金属镓"]),
        ("ratio 1:5, no. 5 excl. box", []),
        ("plain (dry) wafers", ["plain dry"]),
        ("why? wafers", ["why?"]),
    ],
)
def test_a_clause_ends_at_a_place_of_the_comparable_text(shown: str, behind: list[str]) -> None:
    text = read_text("", shown)
    assert [text.plain[: end.place] for end in clause_ends(text) if end.sure] == behind


@pytest.mark.parametrize(
    ("shown", "behind"),
    [
        ("no box, wafers", ["no box"]),
        ("no box - wafers", ["no box"]),
        ("不含运费 金属镓", ["不含运费"]),
        ("1,5 mm", []),
    ],
)
def test_a_clause_may_end_at_a_comma(shown: str, behind: list[str]) -> None:
    text = read_text("", shown)
    assert [text.plain[: end.place] for end in clause_ends(text) if not end.sure] == behind


def test_a_bracket_ends_only_what_begins_in_it() -> None:
    assert clause_ends(read_text("", "ab (cd) ef")) == (ClauseEnd(2, 5),)


def test_where_the_comparable_text_is_another_no_end_is_known() -> None:
    assert clause_ends(Text("", "no box: wafers", "wafers")) == ()


@pytest.mark.parametrize(
    ("description", "is_denied", "plainly"),
    [
        ("without gallium arsenide", True, True),
        ("without: gallium arsenide", True, True),
        ("without lead or gallium arsenide", True, True),
        ("without germanium, Dy and gallium arsenide", True, True),
        ("gallium arsenide-free", True, True),
        ("without lead, gallium arsenide", True, False),
        ("without box gallium arsenide", True, False),
        ("without box; gallium arsenide", False, False),
        ("(without box) gallium arsenide", False, False),
        ("without (wooden) box gallium arsenide", True, False),
        ("gallium arsenide without box", False, False),
    ],
)
def test_a_denial_reaches_to_the_end_of_its_clause(description: str, is_denied: bool, plainly: bool) -> None:
    reading = read_texts(read_item({"description": description}, ItemKind.GOODS), VOCABULARY)
    (mention,) = reading.by_tag["su:gaas"]
    assert (denied_in_clause(mention, reading), plainly_denied(mention, reading)) == (is_denied, plainly)
