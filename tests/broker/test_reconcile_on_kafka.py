"""The accounting on a real broker, against records written by hand: what is lost is named, and only that."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as AIOTopicPartition
from harness import renew_topics
from kafka.structs import TopicPartition

from exportwatch.broker.local import LocalBroker
from exportwatch.broker.provision import admin_client
from exportwatch.broker.topics import load_registry
from exportwatch.connection import KafkaConnection
from exportwatch.reconcile.account import Question, reconcile
from exportwatch.reconcile.marks import Fate
from exportwatch.reconcile.report import Report
from exportwatch.streaming.partitions import TP
from exportwatch.streaming.wire import (
    InputRecord,
    Marker,
    OutputRecord,
    Refusal,
    Source,
    marker_record,
    quarantine_record,
)
from exportwatch_events.catalogue import (
    DECISIONS,
    HEADER_DOCUMENT,
    HEADER_SOURCE,
    HEADER_VERSION,
    QUARANTINE,
    SHIPMENTS,
    DocumentType,
    ErrorCode,
)
from exportwatch_events.keys import decision_key, document_key, partition_of

pytestmark = pytest.mark.broker
CACHE_DIR = Path(__file__).parents[2] / ".cache"
GROUP = "exportwatch-screening"
EIGHT_DAYS_MS = 8 * 86_400_000
ON = date(2026, 11, 10)


@pytest.fixture(scope="module")
def node() -> Iterator[LocalBroker]:
    with LocalBroker(CACHE_DIR) as broker:
        yield broker


class Log:
    """The topics, written by hand."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def publish(self, *values: bytes, age_ms: int = 0, end: str | None = None) -> None:
        """Input records in partition 0; in a transaction where `end` says how that ends."""

        async def send() -> None:
            options = {"transactional_id": "erp"} if end else {}
            async with AIOKafkaProducer(bootstrap_servers=self.bootstrap, **options) as producer:
                if end:
                    await producer.begin_transaction()
                at = int(time.time() * 1000) - age_ms
                for value in values:
                    await producer.send_and_wait(SHIPMENTS, value, partition=0, timestamp_ms=at)
                if end == "abort":
                    await producer.abort_transaction()
                elif end == "commit":
                    await producer.commit_transaction()

        asyncio.run(send())

    def write(self, *records: OutputRecord) -> None:
        async def send() -> None:
            async with AIOKafkaProducer(bootstrap_servers=self.bootstrap) as producer:
                for one in records:
                    await producer.send_and_wait(
                        one.topic, one.value, one.key, partition=one.partition, headers=list(one.headers)
                    )

        asyncio.run(send())

    def commit(self, offset: int) -> None:
        async def send() -> None:
            here = AIOTopicPartition(SHIPMENTS, 0)
            # Left on, its own commit at the end writes back the offset that it found.
            async with AIOKafkaConsumer(
                bootstrap_servers=self.bootstrap, group_id=GROUP, enable_auto_commit=False
            ) as consumer:
                consumer.assign([here])
                await consumer.commit({here: offset})

        asyncio.run(send())

    def delete_before(self, offset: int) -> None:
        with admin_client(self.bootstrap) as client:
            client.delete_records({TopicPartition(SHIPMENTS, 0): offset})

    def reconcile(self, grace: float = 60) -> Report:
        question = Question(GROUP, ON, int(time.time() * 1000), grace)
        return asyncio.run(reconcile(KafkaConnection((self.bootstrap,)), question))


@pytest.fixture
def log(node: LocalBroker) -> Log:
    """All topics empty, nothing committed."""
    renew_topics(node.bootstrap, [spec.name for spec in load_registry()])
    log = Log(node.bootstrap)
    log.commit(0)
    return log


def event(number: int, version: int = 1) -> bytes:
    return orjson.dumps(
        {
            "event_id": f"e-{number}-{version}",
            "event_type": "shipment.cancelled",
            "event_time": "2026-10-01T08:00:00+08:00",
            "source": "ERP-P01",
            "shipment_id": f"S{number}",
            "version": version,
        }
    )


def document(number: int) -> str:
    return document_key("default", "ERP-P01", DocumentType.SHIPMENT, f"S{number}")


def decided(number: int, offset: int, version: int = 1, reassess_on: str | None = None) -> OutputRecord:
    key = document(number)
    headers = (
        (HEADER_DOCUMENT, key.encode()),
        (HEADER_VERSION, str(version).encode()),
        (HEADER_SOURCE, Source(SHIPMENTS, 0, offset).text.encode()),
    )
    value = orjson.dumps({"reassess_on": reassess_on})
    return OutputRecord(DECISIONS, partition_of(key, 12), decision_key(key, version), value, headers)


def quarantined(value: bytes, offset: int) -> OutputRecord:
    record = InputRecord(SHIPMENTS, 0, offset, 0, None, value, ())
    return quarantine_record(record, Refusal(ErrorCode.NOT_JSON, "not JSON"), 6)


