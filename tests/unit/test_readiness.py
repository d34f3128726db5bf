"""What a screening worker says at its ops port while it starts: the law first, then the control topics."""

from pathlib import Path

import pytest

from exportwatch.errors import ConfigError
from exportwatch.law.load import RulePack
from exportwatch.screening import app
from exportwatch.screening.control import load_rules
from exportwatch.settings import load_settings
from exportwatch.streaming.health import Health, Reason
from exportwatch_events.catalogue import DECISIONS, QUARANTINE

COUNTS = {DECISIONS: 12, QUARANTINE: 6}


@pytest.fixture(autouse=True)
def broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPORTWATCH_BOOTSTRAP_SERVERS", "127.0.0.1:1")


def reasons(health: Health) -> list[Reason]:
    return [reason for reason, _ in health.reasons]


def test_a_worker_is_not_ready_for_want_of_the_law_while_the_pack_is_loaded_and_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    health = Health()
    during: list[list[Reason]] = []

    def load(path: Path | None = None) -> RulePack:
        during.append(reasons(health))
        return load_rules(path)

    monkeypatch.setattr(app, "load_rules", load)
    app.new_stage(load_settings(), health, COUNTS)
    assert during == [[Reason.LAW_UNLOADED]]
    assert reasons(health) == [Reason.CONTROL_UNREAD]


def test_a_pack_that_cannot_be_loaded_leaves_the_worker_not_ready(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EXPORTWATCH_LAW_PACK", str(tmp_path))
    health = Health()
    with pytest.raises(ConfigError):
        app.new_stage(load_settings(), health, COUNTS)
    assert reasons(health) == [Reason.LAW_UNLOADED]
