"""The ops port against clients that are slow, many, endless or broken: the next probe is answered all the same."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http import HTTPStatus

import pytest

from exportwatch.streaming import ops_port
from exportwatch.streaming.health import RecentExposition
from exportwatch.streaming.ops_port import MOST_CONNECTIONS, Answer, OpsPort


def told(path: str) -> Answer:
    if path == "/bug":
        raise ZeroDivisionError
    body = b"x" * 2_000_000 if path == "/large" else path.encode()
    return Answer(HTTPStatus.OK, "text/plain", body)


@pytest.fixture
def port() -> Iterator[OpsPort]:
    server = OpsPort("127.0.0.1", 0, told)
    server.start()
    yield server
    server.stop()


def ask(port: OpsPort, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port.port, timeout=10)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def connect(port: OpsPort, stack: ExitStack) -> socket.socket:
    return stack.enter_context(socket.create_connection(("127.0.0.1", port.port), timeout=10))


def said(port: OpsPort, request: bytes) -> bytes:
    """The status line that follows from a request's bytes."""
    with ExitStack() as stack:
        client = connect(port, stack)
        client.sendall(request)
        return client.recv(65536).split(b"\r\n")[0]


def test_three_hundred_clients_that_send_byte_by_byte_take_no_thread_and_few_connections(
    port: OpsPort,
) -> None:
    threads = threading.active_count()
    with ExitStack() as stack:
        slow = [connect(port, stack) for _ in range(300)]
        for byte in (b"G", b"E", b"T"):
            for client in slow:
                try:
                    client.send(byte)
                except OSError:  # it was dropped for a newer one
                    continue
            assert ask(port, "/livez") == (200, b"/livez")
        assert port.connections <= MOST_CONNECTIONS
        assert threading.active_count() == threads


def test_a_client_is_dropped_when_its_time_is_over_however_busy_it_looks(
    port: OpsPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ops_port, "CLIENT_SECONDS", 0.3)
    with ExitStack() as stack:
        client = connect(port, stack)
        deadline = time.monotonic() + 20
        with pytest.raises(OSError, match=r"Broken pipe|reset"):
            while time.monotonic() < deadline:
                client.send(b"G")
                time.sleep(0.05)


def test_an_answer_larger_than_the_sockets_hold_reaches_a_slow_reader_whole(port: OpsPort) -> None:
    with ExitStack() as stack:
        slow = connect(port, stack)
        slow.sendall(b"GET /large HTTP/1.1\r\n\r\n")
        time.sleep(0.3)
        assert ask(port, "/livez")[0] == 200
        found = b""
        while heard := slow.recv(65536):
            found += heard
    assert len(found.partition(b"\r\n\r\n")[2]) == 2_000_000


def test_a_head_without_end_is_cut_off(port: OpsPort) -> None:
    assert b" 431 " in said(port, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 3000)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"\r\n\r\n", b"400"),
        (b"GET\r\n\r\n", b"400"),
        (b"GET /livez SMTP/1.1\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"400"),
        (b"POST /livez HTTP/1.1\r\n\r\n", b"501"),
        (b"GET /\xff HTTP/1.0\n\n", b"200"),
    ],
)
def test_what_is_no_request_is_refused(port: OpsPort, request_bytes: bytes, status: bytes) -> None:
    assert said(port, request_bytes).split()[1] == status
    assert ask(port, "/livez")[0] == 200


def test_a_bug_in_an_answer_is_a_500_and_not_the_end_of_the_port(port: OpsPort) -> None:
    assert ask(port, "/bug")[0] == 500
    assert ask(port, "/livez")[0] == 200


def test_after_work_the_port_rests_so_long_that_it_takes_a_tenth_of_a_core(
    port: OpsPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    monkeypatch.setattr(ops_port.time, "sleep", rests.append)
    for used in (0.0, 0.01, 0.05, 3.0):
        port._rest(used)
    ours = [rest for rest in rests if rest in (pytest.approx(0.09), pytest.approx(0.45), 1.0)]
    assert len(ours) == 3


def test_a_stopped_port_is_closed(port: OpsPort) -> None:
    used = port.port
    port.stop()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", used), timeout=1)


def test_many_scrapers_are_told_one_exposition_until_ten_times_its_cost_has_passed() -> None:
    now, made = 100.0, 0

    def make() -> bytes:
        nonlocal now, made
        now, made = now + 0.02, made + 1
        return b"%d" % made

    recent = RecentExposition(make, lambda: now)
    assert [recent.text() for _ in range(50)] == [b"1"] * 50
    now += 0.19
    assert recent.text() == b"1"
    now += 0.02
    assert recent.text() == b"2"
