"""A trace that the ERP began is seen on decision, alert and quarantined record; and debug lines by signal."""

import gzip
import json
import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from accounting import exportwatch
from harness import INPUTS, Fleet, Reader, Record, renew_topics, wait_for_all, wait_until
from input_cases import oxide
from kafka import KafkaProducer

from exportwatch.broker.local import LocalBroker
from exportwatch_events.catalogue import ALERTS, DECISIONS, QUARANTINE, SHIPMENTS

pytestmark = pytest.mark.broker
STATE = b"rojo=00f067aa0ba902b7"
STRUCTURED = ("content-type", b"application/cloudevents+json")


@pytest.fixture
def fleet(broker: LocalBroker, tmp_path: Path) -> Iterator[Fleet]:
    renew_topics(broker.bootstrap, (*INPUTS, DECISIONS, QUARANTINE, ALERTS))
    fleet = Fleet(broker.bootstrap, tmp_path)
    yield fleet
    fleet.end()


def parent(number: int) -> bytes:
    return f"00-{number:032x}-{number:016x}-01".encode()


def structured(number: int) -> bytes:
    event = {"specversion": "1.0", "type": "shipment.created", "traceparent": parent(number).decode()}
    return json.dumps(event | {"id": "e", "source": "ERP-P01", "data": oxide(number)}).encode()


def traces(records: list[Record], topic: str, number: int) -> set[tuple[bytes | None, bytes | None]]:
    """Trace headers of the document's records in the topic."""
    document = f"default/ERP-P01/shipment/S{number}".encode()
    return {
        (one.headers.get("traceparent"), one.headers.get("tracestate"))
        for one in records
        if one.topic == topic and one.headers.get("ew_document") == document
    }


def test_a_trace_goes_from_the_input_to_decision_alert_and_quarantine_and_through_a_replay(
    fleet: Fleet,
) -> None:
    fleet.start()
    alerting = fleet.start(service="alerting")
    cut_off = json.dumps(oxide(5)).encode()[:-9]
    sent = [
        (json.dumps(oxide(1)).encode(), [("traceparent", parent(1)), ("tracestate", STATE)]),
        (json.dumps(oxide(2)).encode(), [("ce_traceparent", parent(2))]),
        (structured(3), [STRUCTURED]),
        (json.dumps(oxide(4)).encode(), [("traceparent", b"00-00-00-00"), ("tracestate", STATE)]),
        (cut_off, [("traceparent", parent(5))]),
    ]
    with closing(KafkaProducer(bootstrap_servers=fleet.bootstrap, acks="all")) as producer:
        for value, headers in sent:
            producer.send(SHIPMENTS, value, headers=headers, partition=0).get(30)
    with closing(Reader(fleet.bootstrap, (DECISIONS, QUARANTINE, ALERTS))) as reader:
        wait_for_all(reader, [(SHIPMENTS, 0, offset) for offset in range(5)])
        wait_until(
            lambda: all(traces(reader.read(), ALERTS, number) for number in range(1, 6)),
            30,
            lambda: alerting.log[-3000:],
        )
        replay = exportwatch(fleet, "quarantine", "replay", "--document", "S5")
        assert replay.returncode == 0, replay.stderr
        wait_for_all(reader, [(SHIPMENTS, 0, 5)])
        records = reader.read_to_end()
    for topic in (DECISIONS, ALERTS):
        found = [traces(records, topic, number) for number in range(1, 6)]
        assert found == [
            {(parent(1), STATE)},
            {(parent(2), None)},
            {(parent(3), None)},
            {(None, None)},
            {(parent(5), None)},
        ]
    quarantined = [one for one in records if one.topic == QUARANTINE and "ew_error_code" in one.headers]
    assert [one.headers["traceparent"] for one in quarantined] == [parent(5)] * 2


def test_a_signal_turns_debug_lines_of_a_running_parent_and_its_workers_on_and_off(fleet: Fleet) -> None:
    parent_process = fleet.start(service="all")

    def changes() -> int:
        return parent_process.log.count("log level changed by SIGUSR1")

    wait_until(lambda: "alerts read back" in parent_process.log, 60, lambda: parent_process.log[-3000:])
    wait_until(lambda: "control topics read" in parent_process.log, 60, lambda: parent_process.log[-3000:])
    parent_process.send(signal.SIGUSR1)
    wait_until(lambda: changes() == 2, 10, lambda: parent_process.log[-3000:])
    with closing(KafkaProducer(bootstrap_servers=fleet.bootstrap, acks="all")) as producer:
        producer.send(SHIPMENTS, json.dumps(oxide(1)).encode()).get(30)
    wait_until(lambda: parent_process.log.count('"batch done"') == 2, 20, lambda: parent_process.log[-3000:])
    parent_process.send(signal.SIGUSR1)
    wait_until(lambda: changes() == 4, 10, lambda: parent_process.log[-3000:])
    assert parent_process.stop() == 0, parent_process.log[-3000:]


class Collector(BaseHTTPRequestHandler):
    """Takes what an OTLP exporter sends and keeps it."""

    bodies: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.bodies.append(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_collector_is_told_a_span_of_each_service_and_nothing_of_the_record(fleet: Fleet) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_address[1]}/v1/traces"
    workers = [fleet.start(service=service, otel_endpoint=endpoint) for service in ("screening", "alerting")]
    with closing(KafkaProducer(bootstrap_servers=fleet.bootstrap, acks="all")) as producer:
        value = json.dumps(oxide(1)).encode()
        producer.send(SHIPMENTS, value, headers=[("traceparent", parent(77))], partition=0).get(30)
    try:
        wait_until(
            lambda: sum(one.count((77).to_bytes(16, "big")) for one in Collector.bodies) == 2,
            60,
            lambda: "".join(worker.log[-2000:] for worker in workers),
        )
    finally:
        server.shutdown()
        server.server_close()
    told = b"".join(Collector.bodies)
    assert b"exportwatch-screening" in told
    assert b"exportwatch-alerting" in told
    assert b"dysprosium" not in told
    # Without its collector a service loses spans and nothing else, and leaves in time.
    with closing(KafkaProducer(bootstrap_servers=fleet.bootstrap, acks="all")) as producer:
        producer.send(SHIPMENTS, value, headers=[("traceparent", parent(78))], partition=0).get(30)
    with closing(Reader(fleet.bootstrap)) as reader:
        wait_for_all(reader, [(SHIPMENTS, 0, 1)])
    assert [worker.stop() for worker in workers] == [0, 0]
