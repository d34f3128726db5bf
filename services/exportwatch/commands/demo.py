"""`exportwatch demo`: the whole on this machine with the example events."""

import logging
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

import click

from exportwatch import errors
from exportwatch.demo.flow import DemoFailedError, run_demo
from exportwatch.demo.show import Show
from exportwatch.demo.workers import WorkersFailedError
from exportwatch.errors import ConfigError
from exportwatch.settings import load_settings


@click.command("demo")
@click.option("--keep-serving", is_flag=True, help="Leave broker and workers running until ctrl-C.")
@click.option("--among-others", is_flag=True, help="Also into a named Kafka that holds records already.")
def command(keep_serving: bool, among_others: bool) -> None:
    """Start Kafka and the services, publish the examples, show the alerts and account for every record.

    Status 0 where every record is accounted for, 1 where one is not.
    """
    settings = load_settings()
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # what fails is shown by the step that failed
    leaving = Leaving()
    signal.signal(signal.SIGTERM, leaving)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as a shell starts what runs in the background
        signal.signal(signal.SIGINT, leaving)
    show = Show()
    try:
        serve = wait_for_the_end if keep_serving else None
        outcome = run_demo(settings, show, among_others=among_others, serve=serve)
    except (DemoFailedError, WorkersFailedError, ConfigError) as failed:
        if leaving.asked:
            stopped(show)
        if isinstance(failed, ConfigError):
            raise
        show.text()
        click.echo(f"exportwatch demo: {failed}", err=True)
        sys.exit(errors.CRASH)
    except KeyboardInterrupt:
        stopped(show)
    show.text()
    if not outcome.is_clean:
        sys.exit(errors.FINDING)


def wait_for_the_end() -> None:
    """Returns on ctrl-C."""
    click.echo("\nServing until ctrl-C. In another terminal: exportwatch feed --documents 1000 --rate 50")
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        click.echo()


def stopped(show: Show) -> NoReturn:
    show.text("Stopped.")
    sys.exit(130)


class Leaving:
    """Interrupts on a signal and keeps that it was one: a Kafka client that is just connecting swallows the interrupt
    and says that it found no broker."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        raise KeyboardInterrupt
