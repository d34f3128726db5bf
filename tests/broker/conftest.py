"""A real Apache Kafka for the tests of this folder."""

from kafka_node import broker, cache_dir, own_broker, topics

__all__ = ["broker", "cache_dir", "own_broker", "topics"]
