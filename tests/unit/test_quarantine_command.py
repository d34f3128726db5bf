"""Which records an operator's words mean, and what is refused before anything is published."""

from datetime import UTC, datetime

import click
import pytest

from exportwatch.commands.quarantine_audit import command_line
from exportwatch.commands.quarantine_options import moment_ms, record_id, selection
from exportwatch.commands.quarantine_records import chosen, refuse_absent, refuse_derived, replay
from exportwatch.errors import ConfigError
from exportwatch.quarantine.entries import Done, Entry, Log, RecordId, Selection, done_record
from exportwatch.streaming.wire import InputRecord, Marker, Refusal, quarantine_record
from exportwatch_events.catalogue import DECISIONS, QUARANTINE, SHIPMENTS, ErrorCode

NO_FILTERS = dict.fromkeys(("topic", "partition", "document", "since", "until")) | {"codes": ()}
DONE = Done(Marker.DROPPED, "operator", "2026-03-02T08:00:00+00:00", "quarantine drop 2/0", "a test")


def log_of(*topics: str, done: bool = False) -> Log:
    """A record of each topic at 2/0, 2/1, …; with `done`, the first was dropped."""
    log = Log()
    for offset, topic in enumerate(topics):
        record = InputRecord(topic, 5, offset, 0, None, b"{", ())
        kept = quarantine_record(record, Refusal(ErrorCode.NOT_JSON, "not JSON"), 6)
        log.take(InputRecord(QUARANTINE, 2, offset, 0, None, b"{", kept.headers))
    if done:
        marker = done_record(DONE, log.entries()[:1], 6)
        log.take(InputRecord(QUARANTINE, 2, len(topics), 0, marker.key, marker.value, marker.headers))
    return log


def ids(entries: list[Entry]) -> list[str]:
    return [str(entry.ids[0]) for entry in entries]


def test_a_command_that_says_nothing_of_which_records_is_refused() -> None:
    with pytest.raises(click.UsageError, match="say which records"):
        chosen(log_of(SHIPMENTS), selection(**NO_FILTERS), again=True)


def test_ids_and_filters_together_are_refused() -> None:
    with pytest.raises(click.UsageError, match="not both"):
        selection([RecordId(2, 0)], **NO_FILTERS | {"partition": 5})


def test_filters_leave_out_what_is_done_and_again_brings_it_back() -> None:
    log, wanted = log_of(SHIPMENTS, SHIPMENTS, done=True), Selection(partition=5)
    assert ids(chosen(log, wanted, again=False)) == ["2/1"]
    assert ids(chosen(log, wanted, again=True)) == ["2/0", "2/1"]


def test_an_id_that_is_done_is_refused_with_who_did_it_and_when() -> None:
    log, wanted = log_of(SHIPMENTS, SHIPMENTS, done=True), Selection(ids=frozenset({RecordId(2, 0)}))
    with pytest.raises(ConfigError, match=r"2/0: was dropped by operator at 2026-03-02T08:00:00\+00:00"):
        chosen(log, wanted, again=False)
    assert ids(chosen(log, wanted, again=True)) == ["2/0"]


def test_an_id_that_is_not_there_or_is_that_of_a_marker_is_refused() -> None:
    for absent in (RecordId(0, 0), RecordId(2, 1)):
        with pytest.raises(ConfigError, match="no quarantined record has this id"):
            chosen(log_of(SHIPMENTS, done=True), Selection(ids=frozenset({absent})), again=True)


def test_a_decision_is_not_replayed(capsys: pytest.CaptureFixture[str]) -> None:
    derived = log_of(DECISIONS).entries()
    with pytest.raises(ConfigError, match=r"2/0: comes from compliance\.decisions\.v1"):
        refuse_derived(derived, by_id=True)
    refuse_derived(derived, by_id=False)
    assert "1 records of compliance.decisions.v1 are left out" in capsys.readouterr().out
    refuse_derived([], by_id=True)


def test_a_partition_that_is_gone_is_refused_before_anything_is_published() -> None:
    refuse_absent(log_of(SHIPMENTS).entries(), {SHIPMENTS: 6})
    with pytest.raises(ConfigError, match="has no partition 5, from which 2/0 came; found 5 partitions"):
        refuse_absent(log_of(SHIPMENTS).entries(), {SHIPMENTS: 5})


def test_moments_are_instants_or_counted_back_from_now() -> None:
    assert moment_ms("2026-03-02T08:00+08:00") == moment_ms("2026-03-02") == 1_772_409_600_000
    now = datetime.now(UTC).timestamp() * 1000
    assert abs(now - moment_ms("2h") - 7_200_000) < 60_000


@pytest.mark.parametrize("text", ["", "yesterday", "2w", "-2h", "999999999999999d"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is neither a time"):
        moment_ms(text)


def test_what_is_no_id_is_refused() -> None:
    with pytest.raises(click.BadParameter, match="`exportwatch quarantine list` shows them"):
        record_id("17")


def test_the_audit_repeats_the_command_with_instants_instead_of_words() -> None:
    words = ["--code", "NOT_JSON", "--code", "TOO_DEEP", "--since", "2026-03-02T08:00+08:00", "--again"]
    with replay.make_context("replay", words) as context:
        assert command_line(context) == (
            "quarantine replay --code NOT_JSON --code TOO_DEEP --since 2026-03-02T00:00:00+00:00 --again"
        )
    with replay.make_context("replay", ["2/17", "2/18", "--dry-run"]) as context:
        assert command_line(context) == "quarantine replay 2/17 2/18 --dry-run"
