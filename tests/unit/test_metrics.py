"""The catalogue of metrics: closed, clean for Prometheus, right in its sums."""

import threading
from functools import partial
from types import SimpleNamespace

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge

from exportwatch.streaming import canary_metrics, law_metrics, metrics
from exportwatch.streaming.lane import Lane, Outcome
from exportwatch.streaming.metrics import Service
from exportwatch.streaming.wire import OutputRecord
from exportwatch_events.catalogue import LAW, LICENSES, PARTIES, SHIPMENTS, ErrorCode, Result

ALLOWED_LABELS = {
    "service", "topic", "result", "code", "change", "severity", "version", "python", "sha256", "le", "state",
    "instrument", "control_code", "standing",
}  # fmt: skip


def sample(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.fixture
def everything() -> bytes:
    """The exposition after each function of the catalogue was called."""
    for service in Service:
        metrics.worker_started(service)
        metrics.batches_in_progress(service, 2)
        metrics.processed(service, 0.02)
        metrics.publish_retried(service)
    metrics.consumed(Service.SCREENING, SHIPMENTS, 500)
    metrics.decided(Result.REVIEW, 3)
    metrics.quarantined("NOT_JSON")
    metrics.alerted("opened", 5)
    metrics.event_ages(Service.SCREENING, [0.02, 0.3])
    metrics.lag(Service.SCREENING, SHIPMENTS, 12)
    metrics.partitions_paused(SHIPMENTS, 1)
    metrics.gap_accepted(SHIPMENTS, 40)
    metrics.control_read(LAW, at=0.0)
    metrics.control_problems(LAW, 1)
    metrics.law_pack("2026-10", "0" * 64)
    metrics.unanswered(Service.SCREENING, 0)
    metrics.rebalanced(Service.SCREENING, 3)
    metrics.alerts_held(2, 1)
    law_metrics.decided(["CN-2025-18"], Result.REVIEW, [("CN-2025-18", "1C905.b")])
    law_metrics.law_stands({"CN-2025-18": 0}, {}, None)
    law_metrics.licenses_stand([("good", 1)])
    canary_metrics.started(["screening"])
    canary_metrics.published()
    canary_metrics.came_through("screening", 0.1)
    canary_metrics.missing([("screening", 0)])
    return metrics.exposition()


def test_no_label_but_those_of_the_catalogue(everything: bytes) -> None:
    del everything
    found = {
        (label, family.name)
        for family in metrics.REGISTRY.collect()
        for one in family.samples
        for label in one.labels
    }
    assert {label for label, _ in found} <= ALLOWED_LABELS


def test_every_name_says_whose_it_is(everything: bytes) -> None:
    del everything
    names = {family.name for family in metrics.REGISTRY.collect()}
    assert {name for name in names if not name.startswith(("exportwatch_", "process_"))} == set()


@pytest.mark.parametrize(
    "call",
    [
        lambda: metrics.decided("cleared"),
        lambda: metrics.quarantined("TOO_SAD"),
        lambda: metrics.alerted("opened", 6),
        lambda: metrics.alerted("vanished", 1),
    ],
)
def test_a_label_outside_its_closed_list_is_refused(call: object) -> None:
    before = metrics.exposition()
    with pytest.raises(ValueError, match=r"6|cleared|SAD|vanished"):
        call()  # type: ignore[operator]
    assert metrics.exposition().count(b"\n") == before.count(b"\n")


@pytest.mark.parametrize("ages", [[0.02, 0.021], [0.02, 0.3, 100.0], [60.0], [7200.0], [-0.001, 0.0]])
def test_ages_of_a_batch_fall_into_the_same_buckets_as_one_by_one(ages: list[float]) -> None:
    name = "exportwatch_event_age_seconds"
    bounds = [str(float(bound)) for bound in metrics.AGE_BUCKETS] + ["+Inf"]

    def counts() -> list[float]:
        return [sample(f"{name}_bucket", service="alerting", le=bound) for bound in bounds]

    before, sum_before = counts(), sample(f"{name}_sum", service="alerting")
    metrics.event_ages(Service.ALERTING, ages)
    added = [now - then for now, then in zip(counts(), before, strict=True)]
    assert added == [sum(age <= float(bound) for age in ages) for bound in bounds]
    assert sample(f"{name}_sum", service="alerting") - sum_before == pytest.approx(sum(ages))


def test_a_batch_without_records_counts_nothing() -> None:
    before = metrics.exposition().splitlines()
    metrics.event_ages(Service.SCREENING, [])
    after = metrics.exposition().splitlines()
    assert [line for line in before if b"event_age" in line] == [
        line for line in after if b"event_age" in line
    ]


def test_the_objectives_are_bucket_bounds() -> None:
    assert {0.1, 60} <= set(metrics.AGE_BUCKETS)


def test_the_age_of_control_data_grows_until_it_is_read_again() -> None:
    now = [100.0]
    metrics.control_read(LAW, at=100.0, clock=lambda: now[0])
    now[0] = 107.0
    assert sample("exportwatch_control_data_age_seconds", topic=LAW) == 7.0
    metrics.control_read(LAW, at=107.0, clock=lambda: now[0])
    assert sample("exportwatch_control_data_age_seconds", topic=LAW) == 0.0


def test_every_result_and_code_is_there_at_zero_before_the_first_event() -> None:
    metrics.worker_started(Service.SCREENING)
    text = metrics.exposition().decode()
    for result in Result:
        assert f'exportwatch_decisions_total{{result="{result}"}}' in text
    for code in ErrorCode:
        assert f'exportwatch_quarantined_total{{code="{code}"}}' in text


def quarantined_and_control_series(service: Service, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Those that a worker of this service shows before anything happened, by their code or topic."""
    registry = CollectorRegistry()
    quarantined = Counter("quarantined_total", "", ["code"], registry=registry)
    age = Gauge("control_data_age_seconds", "", ["topic"], registry=registry)
    monkeypatch.setattr(metrics, "QUARANTINED", quarantined)
    monkeypatch.setattr(metrics, "CONTROL_AGE", age)
    metrics.worker_started(service)
    samples = [one for family in registry.collect() for one in family.samples]
    return {one.labels.get("code") or one.labels["topic"]: one.value for one in samples}


def test_alerting_shows_every_code_at_zero_so_that_its_first_internal_error_is_an_increase(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = quarantined_and_control_series(Service.ALERTING, monkeypatch)
    assert found == dict.fromkeys(ErrorCode, 0)


def test_a_control_topic_that_is_never_read_ages_from_the_start_of_screening(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr(metrics, "control_read", partial(metrics.control_read, clock=lambda: now[0]))
    monkeypatch.setattr(metrics.time, "monotonic", lambda: now[0])
    ages = quarantined_and_control_series(Service.SCREENING, monkeypatch).keys() - {*ErrorCode}
    assert ages == {LAW, LICENSES, PARTIES}
    now[0] = 230.0
    family = next(iter(metrics.CONTROL_AGE.collect()))
    assert {one.labels["topic"]: one.value for one in family.samples} == dict.fromkeys(ages, 130.0)


def test_another_law_pack_replaces_the_one_before() -> None:
    metrics.law_pack("old", "a")
    metrics.law_pack("new", "b")
    lines = [
        line for line in metrics.exposition().splitlines() if line.startswith(b"exportwatch_law_pack_info{")
    ]
    assert lines == [b'exportwatch_law_pack_info{sha256="b",version="new"} 1.0']


def test_threads_lose_no_count() -> None:
    before = sample("exportwatch_event_age_seconds_count", service="screening")

    def count() -> None:
        for _ in range(200):
            metrics.event_ages(Service.SCREENING, [0.01, 0.2, 5.0])

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sample("exportwatch_event_age_seconds_count", service="screening") - before == 8 * 200 * 3


@pytest.mark.parametrize(("answered", "lost"), [([0, 1, 1, 2], 0), ([0, 2], 1), ([], 3)])
def test_a_record_that_a_stage_forgot_is_counted(answered: list[int], lost: int) -> None:
    output = OutputRecord("t", 0, b"", b"", ())
    outcome = Outcome([(number, output) for number in answered], lambda *_: (), lambda: None)
    for answers_all, counted in ((True, lost), (False, 0)):
        lane = SimpleNamespace(stage=SimpleNamespace(service=Service.SCREENING, answers_all=answers_all))
        before = sample("exportwatch_records_unanswered_total", service="screening")
        Lane._count_unanswered(lane, SimpleNamespace(records=(1, 2, 3)), outcome)  # type: ignore[arg-type]
        assert sample("exportwatch_records_unanswered_total", service="screening") - before == counted
