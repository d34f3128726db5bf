"""One parent and a child process for each worker.

The parent knows processes and exit codes, nothing of Kafka. A child that leaves is started again after a
pause, unless it left with 2 (an operator's error, which no restart repairs) or the fifth has left within a
minute; then everything stops. Children are in the parent's process group and leave when the parent is gone,
however it went.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from exportwatch.errors import CRASH, OK, WRONG_USE
from exportwatch.streaming import logs

MOST_EXITS = 5
WINDOW_SECONDS = 60.0
FIRST_PAUSE_SECONDS = 0.5
PATIENCE_SECONDS = 30.0
PARENT_CHECK_SECONDS = 1.0
PR_SET_PDEATHSIG = 1

log = logs.logger(__name__)


@dataclass(frozen=True, slots=True)
class Worker:
    """One child: `number` is unique on this machine and gives it its ops port."""

    service: str
    number: int


Command = Callable[[Worker], Sequence[str]]


@dataclass(slots=True)
class RestartPolicy:
    """How long to wait before the next start; state of its own, no clock."""

    exits: deque[float] = field(default_factory=deque)

    def left(self, now: float) -> float | None:
        """Seconds to wait after a child left at `now`; None where too many did."""
        self.exits.append(now)
        while self.exits and now - self.exits[0] > WINDOW_SECONDS:
            self.exits.popleft()
        if len(self.exits) >= MOST_EXITS:
            return None
        return float(FIRST_PAUSE_SECONDS * 2 ** (len(self.exits) - 1))


def supervise(workers: Sequence[Worker], command: Command) -> int:
    """Run until SIGTERM or SIGINT, or until it is no use; returns the exit status."""
    return asyncio.run(Supervisor(command).run(workers))


class Supervisor:
    def __init__(self, command: Command) -> None:
        self._command = command
        self._policy = RestartPolicy()
        self._stopping = asyncio.Event()
        self._processes: dict[Worker, asyncio.subprocess.Process] = {}
        self._status = OK

    async def run(self, workers: Sequence[Worker]) -> int:
        loop = asyncio.get_running_loop()
        for wanted in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(wanted, self._stopping.set)
        loop.add_signal_handler(signal.SIGUSR1, self._send, signal.SIGUSR1)
        keepers = [asyncio.create_task(self._keep(worker)) for worker in workers]
        stopping = asyncio.create_task(self._stopping.wait())
        # A keeper ends only when stopping, or by a bug, which must not leave the others alone.
        await asyncio.wait({stopping, *keepers}, return_when=asyncio.FIRST_COMPLETED)
        self._stopping.set()
        self._send(signal.SIGTERM)
        _, late = await asyncio.wait(keepers, timeout=PATIENCE_SECONDS)
        if late:
            log.error("workers did not leave and are killed", count=len(late))
            self._status = CRASH
            self._send(signal.SIGKILL)
        await asyncio.gather(*keepers)
        return self._status

    async def _keep(self, worker: Worker) -> None:
        """One worker, started again and again until the end of all."""
        while not self._stopping.is_set():
            process = await asyncio.create_subprocess_exec(
                *self._command(worker), stdin=asyncio.subprocess.DEVNULL
            )
            self._processes[worker] = process
            log.info("worker started", worker=worker.service, number=worker.number, pid=process.pid)
            if self._stopping.is_set():
                process.terminate()
            status = await process.wait()
            del self._processes[worker]
            await self._after(worker, status)

    async def _after(self, worker: Worker, status: int) -> None:
        told = {"worker": worker.service, "number": worker.number, "status": status}
        if self._stopping.is_set():
            log.info("worker left", **told)
            if status not in (OK, -signal.SIGTERM, -signal.SIGINT):
                self._status = self._status or CRASH
            return
        if status == WRONG_USE:
            log.error("worker refuses to start", **told)
            self._end(WRONG_USE)
            return
        pause = self._policy.left(time.monotonic())
        if pause is None:
            log.error("workers leave too often", **told)
            self._end(CRASH)
            return
        log.warning("worker left and is started again", **told, pause=pause)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), pause)

    def _end(self, status: int) -> None:
        self._status = self._status or status
        self._stopping.set()

    def _send(self, wanted: signal.Signals) -> None:
        for process in self._processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(wanted)


def leave_with_parent(parent: int) -> None:
    """Called first thing in a child: it is asked to leave (SIGTERM) when `parent` is gone, then made to.

    On Linux the kernel sends the signal at once; everywhere a thread looks whether the parent changed, which
    also covers a parent that died before this call.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    threading.Thread(target=watch_parent, args=(parent,), name="parent-watch", daemon=True).start()


def watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE_SECONDS)
    os._exit(CRASH)
