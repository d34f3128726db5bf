"""Input as ERP systems really send it, good and bad, through a real screening worker: each record has the
outcome that the wire contract states, and nothing is lost.

One worker and one log for the whole module: everything is published, screened and accounted for at once, and
each test looks at its part.
"""

import asyncio
import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
from accounting import assert_reconciled
from aiokafka import AIOKafkaProducer
from confluent_kafka import Producer
from harness import (
    Erp,
    Fleet,
    Reader,
    Record,
    Worker,
    account,
    committed,
    renew_topics,
    shipment,
    wait_for_all,
    wait_until,
)
from input_cases import (
    BAD,
    CODECS,
    FIVE_MEGABYTES,
    FORMS,
    MEGABYTE,
    ODD,
    Place,
    Sender,
    Sent,
    allow,
    dump,
    oxide,
)
from kafka import KafkaConsumer, TopicPartition

from exportwatch.broker.local import LocalBroker
from exportwatch_events.catalogue import CONTRACTS, DECISIONS, QUARANTINE, SHIPMENTS
from exportwatch_events.keys import decision_key

pytestmark = pytest.mark.broker


@dataclass
class Screened:
    """The whole log after the worker has been through it."""

    fleet: Fleet
    worker: Worker
    places: dict[str, Place] = field(default_factory=dict)
    taken_back: list[Place] = field(default_factory=list)
    records: Sequence[Record] = ()

    def of(self, name: str, topic: str) -> list[Record]:
        place = self.places[name]
        return [one for one in self.records if one.topic == topic and one.source == place]

    def decision(self, name: str) -> dict[str, Any]:
        (record,) = self.of(name, DECISIONS)
        return json.loads(record.value or b"")  # type: ignore[no-any-return]

    def quarantined(self, name: str) -> Record:
        (record,) = self.of(name, QUARANTINE)
        return record


def send_everything(screened: Screened) -> None:
    bootstrap = screened.fleet.bootstrap
    sender = Sender(bootstrap, screened.places)
    for name, form in FORMS.items():
        sender.send(name, form)
    for name, (event, _) in ODD.items():
        sender.send(name, Sent(0, dump(event)))
    for name, bad in BAD.items():
        sender.send(name, bad.sent)
    for version in (3, 1, 3, 2):
        body = oxide(70, version) | {"event_time": f"2026-03-02T08:00:0{len(screened.places) % 10}+08:00"}
        sender.send(f"version {version}, {len(screened.places)}", Sent(70, dump(body)))
    bare = {"event_type": "shipment.cancelled", "items": None, "to": None, "from": None, "parties": None}
    cancelled = {name: value for name, value in (oxide(71, 2) | bare).items() if value is not None}
    sender.send("to be cancelled", Sent(71, dump(oxide(71))))
    sender.send("a bare cancellation", Sent(71, dump(cancelled)))
    Sender(bootstrap, screened.places, **{"compression.type": "gzip"}).send(
        "5 MB, compressed", Sent(60, dump(FIVE_MEGABYTES))
    )
    sender.send("5 MB", Sent(61, dump(FIVE_MEGABYTES | {"shipment_id": "S61"}), topic=CONTRACTS))
    send_in_transactions(screened)
    with Erp(bootstrap, compression_type="gzip") as erp:
        (screened.places["gzip by kafka-python"],) = erp.publish([oxide(80)])
    asyncio.run(send_by_aiokafka(screened))
    with Erp(bootstrap) as erp:
        # Behind the mark of the last transaction, which no commit reaches.
        (screened.places["the last one"],) = erp.publish([oxide(92)], partition=0)


def send_in_transactions(screened: Screened) -> None:
    producer = Producer({"bootstrap.servers": screened.fleet.bootstrap, "transactional.id": "an ERP"})
    producer.init_transactions()
    for end in ("taken back", "committed", "taken back"):
        producer.begin_transaction()
        found: list[Place] = []
        producer.produce(
            SHIPMENTS,
            dump(oxide(90 if end == "committed" else 91)),
            partition=0,
            on_delivery=lambda _, done, to=found: to.append((done.topic(), done.partition(), done.offset())),
        )
        producer.flush()
        if end == "committed":
            producer.commit_transaction()
            (screened.places["committed in a transaction"],) = found
        else:
            producer.abort_transaction()
            screened.taken_back += found


