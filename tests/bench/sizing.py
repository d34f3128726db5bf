"""From what was measured to what a number of documents a day needs, and both as tables."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from report import table

# The busiest hour has so many times the day's mean; a worker is filled to this share of what it can do.
PEAK, FILLED = 5.0, 0.5
ALERTED_SHARE, OPEN_DAYS, ALERTS_KEPT_DAYS = 0.01, 5, 365
MEMORY_A_WORKER = 16 * 1024.0**3
INPUT_DAYS, DECISION_DAYS, REPLICAS = 14, 5 * 365, 3
PARTITIONS_A_WORKER, FEWEST_PARTITIONS, FIXED_PARTITIONS = 2, 6, 12
FEWEST_WORKERS = 2
DAY_SECONDS = 86_400
VOLUMES = (1_000_000, 100_000_000)
MIB, GIB, TIB = 1024.0**2, 1024.0**3, 1024.0**4


@dataclass(frozen=True, slots=True)
class Measured:
    """Rates are records a second of one worker on one core; bytes are resident memory, or disk of one replica.

    `compressed` are a shipment, a decision and an alert on topics that compress.
    """

    screening_rate: float
    alerting_rate: float
    opening_rate: float
    screening_bytes: float
    alerting_bytes: float
    bytes_an_alert: float
    recovery_seconds: float
    alerts_found: int
    alerts_a_document: float
    input_bytes: float
    decision_bytes: float
    alert_bytes: float
    compressed: tuple[float, float, float]
    flagged_decision_bytes: float
    scrape_milliseconds: float
    most_series: int
    most_milliseconds: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What a number of documents a day needs."""

    documents_a_day: int
    peak: float
    screening_workers: int
    alerting_workers: int
    input_partitions: int
    fixed_partitions: int
    open_alerts: float
    alerts_kept: float
    alerting_bytes: float
    recovery_seconds: float
    input_disk: float
    decision_disk: float
    compressed_decision_disk: float
    alert_disk: float


def plan(documents_a_day: int, measured: Measured) -> Plan:
    """Alerting reads every alert that the topic keeps, cleared ones too; its workers share them."""
    peak = documents_a_day / DAY_SECONDS * PEAK
    workers = max(FEWEST_WORKERS, math.ceil(peak / (measured.screening_rate * FILLED)))
    alerts = documents_a_day * ALERTED_SHARE
    kept = alerts * ALERTS_KEPT_DAYS
    alerting = max(
        FEWEST_WORKERS,
        math.ceil(peak / (measured.alerting_rate * FILLED)),
        math.ceil(kept * measured.bytes_an_alert / (MEMORY_A_WORKER - measured.alerting_bytes)),
    )
    return Plan(
        documents_a_day,
        peak,
        workers,
        alerting,
        max(FEWEST_PARTITIONS, workers * PARTITIONS_A_WORKER),
        max(FIXED_PARTITIONS, alerting * PARTITIONS_A_WORKER),
        alerts * OPEN_DAYS,
        kept,
        measured.alerting_bytes + kept * measured.bytes_an_alert / alerting,
        kept / 100_000 * measured.recovery_seconds / alerting,
        documents_a_day * INPUT_DAYS * REPLICAS * measured.input_bytes,
        documents_a_day * DECISION_DAYS * REPLICAS * measured.decision_bytes,
        documents_a_day * DECISION_DAYS * REPLICAS * measured.compressed[1],
        kept * REPLICAS * measured.alert_bytes,
    )


def report(where: str, measured: Measured) -> Iterator[str]:
    yield f"Machine: {where}. Each worker on one core; broker, feeder and other work on the other."
    yield ""
    yield from table(("", "measured"), rows(measured))
    yield ""
    plans = [plan(documents, measured) for documents in VOLUMES]
    head = ("a day", *(f"{one.documents_a_day:,} documents" for one in plans))
    yield from table(head, [(name, *map(told, plans)) for name, told in LINES])


def rows(measured: Measured) -> list[tuple[str, str]]:
    return [
        ("screening, documents/s of one worker (usual feed)", f"{measured.screening_rate:,.0f}"),
        ("alerting, decisions/s of one worker (usual feed)", f"{measured.alerting_rate:,.0f}"),
        ("alerting, decisions/s where each opens an alert", f"{measured.opening_rate:,.0f}"),
        ("alerts a document of the usual feed", f"{measured.alerts_a_document:.3f}"),
        ("memory of a screening worker", f"{measured.screening_bytes / MIB:,.0f} MiB"),
        ("memory of an alerting worker without an alert", f"{measured.alerting_bytes / MIB:,.0f} MiB"),
        (
            f"memory of an alert that alerting remembers ({measured.alerts_found:,} of them)",
            f"{measured.bytes_an_alert:,.0f} bytes",
        ),
        ("reading back 100,000 alerts after a restart", f"{measured.recovery_seconds:.1f} s"),
        ("disk of a shipment, one replica", f"{measured.input_bytes:,.0f} bytes"),
        ("disk of a decision, usual feed", f"{measured.decision_bytes:,.0f} bytes"),
        ("disk of a decision with a controlled item", f"{measured.flagged_decision_bytes:,.0f} bytes"),
        ("disk of an alert record", f"{measured.alert_bytes:,.0f} bytes"),
        (
            "the three on topics with `compression.type=zstd`",
            " / ".join(f"{size:,.0f}" for size in measured.compressed) + " bytes",
        ),
        (
            "`/metrics` of a busy screening worker, as a scraper waits",
            f"{measured.scrape_milliseconds:.0f} ms",
        ),
        (
            f"`/metrics` with as many series as there can be ({measured.most_series:,})",
            f"{measured.most_milliseconds:.0f} ms",
        ),
    ]


LINES = (
    ("documents/s in the busiest hour", lambda one: f"{one.peak:,.0f}"),
    ("screening workers", lambda one: f"{one.screening_workers}"),
    ("alerting workers", lambda one: f"{one.alerting_workers}"),
    ("partitions of an input topic", lambda one: f"{one.input_partitions}"),
    ("partitions of decisions and alerts, for their whole life", lambda one: f"{one.fixed_partitions}"),
    ("open alerts", lambda one: f"{one.open_alerts:,.0f}"),
    ("alerts that the topic keeps after a year", lambda one: f"{one.alerts_kept:,.0f}"),
    ("memory of an alerting worker then", lambda one: f"{one.alerting_bytes / GIB:,.1f} GiB"),
    ("its partitions read back then", lambda one: f"{one.recovery_seconds:,.0f} s"),
    ("disk of the input, 14 days, three replicas", lambda one: f"{one.input_disk / TIB:,.2f} TiB"),
    ("disk of the decisions, five years, three replicas", lambda one: f"{one.decision_disk / TIB:,.1f} TiB"),
    (
        "the same with `compression.type=zstd`, at best",
        lambda one: f"{one.compressed_decision_disk / TIB:,.1f} TiB",
    ),
    ("disk of the alerts after a year, three replicas", lambda one: f"{one.alert_disk / TIB:,.2f} TiB"),
)
