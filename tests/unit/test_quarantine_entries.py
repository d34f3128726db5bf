"""The quarantine topic read as entries, what is published again, and what a terminal is shown."""

import json
from dataclasses import replace

import pytest

from exportwatch.quarantine.entries import (
    Done,
    Entry,
    Log,
    RecordId,
    Selection,
    done_record,
    read_done,
    replay_record,
)
from exportwatch.quarantine.page import readable, table, visible, whole
from exportwatch.quarantine.topic import AT_ONCE, runs
from exportwatch.streaming.wire import (
    InputRecord,
    Marker,
    OutputRecord,
    Refusal,
    Source,
    last_headers,
    quarantine_record,
)
from exportwatch_events.catalogue import QUARANTINE, SHIPMENTS, ErrorCode

SENT = InputRecord(SHIPMENTS, 3, 41, 1_700_000_000_000, b"k", b'{"a": 1}', (("trace", b"1"), ("empty", None)))
REFUSAL = Refusal(ErrorCode.INTERNAL_ERROR, "screening raised KeyError", "default/ERP-P01/shipment/S1")
DONE = Done(Marker.REPLAYED, "operator", "2026-03-02T08:00:00+00:00", "quarantine replay 2/17")


def kept(sent: InputRecord = SENT, refusal: Refusal = REFUSAL, at: tuple[int, int] = (2, 17)) -> InputRecord:
    """The record as it stands in the quarantine topic."""
    return stored(quarantine_record(sent, refusal, 6), at)


def stored(record: OutputRecord, at: tuple[int, int]) -> InputRecord:
    return InputRecord(QUARANTINE, *at, 1_772_409_600_000, record.key, record.value, record.headers)


def entries(*records: InputRecord) -> list[Entry]:
    log = Log()
    for record in records:
        log.take(record)
    return log.entries()


def test_a_record_is_replayed_as_it_came_in_with_one_header_more() -> None:
    assert replay_record(kept()) == OutputRecord(
        SHIPMENTS, 3, b"k", b'{"a": 1}', (*SENT.headers, ("ew_replay_of", f"{QUARANTINE}/2/17".encode()))
    )


def test_headers_of_our_names_that_a_producer_sent_are_the_producers_and_go_with_the_replay() -> None:
    theirs = (("ew_source", b"a/1/2"), ("ew_error_code", b"theirs"), ("ew_document", b"theirs"))
    sent = SENT._replace(headers=theirs)
    found = kept(sent, REFUSAL._replace(document=None))
    assert replay_record(found).headers[:-1] == theirs
    [entry] = entries(found)
    assert (entry.source, entry.code, entry.document) == (SENT.source, "INTERNAL_ERROR", None)


def test_a_replay_that_was_bad_again_names_only_the_last_record_that_it_repeats() -> None:
    first = replay_record(kept())
    again = kept(InputRecord(*first[:2], 50, 0, *first[2:]), at=(2, 30))
    assert [value for name, value in replay_record(again).headers if name == "ew_replay_of"] == [
        f"{QUARANTINE}/2/30".encode()
    ]
    [_, entry] = entries(kept(), again)
    assert (entry.replay_of, entry.state) == (f"{QUARANTINE}/2/17", "open")


def test_a_marker_says_who_did_what_when_to_which_records_and_nothing_of_their_bytes() -> None:
    [entry] = entries(kept())
    written = done_record(replace(DONE, marker=Marker.DROPPED, reason="a test"), [entry], 6)
    assert (written.topic, written.partition) == (QUARANTINE, quarantine_record(SENT, REFUSAL, 6).partition)
    assert last_headers(written.headers) == {"ew_marker": b"dropped", "ew_source": b"erp.shipments.v1/3/41"}
    assert json.loads(written.value or b"") == {
        "marker": "dropped",
        "topic": SHIPMENTS,
        "partition": 3,
        "records": ["2/17"],
        "by": "operator",
        "at": "2026-03-02T08:00:00+00:00",
        "command": "quarantine replay 2/17",
        "reason": "a test",
    }


def test_a_record_is_done_once_a_marker_names_it_and_the_others_stay_open() -> None:
    other = kept(SENT._replace(offset=42), at=(2, 18))
    [entry] = entries(kept())
    found = entries(kept(), other, stored(done_record(DONE, [entry], 6), (2, 19)))
    assert [(str(one.ids[0]), one.state) for one in found] == [("2/17", "replayed"), ("2/18", "open")]
    assert found[0].done == DONE


def test_two_copies_of_one_record_are_one_entry_and_done_together() -> None:
    copies = [kept(), kept(at=(2, 18))]
    [entry] = entries(*copies)
    assert entry.ids == (RecordId(2, 17), RecordId(2, 18))
    [entry] = entries(*copies, stored(done_record(DONE, [entry], 6), (2, 19)))
    assert entry.state == "replayed"


def test_a_copy_that_comes_after_the_marker_opens_the_entry_again() -> None:
    [entry] = entries(kept())
    marker = stored(done_record(DONE, [entry], 6), (2, 18))
    assert [one.state for one in entries(kept(), marker, kept(at=(2, 19)))] == ["open"]


def test_offsets_of_an_input_topic_that_was_made_anew_are_other_records() -> None:
    later = SENT._replace(timestamp_ms=SENT.timestamp_ms + 1)
    assert len(entries(kept(), kept(later, at=(2, 18)))) == 2


