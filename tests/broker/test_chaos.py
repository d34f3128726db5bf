"""Everything at once for a while: workers killed, stopped, frozen, the broker crashing, broken records."""

import json
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from confluent_kafka import Producer
from harness import (
    Fleet,
    Reader,
    Worker,
    renew_topics,
    shipment,
    wait_for_all,
    wait_until,
    wait_until_committed,
)

from exportwatch.broker.local import LocalBroker
from exportwatch_events.catalogue import SHIPMENTS

pytestmark = [pytest.mark.broker, pytest.mark.outages]
SECONDS = 45
SEED = 20260310
SETTINGS = {
    "session_timeout_seconds": "3",
    "request_timeout_seconds": "5",
    # Long enough that a kill hits something published and not committed.
    "commit_interval_seconds": "1",
}


@pytest.fixture
def fleet(broker: LocalBroker, tmp_path: Path) -> Iterator[Fleet]:
    renew_topics(broker.bootstrap)
    fleet = Fleet(broker.bootstrap, tmp_path, settings=SETTINGS)
    yield fleet
    fleet.end()


class Feeder(threading.Thread):
    """Publishes until it is told to stop; every hundredth record is broken."""

    def __init__(self, bootstrap: str) -> None:
        super().__init__(daemon=True)
        # Quiet about the outages that the test makes.
        self._producer = Producer(
            {"bootstrap.servers": bootstrap, "log_level": 0, "enable.idempotence": True}
        )
        self._halt = threading.Event()
        self.placed: list[tuple[str, int, int]] = []

    def run(self) -> None:
        number = 0
        while not self._halt.is_set():
            for _ in range(20):
                number += 1
                value = b"{" if number % 100 == 0 else json.dumps(shipment(number)).encode()
                self._producer.produce(SHIPMENTS, value, on_delivery=self._delivered)
            self._producer.poll(0.05)
        self._producer.flush()

    def _delivered(self, error: object, done: object) -> None:
        assert error is None, error
        self.placed.append((done.topic(), done.partition(), done.offset()))  # type: ignore[attr-defined]

    def stop(self) -> None:
        self._halt.set()
        self.join(60)
        assert not self.is_alive()


def may_have_left(worker: Worker) -> None:
    """One that starts while the broker crashes leaves, for its supervisor to start it again."""
    assert worker.process.returncode == 70, worker.log[-3000:]
    assert "the worker cannot go on" in worker.log, worker.log[-3000:]


def stop(worker: Worker) -> None:
    """In an orderly way, unless it had left by itself; while Python still starts, nobody takes the signal."""
    wait_until(lambda: "ops port open" in worker.log or worker.process.poll() is not None)
    if worker.stop() != 0:
        may_have_left(worker)


def disturb(broker: LocalBroker, fleet: Fleet, running: list[Worker], chance: random.Random) -> None:
    """One of the things that happen to a worker or to the broker."""
    for at, worker in enumerate(running):
        if worker.process.poll() is not None:
            may_have_left(worker)
            running[at] = fleet.start("plain")
    worker = chance.choice(running)
    match chance.choice(("kill", "kill", "stop", "freeze", "broker")):
        case "kill":
            worker.kill()
        case "stop":
            stop(worker)
        case "freeze":
            worker.send(signal.SIGSTOP)
            time.sleep(5)
            worker.send(signal.SIGCONT)
            return
        case _:
            broker.kill()
            time.sleep(1)
            broker.start_again()
            return
    running.remove(worker)
    running.append(fleet.start("plain"))


def test_chaos_loses_nothing_and_repeats_only_equal_bytes(broker: LocalBroker, fleet: Fleet) -> None:
    chance = random.Random(SEED)
    running = [fleet.start("plain"), fleet.start("plain")]
    feeder = Feeder(fleet.bootstrap)
    feeder.start()
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        time.sleep(chance.uniform(1, 4))
        disturb(broker, fleet, running, chance)
    feeder.stop()
    running += [fleet.start("plain"), fleet.start("plain")]
    assert len(feeder.placed) > 1000
    with closing(Reader(fleet.bootstrap)) as reader:
        found = wait_for_all(reader, feeder.placed, 120)
    assert found.unequal == ()
    assert found.duplicates > 0, "nothing was interrupted"
    assert sum(1 for _ in found.quarantined) == sum(1 for _ in feeder.placed) // 100
    for worker in running[-2:]:
        assert worker.process.poll() is None, worker.log[-3000:]
    wait_until_committed(fleet, 30)
