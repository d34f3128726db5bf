"""Publishes records as an ERP does: with kafka-python, acknowledged by all replicas, at a rate if asked."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kafka import KafkaProducer
from kafka.errors import ClusterAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError

from exportwatch.broker.provision import refuse_unreachable
from exportwatch.broker.refusals import Right, lacks_right
from exportwatch.errors import ConfigError

PATIENCE_SECONDS = 60.0
LINGER_MS = 5
TICK_SECONDS = 0.01


class Record(Protocol):
    """What a producer needs of a record."""

    @property
    def topic(self) -> str: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> tuple[tuple[str, bytes], ...]: ...


@dataclass(slots=True)
class Tally:
    """How a publication went; `failures` counts records by the name of their error."""

    sent: int = 0
    seconds: float = 0.0
    failures: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return self.sent / self.seconds if self.seconds else 0.0


def publish(
    options: Mapping[str, Any],
    records: Iterable[Record],
    *,
    rate: float | None = None,
    progress: Callable[[int], None] = lambda sent: None,
) -> Tally:
    """Send every record and wait until each is acknowledged; `rate` is records a second, None: at once.

    Raises ConfigError where no broker answers or lets us write. What is not acknowledged is counted in `failures`:
    the record that the broker refused, and those after it, which an idempotent producer gives up to keep their order.
    """
    refuse_unreachable(options)
    try:
        producer = KafkaProducer(**options, acks="all", linger_ms=LINGER_MS, max_request_size=4 * 1024 * 1024)
    except KafkaError as error:
        raise ConfigError(f"no Kafka answers at {options['bootstrap_servers']}: {error}") from error
    tally = Tally()
    started = time.monotonic()
    refused: set[str] = set()

    def failed(topic: str, error: BaseException) -> None:
        name = type(error).__name__
        tally.failures[name] = tally.failures.get(name, 0) + 1
        if is_refusal(error):
            refused.add(topic)

    topic = ""
    try:
        for record in records:
            topic = record.topic
            if rate is not None:
                keep_pace(started, tally.sent, rate)
            sent = producer.send(record.topic, record.value, key=record.key, headers=list(record.headers))
            sent.add_errback(failed, record.topic)
            tally.sent += 1
            progress(tally.sent)
        producer.flush(timeout=PATIENCE_SECONDS)
    except KafkaError as error:
        failed(topic, error)
    finally:
        producer.close(timeout=PATIENCE_SECONDS)
    if refused:
        raise lacks_right("topic", refused, Right.WRITE, "publish")
    tally.seconds = time.monotonic() - started
    return tally


def is_refusal(error: BaseException) -> bool:
    """Without Write on any topic the cluster refuses an idempotent producer, which the client says in a text only."""
    barred = isinstance(error, TopicAuthorizationFailedError | ClusterAuthorizationFailedError)
    return barred or ClusterAuthorizationFailedError.__name__ in str(error)


def keep_pace(started: float, sent: int, rate: float) -> None:
    """Sleep until record number `sent` is due; short lags are caught up, so the mean rate holds."""
    ahead = started + sent / rate - time.monotonic()
    if ahead > TICK_SECONDS:
        time.sleep(ahead)
