"""`exportwatch topics apply|diff`: the topic registry against a cluster."""

import sys

import click

from exportwatch import errors
from exportwatch.broker import provision
from exportwatch.broker.topics import load_registry
from exportwatch.settings import load_settings


@click.group("topics")
def command() -> None:
    """Create and compare the topics of schemas/topics."""


@command.command("apply")
def apply() -> None:
    """Create missing topics and set what differs; partition counts are never changed."""
    specs = load_registry()
    with provision.admin_client(load_settings().kafka.for_kafka_python()) as client:
        for drift in provision.apply(client, specs):
            click.echo(f"changed  {drift.line}")
    click.echo(f"{len(specs)} topics are as the registry says.")


@command.command("diff")
def diff() -> None:
    """Show how the cluster differs from the registry; status 1 where it does."""
    specs = load_registry()
    with provision.admin_client(load_settings().kafka.for_kafka_python()) as client:
        drifts = provision.diff(client, specs)
    for drift in drifts:
        click.echo(drift.line)
    if drifts:
        sys.exit(errors.FINDING)
    click.echo(f"{len(specs)} topics are as the registry says.")