@pytest.mark.parametrize(
    "value",
    [None, b"", b"[]", b"{}", b'{"marker": "paused"}', b'{"marker":"dropped","by":"a","at":"b","records":5}'],
)
def test_a_marker_that_is_not_ours_says_nothing(value: bytes | None) -> None:
    assert read_done(value) == {}


def test_what_is_no_record_of_ours_is_no_entry() -> None:
    assert entries(InputRecord(QUARANTINE, 0, 0, 0, None, b"{}", ())) == []


@pytest.mark.parametrize(
    ("selection", "found"),
    [
        (Selection(), True),
        (Selection(ids=frozenset({RecordId(2, 17)})), True),
        (Selection(ids=frozenset({RecordId(2, 18)})), False),
        (Selection(codes=("NOT_JSON", "INTERNAL_ERROR")), True),
        (Selection(codes=("NOT_JSON",)), False),
        (Selection(topic=SHIPMENTS, partition=3), True),
        (Selection(topic=SHIPMENTS, partition=0), False),
        (Selection(topic="erp.contracts.v1"), False),
        (Selection(document="S1"), True),
        (Selection(document="default/ERP-P01/shipment/S1"), True),
        (Selection(document="S"), False),
        (Selection(since_ms=1_772_409_600_000), True),
        (Selection(since_ms=1_772_409_600_001), False),
        (Selection(until_ms=1_772_409_600_001), True),
        (Selection(until_ms=1_772_409_600_000), False),
    ],
)
def test_filters_narrow_down_what_is_meant(selection: Selection, found: bool) -> None:
    [entry] = entries(kept())
    assert selection.takes(entry) is found


@pytest.mark.parametrize("text", ["", "2", "2/", "a/1", "2/17/1", "-1/2", "2/²"])
def test_nonsense_is_no_id(text: str) -> None:
    with pytest.raises(ValueError):
        RecordId.read(text)


def test_runs_are_of_one_input_partition_in_its_order_and_not_too_long() -> None:
    [entry] = entries(kept())
    many = [replace(entry, source=Source(SHIPMENTS, number % 2, 1000 - number)) for number in range(300)]
    found = list(runs(many))
    assert [len(run) for run in found] == [AT_ONCE, 50, AT_ONCE, 50]
    for run in found:
        assert run == sorted(run, key=lambda one: one.source)
        assert len({one.source.partition for one in run}) == 1


# -- on a terminal -----------------------------------------------------------------------------------------


def test_what_a_producer_sent_cannot_steer_the_terminal() -> None:
    shown = visible("a\x1b[2Jb\u202ec\x9bd\r\n镝 ü")
    assert shown == "a\\x1b[2Jb\\u202ec\\x9bd\\r\n镝 ü"
    hostile = kept(refusal=Refusal(ErrorCode.UNKNOWN_TYPE, "\x1b[2J\nforged row", "\x1b]0;x\x07"))
    lines = list(table(entries(hostile), with_state=False))
    assert len(lines) == 2
    assert "\x1b" not in "".join(lines)


def test_a_table_has_a_line_for_each_entry_and_a_long_message_is_cut() -> None:
    long = kept(SENT._replace(offset=42), Refusal(ErrorCode.FIELD_TYPE, "x" * 300), (2, 18))
    lines = list(table(entries(kept(), long), with_state=True))
    assert lines[0].split() == ["id", "state", "when", "source", "code", "document", "message"]
    assert lines[1].split()[:5] == [
        "2/17",
        "open",
        "2026-03-02T00:00:00+00:00",
        "erp.shipments.v1/3/41",
        "INTERNAL_ERROR",
    ]
    assert lines[2].endswith("x" * 99 + "…")
    assert lines[1].index("INTERNAL_ERROR") == lines[2].index("FIELD_TYPE")


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b'{"b":{"name":"\xe9\x95\x9d"}}', '{\n  "b": {\n    "name": "镝"\n  }\n}'),
        (b'{"a": "\\u001b[2J"}', '{\n  "a": "\\u001b[2J"\n}'),
        (b'{"broken', '{"broken'),
        (b"[" * 100_000, "[" * 100_000),
        (b"\xff\x00A", "not UTF-8:\n  00000000  ff 00 41" + " " * 41 + "..A"),
        (b"", ""),
    ],
)
def test_json_is_indented_and_what_is_no_text_is_a_dump(data: bytes, shown: str) -> None:
    assert readable(data) == shown


def test_the_page_of_a_record_has_what_is_wrong_its_own_headers_and_its_value() -> None:
    [entry] = entries(kept())
    page = "\n".join(whole(entry, kept()))
    assert "what is wrong: screening raised KeyError" in page
    assert "  trace: 1\n  empty: none\nkey: k\nvalue (8 bytes):" in page
    assert '"a": 1' in page
    assert "ew_error" not in page


def test_the_page_of_a_dropped_record_says_why() -> None:
    done = replace(DONE, marker=Marker.DROPPED, command="quarantine drop 2/17", reason="a test of ours")
    [entry] = [replace(one, done=done) for one in entries(kept())]
    page = "\n".join(whole(entry, kept()))
    assert "by operator at 2026-03-02T08:00:00+00:00 with `quarantine drop 2/17`: a test of ours" in page
