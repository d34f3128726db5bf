"""Names on lists: one typing error is forgiven among 25,000 names, and the companies of a group are told apart."""

import random
from datetime import date

import pytest
from pydantic import TypeAdapter

from exportwatch.screening.license_scope import is_one_of
from exportwatch.screening.names import legal_form, party_name
from exportwatch.screening.parties import PartyLists
from exportwatch_events.control import ListSuspension, NamedParty, PartyListEntry
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
    assert is_one_of(party(other), (NamedParty(name=one),)) is same


def test_where_both_state_an_identifier_it_decides() -> None:
    named = (NamedParty(name="Example Industries GmbH", id="HRB-1"),)
    assert is_one_of(party("Example Industries GmbH", id="HRB-1"), named)
    assert is_one_of(party("Renamed Industries GmbH", id="HRB-1"), named)
    assert not is_one_of(party("Example Industries GmbH", id="HRB-2"), named)
    assert is_one_of(party("Example Industries GmbH"), named)


def found(lists: PartyLists, asked: Party, on: date = ON) -> list[tuple[str, bool]]:
    return [(hit.entry_id, hit.exact) for hit in lists.hits((asked,), on)]


def test_other_companies_are_not_found_among_25000_names() -> None:
    rng = random.Random(11)
    names = [made_up(rng) for _ in range(25_000)]
    lists = PartyLists([entry(number, name) for number, name in enumerate(names)])
    known = {word for name in names for word in name.split()}
    for number in rng.sample(range(len(names)), 60):
        first, second, *trade = names[number].split()
        # The same trade and one of the two own words, with another own word; and the trade alone.
        for other in (
            f"{first} Brenthorpe {' '.join(trade)}",
            f"Maplewick {second} {trade[0]}",
            " ".join(trade),
        ):
            assert not lists.hits((party(other),), ON), other
        assert "brenthorpe" not in known


def test_the_cost_of_a_name_of_common_words_does_not_grow_with_the_list() -> None:
    lists = PartyLists([entry(n, f"{made_up(random.Random(n))} trading") for n in range(2_000)])
    assert not lists.hits((party("Trading International Co Ltd"),), ON)
    assert lists._index._near.cache_info().misses == 0  # no list of candidates was made


def test_a_hit_says_list_entry_version_score_and_why() -> None:
    listed = PartyListEntry(
        list_id="cn-control-list", entry_id="7", version=4, name="Kazumi Lovar Optics Inc"
    )
    (sure,) = PartyLists([listed]).hits((party("KAZUMI LOVAR OPTICS"),), ON)
    assert (sure.list_id, sure.entry_id, sure.version, sure.exact, sure.score) == (
        "cn-control-list",
        "7",
        4,
        True,
        1.0,
    )
    assert sure.why == ("same normal name",)
    (alike,) = PartyLists([listed]).hits((party("Kazumi Lovra Optics GmbH"),), ON)
    assert (alike.exact, alike.listed_name) == (False, "Kazumi Lovar Optics Inc")
    assert 0.85 <= alike.score < 1
    assert alike.why == ("one edit between 'lovra' and 'lovar'", "legal form gmbh, listed inc")


def test_an_identifier_decides_before_any_name() -> None:
    lists = PartyLists(
        [
            PartyListEntry(
                list_id="cn-control-list", entry_id="7", name="Kazumi Lovar", ids=("91-3101 AB", "12")
            )
        ]
    )
    assert found(lists, party("Renamed", id="913101ab")) == [("7", True)]
    assert found(lists, party("Renamed", id="cn-control-list/7")) == [("7", True)]
    assert found(lists, party("Renamed", id="12")) == [("7", False)]  # of some register or other
    assert found(lists, party("Renamed", id="7")) == []  # an ERP's own number


