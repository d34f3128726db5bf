"""What is relied on of the entity-name library: an upgrade that reads or compares names otherwise fails here."""

from importlib.metadata import version

import pytest

from exportwatch.screening.likeness import ALIKE, RESPACED, compared
from exportwatch.screening.names import (
    common_word,
    latin,
    legal_form,
    looks_like_a_form,
    party_name,
    read_name,
    says_little,
    word_pairs,
)


def test_the_library_is_the_one_that_these_tests_were_written_against() -> None:
    assert version("rigour") == "2.6.1"


@pytest.mark.parametrize(
    ("name", "words", "form"),
    [
        ("Example Works Co., Ltd.", "example works", "ltd"),
        ("Example Works Company Limited", "example works", "ltd"),
        ("Example Works Co.,Ltd", "example works", "ltd"),
        ("Example Works Pte. Ltd.", "example works", "pte ltd"),
        ("Example Works GmbH & Co. KG", "example works", "gmbhcokg"),
        ("Beispiel Aktiengesellschaft", "beispiel", "ag"),
        ("Exemple S.A.R.L.", "exemple", "sarl"),
        ("Exemple, société anonyme", "exemple", "sa"),
        ("Ejemplo S.A. de C.V.", "ejemplo", "sacv"),
        ("Esempio S.p.A.", "esempio", "spa"),
        ("Przykład Sp. z o.o.", "przykład", "spzoo"),
        ("Příklad s.r.o.", "priklad", "sro"),
        ("Exempel AB", "exempel", "ab"),
        ("ООО «Пример»", "пример", "ooo"),
        ("Пример, ПАО", "пример", "ao"),
        ("株式会社見本製作所", "见本制作所", "kk"),
        ("見本製作所㈱", "见本制作所", "kk"),
        ("Mihon Seisakusho Kabushiki Kaisha", "mihon seisakusho", "kk"),
        ("合同会社見本", "见本", "gk"),
        ("주식회사 보기소재", "보기소재", "jsc"),
        ("(주)보기소재", "보기소재", "jsc"),
        ("示例光电有限公司", "示例光电", "ltd"),
        ("示例光电有限责任公司", "示例光电", "ltd"),
        ("示例光電股份有限公司", "示例光电", "jsc"),
        ("Cong ty TNHH Vi Du", "vi du", "tnhh"),
        ("The Example Group PLC", "example group", "plc"),
        ("Example", "example", ""),
    ],
)
def test_legal_forms_of_many_countries_are_told_from_the_name(name: str, words: str, form: str) -> None:
    assert party_name(name) == words
    assert " ".join(legal_form(name)) == form


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("AB Example", "ab example"),  # short forms stand at the end only
        ("SE Electronics GmbH", "se electronics"),
        ("Spa Beauty GmbH", "spa beauty"),
        ("Wellness Spa Trading", "wellness spa trading"),
        ("Limited", "limited"),  # a name is never left without a word
        ("有限公司", "有限公司"),
        ("A.B.C. Metals Ltd", "abc metals"),
        ("", ""),
    ],
)
def test_what_only_looks_like_a_legal_form_stays_a_word(name: str, words: str) -> None:
    assert party_name(name) == words


def test_what_stands_before_a_form_in_the_middle_is_a_name_of_its_own() -> None:
    name = read_name("Example Optics Co., Ltd. Shanghai Branch")
    assert (name.head, name.forms) == (("example", "optics"), frozenset(["ltd"]))
    assert read_name("Example Optics Co., Ltd.").head == ()


def test_a_long_field_is_read_in_bounded_time_and_by_its_beginning() -> None:
    assert party_name("Example Optics " + "x" * 100_000).startswith("example optics x")
    assert len(party_name("Example Optics " + "x " * 100_000)) < 500


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("пример оборона", "primer oborona"),
        ("müller", "muller"),
        ("παραδειγμα", "paradeigma"),
        ("示例", "示例"),
    ],
)
def test_scripts_of_letters_are_written_in_latin_ones_and_han_is_left(text: str, plain: str) -> None:
    assert latin(text) == plain


def test_words_of_many_names_are_known_by_what_they_stand_for() -> None:
    assert common_word("intl") == common_word("international") is not None
    assert common_word("tech") == common_word("technology") is not None
    assert common_word("velkaris") is None
    assert says_little(read_name("Global Trading LLC"))
    assert says_little(read_name("ABC Ltd"))
    assert not says_little(read_name("Velkaris"))
    assert not says_little(read_name("示例"))


def test_a_mistyped_legal_form_is_no_word_of_a_name() -> None:
    assert [looks_like_a_form(word) for word in ("ltb", "rltd", "gmbg")] == [True] * 3
    assert [looks_like_a_form(word) for word in ("lid", "old", "steel")] == [False] * 3


@pytest.mark.parametrize(
    ("one", "other", "score"),
    [
        ("nordwerkstatt", "mordwerkstatt", 0.852),
        ("group", "grup", 0.8),
        ("group", "gruop", 0.518),
        ("example", "exampel", 0.735),
        ("haitian", "haitong", 0.51),
        ("star", "sea", 0.0),
    ],
)
def test_the_library_prices_typing_errors_as_it_did(one: str, other: str, score: float) -> None:
    assert max(pair.score for pair in word_pairs([one], [other])) == pytest.approx(score, abs=0.001)


@pytest.mark.parametrize(
    ("asked", "listed", "seen"),
    [
        ("Lovar Kazumi Optics", "Kazumi Lovar Optics", "another order of words"),
        ("Kazumi Lovra Optics", "Kazumi Lovar Optics", "one edit between 'lovra' and 'lovar'"),
        ("Kazumi Intl Optics", "Kazumi International Optics", "'intl' for 'international'"),
        ("Primer Oborona", "Пример Оборона", "transliterated"),
        ("Kazumi Lovra Optics GmbH", "Kazumi Lovar Optics GmbH", "same legal form"),
        ("Kazumi Lovra Optics GmbH", "Kazumi Lovar Optics Inc", "legal form gmbh, listed inc"),
    ],
)
def test_a_likeness_names_what_a_person_can_see(asked: str, listed: str, seen: str) -> None:
    likeness = compared(read_name(asked), read_name(listed))
    assert likeness.score >= ALIKE
    assert not likeness.exact
    assert seen in likeness.why


def test_another_number_is_another_works() -> None:
    fifty_five = read_name("Kazumi Lovar Research Institute No. 55")
    assert compared(read_name("Kazumi Lovar Research Institute No. 56"), fifty_five).score == 0
    assert compared(read_name("Research Institute Kazumi Lovar No. 55"), fifty_five).score == RESPACED
