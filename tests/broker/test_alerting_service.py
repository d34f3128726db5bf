"""The alerting service on a real broker: whatever is killed, stopped or late, the newest alerts are the
oracle's.
"""

import json
import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alerting_log import DecisionLog, offsets, wait_until_done
from harness import Fleet, Reader, renew_topics, wait_until

from decision_builders import cancelled, controlled, decision, item, undecided, unplaced, with_party
from exportwatch.broker.local import LocalBroker
from exportwatch_events.catalogue import ALERTS, DECISIONS, QUARANTINE

pytestmark = pytest.mark.broker
QUICK = {"session_timeout_seconds": "3", "request_timeout_seconds": "5"}


@pytest.fixture
def bootstrap(broker: LocalBroker) -> str:
    renew_topics(broker.bootstrap, (DECISIONS, ALERTS, QUARANTINE))
    return broker.bootstrap


@pytest.fixture
def fleet(bootstrap: str, tmp_path: Path) -> Iterator[Fleet]:
    fleet = Fleet(bootstrap, tmp_path, settings=QUICK)
    yield fleet
    fleet.end()


@pytest.fixture
def log(bootstrap: str) -> Iterator[DecisionLog]:
    with DecisionLog(bootstrap) as log:
        yield log


@pytest.fixture
def alerts(bootstrap: str) -> Iterator[Reader]:
    reader = Reader(bootstrap, (ALERTS,))
    yield reader
    reader.close()


def key(number: int) -> str:
    return f"default/ERP-P01/shipment/S{number}"


def alternating(number: int) -> list[dict[str, Any]]:
    """A document whose versions say A, B, A, the first of them redelivered after the last."""
    versions = [
        decision(with_party(controlled()), item("20"), version=1, key=key(number)),
        decision(item(), undecided("20"), version=2, key=key(number)),
        decision(with_party(controlled()), item("20"), version=3, key=key(number)),
    ]
    return [*versions, versions[0], versions[1]]


def interleaved(documents: list[list[dict[str, Any]]], seed: int) -> list[dict[str, Any]]:
    """All decisions, those of a document in their order, the documents at random."""
    chance, waiting, mixed = random.Random(seed), [list(one) for one in documents], []
    while waiting:
        document = chance.choice(waiting)
        mixed.append(document.pop(0))
        waiting = [one for one in waiting if one]
    return mixed


def states(log: DecisionLog, number: int) -> list[tuple[str, int, str]]:
    """State, revision and cleared reason of a document's alert records, as they were written."""
    found = [record for record in log.read(ALERTS) if record.headers["ew_document"].decode() == key(number)]
    return [
        (
            record.headers["ew_state"].decode(),
            int(record.headers["ew_revision"]),
            json.loads(record.value or b"{}")["change"]["cleared_reason"],
        )
        for record in found
    ]


def test_a_cancelled_document_clears_its_alert(fleet: Fleet, log: DecisionLog) -> None:
    fleet.start(service="alerting")
    log.write([decision(controlled(), key=key(1)), decision(item(), key=key(2)), cancelled(2, key(1))])
    wait_until_done(fleet, log)
    assert states(log, 1) == [("open", 1, None), ("cleared", 2, "document_cancelled")]
    assert log.problems() == []


@pytest.mark.outages
def test_killed_again_and_again_while_versions_alternate_the_alerts_end_right(
    fleet: Fleet, log: DecisionLog, alerts: Reader
) -> None:
    uncommitted = 0
    for life in range(6):
        log.write(interleaved([alternating(life * 100 + number) for number in range(100)], seed=life))
        written, done = len(alerts.read_to_end()), offsets(fleet)
        worker = fleet.start(service="alerting", commit_interval_seconds="60" if life % 2 else "0.2")
        wait_until(lambda seen=written: len(alerts.read()) > seen, 30)
        worker.kill()
        uncommitted += offsets(fleet) == done
    fleet.start(service="alerting")
    wait_until_done(fleet, log)
    assert uncommitted >= 3, "alerts were to be written whose decisions come again"
    assert log.problems() == []
    written_as = Counter(
        (record.key, record.headers["ew_revision"], record.headers["ew_version"])
        for record in log.read(ALERTS)
    )
    assert max(written_as.values()) == 1, "what an earlier life had written was written again"


def test_what_opened_and_was_cleared_while_no_worker_ran_is_told_all_the_same(
    fleet: Fleet, log: DecisionLog
) -> None:
    log.write(alternating(1)[:2])
    fleet.start(service="alerting")
    wait_until_done(fleet, log)
    assert ("cleared", 2, "reclassified") in states(log, 1)


