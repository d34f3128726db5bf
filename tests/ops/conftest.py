"""Operations are tested on a real Apache Kafka, with the harness of the broker tests."""

import sys
from pathlib import Path

from kafka_node import broker, cache_dir, own_broker, topics

__all__ = ["broker", "cache_dir", "own_broker", "topics"]

sys.path.append(str(Path(__file__).parents[1] / "broker"))
