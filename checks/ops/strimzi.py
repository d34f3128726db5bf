"""Makes Strimzi's KafkaTopics and KafkaUsers of schemas/topics and deploy/kafka/rights.yaml.

`--check` writes nothing and leaves with 1 where the files are not what would be written.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generated import ROOT, stale_of, text_of, write_or_check
from rights import Acl, Principal, load_rights, user_name

from exportwatch.broker.topics import TopicSpec, load_registry

MAKER = "checks/ops/strimzi.py"
FOLDER = ROOT / "deploy" / "kubernetes" / "kafka"
API = "kafka.strimzi.io/v1"
CLUSTER = "kafka"
LABELS = {"strimzi.io/cluster": CLUSTER, "app.kubernetes.io/part-of": "exportwatch"}
# Of the production cluster; fewer replicas are a patch of the overlay's.
BROKERS = 3


def kafka_topic(spec: TopicSpec) -> dict[str, Any]:
    settings = spec.settings(BROKERS)
    return {
        "apiVersion": API,
        "kind": "KafkaTopic",
        "metadata": {
            "name": spec.name,
            "labels": LABELS,
            "annotations": {"exportwatch/purpose": spec.purpose},
        },
        "spec": {
            "topicName": spec.name,
            "partitions": spec.partitions,
            "replicas": spec.replicas(BROKERS),
            "config": {name: number(value) for name, value in settings.items()},
        },
    }


def number(text: str) -> int | str:
    return int(text) if text.lstrip("-").isdecimal() else text


def kafka_user(name: str, principal: Principal) -> dict[str, Any]:
    return {
        "apiVersion": API,
        "kind": "KafkaUser",
        "metadata": {
            "name": user_name(name),
            "labels": LABELS,
            "annotations": {"exportwatch/runs": principal.runs},
        },
        "spec": {
            "authentication": {"type": "scram-sha-512"},
            "authorization": {"type": "simple", "acls": [rule(acl) for acl in principal.acls]},
        },
    }


def rule(acl: Acl) -> dict[str, Any]:
    pattern = "prefix" if acl.is_prefix else "literal"
    resource = {"type": acl.resource, "name": acl.name, "patternType": pattern}
    return {"resource": resource, "operations": list(acl.operations)}


def files() -> Iterator[tuple[Path, str]]:
    """Each file and what must be in it."""
    topics = [kafka_topic(spec) for spec in load_registry()]
    yield FOLDER / "topics.yaml", text_of(MAKER, "schemas/topics", topics)
    users = [kafka_user(name, principal) for name, principal in load_rights().items()]
    yield FOLDER / "users.yaml", text_of(MAKER, "deploy/kafka/rights.yaml", users)


def stale() -> list[Path]:
    return stale_of(files())


if __name__ == "__main__":
    sys.exit(write_or_check(MAKER, __doc__, files(), sys.argv[1:]))