def test_decided_and_quarantined_records_are_clean_and_aborted_ones_are_none(log: Log) -> None:
    log.publish(event(1), b"{")
    log.publish(event(2), end="abort")
    log.publish(event(3), end="commit")
    log.write(decided(1, 0), quarantined(b"{", 1), decided(3, 4))
    log.commit(6)
    report = log.reconcile()
    assert list(report.lines())[:-1] == [f"{SHIPMENTS}/0: 2 decided, 1 quarantined"]
    assert report.clean


def test_a_committed_record_with_no_trace_is_named_with_its_document(log: Log) -> None:
    log.publish(event(1), event(2), b"{")
    log.write(decided(1, 0))
    log.commit(3)
    report = log.reconcile()
    assert not report.clean
    assert [(one.source.offset, one.fate, one.decision) for one in report.named] == [
        (1, Fate.MISSING, f"{document(2)}@1"),
        (2, Fate.MISSING, None),
    ]


def test_the_decision_of_a_repeated_version_speaks_for_the_one_that_compaction_removed(log: Log) -> None:
    log.publish(event(1), event(1), age_ms=EIGHT_DAYS_MS)
    log.write(decided(1, 1))
    log.commit(2)
    report = log.reconcile()
    assert report.clean
    assert (report.total(Fate.DECIDED), report.total(Fate.SUPERSEDED)) == (1, 1)


def test_before_compaction_can_have_run_a_repeated_version_hides_no_lost_record(log: Log) -> None:
    log.publish(event(1), event(1))
    log.write(decided(1, 1))
    log.commit(2)
    report = log.reconcile()
    assert [(one.source.offset, one.fate) for one in report.named] == [(0, Fate.MISSING)]


def test_what_is_not_committed_is_on_its_way_or_late(log: Log) -> None:
    log.publish(event(1), event(2))
    assert log.reconcile().clean
    assert log.reconcile().total(Fate.IN_FLIGHT) == 2
    time.sleep(0.01)
    late = log.reconcile(grace=0)
    assert not late.clean
    assert [one.fate for one in late.named] == [Fate.WAITING, Fate.WAITING]


def test_a_gap_that_retention_left_is_named_until_it_is_accepted(log: Log) -> None:
    log.publish(event(1), event(2), event(3))
    log.write(decided(1, 0), decided(3, 2))
    log.commit(1)
    log.delete_before(2)
    report = log.reconcile()
    assert not report.clean
    assert [(gap.tp, gap.start, gap.end) for gap in report.gaps] == [(TP(SHIPMENTS, 0), 1, 2)]
    facts = {"from": 1, "to": 2}
    log.write(marker_record(Marker.GAP, Source(SHIPMENTS, 0, 1), 6, facts))
    log.commit(3)
    assert log.reconcile().clean
    assert [gap.accepted for gap in log.reconcile().lost] == [True]


def test_a_note_in_the_quarantine_topic_accounts_for_no_record(log: Log) -> None:
    log.publish(event(1))
    log.write(marker_record(Marker.PAUSED, Source(SHIPMENTS, 0, 0), 6, {"offset": 0}))
    log.commit(1)
    assert log.reconcile().total(Fate.MISSING) == 1


def test_the_command_names_what_is_due_and_its_status_says_so(log: Log) -> None:
    log.publish(event(1), event(2), event(2, version=2))
    log.write(
        decided(1, 0, reassess_on="2026-11-10"),
        decided(2, 1, reassess_on="2026-11-10"),
        decided(2, 2, version=2, reassess_on="2027-11-10"),
    )
    log.commit(3)
    early, due = run(log, "--on", "2026-11-09"), run(log, "--on", "2026-11-10", "--json")
    assert (early.returncode, early.stderr) == (0, "")
    assert early.stdout.endswith("3 input records: 3 decided: every record is accounted for\n")
    assert (due.returncode, due.stderr) == (1, "")
    found = orjson.loads(due.stdout)
    assert found["due_decisions"] == [{"document": document(1), "version": 1, "since": "2026-11-10"}]


def run(log: Log, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "exportwatch", "reconcile", *arguments],
        env=os.environ | {"EXPORTWATCH_BOOTSTRAP_SERVERS": log.bootstrap},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_the_topics_the_command_says_how_to_make_them(own_broker: LocalBroker) -> None:
    done = run(Log(own_broker.bootstrap))
    assert done.returncode == 2
    assert "exportwatch topics apply" in done.stderr


def test_nothing_published_and_no_group_yet_is_clean(own_broker: LocalBroker) -> None:
    renew_topics(own_broker.bootstrap)
    report = Log(own_broker.bootstrap).reconcile()
    assert report.clean
    assert report.records == 0
    assert QUARANTINE not in report.fates
