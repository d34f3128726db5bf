"""Carries out what `topics` plans, through kafka-python's admin client."""

import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigFilterType, ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, TopicAlreadyExistsError, TopicAuthorizationFailedError

from exportwatch.broker.door import refuse_closed_door
from exportwatch.broker.refusals import Right, lacks_right
from exportwatch.broker.topics import (
    Drift,
    DriftKind,
    Observed,
    ObservedTopic,
    TopicSpec,
    differences,
    refuse_partition_changes,
)
from exportwatch.errors import ConfigError

REACH_SECONDS = 15


@contextmanager
def admin_client(bootstrap: str | Mapping[str, Any]) -> Iterator[KafkaAdminClient]:
    """An admin client for an address or kafka-python's options.

    Raises ConfigError where nobody answers or lets us in.
    """
    options = {"bootstrap_servers": bootstrap.split(",")} if isinstance(bootstrap, str) else bootstrap
    servers = ",".join(options["bootstrap_servers"])
    refuse_unreachable(options)
    try:
        client = KafkaAdminClient(bootstrap_timeout_ms=REACH_SECONDS * 1000, **options)
    except KafkaError as error:
        raise ConfigError(f"no Kafka answers at {servers} within {REACH_SECONDS} s: {error}") from error
    try:
        yield client
    finally:
        client.close()


def refuse_unreachable(options: Mapping[str, Any]) -> None:
    """Raises ConfigError where nobody listens at any of the servers of kafka-python's options, or lets us in.

    Asked first, because a kafka-python client that finds nobody leaves its sockets open, and one that is not let
    in tries for ever.
    """
    servers = options["bootstrap_servers"]
    if not any(reachable(address) for address in servers):
        raise ConfigError(f"no Kafka answers at {','.join(servers)}: nobody listens there")
    refuse_closed_door(options)


def reachable(address: str) -> bool:
    host, _, port = address.strip().rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=REACH_SECONDS):
            return True
    except OSError:
        return False
    except ValueError as wrong:
        raise ConfigError("not an address of a broker", found=address, expected="HOST:PORT") from wrong


def shown(client: KafkaAdminClient) -> tuple[int, frozenset[str]]:
    """How many brokers there are, and the topics on which this user has a right."""
    topics = frozenset(topic["name"] for topic in client.describe_topics())
    return len(client.describe_cluster()["brokers"]), topics


def observe(
    client: KafkaAdminClient, specs: Sequence[TopicSpec], right: Right | None = Right.DESCRIBE_CONFIGS
) -> Observed:
    """What the cluster shows us of the registry's topics; asks for nothing that could create one.

    ConfigError names `right` where we may not see settings: that, or the one that brings it. None: a topic without
    settings may also be one that this broker does not know yet.
    """
    wanted = {spec.name for spec in specs}
    found = {
        topic["name"]: topic["partitions"] for topic in client.describe_topics() if topic["name"] in wanted
    }
    settings: Mapping[str, Mapping[str, Mapping[str, Any]]] = {}
    if found:
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in found]
        settings = client.describe_configs(resources, config_filter=ConfigFilterType.ALL)["topic"]
        # The client drops the refusal; a topic has settings always.
        if right is not None and (hidden := [name for name, values in settings.items() if not values]):
            raise lacks_right("topic", hidden, right, "see its settings")
    return Observed(
        brokers=len(client.describe_cluster()["brokers"]),
        topics={
            name: ObservedTopic(
                partitions=len(partitions),
                replication_factor=len(partitions[0]["replica_nodes"]),
                settings={key: str(entry["value"]) for key, entry in settings[name].items()},
            )
            for name, partitions in found.items()
        },
    )


def diff(client: KafkaAdminClient, specs: Sequence[TopicSpec]) -> tuple[Drift, ...]:
    return differences(specs, observe(client, specs))


def apply(client: KafkaAdminClient, specs: Sequence[TopicSpec]) -> tuple[Drift, ...]:
    """Create what is missing and set what differs; returns what it changed.

    Raises ConfigError, having changed nothing, where a fixed partition count differs; and where a right is missing.
    """
    seen = observe(client, specs, Right.ALTER_CONFIGS)
    drifts = differences(specs, seen)
    refuse_partition_changes(drifts)
    by_name = {spec.name: spec for spec in specs}
    create(
        client, [by_name[drift.topic] for drift in drifts if drift.kind is DriftKind.MISSING], seen.brokers
    )
    alter(client, [drift for drift in drifts if drift.kind is DriftKind.SETTING])
    done = repairable(drifts)
    if done:
        wait_until_visible(client, specs)
    return done


def repairable(drifts: Sequence[Drift]) -> tuple[Drift, ...]:
    return tuple(drift for drift in drifts if drift.kind in (DriftKind.MISSING, DriftKind.SETTING))


def wait_until_visible(client: KafkaAdminClient, specs: Sequence[TopicSpec]) -> None:
    """The controller answers before the brokers know; returns when they do, and a diff is empty."""
    deadline = time.monotonic() + REACH_SECONDS
    while left := repairable(differences(specs, observe(client, specs, None))):
        if time.monotonic() > deadline:
            lines = "\n".join(f"  {drift.line}" for drift in left)
            raise ConfigError(f"the cluster took the changes and does not show them:\n{lines}")
        time.sleep(0.1)


def create(client: KafkaAdminClient, specs: Sequence[TopicSpec], brokers: int) -> None:
    """Returns when every partition has a leader, so that a producer may start at once."""
    if not specs:
        return
    names = [spec.name for spec in specs]
    try:
        client.create_topics(
            {
                spec.name: {
                    "num_partitions": spec.partitions,
                    "replication_factor": spec.replicas(brokers),
                    "configs": spec.settings(brokers),
                }
                for spec in specs
            },
            wait_for_metadata=True,
        )
    except TopicAuthorizationFailedError as error:
        raise lacks_right("topic", names, Right.CREATE, "create it") from error
    except TopicAlreadyExistsError as error:
        # It was not among those that we see.
        raise lacks_right("topic", names, Right.DESCRIBE, "see it, though it is there") from error


def alter(client: KafkaAdminClient, changes: Sequence[Drift]) -> None:
    values: dict[str, dict[str, str]] = {}
    for change in changes:
        values.setdefault(change.topic, {})[change.name] = change.wanted
    if values:
        resources = [
            ConfigResource(ConfigResourceType.TOPIC, name, configs) for name, configs in values.items()
        ]
        answers = client.alter_configs(resources)["topic"]
        refused = {name: answer for name, answer in answers.items() if answer != "OK"}
        if barred := [name for name, why in refused.items() if TopicAuthorizationFailedError.__name__ in why]:
            raise lacks_right("topic", barred, Right.ALTER_CONFIGS, "set its settings")
        if refused:
            raise ConfigError(f"the cluster refused settings: {refused}")
