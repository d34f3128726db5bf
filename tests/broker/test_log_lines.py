"""Under load, with broken records, bugs and an outage: each log line is as the schema says, and nothing of a record is
in a log line, a metric or an answer of the ops port.
"""

import json
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from harness import (
    INPUTS,
    STANDINS,
    Erp,
    Fleet,
    Reader,
    Worker,
    ends_of,
    renew_topics,
    wait_for_all,
    wait_until,
)
from input_cases import oxide
from kafka import KafkaProducer

from exportwatch.broker.local import LocalBroker
from exportwatch.streaming.log_line import LogLine, read_line
from exportwatch_events.catalogue import (
    ALERTS,
    DECISIONS,
    LAW,
    LICENSES,
    PARTIES,
    QUARANTINE,
    SHIPMENTS,
)
from exportwatch_events.keys import partition_of

pytestmark = pytest.mark.broker
CONTROL = (LAW, LICENSES, PARTIES)
# Each stands in another place of what producers send; none may come out anywhere but in the topics.
CANARIES = {
    place: f"Zephyrquill {place} Quonset"
    for place in ("party", "goods", "broken", "type", "header", "key", "license", "list", "decision", "bug")
}
MARK = "Zephyrquill"
QUICK = {
    "session_timeout_seconds": "3",
    "heartbeat_interval_seconds": "0.5",
    "request_timeout_seconds": "3",
    "commit_interval_seconds": "0.3",
}


@pytest.fixture
def fleet(broker: LocalBroker, tmp_path: Path) -> Iterator[Fleet]:
    renew_topics(broker.bootstrap, (*INPUTS, DECISIONS, QUARANTINE, ALERTS, *CONTROL))
    # Partition 1 gets 40 bad records, which may be counted twice after a rebalance; partition 3 gets 200.
    settings = QUICK | {"quarantine_max_records": "90"}
    fleet = Fleet(
        broker.bootstrap, tmp_path, settings=settings, standins=STANDINS.with_name("breaking_standins.py")
    )
    yield fleet
    fleet.end()
    renew_topics(broker.bootstrap, CONTROL)


def named(number: int, **changes: Any) -> dict[str, Any]:
    """A shipment that needs a license, with canaries as party and goods; `changes` replace its fields."""
    event = oxide(number)
    item = event["items"][0] | {"description": f"{event['items'][0]['description']} {CANARIES['goods']}"}
    party = {"role": "end_user", "name": CANARIES["party"], "local_name": CANARIES["party"]}
    return event | {"parties": [*event["parties"], party], "items": [item]} | changes


def bad_records() -> list[Any]:
    """One of each way in which a record can be bad, the bug in the pure call included."""
    whole = json.dumps(named(10**6)).encode()
    repeated = named(10**6 + 1)
    return [
        whole[:-9],
        f"{{{CANARIES['broken']}".encode(),
        b"\xff" + CANARIES["broken"].encode(),
        b"[" * 100 + CANARIES["broken"].encode(),
        named(10**6 + 2, event_type=CANARIES["type"]),
        named(10**6 + 3, event_time=CANARIES["type"]),
        named(10**6 + 4, items=CANARIES["goods"]),
        named(10**6 + 5, parties=[{"role": CANARIES["party"]}]),
        repeated | {"items": repeated["items"] * 2},
        named(10**6 + 6, end_use={"description": f"break the pure call {CANARIES['bug']}"}),
    ]


def send(bootstrap: str, topic: str, key: str, value: bytes, partition: int | None = None) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    headers = [("x-remark", CANARIES["header"].encode()), ("traceparent", CANARIES["header"].encode())]
    producer.send(topic, value, key=key.encode(), headers=headers, partition=partition).get(30)
    producer.close()


def unusable_control_records(bootstrap: str) -> None:
    license_ = {
        "license_no": CANARIES["license"],
        "status": CANARIES["license"],
        "exporter": CANARIES["party"],
    }
    entry = {"list_id": "cn-watch-list", "entry_id": "1", "name": 5, "aliases": CANARIES["list"]}
    send(bootstrap, LICENSES, CANARIES["key"], json.dumps(license_).encode())
    send(bootstrap, LICENSES, CANARIES["key"], CANARIES["broken"].encode())
    send(bootstrap, PARTIES, CANARIES["key"], json.dumps(entry).encode())
    send(bootstrap, LAW, CANARIES["key"], CANARIES["broken"].encode())


