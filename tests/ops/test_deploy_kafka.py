"""The rights on Kafka and what Strimzi is told, against the topic registry and the services."""

from pathlib import Path

import pytest
import strimzi
from manifests import of_kind
from rights import load_rights, user_name

from exportwatch.alerting.app import AlertingStage
from exportwatch.broker.topics import load_registry
from exportwatch.commands.run import SERVICES
from exportwatch.screening.app import ScreeningStage
from exportwatch.settings import Settings
from exportwatch_events.catalogue import LAW, LICENSES, PARTIES, QUARANTINE

RIGHTS = load_rights()
REGISTRY = {spec.name: spec for spec in load_registry()}
STAGES = {"screening": ScreeningStage, "alerting": AlertingStage}
# Named by the registry, not written yet.
LATER = {"rescreening", "ledger"}


def test_every_topic_is_in_the_registry() -> None:
    assert {topic for one in RIGHTS.values() for topic in one.topics} == set(REGISTRY)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_what_it_does_and_no_more(service: str) -> None:
    mine, stage = RIGHTS[service], STAGES[service]
    # Beside its inputs: what each reads back without a group.
    beside = {
        "screening": {LAW, LICENSES, PARTIES, QUARANTINE},
        "alerting": set(stage.outputs) - {QUARANTINE},
    }
    assert mine.may("Read") == set(stage.inputs) | beside[service]
    assert mine.may("Write") == set(stage.outputs)
    assert {operation for operations in mine.topics.values() for operation in operations} == {"Read", "Write"}
    assert mine.groups == {Settings().group(service): ("Read",)}


def test_only_its_own_service_may_move_the_offsets_of_a_group() -> None:
    groups = {Settings().group(service): service for service in SERVICES}
    for name, one in RIGHTS.items():
        for acl in one.acls:
            if acl.resource == "group" and "Read" in acl.operations:
                mine = [service for group, service in groups.items() if group.startswith(acl.name)]
                assert mine in ([], [name])


@pytest.mark.parametrize("topic", sorted(REGISTRY))
def test_the_registry_and_the_rights_name_the_same_producers(topic: str) -> None:
    registered = set(REGISTRY[topic].producers) - LATER
    # A tool of an operator's that marks what it lets through is no producer of the topic.
    may = {one.registry for name, one in RIGHTS.items() if topic in one.may("Write") and name != "quarantine"}
    assert may == registered


@pytest.mark.parametrize("topic", sorted(REGISTRY))
def test_every_consumer_that_the_registry_names_may_read(topic: str) -> None:
    may = {one.registry for one in RIGHTS.values() if topic in one.may("Read")}
    assert set(REGISTRY[topic].consumers) - LATER <= may


def test_the_topics_tool_may_make_and_set_every_topic_and_read_none() -> None:
    mine = RIGHTS["topics"]
    assert mine.may("Create") == mine.may("AlterConfigs") == mine.may("Describe") == set(REGISTRY)
    assert not mine.may("Read") and not mine.may("Write")


def test_an_operation_that_kafka_does_not_know_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "rights.yaml"
    file.write_text("erp:\n  runs: it\n  topics:\n    erp.shipments.v1: [Publish]\n")
    with pytest.raises(SystemExit, match=r"rights\.yaml: erp\.topics\.erp\.shipments\.v1"):
        load_rights(file)


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_strimzi_is_told_of_every_topic_and_user(environment: str) -> None:
    topics = of_kind(f"{environment}/kafka", "KafkaTopic")
    assert set(topics) == set(REGISTRY)
    brokers = {"production": 3, "staging": 1}[environment]
    for name, topic in topics.items():
        spec = REGISTRY[name]
        assert topic["spec"]["partitions"] == spec.partitions
        assert topic["spec"]["replicas"] == spec.replicas(brokers)
        config = {key: str(value) for key, value in topic["spec"]["config"].items()}
        assert config == spec.settings(brokers)
    assert set(of_kind(f"{environment}/kafka", "KafkaUser")) == set(map(user_name, RIGHTS))


def test_a_kafka_user_has_the_rights_of_the_table_and_a_password() -> None:
    for name, one in RIGHTS.items():
        spec = of_kind("production/kafka", "KafkaUser")[user_name(name)]["spec"]
        assert spec["authentication"] == {"type": "scram-sha-512"}
        found = {
            (acl["resource"]["type"], acl["resource"]["name"], acl["resource"]["patternType"]): acl[
                "operations"
            ]
            for acl in spec["authorization"]["acls"]
        }
        assert found == {
            (acl.resource, acl.name, "prefix" if acl.is_prefix else "literal"): list(acl.operations)
            for acl in one.acls
        }


def test_the_committed_files_are_what_would_be_made() -> None:
    assert strimzi.stale() == []


def test_a_file_that_was_changed_by_hand_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strimzi, "FOLDER", tmp_path)
    for path, text in strimzi.files():
        path.write_text(text)
    assert strimzi.stale() == []
    users = tmp_path / "users.yaml"
    users.write_text(users.read_text().replace("- Read", "- All", 1))
    assert strimzi.stale() == [users]
