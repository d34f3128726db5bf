"""The headers that AsyncAPI promises are those that are written, and the file is what topics and models say."""

from pathlib import Path

import pytest

from decision_builders import controlled, decision, decision_headers
from exportwatch.broker import asyncapi
from exportwatch.screening.decide import Decided
from exportwatch.streaming.wire import InputRecord, Refusal, decided_record, quarantine_record
from exportwatch_events.catalogue import DECISIONS, QUARANTINE, SHIPMENTS, ErrorCode


def ours(headers: object) -> set[str]:
    return {name for name in dict(headers) if name.startswith("ew_")}  # type: ignore[call-overload]


def test_the_headers_of_a_decision_are_those_that_are_promised() -> None:
    record = InputRecord(SHIPMENTS, 0, 0, 0, None, b"{}", ())
    decided = Decided("a/b/shipment/c", 1, "review", ("X",), b"{}")  # type: ignore[arg-type]
    written = decided_record(record, decided, b"{}", 12, ErrorCode.NOT_JSON)
    promised = set(asyncapi.HEADERS[DECISIONS]) - {"traceparent"}
    assert ours(written.headers) == promised
    assert ours(decision_headers(decision(controlled()))) <= promised


def test_the_headers_of_a_quarantined_record_are_those_that_are_promised() -> None:
    record = InputRecord(SHIPMENTS, 0, 0, 0, None, b"{}", ())
    written = quarantine_record(record, Refusal(ErrorCode.NOT_JSON, "it is not", "a/b/shipment/c"), 6)
    assert ours(written.headers) == set(asyncapi.HEADERS[QUARANTINE])


def test_the_file_is_what_topics_and_models_say() -> None:
    assert asyncapi.main(["--check"]) == 0


def test_a_file_that_is_not_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = tmp_path / "asyncapi.yaml"
    stale.write_text(asyncapi.text().replace("action: send", "action: receive", 1))
    monkeypatch.setattr(asyncapi, "FILE", stale)
    assert asyncapi.main(["--check"]) == 1
