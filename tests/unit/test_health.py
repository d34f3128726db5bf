"""The ops port, asked over HTTP as a probe and a scraper do."""

import asyncio
import http.client
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from exportwatch.errors import ConfigError
from exportwatch.streaming.health import Health, OpsAddress, OpsServer, Reason


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health(Reason.NOT_ASSIGNED, Reason.CONTROL_UNREAD, clock=clock)


@pytest.fixture
def port(health: Health) -> Iterator[int]:
    server = OpsServer(OpsAddress("127.0.0.1", 0), health)
    yield server.start()
    server.stop()


def ask(port: int, path: str, method: str = "GET") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_a_worker_is_ready_only_when_no_reason_is_left(port: int, health: Health) -> None:
    status, body = ask(port, "/readyz")
    assert status == 503
    assert [reason["reason"] for reason in json.loads(body)["reasons"]] == ["not_assigned", "control_unread"]
    health.clear(Reason.NOT_ASSIGNED)
    assert ask(port, "/readyz")[0] == 503
    health.clear(Reason.CONTROL_UNREAD)
    assert ask(port, "/readyz") == (200, b'{"ready": true, "reasons": []}\n')


def test_a_reason_tells_its_detail_once(port: int, health: Health) -> None:
    health.block(Reason.QUARANTINE_LIMIT, "erp.shipments.v1/3 at 100")
    health.block(Reason.QUARANTINE_LIMIT, "erp.shipments.v1/3 at 120")
    reasons = json.loads(ask(port, "/readyz")[1])["reasons"]
    assert [one["detail"] for one in reasons if one["reason"] == "quarantine_limit"] == [
        "erp.shipments.v1/3 at 120"
    ]


def test_a_worker_that_is_not_ready_is_alive_all_the_same(port: int) -> None:
    assert ask(port, "/readyz")[0] == 503
    assert ask(port, "/livez")[0] == 200


def test_a_loop_that_hangs_is_not_alive_until_it_moves_again(port: int, health: Health, clock: Clock) -> None:
    clock.now += 31
    status, body = ask(port, "/livez")
    assert (status, json.loads(body)) == (503, {"alive": False, "standstill_seconds": 31.0})
    health.beat()
    assert ask(port, "/livez")[0] == 200


def test_the_port_answers_while_the_event_loop_is_blocked() -> None:
    async def worker() -> tuple[float, float]:
        health = Health()
        server = OpsServer(OpsAddress("127.0.0.1", 0), health)
        port = server.start()
        beating = asyncio.create_task(health.keep_beating())
        await asyncio.sleep(0)
        asking = asyncio.get_running_loop().run_in_executor(None, ask_later, port)
        time.sleep(1.0)
        standstill = await asking
        beating.cancel()
        server.stop()
        return standstill, health.standstill_seconds

    def ask_later(port: int) -> float:
        time.sleep(0.5)
        return float(json.loads(ask(port, "/livez")[1])["standstill_seconds"])

    standstill, _ = asyncio.run(worker())
    assert 0.4 <= standstill < 1.0


def test_metrics_are_in_prometheus_text_format(port: int) -> None:
    status, body = ask(port, "/metrics")
    assert status == 200
    assert b"# TYPE exportwatch_decisions_total counter" in body


def test_head_has_no_body_and_other_paths_and_methods_are_refused(port: int) -> None:
    assert ask(port, "/livez", "HEAD") == (200, b"")
    assert ask(port, "/")[0] == 404
    assert ask(port, "/livez", "POST")[0] == 501
    assert ask(port, "/livez?from=probe")[0] == 200


def test_a_client_that_says_nothing_does_not_keep_others_waiting(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)):
        assert ask(port, "/livez")[0] == 200


def test_a_port_in_use_is_the_operators_error(port: int, health: Health) -> None:
    with pytest.raises(ConfigError, match=f"127.0.0.1:{port}"):
        OpsServer(OpsAddress("127.0.0.1", port), health).start()


def test_the_free_port_that_was_taken_is_told_in_a_file_while_it_is_open(tmp_path: Path) -> None:
    file = tmp_path / "ops" / "screening-0.json"
    server = OpsServer(OpsAddress("127.0.0.1", 0, file), Health())
    port = server.start()
    assert json.loads(file.read_text())["url"] == f"http://127.0.0.1:{port}"
    assert [path.name for path in file.parent.iterdir()] == ["screening-0.json"]
    server.stop()
    assert not file.exists()


def test_a_folder_for_that_file_that_cannot_be_made_is_the_operators_error(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(ConfigError, match="EXPORTWATCH_DATADIR"):
        OpsServer(
            OpsAddress("127.0.0.1", 0, tmp_path / "taken" / "ops" / "screening-0.json"), Health()
        ).start()
