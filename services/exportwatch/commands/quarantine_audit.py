"""Who does what to quarantined records: what the marker in the topic says, and the line on the terminal."""

import os
import pwd
import shlex
from datetime import UTC, datetime
from typing import Any

import click
import orjson
from click.core import ParameterSource

from exportwatch.quarantine.entries import Done
from exportwatch.streaming.wire import Marker


def done_by(ctx: click.Context, marker: Marker, reason: str | None = None) -> Done:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Done(marker, operator(), now, command_line(ctx), reason)


def operator() -> str:
    """Name of the user of the operating system that runs this process; its number where it has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def command_line(ctx: click.Context) -> str:
    """The command as it was given, without the reason, which stands beside it."""
    words = ["quarantine", ctx.info_name or ""]
    for parameter in ctx.command.params:
        if ctx.get_parameter_source(parameter.name or "") is not ParameterSource.COMMANDLINE:
            continue
        if parameter.name != "reason":
            words += _words(parameter, ctx.params[parameter.name or ""])
    return shlex.join(words)


def _words(parameter: click.Parameter, value: Any) -> list[str]:
    values = [str(one) for one in value] if isinstance(value, tuple) else [str(value)]
    if isinstance(parameter, click.Argument):
        return values
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return [parameter.opts[0]]
    return [word for one in values for word in (parameter.opts[0], one)]


def audit(done: Done, count: int) -> None:
    """One line for whoever keeps the terminal's output; ids stand in the marker and above it."""
    line = {"audit": done.marker, "records": count, "by": done.by, "at": done.at, "command": done.command}
    click.echo(orjson.dumps(line).decode())
