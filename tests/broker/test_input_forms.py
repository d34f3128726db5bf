"""Input as real producers send it: every codec, transactions, any number of partitions, keyed and keyless."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from confluent_kafka import Producer
from harness import (
    Erp,
    Fleet,
    Reader,
    account,
    renew_topics,
    shipment,
    started,
    wait_for_all,
    wait_until_committed,
)

from exportwatch.broker.local import LocalBroker
from exportwatch_events.catalogue import SHIPMENTS

pytestmark = pytest.mark.broker


@pytest.fixture
def fleet(broker: LocalBroker, tmp_path: Path) -> Iterator[Fleet]:
    renew_topics(broker.bootstrap)
    fleet = Fleet(broker.bootstrap, tmp_path)
    yield fleet
    fleet.end()


@pytest.fixture
def reader(fleet: Fleet) -> Iterator[Reader]:
    with closing(Reader(fleet.bootstrap)) as reader:
        yield reader


def produce(producer: Producer, numbers: range, partition: int) -> list[tuple[str, int, int]]:
    """Where the shipments of these numbers were put; complete after a flush."""
    placed: list[tuple[str, int, int]] = []
    for number in numbers:
        producer.produce(
            SHIPMENTS,
            json.dumps(shipment(number)).encode(),
            partition=partition,
            on_delivery=lambda _, done: placed.append((done.topic(), done.partition(), done.offset())),
        )
    producer.flush()
    return placed


def test_every_codec_is_read(fleet: Fleet, reader: Reader) -> None:
    placed = []
    for at, codec in enumerate(("none", "gzip", "snappy", "lz4", "zstd")):
        producer = Producer(
            {"bootstrap.servers": fleet.bootstrap, "compression.type": codec, "linger.ms": 50}
        )
        placed += produce(producer, range(at * 100, at * 100 + 100), at)
    started(fleet, "plain")
    assert len(placed) == 500
    assert set(wait_for_all(reader, placed).decided) == set(placed)


def test_what_a_transaction_took_back_is_not_screened(fleet: Fleet, reader: Reader) -> None:
    producer = Producer({"bootstrap.servers": fleet.bootstrap, "transactional.id": "an ERP"})
    producer.init_transactions()
    placed: dict[str, list[tuple[str, int, int]]] = {}
    for turn, end in enumerate(("committed", "aborted", "committed again", "aborted again")):
        producer.begin_transaction()
        placed[end] = produce(producer, range(turn * 100, turn * 100 + 50), 2)
        (producer.abort_transaction if "aborted" in end else producer.commit_transaction)()
    started(fleet, "plain")
    kept = placed["committed"] + placed["committed again"]
    assert set(wait_for_all(reader, kept).accounted) == set(kept)
    with Erp(fleet.bootstrap) as erp:
        behind = erp.publish([shipment(900)], partition=2)
    wait_for_all(reader, behind)
    assert account(reader.read_to_end()).accounted == {*kept, *behind}
    wait_until_committed(fleet)


@pytest.mark.parametrize("partitions", [3, 12])
@pytest.mark.parametrize("keyed", [True, False])
def test_input_topics_may_have_any_partitions_and_any_key(
    fleet: Fleet, reader: Reader, partitions: int, keyed: bool
) -> None:
    renew_topics(fleet.bootstrap, [SHIPMENTS], partitions)
    started(fleet, "plain")
    with Erp(fleet.bootstrap) as erp:
        erp.publish(
            (shipment(number) for number in range(600)),
            key=lambda event: event["shipment_id"].encode() if keyed else None,
        )
        found = wait_for_all(reader, erp.published)
    assert len({partition for _, partition, _ in found.decided}) == partitions
    written = {(record.key, record.partition) for record in reader.records}
    assert len(written) == 600, "a document's decision lies in one partition"
