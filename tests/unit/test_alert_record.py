"""An alert as it is written, and what a restart reads back from its headers."""

import hashlib

import orjson

from decision_builders import (
    KEY,
    cancelled,
    controlled,
    decision,
    decision_headers,
    decision_value,
    item,
    unreadable,
)
from exportwatch.alerting.drafts import AlertRules
from exportwatch.alerting.late import LateWindow
from exportwatch.alerting.lifecycle import Change, fold
from exportwatch.alerting.order import order_of
from exportwatch.alerting.partition import DecisionRecord, PartitionMemory
from exportwatch.alerting.record import AlertRecord, alert_record, remembered
from exportwatch.alerting.restore import Restoration, written_again
from exportwatch.alerting.state import DocumentMemory

FIELDS = (
    "alert_id episode revision fingerprint document item family instrument_id control_code parties route "
    "result severity hold_advice reasons law license missing clear_options evidence reference clocks change"
)


def changes_of(*decisions: dict) -> list[tuple[Change, AlertRecord]]:
    memory, found = DocumentMemory(), []
    for built in decisions:
        folded = fold(memory, order_of(built["document"], (1, 2, 3)), built, AlertRules())
        memory = folded.memory
        found += [(change, alert_record(change, built)) for change in folded.changes]
    return found


def records_of(*decisions: dict) -> list[AlertRecord]:
    return [record for _, record in changes_of(*decisions)]


def partition() -> PartitionMemory:
    return PartitionMemory(AlertRules(), LateWindow(3600, 1000))


def record_of(built: dict, timestamp_ms: int = 0) -> DecisionRecord:
    return DecisionRecord(decision_value(built), decision_headers(built), timestamp_ms)


def test_every_alert_event_is_a_full_snapshot() -> None:
    for record in records_of(decision(controlled()), cancelled(2)):
        assert list(orjson.loads(record.value)) == FIELDS.split()


def test_the_event_says_what_where_and_by_when() -> None:
    (record,) = records_of(decision(controlled()))
    alert = orjson.loads(record.value)
    assert alert["item"] == {"item_id": "10", "description": "dysprosium oxide"}
    assert alert["route"] == {"from": {"country": "CN"}, "to": {"country": "JP"}, "via": []}
    assert alert["clocks"] == {
        "legal_date": "2025-06-10",
        "fact_time": "2025-06-01T01:00:00+08:00",
        "act_before": "2025-06-10",
    }
    assert alert["evidence"][0]["path"] == "items[0].cas[0]"
    assert alert["license"]["status"] == "missing"


def test_headers_are_cloudevents_in_binary_mode_and_spare_a_reader_the_parsing() -> None:
    (record,) = records_of(decision(controlled(), version=7))
    headers = dict(record.headers)
    alert = orjson.loads(record.value)
    assert record.key.decode() == alert["alert_id"]
    assert headers["ce_id"].decode() == f"{alert['alert_id']}:1"
    assert headers["ce_type"] == b"exportwatch.alert.opened.v1"
    assert headers["ce_time"] == b"2025-06-01T07:00:00+08:00"
    assert headers["ew_document"].decode() == KEY
    assert (headers["ew_version"], headers["ew_revision"], headers["ew_state"]) == (b"7", b"1", b"open")
    assert headers["ew_fingerprint"].decode() == alert["fingerprint"]


def test_the_fingerprint_is_the_sha256_of_canonical_json() -> None:
    (record,) = records_of(decision(controlled()))
    basis = (
        '{"control_codes":["1C905.b"],"hold_advice":"hold_document","legal_date":"2025-06-10",'
        '"license":{"license_no":null,"mismatch":[],"status":"missing","type_needed":"dual_use_license"},'
        '"missing":[],"reason_codes":["LISTED_ITEM"],"result":"license_required","severity":4}'
    )
    assert orjson.loads(record.value)["fingerprint"] == hashlib.sha256(basis.encode()).hexdigest()


def test_a_rewritten_alert_carries_the_same_event_id_and_the_newer_version() -> None:
    first, second = records_of(decision(controlled(), version=1), decision(controlled(), version=2))
    assert dict(first.headers)["ce_id"] == dict(second.headers)["ce_id"]
    assert dict(second.headers)["ew_version"] == b"2"
    assert dict(second.headers)["ce_type"] == b"exportwatch.alert.opened.v1"


def test_a_cleared_alert_is_written_with_its_reason_and_never_as_null() -> None:
    record = records_of(decision(controlled()), cancelled(2))[-1]
    assert dict(record.headers)["ew_state"] == b"cleared"
    assert orjson.loads(record.value)["change"]["cleared_reason"] == "document_cancelled"
    assert orjson.loads(record.value)["hold_advice"] == "none"


