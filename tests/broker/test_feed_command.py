"""`exportwatch feed` and the publisher behind it, on a real broker."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from kafka import KafkaConsumer, TopicPartition

from exportwatch.broker.local import LocalBroker
from exportwatch.broker.topics import TopicSpec
from exportwatch.erp import publish
from exportwatch.errors import ConfigError
from exportwatch.feed import Feed

pytestmark = pytest.mark.broker

EXPORTWATCH = Path(__file__).parents[2] / ".venv" / "bin" / "exportwatch"


@dataclass(frozen=True)
class AnyRecord:
    topic: str
    value: bytes | None
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()


def everything(bootstrap: str, topic: str) -> dict[bytes, bytes]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = consumer.end_offsets(partitions)
    found: dict[bytes, bytes] = {}
    while any(consumer.position(partition) < ends[partition] for partition in partitions):
        for records in consumer.poll(timeout_ms=500).values():
            found |= {record.key: record.value for record in records}
    consumer.close()
    return found


def test_the_command_publishes_the_documents_of_its_seed_at_its_rate(
    broker: LocalBroker, topics: tuple[TopicSpec, ...]
) -> None:
    arguments = ["feed", "--documents", "60", "--rate", "40", "--seed", "77", "--bootstrap", broker.bootstrap]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EXPORTWATCH_")}
    started = time.monotonic()
    done = subprocess.run(
        [EXPORTWATCH, *arguments], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert time.monotonic() - started >= 59 / 40

    found = everything(broker.bootstrap, "erp.shipments.v1")
    expected = {record.key: record.value for record in Feed(77).documents(60)}
    assert {key: value for key, value in found.items() if key and key.startswith(b"FD-77-")} == expected


def test_records_that_are_not_acknowledged_are_counted(
    broker: LocalBroker, topics: tuple[TopicSpec, ...]
) -> None:
    options = {"bootstrap_servers": [broker.bootstrap]}
    fine = publish(options, [AnyRecord("erp.contracts.v1", b"x" * 10)])
    assert (fine.sent, fine.failures) == (1, {})
    refused = publish(options, [AnyRecord("erp.contracts.v1", b"x" * 2_000_000)])
    assert (refused.sent, refused.failures) == (1, {"MessageSizeTooLargeError": 1})


def test_nobody_there_is_an_error_of_the_operators() -> None:
    with pytest.raises(ConfigError, match="no Kafka answers"):
        publish({"bootstrap_servers": ["127.0.0.1:1"]}, [])
