"""Faust's aiokafka producer as the outbox writes with it: idempotent, one request a partition, renewable.

Written against aiokafka 0.14.0 and faust-streaming 0.15.3; the broker tests guard an upgrade.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatch
from faust.transport.drivers import aiokafka as driver

from exportwatch.streaming import logs
from exportwatch.streaming.faults import Verdict, verdict
from exportwatch.streaming.partitions import TP
from exportwatch.streaming.publish import SequencesUsedError
from exportwatch.streaming.wire import OutputRecord

RETRY_SECONDS = 1.0
# A record so large is compressed: a producer's compressed one may be larger than any limit of a topic.
COMPRESSED_FROM_BYTES = 256 * 1024

log = logs.logger(__name__)


class LaneProducer(driver.Producer):  # type: ignore[misc]  # Faust is untyped for mypy
    """The `Writer` of an outbox."""

    _producer: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open = asyncio.Event()
        self._idle = asyncio.Event()
        self._writing = 0
        self._open.set()
        self._idle.set()

    def _settings_extra(self) -> Mapping[str, Any]:
        # Faust's is idempotent only under exactly-once; a repeated request would be written twice.
        return {"enable_idempotence": True}

    async def write(self, tp: TP, records: Sequence[OutputRecord]) -> int:
        await self._open.wait()
        self._writing += 1
        self._idle.clear()
        try:
            return await self._write(tp, records)
        finally:
            self._writing -= 1
            if not self._writing:
                self._idle.set()

    async def _write(self, tp: TP, records: Sequence[OutputRecord]) -> int:
        producer = self._ensure_producer()
        is_large = len(records[0].value or b"") > COMPRESSED_FROM_BYTES
        request = compressed_batch() if is_large else producer.create_batch()
        count = 0
        for record in records:
            headers = list(record.headers)
            if request.append(timestamp=None, key=record.key, value=record.value, headers=headers) is None:
                break
            count += 1
        request.close()  # it is complete: no linger
        acknowledged = await producer.send_batch(request, tp.topic, partition=tp.partition)
        try:
            await acknowledged
        except KafkaError as error:
            raise SequencesUsedError(error) from error
        return count

    async def renew(self) -> None:
        if not self._open.is_set():
            await self._open.wait()  # another partition's outbox is at it
            return
        self._open.clear()
        await self._idle.wait()
        log.warning("renewing the producer")
        old, self._producer = self._producer, None
        if old is not None:
            await old.stop()
        self._producer = await self._start_new()
        self._open.set()

    async def _start_new(self) -> Any:
        while True:
            producer = self._new_producer()
            try:
                await producer.start()
            except KafkaError as error:
                await producer.stop()
                if verdict(error) is not Verdict.RETRY:
                    raise
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return producer


def compressed_batch() -> BatchBuilder:
    """Takes one large record, and what fits behind it."""
    return BatchBuilder(COMPRESSED_FROM_BYTES, DefaultRecordBatch.CODEC_GZIP)
