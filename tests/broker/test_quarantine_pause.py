"""Too much quarantine stops one input partition, and nothing else, until the operator lets it go on."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from harness import (
    Erp,
    Fleet,
    Reader,
    account,
    committed,
    readiness,
    renew_topics,
    shipment,
    started,
    wait_for_all,
    wait_until,
)
from kafka import KafkaProducer

from exportwatch.broker.local import LocalBroker
from exportwatch.commands.quarantine import command
from exportwatch.errors import ConfigError
from exportwatch.streaming.partitions import TP
from exportwatch.streaming.quarantine import TAIL_RECORDS
from exportwatch.streaming.wire import InputRecord, Refusal, quarantine_partition, quarantine_record
from exportwatch_events.catalogue import SHIPMENTS, ErrorCode

pytestmark = pytest.mark.broker
Place = tuple[str, int, int]


@pytest.fixture
def fleet(broker: LocalBroker, tmp_path: Path) -> Iterator[Fleet]:
    renew_topics(broker.bootstrap)
    fleet = Fleet(broker.bootstrap, tmp_path)
    yield fleet
    fleet.end()


@pytest.fixture
def reader(fleet: Fleet) -> Iterator[Reader]:
    with closing(Reader(fleet.bootstrap)) as reader:
        yield reader


@pytest.fixture
def operator(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("EXPORTWATCH_BOOTSTRAP_SERVERS", fleet.bootstrap)
    return CliRunner()


def wait_until_paused(fleet: Fleet, worker: int = 0) -> str:
    def paused() -> str:
        status, body = readiness(fleet, worker)
        return body if status == 503 and "quarantine_limit" in body else ""

    return str(wait_until(paused, 30, lambda: fleet.workers[worker].log[-2000:]))


def stands_at(body: str) -> Place:
    """The only partition of which /readyz says that it stands still, and at which offset."""
    (stood,) = [one for one in json.loads(body)["reasons"] if one["reason"] == "quarantine_limit"]
    topic, partition, offset = stood["detail"].split("/")
    return topic, int(partition), int(offset)


def wait_until_told(reader: Reader, broken: list[Place], stands: str) -> set[Place]:
    """The broken records before the one at which the partition stands, when they and the pause are acknowledged.

    The worker says that it stands still before either is.
    """
    stood = stands_at(stands)
    before = {place for place in broken if place < stood}

    def is_told() -> bool:
        records = reader.read()
        paused = any(one.headers.get("ew_marker") == b"paused" for one in records)
        return paused and before <= set(account(records).quarantined)

    wait_until(is_told)
    return before


def test_a_broken_producer_stops_its_partition_and_no_other_until_a_resume(
    fleet: Fleet, reader: Reader, operator: CliRunner
) -> None:
    worker = started(fleet, "plain")
    with Erp(fleet.bootstrap) as erp:
        erp.publish((shipment(number) for number in range(50)), partition=3)
        broken = erp.publish([b"{"] * 300, partition=3)
        others = erp.publish((shipment(number) for number in range(100, 300)), partition=1)
        behind = erp.publish((shipment(number) for number in range(400, 420)), partition=3)
    stands = wait_until_paused(fleet)
    before = wait_until_told(reader, broken, stands)
    wait_for_all(reader, others)
    time.sleep(2)
    found = account(reader.read_to_end())
    assert len(found.quarantined) <= 100
    assert set(found.quarantined) == before
    assert not found.accounted & set(behind)
    *stood, stood_at = stands_at(stands)
    assert stood == ["erp.shipments.v1", 3]
    assert committed(fleet.bootstrap, fleet.group).get((SHIPMENTS, 3), 0) <= stood_at
    assert worker.process.poll() is None

    status = operator.invoke(command, ["status"], standalone_mode=False)
    assert status.return_value == 1
    assert f"erp.shipments.v1/3: {len(found.quarantined)} records in quarantine lately; stands still" in (
        status.output
    )
    early = operator.invoke(command, ["resume", "--partition", "3", "--until", "1"])
    assert isinstance(early.exception, ConfigError)
    assert "would stand still again at once" in str(early.exception)
    other = operator.invoke(command, ["resume", "--partition", "1", "--until", "1000"])
    assert "does not stand still" in str(other.exception)

    until = str(broken[-1][2] + 1)
    resumed = operator.invoke(command, ["resume", "--partition", "3", "--until", until])
    assert resumed.exit_code == 0, resumed.exception
    found = wait_for_all(reader, erp.published)
    assert set(found.quarantined) == set(broken)
    wait_until(lambda: readiness(fleet)[0] == 200)


def test_a_pause_outlives_the_worker_and_a_resume_reaches_whoever_has_the_partition(
    fleet: Fleet, reader: Reader, operator: CliRunner
) -> None:
    first = started(fleet, "plain")
    with Erp(fleet.bootstrap) as erp:
        broken = erp.publish([b"{"] * 300, partition=2)
        before = wait_until_told(reader, broken, wait_until_paused(fleet))
        first.kill()
        fleet.start("plain")
        wait_until_paused(fleet, worker=1)
        others = erp.publish((shipment(number) for number in range(20)), partition=0)
    wait_for_all(reader, others)
    assert set(account(reader.read_to_end()).quarantined) == before, "a restart let more through"
    until = str(broken[-1][2] + 1)
    operator.invoke(command, ["resume", "--partition", "2", "--until", until], catch_exceptions=False)
    wait_for_all(reader, erp.published)


def bury(fleet: Fleet, tp: TP) -> None:
    """More newer records than a worker reads when it starts, of another input partition that shares the place."""
    place = quarantine_partition(*tp, 6)
    neighbour = next(
        n for n in range(100, 200) if n != tp.partition and quarantine_partition(tp.topic, n, 6) == place
    )
    producer = KafkaProducer(bootstrap_servers=fleet.bootstrap, acks="all", linger_ms=50)
    for offset in range(TAIL_RECORDS + 100):
        record = InputRecord(tp.topic, neighbour, offset, 0, None, b"{", ())
        written = quarantine_record(record, Refusal(ErrorCode.NOT_JSON, "not JSON"), 6)
        producer.send(written.topic, b"{", headers=list(written.headers), partition=written.partition)
    producer.flush()
    producer.close()


def pauses(reader: Reader) -> int:
    return sum(record.headers.get("ew_marker") == b"paused" for record in reader.read_to_end())


def test_a_pause_is_found_however_much_went_to_quarantine_since(
    fleet: Fleet, reader: Reader, operator: CliRunner
) -> None:
    first, tp = started(fleet, "plain"), TP(SHIPMENTS, 3)
    with Erp(fleet.bootstrap) as erp:
        broken = erp.publish([b"{"] * 300, partition=tp.partition)
        wait_until_paused(fleet)
        before = wait_until(lambda: pauses(reader))
        bury(fleet, tp)
        wait_until(lambda: pauses(reader) > before)  # it is written again, where a worker that starts sees it
        first.kill()
        second = fleet.start("plain")
        wait_until_paused(fleet, worker=1)
        second.kill()
        bury(fleet, tp)
        status = operator.invoke(command, ["status"], standalone_mode=False)
        assert status.return_value == 1
        assert f"{tp}: " in status.output
        until = str(broken[-1][2] + 1)
        arguments = ["resume", "--partition", str(tp.partition), "--until", until]
        operator.invoke(command, arguments, catch_exceptions=False)
        fleet.start("plain")
        wait_until(lambda: set(broken) <= set(account(reader.read_to_end()).quarantined), 60)


def test_a_worker_without_a_partition_in_need_is_ready(fleet: Fleet) -> None:
    started(fleet, "plain")
    assert readiness(fleet) == (200, json.dumps({"ready": True, "reasons": []}) + "\n")
