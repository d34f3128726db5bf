"""The canary: its decision is known beforehand, nobody is alerted of it, and nothing else passes for one."""

import asyncio
import time
from typing import Any

import orjson
import pytest
from aiokafka.errors import KafkaConnectionError

from exportwatch.alerting.drafts import AlertRules
from exportwatch.alerting.late import LateWindow
from exportwatch.alerting.partition import DecisionRecord, PartitionMemory, Taken
from exportwatch.canary.app import Canary
from exportwatch.canary.rounds import Leg, Place, Rounds
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, screen
from exportwatch.screening.snapshot import Snapshot
from exportwatch.settings import load_settings
from exportwatch.streaming.partitions import TP
from exportwatch_events.canary import (
    CANARY_HOLD,
    CANARY_KEY_PREFIX,
    CANARY_RESULT,
    canary_event,
    is_canary,
)
from exportwatch_events.catalogue import CONTRACTS, SHIPMENTS, Result

ONE, OTHER = TP(SHIPMENTS, 0), TP(SHIPMENTS, 1)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return ControlContent(load_rules()).snapshot()


def decided(event: dict[str, Any], snapshot: Snapshot) -> Decided:
    found = screen(orjson.dumps(event), (), snapshot)
    assert isinstance(found, Decided)
    return found


def event(topic: str) -> dict[str, Any]:
    return canary_event(topic, 3, "e-1", "2026-11-28T00:00:00Z")


def taken(decision: Decided) -> Taken:
    memory = PartitionMemory(AlertRules(), LateWindow(3600, 100))
    return memory.take(DecisionRecord(decision.value, {}, 0))


@pytest.mark.parametrize("topic", [SHIPMENTS, CONTRACTS])
def test_the_decision_on_a_canary_is_the_one_that_the_canary_waits_for(
    topic: str, snapshot: Snapshot
) -> None:
    decision = decided(event(topic), snapshot)
    body = orjson.loads(decision.value)
    assert (body["result"], body["hold"]) == (CANARY_RESULT, CANARY_HOLD)
    assert decision.document_key.startswith(CANARY_KEY_PREFIX)
    assert is_canary(body["facts"])


@pytest.mark.parametrize("topic", [SHIPMENTS, CONTRACTS])
def test_no_alert_follows_from_a_canary(topic: str, snapshot: Snapshot) -> None:
    assert taken(decided(event(topic), snapshot)) == Taken()


@pytest.mark.parametrize(
    "change",
    [
        {"items": [{"item_id": "1", "description": "Terbium oxide 500 kg", "cas": ["12037-01-3"]}]},
        {"items": [*event(SHIPMENTS)["items"], {"item_id": "2", "description": "Dysprosium metal"}]},
        {"export_date": "2026-01-05"},
        {"to": {"country": "US"}},
        {"contract_id": "C-1", "licenses": ["L-1"]},
    ],
)
def test_who_hides_goods_behind_the_name_of_the_canary_is_alerted_of(
    change: dict[str, Any], snapshot: Snapshot
) -> None:
    forged = event(SHIPMENTS) | change
    assert taken(decided(forged, snapshot)).records


def test_a_document_that_could_not_be_read_is_no_canary() -> None:
    assert not is_canary(None)


def test_a_canary_is_answered_once_and_only_if_it_is_ours() -> None:
    rounds = Rounds()
    rounds.sent("a", ONE, 10.0)
    assert rounds.decided("a", Place(0, 7), 10.5) == 0.5
    assert rounds.decided("a", Place(0, 8), 11.0) is None
    assert rounds.decided("b", Place(0, 9), 11.0) is None


def test_alerting_is_done_with_a_canary_when_it_has_committed_beyond_it() -> None:
    rounds = Rounds()
    rounds.sent("a", ONE, 10.0)
    rounds.decided("a", Place(2, 7), 10.5)
    assert rounds.committed({2: 7, 0: 99}, 11.0) == []
    assert rounds.committed({2: 8}, 12.0) == [2.0]
    assert rounds.committed({2: 8}, 13.0) == []


def test_one_commit_of_alerting_may_answer_several_canaries_of_a_partition() -> None:
    rounds = Rounds()
    for number, event_id in enumerate("ab"):
        rounds.sent(event_id, ONE, 10.0 * number)
        rounds.decided(event_id, Place(2, number), 10.0 * number)
    assert rounds.committed({2: 2}, 20.0) == [20.0, 10.0]


