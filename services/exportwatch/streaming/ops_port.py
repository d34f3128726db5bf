"""A small HTTP server for probes and scrapers that no client can make costly.

One thread, a fixed number of connections, and a tenth of a core at most: who sends slowly, often or never ends
costs the worker beside it nothing that counts. GET and HEAD without a body, one request to a connection.
"""

import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from exportwatch.streaming import logs

MOST_CONNECTIONS = 64
MOST_HEAD_BYTES = 8 * 1024
BACKLOG = 128
# From the connection to the end of the answer, however busy the client looks.
CLIENT_SECONDS = 5.0
SHARE_OF_CORE = 0.1
LONGEST_PAUSE_SECONDS = 1.0
TICK_SECONDS = 0.1

log = logs.logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    status: HTTPStatus
    content_type: str
    body: bytes


@dataclass(eq=False, slots=True)
class Client:
    """One connection: what it has said so far, then what is left to tell it."""

    socket: socket.socket
    until: float
    head: bytes = b""
    reply: memoryview | None = None


class OpsPort:
    """Serves from `start` to `stop`. `answer` is asked with a path, from the port's thread, and must be quick."""

    def __init__(self, host: str, port: int, answer: Callable[[str], Answer]) -> None:
        """Listens at once (port 0: any free one). Raises OSError where it cannot."""
        # Never shared with a second worker: on Linux the scrapes would be split between them.
        self._listener = socket.create_server((host, port), backlog=BACKLOG, reuse_port=False)
        self._listener.setblocking(False)
        self._answer = answer
        self._clients: dict[Client, None] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="ops-port", daemon=True)

    @property
    def port(self) -> int:
        used: int = self._listener.getsockname()[1]
        return used

    @property
    def connections(self) -> int:
        return len(self._clients)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the port is closed; also where it was never started."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        for client in list(self._clients):
            self._drop(client)
        self._selector.close()
        self._listener.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            ready = self._selector.select(TICK_SECONDS)
            began = time.thread_time()
            for key, _ in ready:
                if key.data is None:
                    self._accept()
                elif key.data in self._clients:
                    self._attend(key.data)
            self._drop_late()
            self._rest(time.thread_time() - began)

    def _rest(self, used: float) -> None:
        """So long that what was used is a tenth: the worker needs the interpreter for its own work."""
        pause = min(used / SHARE_OF_CORE - used, LONGEST_PAUSE_SECONDS)
        if pause > 0:
            time.sleep(pause)

    def _accept(self) -> None:
        try:
            accepted, _ = self._listener.accept()
        except OSError:
            return  # gone again, or no file descriptor is left: it waits in the backlog
        if len(self._clients) >= MOST_CONNECTIONS:
            # The one that has waited longest: a probe is answered in a moment, a slow client is not.
            self._drop(next(iter(self._clients)))
        accepted.setblocking(False)
        client = Client(accepted, time.monotonic() + CLIENT_SECONDS)
        self._clients[client] = None
        self._selector.register(accepted, selectors.EVENT_READ, client)

    def _attend(self, client: Client) -> None:
        try:
            if client.reply is None:
                self._hear(client)
            if client.reply is not None:
                self._speak(client, client.reply)
        except BlockingIOError:
            return
        except OSError:
            self._drop(client)

    def _hear(self, client: Client) -> None:
        heard = client.socket.recv(MOST_HEAD_BYTES)
        client.head += heard
        if b"\r\n\r\n" in client.head or b"\n\n" in client.head:
            client.reply = memoryview(self._reply(client.head))
        elif len(client.head) >= MOST_HEAD_BYTES:
            client.reply = memoryview(_refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE))
        elif not heard:
            self._drop(client)

    def _speak(self, client: Client, reply: memoryview) -> None:
        client.reply = reply[client.socket.send(reply) :]
        if client.reply:
            self._selector.modify(client.socket, selectors.EVENT_WRITE, client)
        else:
            self._drop(client)

    def _reply(self, head: bytes) -> bytes:
        match head.split(b"\n", 1)[0].split():
            case [b"GET" | b"HEAD" as method, path, version] if version.startswith(b"HTTP/1."):
                found = self._found(path.decode("ascii", "replace"))
                return _response(found, with_body=method == b"GET")
            case [_, _, version] if version.startswith(b"HTTP/"):
                return _refusal(HTTPStatus.NOT_IMPLEMENTED)
            case _:
                return _refusal(HTTPStatus.BAD_REQUEST)

    def _found(self, path: str) -> Answer:
        try:
            return self._answer(path)
        except Exception:
            # The next probe must find the port all the same.
            log.exception("the ops port has no answer")
            return Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "text/plain", b"")

    def _drop_late(self) -> None:
        now = time.monotonic()
        while self._clients and (oldest := next(iter(self._clients))).until < now:
            self._drop(oldest)

    def _drop(self, client: Client) -> None:
        self._clients.pop(client, None)
        self._selector.unregister(client.socket)
        client.socket.close()


def _refusal(status: HTTPStatus) -> bytes:
    return _response(Answer(status, "text/plain", b""), with_body=True)


def _response(answer: Answer, *, with_body: bool) -> bytes:
    head = (
        f"HTTP/1.1 {answer.status.value} {answer.status.phrase}\r\n"
        f"Content-Type: {answer.content_type}\r\n"
        f"Content-Length: {len(answer.body)}\r\n"
        "Cache-Control: no-store\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + (answer.body if with_body else b"")
