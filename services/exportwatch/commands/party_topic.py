"""The party-list topic, read whole and once; what the commands on party lists share."""

from collections.abc import Mapping
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from exportwatch.broker.provision import refuse_unreachable
from exportwatch.broker.refusals import Right, lacks_topics, refused_resource
from exportwatch.errors import ConfigError
from exportwatch_events.catalogue import PARTIES

_POLL_MS = 500


def read_topic(options: Mapping[str, Any]) -> list[tuple[bytes | None, bytes | None]]:
    """Key and value of every record up to the end that the topic has now. ConfigError where it cannot be read."""
    refuse_unreachable(options)
    try:
        consumer = KafkaConsumer(**options, enable_auto_commit=False, isolation_level="read_committed")
        try:
            return _read(consumer, ",".join(options["bootstrap_servers"]))
        finally:
            consumer.close()
    except KafkaError as error:
        raise refused_resource(error, Right.READ, "read") or ConfigError(
            f"topic {PARTIES} cannot be read: {error}", hint="`exportwatch config check` says more"
        ) from error


def _read(consumer: Any, servers: str) -> list[tuple[bytes | None, bytes | None]]:
    partitions = [
        TopicPartition(PARTIES, number) for number in sorted(consumer.partitions_for_topic(PARTIES) or ())
    ]
    if not partitions:
        raise lacks_topics({PARTIES: Right.READ}, servers)
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = consumer.end_offsets(partitions)
    found: list[tuple[bytes | None, bytes | None]] = []
    while any(consumer.position(partition) < ends[partition] for partition in partitions):
        for partition, records in consumer.poll(timeout_ms=_POLL_MS).items():
            found += [(record.key, record.value) for record in records if record.offset < ends[partition]]
    return found
