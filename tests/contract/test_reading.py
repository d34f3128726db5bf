"""What the contract says of records that no example file can hold."""

import base64
import json
import math
from pathlib import Path
from typing import Any

import pytest

from exportwatch_events.catalogue import DocumentType, ErrorCode
from exportwatch_events.documents import (
    DocumentEvent,
    ShipmentEvent,
)
from exportwatch_events.envelope import Unreadable, read_document

VALID = Path(__file__).parents[2] / "schemas" / "examples" / "valid"
SHIPMENT: dict[str, Any] = json.loads((VALID / "shipment/minimal.json").read_text("utf-8"))
KEY = "default/ERP-P01/shipment/SH-1001"


def written(**changes: Any) -> bytes:
    return json.dumps(SHIPMENT | changes).encode()


def event_of(value: bytes, *headers: tuple[str, bytes | None]) -> DocumentEvent:
    outcome = read_document(value, headers)
    assert not isinstance(outcome, Unreadable), outcome
    return outcome


def shipment_of(value: bytes) -> ShipmentEvent:
    event = event_of(value)
    assert isinstance(event, ShipmentEvent)
    return event


def refusal_of(
    value: bytes | None, *headers: tuple[str, bytes | None], max_bytes: int | None = None
) -> Unreadable:
    outcome = read_document(value, headers, max_bytes)
    assert isinstance(outcome, Unreadable), outcome
    return outcome


def with_literal(name: str, literal: str) -> bytes:
    return written()[:-1] + f', "{name}": {literal}}}'.encode()


def test_a_null_value_is_not_json_and_the_message_says_null_value() -> None:
    refusal = refusal_of(None)
    assert refusal.code is ErrorCode.NOT_JSON
    assert "null value" in refusal.message
    assert refusal.document is None


def test_the_source_of_a_null_value_or_of_text_that_names_nothing_is_no_document() -> None:
    assert refusal_of(b"}", ("ce_source", b"ERP-P01")).document is None


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_a_number_that_is_none_is_read_in_an_optional_field(literal: str) -> None:
    value = shipment_of(with_literal("customs_regime", literal)).customs_regime
    assert isinstance(value, float)
    assert not math.isfinite(value)


def test_a_number_that_is_none_survives_the_filling_of_attributes() -> None:
    body = {name: value for name, value in SHIPMENT.items() if name != "event_id"} | {
        "customs_regime": math.nan
    }
    event = event_of(json.dumps(body).encode(), ("ce_id", b"7"))
    assert isinstance(event, ShipmentEvent)
    assert math.isnan(event.customs_regime)


def test_of_a_name_given_twice_the_later_value_counts() -> None:
    assert event_of(with_literal("version", "9")).version == 9


def test_an_integer_of_more_digits_than_python_reads_is_refused_and_the_document_named() -> None:
    refusal = refusal_of(with_literal("customs_regime", "1" + "0" * 5000))
    assert refusal.code is ErrorCode.NOT_JSON
    assert refusal.document is not None
    assert refusal.document.key == KEY


def test_an_integer_of_a_thousand_digits_is_read() -> None:
    assert shipment_of(with_literal("customs_regime", "1" + "0" * 1000)).customs_regime == 10**1000


@pytest.mark.parametrize("opener", ["[", '{"a":', '[{"a":'])
def test_nesting_of_a_hundred_thousand_levels_is_too_deep_and_the_document_named(opener: str) -> None:
    refusal = refusal_of(written()[:-1] + f', "remarks": {opener * 100_000}'.encode())
    assert refusal.code is ErrorCode.TOO_DEEP
    assert refusal.document is not None
    assert (refusal.document.key, refusal.document.version) == (KEY, 1)


def test_brackets_in_texts_nest_nothing() -> None:
    for text in ("[" * 200, '"[' * 200, "\\[" * 200, '\\"[{' * 100, "]" * 200 + "[" * 200):
        assert shipment_of(written(customs_regime=text)).customs_regime == text


def test_brackets_in_texts_do_not_hide_that_a_record_is_too_deep() -> None:
    nested: Any = "["
    for _ in range(70):
        nested = ["]", nested]
    assert refusal_of(written(remarks=[nested, "[" * 70])).code is ErrorCode.TOO_DEEP


def test_a_long_document_is_not_a_deep_one() -> None:
    items = [{"item_id": str(number), "description": "chair", "cas": []} for number in range(500)]
    assert len(shipment_of(written(items=items)).items) == 500


def test_a_cancellation_is_too_deep_like_any_record() -> None:
    nested: Any = []
    for _ in range(70):
        nested = [nested]
    assert refusal_of(written(event_type="shipment.cancelled", items=nested)).code is ErrorCode.TOO_DEEP


def test_a_record_of_exactly_the_size_that_the_topic_allows_is_read() -> None:
    value = written()
    assert isinstance(read_document(value, (), len(value)), ShipmentEvent)
    refusal = refusal_of(value, max_bytes=len(value) - 1)
    assert refusal.code is ErrorCode.TOO_LARGE
    assert refusal.document is not None
    assert refusal.document.key == KEY


def test_a_large_record_that_is_not_json_still_names_its_document() -> None:
    refusal = refusal_of(written()[:-1] + b', "note": "' + b"x" * 5_000_000, max_bytes=1_000_000)
    assert refusal.code is ErrorCode.TOO_LARGE
    assert refusal.document is not None


