"""The ops port of a real worker: what it says from start to end, without a broker, and under attack."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from harness import Erp, Fleet, Reader, readiness, renew_topics, shipment, started, wait_for_all, wait_until

from exportwatch.broker.local import LocalBroker
from exportwatch.commands.quarantine import command

pytestmark = pytest.mark.broker
SLOW_CLIENTS = 150
FLOODING_THREADS = 6
DOCUMENTS = 10_000
BEAT_LIMIT_SECONDS = 5


@pytest.fixture
def fleet(own_broker: LocalBroker, tmp_path: Path) -> Iterator[Fleet]:
    renew_topics(own_broker.bootstrap)
    fleet = Fleet(own_broker.bootstrap, tmp_path)
    yield fleet
    fleet.end()


def address(fleet: Fleet) -> tuple[str, int] | None:
    file = fleet.folder / "data-0" / "ops" / "screening-0.json"
    if not file.exists():
        return None
    host, _, port = json.loads(file.read_text())["url"].removeprefix("http://").partition(":")
    return host, int(port)


def ask(where: tuple[str, int], path: str) -> tuple[int, Any]:
    with closing(http.client.HTTPConnection(*where, timeout=15)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def without_rebalances(seen: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The answers as they would be without the further assignments that come after a broker's return."""
    rest = (tuple(reason for reason in reasons if reason != "not_assigned") for reasons in seen)
    return [reasons for reasons, _ in groupby(rest)]


class Watch(threading.Thread):
    """Asks /readyz all the time; `seen` are its different answers in order, without details."""

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(daemon=True)
        self._fleet = fleet
        self.seen: list[tuple[str, ...]] = []

    def run(self) -> None:
        while True:
            try:
                if (where := address(self._fleet)) is not None:
                    self._note(ask(where, "/readyz"))
            except (OSError, http.client.HTTPException, ValueError):
                pass  # it is not there yet, or no more
            time.sleep(0.01)

    def _note(self, found: tuple[int, Any]) -> None:
        status, body = found
        reasons = tuple(one["reason"] for one in body["reasons"])
        assert (status == 200) == body["ready"] == (not reasons)
        if self.seen[-1:] != [reasons]:
            self.seen.append(reasons)


def test_from_start_to_end_readyz_names_every_reason_in_turn(
    fleet: Fleet, own_broker: LocalBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPORTWATCH_BOOTSTRAP_SERVERS", fleet.bootstrap)
    watch = Watch(fleet)
    watch.start()
    own_broker.kill()
    worker = fleet.start("plain")
    wait_until(lambda: watch.seen == [("not_assigned",)], 30, lambda: worker.log[-2000:])
    own_broker.start_again()
    wait_until(lambda: watch.seen[-1] == (), 60, lambda: f"{watch.seen} {worker.log[-2000:]}")
    with Erp(fleet.bootstrap) as erp:
        broken = erp.publish([b"{"] * 300, partition=2)
    wait_until(lambda: watch.seen[-1] == ("quarantine_limit",), 30, lambda: str(watch.seen))
    until = str(broken[-1][2] + 1)
    CliRunner().invoke(command, ["resume", "--partition", "2", "--until", until], catch_exceptions=False)
    wait_until(lambda: watch.seen[-1] == (), 30, lambda: str(watch.seen))
    assert worker.stop() == 0
    first_ready = watch.seen.index(())
    assert ("not_assigned", "control_unread") in watch.seen[:first_ready]
    ready = without_rebalances(watch.seen[first_ready:])
    assert ready[:4] == [(), ("quarantine_limit",), (), ("stopping",)]
    assert all("stopping" in reasons for reasons in ready[3:])


def test_without_a_broker_a_worker_is_alive_and_goes_on_when_it_is_back(
    fleet: Fleet, own_broker: LocalBroker
) -> None:
    worker = started(fleet, "plain")
    where = address(fleet)
    assert where is not None
    own_broker.kill()
    until = time.monotonic() + 12
    while time.monotonic() < until:
        status, body = ask(where, "/livez")
        assert (status, body["alive"]) == (200, True)
        assert body["standstill_seconds"] < BEAT_LIMIT_SECONDS
        time.sleep(0.5)
    own_broker.start_again()
    with Erp(fleet.bootstrap) as erp, closing(Reader(fleet.bootstrap)) as reader:
        wait_for_all(reader, erp.publish(shipment(number) for number in range(50)))
    assert worker.process.poll() is None


def flood(where: tuple[str, int], halt: threading.Event) -> None:
    while not halt.is_set():
        for path in ("/metrics", "/readyz", "/livez"):
            try:
                with closing(socket.create_connection(where, timeout=5)) as client:
                    client.sendall(f"GET {path} HTTP/1.1\r\n\r\n".encode())
                    client.recv(1024)
            except OSError:
                time.sleep(0.001)  # full: the next one


def drip(where: tuple[str, int], halt: threading.Event) -> None:
    """Clients that send a byte a second and come back when they are dropped."""
    with ExitStack() as stack:
        clients: dict[int, socket.socket] = {}
        while not halt.wait(1):
            for number in range(SLOW_CLIENTS):
                try:
                    if number not in clients:
                        clients[number] = stack.enter_context(socket.create_connection(where, timeout=5))
                    clients[number].send(b"G")
                except OSError:
                    clients.pop(number, None)


def test_floods_and_slow_clients_stop_neither_the_decisions_nor_the_beat(fleet: Fleet) -> None:
    worker = started(fleet, "plain")
    where = address(fleet)
    assert where is not None
    tasks = Path(f"/proc/{worker.process.pid}/task")
    files = Path(f"/proc/{worker.process.pid}/fd")
    with Erp(fleet.bootstrap) as erp, closing(Reader(fleet.bootstrap)) as reader:
        wait_for_all(reader, erp.publish(shipment(number) for number in range(100)))
        threads, open_files = len(list(tasks.iterdir())), len(list(files.iterdir()))
        halt = threading.Event()
        attackers = [threading.Thread(target=flood, args=(where, halt)) for _ in range(FLOODING_THREADS)]
        attackers.append(threading.Thread(target=drip, args=(where, halt)))
        for attacker in attackers:
            attacker.start()
        try:
            erp.publish(shipment(number) for number in range(100, DOCUMENTS))
            wait_for_all(reader, erp.published, 120)
            assert len(list(tasks.iterdir())) <= threads + 1, "the port started threads"
            assert len(list(files.iterdir())) <= open_files + 64 + 8
            for _ in range(5):
                status, body = ask(where, "/livez")
                assert status == 200
                assert body["standstill_seconds"] < BEAT_LIMIT_SECONDS
        finally:
            halt.set()
            for attacker in attackers:
                attacker.join()
    assert readiness(fleet)[0] == 200
