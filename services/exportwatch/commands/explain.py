"""`exportwatch explain`: the decision for each event of a file, told to a person."""

from pathlib import Path
from typing import BinaryIO

import click
import orjson

from exportwatch.commands.screen import answers, control_options, snapshot_of
from exportwatch.errors import FINDING, OK
from exportwatch.screening.explain import explain
from exportwatch_events.catalogue import LAW, LICENSES, PARTIES


@click.command(name="explain")
@click.argument("file", type=click.File("rb"))
@click.option("--document", help="Only the document of this number.")
@control_options
@click.pass_context
def command(
    context: click.Context,
    file: BinaryIO,
    document: str | None,
    licenses: Path | None,
    parties: Path | None,
    law: Path | None,
    pack: Path | None,
) -> None:
    """Explain the decisions for the events in FILE (- for standard input): what each item is, which law on which
    date with its timeline, why, what is missing, what would settle it. FILE has one JSON object a line, or is one
    JSON object."""
    snapshot, failed = snapshot_of({LICENSES: licenses, PARTIES: parties, LAW: law}, pack)
    said = False
    for answer, read in answers(iter(_events(file.read())), snapshot):
        body = orjson.loads(answer)
        if not read:
            failed = True
            click.echo(f"exportwatch: {body['error']['code']}: {body['error']['message']}", err=True)
            continue
        if document is not None and body["document"]["id"] != document:
            continue
        click.echo("\n" if said else "", nl=False)
        click.echo("\n".join(explain(body, snapshot.register)))
        said = True
    if document is not None and not said:
        raise click.UsageError(f'no event of a document "{document}" in the file', context)
    context.exit(FINDING if failed else OK)


def _events(content: bytes) -> list[bytes]:
    """The events of a file: one a line, or one object over several lines."""
    lines = [line for line in content.splitlines() if line.strip()]
    try:
        orjson.loads(lines[0] if lines else b"")
    except orjson.JSONDecodeError:
        return [content]
    return lines
