"""The example clients of docs/publishing.md and docs/consuming.md: from an ERP's delivery to a case, through it all."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import INPUTS, STANDINS, Erp, Fleet, Reader, renew_topics, shipment, wait_until

from exportwatch.broker.local import LocalBroker
from exportwatch_events.catalogue import ALERTS, DECISIONS, QUARANTINE

pytestmark = pytest.mark.broker
CLIENTS = Path(__file__).parents[2] / "examples/clients"
DOCUMENTS = 400


@pytest.fixture
def fleet(broker: LocalBroker, tmp_path: Path) -> Iterator[Fleet]:
    renew_topics(broker.bootstrap, (*INPUTS, DECISIONS, QUARANTINE, ALERTS))
    fleet = Fleet(broker.bootstrap, tmp_path, standins=STANDINS)
    yield fleet
    fleet.end()


def consumer(broker: LocalBroker, database: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(CLIENTS / "case_table.py"), "--bootstrap", broker.bootstrap]
    return subprocess.Popen([*command, "--database", str(database), *options], stdin=subprocess.DEVNULL)


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    if not database.exists():
        return []
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as found:
        try:
            return found.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []


def test_a_delivery_of_an_erp_becomes_a_case(fleet: Fleet, broker: LocalBroker, tmp_path: Path) -> None:
    fleet.start()
    fleet.start(service="alerting")
    command = [sys.executable, str(CLIENTS / "publisher.py"), "--bootstrap", broker.bootstrap]
    published = subprocess.run(
        [*command, str(CLIENTS / "delivery.json")], capture_output=True, text=True, check=True, timeout=60
    )
    assert published.stdout.startswith("0080004711 version 0: erp.shipments.v1/")
    database = tmp_path / "cases.sqlite"
    running = consumer(broker, database)
    query = "SELECT document, version, item_id, control_code, state, hold_advice FROM cases"
    found = wait_until(lambda: rows(database, query), 60)
    running.kill()
    running.wait()
    assert found == [("default/ERP-P01/shipment/0080004711", 0, "000010", "1C905.b", "open", "hold_document")]


def test_a_consumer_that_is_killed_again_and_again_has_each_case_once_and_at_its_newest(
    fleet: Fleet, broker: LocalBroker, tmp_path: Path
) -> None:
    fleet.start()
    fleet.start(service="alerting")
    oxide = [{"item_id": "1", "description": "dysprosium oxide 99.9 %", "cas": ["1308-87-8"]}]
    shirts = [{"item_id": "1", "description": "cotton shirts"}]
    with Erp(broker.bootstrap) as erp:
        for version, items in ((1, oxide), (2, shirts), (3, oxide)):
            erp.publish(
                [shipment(number, version, items=items) for number in range(DOCUMENTS)],
                key=lambda event: event["shipment_id"].encode(),
            )
    database, changes = tmp_path / "cases.sqlite", "SELECT count(*) FROM history"
    for kill in range(3):
        before = rows(database, changes)
        running = consumer(broker, database)
        # Somewhere among its writes: after the first of its own, a little later each time.
        wait_until(lambda before=before: rows(database, changes) not in ([], before), 60)
        time.sleep(0.02 * kill)
        running.send_signal(signal.SIGKILL)
        running.wait()
        if rows(database, "SELECT count(*) FROM cases WHERE version = 3") == [(DOCUMENTS,)]:
            break
    running = consumer(broker, database)
    wait_until(lambda: rows(database, "SELECT count(*) FROM cases WHERE version = 3") == [(DOCUMENTS,)], 90)
    running.kill()
    running.wait()
    newest: dict[str, int] = {}
    for record in Reader(broker.bootstrap, (ALERTS,)).read_to_end():
        alert = json.loads(record.value or b"")
        newest[alert["alert_id"]] = max(alert["revision"], newest.get(alert["alert_id"], 0))
    assert dict(rows(database, "SELECT alert_id, revision FROM cases")) == newest
    assert rows(database, "SELECT count(*), count(DISTINCT document) FROM cases") == [(DOCUMENTS, DOCUMENTS)]
