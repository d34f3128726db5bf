"""What exportwatch writes for its example events is what the contract says, field by field and in order."""

from functools import cache
from typing import Any

import orjson
import pytest
from pydantic import BaseModel, ValidationError

from decision_builders import decision_headers
from exportwatch.alerting.drafts import AlertRules
from exportwatch.alerting.late import LateWindow
from exportwatch.alerting.partition import DecisionRecord, PartitionMemory
from exportwatch.examples import control_records, document_records
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Rejected, screen
from exportwatch.streaming.wire import InputRecord, Refusal, quarantine_record
from exportwatch_events.alerts import Alert
from exportwatch_events.catalogue import ErrorCode
from exportwatch_events.decisions import Decision
from exportwatch_events.quarantine import QuarantineHeaders

LARGEST = 1_000_000


@cache
def decisions() -> tuple[bytes, ...]:
    content = ControlContent(load_rules(None))
    for record in control_records():
        content.fold(record.topic, record.key, record.value)
    snapshot = content.snapshot()
    outcomes = [screen(record.value, record.headers, snapshot, LARGEST) for record in document_records()]
    decided = [outcome.decision if isinstance(outcome, Rejected) else outcome for outcome in outcomes]
    return tuple(one.value for one in decided if one is not None)


@cache
def alerts() -> tuple[bytes, ...]:
    partition = PartitionMemory(AlertRules(), LateWindow(3600, 1000))
    written: list[bytes] = []
    for value in decisions():
        taken = partition.take(DecisionRecord(value, decision_headers(orjson.loads(value)), 0))
        written += [record.value for record in taken.records]
    return tuple(written)


def out_of_order(model: type[BaseModel], body: dict[str, Any]) -> list[str]:
    """The fields of an object that do not stand where the model has them."""
    wanted = [
        field.alias or name for name, field in model.model_fields.items() if (field.alias or name) in body
    ]
    return [name for name, own in zip(wanted, body, strict=True) if name != own]


def test_every_decision_on_an_example_is_as_the_contract_says() -> None:
    assert len(decisions()) > 50
    for value in decisions():
        Decision.model_validate_json(value)
        assert out_of_order(Decision, orjson.loads(value)) == []


def test_the_examples_bring_out_every_kind_of_decision() -> None:
    bodies = [orjson.loads(value) for value in decisions()]
    assert {"active", "cancelled"} == {body["document"]["state"] for body in bodies}
    assert any(reason["code"] == "RECORD_UNREADABLE" for body in bodies for reason in body.get("reasons", ()))
    assert {"license_required", "review", "not_required"} <= {body["result"] for body in bodies}


def test_every_alert_of_an_example_is_as_the_contract_says() -> None:
    assert len(alerts()) > 10
    for value in alerts():
        Alert.model_validate_json(value)
        assert out_of_order(Alert, orjson.loads(value)) == []


def test_the_examples_bring_out_alerts_of_items_and_of_documents() -> None:
    bodies = [orjson.loads(value) for value in alerts()]
    assert {True, False} == {body["item"] is None for body in bodies}
    assert {"opened", "cleared"} <= {body["change"]["kind"] for body in bodies}


@pytest.mark.parametrize("model", [Decision, Alert])
def test_a_field_too_many_a_field_too_few_and_a_field_out_of_place_are_found(model: type[BaseModel]) -> None:
    body = orjson.loads((decisions() if model is Decision else alerts())[0])
    name, first = next(iter(body.items()))
    rest = {key: value for key, value in body.items() if key != name}
    with pytest.raises(ValidationError):
        model.model_validate_json(orjson.dumps(body | {"score": 1}))
    with pytest.raises(ValidationError):
        model.model_validate_json(orjson.dumps(rest))
    assert out_of_order(model, rest | {name: first}) != []


@pytest.mark.parametrize("document", [None, "default/ERP-P01/shipment/SH-1"])
def test_the_headers_of_a_quarantined_record_are_as_the_contract_says(document: str | None) -> None:
    record = InputRecord("erp.shipments.v1", 3, 1042, 1748827800000, b"k", b"x", (("ew_source", b"forged"),))
    written = quarantine_record(record, Refusal(ErrorCode.NOT_JSON, "the record is not JSON", document), 6)
    headers = {name: value.decode() for name, value in written.headers if value is not None}
    read = QuarantineHeaders.model_validate_json(orjson.dumps(headers))
    assert (read.ew_error_code, read.ew_source) == (ErrorCode.NOT_JSON, "erp.shipments.v1/3/1042")
    assert read.ew_document == document
    assert (written.key, written.value) == (b"k", b"x")