def test_a_canary_is_missing_on_the_leg_on_which_it_is_late() -> None:
    rounds = Rounds()
    rounds.sent("a", ONE, 0.0)
    rounds.sent("b", OTHER, 0.0)
    rounds.decided("b", Place(0, 1), 1.0)
    assert rounds.missing(60.0, 60.0) == {Leg.SCREENING: 0, Leg.ALERTING: 0}
    assert rounds.missing(61.0, 60.0) == {Leg.SCREENING: 1, Leg.ALERTING: 1}
    rounds.committed({0: 2}, 61.0)
    rounds.decided("a", Place(0, 2), 61.0)
    assert rounds.missing(61.0, 70.0) == {Leg.SCREENING: 0, Leg.ALERTING: 0}


def test_an_unanswered_canary_is_missing_until_a_later_one_of_its_partition_is_answered() -> None:
    rounds = Rounds()
    rounds.sent("lost", ONE, 0.0)
    rounds.sent("elsewhere", OTHER, 1.0)
    rounds.sent("next", ONE, 100.0)
    rounds.decided("elsewhere", Place(1, 0), 2.0)
    assert rounds.missing(100.0, 60.0)[Leg.SCREENING] == 1, "an answer of another partition says nothing"
    rounds.decided("next", Place(0, 0), 101.0)
    assert rounds.missing(1000.0, 60.0) == {Leg.SCREENING: 0, Leg.ALERTING: 2}
    assert rounds.decided("lost", Place(0, 1), 102.0) is None


def test_an_answer_leaves_the_later_canaries_of_its_partition_out() -> None:
    rounds = Rounds()
    for number, event_id in enumerate("abc"):
        rounds.sent(event_id, ONE, float(number))
    rounds.decided("b", Place(0, 0), 3.0)
    assert rounds.missing(100.0, 60.0)[Leg.SCREENING] == 1
    assert rounds.decided("c", Place(0, 1), 4.0) == 2.0


def test_a_canary_that_was_written_and_has_no_answer_is_missing_though_later_ones_are_answered() -> None:
    rounds = Rounds()
    for number, event_id in enumerate(("lost", "next")):
        rounds.sent(event_id, ONE, float(number))
        rounds.written(event_id)
    rounds.decided("next", Place(0, 0), 3.0)
    assert rounds.missing(100.0, 60.0)[Leg.SCREENING] == 1


def test_an_answer_may_come_before_the_broker_says_that_it_has_the_canary() -> None:
    rounds = Rounds()
    rounds.sent("a", ONE, 0.0)
    rounds.decided("a", Place(0, 0), 1.0)
    rounds.written("a")
    assert rounds.missing(100.0, 60.0) == {Leg.SCREENING: 0, Leg.ALERTING: 1}


def test_after_a_long_outage_only_so_many_canaries_are_remembered() -> None:
    rounds = Rounds(most=3)
    for number in range(5):
        rounds.sent(str(number), ONE, float(number))
    assert rounds.missing(100.0, 1.0)[Leg.SCREENING] == 3


def test_the_result_of_a_canary_is_one_that_is_held() -> None:
    assert CANARY_RESULT is Result.LICENSE_REQUIRED


class FailingOnce:
    """A producer whose first send fails, as in an outage; the later ones are kept."""

    def __init__(self) -> None:
        self.sends: list[tuple[TP, str]] = []

    async def send_and_wait(self, topic: str, value: bytes, _key: bytes, partition: int) -> None:
        self.sends.append((TP(topic, partition), orjson.loads(value)["event_id"]))
        if len(self.sends) == 1:
            raise KafkaConnectionError


def test_a_canary_that_was_never_written_is_missing_only_until_the_next_one_comes_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EXPORTWATCH_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    counts = {SHIPMENTS: 1, CONTRACTS: 0}

    async def missing() -> tuple[int, int]:
        canary, producer = Canary(load_settings()), FailingOnce()
        with pytest.raises(KafkaConnectionError):
            await canary._publish(producer, counts)
        going_on = asyncio.create_task(canary._publish(producer, counts))
        while len(producer.sends) < 2:
            await asyncio.sleep(0)
        going_on.cancel()
        before = canary._rounds.missing(time.monotonic(), -1)[Leg.SCREENING]
        canary._answered(
            Place(0, 0),
            {"document": {"event_id": producer.sends[1][1]}, "result": CANARY_RESULT, "hold": CANARY_HOLD},
        )
        return before, canary._rounds.missing(time.monotonic(), -1)[Leg.SCREENING]

    assert asyncio.run(missing()) == (2, 0)
