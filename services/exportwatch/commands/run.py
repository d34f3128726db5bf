"""`exportwatch run`: one worker in this process, or a parent with a child for each worker."""

import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module, util

import click

from exportwatch.errors import ConfigError
from exportwatch.settings import Settings, load_settings
from exportwatch.streaming import logs
from exportwatch.supervise import Worker, leave_with_parent, supervise

SERVICES = ("screening", "alerting")
CANARY = "canary"
ALL = "all"


@click.command(name="run")
@click.argument("service", type=click.Choice([*SERVICES, CANARY, ALL]))
@click.option(
    "--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes per service."
)
@click.option("--worker", type=click.IntRange(min=0), hidden=True, help="Number of this child.")
@click.option("--parent", type=int, hidden=True, help="Process id of the parent.")
def command(service: str, workers: int, worker: int | None, parent: int | None) -> int:
    """Run a service, or all of them, until SIGTERM.

    One worker of one service runs in this process. `all` or more than one worker: a parent that restarts its
    children; each has an ops port of its own, counted from EXPORTWATCH_OPS_PORT. `canary` publishes a document of
    our own to each input partition every minute and shows whether it is answered; it is not one of `all`.
    SIGUSR1 turns log lines at DEBUG on and off again, in a parent for its workers.
    """
    # It is the event loop's that comes later; until then it must not end the process, which is its default.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    if parent is not None:
        leave_with_parent(parent)
    settings = load_settings()
    if worker is not None:
        settings = settings.model_copy(update={"worker": worker})
    if service != ALL and workers == 1:
        logs.configure(settings.log_level, service)
        return run_here(service, settings)
    logs.configure(settings.log_level, "supervisor")
    return supervise(workers_of(service, workers), child_command)


def run_here(service: str, settings: Settings) -> int:
    """The service in this process; returns its exit status."""
    name = f"exportwatch.{service}.app"
    if util.find_spec(name) is None:
        raise ConfigError(f"the service {service} is not part of this installation", file=name)
    status = import_module(name).main(settings)
    assert isinstance(status, int)
    return status


def workers_of(service: str, workers: int) -> tuple[Worker, ...]:
    """`workers` of each service that is meant, numbered through."""
    meant = SERVICES if service == ALL else (service,)
    names = [name for name in meant for _ in range(workers)]
    return tuple(Worker(name, number) for number, name in enumerate(names))


def child_command(worker: Worker) -> Sequence[str]:
    """The command line of a child of this process."""
    numbered = ["--worker", str(worker.number), "--parent", str(os.getpid())]
    return [sys.executable, "-m", "exportwatch", "run", worker.service, *numbered]
