"""Unreadable law, licence and party records fail closed, in a worker that runs and without a restart."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
from accounting import assert_reconciled, exportwatch
from harness import INPUTS, Fleet, Reader, Record, renew_topics, shipment, wait_for_all, wait_until
from input_cases import Place, Sender, Sent, dump, oxide

from exportwatch.broker.local import LocalBroker
from exportwatch_events.catalogue import DECISIONS, LAW, LICENSES, PARTIES, QUARANTINE

pytestmark = pytest.mark.broker
TOPICS = (*INPUTS, DECISIONS, QUARANTINE, LAW, LICENSES, PARTIES)
LICENSE = {
    "license_no": "L-7",
    "version": 1,
    "type": "dual_use_individual",
    "status": "granted",
    "status_from": "2026-01-01",
    "valid_from": "2026-01-01",
    "valid_to": "2026-12-31",
    "control_codes": ["1C905.b"],
}


@dataclass
class Control:
    """Publishes control records and asks a worker what it decides under them."""

    fleet: Fleet
    reader: Reader
    places: dict[str, Place] = field(default_factory=dict)

    def publish(self, topic: str, key: bytes, value: bytes | None) -> None:
        """Returns when the worker decides under it."""
        _, _, offset = self._send(Sent(0, value, key=key, topic=topic))
        wait_until(lambda: self._position(topic) > offset, 15, lambda: self.fleet.workers[0].log[-2000:])

    def decide(self, event: Mapping[str, Any]) -> dict[str, Any]:
        return json.loads(self._decided(event).value or b"")  # type: ignore[no-any-return]

    def _position(self, topic: str) -> int:
        return json.loads(self._decided(shipment(200)).headers["ew_control"])[topic]  # type: ignore[no-any-return]

    def _decided(self, event: Mapping[str, Any]) -> Record:
        place = self._send(Sent(0, dump(event)))
        wait_for_all(self.reader, [place])
        (record,) = [one for one in self.reader.records if one.topic == DECISIONS and one.source == place]
        return record

    def _send(self, sent: Sent) -> Place:
        Sender(self.fleet.bootstrap, self.places).send("this", sent)
        return self.places["this"]


@pytest.fixture(scope="module")
def control(broker: LocalBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Control]:
    """A worker under control topics that begin empty; each test adds to what those before it published."""
    renew_topics(broker.bootstrap, TOPICS)
    fleet = Fleet(broker.bootstrap, tmp_path_factory.mktemp("control"))
    fleet.start()
    with closing(Reader(broker.bootstrap)) as reader:
        yield Control(fleet, reader)
    fleet.end()
    renew_topics(broker.bootstrap, TOPICS)


def license_status(decision: Mapping[str, Any]) -> str:
    return decision["items"][0]["license"]["status"]  # type: ignore[no-any-return]


def codes(decision: Mapping[str, Any]) -> set[str]:
    return {reason["code"] for item in decision["items"] for reason in item["reasons"]}


def test_a_license_with_an_unreadable_record_covers_nothing(control: Control) -> None:
    control.publish(LICENSES, b"L-7@1", dump(LICENSE))
    assert license_status(control.decide(oxide(201, license="L-7"))) == "covered"
    control.publish(LICENSES, b"L-7@2", dump(LICENSE | {"version": 2, "valid_to": "tomorrow"}))
    decision = control.decide(oxide(201, 2, license="L-7"))
    assert decision["result"] == "license_required"
    assert license_status(decision) != "covered"
    assert decision["hold"] == "hold"


def test_a_party_list_with_an_unreadable_record_is_incomplete(control: Control) -> None:
    assert "party_list" not in json.dumps(control.decide(oxide(202))["items"][0]["missing"])
    control.publish(PARTIES, b"cn-watch-list/1@0", b"\xff\xfe")
    assert "party_list" in json.dumps(control.decide(oxide(202, 2))["items"][0]["missing"])


def test_an_instrument_with_an_unreadable_amendment_is_unconfirmed(control: Control) -> None:
    unreadable = {"instrument_id": "CN-2025-18", "status": "in abeyance", "from": "2026-01-01"}
    control.publish(LAW, b"CN-2025-18/*/x", dump(unreadable))
    decision = control.decide(oxide(203))
    assert decision["result"] == "review"
    assert "LAW_UNCONFIRMED" in codes(decision)


def test_a_null_value_on_the_law_changes_nothing(control: Control) -> None:
    control.publish(LAW, b"CN-2025-18/*/x", None)
    assert control.decide(oxide(204))["result"] == "review"


def test_unreadable_control_records_are_named_and_never_quarantined(control: Control) -> None:
    checked = exportwatch(control.fleet, "control", "check")
    assert checked.returncode == 1
    for key in ("L-7@2", "cn-watch-list/1@0", "CN-2025-18/*/x"):
        assert key in checked.stdout
    assert not [one for one in control.reader.read_to_end() if one.topic == QUARANTINE]
    assert_reconciled(control.fleet)
