"""An operator mends the cause, replays what went to quarantine, and everything is as if it had never been there."""

import json
import os
import pwd
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from accounting import alert_problems, assert_reconciled, exportwatch
from harness import (
    INPUTS,
    STANDINS,
    Erp,
    Fleet,
    Reader,
    Record,
    renew_topics,
    shipment,
    started,
    wait_for_all,
    wait_until,
    wait_until_committed,
)
from input_cases import oxide
from kafka import KafkaProducer

from exportwatch.broker.local import LocalBroker
from exportwatch_events.catalogue import ALERTS, DECISIONS, QUARANTINE, SHIPMENTS

pytestmark = pytest.mark.broker
ALL = (DECISIONS, QUARANTINE, ALERTS)
SECRET = "Zephyrine Canary Trading"


@pytest.fixture
def fleet(broker: LocalBroker, tmp_path: Path) -> Iterator[Fleet]:
    renew_topics(broker.bootstrap, (*INPUTS, *ALL))
    fleet = Fleet(broker.bootstrap, tmp_path, standins=STANDINS.with_name("breaking_standins.py"))
    yield fleet
    fleet.end()


@pytest.fixture
def reader(fleet: Fleet) -> Iterator[Reader]:
    with closing(Reader(fleet.bootstrap, ALL)) as reader:
        yield reader


