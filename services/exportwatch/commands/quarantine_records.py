"""`exportwatch quarantine list|show|replay|drop`: the quarantined records, and being done with them.

Payload is shown by `show` alone, on the operator's terminal. `replay` and `drop` leave a marker in the quarantine
topic: who, when, by which command, which records.
"""

import sys
from collections.abc import Sequence
from typing import Any

import click
import orjson

from exportwatch.broker.refusals import Right, lacks_topics
from exportwatch.commands.asking import ask
from exportwatch.commands.quarantine_audit import audit, done_by
from exportwatch.commands.quarantine_options import INPUTS, filtered, record_id, selection
from exportwatch.errors import OK, ConfigError
from exportwatch.quarantine import topic as quarantine
from exportwatch.quarantine.entries import Entry, Log, RecordId, Selection
from exportwatch.quarantine.page import table, whole
from exportwatch.settings import Settings, load_settings
from exportwatch.streaming.app import partition_counts
from exportwatch.streaming.partitions import check_topics
from exportwatch.streaming.readback import log_reader
from exportwatch.streaming.wire import InputRecord, Marker
from exportwatch_events.catalogue import QUARANTINE


@click.command(name="list")
@filtered
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="The newest of them."
)
@click.option("--all", "with_done", is_flag=True, help="Also what was replayed or dropped.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
def list_(limit: int, with_done: bool, as_json: bool, **filters: Any) -> int:
    """List quarantined records: where each came from and what is wrong with it, oldest first. No payload."""
    wanted = selection(**filters)
    found = [entry for entry in read_log(load_settings()).entries() if wanted.takes(entry)]
    meant = [entry for entry in found if with_done or entry.done is None]
    shown = meant[-limit:]
    if as_json:
        for entry in shown:
            click.echo(orjson.dumps(entry.as_json()).decode())
        return OK
    if shown:
        for line in table(shown, with_state=with_done):
            click.echo(line)
    click.echo(summary(shown=len(shown), meant=len(meant), hidden=len(found) - len(meant)))
    return OK


def summary(*, shown: int, meant: int, hidden: int) -> str:
    text = f"{meant} records" if shown == meant else f"the newest {shown} of {meant} records"
    return text + (f"; {hidden} replayed or dropped: --all shows them" if hidden else "")


@click.command()
@click.argument("id_", metavar="ID", type=record_id)
@click.option("--raw", is_flag=True, help="The bytes of its value and nothing else.")
def show(id_: RecordId, raw: bool) -> int:
    """Show one record: what is wrong with it, its headers, key and value.

    This is what the producer sent: party names and goods may be in it.
    """
    settings = load_settings()
    entry, record = ask(settings.kafka, read_one(settings, id_))
    if raw:
        sys.stdout.buffer.write(record.value or b"")
        return OK
    for line in whole(entry, record):
        click.echo(line)
    return OK


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1, type=record_id)
@filtered
@click.option("--dry-run", is_flag=True, help="Say what would be published, publish nothing.")
@click.option("--again", is_flag=True, help="Also what was replayed or dropped before.")
@click.pass_context
def replay(
    ctx: click.Context, /, ids: tuple[RecordId, ...], dry_run: bool, again: bool, **filters: Any
) -> int:
    """Publish records again where they came from, once the cause is mended: screening decides them as if new.

    Key, value, headers and partition are the original ones; the header ew_replay_of says of what it is the replay.
    A record that is bad again goes to quarantine again.
    """
    settings = load_settings()
    meant = chosen(read_log(settings), selection(ids, **filters), again=again)
    entries = [entry for entry in meant if entry.source.topic in INPUTS]
    refuse_derived([entry for entry in meant if entry.source.topic not in INPUTS], by_id=bool(ids))
    counts = ask(settings.kafka, partition_counts(settings))
    refuse_absent(entries, counts)
    if dry_run:
        for entry in entries:
            click.echo(f"would replay {entry.ids[0]} to {entry.source.topic}/{entry.source.partition}")
        click.echo(f"{len(entries)} records; nothing was published (--dry-run)")
        return OK
    operation = quarantine.Operation(settings.kafka, counts[QUARANTINE], done_by(ctx, Marker.REPLAYED))
    replayed: list[Entry] = []

    def tell(one: quarantine.Replayed) -> None:
        replayed.append(one.entry)
        place = f"{one.entry.source.topic}/{one.entry.source.partition}/{one.offset}"
        click.echo(f"replayed {one.entry.ids[0]} (was {one.entry.source.text}) as {place}")

    if entries:
        ask(settings.kafka, quarantine.replay(operation, entries, tell))
    audit(operation.done, len(replayed))
    return OK


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1, type=record_id)
@filtered
@click.option("--reason", required=True, help="Why nobody needs a decision on them; kept in the marker.")
@click.option("--dry-run", is_flag=True, help="Say what would be marked, mark nothing.")
@click.pass_context
def drop(ctx: click.Context, /, ids: tuple[RecordId, ...], reason: str, dry_run: bool, **filters: Any) -> int:
    """Mark records as done without a replay. Nothing is deleted: they stay in the topic, and their alerts stay open."""
    if not reason.strip():
        raise click.BadParameter("is empty", param_hint="--reason")
    settings = load_settings()
    entries = chosen(read_log(settings), selection(ids, **filters), again=False)
    if dry_run:
        say_dropped("would drop", entries)
        click.echo(f"{len(entries)} records; nothing was marked (--dry-run)")
        return OK
    counts = ask(settings.kafka, partition_counts(settings))
    operation = quarantine.Operation(settings.kafka, counts[QUARANTINE], done_by(ctx, Marker.DROPPED, reason))
    if entries:
        ask(settings.kafka, quarantine.drop(operation, entries))
    say_dropped("dropped", entries)
    audit(operation.done, len(entries))
    return OK


