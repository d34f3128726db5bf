"""What the accounting must know of the cluster before it reads: partitions, committed offsets, compaction."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    IncompatibleBrokerVersion,
    KafkaError,
    TopicAuthorizationFailedError,
    for_code,
)

from exportwatch.broker.refusals import Right, lacks_right, lacks_topics
from exportwatch.broker.topics import load_registry
from exportwatch.connection import KafkaConnection
from exportwatch.streaming.partitions import TP
from exportwatch_events.catalogue import CONTRACTS, DECISIONS, QUARANTINE, SHIPMENTS

INPUTS = (SHIPMENTS, CONTRACTS)
ATTEMPTS = 20
PAUSE_SECONDS = 0.5
LAG_SETTING = "min.compaction.lag.ms"


@dataclass(frozen=True, slots=True)
class Cluster:
    partitions: Mapping[str, int]
    committed: Mapping[TP, int]
    compaction_lag_ms: int

    def of(self, *topics: str) -> list[TP]:
        """Every partition of the topics."""
        return [TP(topic, number) for topic in topics for number in range(self.partitions[topic])]


async def observe(connection: KafkaConnection, group: str) -> Cluster:
    """ConfigError where a topic or a right is missing; other errors of Kafka are the caller's."""
    admin = AIOKafkaAdminClient(**connection.for_aiokafka())
    try:
        await admin.start()
        partitions = await partition_counts(
            admin, (*INPUTS, DECISIONS, QUARANTINE), ",".join(connection.servers)
        )
        asked = [TopicPartition(topic, number) for topic in INPUTS for number in range(partitions[topic])]
        committed = await committed_offsets(admin, group, asked)
        lag = await compaction_lag_ms(admin)
    finally:
        await admin.close()
    return Cluster(partitions, committed, lag)


async def committed_offsets(
    admin: AIOKafkaAdminClient, group: str, asked: list[TopicPartition]
) -> dict[TP, int]:
    """Asked again for a while: a new cluster makes the topic of its offsets at the first question."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            found = await admin.list_consumer_group_offsets(group, partitions=asked)
        except GroupAuthorizationFailedError as error:
            raise lacks_right("group", [group], Right.DESCRIBE, "see how far screening is") from error
        except KafkaError as error:
            if attempt == ATTEMPTS or not error.retriable:
                raise
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            break
    return {TP(*tp): at.offset for tp, at in found.items() if at.offset >= 0}


async def partition_counts(admin: AIOKafkaAdminClient, topics: Sequence[str], brokers: str) -> dict[str, int]:
    present = set(await admin.list_topics())
    missing = [topic for topic in topics if topic not in present]
    if missing:
        raise lacks_topics(dict.fromkeys(missing, Right.READ), brokers)
    found = await admin.describe_topics(list(topics))
    return {topic["topic"]: len(topic["partitions"]) for topic in found}


async def compaction_lag_ms(admin: AIOKafkaAdminClient) -> int:
    """Of the decisions topic; the registry's where the cluster cannot say (the mock cluster)."""
    asked = ConfigResource(ConfigResourceType.TOPIC, DECISIONS, configs={LAG_SETTING: ""})
    try:
        answers = await admin.describe_configs([asked])
    except IncompatibleBrokerVersion:
        answers = []
    for answer in answers:
        for resource in answer.resources:
            if for_code(resource[0]) is TopicAuthorizationFailedError:
                raise lacks_right("topic", [DECISIONS], Right.DESCRIBE_CONFIGS, "see its settings")
            for name, value, *_ in resource[4]:
                if name == LAG_SETTING:
                    return int(value)
    return next(spec.min_compaction_lag for spec in load_registry() if spec.name == DECISIONS)
