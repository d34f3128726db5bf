"""The client that reads partitions without a group, from offsets that it is told; beside a worker's own consumer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer

from exportwatch.connection import KafkaConnection

FETCH_BYTES = 4 * 1024 * 1024


@asynccontextmanager
async def log_consumer(connection: KafkaConnection) -> AsyncIterator[AIOKafkaConsumer]:
    """A started consumer of committed records, to be assigned and sought explicitly. Errors of Kafka are the
    caller's, who begins again with a new one."""
    consumer = AIOKafkaConsumer(
        **connection.for_aiokafka(),
        group_id=None,
        enable_auto_commit=False,
        # Explicit seeks only: a silent reset would leave out what the log lost, or read old records as new ones.
        auto_offset_reset="none",
        isolation_level="read_committed",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    try:
        await consumer.start()
        # A consumer that is stopped before its tasks ran at all ends the caller with CancelledError.
        await asyncio.sleep(0)
        yield consumer
    finally:
        await consumer.stop()
