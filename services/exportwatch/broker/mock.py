"""The mock cluster inside the confluent-kafka wheel: for a look where there is no Java.

It lives in the memory of a child process: nothing is kept, nothing is compacted, topics cannot be managed.
The child makes the registry's topics with their partition counts, says where it listens and stays until its
standard input closes, so that it never outlives its owner. librdkafka offers that only to C, hence ctypes.
"""

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import cimpl

from exportwatch.broker.topics import load_registry
from exportwatch.errors import ConfigError

ANSWER_SECONDS = 20.0
PRODUCER = 0
# Kafka clients that ask a broker for its version get no usable answer from the mock.
API_VERSION = (2, 0)


@contextmanager
def mock_cluster() -> Iterator[str]:
    """The bootstrap address of a mock cluster that lives as long as the context."""
    child = subprocess.Popen(
        [sys.executable, "-m", "exportwatch.broker.mock"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert child.stdout is not None
        bootstrap = child.stdout.readline().decode().strip()
        if not bootstrap:
            raise ConfigError("the mock cluster of the confluent-kafka wheel did not start")
        yield bootstrap
    finally:
        child.communicate(timeout=ANSWER_SECONDS)


def main() -> None:
    # The extension is linked against the wheel's librdkafka, so its handle reaches those functions too.
    kafka = ctypes.CDLL(cimpl.__file__)
    kafka.rd_kafka_new.restype = ctypes.c_void_p
    kafka.rd_kafka_mock_cluster_new.restype = ctypes.c_void_p
    kafka.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    problem = ctypes.create_string_buffer(512)
    client = kafka.rd_kafka_new(PRODUCER, None, problem, ctypes.c_size_t(len(problem)))
    cluster = ctypes.c_void_p(kafka.rd_kafka_mock_cluster_new(ctypes.c_void_p(client), 1))
    for spec in load_registry():
        kafka.rd_kafka_mock_topic_create(cluster, spec.name.encode(), spec.partitions, 1)
    sys.stdout.write(kafka.rd_kafka_mock_cluster_bootstraps(cluster).decode() + "\n")
    sys.stdout.flush()
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(0)  # librdkafka's threads need no farewell


if __name__ == "__main__":
    main()
