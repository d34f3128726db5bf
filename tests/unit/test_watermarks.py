"""A batch is committed only when it and all before it are finished; where a partition begins; gaps."""

import pytest

from exportwatch.broker.refusals import Right
from exportwatch.errors import ConfigError
from exportwatch.streaming.partitions import TP, Bounds, GapError, Start, Watermarks, check_topics, start_of

ONE, OTHER = TP("erp.shipments.v1", 0), TP("erp.shipments.v1", 1)


def placed(*partitions: TP, at: int = 10, committed: int | None = 10) -> Watermarks:
    watermarks = Watermarks()
    for tp in partitions:
        watermarks.place(tp, at, committed)
    return watermarks


def test_nothing_is_committed_before_a_batch_is_finished() -> None:
    watermarks = placed(ONE)
    watermarks.deliver(ONE, 20)
    assert watermarks.committable() == {}


def test_batches_that_finish_out_of_order_are_committed_in_the_order_of_delivery() -> None:
    watermarks = placed(ONE)
    first, second, third = (watermarks.deliver(ONE, end) for end in (20, 35, 36))
    watermarks.finish(second)
    assert watermarks.committable() == {}
    watermarks.finish(first)
    assert watermarks.committable() == {ONE: 35}
    watermarks.finish(third)
    assert watermarks.committable() == {ONE: 36}


def test_partitions_do_not_wait_for_each_other() -> None:
    watermarks = placed(ONE, OTHER)
    watermarks.deliver(ONE, 20)
    watermarks.finish(watermarks.deliver(OTHER, 30))
    assert watermarks.committable() == {OTHER: 30}


def test_a_commit_that_failed_is_tried_again() -> None:
    watermarks = placed(ONE)
    watermarks.finish(watermarks.deliver(ONE, 20))
    assert watermarks.committable() == {ONE: 20}
    assert watermarks.committable() == {ONE: 20}
    watermarks.committed({ONE: 20})
    assert watermarks.committable() == {}


def test_a_ticket_from_before_the_partition_was_placed_anew_commits_nothing() -> None:
    watermarks = placed(ONE)
    old = watermarks.deliver(ONE, 20)
    watermarks.place(ONE, 10, 10)
    new = watermarks.deliver(ONE, 15)
    watermarks.finish(old)
    assert watermarks.committable() == {}
    assert not watermarks.is_current(old)
    watermarks.finish(new)
    assert watermarks.committable() == {ONE: 15}


def test_a_group_that_never_committed_commits_where_it_begins() -> None:
    # Otherwise records that retention takes before the first batch would be missed by nobody.
    assert placed(ONE, at=7, committed=None).committable() == {ONE: 7}


def test_unfinished_batches_are_counted_until_they_finish_or_their_partition_goes() -> None:
    watermarks = placed(ONE, OTHER)
    tickets = [watermarks.deliver(ONE, 20), watermarks.deliver(ONE, 30), watermarks.deliver(OTHER, 20)]
    assert watermarks.unfinished == 3
    watermarks.finish(tickets[1])
    watermarks.finish(tickets[1])
    assert watermarks.unfinished == 2
    watermarks.clear([ONE])
    assert watermarks.unfinished == 1
    watermarks.finish(tickets[0])
    assert watermarks.unfinished == 1


def test_a_revoked_partition_is_not_committed() -> None:
    watermarks = placed(ONE)
    watermarks.finish(watermarks.deliver(ONE, 20))
    watermarks.clear([ONE])
    assert watermarks.committable() == {}
    assert not watermarks.is_placed(ONE)


def test_a_partition_begins_where_the_group_committed() -> None:
    assert start_of(ONE, Bounds(12, 5, 20), {}) == Start(12, 12)


def test_a_new_group_begins_at_the_start_of_the_log_and_misses_nothing() -> None:
    assert start_of(ONE, Bounds(None, 5, 20), {}) == Start(5, None)


def test_a_topic_made_anew_is_read_from_its_start() -> None:
    assert start_of(ONE, Bounds(500, 0, 20), {}) == Start(0, None)


def test_a_gap_names_topic_partition_and_count() -> None:
    with pytest.raises(GapError) as stopped:
        start_of(ONE, Bounds(12, 40, 50), {})
    text = str(stopped.value)
    assert "topic erp.shipments.v1: partition 0: 28 offsets were deleted" in text
    assert "EXPORTWATCH_ACCEPT_GAPS=erp.shipments.v1/0@40" in text


def test_a_gap_is_accepted_as_far_as_it_was_known() -> None:
    start = start_of(ONE, Bounds(12, 40, 50), {("erp.shipments.v1", 0): 40})
    assert start.offset == 40
    assert start.gap is not None
    assert start.gap.records == 28
    with pytest.raises(GapError):
        start_of(ONE, Bounds(12, 41, 50), {("erp.shipments.v1", 0): 40})
    with pytest.raises(GapError):
        start_of(OTHER, Bounds(12, 40, 50), {("erp.shipments.v1", 0): 40})


def test_missing_topics_are_all_named() -> None:
    with pytest.raises(ConfigError, match="the cluster at here:1 lacks b, c") as stopped:
        check_topics({"a": 1}, dict.fromkeys("abc", Right.READ), {}, "here:1")
    assert "topics apply" in str(stopped.value)


def test_a_fixed_partition_count_that_differs_stops_the_start() -> None:
    with pytest.raises(ConfigError, match=r"topic a: partitions: .* found 3; expected 12"):
        check_topics({"a": 3}, {"a": Right.WRITE}, {"a": 12, "b": 12}, "here:1")
    check_topics({"a": 12}, {"a": Right.WRITE}, {"a": 12, "b": 12}, "here:1")


def test_a_batch_that_was_given_up_is_never_committed_nor_what_lies_behind_it() -> None:
    watermarks = placed(ONE)
    first, second, third = (watermarks.deliver(ONE, end) for end in (20, 30, 40))
    watermarks.give_up(second)
    watermarks.finish(third)
    watermarks.finish(first)
    assert watermarks.unfinished == 0
    assert watermarks.committable() == {ONE: 20}
    watermarks.clear([ONE])
    assert watermarks.unfinished == 0
