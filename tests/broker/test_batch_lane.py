"""The batch lane on a real broker: nothing lost, whatever is killed, stopped or broken meanwhile."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
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
    wait_until_committed,
)
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from exportwatch.broker.local import LocalBroker
from exportwatch_events.catalogue import CONTRACTS, DECISIONS, QUARANTINE, SHIPMENTS

pytestmark = pytest.mark.broker


@pytest.fixture
def bootstrap(broker: LocalBroker) -> str:
    """The session's node with empty topics."""
    renew_topics(broker.bootstrap)
    return broker.bootstrap


@pytest.fixture
def fleet(bootstrap: str, tmp_path: Path) -> Iterator[Fleet]:
    fleet = Fleet(bootstrap, tmp_path)
    yield fleet
    fleet.end()


@pytest.fixture
def reader(bootstrap: str) -> Iterator[Reader]:
    reader = Reader(bootstrap)
    yield reader
    reader.close()


@pytest.fixture
def erp(bootstrap: str) -> Iterator[Erp]:
    with Erp(bootstrap) as erp:
        yield erp


def test_every_record_is_decided_or_quarantined_and_then_committed(
    fleet: Fleet, reader: Reader, erp: Erp
) -> None:
    fleet.start("plain")
    erp.publish(shipment(number) for number in range(1500))
    erp.publish([b"{", None, b"\xff"], partition=2)
    erp.publish((shipment(number) for number in range(5000, 5200)), CONTRACTS)
    found = wait_for_all(reader, erp.published)
    assert (sum(found.decided.values()), sum(found.quarantined.values())) == (1700, 3)
    assert found.duplicates == 0
    wait_until_committed(fleet)


def test_the_real_core_decides_on_the_lane(fleet: Fleet, reader: Reader, erp: Erp) -> None:
    fleet.start()
    erp.publish(shipment(number) for number in range(20))
    wait_for_all(reader, erp.published)
    headers = reader.records[0].headers
    assert headers["ew_result"] == b"not_required"
    assert headers["ew_document"].startswith(b"default/ERP-P01/shipment/S")
    assert json.loads(headers["ew_control"]).keys() == {
        "compliance.law.v1",
        "compliance.licenses.v1",
        "compliance.parties.v1",
    }
    assert {record.key.decode() for record in reader.records if record.key} == erp.versions


@pytest.mark.outages
def test_a_killed_worker_loses_nothing_and_repeats_only_equal_bytes(
    fleet: Fleet, reader: Reader, erp: Erp
) -> None:
    duplicates = 0
    for turn in range(4):
        worker = fleet.start("slow", session_timeout_seconds="3", request_timeout_seconds="5")
        before = len(reader.read_to_end())
        erp.publish(shipment(number) for number in range(turn * 2000, turn * 2000 + 2000))
        wait_until(lambda seen=before: len(reader.read()) > seen + 600, 40)
        worker.kill()
    fleet.start("plain")
    found = wait_for_all(reader, erp.published)
    duplicates = found.duplicates
    assert found.unequal == ()
    assert duplicates > 0, "the kills hit nothing"


def wait_for_the_first(fleet: Fleet) -> None:
    """Until a worker is in the middle of what was published."""
    with closing(Reader(fleet.bootstrap)) as reader:
        wait_until(lambda: len(reader.read()) > 200)


@pytest.mark.outages
def test_an_outage_of_twelve_seconds_is_waited_out(broker: LocalBroker, fleet: Fleet) -> None:
    # kafka-python leaves sockets open while nobody answers: no client of ours is there then.
    with Erp(fleet.bootstrap) as erp:
        erp.publish(shipment(number) for number in range(6000))
    worker = started(fleet, "slow")
    wait_for_the_first(fleet)
    broker.stop()
    time.sleep(12)
    broker.start_again()
    with closing(Reader(fleet.bootstrap)) as reader:
        assert len(account(reader.read_to_end()).accounted) < 6000, "the outage hit nothing"
        found = wait_for_all(reader, erp.published)
    assert found.unequal == ()
    assert worker.process.poll() is None, worker.log[-3000:]
    wait_until_committed(fleet)


