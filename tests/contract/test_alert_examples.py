"""Alerts of the example documents, from ERP records to alert records without Kafka: they are what the
contract says.
"""

from collections.abc import Sequence
from random import Random

import orjson
import pytest

from broker.oracle import Wire, discrepancies, newest_alerts
from exportwatch.alerting.drafts import AlertRules
from exportwatch.alerting.late import LateWindow
from exportwatch.alerting.partition import DecisionRecord, PartitionMemory
from exportwatch.examples import control_records, document_records
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, screen
from exportwatch_events.alerts import Alert


@pytest.fixture(scope="module")
def decisions() -> Sequence[Wire]:
    control = ControlContent(load_rules(None))
    for record in control_records():
        control.fold(record.topic, record.key, record.value)
    found = []
    for record in document_records():
        outcome = screen(record.value, record.headers, control.snapshot())
        decided = outcome if isinstance(outcome, Decided) else outcome.decision
        if decided is not None:
            headers = {"ew_result": decided.result.encode(), "ew_control": b'{"law":1,"lists":2}'}
            if decided is not outcome:
                headers["ew_quarantined"] = b"FIELD_TYPE"
            found.append(Wire(b"", decided.value, headers))
    return found


def alerts_of(decisions: Sequence[Wire]) -> list[Wire]:
    memory = PartitionMemory(AlertRules(), LateWindow(3600, 10_000))
    return [
        Wire(record.key, record.value, dict(record.headers))
        for arrival in decisions
        for record in memory.take(DecisionRecord(arrival.value, arrival.headers, 0)).records
    ]


def test_every_alert_of_the_examples_is_a_valid_event(decisions: Sequence[Wire]) -> None:
    alerts = alerts_of(decisions)
    assert {dict(alert.headers)["ew_state"] for alert in alerts} == {b"open", b"cleared"}
    for alert in alerts:
        Alert.model_validate_json(alert.value)
        assert orjson.dumps(orjson.loads(alert.value)) == alert.value


def test_the_alerts_of_the_examples_are_the_oracles_in_any_order(decisions: Sequence[Wire]) -> None:
    for seed in range(5):
        shuffled = Random(seed).sample(list(decisions), len(decisions))
        assert discrepancies(decisions, alerts_of(shuffled)) == []


def test_a_document_has_an_open_alert_exactly_where_it_holds_or_is_monitored(
    decisions: Sequence[Wire],
) -> None:
    alerts = newest_alerts(alerts_of(decisions)).values()
    open_ = {alert["document"]["key"] for alert in alerts if alert["change"]["kind"] != "cleared"}
    newest = {}
    for wire in decisions:
        body = orjson.loads(wire.value)
        key, rank = (
            body["document"]["key"],
            (body["document"]["version"], body["document"]["event_time"] or ""),
        )
        if key not in newest or rank >= newest[key][0]:
            newest[key] = (rank, body)
    for key, (_, body) in newest.items():
        wanted = body["hold"] != "release" or body["result"] in ("suspended", "not_yet_effective")
        assert (key in open_) == wanted, (key, body["result"], body["hold"])
