"""A Quix Streams application with its defaults: decide each record, write the decision, checkpoint."""

import tempfile
from typing import Any

from common import BOOTSTRAP, GROUP, LINGER_SECONDS, MOST_AT_ONCE, SOURCE, TARGET, new_decide
from quixstreams import Application
from quixstreams.context import message_context
from quixstreams.models import Serializer

from exportwatch.streaming.wire import OutputRecord

decide = new_decide()


class ValueOfRecord(Serializer):
    """The bytes that are already there."""

    def __call__(self, value: OutputRecord, ctx: Any) -> bytes | None:
        return value.value


def decided(value: bytes, key: Any, timestamp_ms: int, headers: Any) -> OutputRecord:
    context = message_context()
    return decide(context.partition, context.offset, timestamp_ms, key, value, headers or ())


def headers_of(made: OutputRecord, *_: Any) -> Any:
    return list(made.headers)


app = Application(
    broker_address=BOOTSTRAP,
    consumer_group=GROUP,
    auto_offset_reset="earliest",
    auto_create_topics=False,
    loglevel="WARNING",
    state_dir=tempfile.mkdtemp(),
    producer_extra_config={
        "acks": "all",
        "linger.ms": LINGER_SECONDS * 1000,
        "batch.size": MOST_AT_ONCE,
        "partitioner": "murmur2",
    },
)
source = app.topic(SOURCE, value_deserializer="bytes", key_deserializer="bytes")
target = app.topic(TARGET, value_serializer=ValueOfRecord(), key_serializer="bytes")
records = app.dataframe(source)
records = records.apply(decided, metadata=True)
records = records.set_headers(headers_of)
records.to_topic(target, key=lambda made: made.key)
app.run()