@pytest.mark.outages
def test_a_broker_that_crashes_and_stays_away_longer_than_a_request_may_take_loses_nothing(
    broker: LocalBroker, fleet: Fleet
) -> None:
    with Erp(fleet.bootstrap) as erp:
        erp.publish(shipment(number) for number in range(6000))
    worker = started(fleet, "slow", session_timeout_seconds="3", request_timeout_seconds="4")
    wait_for_the_first(fleet)
    broker.kill()
    time.sleep(10)
    broker.start_again()
    with closing(Reader(fleet.bootstrap)) as reader:
        assert len(account(reader.read_to_end()).accounted) < 6000, "the crash hit nothing"
        found = wait_for_all(reader, erp.published)
    assert found.unequal == ()
    assert worker.process.poll() is None, worker.log[-3000:]
    wait_until_committed(fleet)


def test_a_worker_that_starts_before_its_broker_waits_for_it(broker: LocalBroker, fleet: Fleet) -> None:
    broker.stop()
    worker = fleet.start("plain")
    wait_until(lambda: "no broker answers yet" in worker.log)
    broker.start_again()
    wait_until(lambda: readiness(fleet)[0] == 200, 30, lambda: worker.log[-2000:])


def test_a_bug_in_the_pure_call_quarantines_its_record_and_no_other(
    fleet: Fleet, reader: Reader, erp: Erp
) -> None:
    worker = started(fleet, "breaking")
    events = [shipment(number, note="break the pure call" if number == 250 else "") for number in range(500)]
    placed = erp.publish(events, partition=1, key=lambda event: b"key of " + event["shipment_id"].encode())
    found = wait_for_all(reader, erp.published)
    assert list(found.quarantined) == [placed[250]]
    [record] = [one for one in reader.records if one.topic == QUARANTINE]
    assert record.headers["ew_error_code"] == b"INTERNAL_ERROR"
    assert (record.key, record.value) == (b"key of S250", json.dumps(events[250]).encode())
    assert "standins.py" in worker.log, "the place of the bug is logged"
    assert "break the pure call" not in worker.log


def test_a_bug_in_the_shell_ends_the_worker_and_commits_nothing(
    fleet: Fleet, reader: Reader, erp: Erp
) -> None:
    worker = started(fleet, "broken_shell")
    wait_until_committed(fleet)
    events = [shipment(number, note="break the shell" if number == 0 else "") for number in range(60)]
    erp.publish(events, partition=3)
    assert worker.wait(15) == 70
    assert committed(fleet.bootstrap, fleet.group)[SHIPMENTS, 3] == 0
    assert account(reader.read_to_end()).accounted == set()
    fleet.start("plain")
    assert wait_for_all(reader, erp.published, 30).duplicates == 0


def test_sigterm_in_the_middle_hands_over_without_loss_or_repetition(
    fleet: Fleet, reader: Reader, erp: Erp
) -> None:
    # Published before, so that a slow publisher takes nothing of the middle.
    erp.publish(shipment(number) for number in range(6000))
    worker = started(fleet, "slow")
    wait_until(lambda: len(reader.read()) > 500)
    # One that does not finish in its time leaves with 70.
    assert worker.stop() == 0, worker.log[-3000:]
    done = len(account(reader.read_to_end()).accounted)
    assert 500 < done < 6000, "it did not stop in the middle"
    fleet.start("plain")
    assert wait_for_all(reader, erp.published).duplicates == 0


def test_a_second_worker_joins_and_leaves_without_loss(fleet: Fleet, reader: Reader, erp: Erp) -> None:
    started(fleet, "slow")
    erp.publish(shipment(number) for number in range(6000))
    wait_until(lambda: len(reader.read()) > 300)
    second = started(fleet, "slow")
    time.sleep(1)
    assert second.stop() == 0
    found = wait_for_all(reader, erp.published)
    assert found.unequal == ()
    wait_until_committed(fleet)


def delete_before(bootstrap: str, offset: int, partition: int) -> None:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        admin.delete_records({TopicPartition(SHIPMENTS, partition): offset})
    finally:
        admin.close()


def test_a_gap_over_the_committed_offset_stops_the_worker_until_it_is_accepted(
    fleet: Fleet, reader: Reader, erp: Erp
) -> None:
    worker = started(fleet, "plain")
    erp.publish((shipment(number) for number in range(10)), partition=4)
    wait_for_all(reader, erp.published)
    wait_until_committed(fleet)
    assert worker.stop() == 0
    lost = erp.publish((shipment(number) for number in range(100, 140)), partition=4)
    kept = erp.publish((shipment(number) for number in range(200, 210)), partition=4)
    delete_before(fleet.bootstrap, lost[-1][2] + 1, 4)
    stopped = fleet.start("plain")
    assert stopped.wait() == 2
    last = stopped.log.splitlines()[-1]
    assert "erp.shipments.v1" in last
    assert "partition 4" in last
    assert "40 offsets were deleted" in last
    assert "EXPORTWATCH_ACCEPT_GAPS=erp.shipments.v1/4@50" in last
    fleet.start("plain", accept_gaps="erp.shipments.v1/4@50")
    found = wait_for_all(reader, kept)
    assert not found.accounted & set(lost)
    [gap] = [one for one in reader.records if one.headers.get("ew_marker") == b"gap"]
    assert gap.source == (SHIPMENTS, 4, 10)
    assert json.loads(gap.value or b"") | {"marker": ""} == {
        "marker": "",
        "topic": SHIPMENTS,
        "partition": 4,
        "from": 10,
        "to": 50,
    }


