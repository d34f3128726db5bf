"""Which Kafka to use on this machine: one that was named, else a real local node, else the mock cluster."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from exportwatch.broker import mock
from exportwatch.broker.jars import are_cached
from exportwatch.broker.local import LocalBroker
from exportwatch.connection import KafkaConnection

NEEDED_JAVA = 17


class BrokerKind(StrEnum):
    NAMED = "named"
    KAFKA = "kafka"
    MOCK = "mock"


@dataclass(frozen=True, slots=True)
class ChosenBroker:
    """A Kafka that runs, what kafka-python's clients need to reach it, and what a person should know."""

    kind: BrokerKind
    options: Mapping[str, Any]
    notice: str
    is_running: Callable[[], bool] = lambda: True

    @property
    def bootstrap(self) -> str:
        return ",".join(self.options["bootstrap_servers"])


@contextmanager
def chosen_broker(
    named: KafkaConnection | None, cache_dir: Path, *, port: int | None = None, data_dir: Path | None = None
) -> Iterator[ChosenBroker]:
    """The `named` Kafka where there is one, else one that lives as long as the context."""
    if named is not None:
        notice = f"Using the Kafka at {','.join(named.servers)}."
        yield ChosenBroker(BrokerKind.NAMED, named.for_kafka_python(), notice)
    elif (lack := what_kafka_lacks(cache_dir)) is None:
        with LocalBroker(cache_dir, port=port, data_dir=data_dir) as node:
            notice = f"Apache Kafka listens at {node.bootstrap} (data and log: {shown(node.home)})."
            options = {"bootstrap_servers": [node.bootstrap]}
            yield ChosenBroker(BrokerKind.KAFKA, options, notice, lambda: node.is_running)
    else:
        with mock.mock_cluster() as address:
            notice = (
                f"MOCK CLUSTER at {address}: {lack}. It is good for a look only: it keeps nothing, every "
                "record is gone when it stops, and no promise about lost or doubled records holds on it."
            )
            yield ChosenBroker(
                BrokerKind.MOCK, {"bootstrap_servers": [address], "api_version": mock.API_VERSION}, notice
            )


def shown(path: Path) -> str:
    """As seen from where the person is, where it lies below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def what_kafka_lacks(cache_dir: Path) -> str | None:
    """None where a real node can run, else what is missing for it."""
    java = java_version()
    if java is None:
        return f"there is no Java here (a real Kafka needs Java {NEEDED_JAVA} and Maven)"
    if java < NEEDED_JAVA:
        return f"the Java here is {java} (a real Kafka needs {NEEDED_JAVA} or newer)"
    if not are_cached(cache_dir) and shutil.which("mvn") is None:
        return "there is no Maven here to fetch Kafka's jars"
    return None


def java_version() -> int | None:
    """The major version of the `java` on the PATH."""
    try:
        said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True)  # noqa: S607
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r'version "(\d+)', said.stderr)
    return int(match[1]) if match else None
