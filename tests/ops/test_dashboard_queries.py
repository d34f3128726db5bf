"""Every query of every panel returns data from a Prometheus that scrapes real workers; trouble shows where it must.

First all is well while `exportwatch feed` runs. Then everything is caused that can be: each panel that tells of
trouble showed none before and shows it afterwards.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dashboard_queries import ROOT, dashboards, panels
from live import Asked, Live, Series, everything_asked, finite, legend

from exportwatch.broker.local import LocalBroker
from exportwatch.broker.provision import admin_client, apply
from exportwatch.broker.topics import load_registry
from exportwatch.erp import publish
from exportwatch.examples import control_records
from exportwatch_events.catalogue import LAW, LICENSES, SHIPMENTS

# `live` has put tests/broker on the import path.
from harness import Erp, shipment, wait_until  # isort: skip
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition  # isort: skip

pytestmark = pytest.mark.broker
CACHE = ROOT / ".cache"
CALM_SECONDS = 40
# A recording for the pictures in docs/ (deploy/grafana/pictures.py).
RECORDING = CACHE / "dashboards" / "panels.json"

ASKED = {asked.name: asked for asked in everything_asked()}
# Nothing is there to be shown, and why.
EMPTY = {
    "stage / Age of control data / A / alerting": "alerting decides by no control data",
    "stage / Control records that cannot be used / A / alerting": "alerting decides by no control data",
}
# What tells of trouble: nothing but 0 while all is well, more when it was caused.
TROUBLE = {
    "overview / Canary documents missing / A": "alerting stands still",
    "overview / Partitions standing still / A": "a publisher sends what is not JSON to one partition",
    "overview / Lost to retention, accepted / A": "records are deleted while no worker runs",
    "overview / Canaries sent, and wrong / B": "an amendment that nobody can read",
    "overview / Later than 60 s / A": "records that were published 90 s ago",
    "overview / Quarantine / A": "a publisher sends what is not JSON",
    "overview / Share that goes to quarantine / A": "a publisher sends what is not JSON",
    "overview / Quarantined in the shown range / A": "a publisher sends what is not JSON",
    "overview / Starts of workers / A": "a worker is started again",
    "stage / Starts of workers / A / screening": "a worker is started again",
    "stage / Starts of workers / A / alerting": "a worker is started again",
    "stage / Control records that cannot be used / A / screening": "an amendment that nobody can read",
}
# 0 before and after, and why it is not caused here.
NEVER = {
    "overview / Done without an answer / A": "takes a defect of ours",
    "stage / Done without an answer / A / screening": "takes a defect of ours",
    "stage / Done without an answer / A / alerting": "takes a defect of ours",
    "stage / Sends repeated / A / screening": "takes a partition without a leader; with one node there is none",
    "stage / Sends repeated / A / alerting": "takes a partition without a leader; with one node there is none",
}


@dataclass(frozen=True)
class Answers:
    start: Mapping[Asked, list[Series]]
    calm: Mapping[Asked, list[Series]]
    troubled: Mapping[Asked, list[Series]]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    with LocalBroker(CACHE) as broker:
        with admin_client(broker.bootstrap) as client:
            apply(client, load_registry())
        publish({"bootstrap_servers": [broker.bootstrap]}, control_records())
        with Live(broker, tmp_path_factory.mktemp("live")) as live:
            start_all(live)
            begun = time.time()
            feed = live.feed()
            time.sleep(CALM_SECONDS)
            middle = time.time()
            calm = live.answers(begun + 12, middle)
            cause_trouble(live, feed)
            time.sleep(10)
            ended = time.time()
            troubled = live.answers(middle, ended)
            start = live.answers(live.begun, ended)
            record(live.answers(begun, ended))
        yield Answers(start, calm, troubled)


def start_all(live: Live) -> None:
    """The canary last, so that the calm begins with none missing."""
    for service in ("screening", "alerting"):
        live.start(service)
    for service in ("screening", "alerting"):
        assigned = f'exportwatch_partitions_assigned{{service="{service}"}}'
        wait_until(lambda port=service, series=assigned: live.metric(port, series), 60)
    live.start("canary")
    through = 'exportwatch_canary_round_trip_seconds_count{service="alerting"}'
    wait_until(lambda: live.metric("canary", through) > 96, 90, lambda: live.fleet.workers[2].log[-2000:])
    for service in ("screening", "alerting"):
        assert not live.metric("canary", f'exportwatch_canary_missing{{service="{service}"}}'), (
            live.fleet.workers[2].log[-2000:]
        )


def cause_trouble(live: Live, feed: subprocess.Popen[bytes]) -> None:
    second = live.start("screening", "second")
    send_late_and_unreadable_records(live)
    send_control_records(live)
    alerting = live.fleet.workers[1]
    alerting.send(signal.SIGSTOP)
    time.sleep(9)
    alerting.send(signal.SIGCONT)
    wait_until(lambda: live.metric("canary", "exportwatch_canary_wrong_total"), 30)
    feed.kill()
    freeze_the_broker_amid_work(live)
    live.feed()
    live.fleet.workers[2].kill()  # it may have left, which a supervisor would repair
    live.start("canary")
    time.sleep(8)
    lose_records(live, [live.fleet.workers[0], second])


def freeze_the_broker_amid_work(live: Live) -> None:
    """For longer than a request may take, when the workers have just got something to answer."""
    with Erp(live.broker.bootstrap) as erp:
        erp.publish((shipment(number) for number in range(2000, 4000)), partition=4)
    os.kill(live.broker.pid, signal.SIGSTOP)
    try:
        time.sleep(10)
    finally:
        os.kill(live.broker.pid, signal.SIGCONT)


def send_late_and_unreadable_records(live: Live) -> None:
    """The second worker has told of events before: a histogram that begins with its first late event has not grown."""
    wait_until(lambda: live.metric("second", 'exportwatch_event_age_seconds_count{service="screening"}'), 60)
    time.sleep(3)
    producer = KafkaProducer(bootstrap_servers=live.broker.bootstrap, acks="all")
    before = int((time.time() - 90) * 1000)
    for number in range(60):
        value = json.dumps(shipment(number)).encode()
        producer.send(SHIPMENTS, value, partition=1, timestamp_ms=before)
    producer.close()
    with Erp(live.broker.bootstrap) as erp:
        for partition in (0, 1, 2):
            erp.publish([b"{"] * 5, partition=partition)
        erp.publish([b"{"] * 300, partition=3)


def send_control_records(live: Live) -> None:
    """An amendment that nobody can read, and a license that ends soon."""
    soon = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()
    license_ = {
        "license_no": "L-7",
        "version": 1,
        "type": "dual_use_individual",
        "status": "granted",
        "status_from": "2026-01-01",
        "valid_from": "2026-01-01",
        "valid_to": soon,
        "exporter": "Exporter",
        "control_codes": ["1C905.b"],
    }
    amendment = {"instrument_id": "CN-2025-18", "status": "in abeyance", "from": "2026-01-01"}
    producer = KafkaProducer(bootstrap_servers=live.broker.bootstrap, acks="all")
    producer.send(LICENSES, json.dumps(license_).encode(), key=b"L-7@1")
    producer.send(LAW, json.dumps(amendment).encode(), key=b"CN-2025-18/*/x")
    producer.close()


def lose_records(live: Live, workers: list[Any]) -> None:
    """Stop screening, let retention take what arrives, and start a worker that accepts it, in its old place."""
    assert [worker.stop() for worker in workers] == [0, 0]
    with Erp(live.broker.bootstrap) as erp:
        lost = erp.publish((shipment(number) for number in range(1000, 1040)), partition=5)
    kept = lost[-1][2] + 1
    admin = KafkaAdminClient(bootstrap_servers=live.broker.bootstrap)
    admin.delete_records({TopicPartition(SHIPMENTS, 5): kept})
    admin.close()
    worker = live.start("screening", accept_gaps=f"{SHIPMENTS}/5@{kept}")
    gap = f'exportwatch_gap_records_accepted_total{{topic="{SHIPMENTS}"}}'
    wait_until(lambda: live.metric("screening", gap) >= 40, 60, lambda: worker.log[-2000:])


def record(found: Mapping[Asked, list[Series]]) -> None:
    """What a renderer needs of each panel, so that pictures show what was really measured."""
    kept = []
    for board, dashboard in dashboards().items():
        for panel in panels(dashboard):
            series = [
                {"target": asked.target, "legend": legend(asked, labels), "labels": labels, "points": points}
                for asked, those in found.items()
                if (asked.board, asked.panel) == (board, panel["title"]) and asked.service != "alerting"
                for labels, points in those
            ]
            kept.append({"board": board, "panel": panel, "series": series})
    RECORDING.parent.mkdir(parents=True, exist_ok=True)
    RECORDING.write_text(json.dumps(kept))


def is_annotation(name: str) -> bool:
    return " / annotation " in name


@pytest.mark.parametrize("name", [name for name in ASKED if is_annotation(name)])
def test_a_build_and_a_law_pack_are_marked_when_they_appear_and_not_while_they_stay(
    answers: Answers, name: str
) -> None:
    appeared = answers.start[ASKED[name]]
    assert finite(appeared)
    for _, points in appeared:
        assert points[-1][0] - points[0][0] <= 61


@pytest.mark.parametrize("name", [name for name in ASKED if name not in EMPTY and not is_annotation(name)])
def test_a_query_returns_data(answers: Answers, name: str) -> None:
    assert finite(answers.calm[ASKED[name]])


@pytest.mark.parametrize("name", EMPTY)
def test_a_query_returns_nothing_where_there_is_nothing(answers: Answers, name: str) -> None:
    assert not answers.calm[ASKED[name]]


@pytest.mark.parametrize("name", TROUBLE)
def test_trouble_is_not_shown_before_and_is_shown_after_it_was_caused(answers: Answers, name: str) -> None:
    assert set(finite(answers.calm[ASKED[name]])) == {0.0}, "all was well"
    assert max(finite(answers.troubled[ASKED[name]]), default=0) > 0, TROUBLE[name]


@pytest.mark.parametrize("name", NEVER)
def test_what_is_not_caused_here_stays_at_0(answers: Answers, name: str) -> None:
    assert set(finite(answers.calm[ASKED[name]])) | set(finite(answers.troubled[ASKED[name]])) == {0.0}
