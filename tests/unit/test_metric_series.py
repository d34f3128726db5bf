"""However varied what comes in is, what a worker exposes stays small: fewer than 2,000 series."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from exportwatch.evaluation.format import case_files, cases_of
from exportwatch.evaluation.wire import wire_controls, wire_event
from exportwatch.examples import control_records, document_records
from exportwatch.feed import Feed
from exportwatch.screening.app import ScreeningStage
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import screen
from exportwatch.settings import load_settings
from exportwatch.streaming import canary_metrics, law_metrics, metrics
from exportwatch.streaming.batches import Batch
from exportwatch.streaming.health import Health
from exportwatch.streaming.lane import Outcome
from exportwatch.streaming.partitions import TP, Watermarks
from exportwatch.streaming.wire import InputRecord
from exportwatch_events.catalogue import DECISIONS, QUARANTINE, SHIPMENTS, Result

MOST_SERIES = 2000
CASES = Path(__file__).parents[1] / "law" / "cases"
FEED_DOCUMENTS = 3000


def documents() -> Iterator[tuple[bytes | None, tuple[tuple[str, bytes | None], ...]]]:
    """All that the examples, the cases of the law and the feed hold, and what cannot be read."""
    for record in document_records():
        yield record.value, tuple(record.headers)
    for path in case_files(CASES):
        yield from ((wire_event(case), ()) for case in cases_of(path))
    for number in range(10):
        for fed in Feed(number, controlled=0.5).documents(FEED_DOCUMENTS // 10):
            yield fed.value, fed.headers
    yield from ((broken, ()) for broken in (None, b"{", b"[]", b"\xff", b'{"event_id": 1}'))


def everything_known() -> ControlContent:
    content = ControlContent(load_rules())
    for record in control_records():
        content.fold(record.topic, record.key, record.value)
    for path in case_files(CASES):
        for case in cases_of(path):
            for topic, key, value in wire_controls(case):
                content.fold(topic, key, value)
    return content


def work_off(stage: ScreeningStage, values: Iterable[Any]) -> int:
    marks, count = Watermarks(), 0
    tp = TP(SHIPMENTS, 0)
    marks.place(tp, 0, None)
    for count, (value, headers) in enumerate(values, 1):
        record = InputRecord(SHIPMENTS, 0, count, 0, None, value, headers)
        outcome = stage.work(Batch(tp, (record,), marks.deliver(tp, count + 1), 1))
        assert isinstance(outcome, Outcome)
        outcome.published()
    return count


def series() -> int:
    return sum(not line.startswith("#") for line in metrics.exposition().decode().splitlines())


@pytest.fixture(autouse=True)
def nothing_counted() -> Iterator[None]:
    """Neither by tests before these nor by these for the ones behind."""
    forget_the_law()
    yield
    forget_the_law()


def forget_the_law() -> None:
    law_metrics._entries.clear()
    law_metrics._instruments.clear()
    for metric in (law_metrics.INSTRUMENT_RESULTS, law_metrics.ENTRY_MATCHES, law_metrics.UNCONFIRMED):
        metric.clear()


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> ScreeningStage:
    """Of the service's own, without a broker behind it; nothing makes it stand still."""
    monkeypatch.setenv("EXPORTWATCH_QUARANTINE_MAX_RECORDS", "1000000")
    monkeypatch.setenv("EXPORTWATCH_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    view = SimpleNamespace(snapshot=everything_known().snapshot(), positions={})
    control: Any = SimpleNamespace(view=view)
    return ScreeningStage(load_settings(), Health(), {DECISIONS: 12, QUARANTINE: 6}, screen, control)


def test_a_varied_day_leaves_fewer_than_two_thousand_series(stage: ScreeningStage) -> None:
    for service in metrics.Service:
        metrics.worker_started(service)
    canary_metrics.started(["screening", "alerting"])
    before = series()
    assert work_off(stage, documents()) > FEED_DOCUMENTS + 200
    assert series() > before + 100, "the law's own series are to be counted, too"
    assert series() < MOST_SERIES


def test_an_amendment_with_ten_thousand_entries_leaves_fewer_than_two_thousand_series() -> None:
    for number in range(10_000):
        code, instrument = f"9Z{number}", f"XX-2030-{number % 500}"
        for result in Result:
            law_metrics.decided([instrument], result, [(instrument, code)])
        law_metrics.law_stands({instrument: 1}, {}, None)
    assert series() < MOST_SERIES
