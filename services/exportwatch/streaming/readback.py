"""Reads stretches of partitions back, beside the worker's own consumer and without a group.

For state that lies in the topics: a service reads what was written before it goes on writing. Committed
records only; holes between offsets (compaction, transaction markers) do not matter, since the consumer's
position tells the end. Errors of Kafka are the caller's, who begins again with a new reader.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from exportwatch.connection import KafkaConnection
from exportwatch.streaming.log_consumer import log_consumer
from exportwatch.streaming.partitions import TP
from exportwatch.streaming.wire import InputRecord

POLL_MS = 200
CHUNK = 1000


class Stretch(NamedTuple):
    """Offsets from `start` up to and without `end`."""

    start: int
    end: int


@asynccontextmanager
async def log_reader(connection: KafkaConnection) -> AsyncIterator["LogReader"]:
    async with log_consumer(connection) as consumer:
        yield LogReader(consumer)


class LogReader:
    """One reading at a time."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def whole(self, partitions: Iterable[TP]) -> dict[TP, Stretch]:
        """Everything that each partition holds now."""
        asked = [TopicPartition(*tp) for tp in partitions]
        starts = await self._consumer.beginning_offsets(asked)
        ends = await self._consumer.end_offsets(asked)
        return {TP(*tp): Stretch(starts[tp], ends[tp]) for tp in asked}

    async def since(self, partitions: Iterable[TP], timestamp_ms: int) -> dict[TP, Stretch]:
        """From the first record of that time or later to the end, by the records' own times."""
        whole = await self.whole(partitions)
        times = {TopicPartition(*tp): timestamp_ms for tp in whole}
        found = await self._consumer.offsets_for_times(times)
        first = {TP(*tp): at.offset for tp, at in found.items() if at is not None}
        return {tp: Stretch(first.get(tp, part.end), part.end) for tp, part in whole.items()}

    async def read(self, stretches: Mapping[TP, Stretch]) -> AsyncIterator[list[InputRecord]]:
        """The records of the stretches, in runs of one partition, each partition in its order."""
        ends = {TopicPartition(*tp): part.end for tp, part in stretches.items() if part.start < part.end}
        self._consumer.assign(list(ends))
        for tp in ends:
            self._consumer.seek(tp, stretches[TP(*tp)].start)
        while ends:
            fetched = await self._consumer.getmany(*ends, timeout_ms=POLL_MS, max_records=CHUNK)
            for tp, records in fetched.items():
                run = [_record(record) for record in records if record.offset < ends[tp]]
                if run:
                    yield run
            for tp in list(ends):
                if await self._consumer.position(tp) >= ends[tp]:
                    del ends[tp]
                    self._consumer.pause(tp)
            # A full buffer answers without ever giving the loop to others.
            await asyncio.sleep(0)


def _record(record: Any) -> InputRecord:
    return InputRecord(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value,
        tuple(record.headers),
    )
