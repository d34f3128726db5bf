"""`exportwatch law clock`: applications that wait for the authority, and by when it must decide."""

from datetime import date
from pathlib import Path

import click

from exportwatch.commands.law_options import FILE, Day, echo, today
from exportwatch.errors import FINDING


@click.command()
@click.option("--licenses", type=FILE, required=True, help="Licences, one JSON object a line.")
@click.option("--on", type=Day(), help="The day in question; default: today in China.")
@click.pass_context
def clock(context: click.Context, licenses: Path, on: date | None) -> None:
    """Applications with their age in Chinese working days, the limit and the day on which the authority must decide.

    Exit 1 where one is overdue or a line could not be read.
    """
    from exportwatch.screening.licenses import Licenses
    from exportwatch.screening.waiting import applications, listed
    from exportwatch_events.control import License, read_license

    day, read, failed = on or today(), [], False
    for number, line in enumerate(licenses.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        event = read_license(line)
        if isinstance(event, License):
            read.append(event)
        else:
            failed = True
            click.echo(f"exportwatch: {licenses.name}:{number}: {event.message}; left out", err=True)
    found = applications(Licenses(read), day)
    echo(listed(found, day))
    if failed or any(one.overdue for one in found):
        context.exit(FINDING)