def broken_decision(fleet: Fleet) -> None:
    """What alerting cannot work with."""
    key = f"default/ERP-P01/shipment/{CANARIES['decision']}"
    value = {
        "document": {"key": key, "version": 1},
        "result": CANARIES["decision"],
        "items": [CANARIES["goods"]],
    }
    partitions = len(ends_of(fleet.bootstrap, (DECISIONS,)))
    send(
        fleet.bootstrap,
        DECISIONS,
        key,
        json.dumps(value, separators=(",", ":")).encode(),
        partition_of(key, partitions),
    )


def ops(fleet: Fleet, number: int, service: str, path: str) -> str:
    """Body of an answer of the worker's ops port, whatever its status."""
    url = json.loads((fleet.folder / f"data-{number}" / "ops" / f"{service}-0.json").read_text())["url"]
    try:
        with urllib.request.urlopen(url + path, timeout=5) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as refused:
        return refused.read().decode()


def told_lines(worker: Worker) -> list[LogLine]:
    """Fails at the first line that is against the schema."""
    return [read_line(line) for line in worker.log.splitlines()]


def events(worker: Worker) -> set[str]:
    return {line.event for line in told_lines(worker)}


def test_no_line_metric_or_answer_holds_anything_of_a_record(broker: LocalBroker, fleet: Fleet) -> None:
    renew_topics(fleet.bootstrap, [SHIPMENTS], 4)
    unusable_control_records(fleet.bootstrap)
    screening = [fleet.start("breaking_screening"), fleet.start("breaking_screening")]
    alerting = fleet.start(service="alerting")
    wait_until(lambda: "alerts read back" in alerting.log, 40, lambda: alerting.log[-3000:])
    wait_until(lambda: all("control topics read" in one.log for one in screening), 40)
    for worker in (*screening, alerting):
        worker.send(signal.SIGUSR1)
    with Erp(fleet.bootstrap) as erp:
        # The accounting of the harness wants readable events with their own keys; bad ones go as bytes.
        bad = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in bad_records()]
        for start in range(0, 400, 100):
            erp.publish(
                (named(number) for number in range(start, start + 100)),
                key=lambda _: CANARIES["key"].encode(),
            )
            erp.publish(bad, partition=1)
        broken_decision(fleet)
        with closing(Reader(fleet.bootstrap)) as reader:
            wait_for_all(reader, erp.published)
    wait_until(lambda: "alerting on a decision raised" in alerting.log, 30, lambda: alerting.log[-3000:])

    broker.stop()
    time.sleep(6)
    broker.start_again()
    with Erp(fleet.bootstrap) as erp:
        erp.publish([f"{{{CANARIES['broken']}".encode()] * 200, partition=3)
        others = erp.publish((named(number) for number in range(500, 600)), partition=2)
        with closing(Reader(fleet.bootstrap)) as reader:
            wait_for_all(reader, others)

    def readiness() -> list[str]:
        return [ops(fleet, number, "screening", "/readyz") for number in (0, 1)]

    wait_until(lambda: any("quarantine_limit" in body for body in readiness()), 40, lambda: str(readiness()))
    answers = [
        ops(fleet, number, service, path)
        for number, service in ((0, "screening"), (1, "screening"), (2, "alerting"))
        for path in ("/livez", "/readyz", "/metrics")
    ]
    statuses = [worker.stop() for worker in (*screening, alerting)]
    assert statuses == [0, 0, 0]

    together = set().union(*map(events, screening))
    assert {
        "screening a record raised",
        "batch done",
        "too much quarantine: the partition stands still",
    } <= together
    assert {"batch done", "alerting on a decision raised", "log level changed by SIGUSR1"} <= events(alerting)
    assert any(line.level == "error" and line.logger.startswith("aiokafka") for line in told_lines(alerting))
    assert any("exportwatch_quarantined_total" in answer for answer in answers)
    for text in (*answers, *(worker.log for worker in (*screening, alerting))):
        assert MARK not in text
    with closing(Reader(fleet.bootstrap, (DECISIONS, QUARANTINE, ALERTS))) as reader:
        stored = b"".join(one.value or b"" for one in reader.read_to_end())
    for place in ("party", "goods", "broken", "type", "decision", "bug"):
        assert CANARIES[place].encode() in stored, f"the {place} canary was nowhere"
