"""`exportwatch parties`: import an edition of a party list, and show what the lists hold."""

from collections import Counter
from datetime import date, datetime
from pathlib import Path

import click

from exportwatch.commands.party_topic import read_topic
from exportwatch.erp import publish
from exportwatch.errors import CRASH, OK, ConfigError
from exportwatch.party_lists import csl, opensanctions, table
from exportwatch.party_lists.delta import Change, Delta, Kind, Standing, delta, records, standing
from exportwatch.party_lists.rows import Fault, Reading
from exportwatch.screening.legal_date import CHINA
from exportwatch.screening.parties import PartyLists, listed_on
from exportwatch.settings import load_settings
from exportwatch_events.control import PartyListEntry
from exportwatch_events.documents import Party

_READERS = {
    "opensanctions": (opensanctions.read_opensanctions, opensanctions.DEFAULT_LIST),
    "csl": (csl.read_csl, csl.DEFAULT_LIST),
    "csv": (table.read_table, None),
}
_SHOWN = 20  # changes of a kind, and faults, that are printed one by one
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group(name="parties")
def command() -> None:
    """Import party lists; show what they hold and whom they name."""


@command.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(sorted(_READERS)), required=True, help="How FILE is written."
)
@click.option("--list", "list_id", help="Id of the list; else as FILE says, opensanctions or us-csl.")
@click.option("--on", type=_DAY, help="Day from which missing entries are delisted; else today in China.")
@click.option("--dry-run", is_flag=True, help="Print what would change, publish nothing.")
@click.option("--force", is_flag=True, help="Publish also where a list shrinks by more than a tenth.")
def import_(
    file: Path, form: str, list_id: str | None, on: datetime | None, dry_run: bool, force: bool
) -> int:
    """Publish what FILE changes: entries added, changed, and delisted because FILE has them no longer.

    FILE is the whole of its list. csl reads consolidated.json and consolidated.csv; opensanctions reads
    entities.ftm.json, targets.nested.json and targets.simple.csv. csv has the columns entry_id, name, local_name,
    list_id, aliases, ids, country, listed_from, suspended, delisted_on, source; several values in a cell are
    parted by ";".
    Where anything in FILE cannot be read, nothing is published.
    """
    edition, lists = read_edition(file, form, list_id)
    options = load_settings().kafka.for_kafka_python()
    stands = standing(read_topic(options))
    changed = delta(stands, edition.entries, lists, _day(on))
    say(changed, edition, stands)
    refuse_shrinking(changed, force=force)
    if dry_run or not changed.changes:
        click.echo("nothing published" + (" (--dry-run)" if dry_run else ": the topic says this already"))
        return OK
    tally = publish(options, records(changed.changes))
    if tally.failures:
        click.echo(f"not acknowledged: {tally.failures}; run the import again", err=True)
        return CRASH
    click.echo(f"{tally.sent} entries published")
    return OK


@command.command()
@click.option("--list", "list_id", help="Print the entries of this list, one a line.")
@click.option("--name", help="Print the entries that this name is or may be, and why.")
@click.option("--country", help="Country of the party with this name.")
@click.option("--on", type=_DAY, help="Day that decides; else today in China.")
def show(list_id: str | None, name: str | None, country: str | None, on: datetime | None) -> int:
    """Show the lists on the topic, the entries of one, or those that a name matches."""
    day, stands = _day(on), standing(read_topic(load_settings().kafka.for_kafka_python()))
    if name:
        party = Party(role="end_user", name=name, country=country)
        hits = PartyLists(stands.entries.values()).hits((party,), day)
        for hit in hits:
            sure = "is" if hit.exact else "may be"
            click.echo(f"{sure} {hit.list_id}/{hit.entry_id}@{hit.version} {hit.listed_name}, score {hit.score:.2f}: "
                       + "; ".join(hit.why))  # fmt: skip
        click.echo(f"{len(hits)} matches on {day}")
    elif list_id:
        for entry in (e for _, e in sorted(stands.entries.items()) if e.list_id == list_id):
            click.echo(f"{_line(entry)}{'' if listed_on(entry, day) else f', does not count on {day}'}")
    else:
        _show_lists(stands, day)
    return OK


