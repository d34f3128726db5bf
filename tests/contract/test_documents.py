"""What an event gives when it was read: its document, its moment, its fields as they stand in the JSON."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exportwatch_events.catalogue import DocumentType
from exportwatch_events.documents import (
    Cancellation,
    ContractEvent,
    DocumentEvent,
    ShipmentCancellation,
    ShipmentEvent,
    moment_of,
    utc_text,
)
from exportwatch_events.envelope import Unreadable, read_document

VALID = Path(__file__).parents[2] / "schemas" / "examples" / "valid"
SHIPMENT: dict[str, Any] = json.loads((VALID / "shipment/minimal.json").read_text("utf-8"))


def written(**changes: Any) -> bytes:
    return json.dumps(SHIPMENT | changes).encode()


def event_of(value: bytes) -> DocumentEvent:
    outcome = read_document(value)
    assert not isinstance(outcome, Unreadable), outcome
    return outcome


def shipment_of(value: bytes) -> ShipmentEvent:
    event = event_of(value)
    assert isinstance(event, ShipmentEvent)
    return event


def test_an_event_names_its_document() -> None:
    document = event_of(written(tenant="a/b")).document
    assert document.key == "a%2Fb/ERP-P01/shipment/SH-1001"
    assert (document.type, document.id, document.tenant, document.source) == (
        DocumentType.SHIPMENT,
        "SH-1001",
        "a/b",
        "ERP-P01",
    )
    assert (document.version, document.event_id) == (1, "SH-1001-1")


def test_the_event_type_decides_and_not_the_topic() -> None:
    contract = json.loads((VALID / "contract/minimal.json").read_text("utf-8"))
    assert isinstance(read_document(json.dumps(contract).encode()), ContractEvent)
    cancellation = event_of(written(event_type="shipment.cancelled"))
    assert isinstance(cancellation, Cancellation)
    assert isinstance(cancellation, ShipmentCancellation)


def test_a_missing_optional_field_is_unknown_and_not_a_fact() -> None:
    event = shipment_of(written())
    assert event.export_date is None
    assert event.end_use is None
    assert event.items[0].get("kind") is None
    assert event.items[0].get("uses_chinese_technology") is None


def test_a_field_keeps_its_json_value() -> None:
    event = shipment_of(written(licenses=["A", 5, None], customs_regime="0110"))
    assert event.licenses == ["A", 5, None]
    assert event.customs_regime == "0110"


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2025-06-02T09:30:00+08:00", "2025-06-02T01:30:00.000000Z"),
        ("2025-06-02T01:30:00Z", "2025-06-02T01:30:00.000000Z"),
        ("2025-06-02 01:30:00.5+00:00", "2025-06-02T01:30:00.500000Z"),
        ("2025-06-02T01:30:00.123456789Z", "2025-06-02T01:30:00.123456Z"),
        ("1900-01-01T00:00:00+14:00", "1899-12-31T10:00:00.000000Z"),
        ("2999-12-31T23:59:59-12:00", "3000-01-01T11:59:59.000000Z"),
    ],
)
def test_a_moment_is_written_in_utc_and_fixed_width(text: str, utc: str) -> None:
    moment = moment_of(text)
    assert moment is not None
    assert utc_text(moment) == utc


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-06-02",
        "2025-06-02T09:30:00",
        "1748827800",
        "2025-02-30T00:00:00Z",
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00",
        "now",
    ],
)
def test_what_is_no_moment_is_none(text: str) -> None:
    assert moment_of(text) is None


def test_the_moment_of_an_event_carries_its_offset() -> None:
    assert event_of(written()).moment.utcoffset() == timedelta(hours=8)
