"""Names on lists: one typing error is forgiven among 25,000 names, and the companies of a group are told apart."""

import random
from datetime import date

import pytest
from pydantic import TypeAdapter

from exportwatch.screening.licenses import _is_one_of
from exportwatch.screening.parties import PartyLists, legal_form, party_name
from exportwatch_events.control import NamedParty, PartyListEntry
from exportwatch_events.documents import Party

PARTY = TypeAdapter(Party)
ON = date(2025, 6, 1)
SYLLABLES = "ka zu mi ro ten shi lo var nek dol pra wen xin hua yong gor bal".split()
COMMON = "technology industrial trading international electronics science group systems aerospace".split()


def made_up(rng: random.Random) -> str:
    own = ["".join(rng.choices(SYLLABLES, k=rng.randint(3, 4))) for _ in range(2)]
    return " ".join([*own, *rng.sample(COMMON, 2)])


def mistyped(name: str, rng: random.Random) -> str:
    """One letter of one word left out, doubled by another, replaced, or swapped with the next."""
    words = name.split()
    at = rng.randrange(len(words))
    word, letter = words[at], rng.choice("abcdefghijklmnopqrstuvwxyz")
    i = rng.randrange(len(word) - 1)
    words[at] = rng.choice(
        [word[:i] + word[i + 1 :], word[:i] + letter + word[i:], word[:i] + letter + word[i + 1 :],
         word[:i] + word[i + 1] + word[i] + word[i + 2 :]]
    )  # fmt: skip
    rng.shuffle(words)
    return " ".join(words)


def entry(number: int, name: str) -> PartyListEntry:
    return PartyListEntry(list_id="cn-control-list", entry_id=str(number), name=name)


def party(name: str, **fields: object) -> Party:
    return PARTY.validate_python({"role": "end_user", "name": name, **fields})


def test_one_typing_error_and_any_order_of_words_is_found_among_25000_names() -> None:
    rng = random.Random(7)
    names = [made_up(rng) for _ in range(25_000)]
    lists = PartyLists([entry(number, f"{name} Co., Ltd.") for number, name in enumerate(names)])
    for number in rng.sample(range(len(names)), 150):
        asked = mistyped(names[number], rng)
        hits = lists.hits((party(asked),), ON)
        assert str(number) in {hit.entry_id for hit in hits}, (asked, names[number])
    assert not lists.hits((party("Fahrradladen am Markt GmbH"),), ON)


def test_a_name_of_one_word_is_found_with_a_typing_error_at_either_end() -> None:
    lists = PartyLists([entry(1, "Nordwerkstatt"), entry(2, "华东海天光电科技有限公司")])
    for asked in ("Mordwerkstatt", "Nordwerkstat", "Nordwerkstadt"):
        assert [hit.exact for hit in lists.hits((party(asked),), ON)] == [False]
    assert [hit.exact for hit in lists.hits((party("華東海天光電科技有限公司"),), ON)] == [True]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Example Industries GmbH", "EXAMPLE INDUSTRIES GMBH", True),
        ("Example Industries Co., Ltd.", "Example Industries Company Limited", True),
        ("Example Industries", "Example Industries GmbH", True),
        ("Example Industries GmbH", "Example Industries Inc.", False),
    ],
)
def test_a_licence_for_one_company_of_a_group_is_not_one_for_another(
    one: str, other: str, same: bool
) -> None:
    assert party_name(one) == party_name(other)
    assert (legal_form(one) == legal_form(other) or not (legal_form(one) and legal_form(other))) is same
    assert _is_one_of(party(other), (NamedParty(name=one),)) is same


def test_where_both_state_an_identifier_it_decides() -> None:
    named = (NamedParty(name="Example Industries GmbH", id="HRB-1"),)
    assert _is_one_of(party("Example Industries GmbH", id="HRB-1"), named)
    assert _is_one_of(party("Renamed Industries GmbH", id="HRB-1"), named)
    assert not _is_one_of(party("Example Industries GmbH", id="HRB-2"), named)
    assert _is_one_of(party("Example Industries GmbH"), named)
