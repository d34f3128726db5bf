"""Reads the control topics whole before anything is decided, then follows them.

No consumer group: every worker needs every record. The goal is where the topics ended when reading began;
only then `ready` is set. After that a new view replaces the old one in one assignment, so that a batch which
took a view keeps it. An outage of the broker is waited for. A missing right stops the
start. Whatever else goes wrong with reading (the log
was cut below our position, a record failed its checksum) starts it over from the beginning with new content,
because what the client took from its buffers cannot be asked for again; the last view stays until then.
A log that was cut and has grown past our position again cannot be told from one that was only appended to.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from exportwatch.broker.refusals import Right, lacks_topics
from exportwatch.connection import KafkaConnection
from exportwatch.errors import ConfigError
from exportwatch.streaming import logs, metrics
from exportwatch.streaming.faults import Verdict, as_operators, verdict
from exportwatch.streaming.log_consumer import log_consumer
from exportwatch_events.catalogue import LAW, LICENSES, PARTIES

TOPICS = (LAW, LICENSES, PARTIES)
CHUNK = 1000
POLL_MS = 200
# Between two views while records keep arriving: one view costs more than many records.
VIEW_SECONDS = 1.0
# And in any case so many times as long as making the last view took, or making views would be all we do.
VIEW_SHARE = 4
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0

log = logs.logger(__name__)
Snapshot_co = TypeVar("Snapshot_co", covariant=True)
SnapshotT = TypeVar("SnapshotT")


class Problem(Protocol):
    """A control record that cannot be read."""

    @property
    def topic(self) -> str: ...


class ControlContent(Protocol[Snapshot_co]):
    """What the records of the control topics say together; the order in which they come does not matter."""

    def fold(self, topic: str, key: bytes | None, value: bytes | None) -> None: ...

    def snapshot(self) -> Snapshot_co:
        """An immutable picture of everything folded so far."""

    @property
    def problems(self) -> Sequence[Problem]: ...


@dataclass(frozen=True, slots=True)
class ControlView(Generic[SnapshotT]):
    """A snapshot and, for each topic, the offset before which everything is in it."""

    snapshot: SnapshotT
    positions: Mapping[str, int]


class ControlReader(Generic[SnapshotT]):
    """`run` in the worker's loop; `await ready.wait()` before any decision; then one `view` per batch."""

    def __init__(
        self, connection: KafkaConnection, new_content: Callable[[], ControlContent[SnapshotT]]
    ) -> None:
        self._connection = connection
        self._new_content = new_content
        self._view: ControlView[SnapshotT] | None = None
        self.ready = asyncio.Event()
        self.content = new_content()

    @property
    def view(self) -> ControlView[SnapshotT]:
        """The newest whole view. Raises RuntimeError before `ready`: nothing may be decided then."""
        if self._view is None:
            raise RuntimeError("the control topics have not been read yet")
        return self._view

    @property
    def snapshot(self) -> SnapshotT:
        return self.view.snapshot

    @property
    def positions(self) -> Mapping[str, int]:
        return self.view.positions

    async def run(self) -> None:
        """Read, set `ready`, follow; returns only by cancellation. ConfigError where a topic is missing."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                async with log_consumer(self._connection) as consumer:
                    reading = await self._read_to_goal(consumer)
                    pause = FIRST_PAUSE_SECONDS
                    await self._follow(consumer, reading)
            except KafkaError as error:
                if verdict(error) is Verdict.OPERATOR and not self.ready.is_set():
                    raise as_operators(error, "read") from error
                log.warning("control topics: reading starts over", error=logs.harmless(error), pause=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def read_once(self) -> ControlView[SnapshotT]:
        """Read to where the topics end now and stop. Errors of Kafka are the caller's."""
        async with log_consumer(self._connection) as consumer:
            await self._read_to_goal(consumer)
        return self.view

    async def _read_to_goal(self, consumer: AIOKafkaConsumer) -> "Reading[SnapshotT]":
        await self._require_topics(consumer)
        partitions = [TopicPartition(topic, 0) for topic in TOPICS]
        consumer.assign(partitions)
        goal = await consumer.end_offsets(partitions)
        self._require_one_partition(consumer)
        await consumer.seek_to_beginning(*partitions)
        reading = Reading(consumer, partitions, self._new_content())
        started = time.monotonic()
        while any([await consumer.position(one) < goal[one] for one in partitions]):
            await reading.step()
        self._publish(await reading.view(), reading)
        await reading.tell_age()
        log.info(
            "control topics read",
            records=reading.records,
            seconds=round(time.monotonic() - started, 3),
            positions=dict(self.positions),
            problems=len(reading.content.problems),
        )
        self.ready.set()
        return reading

    async def _follow(self, consumer: AIOKafkaConsumer, reading: "Reading[SnapshotT]") -> None:
        published = time.monotonic()
        cost = 0.0
        waiting = False
        while True:
            waiting = await reading.step() or waiting
            await reading.tell_age()
            begun = time.monotonic()
            pause = 0.0 if await reading.at_end() else VIEW_SECONDS
            if waiting and begun - published >= max(pause, VIEW_SHARE * cost):
                self._publish(await reading.view(), reading)
                published = time.monotonic()
                cost = published - begun
                waiting = False

    def _publish(self, view: ControlView[SnapshotT], reading: "Reading[SnapshotT]") -> None:
        self._view = view
        self.content = reading.content
        for topic in TOPICS:
            metrics.control_problems(topic, sum(one.topic == topic for one in reading.content.problems))

    async def _require_topics(self, consumer: AIOKafkaConsumer) -> None:
        present = await consumer.topics()
        missing = [topic for topic in TOPICS if topic not in present]
        if missing and self.ready.is_set():
            # It was there: that is the cluster's trouble and passes, or shows in the age of the data.
            raise UnknownTopicOrPartitionError(", ".join(missing))
        if missing:
            raise lacks_topics(dict.fromkeys(missing, Right.READ), ",".join(self._connection.servers))

    def _require_one_partition(self, consumer: AIOKafkaConsumer) -> None:
        for topic in TOPICS:
            count = len(consumer.partitions_for_topic(topic) or ())
            if count != 1:
                raise ConfigError(
                    f"{topic} cannot be read whole",
                    file=",".join(self._connection.servers),
                    found=f"{count} partitions",
                    expected="1",
                )


