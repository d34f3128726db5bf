"""`exportwatch quarantine`: which input partitions stand still because of it, and letting them go on.

What is done with the records themselves stands in `quarantine_records`.
"""

import time
from collections.abc import Mapping

import click

from exportwatch.broker.refusals import Right
from exportwatch.commands import quarantine_records
from exportwatch.commands.asking import ask
from exportwatch.errors import FINDING, OK, ConfigError
from exportwatch.quarantine.topic import Writer, read_histories
from exportwatch.settings import Settings, load_settings
from exportwatch.streaming.app import partition_counts
from exportwatch.streaming.partitions import TP, check_topics
from exportwatch.streaming.quarantine import History
from exportwatch.streaming.wire import Marker, Source, marker_record
from exportwatch_events.catalogue import CONTRACTS, QUARANTINE, SHIPMENTS

LATELY_SECONDS = 86_400


@click.group(name="quarantine")
def command() -> None:
    """Look at what was quarantined, replay or drop it, and let a partition go on that stands still because of it."""


for records_command in quarantine_records.COMMANDS:
    command.add_command(records_command)


@command.command()
def status() -> int:
    """Say how much of each partition went to quarantine within a day. Status 1 if one stands still, since whenever."""
    settings = load_settings()
    since = time.time() - LATELY_SECONDS
    told = {
        tp: (recent, history)
        for tp, history in ask(settings.kafka, histories_of(settings)).items()
        if (recent := sum(at >= since for at, _ in history.quarantined)) or history.paused_at is not None
    }
    for tp, (recent, history) in sorted(told.items()):
        click.echo(f"{tp}: {recent} records in quarantine lately" + describe_pause(history))
    if not told:
        click.echo("nothing in quarantine lately")
    return FINDING if any(history.paused_at is not None for _, history in told.values()) else OK


@command.command()
@click.option("--topic", type=click.Choice([SHIPMENTS, CONTRACTS]), default=SHIPMENTS, show_default=True)
@click.option("--partition", type=click.IntRange(min=0), required=True, help="Input partition.")
@click.option(
    "--until",
    type=click.IntRange(min=0),
    required=True,
    metavar="OFFSET",
    help="Unreadable records before it go to quarantine without being counted.",
)
def resume(topic: str, partition: int, until: int) -> int:
    """Let an input partition go on that the quarantine limit stopped."""
    settings = load_settings()
    tp = TP(topic, partition)
    ask(settings.kafka, write_resume(settings, tp, until))
    click.echo(f"{tp} goes on; records before {until} do not count towards the limit")
    return OK


def describe_pause(history: History) -> str:
    return "" if history.paused_at is None else f"; stands still at offset {history.paused_at}"


async def histories_of(settings: Settings) -> Mapping[TP, History]:
    counts = await partition_counts(settings)
    check_topics(counts, {QUARANTINE: Right.READ}, {}, ",".join(settings.bootstrap_servers))
    return await read_histories(settings.kafka, counts[QUARANTINE])


async def write_resume(settings: Settings, tp: TP, until: int) -> None:
    """Raises ConfigError where the partition does not stand still, or still would afterwards."""
    history = (await histories_of(settings)).get(tp)
    if history is None or history.paused_at is None:
        raise ConfigError(
            "the partition does not stand still",
            file=f"topic {tp.topic}",
            key=f"partition {tp.partition}",
            hint="`exportwatch quarantine status` shows those that do",
        )
    if until <= history.paused_at:
        raise ConfigError(
            "the partition would stand still again at once",
            key="--until",
            found=str(until),
            expected=f"more than {history.paused_at}, where it stands",
        )
    counts = await partition_counts(settings)
    at = Source(tp.topic, tp.partition, history.paused_at)
    record = marker_record(Marker.RESUMED, at, counts[QUARANTINE], {"until": until})
    async with Writer(settings.kafka) as writer:
        await writer.write(record)
