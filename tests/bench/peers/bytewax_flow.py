"""A Bytewax dataflow: Kafka source, decide, Kafka sink. It keeps its offsets in its own recovery store.

Run by `python -m bytewax.run`, which is given the store and how often a snapshot goes there.
"""

from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from common import BOOTSTRAP, LINGER_SECONDS, MOST_AT_ONCE, SOURCE, TARGET, new_decide

decide = new_decide()


def decided(message: Any) -> Any:
    time_ms = message.timestamp[1] if message.timestamp else 0
    made = decide(message.partition, message.offset, time_ms, message.key, message.value, message.headers)
    return KafkaSinkMessage(made.key, made.value, headers=list(made.headers), partition=made.partition)


flow = Dataflow("screening")
source = kop.input("source", flow, brokers=[BOOTSTRAP], topics=[SOURCE])
records = op.map("decide", source.oks, decided)
kop.output(
    "target",
    records,
    brokers=[BOOTSTRAP],
    topic=TARGET,
    add_config={
        "acks": "all",
        "linger.ms": str(LINGER_SECONDS * 1000),
        "batch.size": str(MOST_AT_ONCE),
        "partitioner": "murmur2",
    },
)
