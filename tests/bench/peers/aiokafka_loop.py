"""A bare aiokafka loop: fetch, decide, send, wait for the acknowledgements, commit."""

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from common import BOOTSTRAP, GROUP, LINGER_SECONDS, MOST_AT_ONCE, SOURCE, TARGET, new_decide

MOST_RECORDS = 4000
FETCH_MILLISECONDS = 250


async def run() -> None:
    decide = new_decide()
    consumer = AIOKafkaConsumer(
        SOURCE,
        bootstrap_servers=BOOTSTRAP,
        group_id=GROUP,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=BOOTSTRAP,
        acks="all",
        linger_ms=int(LINGER_SECONDS * 1000),
        max_batch_size=MOST_AT_ONCE,
    )
    await consumer.start()
    await producer.start()
    while True:
        runs = await consumer.getmany(timeout_ms=FETCH_MILLISECONDS, max_records=MOST_RECORDS)
        sent = []
        for records in runs.values():
            for record in records:
                made = decide(
                    record.partition,
                    record.offset,
                    record.timestamp,
                    record.key,
                    record.value,
                    record.headers,
                )
                sent.append(
                    await producer.send(
                        TARGET, made.value, made.key, made.partition, headers=list(made.headers)
                    )
                )
        if sent:
            await asyncio.gather(*sent)
            await consumer.commit()


asyncio.run(run())
