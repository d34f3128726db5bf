"""The closed catalogue of metrics: what exists, under which name, and the functions that count.

Labels take values of closed lists (services, topics of the registry, results, codes) and of the running
build; never an id, a name or a partition. Functions take plain values and may be called from any thread. No
other module knows prometheus-client.
"""

import platform
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from importlib.metadata import version
from threading import Lock

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from exportwatch_events.catalogue import (
    CONTRACTS,
    DECISIONS,
    LAW,
    LICENSES,
    PARTIES,
    SHIPMENTS,
    ChangeKind,
    ErrorCode,
    Result,
)


class Service(StrEnum):
    SCREENING = "screening"
    ALERTING = "alerting"
    CANARY = "canary"


INPUTS = {Service.SCREENING: (SHIPMENTS, CONTRACTS), Service.ALERTING: (DECISIONS,), Service.CANARY: ()}
CONTROL = (LAW, LICENSES, PARTIES)
SEVERITIES = range(1, 6)
# 60 s is the limit of the freshness objective, 0.1 s that of alert latency: both must be bucket bounds.
AGE_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600)
PROCESSING_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
BATCH_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500)

disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)


class EventAges(Collector):
    """A histogram that takes the ages of a batch in one step: one record each would cost about 1 µs."""

    NAME = "exportwatch_event_age_seconds"
    HELP = (
        "Seconds from the publication of an event to the acknowledgement of everything that follows from it."
    )

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}
        REGISTRY.register(self)

    def begin(self, service: str) -> None:
        """Show its series at 0."""
        with self._lock:
            self._counts.setdefault(service, [0] * (len(AGE_BUCKETS) + 1))
            self._sums.setdefault(service, 0.0)

    def observe(self, service: str, ages: Sequence[float]) -> None:
        if not ages:
            return
        lowest, highest = bisect_left(AGE_BUCKETS, min(ages)), bisect_left(AGE_BUCKETS, max(ages))
        with self._lock:
            counts = self._counts.setdefault(service, [0] * (len(AGE_BUCKETS) + 1))
            self._sums[service] = self._sums.get(service, 0.0) + sum(ages)
            if lowest == highest:
                counts[lowest] += len(ages)
                return
            for age in ages:
                counts[bisect_left(AGE_BUCKETS, age)] += 1

    def collect(self) -> Iterator[HistogramMetricFamily]:
        family = HistogramMetricFamily(self.NAME, self.HELP, labels=["service"])
        bounds = [*(str(float(bound)) for bound in AGE_BUCKETS), "+Inf"]
        with self._lock:
            for service, counts in self._counts.items():
                running = [sum(counts[: index + 1]) for index in range(len(counts))]
                buckets = list(zip(bounds, map(float, running), strict=True))
                family.add_metric([service], buckets=buckets, sum_value=self._sums[service])
        yield family


def counter(name: str, text: str, *labels: str) -> Counter:
    return Counter(f"exportwatch_{name}", text, labels, registry=REGISTRY)


def gauge(name: str, text: str, *labels: str) -> Gauge:
    return Gauge(f"exportwatch_{name}", text, labels, registry=REGISTRY)


def histogram(name: str, text: str, buckets: Sequence[float]) -> Histogram:
    return Histogram(f"exportwatch_{name}", text, ["service"], registry=REGISTRY, buckets=buckets)


CONSUMED = counter("records_consumed_total", "Records taken from an input topic.", "service", "topic")
DECIDED = counter("decisions_total", "Decisions acknowledged by the broker, by result.", "result")
QUARANTINED = counter("quarantined_total", "Records put into quarantine, by error code.", "code")
ALERTED = counter("alerts_total", "Alert events, by what happened and severity.", "change", "severity")
RETRIES = counter("publish_retries_total", "Sends repeated after a retriable error.", "service")
GAPS = counter("gap_records_accepted_total", "Records lost to retention; the operator accepted it.", "topic")
UNANSWERED = counter(
    "records_unanswered_total",
    "Records done with though nothing was written for them; must stay 0.",
    "service",
)
REBALANCES = counter("rebalances_total", "Times that the group handed out partitions anew.", "service")
EVENT_AGE = EventAges()
PROCESSING = histogram("processing_seconds", "Seconds from delivery to end of a batch.", PROCESSING_BUCKETS)
BATCH = histogram("batch_records", "Records in a delivered batch.", BATCH_BUCKETS)
IN_PROGRESS = gauge("batches_in_progress", "Batches delivered and not yet finished.", "service")
LAG = gauge(
    "consumer_lag_records", "Records published and not yet delivered to this worker.", "service", "topic"
)
ASSIGNED = gauge("partitions_assigned", "Input partitions that this worker has.", "service")
HELD = gauge("alerts_held", "Alerts that this worker remembers, by whether they are open.", "state")
PAUSED = gauge("partitions_paused", "Input partitions paused by the quarantine limit.", "topic")
CONTROL_AGE = gauge(
    "control_data_age_seconds",
    "Seconds since a control topic was last read to its end, or since the start.",
    "topic",
)
PROBLEMS = gauge("control_problems", "Unreadable control records in effect; each fails closed.", "topic")
LAW_PACK = gauge("law_pack_info", "The law pack that decides; always 1.", "version", "sha256")
STARTED = gauge("worker_start_timestamp_seconds", "When this worker began.", "service")
BUILD = gauge("build_info", "The running build; always 1.", "version", "python", "service")


