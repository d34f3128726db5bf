"""The ops port: /livez, /readyz and /metrics, answered by a thread of its own.

A thread, so that a worker whose event loop hangs still answers, and answers the truth: /livez is 503 when the
loop has not moved for a while. It never depends on Kafka, because a restart repairs no broker. /readyz lists
every reason why the worker does not decide at the moment.
"""

import asyncio
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from exportwatch.errors import ConfigError
from exportwatch.streaming import logs, metrics

LOOP_LIMIT_SECONDS = 30.0
BEAT_SECONDS = 1.0
CLIENT_SECONDS = 5

log = logs.logger(__name__)


class Reason(StrEnum):
    """Why a worker is not ready."""

    NOT_ASSIGNED = "not_assigned"
    CONTROL_UNREAD = "control_unread"
    LAW_UNLOADED = "law_unloaded"
    STATE_UNREAD = "state_unread"
    QUARANTINE_LIMIT = "quarantine_limit"
    STOPPING = "stopping"


class Health:
    """What the ops port tells of a worker; written by the worker, read by the port's threads."""

    def __init__(self, *reasons: Reason, clock: Callable[[], float] = time.monotonic) -> None:
        self._reasons: dict[Reason, str] = dict.fromkeys(reasons, "")
        self._lock = threading.Lock()
        self._clock = clock
        self._last_beat = clock()

    def block(self, reason: Reason, detail: str = "") -> None:
        """Not ready for `reason`; `detail` holds topics, partitions and offsets only, and is replaced."""
        with self._lock:
            self._reasons[reason] = detail

    def clear(self, reason: Reason) -> None:
        with self._lock:
            self._reasons.pop(reason, None)

    @property
    def reasons(self) -> tuple[tuple[Reason, str], ...]:
        with self._lock:
            return tuple(self._reasons.items())

    def beat(self) -> None:
        self._last_beat = self._clock()

    @property
    def standstill_seconds(self) -> float:
        """How long the event loop has not moved."""
        return self._clock() - self._last_beat

    async def keep_beating(self) -> None:
        """Runs in the worker's loop until it is cancelled."""
        while True:
            self.beat()
            await asyncio.sleep(BEAT_SECONDS)


@dataclass(frozen=True, slots=True)
class OpsAddress:
    """Where to listen (port 0: any free one) and the file that tells others where that was."""

    host: str
    port: int
    file: Path | None = None


class OpsServer:
    """Listens from `start` to `stop`; its threads end with the process."""

    def __init__(self, address: OpsAddress, health: Health) -> None:
        self._address = address
        self._health = health
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> int:
        """The port in use. Raises ConfigError where it cannot be had, or the file not be written."""
        host, port = self._address.host, self._address.port
        health = self._health

        class Handler(OpsHandler):
            def answer(self) -> Answer:
                return answer(self.path.partition("?")[0], health)

        try:
            server = OpsHTTPServer((host, port), Handler)
        except OSError as refused:
            raise ConfigError(
                f"the ops port cannot be opened: {refused.strerror or refused}",
                file="environment",
                key="EXPORTWATCH_OPS_PORT",
                found=f"{host}:{port}",
                hint="0 takes any free port",
            ) from refused
        used: int = server.server_address[1]
        try:
            self._tell(used)
        except ConfigError:
            server.server_close()
            raise
        self._server = server
        threading.Thread(target=server.serve_forever, name="ops-port", daemon=True).start()
        log.info("ops port open", host=host, port=used)
        return used

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        if self._address.file is not None:
            self._address.file.unlink(missing_ok=True)

    def _tell(self, port: int) -> None:
        file = self._address.file
        if file is None:
            return
        draft = file.with_suffix(f".{os.getpid()}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps({"url": f"http://{self._address.host}:{port}", "pid": os.getpid()}))
            draft.replace(file)
        except OSError as refused:
            raise ConfigError(
                f"the file that names the ops port cannot be written: {refused.strerror or refused}",
                file="environment",
                key="EXPORTWATCH_DATADIR",
                found=str(file.parent),
                expected="a folder that this user may write to",
            ) from refused


@dataclass(frozen=True, slots=True)
class Answer:
    status: HTTPStatus
    content_type: str
    body: bytes


def answer(path: str, health: Health) -> Answer:
    """What the ops port says at `path`."""
    match path:
        case "/livez":
            standstill = health.standstill_seconds
            alive = standstill < LOOP_LIMIT_SECONDS
            return as_json(alive, {"alive": alive, "standstill_seconds": round(standstill, 1)})
        case "/readyz":
            reasons = [{"reason": reason, "detail": detail} for reason, detail in health.reasons]
            return as_json(not reasons, {"ready": not reasons, "reasons": reasons})
        case "/metrics":
            return Answer(HTTPStatus.OK, metrics.EXPOSITION_TYPE, metrics.exposition())
        case _:
            return Answer(HTTPStatus.NOT_FOUND, "text/plain", b"/livez /readyz /metrics\n")


def as_json(good: bool, content: object) -> Answer:
    status = HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
    return Answer(status, "application/json", json.dumps(content).encode() + b"\n")


class OpsHTTPServer(ThreadingHTTPServer):
    # Without it a second worker on Linux could share the port and the scrapes between them.
    allow_reuse_port = False
    daemon_threads = True


class OpsHandler(BaseHTTPRequestHandler):
    """GET and HEAD; says nothing of itself, logs nothing, waits for no slow client."""

    timeout = CLIENT_SECONDS
    server_version = "exportwatch"
    sys_version = ""

    def answer(self) -> Answer:
        raise NotImplementedError

    def do_GET(self) -> None:
        self.respond(with_body=True)

    def do_HEAD(self) -> None:
        self.respond(with_body=False)

    def respond(self, *, with_body: bool) -> None:
        found = self.answer()
        self.send_response(found.status)
        self.send_header("Content-Type", found.content_type)
        self.send_header("Content-Length", str(len(found.body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if with_body:
            self.wfile.write(found.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Probes come every few seconds."""