def operator(fleet: Fleet, *arguments: str) -> str:
    done = exportwatch(fleet, "quarantine", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def listed(fleet: Fleet, *filters: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in operator(fleet, "list", "--json", *filters).splitlines()]


def of(reader: Reader, topic: str) -> list[Record]:
    return [one for one in reader.read_to_end() if one.topic == topic]


def publish(fleet: Fleet, value: bytes, partition: int, headers: list[tuple[str, bytes]]) -> int:
    producer = KafkaProducer(bootstrap_servers=fleet.bootstrap, acks="all")
    sent = producer.send(SHIPMENTS, value, key=b"a key", headers=headers, partition=partition)
    offset: int = sent.get(30).offset
    producer.close()
    return offset


def alert_states(reader: Reader) -> list[tuple[str, str | None]]:
    alerts = [json.loads(one.value or b"") for one in of(reader, ALERTS)]
    return [(one["change"]["kind"], one["change"]["cleared_reason"]) for one in alerts]


def test_a_replay_after_a_fix_decides_as_if_the_record_had_been_good(fleet: Fleet, reader: Reader) -> None:
    parties = [{"role": "exporter", "name": SECRET}, {"role": "consignee", "name": "break the pure call"}]
    value = json.dumps(shipment(1, parties=parties)).encode()
    broken = started(fleet, "breaking_screening")
    fleet.start(service="alerting")
    offset = publish(fleet, value, 5, [("trace", b"1"), ("ew_source", b"the producer's own")])
    wait_until(lambda: ("opened", None) in alert_states(reader), 30, lambda: broken.log[-3000:])
    assert SECRET not in broken.log
    assert broken.stop() == 0

    fleet.start()
    [entry] = listed(fleet)
    assert (entry["code"], entry["source"], entry["state"]) == (
        "INTERNAL_ERROR",
        f"{SHIPMENTS}/5/{offset}",
        "open",
    )
    assert entry["document"] == "default/ERP-P01/shipment/S1"
    table = operator(fleet, "list", "--code", "INTERNAL_ERROR", "--document", "S1", "--since", "10m")
    assert entry["id"] in table
    assert SECRET not in table
    page = operator(fleet, "show", entry["id"])
    assert SECRET in page
    assert "screening raised ValueError" in page
    raw = operator(fleet, "show", entry["id"], "--raw")
    assert raw.encode() == value

    written = len(reader.read_to_end())
    dry = operator(fleet, "replay", entry["id"], "--dry-run")
    assert dry.splitlines()[0] == f"would replay {entry['id']} to {SHIPMENTS}/5"
    assert len(reader.read_to_end()) == written
    said = operator(fleet, "replay", "--code", "INTERNAL_ERROR", "--partition", "5")
    assert f"replayed {entry['id']} (was {SHIPMENTS}/5/{offset}) as {SHIPMENTS}/5/{offset + 1}" in said
    audit = json.loads(said.splitlines()[-1])
    user = pwd.getpwuid(os.getuid()).pw_name
    assert (audit["audit"], audit["records"], audit["by"]) == ("replayed", 1, user)
    assert audit["command"] == "quarantine replay --code INTERNAL_ERROR --partition 5"
    assert SECRET not in said

    directly = publish(fleet, value, 5, [])
    wait_for_all(reader, [(SHIPMENTS, 5, at) for at in range(directly + 1)])
    decided = {one.source[2]: one for one in of(reader, DECISIONS)}
    assert decided[offset].headers["ew_result"] == b"review"
    assert decided[offset + 1].value == decided[directly].value
    assert decided[offset + 1].key == decided[directly].key
    placeless = [
        {name: told for name, told in decided[at].headers.items() if name != "ew_source"}
        for at in (offset + 1, directly)
    ]
    assert placeless[0] == placeless[1]
    wait_until(lambda: ("cleared", "record_repaired") in alert_states(reader), 30)
    assert len(of(reader, QUARANTINE)) == 2, "the record and the marker, and nothing again"
    wait_until_committed(fleet)
    assert alert_problems(reader) == []
    assert_reconciled(fleet)

    refused = exportwatch(fleet, "quarantine", "replay", entry["id"])
    assert refused.returncode == 2
    assert f"{entry['id']}: was replayed by {user}" in refused.stderr
    assert "0 records" in operator(fleet, "replay", "--document", "S1", "--dry-run")
    assert listed(fleet) == []
    assert [one["state"] for one in listed(fleet, "--all")] == ["replayed"]
    operator(fleet, "replay", entry["id"], "--again")
    wait_for_all(reader, [(SHIPMENTS, 5, directly + 1)])


def test_a_replayed_record_goes_where_it_came_from_with_key_and_headers(fleet: Fleet, reader: Reader) -> None:
    worker = started(fleet, "breaking_screening")
    with Erp(fleet.bootstrap) as erp:
        erp.publish([None, b"", b"{"], partition=2)
        wait_for_all(reader, erp.published)
        offset = publish(fleet, b"\xff", 4, [("trace", b"1"), ("ew_marker", b"resumed")])
        erp.published.append((SHIPMENTS, 4, offset))
        wait_for_all(reader, erp.published)
        said = operator(fleet, "replay", "--topic", SHIPMENTS)
        assert json.loads(said.splitlines()[-1])["records"] == 4
        again = [(SHIPMENTS, 2, at) for at in (3, 4, 5)] + [(SHIPMENTS, 4, offset + 1)]
        wait_for_all(reader, erp.published + again)
    with closing(Reader(fleet.bootstrap, (SHIPMENTS,))) as inputs:
        records = {(one.partition, one.offset): one for one in inputs.read_to_end()}
    for first, second in zip(erp.published, again, strict=True):
        old, new = records[first[1:]], records[second[1:]]
        assert (new.key, new.value) == (old.key, old.value)
        assert new.headers["ew_replay_of"].startswith(QUARANTINE.encode())
        assert new.headers == {**old.headers, "ew_replay_of": new.headers["ew_replay_of"]}
    # Bad again: once more in quarantine, once, and nobody replays it by itself.
    assert [one["state"] for one in listed(fleet, "--all")] == ["replayed"] * 4 + ["open"] * 4
    assert {one["replay_of"] is None for one in listed(fleet)} == {False}
    wait_until_committed(fleet)
    assert_reconciled(fleet)
    assert worker.process.poll() is None


def test_what_is_dropped_is_done_with_a_reason_and_nothing_is_deleted(fleet: Fleet, reader: Reader) -> None:
    started(fleet, "breaking_screening")
    with Erp(fleet.bootstrap) as erp:
        erp.publish([b"{", b"[", json.dumps(oxide(1)).encode()], partition=0)
        wait_for_all(reader, erp.published)
    without = exportwatch(fleet, "quarantine", "drop", "--code", "NOT_JSON")
    assert (without.returncode, "--reason" in without.stderr) == (2, True)
    nothing_meant = exportwatch(fleet, "quarantine", "drop", "--reason", "why not")
    assert (nothing_meant.returncode, "say which records" in nothing_meant.stderr) == (2, True)
    first, second = listed(fleet)
    said = operator(fleet, "drop", first["id"], "--reason", "a test of the ERP team")
    assert f"dropped {first['id']}" in said
    assert [one["id"] for one in listed(fleet)] == [second["id"]]
    assert "1 replayed or dropped: --all shows them" in operator(fleet, "list")
    [done] = [one["done"] for one in listed(fleet, "--all") if one["id"] == first["id"]]
    assert done["reason"] == "a test of the ERP team"
    assert done["command"] == f"quarantine drop {first['id']}"
    assert "a test of the ERP team" in operator(fleet, "show", first["id"])
    refused = exportwatch(fleet, "quarantine", "replay", first["id"])
    assert (refused.returncode, "was dropped by" in refused.stderr) == (2, True)
    absent = exportwatch(fleet, "quarantine", "show", "0/999999")
    assert absent.returncode == 2, absent.stderr
    assert "no quarantined record has this id" in absent.stderr
    wait_until_committed(fleet)
    assert_reconciled(fleet)
    assert "lately" in exportwatch(fleet, "quarantine", "status").stdout
