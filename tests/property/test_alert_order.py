"""Whatever the order of arrival, the newest state of every alert is the same, and it is the oracle's."""

from itertools import pairwise

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.oracle import Wire, discrepancies, newest_alerts
from decision_builders import (
    cancelled,
    controlled,
    decision,
    decision_headers,
    decision_value,
    item,
    undecided,
    unplaced,
    unreadable,
    with_party,
)
from exportwatch.alerting.drafts import AlertRules
from exportwatch.alerting.late import LateWindow
from exportwatch.alerting.partition import DecisionRecord, PartitionMemory
from exportwatch.alerting.record import AlertRecord
from exportwatch.alerting.restore import Restoration, written_again

Built = tuple[dict, tuple[int, int, int]]
KEYS = ("default/ERP-P01/shipment/SH-1", "default/ERP-P01/contract/C-2")

items = st.builds(
    lambda make, status, party: party(make(status)),
    st.sampled_from(
        [
            lambda status: item("10"),
            lambda status: controlled("10", status),
            lambda status: controlled("20", status, "1C906.b"),
            lambda status: undecided("10", "form"),
            lambda status: undecided("20"),
        ]
    ),
    st.sampled_from(["missing", "pending", "covered"]),
    st.sampled_from(
        [lambda found: found, with_party, lambda found: with_party(found, "PARTY_POSSIBLE_MATCH")]
    ),
)


@st.composite
def documents(draw: st.DrawFn) -> Built:
    """A decision whose whole content follows from its order, as screening guarantees."""
    key, version = draw(st.sampled_from(KEYS)), draw(st.integers(1, 4))
    # Of one version there may be events of several times; a higher version is never true before a lower one.
    at = f"2025-06-{version:02}T" + draw(st.sampled_from(["01:00:00Z", "12:00:00Z", "12:00:00+08:00"]))
    kind = draw(st.sampled_from(["items", "items", "items", "cancelled", "unreadable", "unplaced"]))
    control = draw(st.tuples(st.integers(0, 2), st.integers(0, 2), st.just(0)))
    if kind == "cancelled":
        return cancelled(version, key, at), control
    if kind == "unplaced":
        return unplaced(f"2025-06-{version:02}T06:00:00Z", key), control
    if kind == "unreadable":
        return unreadable(version, key, at), control
    found = {one["item_id"]: one for one in draw(st.lists(items, min_size=1, max_size=2))}
    legal_date = draw(st.sampled_from(["2025-06-10", "2025-07-01"]))
    return decision(*found.values(), version=version, key=key, at=at, legal_date=legal_date), control


def order_key(built: Built) -> tuple:
    document = built[0]["document"]
    event = document["version"], document["event_time"], document["event_id"] or ""
    return document["key"], *event, built[1]


logs = st.lists(documents(), min_size=1, max_size=8, unique_by=order_key)


def wire(built: Built) -> Wire:
    return Wire(
        built[0]["document"]["key"].encode(),
        decision_value(built[0]),
        decision_headers(*built),
    )


def new_partition() -> PartitionMemory:
    return PartitionMemory(AlertRules(), LateWindow(3600, 1000))


def run(memory: PartitionMemory, arrivals: list[Wire]) -> list[Wire]:
    return [
        Wire(record.key, record.value, dict(record.headers))
        for arrival in arrivals
        for record in memory.take(DecisionRecord(arrival.value, arrival.headers, 0)).records
    ]


def standing(alerts: list[Wire]) -> dict[str, tuple]:
    """The open alerts, and how each stands: that an alert was never opened or was cleared is one thing."""
    return {
        id_: (alert["result"], alert["fingerprint"])
        for id_, alert in newest_alerts(alerts).items()
        if alert["change"]["kind"] != "cleared"
    }


@settings(max_examples=300, deadline=None)
@given(logs, st.data())
def test_any_order_of_arrival_with_any_duplicates_ends_in_the_same_alerts(
    log: list[Built], data: st.DataObject
) -> None:
    records = [wire(built) for built in log]
    arrivals = data.draw(st.permutations(records + data.draw(st.lists(st.sampled_from(records), max_size=4))))
    alerts = run(new_partition(), arrivals)
    assert discrepancies(records, alerts) == []
    assert standing(alerts) == standing(run(new_partition(), records))


@settings(max_examples=300, deadline=None)
@given(logs, st.data())
def test_a_crash_after_any_alert_was_written_and_before_the_commit_changes_nothing(
    log: list[Built], data: st.DataObject
) -> None:
    arrivals = [wire(built) for built in log]
    committed = data.draw(st.integers(0, len(arrivals)))
    written_before = run(new_partition(), arrivals[:committed])
    whole = run(new_partition(), arrivals)
    survived = whole[: data.draw(st.integers(len(written_before), len(whole)))]
    memory = restored(survived, arrivals)
    alerts = survived + run(memory, arrivals[committed:])
    assert discrepancies(arrivals, alerts) == []


@settings(max_examples=200, deadline=None)
@given(logs, st.data())
def test_what_a_cut_off_worker_wrote_late_is_overruled_at_the_next_restart(
    log: list[Built], data: st.DataObject
) -> None:
    arrivals = [wire(built) for built in log]
    split = data.draw(st.integers(0, len(arrivals)))
    alerts = run(new_partition(), arrivals)
    stale = run(new_partition(), arrivals[:split])
    topic = alerts + stale
    restoration = read_back(topic)
    for offset, revision in restoration.overtaken():
        record = topic[offset]
        again = written_again(_as_record(record), revision)
        topic.append(Wire(again.key, again.value, dict(again.headers)))
    compacted = list({record.key: record for record in topic}.values())
    assert discrepancies(arrivals, compacted) == []
    assert read_back(topic).overtaken() == ()


@settings(max_examples=200, deadline=None)
@given(logs)
def test_revisions_grow_by_one_and_episodes_only_when_an_alert_opens(log: list[Built]) -> None:
    by_alert: dict[bytes, list[dict]] = {}
    for record in run(new_partition(), [wire(built) for built in log]):
        by_alert.setdefault(record.key, []).append(orjson.loads(record.value))
    for events in by_alert.values():
        assert (events[0]["revision"], events[0]["episode"], events[0]["change"]["kind"]) == (1, 1, "opened")
        for before, after in pairwise(events):
            assert after["revision"] - before["revision"] == (before["fingerprint"] != after["fingerprint"])
            reopened = before["change"]["kind"] == "cleared" and after["change"]["kind"] == "opened"
            assert after["episode"] - before["episode"] == reopened


def read_back(topic: list[Wire]) -> Restoration:
    restoration = Restoration()
    for offset, record in enumerate(topic):
        restoration.note(offset, record.key, record.headers.items())
    return restoration


def restored(alerts: list[Wire], decisions: list[Wire]) -> PartitionMemory:
    memory = new_partition()
    for alert in read_back(alerts).alerts():
        memory.restore(alert)
    for record in decisions:
        memory.note(DecisionRecord(record.value, record.headers, 0))
    return memory


def _as_record(record: Wire) -> AlertRecord:
    return AlertRecord(record.key, record.value, tuple(record.headers.items()))
