"""A record that can be read and yet not be decided: its document is put up for review."""

import orjson

from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import refused
from exportwatch_events.catalogue import ErrorCode

RECORD = orjson.dumps(
    {
        "event_id": "EV-1",
        "event_type": "shipment.cancelled",
        "event_time": "2025-09-01T08:00:00+08:00",
        "source": "ERP-TEST",
        "shipment_id": "S-1",
        "version": 7,
    }
)


def test_the_document_of_a_record_that_screening_failed_on_is_put_up_for_review() -> None:
    snapshot = ControlContent(load_rules()).snapshot()
    outcome = refused(RECORD, (), snapshot, ErrorCode.INTERNAL_ERROR, "screening raised KeyError")
    assert outcome.code is ErrorCode.INTERNAL_ERROR
    assert outcome.decision is not None
    decision = orjson.loads(outcome.decision.value)
    assert decision["document"]["key"] == "default/ERP-TEST/shipment/S-1"
    assert decision["document"]["version"] == 7
    assert decision["result"] == "review"
    assert [r["code"] for r in decision["reasons"]] == ["RECORD_UNREADABLE"]


def test_a_record_that_names_no_document_is_refused_without_one() -> None:
    snapshot = ControlContent(load_rules()).snapshot()
    assert refused(b"[]", (), snapshot, ErrorCode.INTERNAL_ERROR, "x").decision is None
