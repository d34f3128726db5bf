"""What the subcommands of `exportwatch law` share: days, packs, amendments of a file, lines to the terminal."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from exportwatch.law.load import RulePack
from exportwatch.law.register import LawRegister

PACKAGED_NAME = "packaged"
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_CHINA = ZoneInfo("Asia/Shanghai")


class Day(click.ParamType):  # type: ignore[type-arg]  # generic in the stubs only
    """A day, `YYYY-MM-DD`."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.fail(f'"{value}" is not a day; expected YYYY-MM-DD', param, ctx)


class PackFolder(click.ParamType):  # type: ignore[type-arg]  # generic in the stubs only
    """The folder of a law pack, or `packaged` for the one that comes with exportwatch (None)."""

    name = "pack"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path | None:
        if value == PACKAGED_NAME:
            return None
        folder: Path = _FOLDER.convert(str(value), param, ctx)
        return folder


def pack_option(function: click.decorators.FC) -> click.decorators.FC:
    return click.option("--pack", type=_FOLDER, help="A law pack other than the packaged one.")(function)


def law_option(function: click.decorators.FC) -> click.decorators.FC:
    return click.option("--law", type=FILE, help="Law amendments, one JSON object a line.")(function)


def today() -> date:
    """The day in China."""
    return datetime.now(_CHINA).date()


def rules(pack: Path | None, law: Path | None) -> tuple[RulePack, LawRegister, bool]:
    """A pack, its register under the amendments of a file, and whether one of them could not be used.

    Each that could not is named on standard error.
    """
    from exportwatch.screening.control import load_rules
    from exportwatch_events.control import LawAmendment, read_law

    loaded = load_rules(pack)
    if law is None:
        return loaded, loaded.register, False
    amendments, unreadable, problems = [], [], []
    for number, line in enumerate(law.read_bytes().splitlines(), start=1):
        event = read_law(line) if line.strip() else None
        if isinstance(event, LawAmendment):
            amendments.append(event)
        elif event is not None:
            unreadable.append(event.identity.instrument_id)
            named = event.identity.instrument_id or "every instrument"
            problems.append(f"{law.name}:{number}: {event.message}; {named} is unconfirmed")
    register = loaded.register.amended(amendments, unreadable)
    problems += [f"{problem.instrument_id}: {problem.text}" for problem in register.problems]
    for text in problems:
        click.echo(f"exportwatch: {text}", err=True)
    return loaded, register, bool(problems)


def echo(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
