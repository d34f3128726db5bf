"""The alerting service between batch and outputs, without a broker: what it takes, refuses and leaves alone."""

from types import SimpleNamespace

import pytest

from decision_builders import KEY, controlled, decision, decision_headers, decision_value
from exportwatch.alerting.app import AlertingStage, Late
from exportwatch.alerting.drafts import AlertRules
from exportwatch.alerting.late import LateWindow
from exportwatch.alerting.partition import PartitionMemory
from exportwatch.settings import Settings
from exportwatch.streaming.batches import Batch
from exportwatch.streaming.health import Health
from exportwatch.streaming.lane import Outcome
from exportwatch.streaming.partitions import TP, Ticket, Watermarks
from exportwatch.streaming.wire import InputRecord
from exportwatch_events.catalogue import ALERTS, DECISIONS, QUARANTINE

TP_3 = TP(DECISIONS, 3)


@pytest.fixture
def watermarks() -> Watermarks:
    found = Watermarks()
    found.place(TP_3, 0, None)
    return found


@pytest.fixture
def stage(watermarks: Watermarks) -> AlertingStage:
    """A stage that has read an empty partition 3 back."""
    settings = Settings(bootstrap_servers=("broker.invalid:9092",))
    stage = AlertingStage(settings, Health(), {QUARANTINE: 6})
    for companion in stage.companions(SimpleNamespace(consumer=SimpleNamespace(watermarks=watermarks))):
        companion.close()
    window = LateWindow(3600, 100)
    stage._memories[3] = PartitionMemory(AlertRules(), window)
    stage._late[3] = Late(window)
    return stage


def record(value: bytes | None, offset: int = 0) -> InputRecord:
    headers = tuple(decision_headers(decision(controlled())).items())
    return InputRecord(DECISIONS, 3, offset, 0, b"key", value, headers)


def outputs(stage: AlertingStage, ticket: Ticket, *values: bytes | None) -> list[tuple[int, str, int]]:
    """Number of the input, topic and partition of each output."""
    records = tuple(record(value, offset) for offset, value in enumerate(values))
    outcome = stage.work(Batch(TP_3, records, ticket, 1))
    assert isinstance(outcome, Outcome)
    return [(number, output.topic, output.partition) for number, output in outcome.outputs]


DECISION = decision_value(decision(controlled()))


def test_an_alert_goes_to_the_partition_of_its_decision(stage: AlertingStage, watermarks: Watermarks) -> None:
    assert outputs(stage, watermarks.deliver(TP_3, 1), DECISION) == [(0, ALERTS, 3)]


def test_a_batch_of_before_a_rebalance_leaves_memory_alone(
    stage: AlertingStage, watermarks: Watermarks
) -> None:
    """Its outputs would be dropped, and the decision taken for known when it is delivered again."""
    stale = watermarks.deliver(TP_3, 1)
    watermarks.place(TP_3, 0, None)
    assert outputs(stage, stale, DECISION) == []
    assert outputs(stage, watermarks.deliver(TP_3, 1), DECISION) == [(0, ALERTS, 3)]


@pytest.mark.parametrize("value", [b"", b"\xff", b"[]", b'{"document": 1}', b'{"document":{"key":"k"}}'])
def test_what_is_no_decision_goes_to_quarantine_and_the_rest_goes_on(
    stage: AlertingStage, watermarks: Watermarks, value: bytes
) -> None:
    found = outputs(stage, watermarks.deliver(TP_3, 2), value, DECISION)
    assert [(number, topic) for number, topic, _ in found] == [(0, QUARANTINE), (1, ALERTS)]


def test_a_withdrawn_decision_says_nothing(stage: AlertingStage, watermarks: Watermarks) -> None:
    assert outputs(stage, watermarks.deliver(TP_3, 1), None) == []


def test_an_alert_too_large_for_its_topic_puts_its_decision_into_quarantine(
    stage: AlertingStage, watermarks: Watermarks
) -> None:
    outcome = stage.work(Batch(TP_3, (record(DECISION),), watermarks.deliver(TP_3, 1), 1))
    assert isinstance(outcome, Outcome)
    number, alert = outcome.outputs[0]
    (instead,) = outcome.refused(number, alert)
    headers = dict(instead.headers)
    assert (instead.topic, instead.value) == (QUARANTINE, DECISION)
    assert (headers["ew_error_code"], headers["ew_document"]) == (b"OUTPUT_TOO_LARGE", KEY.encode())


TRACE = (("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), ("tracestate", b"a=1"))


def test_the_trace_of_a_decision_goes_on_to_the_alerts_that_follow_from_it(
    stage: AlertingStage, watermarks: Watermarks
) -> None:
    plain = record(DECISION)
    traced = plain._replace(headers=(*plain.headers, *TRACE), offset=1)
    later = decision_value(decision(controlled(), version=2))
    outcome = stage.work(
        Batch(TP_3, (traced, record(later, 2)), watermarks.deliver(TP_3, 3), 1),
    )
    assert isinstance(outcome, Outcome)
    [(_, first), (_, second)] = outcome.outputs
    assert first.headers[-2:] == TRACE
    assert "traceparent" not in dict(second.headers), "a later decision without a trace is not of this one's"
