"""Ctrl-C during the demo, also where a Kafka client swallows it and complains of something else."""

import signal
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result

from exportwatch.commands import demo
from exportwatch.errors import ConfigError


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def unreachable() -> None:
    raise ConfigError("no Kafka answers at ['127.0.0.1:1']")


def swallowing(number: int) -> Callable[[], None]:
    """A client that is interrupted while it connects."""

    def connect() -> None:
        try:
            signal.raise_signal(number)
        except KeyboardInterrupt:
            unreachable()

    return connect


def run(connect: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setattr(demo, "run_demo", lambda *_, **__: connect())
    return CliRunner().invoke(demo.command, [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_that_a_client_swallows_ends_the_demo_as_interrupted(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(swallowing(number), monkeypatch)
    assert (done.exit_code, done.output) == (130, "Stopped.\n")


def test_a_broker_that_is_not_there_is_told_of_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(unreachable, monkeypatch)
    assert isinstance(done.exception, ConfigError)
    assert "Stopped" not in done.output
