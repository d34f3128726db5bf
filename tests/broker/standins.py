"""Screening workers with a stand-in for the pure call: `python standins.py NAME` runs the function NAME.

The stand-in decides by a few lines, so that a worker starts in a moment and a test can make it slow or break
it. Everything else is the service's own.
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from exportwatch.errors import WRONG_USE, ConfigError
from exportwatch.screening.app import ScreeningStage
from exportwatch.screening.decide import Decided, Rejected
from exportwatch.settings import Settings, load_settings
from exportwatch.streaming import logs, metrics
from exportwatch.streaming.app import run_worker
from exportwatch.streaming.control import ControlReader
from exportwatch.streaming.health import Health
from exportwatch_events.catalogue import ErrorCode, Result

Headers = Sequence[tuple[str, bytes | None]]
Screen = Callable[[bytes | None, Headers, Any, int | None], Decided | Rejected]


class NoContent:
    """Control records that say nothing."""

    problems: Sequence[Any] = ()

    def fold(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        pass

    def snapshot(self) -> None:
        return None


def decide(
    value: bytes | None, headers: Headers, snapshot: Any, largest: int | None = None
) -> Decided | Rejected:
    """Not required, whatever it is; not JSON goes to quarantine."""
    try:
        event = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return Rejected(ErrorCode.NOT_JSON, "not JSON", None, None)
    key, version = f"default/{event['source']}/shipment/{event['shipment_id']}", event["version"]
    body = orjson.dumps({"document": {"key": key, "version": version}, "padding": event.get("padding")})
    return Decided(key, version, Result.NOT_REQUIRED, (), body)


def decide_or_break(
    value: bytes | None, headers: Headers, snapshot: Any, largest: int | None = None
) -> Decided | Rejected:
    """As `decide`, with a bug for documents that say so."""
    if b"break the pure call" in (value or b""):
        raise ZeroDivisionError("a bug")
    return decide(value, headers, snapshot)


def decide_slowly(
    value: bytes | None, headers: Headers, snapshot: Any, largest: int | None = None
) -> Decided | Rejected:
    time.sleep(0.002)
    return decide(value, headers, snapshot)


def decide_very_slowly(
    value: bytes | None, headers: Headers, snapshot: Any, largest: int | None = None
) -> Decided | Rejected:
    time.sleep(0.03)
    return decide(value, headers, snapshot)


def decide_largely(
    value: bytes | None, headers: Headers, snapshot: Any, largest: int | None = None
) -> Decided | Rejected:
    """Decisions larger than their topic takes, for documents that say so."""
    decided = decide(value, headers, snapshot)
    if isinstance(decided, Decided) and b"a large decision" in (value or b""):
        return Decided(decided.document_key, decided.version, decided.result, (), b" " * 5 * 2**20)
    return decided


def refuse(
    _value: bytes | None, _headers: Headers, _snapshot: Any, code: ErrorCode, message: str
) -> Rejected:
    return Rejected(code, message, None, None)


class StandinStage(ScreeningStage):
    """Without a snapshot there is nothing to tell of the law."""

    def tell_standing(self, snapshot: Any) -> None:
        pass


class BrokenShell(StandinStage):
    """A bug outside the pure call, once a document asks for it."""

    def work(self, batch: Any) -> Any:
        if any(b"break the shell" in (record.value or b"") for record in batch.records):
            raise ZeroDivisionError("a bug")
        return super().work(batch)


def run(screen: Screen, stage: type[ScreeningStage] = StandinStage) -> int:
    settings = load_settings()
    logs.configure(settings.log_level, "screening")

    def new_stage(settings: Settings, health: Health, counts: Mapping[str, int]) -> ScreeningStage:
        control: ControlReader[Any] = ControlReader(settings.kafka, NoContent)
        return stage(settings, health, counts, screen, control, refuse)

    try:
        return run_worker(settings, metrics.Service.SCREENING, new_stage)
    except ConfigError as wrong:
        print(f"exportwatch: {wrong}", file=sys.stderr)
        return WRONG_USE


STANDINS: Mapping[str, Callable[[], int]] = {
    "plain": partial(run, decide),
    "breaking": partial(run, decide_or_break),
    "slow": partial(run, decide_slowly),
    "very_slow": partial(run, decide_very_slowly),
    "large": partial(run, decide_largely),
    "broken_shell": partial(run, decide, BrokenShell),
}

if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))
    sys.exit(STANDINS[sys.argv[1]]())
