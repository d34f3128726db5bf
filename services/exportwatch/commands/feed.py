"""`exportwatch feed`: a larger stream of shipments, for load."""

import logging
import sys

import click

from exportwatch import errors
from exportwatch.erp import publish
from exportwatch.feed import Feed
from exportwatch.settings import load_settings

REPORT_EVERY = 10_000


@click.command("feed")
@click.option("--documents", type=click.IntRange(min=1), required=True, help="How many.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Documents a second; else at once.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, other documents.")
@click.option("--start", type=click.IntRange(min=0), default=0, show_default=True, help="First number.")
@click.option(
    "--controlled",
    type=click.FloatRange(0, 1),
    default=0.05,
    show_default=True,
    help="Share of documents with a controlled item.",
)
@click.option("--bootstrap", help="HOST:PORT of Kafka, instead of EXPORTWATCH_BOOTSTRAP_SERVERS.")
def command(
    documents: int, rate: float | None, seed: int, start: int, controlled: float, bootstrap: str | None
) -> None:
    """Publish generated shipments: about 1 KB and four items each, the same for the same seed."""
    settings = load_settings()
    if bootstrap:
        settings = settings.model_copy(update={"bootstrap_servers": tuple(bootstrap.split(","))})
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # failures are counted and shown at the end
    feed = Feed(seed, controlled=controlled)

    def show(sent: int) -> None:
        if sent % REPORT_EVERY == 0:
            click.echo(f"{sent} of {documents}", err=True)

    tally = publish(
        settings.kafka.for_kafka_python(), feed.documents(documents, start), rate=rate, progress=show
    )
    click.echo(f"{tally.sent} shipments published in {tally.seconds:.1f} s ({tally.rate:.0f}/s).")
    if tally.failures:
        click.echo(f"not acknowledged: {tally.failures}", err=True)
        sys.exit(errors.CRASH)
