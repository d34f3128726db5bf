"""`exportwatch broker`: a Kafka on this machine, in the foreground, until it is told to stop."""

import signal
import time
from types import FrameType

import click

from exportwatch.broker.choose import BrokerKind, chosen_broker
from exportwatch.broker.provision import admin_client, apply
from exportwatch.broker.topics import load_registry
from exportwatch.settings import load_settings, variable


@click.command("broker")
@click.option("--port", type=click.IntRange(1, 65535), help="Where it listens. Any free port unless given.")
def command(port: int | None) -> None:
    """Run a Kafka broker on this machine, with the topics of the registry, until ctrl-C.

    Its data are kept under the cache folder (EXPORTWATCH_CACHE_DIR) and found again the next time.
    """
    settings = load_settings()
    data_dir = settings.cache_dir / "kafka" / "nodes" / "foreground"
    signal.signal(signal.SIGTERM, leave)
    try:
        with chosen_broker(None, settings.cache_dir, port=port, data_dir=data_dir) as chosen:
            click.echo(chosen.notice)
            if chosen.kind is BrokerKind.KAFKA:
                with admin_client(chosen.options) as client:
                    apply(client, load_registry())
            click.echo(f"export {variable('bootstrap_servers')}={chosen.bootstrap}")
            click.echo("ctrl-C stops it.")
            while chosen.is_running():
                time.sleep(0.2)
            raise RuntimeError("Kafka has ended by itself")
    except KeyboardInterrupt:
        click.echo("Stopped.")


def leave(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
