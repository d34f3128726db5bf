"""Whatever bytes arrive, reading gives an event or a reason; and the shortcuts agree with plain counting."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from exportwatch_events.control import read_law, read_license, read_party
from exportwatch_events.documents import ShipmentEvent
from exportwatch_events.envelope import Unreadable, read_document
from exportwatch_events.jsontext import deeper_than, salvage

WHOLE: dict[str, Any] = {
    "event_id": "1",
    "event_type": "shipment.created",
    "event_time": "2025-06-02T09:30:00+08:00",
    "source": "ERP-P01",
    "shipment_id": "SH-1",
    "version": 1,
    "from": {"country": "CN"},
    "to": {"country": "JP"},
    "parties": [{"role": "buyer", "name": "A"}],
    "items": [{"item_id": "1", "description": "d"}],
}
TEXT = st.text('ab"\\[]{}:,é中', max_size=6)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=20)
NAMES = st.sampled_from(sorted(WHOLE))
VALUE = json.dumps(WHOLE).encode()


def depth_of(value: Any) -> int:
    match value:
        case dict():
            return 1 + max(map(depth_of, value.values()), default=0)
        case list():
            return 1 + max(map(depth_of, value), default=0)
        case _:
            return 0


@given(st.binary(max_size=300), st.lists(st.tuples(st.text(max_size=8), st.none() | st.binary(max_size=8))))
def test_any_bytes_can_be_read_or_refused(value: bytes, headers: list[tuple[str, bytes | None]]) -> None:
    assert isinstance(read_document(value, headers), Unreadable)
    for reader in (read_license, read_party, read_law):
        reader(value, value)


@given(st.integers(0, len(VALUE)), st.integers(0, len(VALUE)), st.binary(max_size=4))
def test_a_damaged_document_can_be_read_or_refused(start: int, end: int, patch: bytes) -> None:
    read_document(VALUE[:start] + patch + VALUE[end:])


@given(NAMES, JSON)
def test_any_json_in_a_required_field_is_read_or_refused_by_name(name: str, odd: Any) -> None:
    outcome = read_document(json.dumps(WHOLE | {name: odd}).encode())
    if isinstance(outcome, Unreadable):
        assert (outcome.field or "").startswith(name)
        assert outcome.message


@given(JSON)
def test_any_json_in_optional_fields_is_read(odd: Any) -> None:
    item = {"item_id": "1", "description": "d", "quantity": odd, "cas": odd, "parameters": odd}
    outcome = read_document(json.dumps(WHOLE | {"end_use": odd, "via": odd, "items": [item]}).encode())
    assert isinstance(outcome, ShipmentEvent)


@given(JSON, st.integers(2, 12))
def test_depth_agrees_with_counting(value: Any, limit: int) -> None:
    assert deeper_than(json.dumps(value).encode(), limit) is (depth_of(value) > limit)


@given(st.lists(st.sampled_from(['"', "\\", "[", "]", "{", "}", ":", ",", "a", '"source"', "1"])))
def test_salvage_takes_any_text(pieces: list[str]) -> None:
    salvage("".join(pieces).encode(), ("source", "version"))


@given(st.dictionaries(st.sampled_from(["source", "version", "tenant", "a"]), JSON))
def test_salvage_of_whole_json_finds_what_parsing_finds(body: dict[str, Any]) -> None:
    found = salvage(json.dumps(body).encode(), ("source", "version"))
    for name in ("source", "version"):
        said = body.get(name)
        if isinstance(said, str) or (type(said) is int and abs(said) < 10**18):
            assert found[name] == said
        else:
            assert name not in found
