"""Stock Faust agents, one event at a time or by `take`; which of them is the argument.

`awaited` waits for the broker's acknowledgement of each send, as an agent must that may lose nothing;
`unawaited` hands each send over and goes on; `take` decides up to 1,000 events and waits for their sends.
"""

import asyncio
import logging
import sys
import tempfile
from typing import Any

import faust
from common import BOOTSTRAP, GROUP, LINGER_SECONDS, MOST_AT_ONCE, SOURCE, TARGET, new_decide

TAKE, WITHIN_SECONDS = 1000, 0.05

kind = sys.argv[1]
sys.argv[1:] = []
decide = new_decide()
app = faust.App(
    GROUP,
    broker=f"aiokafka://{BOOTSTRAP}",
    consumer_auto_offset_reset="earliest",
    producer_acks=-1,
    # Who waits for each send would wait for the linger too.
    producer_linger=0 if kind == "awaited" else LINGER_SECONDS,
    producer_max_batch_size=MOST_AT_ONCE,
    topic_allow_declare=False,
    topic_disable_leader=True,
    web_enabled=False,
    datadir=tempfile.mkdtemp(),
)
raw = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}
source, target = app.topic(SOURCE, **raw), app.topic(TARGET, **raw)


async def send(event: Any) -> Any:
    message = event.message
    made = decide(
        message.partition,
        message.offset,
        int(message.timestamp * 1000),
        message.key,
        message.value,
        tuple(message.headers.items()) if isinstance(message.headers, dict) else message.headers or (),
    )
    return await target.send(
        key=made.key, value=made.value, partition=made.partition, headers=list(made.headers)
    )


async def awaited(stream: Any) -> None:
    async for event in stream.events():
        await (await send(event))


async def unawaited(stream: Any) -> None:
    async for event in stream.events():
        await send(event)


async def take(stream: Any) -> None:
    async for events in stream.take_events(TAKE, within=WITHIN_SECONDS):
        await asyncio.gather(*[await send(event) for event in events])


# At its default the client makes a record of each step for nobody, which costs a stock agent 18 to 40 %.
logging.getLogger("aiokafka").setLevel(logging.INFO)
app.agent(source, name="screening")({"awaited": awaited, "unawaited": unawaited, "take": take}[kind])
faust.Worker(app, loglevel="WARNING").execute_from_commandline()