def test_an_alert_of_the_document_has_no_item() -> None:
    (record,) = records_of(unreadable(1))
    assert orjson.loads(record.value)["item"] is None


def test_the_state_of_an_alert_comes_back_from_its_headers() -> None:
    for change, record in changes_of(decision(controlled()), decision(item(), version=2), cancelled(3)):
        back = remembered(record.key, record.headers)
        assert back is not None
        assert (back.document_key, back.alert_id, back.state) == (KEY, change.alert_id, change.state)


def test_a_foreign_record_in_the_alerts_topic_is_counted_and_left_alone() -> None:
    restoration = Restoration()
    restoration.note(0, b"x", (("ew_revision", b"1"),))
    restoration.note(1, None, ())
    assert (restoration.unreadable, restoration.alerts()) == (2, ())


def test_the_highest_order_is_restored_and_written_again_behind_an_older_one() -> None:
    opened, updated = records_of(
        decision(controlled(), version=1), decision(controlled("10", "pending"), version=2)
    )
    restoration = Restoration()
    for offset, record in enumerate([opened, updated, opened]):
        restoration.note(offset, record.key, record.headers)
    (alert,) = restoration.alerts()
    assert (alert.state.order.version, alert.state.revision) == (2, 2)
    assert restoration.overtaken() == ((1, 2),)
    assert written_again(updated, 2) == updated


def test_a_healthy_log_has_nothing_to_write_again() -> None:
    restoration = Restoration()
    decisions = [
        decision(controlled(), version=1),
        decision(item(), version=2),
        decision(controlled(), version=3),
    ]
    for offset, record in enumerate(records_of(*decisions, decision(controlled(), version=4))):
        restoration.note(offset, record.key, record.headers)
    assert restoration.overtaken() == ()
    assert restoration.alerts()[0].state.revision == 3


def test_a_newest_state_below_a_strangers_revision_is_written_again_above_it() -> None:
    """Cut off, a worker went on counting: consumers have its revision and would ignore an equal one."""
    one, two, three = records_of(
        decision(controlled(), version=1),
        decision(controlled("10", "pending"), version=2),
        decision(controlled(), version=3),
    )
    (newest,) = (record for record in records_of(decision(controlled("10", "insufficient"), version=9)))
    restoration = Restoration()
    for offset, record in enumerate([one, newest, two, three]):
        restoration.note(offset, record.key, record.headers)
    assert restoration.overtaken() == ((1, 4),)
    again = written_again(newest, 4)
    assert orjson.loads(again.value)["revision"] == 4
    assert dict(again.headers)["ce_id"].endswith(b":4")
    assert remembered(again.key, again.headers).state == restoration.alerts()[0].state


def test_an_unremarkable_decision_is_passed_over_without_being_parsed() -> None:
    built = decision(item())
    head = decision_value(built).split(b',"result"')[0]
    taken = partition().take(DecisionRecord(head + b", cut off", decision_headers(built), 0))
    assert taken == ((), ())


def test_a_late_older_version_of_a_document_without_alerts_stays_silent_within_the_window() -> None:
    memory = partition()
    memory.take(record_of(decision(item(), version=2)))
    assert memory.take(record_of(decision(controlled(), version=1), 3_599_000)).records == ()


def test_the_window_read_back_at_assignment_silences_late_versions_too() -> None:
    memory = partition()
    memory.note(record_of(decision(item(), version=2)))
    assert memory.take(record_of(decision(controlled(), version=1))).records == ()


def test_an_unremarkable_decision_clears_where_the_document_has_an_alert() -> None:
    memory = partition()
    memory.take(record_of(decision(controlled(), version=1)))
    (record,) = memory.take(record_of(decision(item(), version=2))).records
    assert dict(record.headers)["ew_state"] == b"cleared"


def test_a_restored_partition_goes_on_where_the_log_ends() -> None:
    first = partition()
    records = first.take(record_of(decision(controlled(), version=1))).records
    restoration = Restoration()
    restoration.note(0, records[0].key, records[0].headers)
    second = partition()
    for alert in restoration.alerts():
        second.restore(alert)
    next_ = record_of(decision(item(), version=2))
    assert second.take(next_) == first.take(next_)


def test_the_late_window_is_bounded_by_time_and_by_number() -> None:
    window, order = LateWindow(60, 10), order_of(decision(item())["document"], ())
    for number in range(100):
        window.note(f"document-{number}", order, 0)
    assert len(window) <= 10
    assert window.newest("document-99") == order
    window.note("later", order, 60_000)
    window.note("much-later", order, 120_000)
    assert window.newest("document-99") is None


def test_a_window_of_no_length_remembers_nothing() -> None:
    window, order = LateWindow(0, 10), order_of(decision(item())["document"], ())
    window.note("document", order, 0)
    assert window.newest("document") is None
