"""Reads the end of the quarantine topic and follows it, for the pauses of the input partitions (`quarantine`)."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from exportwatch.streaming import logs
from exportwatch.streaming.faults import Verdict, as_operators, verdict
from exportwatch.streaming.partitions import TP
from exportwatch.streaming.quarantine import TAIL_RECORDS, History, Mark, fold_note, read_note
from exportwatch.streaming.wire import Marker, quarantine_partition
from exportwatch_events.catalogue import QUARANTINE

POLL_MS = 100
CHUNK = 500
RETRY_SECONDS = 1.0

log = logs.logger(__name__)


class Tail:
    """`connect` opens a consumer without a group (`log_consumer`). `resumed` is told of each resume that arrives; once,
    also where a connection was lost and made anew."""

    def __init__(
        self,
        connect: Callable[[], AbstractAsyncContextManager[AIOKafkaConsumer]],
        partitions: int,
        resumed: Callable[[TP, int], None],
    ) -> None:
        self._connect = connect
        self._partitions = [TopicPartition(QUARANTINE, number) for number in range(partitions)]
        self._resumed = resumed
        self._histories: dict[TP, History] = {}
        self._marks: dict[TP, Mark] = {}
        self._read_to: dict[TopicPartition, int] = {}
        self._reached = asyncio.Condition()
        self._asked = 0
        self._answered = 0

    async def histories(self) -> Mapping[TP, History]:
        """Of the input partitions that the end of the topic speaks of, written before the call included."""
        async with self._reached:
            self._asked += 1
            turn = self._asked
            await self._reached.wait_for(lambda: self._answered >= turn)
        return dict(self._histories)

    def is_fading(self, tp: TP, now: float) -> bool:
        """Whether the pause of an input partition is to be written again, or a restart would not find it."""
        mark = self._marks.get(tp)
        number = quarantine_partition(tp.topic, tp.partition, len(self._partitions))
        return mark is None or mark.is_fading(self._read_to.get(self._partitions[number], 0), now)

    async def run(self) -> None:
        """Returns only by cancellation. ConfigError where we may not read the topic."""
        while True:
            try:
                async with self._connect() as consumer:
                    await self._follow(consumer)
            except KafkaError as error:
                if verdict(error) is Verdict.OPERATOR:
                    raise as_operators(error, "read") from error
                log.warning("quarantine topic: reading starts over", error=logs.harmless(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        starts = await consumer.beginning_offsets(self._partitions)
        ends = await consumer.end_offsets(self._partitions)
        self._go_on(starts, ends)
        consumer.assign(self._partitions)
        for one in self._partitions:
            consumer.seek(one, self._read_to[one])
        while True:
            asked = self._asked
            goal = await consumer.end_offsets(self._partitions) if asked > self._answered else {}
            await self._read(consumer)
            while any([await consumer.position(one) < goal.get(one, 0) for one in self._partitions]):
                await self._read(consumer)
            async with self._reached:
                self._answered = asked
                self._reached.notify_all()

    def _go_on(self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]) -> None:
        """Where the connection before this one was, so that no marker is passed over and none told of again."""
        if any(self._read_to.get(one, 0) > ends[one] for one in self._partitions):
            log.warning("quarantine topic: it was made anew")
            self._read_to, self._histories, self._marks = {}, {}, {}
        for one in self._partitions:
            self._read_to[one] = max(starts[one], self._read_to.get(one, ends[one] - TAIL_RECORDS))

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        fetched = await consumer.getmany(timeout_ms=POLL_MS, max_records=CHUNK)
        for partition, records in fetched.items():
            for record in records:
                self._take(record)
            self._read_to[partition] = records[-1].offset + 1

    def _take(self, record: Any) -> None:
        note = read_note(record.headers, record.value, record.timestamp / 1000)
        if note is None:
            return
        fold_note(self._histories, note)
        if note.marker is Marker.PAUSED:
            self._marks[note.tp] = Mark(record.offset, note.at)
        elif note.marker is Marker.RESUMED:
            self._marks.pop(note.tp, None)
            self._resumed(note.tp, note.until)
