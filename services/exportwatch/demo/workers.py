"""`exportwatch run all` as a child of the demo: started, awaited, stopped, and never left behind."""

import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exportwatch.broker.kept import Kept, last_lines
from exportwatch.settings import child_environment

READY_SECONDS = 60.0
POLL_SECONDS = 0.1


class WorkersFailedError(Exception):
    """The workers left or did not become ready; carries the end of their log."""


@dataclass(slots=True)
class Workers:
    """The services of one machine. `folder` takes their log and the files that tell their ops ports."""

    folder: Path
    settings: Mapping[str, str]
    _process: Kept | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        return self.folder / "workers.log"

    def start(self) -> None:
        environment = child_environment(datadir=str(self.folder / "data"), **self.settings)
        self._process = Kept([sys.executable, "-m", "exportwatch", "run", "all"], self.log, environment)

    def wait_until_ready(self, count: int) -> dict[str, str]:
        """The addresses of the ops ports, by worker, once `count` workers say that they are ready."""
        deadline = time.monotonic() + READY_SECONDS
        while len(ready := {name: url for name, url in self.addresses().items() if is_ready(url)}) < count:
            self.refuse_dead()
            if time.monotonic() > deadline:
                raise WorkersFailedError(f"the workers are not ready; {self.log}:\n{last_lines(self.log)}")
            time.sleep(POLL_SECONDS)
        return ready

    def addresses(self) -> dict[str, str]:
        """Where each worker serves /livez, /readyz and /metrics."""
        files = (self.folder / "data" / "ops").glob("*.json")
        return {file.stem: url for file in files if (url := address_in(file)) is not None}

    def refuse_dead(self) -> None:
        """Raises WorkersFailedError where they have left."""
        if self._process is not None and not self._process.is_running:
            code = self._process.exit_code
            raise WorkersFailedError(f"the workers left with {code}; {self.log}:\n{last_lines(self.log)}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None


def address_in(file: Path) -> str | None:
    try:
        url = json.loads(file.read_text())["url"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return url if isinstance(url, str) else None


def is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:  # noqa: S310 - written by our worker
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