def say_dropped(verb: str, entries: Sequence[Entry]) -> None:
    for entry in entries:
        click.echo(f"{verb} {entry.ids[0]} (was {entry.source.text})")


COMMANDS = (list_, show, replay, drop)


# -- which records -----------------------------------------------------------------------------------------


def chosen(log: Log, wanted: Selection, *, again: bool) -> list[Entry]:
    """What is meant and not done yet. ConfigError for an id that is not there or, without `again`, is done."""
    if wanted.is_everything:
        raise click.UsageError("say which records: ids as `list` shows them, or filters")
    found = [entry for entry in log.entries() if wanted.takes(entry)]
    there = {one for entry in found for one in entry.ids}
    for id_ in sorted(wanted.ids - there):
        raise absent(id_)
    done = [entry for entry in found if entry.done is not None]
    if wanted.ids and done and not again:
        raise refused(done[0])
    return [entry for entry in found if again or entry.done is None]


def absent(id_: RecordId) -> ConfigError:
    return ConfigError(
        "no quarantined record has this id", key=str(id_), hint="`exportwatch quarantine list --all` shows all"
    )  # fmt: skip


def refused(entry: Entry) -> ConfigError:
    assert entry.done is not None
    return ConfigError(
        f"was {entry.state} by {entry.done.by} at {entry.done.at}",
        key=str(entry.ids[0]),
        hint="`replay --again` publishes it once more all the same",
    )


def refuse_derived(derived: Sequence[Entry], *, by_id: bool) -> None:
    """Decisions that alerting refused are made anew by publishing their documents again."""
    if derived and by_id:
        raise ConfigError(
            f"comes from {derived[0].source.topic}, which holds what we decided and not what a producer sent",
            key=str(derived[0].ids[0]),
            hint="have its document published again; `drop` then marks the record as done",
        )
    if derived:
        click.echo(
            f"{len(derived)} records of {derived[0].source.topic} are left out: publish their documents again"
        )


def refuse_absent(entries: Sequence[Entry], counts: dict[str, int]) -> None:
    """Partitions are never taken away from a topic; one made anew may have fewer."""
    for entry in entries:
        if entry.source.topic not in counts:
            raise lacks_topics({entry.source.topic: Right.WRITE}, "EXPORTWATCH_BOOTSTRAP_SERVERS")
        if entry.source.partition >= counts[entry.source.topic]:
            raise ConfigError(
                f"has no partition {entry.source.partition}, from which {entry.ids[0]} came",
                file=f"topic {entry.source.topic}",
                found=f"{counts[entry.source.topic]} partitions",
            )


# -- asking the topic ----------------------------------------------------------------------


def read_log(settings: Settings) -> Log:
    return ask(settings.kafka, _read_log(settings))


async def _read_log(settings: Settings) -> Log:
    counts = await partition_counts(settings)
    check_topics(counts, {QUARANTINE: Right.READ}, {}, ",".join(settings.bootstrap_servers))
    return await quarantine.read_log(settings.kafka, counts[QUARANTINE])


async def read_one(settings: Settings, id_: RecordId) -> tuple[Entry, InputRecord]:
    log = await _read_log(settings)
    async with log_reader(settings.kafka) as reader:
        for entry in log.entries():
            if id_ in entry.ids:
                async for record in quarantine.read_records(reader, [id_]):
                    return entry, record
    raise absent(id_)
