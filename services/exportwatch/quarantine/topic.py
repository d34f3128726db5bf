"""Reading the quarantine topic and writing to Kafka what an operator decided about it."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from exportwatch.broker.refusals import Right
from exportwatch.connection import KafkaConnection
from exportwatch.errors import ConfigError
from exportwatch.quarantine.entries import Done, Entry, Log, RecordId, done_record, replay_record
from exportwatch.streaming.faults import TOO_LARGE, as_operators
from exportwatch.streaming.partitions import TP
from exportwatch.streaming.producer import COMPRESSED_FROM_BYTES, compressed_batch
from exportwatch.streaming.quarantine import History, fold_note, read_note
from exportwatch.streaming.readback import LogReader, Stretch, log_reader
from exportwatch.streaming.wire import InputRecord, OutputRecord
from exportwatch_events.catalogue import QUARANTINE

# Records of one input partition that are replayed before the marker says so: what a crash may replay again.
AT_ONCE = 100


async def read_log(connection: KafkaConnection, partitions: int) -> Log:
    """Everything that the topic holds now; without the records' bytes."""
    log = Log()
    async for record in _whole(connection, partitions):
        log.take(record)
    return log


async def read_histories(connection: KafkaConnection, partitions: int) -> dict[TP, History]:
    """What the whole topic says of each input partition: of a pause however long ago, and its newest records."""
    histories: dict[TP, History] = {}
    async for record in _whole(connection, partitions):
        note = read_note(record.headers, record.value, record.timestamp_ms / 1000)
        if note is not None:
            fold_note(histories, note)
    return histories


async def _whole(connection: KafkaConnection, partitions: int) -> AsyncIterator[InputRecord]:
    async with log_reader(connection) as reader:
        whole = await reader.whole(TP(QUARANTINE, number) for number in range(partitions))
        async for run in reader.read(whole):
            for record in run:
                yield record


async def read_records(reader: LogReader, ids: Sequence[RecordId]) -> AsyncIterator[InputRecord]:
    """The quarantined records themselves, each partition in its order. Those that are gone are left out."""
    wanted: dict[int, set[int]] = {}
    for partition, offset in ids:
        wanted.setdefault(partition, set()).add(offset)
    for partition, offsets in sorted(wanted.items()):
        stretch = Stretch(min(offsets), max(offsets) + 1)
        async for run in reader.read({TP(QUARANTINE, partition): stretch}):
            for record in run:
                if record.offset in offsets:
                    yield record


class Replayed(NamedTuple):
    """A record that was published again, and the offset at which it is."""

    entry: Entry
    offset: int


@dataclass(frozen=True, slots=True)
class Operation:
    """What is done to the entries, and who is told of each; `partitions` are the quarantine topic's."""

    connection: KafkaConnection
    partitions: int
    done: Done


async def replay(operation: Operation, entries: Iterable[Entry], tell: Callable[[Replayed], None]) -> None:
    """Publishes the entries again, those of an input partition in their order, and marks them when acknowledged.

    A crash between the two leaves up to `AT_ONCE` records that a further replay publishes a second time: their
    decisions are the same bytes. ConfigError where Kafka refuses a record or the operator's rights.
    """
    async with log_reader(operation.connection) as reader, Writer(operation.connection) as writer:
        for run in runs(entries):
            by_id = {entry.ids[0]: entry for entry in run}
            replayed = []
            async for record in read_records(reader, list(by_id)):
                entry = by_id[RecordId(record.partition, record.offset)]
                offset = await writer.write(replay_record(record))
                replayed.append(entry)
                tell(Replayed(entry, offset))
            if replayed:
                await writer.write(done_record(operation.done, replayed, operation.partitions))


async def drop(operation: Operation, entries: Iterable[Entry]) -> None:
    """Marks the entries as dropped; their records stay in the topic until retention takes them."""
    async with Writer(operation.connection) as writer:
        for run in runs(entries):
            await writer.write(done_record(operation.done, run, operation.partitions))


def runs(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Entries of one input partition, in their order, no more than `AT_ONCE`."""
    for _, group in groupby(sorted(entries, key=lambda entry: entry.source), lambda entry: entry.source[:2]):
        of_partition = list(group)
        for start in range(0, len(of_partition), AT_ONCE):
            yield of_partition[start : start + AT_ONCE]


class Writer:
    """One record after another, each acknowledged by all replicas. An async context manager."""

    def __init__(self, connection: KafkaConnection) -> None:
        self._producer = AIOKafkaProducer(**connection.for_aiokafka(), enable_idempotence=True)

    async def __aenter__(self) -> "Writer":
        try:
            await self._producer.start()
        except BaseException:
            await self._producer.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()

    async def write(self, record: OutputRecord) -> int:
        """The offset that it got."""
        # A batch of its own: `send` takes no record without key and value, and an input may be one.
        is_large = len(record.value or b"") > COMPRESSED_FROM_BYTES
        batch: Any = compressed_batch() if is_large else self._producer.create_batch()
        batch.append(timestamp=None, key=record.key, value=record.value, headers=list(record.headers))
        batch.close()
        try:
            sent = await self._producer.send_batch(batch, record.topic, partition=record.partition)
            return int((await sent).offset)
        except TOO_LARGE as error:
            raise ConfigError(
                "the record is larger than its topic takes",
                file=f"topic {record.topic}",
                hint="raise max.message.bytes of the topic for the replay, or drop the record",
            ) from error
        except KafkaError as error:
            raise as_operators(error, "write", Right.WRITE) from error
