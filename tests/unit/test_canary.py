"""The canary: its decision is known beforehand, nobody is alerted of it, and nothing else passes for one."""

from typing import Any

import orjson
import pytest

from exportwatch.alerting.drafts import AlertRules
from exportwatch.alerting.late import LateWindow
from exportwatch.alerting.partition import DecisionRecord, PartitionMemory, Taken
from exportwatch.canary.rounds import Leg, Place, Rounds
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, screen
from exportwatch.screening.snapshot import Snapshot
from exportwatch_events.canary import (
    CANARY_HOLD,
    CANARY_KEY_PREFIX,
    CANARY_RESULT,
    canary_event,
    is_canary,
)
from exportwatch_events.catalogue import CONTRACTS, SHIPMENTS, Result


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
    rounds.sent("a", 10.0)
    assert rounds.decided("a", Place(0, 7), 10.5) == 0.5
    assert rounds.decided("a", Place(0, 8), 11.0) is None
    assert rounds.decided("b", Place(0, 9), 11.0) is None


def test_alerting_is_done_with_a_canary_when_it_has_committed_beyond_it() -> None:
    rounds = Rounds()
    rounds.sent("a", 10.0)
    rounds.decided("a", Place(2, 7), 10.5)
    assert rounds.committed({2: 7, 0: 99}, 11.0) == []
    assert rounds.committed({2: 8}, 12.0) == [2.0]
    assert rounds.committed({2: 8}, 13.0) == []


def test_a_canary_is_missing_on_the_leg_on_which_it_is_late() -> None:
    rounds = Rounds()
    rounds.sent("a", 0.0)
    rounds.sent("b", 0.0)
    rounds.decided("b", Place(0, 1), 1.0)
    assert rounds.missing(60.0, 60.0) == {Leg.SCREENING: 0, Leg.ALERTING: 0}
    assert rounds.missing(61.0, 60.0) == {Leg.SCREENING: 1, Leg.ALERTING: 1}
    rounds.committed({0: 2}, 61.0)
    rounds.decided("a", Place(0, 2), 61.0)
    assert rounds.missing(61.0, 70.0) == {Leg.SCREENING: 0, Leg.ALERTING: 0}


def test_after_a_long_outage_only_so_many_canaries_are_remembered() -> None:
    rounds = Rounds(most=3)
    for number in range(5):
        rounds.sent(str(number), float(number))
    assert rounds.missing(100.0, 1.0)[Leg.SCREENING] == 3


def test_the_result_of_a_canary_is_one_that_is_held() -> None:
    assert CANARY_RESULT is Result.LICENSE_REQUIRED
