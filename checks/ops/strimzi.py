"""Makes Strimzi's KafkaTopics and KafkaUsers of schemas/topics and deploy/kafka/rights.yaml.

`--check` writes nothing and leaves with 1 where the files are not what would be written.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from rights import ROOT, Acl, Principal, load_rights, user_name

from exportwatch.broker.topics import TopicSpec, load_registry

FOLDER = ROOT / "deploy" / "kubernetes" / "kafka"
API = "kafka.strimzi.io/v1"
CLUSTER = "kafka"
LABELS = {"strimzi.io/cluster": CLUSTER, "app.kubernetes.io/part-of": "exportwatch"}
# Of the production cluster; fewer replicas are a patch of the overlay's.
BROKERS = 3
HEAD = "# Made by `checks/ops/strimzi.py` of {source}; change it there.\n"


class Dumper(yaml.SafeDumper):
    """Lists stand indented, as yamllint wants them; nothing is written as a reference."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


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


def text_of(source: str, documents: Iterable[Mapping[str, Any]]) -> str:
    dumped = yaml.dump_all(
        documents, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110, explicit_start=True
    )
    return HEAD.format(source=source) + dumped


def files() -> Iterator[tuple[Path, str]]:
    """Each file and what must be in it."""
    topics = [kafka_topic(spec) for spec in load_registry()]
    yield FOLDER / "topics.yaml", text_of("schemas/topics", topics)
    users = [kafka_user(name, principal) for name, principal in load_rights().items()]
    yield FOLDER / "users.yaml", text_of("deploy/kafka/rights.yaml", users)


def stale() -> list[Path]:
    return [path for path, text in files() if not path.is_file() or path.read_text("utf-8") != text]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; status 1 where a file is stale")
    if parser.parse_args(arguments).check:
        old = stale()
        for path in old:
            sys.stderr.write(f"{path.relative_to(ROOT)} is stale: run `python checks/ops/strimzi.py`\n")
        return 1 if old else 0
    for path, text in files():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