def test_members_come_and_go_while_decisions_arrive(fleet: Fleet, log: DecisionLog) -> None:
    first = fleet.start(service="alerting")
    log.write(interleaved([alternating(number) for number in range(200)], seed=1))
    second = fleet.start(service="alerting")
    log.write(interleaved([alternating(number) for number in range(200, 400)], seed=2))
    wait_until(lambda: "alerts read back" in second.log, 30, lambda: second.log[-3000:])
    log.write(decision(undecided(), version=4, key=key(number)) for number in range(400))
    assert first.stop() == 0, first.log[-3000:]
    log.write(decision(controlled(), version=5, key=key(number)) for number in range(200))
    third = fleet.start(service="alerting")
    second.kill()
    log.write(cancelled(6, key(number)) for number in range(100))
    wait_until_done(fleet, log)
    assert log.problems() == []
    assert third.process.poll() is None


def test_a_worker_stopped_beyond_its_session_does_not_overwrite_what_came_after(
    fleet: Fleet, log: DecisionLog, alerts: Reader
) -> None:
    first = fleet.start(service="alerting")
    log.write(interleaved([alternating(number) for number in range(500)], seed=3))
    wait_until(lambda: len(alerts.read()) > 50, 30, lambda: first.log[-3000:])
    first.send(signal.SIGSTOP)
    second = fleet.start(service="alerting")
    log.write(decision(item(), version=4, key=key(number)) for number in range(500))
    wait_until_done(fleet, log)
    first.send(signal.SIGCONT)
    log.write(decision(undecided(), version=5, key=key(number)) for number in range(500))
    wait_until_done(fleet, log)
    assert log.problems() == []
    assert first.process.poll() is None, first.log[-3000:]
    assert second.process.poll() is None


@pytest.mark.parametrize(("window", "opened"), [("3600", 0), ("0", 1)])
def test_an_older_version_that_comes_after_a_restart_is_silent_within_the_window(
    fleet: Fleet, log: DecisionLog, window: str, opened: int
) -> None:
    first = fleet.start(service="alerting", late_window_seconds=window)
    log.write([decision(item(), version=2, key=key(1))])
    wait_until_done(fleet, log)
    assert first.stop() == 0, first.log[-3000:]
    fleet.start(service="alerting", late_window_seconds=window)
    log.write([decision(controlled(), version=1, key=key(1))])
    wait_until_done(fleet, log)
    assert len(states(log, 1)) == opened


def test_an_older_version_after_a_restart_leaves_a_cleared_alert_cleared(
    fleet: Fleet, log: DecisionLog
) -> None:
    first = fleet.start(service="alerting", late_window_seconds="0")
    log.write([decision(controlled(), version=1, key=key(1)), decision(item(), version=3, key=key(1))])
    wait_until_done(fleet, log)
    first.kill()
    fleet.start(service="alerting", late_window_seconds="0")
    log.write([decision(controlled(), version=2, key=key(1))])
    wait_until_done(fleet, log)
    assert states(log, 1) == [("open", 1, None), ("cleared", 2, "reclassified")]
    assert log.problems() == []


def test_an_old_state_behind_a_newer_one_is_overruled_at_the_next_start(
    fleet: Fleet, log: DecisionLog
) -> None:
    first = fleet.start(service="alerting")
    log.write([decision(controlled(), version=1, key=key(1)), decision(item(), version=2, key=key(1))])
    wait_until_done(fleet, log)
    assert first.stop() == 0, first.log[-3000:]
    log.copy(log.read(ALERTS)[0])
    fleet.start(service="alerting")
    wait_until(lambda: len(log.read(ALERTS)) == 4, 30, lambda: fleet.workers[-1].log[-3000:])
    assert [revision for _, revision, _ in states(log, 1)] == [1, 2, 1, 2]


def test_a_record_that_is_no_decision_goes_to_quarantine_and_the_batch_goes_on(
    fleet: Fleet, log: DecisionLog
) -> None:
    worker = fleet.start(service="alerting")
    broken = decision(controlled(), key=key(1))
    broken["items"] = [{"item_id": "10", "result": "unheard of"}]
    log.write([decision(controlled(), key=key(1)), broken, decision(item(), version=2, key=key(1))])
    wait_until_done(fleet, log)
    assert [state for state, _, _ in states(log, 1)] == ["open", "cleared"]
    (kept,) = log.read(QUARANTINE)
    assert kept.headers["ew_error_code"] == b"INTERNAL_ERROR"
    assert kept.headers["ew_source"].startswith(DECISIONS.encode())
    assert worker.process.poll() is None


def test_an_unreadable_record_of_unknown_version_is_an_alert_until_it_is_repaired(
    fleet: Fleet, log: DecisionLog
) -> None:
    first = fleet.start(service="alerting")
    log.write([decision(item(), version=4, key=key(1)), unplaced("2025-06-02T00:00:00.000000Z", key(1))])
    wait_until_done(fleet, log)
    first.kill()
    fleet.start(service="alerting")
    assert log.problems() == []
    log.write([decision(item(), version=5, key=key(1), at="2025-06-03T00:00:00.000000Z")])
    wait_until_done(fleet, log)
    assert states(log, 1) == [("open", 1, None), ("cleared", 2, "record_repaired")]
