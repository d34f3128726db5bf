"""When a partition stands still, what makes it go on, and what a restart remembers."""

from collections import deque

from exportwatch.streaming.partitions import TP
from exportwatch.streaming.quarantine import (
    FADING_RECORDS,
    FADING_SECONDS,
    TAIL_RECORDS,
    Guard,
    History,
    Limit,
    Mark,
    fold_note,
    read_note,
)
from exportwatch.streaming.wire import (
    InputRecord,
    Marker,
    OutputRecord,
    Refusal,
    Source,
    marker_record,
    quarantine_record,
)
from exportwatch_events.catalogue import ErrorCode

ONE, OTHER = TP("erp.shipments.v1", 3), TP("erp.shipments.v1", 4)
LIMIT = Limit(records=100, share=0.2, window_seconds=60)


class Feed:
    """Batches of one partition, offsets counted through."""

    def __init__(self, guard: Guard, tp: TP = ONE, start: int = 0) -> None:
        self.guard, self.tp, self.next = guard, tp, start

    def batch(self, now: float, good: int, bad: int) -> bool:
        offsets = range(self.next, self.next + good + bad)
        admitted = self.guard.admit(self.tp, now, offsets, offsets[good:])
        self.next += good + bad if admitted else 0
        return admitted


def test_a_hundred_quarantined_records_are_within_the_limit_and_one_more_is_not() -> None:
    feed = Feed(Guard(LIMIT))
    assert feed.batch(0, good=0, bad=100)
    assert not feed.batch(1, good=0, bad=1)
    assert feed.guard.paused == {ONE: 100}


def test_many_are_within_the_limit_while_they_are_a_small_share() -> None:
    feed = Feed(Guard(LIMIT))
    for second in range(10):
        assert feed.batch(second, good=400, bad=100)
    assert not feed.batch(11, good=0, bad=2), "over 20 % with these"


def test_a_good_batch_never_stops_a_partition() -> None:
    feed = Feed(Guard(LIMIT))
    assert feed.batch(0, good=400, bad=100)
    assert feed.batch(0, good=1, bad=0)


def test_what_lies_before_the_window_does_not_count() -> None:
    feed = Feed(Guard(LIMIT))
    assert feed.batch(0, good=0, bad=100)
    assert not feed.batch(59.9, good=0, bad=1)
    assert Feed(feed.guard).batch(60, good=0, bad=100)


def test_partitions_are_counted_by_themselves() -> None:
    guard = Guard(LIMIT)
    assert Feed(guard, ONE).batch(0, good=0, bad=100)
    assert Feed(guard, OTHER).batch(0, good=0, bad=100)
    assert not Feed(guard, ONE, 100).batch(0, good=0, bad=1)
    assert set(guard.paused) == {ONE}


def test_after_a_resume_records_before_the_given_offset_do_not_count() -> None:
    feed = Feed(Guard(LIMIT))
    feed.batch(0, good=0, bad=100)
    feed.batch(1, good=0, bad=300)
    assert feed.guard.resume(ONE, until=400)
    assert feed.guard.paused == {}
    assert feed.batch(2, good=0, bad=300)
    assert feed.batch(3, good=0, bad=100)
    assert not feed.batch(4, good=0, bad=1)
    assert feed.guard.paused == {ONE: 500}


def test_resuming_what_does_not_stand_still_says_so() -> None:
    assert not Guard(LIMIT).resume(ONE, until=10)


def test_a_resume_that_was_applied_before_leaves_the_count_and_a_later_pause() -> None:
    """As where the topic is read a second time."""
    feed = Feed(Guard(LIMIT))
    feed.batch(0, good=0, bad=101)
    assert feed.guard.resume(ONE, until=50)
    feed.next = 50
    assert feed.batch(1, good=0, bad=100)
    assert not feed.guard.resume(ONE, until=50)
    assert not feed.batch(2, good=0, bad=1)
    assert not feed.guard.resume(ONE, until=50)
    assert feed.guard.paused == {ONE: 150}


def test_a_resume_that_is_not_behind_the_pause_is_none() -> None:
    feed = Feed(Guard(LIMIT), start=1000)
    feed.batch(0, good=0, bad=101)
    assert not feed.guard.resume(ONE, until=1000)
    assert feed.guard.paused == {ONE: 1000}
    assert feed.guard.resume(ONE, until=1001)


def test_a_partition_does_not_stand_before_what_was_allowed() -> None:
    """Or its marker could not be told from one that a resume has overtaken."""
    feed = Feed(Guard(LIMIT))
    feed.batch(0, good=0, bad=300)
    feed.guard.resume(ONE, until=50)
    assert not feed.batch(1, good=0, bad=300)
    assert feed.guard.paused == {ONE: 50}


# -- what is read back from the quarantine topic -----------------------------------------------------------


def read_back(*written: tuple[float, OutputRecord]) -> dict[TP, History]:
    histories: dict[TP, History] = {}
    for at, record in written:
        note = read_note(record.headers, record.value, at)
        assert note is not None
        fold_note(histories, note)
    return histories


def bad(at: float, offset: int, tp: TP = ONE) -> tuple[float, OutputRecord]:
    record = InputRecord(tp.topic, tp.partition, offset, 0, b"key", b"{", (("trace", b"1"),))
    return at, quarantine_record(record, Refusal(ErrorCode.NOT_JSON, "not JSON"), 6)


