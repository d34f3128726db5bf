"""A child process that does not outlive its owner, whatever ends the owner: started through `keeper`."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from exportwatch.broker import keeper
from exportwatch.errors import ConfigError

STOP_SECONDS = keeper.PATIENCE_SECONDS + 10


class Kept:
    """`command`, running, with both its outputs appended to `log`; `pid` is its own, not the keeper's.

    In a session of its own: the terminal's ctrl-C is for the owner, who then stops it. ConfigError where the
    program cannot be started.
    """

    def __init__(
        self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        with log.open("ab") as file:
            self._keeper = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", keeper.__file__, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                env=environment,
                start_new_session=True,
            )
        assert self._keeper.stdout is not None
        told = self._keeper.stdout.readline()
        if not told:
            self._reap()
            raise ConfigError(f"{command[0]} could not be started; {log}:\n{last_lines(log)}")
        self.pid = int(told)

    @property
    def keeper_pid(self) -> int:
        return self._keeper.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._keeper.poll()

    @property
    def is_running(self) -> bool:
        return self.exit_code is None

    def stop(self) -> int:
        """SIGTERM, and SIGKILL where that does not help; returns the exit code."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        return self._reap()

    def kill(self) -> int:
        """SIGKILL, as in a crash; returns the exit code."""
        if self.is_running:
            os.kill(self.pid, signal.SIGKILL)
        return self._reap()

    def _reap(self) -> int:
        try:
            return self._keeper.wait(STOP_SECONDS)
        finally:
            for pipe in (self._keeper.stdin, self._keeper.stdout):
                if pipe is not None:
                    pipe.close()


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log, indented, to be shown with an error."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"  {line}" for line in lines[-count:]) or "  (the log is empty)"
