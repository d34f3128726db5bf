"""What the demo left in its topics, read with kafka-python: newest values by key, and how far a group is."""

from collections.abc import Iterable, Mapping
from typing import Any

from kafka import KafkaConsumer, TopicPartition

POLL_MS = 500


def newest_values(options: Mapping[str, Any], topic: str) -> dict[bytes, bytes]:
    """The last value of each key that the topic holds now; a key whose last value is null is left out."""
    consumer = KafkaConsumer(**options, enable_auto_commit=False, isolation_level="read_committed")
    try:
        partitions = partitions_of(consumer, topic)
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        found: dict[bytes, bytes | None] = {}
        while any(consumer.position(partition) < ends[partition] for partition in partitions):
            for records in consumer.poll(timeout_ms=POLL_MS).values():
                found |= {record.key: record.value for record in records}
        return {key: value for key, value in found.items() if value is not None}
    finally:
        consumer.close()


def held(options: Mapping[str, Any], topics: Iterable[str]) -> int:
    """How many records lie in those of `topics` that there are."""
    consumer = KafkaConsumer(**options, enable_auto_commit=False)
    try:
        partitions = [partition for topic in topics for partition in partitions_of(consumer, topic)]
        starts, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        return sum(end - starts[partition] for partition, end in ends.items())
    finally:
        consumer.close()


def unread(options: Mapping[str, Any], group: str, *topics: str) -> int:
    """How many records of `topics` the group has not committed yet."""
    consumer = KafkaConsumer(**options, group_id=group, enable_auto_commit=False)
    try:
        partitions = [partition for topic in topics for partition in partitions_of(consumer, topic)]
        ends = consumer.end_offsets(partitions)
        return sum(end - (consumer.committed(partition) or 0) for partition, end in ends.items())
    finally:
        consumer.close()


def partitions_of(consumer: KafkaConsumer, topic: str) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
