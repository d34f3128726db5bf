"""How far a denial in the text of an end use reaches: its clause, and the list that it began."""

import pytest

from counted_work import instructions_of
from exportwatch.screening.clauses import clauses_of


def reaches(raw: str, denial: str, thing: str) -> bool:
    clauses = clauses_of(raw)
    plain = clauses.text.plain
    return clauses.reaches(plain.index(denial) + len(denial), plain.index(thing))


@pytest.mark.parametrize(
    "raw",
    [
        "not used for nuclear, chemical, missile or military purposes",
        "not used for military purposes, including missile parts",
        "not used for arms, or for any missile",
    ],
)
def test_a_denial_goes_on_with_the_list_that_it_began(raw: str) -> None:
    assert reaches(raw, "not used", "missile")


@pytest.mark.parametrize(
    "raw",
    [
        "not used outdoors, missile parts",
        "not used outdoors: missile or radar",
        "not used outdoors; missile",
        "not used outdoors. Missile",
        "not used outdoors, for missile or radar",
    ],
)
def test_a_denial_ends_with_its_clause(raw: str) -> None:
    assert not reaches(raw, "not used", "missile")


def test_a_direct_denial_denies_what_follows_at_once_and_nothing_behind_another_thing() -> None:
    near, far = clauses_of("never be used for any radar"), clauses_of("never exposed to weather by radar")
    assert near.fills(len("never"), near.text.plain.index("radar"))
    assert not far.fills(len("never"), far.text.plain.index("radar"))


def test_many_clauses_take_work_linear_in_the_text() -> None:
    def work(times: int) -> int:
        return instructions_of(lambda: clauses_of("not used for missile, navy or army; " * times))

    assert work(800) < 10 * work(100)