async def send_by_aiokafka(screened: Screened) -> None:
    """With the framing that Java's producers use for snappy; librdkafka's is in `test_input_forms`."""
    for number, codec in enumerate(CODECS, 81):
        async with AIOKafkaProducer(
            bootstrap_servers=screened.fleet.bootstrap, compression_type=codec
        ) as producer:
            done = await producer.send_and_wait(SHIPMENTS, dump(oxide(number)))
        screened.places[f"{codec} by aiokafka"] = (done.topic, done.partition, done.offset)


@pytest.fixture(scope="module")
def fleet(broker: LocalBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    renew_topics(broker.bootstrap)
    fleet = Fleet(broker.bootstrap, tmp_path_factory.mktemp("inputs"))
    yield fleet
    fleet.end()


def wait_until_read(screened: Screened) -> None:
    """Until the group has committed what was sent; what a transaction took back may stand behind it."""
    behind: dict[tuple[str, int], int] = {}
    for topic, partition, offset in screened.places.values():
        behind[topic, partition] = max(behind.get((topic, partition), 0), offset + 1)
    fleet = screened.fleet
    wait_until(
        lambda: all(committed(fleet.bootstrap, fleet.group).get(at, 0) >= end for at, end in behind.items())
    )


@pytest.fixture(scope="module")
def screened(fleet: Fleet) -> Screened:
    allow(fleet.bootstrap, CONTRACTS, 8 * MEGABYTE)
    worker = fleet.start()
    screened = Screened(fleet, worker)
    send_everything(screened)
    with closing(Reader(fleet.bootstrap)) as reader:
        wait_for_all(reader, screened.places.values())
        wait_until_read(screened)
        screened.records = list(reader.read_to_end())
    return screened


@pytest.mark.parametrize("name", FORMS)
def test_a_shipment_is_read_in_every_form(screened: Screened, name: str) -> None:
    decision = screened.decision(name)
    assert decision["result"] == "license_required"
    assert decision["document"]["key"] == f"default/ERP-P01/shipment/S{FORMS[name].number}"
    assert decision["document"]["event_time"] == "2026-03-02T00:00:00.000000Z"


def test_what_a_body_lacks_is_filled_from_cloudevents_attributes(screened: Screened) -> None:
    for name in ("CloudEvents, binary", "CloudEvents, structured"):
        assert screened.decision(name)["document"]["event_id"] == "e-ce"


@pytest.mark.parametrize("name", [*(f"{codec} by aiokafka" for codec in CODECS), "gzip by kafka-python"])
def test_every_codec_is_read(screened: Screened, name: str) -> None:
    assert screened.decision(name)["result"] == "license_required"


def test_what_a_transaction_took_back_is_not_screened(screened: Screened) -> None:
    assert screened.decision("committed in a transaction")["document"]["id"] == "S90"
    assert len(screened.taken_back) == 2
    assert not account(screened.records).accounted & set(screened.taken_back)


@pytest.mark.parametrize("name", ODD)
def test_odd_data_is_unknown_named_and_decided(screened: Screened, name: str) -> None:
    decision = screened.decision(name)
    texts = [reason["text"]["en"] for item in decision["items"] for reason in item["reasons"]]
    assert any(text.startswith(f"{ODD[name][1]}") for text in texts), texts
    assert decision["result"] in ("license_required", "review"), "unknown never clears"
    assert screened.of(name, QUARANTINE) == []


@pytest.mark.parametrize("name", BAD)
def test_an_unreadable_record_goes_to_quarantine_as_it_came(screened: Screened, name: str) -> None:
    bad, record = BAD[name], screened.quarantined(name)
    assert (record.key, record.value) == (bad.sent.key, bad.sent.value)
    assert {name for name, _ in bad.sent.headers} <= record.headers.keys()
    assert record.headers["ew_error_code"] == bad.code.encode()
    assert bad.says in record.headers["ew_error"].decode()
    assert int(record.headers["ew_source_timestamp"]) > 0


def test_the_headers_of_a_quarantined_record_stand_before_ours_as_they_came(screened: Screened) -> None:
    record = screened.quarantined("not JSON")
    consumer = KafkaConsumer(bootstrap_servers=screened.fleet.bootstrap, enable_auto_commit=False)
    try:
        consumer.assign([TopicPartition(QUARANTINE, record.partition)])
        consumer.seek(TopicPartition(QUARANTINE, record.partition), record.offset)
        found = next(consumer).headers
    finally:
        consumer.close()
    assert list(found[:2]) == list(BAD["not JSON"].sent.headers)
    assert all(name.startswith("ew_") for name, _ in found[2:])


@pytest.mark.parametrize("name", [name for name, bad in BAD.items() if bad.version is not None])
def test_where_an_unreadable_record_names_its_document_a_review_says_so(
    screened: Screened, name: str
) -> None:
    bad = BAD[name]
    assert bad.version is not None
    (record,) = screened.of(name, DECISIONS)
    document, decision = f"default/ERP-P01/shipment/S{bad.sent.number}", screened.decision(name)
    assert screened.quarantined(name).headers["ew_document"] == document.encode()
    assert record.key == decision_key(document, bad.version)
    assert record.headers["ew_quarantined"] == bad.code.encode()
    assert (decision["result"], decision["hold"]) == ("review", "person")
    assert [reason["code"] for reason in decision["reasons"]] == ["RECORD_UNREADABLE"]


@pytest.mark.parametrize("name", [name for name, bad in BAD.items() if bad.version is None])
def test_an_unreadable_record_without_a_name_has_no_decision(screened: Screened, name: str) -> None:
    assert screened.of(name, DECISIONS) == []
    assert "ew_document" not in screened.quarantined(name).headers


@pytest.mark.parametrize(("name", "number"), [("5 MB, compressed", 60), ("5 MB", 61)])
def test_a_record_larger_than_the_registry_allows_is_kept_and_not_screened(
    screened: Screened, name: str, number: int
) -> None:
    record = screened.quarantined(name)
    assert record.headers["ew_error_code"] == b"TOO_LARGE"
    assert f"{MEGABYTE} are allowed" in record.headers["ew_error"].decode()
    assert record.value == dump(FIVE_MEGABYTES | {"shipment_id": f"S{number}"})
    decision = screened.decision(name)
    assert decision["document"]["key"] == f"default/ERP-P01/shipment/S{number}"
    assert decision["reasons"][0]["code"] == "RECORD_UNREADABLE"


def test_versions_that_go_backwards_or_come_twice_are_each_decided(screened: Screened) -> None:
    versions = [name for name in screened.places if name.startswith("version ")]
    assert [screened.decision(name)["document"]["version"] for name in versions] == [3, 1, 3, 2]
    first, twice = screened.decision(versions[0]), screened.decision(versions[2])
    assert first["document"]["event_time"] < twice["document"]["event_time"]


def test_a_cancellation_needs_nothing_but_its_number(screened: Screened) -> None:
    before, after = screened.decision("to be cancelled"), screened.decision("a bare cancellation")
    assert (before["result"], after["result"]) == ("license_required", "not_required")
    assert after["document"] == before["document"] | {
        "version": 2,
        "event_id": "e-71-2",
        "state": "cancelled",
    }


def test_nothing_is_lost_and_every_record_has_one_outcome(screened: Screened) -> None:
    found = account(screened.records)
    assert found.accounted == set(screened.places.values())
    assert found.duplicates == 0
    assert screened.worker.process.poll() is None
    assert_reconciled(screened.fleet)


def test_the_worker_tells_no_payload_in_its_log(screened: Screened) -> None:
    for text in ("dysprosium", "Exporter", "Consignee", "xxxxx"):
        assert text not in screened.worker.log


# -- last, because it ends the worker -----------------------------------------------------------------------


def test_a_record_that_quarantine_does_not_take_ends_the_worker_and_waits_in_its_topic(
    screened: Screened,
) -> None:
    incompressible = shipment(300, note=secrets.token_hex(5 * MEGABYTE))
    allow(screened.fleet.bootstrap, CONTRACTS, 16 * MEGABYTE)
    Sender(screened.fleet.bootstrap, screened.places).send(
        "too much", Sent(300, dump(incompressible), topic=CONTRACTS)
    )
    assert screened.worker.wait(20) == 2
    last = screened.worker.log.splitlines()[-1]
    assert "compliance.quarantine.v1" in last
    assert "max.message.bytes" in last
    allow(screened.fleet.bootstrap, QUARANTINE, 16 * MEGABYTE)
    screened.fleet.start()
    with closing(Reader(screened.fleet.bootstrap, (QUARANTINE,))) as reader:
        (record,) = wait_until(
            lambda: [one for one in reader.read() if one.source == screened.places["too much"]]
        )
    assert record.value == dump(incompressible)
    wait_until_read(screened)
    assert_reconciled(screened.fleet)
