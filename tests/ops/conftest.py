"""For tests that need the tools of `make ops-setup`, and a real Apache Kafka with the harness of the broker tests.

Plain `make test` does not come here.
"""

import sys
from pathlib import Path

from kafka_node import broker, cache_dir, own_broker, topics

__all__ = ["broker", "cache_dir", "own_broker", "topics"]

CHECKS = Path(__file__).parents[2] / "checks"
sys.path[:0] = [str(CHECKS / "ops"), str(CHECKS)]
sys.path.append(str(Path(__file__).parents[1] / "broker"))
