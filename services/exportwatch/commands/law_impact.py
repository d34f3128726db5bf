"""`exportwatch law impact`: which decisions on a file of events change under another law pack."""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click
import orjson

from exportwatch.commands.law_options import FILE, PackFolder, echo
from exportwatch.errors import FINDING

if TYPE_CHECKING:
    from exportwatch.screening.snapshot import Snapshot


@click.command()
@click.argument("pack", type=PackFolder())
@click.argument("file", type=click.File("rb"))
@click.option("--licenses", type=FILE, help="Licences, one JSON object a line.")
@click.option("--parties", type=FILE, help="Party-list entries, one JSON object a line.")
@click.option("--law", type=FILE, help="Law amendments, one JSON object a line.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def impact(
    context: click.Context,
    /,
    pack: Path | None,
    file: BinaryIO,
    as_json: bool,
    **control: Path | None,
) -> None:
    """Screen the events in FILE (- for standard input) under the packaged law and under PACK.

    Lists each item whose result or advice changes, from what to what, with the control codes and reasons that came
    (+) or went (-), then counts. Exit 0 nothing changes, 1 something does or a line could not be read.
    """
    from exportwatch.screening import impact as comparing

    old, new = (
        _snapshot(control, folder, label) for folder, label in ((None, "the packaged law"), (pack, str(pack)))
    )
    account, changed = comparing.Impact(), []
    for number, line in enumerate(file, start=1):
        value = line.strip(b" \t\r\n")
        if not value:
            continue
        decisions = _decisions(value, old, new)
        if decisions is None:
            account.unreadable += 1
            click.echo(f"exportwatch: line {number} cannot be read", err=True)
            continue
        for one in account.count(*decisions):
            changed.append(comparing.as_json(one))
            if not as_json:
                echo(comparing.told(one))
    if as_json:
        packs = [
            {"version": s.reference.rule_pack, "sha256": s.reference.rule_pack_sha256} for s in (old, new)
        ]
        answer = {"packs": packs, "changed": changed, "counts": account.as_json()}
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo("" if not changed else "\n", nl=False)
        echo(account.told())
    if changed or account.unreadable:
        context.exit(FINDING)


def _snapshot(control: dict[str, Path | None], pack: Path | None, label: str) -> "Snapshot":
    """The law with the control events of the files; what cannot be used of them is named on standard error."""
    from exportwatch.commands.screen import snapshot_of
    from exportwatch_events.catalogue import LAW, LICENSES, PARTIES

    topics = {LICENSES: "licenses", PARTIES: "parties", LAW: "law"}
    snapshot, failed = snapshot_of({topic: control[name] for topic, name in topics.items()}, pack)
    if failed:
        click.echo(f"exportwatch: the control events above fail closed under {label}", err=True)
    return snapshot


def _decisions(
    value: bytes, old: "Snapshot", new: "Snapshot"
) -> tuple[dict[str, object], dict[str, object]] | None:
    """The decisions on an event under both laws; None where the line cannot be read."""
    from exportwatch.screening.decide import Decided, screen

    before, after = screen(value, (), old), screen(value, (), new)
    if not isinstance(before, Decided) or not isinstance(after, Decided):
        return None
    return orjson.loads(before.value), orjson.loads(after.value)
