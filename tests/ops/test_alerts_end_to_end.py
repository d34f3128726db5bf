"""Something breaks, the right alert fires in a real Prometheus, it is repaired, the alert resolves.

The rules are those of the repository with windows sixty times as short; workers, broker and canary are real.
"""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import pytest
from harness import INPUTS, STANDINS, Erp, Fleet, Worker, renew_topics, shipment, wait_until
from prometheus_server import Prometheus, prometheus, shortened

from exportwatch.broker.local import LocalBroker, free_port
from exportwatch_events.catalogue import ALERTS, DECISIONS, QUARANTINE, SHIPMENTS

pytestmark = pytest.mark.broker
SERVICES = ("screening", "alerting", "canary")
SECOND = "second"  # a further worker of screening, which one test starts
QUICK = {
    "canary_interval_seconds": "1",
    "canary_timeout_seconds": "5",
    "commit_interval_seconds": "0.2",
    "quarantine_window_seconds": "30",
}


@dataclass
class Plant:
    """Everything that runs, and an ERP that publishes some documents a second all the time."""

    fleet: Fleet
    server: Prometheus
    ports: dict[str, int]
    running: dict[str, Worker] = field(default_factory=dict)

    def start(self, service: str, name: str | None = None) -> None:
        standin = "refused_screening" if service == "screening" else None
        name = name or service
        self.running[name] = self.fleet.start(standin, service, ops_port=str(self.ports[name]))

    @contextmanager
    def refusing(self, name: str) -> Iterator[None]:
        """What this worker sends is refused."""
        refuse = self.fleet.folder / f"data-{self.fleet.workers.index(self.running[name])}" / "refuse"
        refuse.touch()
        try:
            yield
        finally:
            refuse.unlink()

    def wait_for(self, alert: str, **labels: str) -> None:
        def fires() -> bool:
            return any(labels.items() <= found.items() for found in self.server.firing(alert))

        wait_until(fires, 90, lambda: f"{alert} does not fire: {self.server.ask('alerts')}")

    def wait_until_quiet(self, alert: str) -> None:
        wait_until(lambda: not self.server.firing(alert), 120, lambda: f"{alert} does not resolve")


@pytest.fixture(scope="module")
def plant(broker: LocalBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    renew_topics(broker.bootstrap, (*INPUTS, DECISIONS, QUARANTINE, ALERTS))
    folder = tmp_path_factory.mktemp("plant")
    fleet = Fleet(broker.bootstrap, folder, settings=QUICK, standins=STANDINS.with_name("whole_standins.py"))
    ports = {name: free_port() for name in (*SERVICES, SECOND)}
    stop = threading.Event()
    publisher = threading.Thread(target=publish, args=(broker.bootstrap, stop), daemon=True)
    with prometheus(folder, ports.values()) as server:
        found = Plant(fleet, server, ports)
        for service in SERVICES:
            found.start(service)
        publisher.start()
        wait_until(
            lambda: server.value('exportwatch_canary_round_trip_seconds_count{service="alerting"} > 12'), 60
        )
        yield found
    stop.set()
    publisher.join()
    fleet.end()


def publish(bootstrap: str, stop: threading.Event) -> None:
    with Erp(bootstrap) as erp:
        for number in count(1):
            erp.publish([shipment(number)])
            if stop.wait(0.1):
                return


def test_nothing_fires_while_all_is_well(plant: Plant) -> None:
    # Two alerts speak of the law as it is; the others of what is broken.
    quiet = {"ExportwatchLawUnconfirmed", "ExportwatchLawStale"}
    wait_until(lambda: {a["labels"]["alertname"] for a in plant.server.ask("alerts")["alerts"]} <= quiet, 60)


def test_a_worker_that_stops_is_missed_and_its_canaries_too(plant: Plant) -> None:
    plant.running["screening"].kill()
    plant.wait_for("ExportwatchServiceAbsent", service="screening")
    plant.wait_for("ExportwatchCanaryMissing", service="screening")
    plant.start("screening")
    plant.wait_until_quiet("ExportwatchServiceAbsent")
    plant.wait_until_quiet("ExportwatchCanaryMissing")


def test_a_broken_publisher_burns_the_quarantine_budget(plant: Plant, broker: LocalBroker) -> None:
    with Erp(broker.bootstrap) as erp:

        def fires() -> object:
            erp.publish([b"not json"], key=lambda _: None)
            return plant.server.firing("ExportwatchQuarantineBurnFast")

        wait_until(fires, 90)
    plant.wait_until_quiet("ExportwatchQuarantineBurnFast")


def test_a_producer_that_is_refused_stalls_the_consumer(plant: Plant) -> None:
    with plant.refusing("screening"):
        plant.wait_for("ExportwatchConsumerStalled", service="screening", topic=SHIPMENTS)
        # Its alert is left to promtool: sends are repeated every five seconds, which no shorter window shows.
        assert plant.server.value("exportwatch_publish_retries_total > 0")
    plant.wait_until_quiet("ExportwatchConsumerStalled")


def test_a_worker_that_stalls_is_told_of_while_another_moves(plant: Plant) -> None:
    def taken(name: str) -> object:
        series = f'exportwatch_records_consumed_total{{instance="127.0.0.1:{plant.ports[name]}",topic="{SHIPMENTS}"}}'
        return plant.server.value(f"rate({series}[5s]) > 0")

    plant.start("screening", SECOND)
    wait_until(lambda: taken(SECOND) and taken("screening"), 60, lambda: plant.running[SECOND].log[-2000:])
    plant.wait_until_quiet("ExportwatchConsumerStalled")
    with plant.refusing(SECOND):
        plant.wait_for("ExportwatchConsumerStalled", service="screening", topic=SHIPMENTS)
        assert taken("screening")
        assert not taken(SECOND)
    plant.wait_until_quiet("ExportwatchConsumerStalled")
    assert plant.running[SECOND].stop() == 0


def test_a_filled_quarantine_stops_a_partition_until_an_operator_lets_it_go_on(
    plant: Plant, broker: LocalBroker
) -> None:
    with Erp(broker.bootstrap) as erp:
        last = erp.publish([b"{broken" for _ in range(400)], partition=3)[-1][2]
    plant.wait_for("ExportwatchPartitionPaused", topic=SHIPMENTS)
    environment = {
        "EXPORTWATCH_BOOTSTRAP_SERVERS": broker.bootstrap,
        "PYTHONPATH": ":".join(path for path in sys.path if path),
    }
    command = [sys.executable, "-m", "exportwatch", "quarantine", "resume", "--partition", "3"]
    done = subprocess.run(
        [*command, "--until", str(last + 1)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    plant.wait_until_quiet("ExportwatchPartitionPaused")


@pytest.mark.parametrize(
    ("written", "short"), [("[5m]", "[5s]"), ("1h", "60s"), ("[3d]", "[4320s]"), ("30s", "1s")]
)
def test_windows_are_shortened_as_a_whole(written: str, short: str) -> None:
    assert shortened(written) == short
