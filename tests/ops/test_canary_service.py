"""The canary on a real broker: it comes through where both services run, and shows which of them does not."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import INPUTS, STANDINS, Fleet, Reader, renew_topics, wait_until

from exportwatch.broker.local import LocalBroker
from exportwatch_events.canary import CANARY_KEY_PREFIX
from exportwatch_events.catalogue import ALERTS, DECISIONS, QUARANTINE

pytestmark = pytest.mark.broker
INPUT_PARTITIONS = 12
QUICK = {"canary_interval_seconds": "1", "canary_timeout_seconds": "4", "commit_interval_seconds": "0.2"}


@pytest.fixture
def fleet(broker: LocalBroker, tmp_path: Path) -> Iterator[Fleet]:
    renew_topics(broker.bootstrap, (*INPUTS, DECISIONS, QUARANTINE, ALERTS))
    fleet = Fleet(broker.bootstrap, tmp_path, settings=QUICK, standins=STANDINS)
    yield fleet
    fleet.end()


def samples(fleet: Fleet, number: int) -> dict[str, float]:
    """Those of the canary that is the fleet's worker `number`."""
    file = fleet.folder / f"data-{number}" / "ops" / "canary-0.json"
    if not file.exists():
        return {}
    with urllib.request.urlopen(json.loads(file.read_text())["url"] + "/metrics", timeout=5) as answer:
        lines = [line for line in answer.read().decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_canaries_of_every_partition_come_through_and_leave_no_alert(
    fleet: Fleet, broker: LocalBroker
) -> None:
    for service in ("screening", "alerting", "canary"):
        fleet.start(service=service)
    through = 'exportwatch_canary_round_trip_seconds_count{service="alerting"}'
    wait_until(
        lambda: samples(fleet, 2).get(through, 0) >= 2 * INPUT_PARTITIONS,
        60,
        lambda: f"{samples(fleet, 2)} {fleet.workers[2].log[-2000:]}",
    )
    found = samples(fleet, 2)
    assert found["exportwatch_canary_wrong_total"] == 0
    wait_until(lambda: samples(fleet, 2)['exportwatch_canary_missing{service="screening"}'] == 0)
    records = Reader(broker.bootstrap, (DECISIONS, ALERTS)).read_to_end()
    decided = {record.headers["ew_document"].decode() for record in records if record.topic == DECISIONS}
    assert len(decided) == INPUT_PARTITIONS
    assert all(document.startswith(CANARY_KEY_PREFIX) for document in decided)
    assert [record for record in records if record.topic == ALERTS] == []
    assert [worker.stop() for worker in fleet.workers] == [0, 0, 0]


def test_a_service_that_is_not_there_leaves_its_canaries_missing(fleet: Fleet) -> None:
    screening = fleet.start(service="screening")
    fleet.start(service="canary")

    def missing(service: str) -> float:
        return samples(fleet, 1).get(f'exportwatch_canary_missing{{service="{service}"}}', 0)

    wait_until(lambda: missing("alerting"), 60, lambda: fleet.workers[1].log[-2000:])
    screening.kill()
    wait_until(lambda: missing("screening"), 30)
    fleet.start(service="alerting")
    fleet.start(service="screening")
    wait_until(lambda: not missing("screening") and not missing("alerting"), 60)
