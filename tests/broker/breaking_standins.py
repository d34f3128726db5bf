"""A screening worker with the real core and a bug in it: `python breaking_standins.py breaking_screening`."""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from exportwatch.screening.app import ScreeningStage
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, Rejected, screen
from exportwatch.settings import Settings, load_settings
from exportwatch.streaming import logs, metrics
from exportwatch.streaming.app import run_worker
from exportwatch.streaming.control import ControlReader
from exportwatch.streaming.health import Health

BREAKS = b"break the pure call"


def screen_or_break(
    value: bytes | None,
    headers: Sequence[tuple[str, bytes | None]],
    snapshot: Any,
    largest: int | None = None,
) -> Decided | Rejected:
    """A bug that quotes the record, as those of real code do."""
    if BREAKS in (value or b""):
        raise ValueError(value)
    return screen(value, headers, snapshot, largest)


def breaking_screening(settings: Settings, health: Health, counts: Mapping[str, int]) -> ScreeningStage:
    content = partial(ControlContent, load_rules())
    return ScreeningStage(settings, health, counts, screen_or_break, ControlReader(settings.kafka, content))


def run() -> int:
    settings = load_settings()
    logs.configure(settings.log_level, metrics.Service.SCREENING)
    return run_worker(settings, metrics.Service.SCREENING, breaking_screening)


STANDINS = {"breaking_screening": run}

if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))
    sys.exit(STANDINS[sys.argv[1]]())