def read_edition(file: Path, form: str, list_id: str | None) -> tuple[Reading, tuple[str, ...]]:
    """The entries of a file and the lists that it is the whole of. ConfigError names every fault in it."""
    read, default = _READERS[form]
    edition = read(file.read_bytes(), list_id)
    if edition.faults:
        shown = "\n".join(str(_error(file, fault)) for fault in edition.faults[:_SHOWN])
        more = f"\nand {len(edition.faults) - _SHOWN} more faults" if len(edition.faults) > _SHOWN else ""
        raise ConfigError(f"{shown}{more}\nnothing was published")
    named = list_id or default
    lists = (named,) if named else tuple(sorted({entry.list_id for entry in edition.entries}))
    if not lists:
        raise ConfigError(
            "no entry and no list is named", file=str(file), hint="--list says which list is empty"
        )
    return edition, lists


def refuse_shrinking(changed: Delta, *, force: bool) -> None:
    """ConfigError where a list loses more than a tenth of the entries that count, unless it is meant."""
    for name in () if force else changed.shrunk():
        raise ConfigError(
            "the list shrinks by more than a tenth; nothing was published",
            key=name,
            found=f"{changed.after.get(name, 0)} entries",
            expected=f"about {changed.before[name]}, as many as there are",
            hint="is the file whole? --force publishes all the same",
        )


def say(changed: Delta, edition: Reading, stands: Standing) -> None:
    """The delta, one line a change as far as a person reads, then the counts."""
    for kind in Kind:
        of_kind = [change for change in changed.changes if change.kind is kind]
        for change in of_kind[:_SHOWN]:
            click.echo(f"{kind.value:9}{_line(change.entry)}{_differing(change)}")
        if len(of_kind) > _SHOWN:
            click.echo(f"{kind.value:9}and {len(of_kind) - _SHOWN} more")
    counts = Counter(change.kind for change in changed.changes)
    kinds = ", ".join(f"{counts[kind]} {kind.value}" for kind in Kind)
    over = (
        f"; passed over {edition.passed_over} records that are no listed party" if edition.passed_over else ""
    )
    click.echo(f"{kinds}, {changed.unchanged} unchanged{over}")
    for name in sorted({*changed.before, *changed.after}):
        click.echo(
            f"{name}: {changed.before.get(name, 0)} entries before, {changed.after.get(name, 0)} after"
        )
    for problem in stands.unreadable:
        click.echo(f"on the topic and not readable: {problem}", err=True)


def _differing(change: Change) -> str:
    return f": {', '.join(change.fields)}" if change.kind is Kind.CHANGED else ""


def _line(entry: PartyListEntry) -> str:
    return f"{entry.list_id}/{entry.entry_id}@{entry.version} {entry.name or entry.local_name}"


def _error(file: Path, fault: Fault) -> ConfigError:
    return ConfigError(
        "cannot be read",
        file=f"{file}:{fault.place}",
        key=fault.field,
        found=fault.found,
        expected=fault.expected,
    )


def _day(stated: datetime | None) -> date:
    return stated.date() if stated else datetime.now(CHINA).date()


def _show_lists(stands: Standing, day: date) -> None:
    held = Counter(entry.list_id for entry in stands.entries.values())
    counting = Counter(entry.list_id for entry in stands.entries.values() if listed_on(entry, day))
    for name in sorted(held):
        click.echo(f"{name}: {held[name]} entries, {counting[name]} count on {day}")
    for problem in stands.unreadable:
        click.echo(f"not readable: {problem}")
    click.echo(f"{len(held)} lists")
