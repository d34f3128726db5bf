"""`exportwatch control`: what the control topics say and what in them cannot be read."""

from functools import partial

import click

from exportwatch.commands.asking import ask
from exportwatch.errors import FINDING, OK
from exportwatch.screening.control import ControlContent, ControlProblem, load_rules
from exportwatch.settings import load_settings
from exportwatch.streaming.control import ControlReader


@click.group(name="control")
def command() -> None:
    """Check the control topics: law, licenses, parties."""


@command.command()
def check() -> int:
    """Read all control topics; name each record that cannot be used and its effect. Status 1 if any."""
    settings = load_settings()
    connection = settings.kafka
    reader = ControlReader(connection, partial(ControlContent, load_rules(settings.law_pack)))
    view = ask(connection, reader.read_once())
    for problem in reader.content.problems:
        assert isinstance(problem, ControlProblem)
        click.echo(f"{problem.topic}: {problem.key}: {problem.message}; effect: {problem.effect}")
    ends = ", ".join(f"{topic} to {offset}" for topic, offset in view.positions.items())
    click.echo(f"read {ends}: {len(reader.content.problems)} records cannot be used")
    return FINDING if reader.content.problems else OK
