"""Fields of a party that are of the wrong type: unknown, named, and what is written in them is asked about."""

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter

from exportwatch.screening.parties import PartyLists
from exportwatch.screening.party_names import party_problems
from exportwatch_events.control import PartyListEntry
from exportwatch_events.documents import Party

PARTY = TypeAdapter(Party)
ON = date(2026, 3, 2)
LISTED = PartyListEntry(
    list_id="cn-control-list", entry_id="1", name="Kestrelmoor Dynamics", ids=("HRB 123456",)
)
LISTS = PartyLists([LISTED])


def party(**fields: Any) -> Party:
    return PARTY.validate_python(
        {"role": "end_user", "name": "Example Industries GmbH", "country": "DE", **fields}
    )


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"aliases": "Kestrelmoor Dynamics"}, "aliases"),
        ({"aliases": [["Kestrelmoor Dynamics"]]}, "aliases[0]"),
        ({"aliases": {"Kestrelmoor Dynamics": "once"}}, "aliases"),
        ({"local_name": ["Kestrelmoor Dynamics"]}, "local_name"),
        ({"owners": {"name": "Kestrelmoor Dynamics", "percent": 60}}, "owners"),
        ({"owners": ["Kestrelmoor Dynamics"]}, "owners[0]"),
        ({"owners": [{"name": ["Kestrelmoor Dynamics"], "percent": 60}]}, "owners[0].name"),
        ({"owners": [{"name": "Kestrelmoor Dynamics", "percent": 160}]}, "owners[0].percent"),
        ({"owners": [{"name": "Kestrelmoor Dynamics", "percent": -5}]}, "owners[0].percent"),
        ({"id": ["HRB 123456"]}, "id"),
        ({"id": {"number": "HRB 123456"}}, "id"),
        ({"id": ["Kestrelmoor Dynamics"]}, "id"),
        ({"owners": [{"name": "Somebody", "id": ["HRB 123456"], "percent": 60}]}, "owners[0].id"),
    ],
)
def test_what_stands_in_a_field_that_cannot_be_read_is_named_and_asked_about(
    fields: dict[str, Any], path: str
) -> None:
    assert [p.path for p in party_problems(0, party(**fields))] == [f"parties[0].{path}"]
    hits = LISTS.hits((party(**fields),), ON)
    assert hits
    assert {(hit.entry_id, hit.exact) for hit in hits} == {("1", False)}


def test_the_identifier_of_an_owner_of_half_is_looked_up() -> None:
    owner = {"name": "Somebody", "id": "hrb123456"}
    (hit,) = LISTS.hits((party(owners=[{**owner, "percent": 50}]),), ON)
    assert (hit.exact, hit.path) == (True, "parties[0].owners[0].id")
    (hit,) = LISTS.hits((party(owners=[owner]),), ON)
    assert not hit.exact
    assert not LISTS.hits((party(owners=[{**owner, "percent": "49.9"}]),), ON)


def test_nothing_is_named_of_a_party_that_can_be_read() -> None:
    owners = [{"name": "Somebody", "id": "7", "country": "DE", "percent": "33,3"}, {"name": "Else"}]
    one = party(local_name="实例", aliases=["Example"], id="HRB 7", owners=owners)
    assert not list(party_problems(0, one))
    assert not list(party_problems(0, party(local_name=None, aliases=None, id=None, owners=None)))
