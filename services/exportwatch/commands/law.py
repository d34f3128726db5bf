"""`exportwatch law`: check the law pack, show it on a date, draw its timeline."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from exportwatch.errors import FINDING, ConfigError, did_you_mean
from exportwatch.law import timeline as drawing
from exportwatch.law.load import RulePack, load_pack, read_pack
from exportwatch.law.model import Instrument

CHINA = ZoneInfo("Asia/Shanghai")


class Day(click.ParamType):  # type: ignore[type-arg]  # generic in the stubs only
    """A day, `YYYY-MM-DD`."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.fail(f'"{value}" is not a day; expected YYYY-MM-DD', param, ctx)


def pack_option(function: click.decorators.FC) -> click.decorators.FC:
    folder = click.Path(exists=True, file_okay=False, path_type=Path)
    return click.option("--pack", type=folder, help="A law pack other than the packaged one.")(function)


@click.group(name="law")
def command() -> None:
    """Check the law pack, show it on a date, draw its timeline."""


@command.command()
@pack_option
@click.pass_context
def check(context: click.Context, pack: Path | None) -> None:
    """Find what is wrong with a law pack; exit 1 where something is."""
    from exportwatch.classification.item import valid_cas
    from exportwatch.law.entries import compile_entry
    from exportwatch.law.lint import lint

    reading = read_pack(pack)
    problems = lint(reading, compile_entry, lambda number: valid_cas(number.replace("-", "")))
    for problem in problems:
        click.echo(str(problem))
    limbs = sum(len(instrument.limbs) for instrument in reading.instruments)
    entries = sum(len(instrument.entries) for instrument in reading.instruments)
    content = f"{len(reading.instruments)} instruments, {limbs} limbs, {entries} entries"
    click.echo(f"law pack {reading.sources.version}: {content}, sha256 {reading.sha256[:16]}")
    click.echo(f"{len(problems)} problems" if problems else "no problems")
    if problems:
        context.exit(FINDING)


@command.command()
@click.argument("instrument", required=False)
@click.option("--on", type=Day(), help="The day in question; default: today in China.")
@pack_option
def show(instrument: str | None, on: date | None, pack: Path | None) -> None:
    """The status of every limb on a day, or all that is known of one INSTRUMENT."""
    loaded = load_pack(pack)
    day = on or datetime.now(CHINA).date()
    if instrument is None:
        click.echo(f"law pack {loaded.version} on {day} (China)\n")
        _echo(drawing.table(loaded.register, day))
    else:
        _echo(drawing.detail(loaded.register, _named(loaded, instrument), day))


@command.command()
@click.option("--from", "first", type=Day(), help="First day of the drawing.")
@click.option("--to", "last", type=Day(), help="Last day of the drawing.")
@click.option("--on", type=Day(), help="Mark a day and name what is unconfirmed on it.")
@pack_option
def timeline(first: date | None, last: date | None, on: date | None, pack: Path | None) -> None:
    """Draw when each limb was in force, suspended, or unconfirmed."""
    if first and last and first >= last:
        raise click.BadParameter("the first day is not before the last", param_hint="--from")
    register = load_pack(pack).register
    _echo(drawing.draw(register, drawing.scale_of(register, first, last), on))


def _named(pack: RulePack, instrument_id: str) -> Instrument:
    known = pack.register.instruments
    if instrument_id in known:
        return known[instrument_id]
    hint = did_you_mean(instrument_id, known) or "`exportwatch law show` lists them"
    raise ConfigError(f'no instrument "{instrument_id}" in law pack {pack.version}', hint=hint)


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