def test_a_decision_that_its_topic_does_not_take_puts_its_input_into_quarantine(
    fleet: Fleet, reader: Reader, erp: Erp
) -> None:
    started(fleet, "large")
    events = [shipment(number, note="a large decision" if number == 7 else "") for number in range(40)]
    placed = erp.publish(events, partition=0)
    found = wait_for_all(reader, placed)
    assert list(found.quarantined) == [placed[7]]
    [record] = [one for one in reader.records if one.topic == QUARANTINE]
    assert record.headers["ew_error_code"] == b"OUTPUT_TOO_LARGE"
    assert record.value == json.dumps(events[7]).encode()


def test_a_topic_that_takes_less_than_the_registry_says_costs_only_what_is_too_large(
    fleet: Fleet, reader: Reader, erp: Erp
) -> None:
    admin = KafkaAdminClient(bootstrap_servers=fleet.bootstrap)
    topic = ConfigResource(ConfigResourceType.TOPIC, DECISIONS, configs={"max.message.bytes": "3000"})
    admin.alter_configs([topic])
    admin.close()
    worker = started(fleet, "plain")
    events = [shipment(number, padding="x" * (2800 if number == 17 else 300)) for number in range(60)]
    placed = erp.publish(events, partition=0)
    found = wait_for_all(reader, placed)
    assert list(found.quarantined) == [placed[17]]
    assert "renewing the producer" in worker.log, "the broker refused nothing"
    assert worker.process.poll() is None
    wait_until_committed(fleet)


def test_retention_that_overtakes_a_slow_worker_stops_it(fleet: Fleet, reader: Reader, erp: Erp) -> None:
    worker = started(fleet, "very_slow")
    # More than the client fetches ahead.
    placed = erp.publish((shipment(number, padding="x" * 20_000) for number in range(4000)), partition=4)
    wait_until(lambda: len(reader.read()) > 10)
    delete_before(fleet.bootstrap, placed[-1][2], 4)
    assert worker.wait(60) == 2
    assert "partition 4" in worker.log.splitlines()[-1]
    assert "offsets were deleted before they were screened" in worker.log.splitlines()[-1]


def test_missing_topics_stop_the_worker_with_a_sentence(fleet: Fleet) -> None:
    admin = KafkaAdminClient(bootstrap_servers=fleet.bootstrap)
    admin.delete_topics([CONTRACTS, DECISIONS])
    admin.close()
    worker = fleet.start("plain")
    assert worker.wait() == 2
    assert "lacks erp.contracts.v1, compliance.decisions.v1" in worker.log.splitlines()[-1]


def test_a_worker_told_to_stop_while_it_starts_leaves(fleet: Fleet) -> None:
    worker = fleet.start("plain")
    wait_until(lambda: "ops port open" in worker.log)
    assert worker.stop(15) == 0, worker.log[-2000:]


@pytest.mark.outages
def test_a_worker_that_was_stopped_beyond_its_session_writes_nothing_of_what_it_lost(
    fleet: Fleet, reader: Reader, erp: Erp
) -> None:
    erp.publish(shipment(number) for number in range(4000))
    first = started(fleet, "slow", session_timeout_seconds="3", request_timeout_seconds="5")
    wait_until(lambda: len(reader.read()) > 300)
    first.send(signal.SIGSTOP)
    second = started(fleet, "slow", session_timeout_seconds="3", request_timeout_seconds="5")
    before = len(reader.read_to_end())
    wait_until(lambda: len(reader.read()) > before + 1000)
    first.send(signal.SIGCONT)
    found = wait_for_all(reader, erp.published)
    assert found.unequal == ()
    wait_until_committed(fleet)
    assert first.process.poll() is None, first.log[-3000:]
    assert second.process.poll() is None