def worker_started(service: Service) -> None:
    """Say what runs, and show every series of this service at 0, so that a first increase is seen."""
    BUILD.labels(version("exportwatch"), platform.python_version(), service).set(1)
    STARTED.labels(service).set(time.time())
    for topic in INPUTS[service]:
        CONSUMED.labels(service, topic)
        LAG.labels(service, topic)
        GAPS.labels(topic)
    if service is Service.CANARY:
        return
    EVENT_AGE.begin(service)
    RETRIES.labels(service)
    IN_PROGRESS.labels(service)
    UNANSWERED.labels(service)
    REBALANCES.labels(service)
    ASSIGNED.labels(service)
    for code in ErrorCode:
        QUARANTINED.labels(code)
    if service is Service.SCREENING:
        for result in Result:
            DECIDED.labels(result)
        for topic in INPUTS[service]:
            PAUSED.labels(topic)
        started = time.monotonic()
        for topic in CONTROL:
            # Or a topic that is never read would be as good as one that is.
            control_read(topic, started)
    else:
        for change in ChangeKind:
            for severity in SEVERITIES:
                ALERTED.labels(change, severity)


def consumed(service: Service, topic: str, records: int) -> None:
    CONSUMED.labels(service, topic).inc(records)
    BATCH.labels(service).observe(records)


def decided(result: Result | str, count: int = 1) -> None:
    """Unknown values raise ValueError: the label's list is closed."""
    DECIDED.labels(Result(result)).inc(count)


def quarantined(code: ErrorCode | str, count: int = 1) -> None:
    QUARANTINED.labels(ErrorCode(code)).inc(count)


def alerted(change: ChangeKind | str, severity: int, count: int = 1) -> None:
    if severity not in SEVERITIES:
        raise ValueError(f"severity {severity}")
    ALERTED.labels(ChangeKind(change), severity).inc(count)


def event_ages(service: Service, seconds: Sequence[float]) -> None:
    """Ages of a batch's records when all that follows from them was acknowledged."""
    EVENT_AGE.observe(service, seconds)


def processed(service: Service, seconds: float) -> None:
    PROCESSING.labels(service).observe(seconds)


def batches_in_progress(service: Service, count: int) -> None:
    IN_PROGRESS.labels(service).set(count)


def publish_retried(service: Service, count: int = 1) -> None:
    RETRIES.labels(service).inc(count)


def unanswered(service: Service, count: int) -> None:
    """Records of a batch that is done with of which nothing was written."""
    UNANSWERED.labels(service).inc(count)


def rebalanced(service: Service, partitions: int) -> None:
    """The group handed out partitions anew; how many this worker has now."""
    REBALANCES.labels(service).inc()
    ASSIGNED.labels(service).set(partitions)


def alerts_held(opened: int, cleared: int) -> None:
    HELD.labels("open").set(opened)
    HELD.labels("cleared").set(cleared)


def lag(service: Service, topic: str, records: int) -> None:
    """Summed over the partitions that this worker has."""
    LAG.labels(service, topic).set(records)


def partitions_paused(topic: str, count: int) -> None:
    PAUSED.labels(topic).set(count)


def gap_accepted(topic: str, records: int) -> None:
    GAPS.labels(topic).inc(records)


def control_read(topic: str, at: float, clock: Callable[[], float] = time.monotonic) -> None:
    """A control topic was at its end at `at` of `clock`; its age grows from there until the next call."""
    CONTROL_AGE.labels(topic).set_function(lambda: clock() - at)


def control_problems(topic: str, count: int) -> None:
    PROBLEMS.labels(topic).set(count)


def law_pack(law_version: str, sha256: str) -> None:
    LAW_PACK.clear()
    LAW_PACK.labels(law_version, sha256).set(1)


def exposition() -> bytes:
    """All metrics in Prometheus' text format, version 0.0.4 (`EXPOSITION_TYPE`)."""
    return generate_latest(REGISTRY)


EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8"
