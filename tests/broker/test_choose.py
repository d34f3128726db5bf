"""Which Kafka is chosen on which machine, and what is said about it."""

from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from exportwatch.broker import choose
from exportwatch.broker.choose import BrokerKind, chosen_broker, what_kafka_lacks
from exportwatch.broker.topics import load_registry
from exportwatch.connection import KafkaConnection

pytestmark = pytest.mark.broker


def test_a_named_kafka_is_used_and_nothing_is_started(tmp_path: Path) -> None:
    with chosen_broker(KafkaConnection(("kafka.example:9092",)), tmp_path) as chosen:
        assert (chosen.kind, chosen.bootstrap) == (BrokerKind.NAMED, "kafka.example:9092")
    assert not list(tmp_path.iterdir())


def test_with_java_and_maven_it_is_a_real_kafka(cache_dir: Path) -> None:
    with chosen_broker(None, cache_dir) as chosen:
        assert chosen.kind is BrokerKind.KAFKA


@pytest.mark.parametrize(
    ("java", "maven", "lack"),
    [
        (None, "mvn", "no Java here"),
        (11, "mvn", "the Java here is 11"),
        (17, None, "no Maven here"),
        (21, "mvn", None),
    ],
)
def test_what_a_machine_lacks_for_a_real_kafka_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, java: int | None, maven: str | None, lack: str | None
) -> None:
    monkeypatch.setattr(choose, "java_version", lambda: java)
    monkeypatch.setattr(choose.shutil, "which", lambda _: maven)
    said = what_kafka_lacks(tmp_path)
    assert said is None if lack is None else lack in (said or "")


def test_without_java_the_mock_cluster_has_the_registrys_topics_and_says_that_it_keeps_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(choose, "java_version", lambda: None)
    with chosen_broker(None, tmp_path) as chosen:
        assert chosen.kind is BrokerKind.MOCK
        assert "keeps nothing" in chosen.notice
        consumer = KafkaConsumer(**chosen.options)
        counts = {spec.name: consumer.partitions_for_topic(spec.name) for spec in load_registry()}
        assert counts == {spec.name: set(range(spec.partitions)) for spec in load_registry()}

        producer = KafkaProducer(acks="all", **chosen.options)
        partition = TopicPartition("compliance.law.v1", 0)
        producer.send(partition.topic, b"value", key=b"key", headers=[("name", b"header")]).get(20)
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        records = consumer.poll(timeout_ms=5000)[partition]
        assert [(record.key, record.value, record.headers) for record in records] == [
            (b"key", b"value", [("name", b"header")])
        ]
        producer.close()
        consumer.close()
