"""The part of the catalogue of metrics that tells of the canary documents."""

import time
from collections.abc import Iterable

from exportwatch.streaming.metrics import counter, gauge, histogram

ROUND_TRIP_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)

PUBLISHED = counter("canary_published_total", "Canary documents published, one for each input partition.")
WRONG = counter("canary_wrong_total", "Canary documents that were decided otherwise than they must be.")
MISSING = gauge("canary_missing", "Canary documents that a service has not answered in time.", "service")
LAST = gauge(
    "canary_last_answer_timestamp_seconds", "When a service last answered a canary document.", "service"
)
ROUND_TRIP = histogram(
    "canary_round_trip_seconds",
    "Seconds from the publication of a canary document until a service was done with it.",
    ROUND_TRIP_BUCKETS,
)


def started(services: Iterable[str]) -> None:
    """Show every series at 0."""
    for service in services:
        MISSING.labels(service)
        ROUND_TRIP.labels(service)


def published() -> None:
    PUBLISHED.inc()


def wrong() -> None:
    WRONG.inc()


def came_through(service: str, seconds: float) -> None:
    ROUND_TRIP.labels(service).observe(seconds)
    LAST.labels(service).set(time.time())


def missing(counts: Iterable[tuple[str, int]]) -> None:
    for service, count in counts:
        MISSING.labels(service).set(count)