class Reading(Generic[SnapshotT]):
    """One pass over the topics with one client and the content folded from it."""

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        partitions: Sequence[TopicPartition],
        content: ControlContent[SnapshotT],
    ) -> None:
        self._consumer = consumer
        self._partitions = partitions
        self.content = content
        self.records = 0

    async def step(self) -> bool:
        """Fold what has arrived; True where something had."""
        fetched = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=CHUNK)
        for partition, records in fetched.items():
            for record in records:
                self.content.fold(partition.topic, record.key, record.value)
            self.records += len(records)
        # A full buffer answers without ever giving the loop to others.
        await asyncio.sleep(0)
        return bool(fetched)

    async def view(self) -> ControlView[SnapshotT]:
        positions = {one.topic: await self._consumer.position(one) for one in self._partitions}
        # With tens of thousands of list entries this takes a second, in which the loop must go on.
        # Nothing is folded meanwhile: that is `step`, and both are awaited by the same task.
        return ControlView(await asyncio.to_thread(self.content.snapshot), positions)

    async def at_end(self) -> bool:
        """Nothing committed lies after our positions, as far as the last answers of the broker knew."""
        return all([await self._is_at_end(one) for one in self._partitions])

    async def tell_age(self) -> None:
        """Tell the metric when each topic was last known to be read to its end."""
        now, wall = time.monotonic(), time.time()
        for one in self._partitions:
            answered_ms = self._consumer.last_poll_timestamp(one)
            if answered_ms is not None and await self._is_at_end(one):
                metrics.control_read(one.topic, now - (wall - answered_ms / 1000))

    async def _is_at_end(self, partition: TopicPartition) -> bool:
        end: int | None = self._consumer.last_stable_offset(partition)
        position: int = await self._consumer.position(partition)
        return end is None or position >= end
