"""The topic registry carried out on a real cluster."""

import time

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from exportwatch.broker.local import LocalBroker
from exportwatch.broker.provision import admin_client, apply, diff
from exportwatch.broker.topics import DriftKind, PartitionCount, TopicSpec, load_registry
from exportwatch.errors import ConfigError

pytestmark = pytest.mark.broker


@pytest.fixture
def client(broker: LocalBroker):  # type: ignore[no-untyped-def]
    with admin_client(broker.bootstrap) as client:
        yield client


@pytest.fixture
def specs(request: pytest.FixtureRequest) -> tuple[TopicSpec, ...]:
    """The registry's files under names of this test's own."""
    prefix = request.node.name.replace("[", ".").replace("]", "")[-80:]
    return tuple(spec.model_copy(update={"name": f"{prefix}.{spec.name}"}) for spec in load_registry())


def test_apply_creates_every_topic_as_its_file_says(
    client: KafkaAdminClient, specs: tuple[TopicSpec, ...]
) -> None:
    assert {drift.kind for drift in diff(client, specs)} == {DriftKind.MISSING}

    apply(client, specs)

    partitions = {topic["name"]: len(topic["partitions"]) for topic in client.describe_topics()}
    configs = client.describe_configs(
        [ConfigResource(ConfigResourceType.TOPIC, spec.name) for spec in specs], config_filter="all"
    )["topic"]
    for spec in specs:
        assert partitions[spec.name] == spec.partitions
        assert configs[spec.name]["max.message.bytes"]["value"] == str(spec.max_message_bytes)
        assert configs[spec.name]["cleanup.policy"]["value"] == spec.cleanup.value
        assert configs[spec.name]["retention.ms"]["value"] == str(spec.retention)
    assert diff(client, specs) == ()


def test_apply_twice_changes_nothing(client: KafkaAdminClient, specs: tuple[TopicSpec, ...]) -> None:
    assert len(apply(client, specs)) == len(specs)
    assert apply(client, specs) == ()


def test_a_setting_changed_by_hand_is_shown_and_set_back(
    client: KafkaAdminClient, specs: tuple[TopicSpec, ...]
) -> None:
    apply(client, specs)
    name = specs[0].name
    client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {"max.message.bytes": "1000"})])

    deadline = time.monotonic() + 30
    while not diff(client, specs) and time.monotonic() < deadline:
        time.sleep(0.05)
    (drift,) = diff(client, specs)
    assert (drift.kind, drift.topic, drift.name, drift.found) == (
        DriftKind.SETTING, name, "max.message.bytes", "1000",
    )  # fmt: skip

    assert apply(client, specs) == (drift,)
    assert diff(client, specs) == ()


def test_a_fixed_partition_count_is_never_changed_and_nothing_else_is_either(
    client: KafkaAdminClient, specs: tuple[TopicSpec, ...]
) -> None:
    decisions = next(spec for spec in specs if spec.name.endswith("compliance.decisions.v1"))
    client.create_topics(
        {decisions.name: {"num_partitions": 4, "replication_factor": 1}}, wait_for_metadata=True
    )

    with pytest.raises(ConfigError, match="found 4 partitions, the registry fixes 12"):
        apply(client, specs)

    assert not {spec.name for spec in specs if spec is not decisions} & set(client.list_topics())
    (topic,) = client.describe_topics([decisions.name])
    assert len(topic["partitions"]) == 4


def test_an_input_topic_may_have_any_count(client: KafkaAdminClient, specs: tuple[TopicSpec, ...]) -> None:
    shipments = next(spec for spec in specs if spec.partition_count is PartitionCount.AT_CREATION)
    client.create_topics(
        {shipments.name: {"num_partitions": 3, "replication_factor": 1}}, wait_for_metadata=True
    )
    apply(client, specs)
    assert diff(client, specs) == ()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("127.0.0.1:1", r"no Kafka answers at 127\.0\.0\.1:1"),
        ("localhost", r"found localhost; expected HOST:PORT"),
    ],
)
def test_an_address_without_a_kafka_is_named(address: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message), admin_client(address):
        pass