def test_the_same_bytes_without_the_attributes_they_lack_are_refused() -> None:
    body = {name: value for name, value in SHIPMENT.items() if name != "source"}
    value = json.dumps(body).encode()
    assert refusal_of(value).field == "source"
    assert event_of(value, ("ce_source", b"OTHER")).source == "OTHER"


def test_a_null_field_is_filled_by_an_attribute() -> None:
    assert event_of(written(event_id=None), ("ce_id", b"from-header")).event_id == "from-header"


@pytest.mark.parametrize(
    ("attribute", "is_known"),
    [
        (b"shipment.created", True),
        (b"shipment.created.v1", True),
        (b"org.example.shipment.created.v12", True),
        (b"org.example.shipment.created.vX", False),
        (b"org.example.shipment.created.later", False),
        (b"", False),
        (b"\xff", False),
    ],
)
def test_an_attribute_type_counts_when_it_ends_in_an_event_type(attribute: bytes, is_known: bool) -> None:
    body = {name: value for name, value in SHIPMENT.items() if name != "event_type"}
    outcome = read_document(json.dumps(body).encode(), [("ce_type", attribute)])
    assert isinstance(outcome, ShipmentEvent) is is_known


def test_an_event_type_in_the_body_is_taken_as_it_stands() -> None:
    refusal = refusal_of(
        written(event_type="org.example.shipment.created.v1"), ("ce_type", b"shipment.created")
    )
    assert refusal.code is ErrorCode.UNKNOWN_TYPE


def test_headers_with_null_values_and_strange_bytes_are_passed_over() -> None:
    headers = [
        ("traceparent", None),
        ("ce_id", None),
        ("ce_source", b"\xff"),
        ("content-type", b"\xff"),
        ("x", b""),
    ]
    assert isinstance(read_document(written(), headers), ShipmentEvent)
    assert isinstance(read_document(written(event_id=None), headers), Unreadable)


def test_of_an_attribute_given_twice_the_last_counts() -> None:
    assert event_of(written(event_id=None), ("ce_id", b"1"), ("CE_ID", b"2")).event_id == "2"


def test_structured_mode_fills_from_its_own_attributes_before_the_headers() -> None:
    body = {name: value for name, value in SHIPMENT.items() if name not in ("event_id", "source")}
    outer = {"specversion": "1.0", "id": "of-body", "data": body}
    event = event_of(json.dumps(outer).encode(), ("ce_id", b"of-header"), ("ce_source", b"ERP-P01"))
    assert (event.event_id, event.source) == ("of-body", "ERP-P01")


def test_structured_mode_in_base64_after_a_schema_registry_prefix() -> None:
    data = base64.b64encode(written()).decode()
    outer = json.dumps({"specversion": "1.0", "data_base64": data}).encode()
    assert event_of(b"\x00\x00\x00\x00\x07" + outer).document_key == KEY


def test_depth_is_measured_inside_base64_too() -> None:
    deep = written()[:-1] + b', "remarks": ' + b"[" * 80 + b"]" * 80 + b"}"
    outer = json.dumps({"specversion": "1.0", "data_base64": base64.b64encode(deep).decode()}).encode()
    assert refusal_of(outer).code is ErrorCode.TOO_DEEP


@pytest.mark.parametrize("value", [b"\x00", b"\x00\x00\x00\x00\x07", b"\x00\x00\x00\x00\x07x", b" \n "])
def test_a_prefix_with_nothing_readable_behind_it_is_not_json(value: bytes) -> None:
    assert refusal_of(value).code is ErrorCode.NOT_JSON


def test_a_shipment_does_not_name_the_contract_that_it_fulfils() -> None:
    body = {name: value for name, value in SHIPMENT.items() if name != "shipment_id"} | {"contract_id": "K-1"}
    assert refusal_of(json.dumps(body).encode()).document is None


@pytest.mark.parametrize(
    ("event_type", "kind", "number"),
    [
        ("shipment.lost", DocumentType.SHIPMENT, "SH-1001"),
        ("contract.lost", DocumentType.CONTRACT, "K-1"),
        ("invoice.sent", DocumentType.SHIPMENT, "SH-1001"),
        (None, DocumentType.SHIPMENT, "SH-1001"),
    ],
)
def test_a_record_of_unknown_type_names_the_document_it_speaks_of(
    event_type: str | None, kind: DocumentType, number: str
) -> None:
    named = refusal_of(written(event_type=event_type, contract_id="K-1")).document
    assert named is not None
    assert (named.type, named.id) == (kind, number)


def test_a_named_document_keeps_what_can_be_read_of_its_version() -> None:
    named = refusal_of(written(items=[])).document
    assert named is not None
    assert (named.version, named.event_id, named.event_time) == (
        1,
        "SH-1001-1",
        "2025-06-02T01:30:00.000000Z",
    )
    vague = refusal_of(written(items=[], version="1", event_id=5, event_time="yesterday")).document
    assert vague is not None
    assert (vague.key, vague.version, vague.event_id, vague.event_time) == (KEY, None, None, None)


def test_messages_show_no_names_and_no_descriptions() -> None:
    secret = "Secret Company"
    for changes in (
        {"parties": [{"role": "buyer", "name": [secret]}]},
        {"source": {"x": secret}},
        {"items": [{"item_id": 5, "description": secret}]},
        {"items": [{"item_id": secret, "description": ""}, {"item_id": secret, "description": ""}]},
        {"items": secret},
    ):
        assert secret not in refusal_of(written(**changes)).message


def test_a_shown_value_is_cut_and_cannot_break_a_line() -> None:
    message = refusal_of(written(event_type="x\n" * 1000)).message
    assert "\n" not in message
    assert len(message) < 400
