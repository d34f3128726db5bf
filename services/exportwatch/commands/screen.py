"""`exportwatch screen`: events in, one decision a line out, in the same order; needs no Kafka."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click
import orjson

from exportwatch.errors import FINDING, OK
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, screen
from exportwatch.screening.snapshot import Snapshot
from exportwatch_events.catalogue import LAW, LICENSES, PARTIES

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def control_options(function: click.decorators.FC) -> click.decorators.FC:
    """The files of control events and the folder of the law pack."""
    folder = click.Path(exists=True, file_okay=False, path_type=Path)
    function = click.option("--pack", type=folder, help="A law pack other than the packaged one.")(function)
    function = click.option("--law", type=_FILE, help="Law amendments, one JSON object a line.")(function)
    function = click.option("--parties", type=_FILE, help="Party-list entries, one JSON object a line.")(
        function
    )
    return click.option("--licenses", type=_FILE, help="Licences, one JSON object a line.")(function)


@click.command(name="screen")
@click.argument("file", type=click.File("rb"))
@control_options
@click.pass_context
def command(
    context: click.Context,
    file: BinaryIO,
    licenses: Path | None,
    parties: Path | None,
    law: Path | None,
    pack: Path | None,
) -> None:
    """Screen the events in FILE (- for standard input), one JSON object a line.

    Writes one decision a line in the same order. A line that cannot be read gives {"error": ...} in its place.
    Exit status: 0 all screened, 1 some line could not be read, 2 wrong use.
    """
    snapshot, unreadable = snapshot_of({LICENSES: licenses, PARTIES: parties, LAW: law}, pack)
    out, failed = sys.stdout.buffer, unreadable
    for answer, read in answers(file, snapshot):
        out.write(answer + b"\n")
        failed = failed or not read
    out.flush()
    context.exit(FINDING if failed else OK)


def answers(lines: Iterator[bytes] | BinaryIO, snapshot: Snapshot) -> Iterator[tuple[bytes, bool]]:
    """The answer to each line that is not empty, and whether the line could be read."""
    for number, line in enumerate(lines, start=1):
        value = line.strip(b" \t\r\n")
        if not value:
            continue
        outcome = screen(value, (), snapshot)
        if isinstance(outcome, Decided):
            yield outcome.value, True
            continue
        error = {"code": outcome.code, "message": outcome.message, "line": number}
        yield orjson.dumps({"error": error}), False


def snapshot_of(files: dict[str, Path | None], pack: Path | None) -> tuple[Snapshot, bool]:
    """The snapshot under the control events of the files; true where one of them could not be read.

    An unreadable control event fails closed, as on its topic, and is named on standard error.
    """
    content = ControlContent(load_rules(pack))
    for topic, path in files.items():
        if path is None:
            continue
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            if line.strip():
                content.fold(topic, f"{path.name}:{number}".encode(), line)
    for problem in content.problems:
        click.echo(f"exportwatch: {problem.key}: {problem.message}; {problem.effect}", err=True)
    return content.snapshot(), bool(content.problems)