def marked(marker: Marker, offset: int = 0, until: int = 0, tp: TP = ONE) -> tuple[float, OutputRecord]:
    source = Source(tp.topic, tp.partition, offset)
    return 0.0, marker_record(marker, source, 6, {"until": until})


def test_a_restart_does_not_reset_the_count() -> None:
    guard = Guard(LIMIT)
    guard.begin(ONE, read_back(*(bad(1, offset) for offset in range(100)))[ONE])
    assert not Feed(guard, ONE, 100).batch(30, good=0, bad=1)


def test_the_offsets_between_quarantined_records_count_as_consumed() -> None:
    history = read_back(*(bad(1, offset * 5) for offset in range(200)))[ONE]
    guard = Guard(LIMIT)
    guard.begin(ONE, history)
    assert Feed(guard, ONE, 1000).batch(30, good=50, bad=5)
    assert not Feed(guard, ONE, 1060).batch(30, good=0, bad=100)


def test_a_pause_outlives_the_window_and_the_worker() -> None:
    guard = Guard(LIMIT)
    guard.begin(ONE, read_back(marked(Marker.PAUSED, 77))[ONE])
    assert guard.paused == {ONE: 77}


def test_a_resume_after_the_pause_is_remembered_with_its_offset() -> None:
    guard = Guard(LIMIT)
    guard.begin(ONE, read_back(bad(1, 5), marked(Marker.PAUSED, 6), marked(Marker.RESUMED, until=300))[ONE])
    assert guard.paused == {}
    assert Feed(guard, ONE, 6).batch(2, good=0, bad=294)
    assert not Feed(guard, ONE, 300).batch(2, good=0, bad=101)


def test_a_pause_that_is_written_again_while_its_resume_is_on_the_way_is_over() -> None:
    paused, resumed = marked(Marker.PAUSED, 6), marked(Marker.RESUMED, until=300)
    assert read_back(paused, resumed, paused)[ONE].paused_at is None
    assert read_back(paused, resumed, paused, marked(Marker.PAUSED, 300))[ONE].paused_at == 300


def test_a_pause_fades_behind_newer_records_and_with_the_days() -> None:
    mark = Mark(offset=1000, at=0.0)
    assert not mark.is_fading(end=1000 + FADING_RECORDS, now=FADING_SECONDS)
    assert mark.is_fading(end=1001 + FADING_RECORDS, now=0.0)
    assert mark.is_fading(end=1001, now=FADING_SECONDS + 1)
    assert FADING_RECORDS * 2 < TAIL_RECORDS, "or it is gone before it is written again"


def test_markers_of_another_partition_change_nothing() -> None:
    histories = read_back(marked(Marker.PAUSED, 7, tp=OTHER), bad(1, 5), marked(Marker.GAP, 9))
    assert histories[ONE].paused_at is None
    assert histories[OTHER].paused_at == 7


def test_a_revoked_partition_is_forgotten() -> None:
    guard = Guard(LIMIT)
    guard.begin(ONE, History(deque(), paused_at=5))
    guard.end(ONE)
    assert guard.paused == {}


def test_records_of_others_in_the_quarantine_topic_are_passed_over() -> None:
    assert read_note((), b"{}", 0) is None
    assert read_note((("ew_source", b"nonsense"),), b"{}", 0) is None
    assert read_note((("ew_source", b"a/1/2"), ("ew_marker", b"unheard of")), b"{}", 0) is None
    assert read_note((("ew_source", b"a/1/2"), ("ew_marker", b"resumed")), b"[]", 0) is None


def test_a_quarantined_record_keeps_key_value_and_headers_and_has_ours_behind_them() -> None:
    record = InputRecord("a", 1, 2, 1234, None, None, (("x", None), ("ew_error", b"older")))
    written = quarantine_record(record, Refusal(ErrorCode.TOO_DEEP, "too deep", "t/s/shipment/1"), 6)
    assert (written.key, written.value) == (None, None)
    assert written.headers == (
        ("x", None),
        ("ew_error", b"older"),
        ("ew_error_code", b"TOO_DEEP"),
        ("ew_error", b"too deep"),
        ("ew_source", b"a/1/2"),
        ("ew_source_timestamp", b"1234"),
        ("ew_document", b"t/s/shipment/1"),
    )


def test_what_an_operator_is_done_with_changes_neither_count_nor_pause() -> None:
    written = [bad(1, 7), marked(Marker.PAUSED, 8), bad(1, 9)]
    done = [marked(marker, 7) for marker in (Marker.REPLAYED, Marker.DROPPED)]
    assert read_back(*written, *done) == read_back(*written)


def test_a_producer_cannot_resume_a_partition_by_a_header_of_its_own() -> None:
    sent = InputRecord(*ONE, 9, 0, None, b'{"until": 1000}', (("ew_marker", b"resumed"),))
    kept = quarantine_record(sent, Refusal(ErrorCode.FIELD_MISSING, "no event_type"), 6)
    history = read_back(marked(Marker.PAUSED, 8), (1, kept))[ONE]
    assert history.paused_at == 8
    assert list(history.quarantined) == [(1, 9)]
