"""`exportwatch explain`: the decision for each event of a file, told to a person, or as a dossier for the case file."""

from pathlib import Path
from typing import BinaryIO

import click
import orjson

from exportwatch.commands.screen import answers, control_options, snapshot_of
from exportwatch.errors import FINDING, OK, ConfigError
from exportwatch.screening.control import load_rules
from exportwatch.screening.dossier import dossier_of
from exportwatch.screening.dossier_page import page
from exportwatch.screening.explain import explain
from exportwatch_events.catalogue import LAW, LICENSES, PARTIES


@click.command(name="explain")
@click.argument("file", type=click.File("rb"))
@click.option("--document", help="Only the document of this number.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page for the case file there instead: it needs nothing beside itself.",
)
@control_options
@click.pass_context
def command(
    context: click.Context,
    /,
    file: BinaryIO,
    document: str | None,
    html: Path | None,
    **controls: Path | None,
) -> None:
    """Explain the decisions for the events in FILE (- for standard input): what each item is, which law on which
    date with its timeline, why, what is missing, what would settle it. FILE has one JSON object a line, or is one
    JSON object."""
    topics = {LICENSES: controls["licenses"], PARTIES: controls["parties"], LAW: controls["law"]}
    snapshot, failed = snapshot_of(topics, controls["pack"])
    told = []
    for answer, read in answers(iter(_events(file.read())), snapshot):
        body = orjson.loads(answer)
        if not read:
            failed = True
            click.echo(f"exportwatch: {body['error']['code']}: {body['error']['message']}", err=True)
        elif document is None or body["document"]["id"] == document:
            told.append(body)
    if document is not None and not told:
        raise click.UsageError(f'no event of a document "{document}" in the file', context)
    if html is not None:
        if told:
            _write(
                html,
                page([dossier_of(b, snapshot.register) for b in told], load_rules(controls["pack"]).sources),
            )
    else:
        click.echo("\n\n".join("\n".join(explain(body, snapshot.register)) for body in told), nl=bool(told))
    context.exit(FINDING if failed else OK)


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", file=str(path)) from error
    click.echo(f"written to {path}")


def _events(content: bytes) -> list[bytes]:
    """The events of a file: one a line, or one object over several lines."""
    lines = [line for line in content.splitlines() if line.strip()]
    try:
        orjson.loads(lines[0] if lines else b"")
    except orjson.JSONDecodeError:
        return [content]
    return lines
