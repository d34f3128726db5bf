"""Places, parts and trades around a listed name of coined words hide it from nobody; order changes nothing."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from exportwatch.screening.names import common_word
from exportwatch.screening.parties import Hit, PartyLists
from exportwatch_events.control import PartyListEntry
from exportwatch_events.documents import Party

ON = date(2026, 3, 2)
SYLLABLES = "ka zu mi ro ten shi lo var nek dol pra wen xin yong gor bal kes tre moor".split()
WORDS = st.lists(st.sampled_from(SYLLABLES), min_size=3, max_size=5).map("".join)
NAMES = st.tuples(WORDS, WORDS).map(" ".join)
AROUND = st.lists(
    st.sampled_from(
        ["Shanghai", "(Munich)", "Branch", "Trading", "Plant 2,", "c/o", "Hong Kong", "Logistics", "Pfandl"]
    ),
    max_size=3,
).map(" ".join)
FORMS = st.sampled_from(["", "GmbH", "Co., Ltd.", "LLC", "S.p.A."])


def found(lists: PartyLists, name: str) -> tuple[Hit, ...]:
    return lists.hits((Party(role="end_user", name=name),), ON)


def listed(*names: str) -> PartyLists:
    return PartyLists(
        PartyListEntry(list_id="cn-control-list", entry_id=f"E{number}", name=name)
        for number, name in enumerate(names)
    )


@settings(max_examples=150, deadline=None)
@given(NAMES, AROUND, AROUND, FORMS)
def test_a_listed_name_is_found_whatever_stands_around_it(
    name: str, before: str, behind: str, form: str
) -> None:
    assert all(common_word(word) is None for word in name.split())
    assert found(listed(name), f"{before} {name.upper()} {behind} {form}")


@settings(max_examples=50, deadline=None)
@given(st.lists(NAMES, min_size=2, max_size=5, unique=True), AROUND)
def test_what_is_found_does_not_hang_on_the_order_of_the_list_nor_on_other_entries(
    names: list[str], behind: str
) -> None:
    asked = f"{names[0]} {behind}"
    alone = {hit.listed_name for hit in found(listed(names[0]), asked)}
    forwards = {(hit.listed_name, hit.score, hit.why) for hit in found(listed(*names), asked)}
    assert forwards == {
        (hit.listed_name, hit.score, hit.why) for hit in found(listed(*reversed(names)), asked)
    }
    assert alone <= {listed_name for listed_name, _, _ in forwards}
