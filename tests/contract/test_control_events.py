"""Control events are read strictly; what cannot be read still says what it is about, by value or by key."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exportwatch_events.catalogue import ErrorCode, LicenseState
from exportwatch_events.control import (
    ControlIdentity,
    LawAmendment,
    License,
    NamedParty,
    PartyListEntry,
    UnreadableControl,
    read_law,
    read_license,
    read_party,
)
from exportwatch_events.keys import law_key, license_key, party_key, split_control_key

LICENSE = {"license_no": "L/1", "version": 2, "type": "dual_use_general", "status": "granted"}
ENTRY = {"list_id": "cn-watch-list", "entry_id": "7", "name": "Sample"}
AMENDMENT = {
    "instrument_id": "CN-2025-58",
    "status": "suspended",
    "from": "2025-11-07",
    "announced_by": "CN-2025-70",
}


def license_of(**changes: Any) -> License:
    event = read_license(json.dumps(LICENSE | changes).encode())
    assert isinstance(event, License), event
    return event


def refused(outcome: object) -> UnreadableControl:
    assert isinstance(outcome, UnreadableControl), outcome
    return outcome


def test_names_and_objects_of_end_users_read_alike() -> None:
    event = license_of(end_users=["A", {"name": "B", "id": "7"}], consignees=[{"name": "C"}])
    assert event.end_users == (NamedParty(name="A"), NamedParty(name="B", id="7"))
    assert event.consignees == (NamedParty(name="C"),)


def test_an_absent_scope_an_empty_scope_and_null_are_told_apart_where_it_matters() -> None:
    assert license_of().countries is None
    assert license_of(countries=None).countries is None
    assert license_of(countries=[]).countries == ()


def test_days_are_dates_and_a_date_time_is_the_day_in_china() -> None:
    event = license_of(valid_from="2025-05-20", valid_to="2025-12-31T20:00:00Z")
    assert (event.valid_from, event.valid_to) == (date(2025, 5, 20), date(2026, 1, 1))


@pytest.mark.parametrize(
    "day",
    ["20250520", "2025-5-2", "2025-05-20T00:00:00", "2025-02-30", "２０２５-05-20", "", 20250520, True, []],
)
def test_a_day_that_cannot_be_read_makes_the_record_unreadable(day: Any) -> None:
    refusal = refused(read_license(json.dumps(LICENSE | {"valid_to": day}).encode()))
    assert (refusal.code, refusal.field) == (ErrorCode.FIELD_TYPE, "valid_to")
    assert refusal.identity == ControlIdentity(license_no="L/1", version=2)


@pytest.mark.parametrize(("said", "read"), [(0.1, "0.1"), ("0.10", "0.10"), (5, "5"), ("1E+2", "1E+2")])
def test_decimals_come_as_numbers_or_texts(said: object, read: str) -> None:
    quantity = license_of(quantity={"value": said, "unit": "KGM"}).quantity
    assert quantity is not None
    assert quantity.value == Decimal(read)


@pytest.mark.parametrize("said", ["NaN", "Infinity", "1e999999", "many", "", True, None, []])
def test_a_quantity_that_is_no_number_makes_the_record_unreadable(said: object) -> None:
    value = json.dumps(LICENSE | {"quantity": {"value": said, "unit": "KGM"}}).encode()
    assert refused(read_license(value)).field == "quantity.value"


def test_a_status_is_one_of_the_list() -> None:
    assert license_of().status is LicenseState.GRANTED
    assert refused(read_license(json.dumps(LICENSE | {"status": "GRANTED"}).encode())).field == "status"


def test_the_key_names_a_license_whose_value_does_not() -> None:
    refusal = refused(read_license(b"\xff", license_key("L/1@x", 3)))
    assert refusal.identity == ControlIdentity(license_no="L/1@x", version=3)


def test_the_value_names_a_license_before_the_key() -> None:
    refusal = refused(read_license(b'{"license_no": "VALUE", "version": 4, ', license_key("KEY", 3)))
    assert refusal.identity == ControlIdentity(license_no="VALUE", version=4)


def test_the_key_names_a_party_whose_value_does_not() -> None:
    refusal = refused(read_party(b"[]", party_key("cn-watch-list", "a/b", 0)))
    assert refusal.identity == ControlIdentity(list_id="cn-watch-list", entry_id="a/b", version=0)


def test_the_key_names_an_instrument_and_limb_whose_value_does_not() -> None:
    refusal = refused(read_law(b"{}", law_key("CN-2025-61", "1", "CN-2025-70")))
    assert refusal.identity == ControlIdentity(instrument_id="CN-2025-61", limb="1")


@pytest.mark.parametrize("key", [None, b"", b"\xff", b"x", b"a/b/c/d", b"//"])
def test_a_law_record_that_nothing_names_names_no_instrument(key: bytes | None) -> None:
    assert refused(read_law(b"", key)).identity == ControlIdentity()


@pytest.mark.parametrize("limb", [None, 5, ""])
def test_a_limb_that_cannot_be_read_is_the_whole_instrument(limb: object) -> None:
    value = json.dumps(AMENDMENT | {"limb": limb, "from": "soon"}).encode()
    assert refused(read_law(value)).identity == ControlIdentity(instrument_id="CN-2025-58", limb="*")


def test_an_absent_limb_is_the_whole_instrument() -> None:
    for limb in ({}, {"limb": None}):
        event = read_law(json.dumps(AMENDMENT | limb).encode())
        assert isinstance(event, LawAmendment)
        assert event.limb == "*"
        assert event.from_ == date(2025, 11, 7)


def test_entries_of_a_new_instrument_stay_as_they_are() -> None:
    entries = [{"code": "1C999", "conditions": {"all": [{"form": "magnet"}]}, "limit": 0.1}]
    event = read_law(json.dumps(AMENDMENT | {"entries": entries}).encode())
    assert isinstance(event, LawAmendment)
    assert event.entries == tuple(entries)


def test_a_party_entry_without_version_has_version_0() -> None:
    for version in ({}, {"version": None}):
        event = read_party(json.dumps(ENTRY | version).encode())
        assert isinstance(event, PartyListEntry)
        assert event.version == 0


def test_a_party_may_have_a_local_name_only() -> None:
    body = {name: value for name, value in ENTRY.items() if name != "name"}
    assert isinstance(read_party(json.dumps(body | {"local_name": "样品"}).encode()), PartyListEntry)
    assert refused(read_party(json.dumps(body).encode())).field == "name"


def test_a_schema_registry_prefix_is_skipped() -> None:
    assert isinstance(read_party(b"\0\0\0\0\1" + json.dumps(ENTRY).encode()), PartyListEntry)


def test_deep_and_broken_control_records_are_refused_and_never_raise() -> None:
    for value in (b"[" * 100_000, b'{"a":' * 100_000, b"\0", b"\xff", b"null", b'{"version": 1e999}'):
        for reader in (read_license, read_party, read_law):
            refused(reader(value))


@pytest.mark.parametrize(
    ("key", "parts", "version"),
    [
        (b"L-1@2", ("L-1",), 2),
        (b"a%2Fb%40@0", ("a/b@",), 0),
        (b"list/entry@10", ("list", "entry"), 10),
        (b"L-1", ("L-1",), None),
        (b"L-1@two", ("L-1@two",), None),
        (None, ("",), None),
    ],
)
def test_a_control_key_is_taken_apart(key: bytes | None, parts: tuple[str, ...], version: int | None) -> None:
    assert split_control_key(key) == (parts, version)


def test_a_number_that_is_cut_off_is_not_taken_for_a_whole_one() -> None:
    assert refused(read_license(b'{"license_no": "L-1", "version": 4')).identity.version is None