def test_the_country_weighs_a_likeness_and_never_an_exact_name() -> None:
    lists = PartyLists(
        [PartyListEntry(list_id="cn-control-list", entry_id="7", name="Kazumi Rado", country="JP")]
    )
    assert found(lists, party("Kazumi Rada")) == []
    assert found(lists, party("Kazumi Rada", country="JP")) == [("7", False)]
    assert found(lists, party("Kazumi Rado", country="BR")) == [("7", True)]
    (alike,) = lists.hits((party("Rado Kazumi", country="BR"),), ON)
    assert "country BR, listed JP" in alike.why


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        (50, [("7", True)]),
        ("51.5", [("7", True)]),
        (49.9, []),
        (None, [("7", False)]),
        ("some", [("7", False)]),
    ],
)
def test_half_of_the_ownership_extends_a_listing_and_an_unknown_share_is_a_question(
    percent: object, expected: list[tuple[str, bool]]
) -> None:
    owned = party("Harmless BV", owners=[{"name": "Kazumi Lovar", "percent": percent}])
    assert found(PartyLists([entry(7, "Kazumi Lovar")]), owned) == expected


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (date(2025, 4, 30), False), (date(2025, 5, 1), True), (date(2025, 5, 9), True), (date(2025, 5, 10), False),
        (date(2025, 5, 20), False), (date(2025, 5, 21), True), (date(2025, 6, 30), True), (date(2025, 7, 1), False),
    ],
)  # fmt: skip
def test_an_entry_counts_from_its_listing_to_its_delisting_but_for_its_suspension(
    day: date, counts: bool
) -> None:
    dated = PartyListEntry(
        list_id="cn-control-list",
        entry_id="7",
        name="Kazumi Lovar",
        ids=("AB12345",),
        listed_from=date(2025, 5, 1),
        delisted_on=date(2025, 7, 1),
        suspended=(ListSuspension.model_validate({"from": date(2025, 5, 10), "until": date(2025, 5, 20)}),),
    )
    for asked in (party("Kazumi Lovar"), party("Lovar Kazumi"), party("Renamed", id="AB12345")):
        assert bool(PartyLists([dated]).hits((asked,), day)) is counts


def test_a_likeness_is_not_told_beside_the_certainty_of_the_same_party() -> None:
    listed = PartyListEntry(
        list_id="cn-control-list", entry_id="7", name="Kazumi Lovar", local_name="Лазарь Оптика"
    )
    hits = PartyLists([listed]).hits((party("Lovar Kazumi", local_name="Лазарь Оптика"),), ON)
    assert [(hit.path, hit.exact) for hit in hits] == [("parties[0].local_name", True)]


def test_a_name_of_common_words_alone_is_found_in_any_order_of_them() -> None:
    lists = PartyLists([entry(7, "National Steel Research Institute")])
    assert found(lists, party("Research Institute of National Steel")) == [("7", False)]
    assert found(lists, party("Institute of National Trading")) == []


# -- several owners ----------------------------------------------------------------------------------------

TWO = PartyLists([entry(7, "Kazumi Lovar"), entry(8, "Dolpra Wenxin")])


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ((25, 25), {"7", "8"}),
        (("30,0", 20), {"7", "8"}),
        ((25, 24.9), set()),
        ((50, 10), {"7"}),  # the one that has half extends its own listing, and the other has too little
        ((0, 49), set()),
    ],
)
def test_listed_owners_who_have_half_only_together_are_a_question(
    shares: tuple[object, object], expected: set[str]
) -> None:
    owners = [
        {"name": "Kazumi Lovar", "percent": shares[0]},
        {"name": "Dolpra Wenxin", "percent": shares[1]},
        {"name": "Somebody", "percent": 45},
    ]
    hits = TWO.hits((party("Harmless BV", owners=owners),), ON)
    assert {hit.entry_id for hit in hits} == expected
    if len(expected) == 2:
        assert not any(hit.exact for hit in hits)
        assert all(
            "50 percent with other listed owners" in hit.why[-1] and "INF" in hit.why[-1] for hit in hits
        )


def test_an_owner_that_is_not_listed_on_the_day_adds_nothing() -> None:
    later = PartyListEntry(
        list_id="cn-control-list", entry_id="8", name="Dolpra Wenxin", listed_from=date(2025, 7, 1)
    )
    owners = [{"name": "Kazumi Lovar", "percent": 30}, {"name": "Dolpra Wenxin", "percent": 30}]
    lists = PartyLists([entry(7, "Kazumi Lovar"), later])
    assert not lists.hits((party("Harmless BV", owners=owners),), ON)
    assert len(lists.hits((party("Harmless BV", owners=owners),), date(2025, 7, 1))) == 2


def test_one_owner_under_name_and_identifier_counts_once() -> None:
    listed = PartyListEntry(list_id="cn-control-list", entry_id="7", name="Kazumi Lovar", ids=("AB12345",))
    owners = [{"name": "Kazumi Lovar", "id": "AB12345", "percent": 30}, {"name": "Somebody", "percent": 30}]
    assert not PartyLists([listed]).hits((party("Harmless BV", owners=owners),), ON)
