"""Operations are tested on a real Apache Kafka and with the tools of `make ops-setup`; plain `make test` stays away."""

import sys
from pathlib import Path

from kafka_node import broker, cache_dir, own_broker, topics

__all__ = ["broker", "cache_dir", "own_broker", "topics"]

sys.path.append(str(Path(__file__).parents[1] / "broker"))
sys.path.insert(0, str(Path(__file__).parents[2] / "checks" / "ops"))
