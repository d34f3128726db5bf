"""The pure parts of the accounting: marks, fates, due decisions, the report."""

from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exportwatch.reconcile.due import DueSearch
from exportwatch.reconcile.marks import (
    Fate,
    Marks,
    Offsets,
    Terms,
    Unmarked,
    fate_of_committed,
    fate_of_uncommitted,
)
from exportwatch.reconcile.report import Due, LostStretch, NamedRecord, Report
from exportwatch.streaming.partitions import TP
from exportwatch.streaming.readback import Stretch
from exportwatch.streaming.wire import Source
from exportwatch_events.catalogue import HEADER_DOCUMENT, HEADER_VERSION, SHIPMENTS

TERMS = Terms(now_ms=1_000_000_000, grace_seconds=60, compaction_lag_ms=7 * 86_400_000)
HERE = TP(SHIPMENTS, 0)
ON = date(2026, 11, 10)


@given(st.integers(0, 10**12), st.sets(st.integers(-5, 80)), st.integers(0, 70))
def test_a_set_of_offsets_holds_what_was_added_within_its_stretch(
    start: int, added: set[int], length: int
) -> None:
    offsets = Offsets(Stretch(start, start + length))
    for one in added:
        offsets.add(start + one)
    assert {one for one in range(-6, 81) if start + one in offsets} == {
        one for one in added if 0 <= one < length
    }


def test_marks_of_one_partition_say_nothing_of_another() -> None:
    marks = Marks({HERE: Stretch(0, 10), TP(SHIPMENTS, 1): Stretch(0, 10)})
    marks.decided(Source(SHIPMENTS, 1, 4))
    marks.decided(Source("of another cluster", 0, 4))
    assert marks.of(TP(SHIPMENTS, 1), 4) is Fate.DECIDED
    assert marks.of(HERE, 4) is None


def test_a_quarantined_record_with_a_review_decision_counts_once_as_quarantined() -> None:
    marks = Marks({HERE: Stretch(0, 10)})
    marks.decided(Source(SHIPMENTS, 0, 4))
    marks.quarantined(Source(SHIPMENTS, 0, 4))
    assert marks.of(HERE, 4) is Fate.QUARANTINED


@pytest.mark.parametrize(("age", "fate"), [(60_000, Fate.IN_FLIGHT), (60_001, Fate.WAITING)])
def test_an_uncommitted_record_is_late_after_the_grace(age: int, fate: Fate) -> None:
    assert fate_of_uncommitted(TERMS.now_ms - age, TERMS) is fate


@pytest.mark.parametrize(
    ("key", "age", "fate"),
    [
        (None, 8 * 86_400_000, Fate.MISSING),
        (b"lost@1", 8 * 86_400_000, Fate.MISSING),
        (b"kept@1", 8 * 86_400_000, Fate.SUPERSEDED),
        (b"kept@1", 7 * 86_400_000, Fate.MISSING),
    ],
)
def test_only_compaction_that_could_have_run_explains_a_missing_decision(
    key: bytes | None, age: int, fate: Fate
) -> None:
    record = Unmarked(Source(SHIPMENTS, 0, 1), TERMS.now_ms - age, key)
    found, why = fate_of_committed(record, {b"kept@1"}, TERMS)
    assert found is fate
    assert bool(why) == (fate is Fate.MISSING)


def decision(document: str, version: int, reassess: str | None) -> tuple[dict[str, bytes], bytes]:
    headers = {HEADER_DOCUMENT: document.encode(), HEADER_VERSION: str(version).encode()}
    return headers, orjson.dumps({"reassess_on": reassess, "facts": {}})


def due_of(*decisions: tuple[dict[str, bytes], bytes]) -> list[Due]:
    search = DueSearch(ON)
    for headers, value in decisions:
        search.take(headers, value)
    for headers, _ in decisions:
        search.check(headers)
    return list(search.result())


@pytest.mark.parametrize(
    ("reassess", "due"), [("2026-11-10", True), ("2025-01-01", True), ("2026-11-11", False), (None, False)]
)
def test_a_decision_is_due_from_its_day_on(reassess: str | None, due: bool) -> None:
    assert bool(due_of(decision("d", 1, reassess))) == due


NEWER, OLDER = decision("d", 2, None), decision("d", 1, "2026-01-01")


@pytest.mark.parametrize("order", [(OLDER, NEWER), (NEWER, OLDER), (OLDER, NEWER, OLDER)])
def test_only_the_highest_version_counts_in_whatever_order_it_lies(
    order: tuple[tuple[dict[str, bytes], bytes], ...],
) -> None:
    assert due_of(*order) == []
    assert due_of(*order, decision("d", 3, "2026-02-01")) == [Due("d", 3, date(2026, 2, 1))]


def test_a_version_decided_again_is_due_no_more() -> None:
    first, again = decision("d", 1, "2026-01-01"), decision("d", 1, "2027-01-01")
    assert due_of(first, again) == []
    assert due_of(again, first) == [Due("d", 1, date(2026, 1, 1))]


def test_the_words_in_a_documents_text_make_nothing_due() -> None:
    headers, _ = decision("d", 1, None)
    value = orjson.dumps({"reassess_on": None, "facts": {"reassess_on": "2026-01-01"}})
    assert b'"reassess_on":"2026-01-01"' in value
    assert due_of((headers, value)) == []


def test_a_report_is_clean_only_without_any_finding() -> None:
    assert Report(ON).clean
    for add in (
        lambda report: report.find(NamedRecord(Source(SHIPMENTS, 0, 1), Fate.MISSING, "why")),
        lambda report: report.find(NamedRecord(Source(SHIPMENTS, 0, 1), Fate.WAITING, "why")),
        lambda report: report.lost.append(LostStretch(HERE, 0, 9, accepted=False)),
        lambda report: report.find_due(Due("d", 1, ON)),
    ):
        report = Report(ON)
        report.count(HERE, Fate.DECIDED)
        add(report)
        assert not report.clean
        assert "NOT CLEAN" in list(report.lines())[-1]
        assert report.as_json()["clean"] is False


def test_a_gap_that_was_accepted_is_told_and_is_no_finding() -> None:
    report = Report(
        ON, lost=[LostStretch(HERE, 5, 9, accepted=False), LostStretch(HERE, 5, 9, accepted=True)]
    )
    assert report.clean
    assert any(line.startswith("accepted gap") for line in report.lines())
    report.lost.append(LostStretch(HERE, 9, 12, accepted=False))
    assert not report.clean


def test_names_are_capped_and_counts_are_not() -> None:
    report = Report(ON)
    for offset in range(1500):
        report.find(NamedRecord(Source(SHIPMENTS, 0, offset), Fate.MISSING, "why"))
    assert report.total(Fate.MISSING) == 1500
    assert len(report.named) == 1000
    assert "… and 500 more" in list(report.lines())
