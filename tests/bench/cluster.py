"""The broker of the benchmark and its topics: what is in them, since when, and until when.

Decisions and alerts carry the time at which the broker appended them, which is what is measured by.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from exportwatch.broker.provision import admin_client, apply
from exportwatch.broker.topics import load_registry
from exportwatch_events.catalogue import ALERTS, DECISIONS

APPENDED = {"message.timestamp.type": "LogAppendTime", "file.delete.delay.ms": "1000"}
PATIENCE_SECONDS = 30.0
# Else the client complains on the screen when the broker is stopped at the end.
QUIET = {"log_level": 2}


@dataclass(frozen=True, slots=True)
class Span:
    """Records of a topic: how many, when the first and the last were appended, how many with the first."""

    records: int
    first_ms: int
    last_ms: int
    with_first: int

    @property
    def per_second(self) -> float:
        """Records a second from the first to the last; those that came with the first are not counted."""
        return (self.records - self.with_first) / (self.last_ms - self.first_ms) * 1000


class Cluster:
    """The topics of a running broker at `bootstrap`."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._specs = {spec.name: spec for spec in load_registry()}
        self._admin = AdminClient({"bootstrap.servers": bootstrap, **QUIET})

    def provide(self) -> None:
        """Every topic of the registry, empty."""
        with admin_client(self.bootstrap) as client:
            apply(client, list(self._specs.values()))
        for topic in (DECISIONS, ALERTS):
            self.empty(topic, APPENDED)

    def empty(self, topic: str, further: Mapping[str, str] = APPENDED) -> None:
        """Delete the topic and create it again."""
        spec = self._specs[topic]
        with admin_client(self.bootstrap) as client:
            client.delete_topics([topic])
            _wait(lambda: topic not in client.list_topics(), f"{topic} is not deleted")
            new = {
                "num_partitions": spec.partitions,
                "replication_factor": 1,
                "configs": {**spec.settings(1), **further},
            }
            client.create_topics({topic: new}, wait_for_metadata=True)
        _wait(lambda: self.count(topic) == 0, f"{topic} is not created")

    def partitions(self, topic: str) -> int:
        return self._specs[topic].partitions

    def ends(self, topic: str) -> Mapping[int, int]:
        """The end offset of each partition."""
        wanted = {
            TopicPartition(topic, number): OffsetSpec.latest() for number in range(self.partitions(topic))
        }
        found = self._admin.list_offsets(wanted)
        return {where.partition: answer.result().offset for where, answer in found.items()}

    def count(self, topic: str) -> int:
        return sum(self.ends(topic).values())

    def span(self, topic: str) -> Span:
        """Of a topic that was empty before, with records in it."""
        ends = {number: end for number, end in self.ends(topic).items() if end}
        first_ms = min(self._appended(topic, dict.fromkeys(ends, 0)))
        last_ms = max(self._appended(topic, {number: end - 1 for number, end in ends.items()}))
        with self._consumer() as consumer:
            later = [TopicPartition(topic, number, first_ms + 1) for number in ends]
            found = consumer.offsets_for_times(later, timeout=PATIENCE_SECONDS)
        with_first = sum(at.offset if at.offset >= 0 else ends[at.partition] for at in found)
        return Span(sum(ends.values()), first_ms, last_ms, with_first)

    def read(self, topic: str) -> Iterator[Message]:
        """Every record that the topic holds now."""
        ends = {number: end for number, end in self.ends(topic).items() if end}
        left = dict(ends)
        for message in self._messages(topic, dict.fromkeys(ends, 0)):
            if message.offset() < ends[message.partition()]:
                yield message
            if message.offset() == ends[message.partition()] - 1:
                del left[message.partition()]
                if not left:
                    return

    def _appended(self, topic: str, offsets: Mapping[int, int]) -> list[int]:
        """When the broker appended these records, one of each partition; milliseconds."""
        found: dict[int, int] = {}
        for message in self._messages(topic, offsets) if offsets else ():
            found.setdefault(message.partition(), message.timestamp()[1])
            if len(found) == len(offsets):
                break
        return list(found.values())

    def _messages(self, topic: str, offsets: Mapping[int, int]) -> Iterator[Message]:
        """The records from these offsets on, for ever; TimeoutError where nothing comes for long."""
        with self._consumer() as consumer:
            consumer.assign([TopicPartition(topic, number, offset) for number, offset in offsets.items()])
            heard = time.monotonic()
            while True:
                for message in consumer.consume(500, 0.5):
                    if (error := message.error()) is not None:
                        raise RuntimeError(str(error))
                    heard = time.monotonic()
                    yield message
                if time.monotonic() - heard > PATIENCE_SECONDS:
                    raise TimeoutError(f"the broker gives no records of {topic}")

    @contextmanager
    def _consumer(self) -> Iterator[Consumer]:
        options = {"bootstrap.servers": self.bootstrap, "group.id": "bench-reader", **QUIET}
        consumer = Consumer(options | {"enable.auto.commit": False, "fetch.message.max.bytes": 256 * 1024})
        try:
            yield consumer
        finally:
            consumer.close()


def _wait(done: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if done():
                return
        except KafkaException:
            pass  # the broker does not know of it yet
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(0.1)
