"""What goes out for a judgement, header by header; how runs are cut into batches."""

from dataclasses import dataclass

import orjson

from exportwatch.streaming.batches import LONGEST_BATCH, interleaved
from exportwatch.streaming.partitions import TP
from exportwatch.streaming.wire import (
    LONGEST_MESSAGE,
    InputRecord,
    Marker,
    OutputRecord,
    Refusal,
    Source,
    control_header,
    decided_record,
    last_headers,
    marker_record,
    quarantine_partition,
    quarantine_record,
)
from exportwatch_events.catalogue import DECISIONS, QUARANTINE, ErrorCode, Result


@dataclass(frozen=True)
class Decided:
    document_key: str = "default/ERP-P01/shipment/S1"
    version: int = 7
    result: Result = Result.REVIEW
    touches: tuple[str, ...] = ("CN-2025-18", "CN-2025-58")
    value: bytes = b"{}"


RECORD = InputRecord("erp.shipments.v1", 3, 41, 1_700_000_000_000, b"k", b"v", ())


def test_a_decision_is_a_cloud_event_that_a_reader_can_pass_over_by_its_headers() -> None:
    written = decided_record(RECORD, Decided(), b'{"a":1}', 12)
    assert (written.topic, written.key, written.value) == (
        DECISIONS,
        b"default/ERP-P01/shipment/S1@7",
        b"{}",
    )
    assert dict(written.headers) == {
        "ce_specversion": b"1.0",
        "ce_source": b"exportwatch/screening",
        "ce_type": b"exportwatch.decision.v1",
        "content-type": b"application/json",
        "ce_id": b"default/ERP-P01/shipment/S1@7",
        "ce_subject": b"default/ERP-P01/shipment/S1",
        "ew_document": b"default/ERP-P01/shipment/S1",
        "ew_version": b"7",
        "ew_result": b"review",
        "ew_touches": b"CN-2025-18,CN-2025-58",
        "ew_source": b"erp.shipments.v1/3/41",
        "ew_control": b'{"a":1}',
    }


def test_a_decision_on_a_quarantined_record_says_so() -> None:
    written = decided_record(RECORD, Decided(), b"{}", 12, ErrorCode.FIELD_TYPE)
    assert dict(written.headers)["ew_quarantined"] == b"FIELD_TYPE"


def test_versions_of_a_document_lie_in_one_partition() -> None:
    assert len({decided_record(RECORD, Decided(version=n), b"", 12).partition for n in range(50)}) == 1


def test_all_about_an_input_partition_lies_in_one_partition_of_quarantine() -> None:
    bad = [
        quarantine_record(RECORD._replace(offset=n, key=str(n).encode()), Refusal(ErrorCode.NOT_JSON, ""), 6)
        for n in range(50)
    ]
    marker = marker_record(Marker.PAUSED, RECORD.source, 6, {"offset": 41})
    assert {one.partition for one in (*bad, marker)} == {quarantine_partition("erp.shipments.v1", 3, 6)}
    assert len({quarantine_partition("erp.shipments.v1", n, 6) for n in range(30)}) == 6


def test_a_marker_names_its_partition_in_value_and_headers() -> None:
    written = marker_record(Marker.GAP, Source("a", 1, 5), 6, {"from": 5, "to": 9})
    assert written.topic == QUARANTINE
    assert orjson.loads(written.value or b"") == {
        "marker": "gap",
        "topic": "a",
        "partition": 1,
        "from": 5,
        "to": 9,
    }
    assert last_headers(written.headers) == {"ew_marker": b"gap", "ew_source": b"a/1/5"}


PARENT = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_the_trace_of_a_record_goes_on_to_its_decision_and_stays_on_its_quarantined_record() -> None:
    traced = RECORD._replace(headers=(("ce_traceparent", PARENT), ("ce_tracestate", b"a=1")))
    plain = decided_record(RECORD, Decided(), b"", 12).headers
    assert decided_record(traced, Decided(), b"", 12).headers == (
        *plain,
        ("traceparent", PARENT),
        ("tracestate", b"a=1"),
    )
    refused = quarantine_record(traced, Refusal(ErrorCode.NOT_JSON, "no"), 6)
    assert refused.headers[:2] == traced.headers


def test_a_trace_that_is_not_valid_stays_behind() -> None:
    untraced = RECORD._replace(headers=(("traceparent", b"00-1-2-3"), ("tracestate", b"a=1")))
    assert decided_record(untraced, Decided(), b"", 12) == decided_record(RECORD, Decided(), b"", 12)


def test_a_long_message_is_cut() -> None:
    written = quarantine_record(RECORD, Refusal(ErrorCode.NOT_JSON, "ä" * 5000), 6)
    assert len(last_headers(written.headers)["ew_error"].decode()) == LONGEST_MESSAGE


def test_a_source_is_read_back_and_nonsense_is_not() -> None:
    assert Source.read(RECORD.source.text.encode()) == RECORD.source
    for nonsense in (None, b"", b"a/b", b"a/b/c", b"a/1/2/3", b"\xff/1/2"):
        assert Source.read(nonsense) is None


def test_positions_of_the_control_topics_are_written_in_one_order() -> None:
    assert control_header({"b": 2, "a": 1}) == control_header({"a": 1, "b": 2}) == b'{"a":1,"b":2}'


def test_the_size_of_a_record_counts_key_value_and_headers() -> None:
    small = OutputRecord("t", 0, None, None, ())
    assert OutputRecord("t", 0, b"k" * 10, b"v" * 100, (("h", b"w" * 50),)).size >= small.size + 161


def test_runs_are_cut_and_partitions_take_turns() -> None:
    one, other = TP("t", 0), TP("t", 1)
    long, short = list(range(2 * LONGEST_BATCH + 1)), [1, 2]
    cut = list(interleaved([(one, 1, long), (other, 4, short)]))
    assert [(tp, epoch, len(records)) for tp, epoch, records in cut] == [
        (one, 1, LONGEST_BATCH),
        (other, 4, 2),
        (one, 1, LONGEST_BATCH),
        (one, 1, 1),
    ]
    assert [record for tp, _, records in cut if tp == one for record in records] == long
