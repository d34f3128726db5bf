"""`exportwatch config`: what is set, and whether it works."""

import click

from exportwatch.connection import SecurityProtocol
from exportwatch.errors import ConfigError
from exportwatch.settings import MASK, SECRETS, Settings, load_settings, variable


@click.group(name="config")
def command() -> None:
    """Show and check the settings."""


@command.command()
def show() -> None:
    """Every variable with its value; secrets are masked."""
    settings = load_settings()
    for name, field in Settings.model_fields.items():
        origin = "set" if name in settings.model_fields_set else "default"
        click.echo(f"{variable(name)}={shown(settings, name)}  # {origin}; {field.description}")


@command.command()
def check() -> None:
    """Check the settings and try to reach the broker; exit 2 with the reason where something is wrong."""
    from exportwatch.broker.provision import admin_client
    from exportwatch.broker.provision import shown as shown_to_us
    from exportwatch.broker.topics import load_registry

    settings = load_settings()
    connection = settings.kafka
    click.echo(f"settings: ok ({len(settings.model_fields_set)} set)")
    specs = load_registry()
    with admin_client(connection.for_kafka_python()) as client:
        brokers, topics = shown_to_us(client)
    click.echo(f"broker: ok ({brokers} seen, {connection.protocol})")
    missing = [spec.name for spec in specs if spec.name not in topics]
    if missing and connection.protocol is not SecurityProtocol.PLAINTEXT and len(missing) < len(specs):
        # A user is shown what it has a right on; which that is, each service says at its start.
        click.echo(
            f"topics: {len(specs) - len(missing)} of {len(specs)}; missing or not for this user: {', '.join(missing)}"
        )
        return
    if missing:
        raise ConfigError(
            f"topics are missing: {', '.join(missing)}",
            file=",".join(connection.servers),
            hint="`exportwatch topics apply` creates them",
        )
    click.echo("topics: ok")


def shown(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    if value is None:
        return ""
    if name in SECRETS:
        return MASK
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
