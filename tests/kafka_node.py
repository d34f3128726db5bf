"""A real Apache Kafka as fixtures of the broker and operations tests. A machine without Java and Maven fails here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from exportwatch.broker.local import LocalBroker
from exportwatch.broker.provision import admin_client, apply
from exportwatch.broker.topics import TopicSpec, load_registry

CACHE_DIR = Path(__file__).parents[1] / ".cache"


@pytest.fixture(scope="session")
def cache_dir() -> Path:
    """Where Kafka's jars and the data of the tests' nodes lie."""
    return CACHE_DIR


@pytest.fixture(scope="session")
def broker() -> Iterator[LocalBroker]:
    """One node for the whole session. A test that stops or kills it brings it back (`start_again`)."""
    with LocalBroker(CACHE_DIR) as node:
        yield node


@pytest.fixture
def own_broker() -> Iterator[LocalBroker]:
    """A node for one test only: for those that break it or need it empty."""
    with LocalBroker(CACHE_DIR) as node:
        yield node


@pytest.fixture(scope="session")
def topics(broker: LocalBroker) -> tuple[TopicSpec, ...]:
    """The registry, applied to the session's node."""
    specs = load_registry()
    with admin_client(broker.bootstrap) as client:
        apply(client, specs)
    return specs
