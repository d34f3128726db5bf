"""Decisions on a real broker without a screening worker, and what the alerts topic then says."""

from collections.abc import Iterable, Sequence
from typing import Any, Self

from harness import Fleet, Record, committed, wait_until
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from oracle import Wire, discrepancies

from decision_builders import decision_headers, decision_value
from exportwatch_events.catalogue import ALERTS, DECISIONS
from exportwatch_events.keys import decision_key, partition_of

PARTITIONS = 12


class DecisionLog:
    """Writes decisions as screening would, each in its document's partition and in the order given."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
        self.ends: dict[tuple[str, int], int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._producer.close()

    def write(self, decisions: Iterable[dict[str, Any]]) -> None:
        waiting = [
            self._producer.send(
                DECISIONS,
                decision_value(built),
                key=decision_key(built["document"]["key"], built["document"]["version"]),
                partition=partition_of(built["document"]["key"], PARTITIONS),
                headers=list(decision_headers(built).items()),
            )
            for built in decisions
        ]
        self._producer.flush()
        for placed in (one.get(30) for one in waiting):
            self.ends[placed.topic, placed.partition] = placed.offset + 1

    def copy(self, record: Record) -> None:
        """Write a record of any topic once more, behind what its partition holds."""
        self._producer.send(
            record.topic,
            record.value,
            key=record.key,
            partition=record.partition,
            headers=list(record.headers.items()),
        ).get(30)

    def read(self, topic: str) -> list[Record]:
        """All that a topic holds, each partition in its order."""
        consumer = KafkaConsumer(
            bootstrap_servers=self._bootstrap, isolation_level="read_committed", enable_auto_commit=False
        )
        try:
            return _whole(consumer, topic)
        finally:
            consumer.close()

    def problems(self) -> list[str]:
        """What the oracle finds wrong with the alerts."""
        return discrepancies(_wires(self.read(DECISIONS)), _wires(self.read(ALERTS)))


def _whole(consumer: KafkaConsumer, topic: str) -> list[Record]:
    partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = consumer.end_offsets(partitions)
    found: list[Record] = []
    while any(consumer.position(one) < ends[one] for one in partitions):
        for records in consumer.poll(timeout_ms=200).values():
            found += [
                Record(one.topic, one.partition, one.offset, one.key, one.value, dict(one.headers))
                for one in records
            ]
    return found


def _wires(records: Sequence[Record]) -> list[Wire]:
    return [Wire(record.key or b"", record.value or b"", record.headers) for record in records]


def group_of(fleet: Fleet) -> str:
    return f"{fleet.group_prefix}-alerting"


def offsets(fleet: Fleet) -> dict[tuple[str, int], int]:
    """The alerting group's committed offsets."""
    return committed(fleet.bootstrap, group_of(fleet))


def wait_until_done(fleet: Fleet, log: DecisionLog, seconds: float = 60) -> None:
    """Until the alerting group has committed everything that was written."""
    wait_until(
        lambda: log.ends.items() <= offsets(fleet).items(),
        seconds,
        lambda: f"{offsets(fleet)} instead of {log.ends}\n{fleet.workers[-1].log[-4000:]}",
    )
