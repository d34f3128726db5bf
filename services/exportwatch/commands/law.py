"""`exportwatch law`: check the law pack, show it on a date, draw its timeline; diff, impact and clock stand beside."""

from datetime import date
from pathlib import Path

import click

from exportwatch.commands.law_clock import clock
from exportwatch.commands.law_diff import diff
from exportwatch.commands.law_impact import impact
from exportwatch.commands.law_options import Day, echo, law_option, pack_option, rules, today
from exportwatch.errors import FINDING, ConfigError, did_you_mean
from exportwatch.law import timeline as drawing
from exportwatch.law.load import read_pack
from exportwatch.law.model import Instrument
from exportwatch.law.register import LawRegister


@click.group(name="law")
def command() -> None:
    """Check the law pack, show it on a date, draw it, compare it; the clock of applications."""


@command.command()
@pack_option
@click.pass_context
def check(context: click.Context, pack: Path | None) -> None:
    """Find what is wrong with a law pack; exit 1 where something is."""
    from exportwatch.classification.item import valid_cas
    from exportwatch.classification.thresholds import compile_checked
    from exportwatch.law.lint import lint

    reading = read_pack(pack)
    problems = lint(reading, compile_checked, lambda number: valid_cas(number.replace("-", "")))
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
@law_option
@click.pass_context
def show(
    context: click.Context, instrument: str | None, on: date | None, pack: Path | None, law: Path | None
) -> None:
    """The status of every limb on a day and when it was last confirmed, or all that is known of one INSTRUMENT.

    Exit 1 where an amendment could not be used.
    """
    loaded, register, failed = rules(pack, law)
    day = on or today()
    if instrument is None:
        click.echo(f"law pack {loaded.version}{_amended(law)} on {day} (China)\n")
        echo(drawing.table(register, day))
    else:
        echo(drawing.detail(register, _named(register, instrument, loaded.version), day))
    if failed:
        context.exit(FINDING)


@command.command()
@click.option("--from", "first", type=Day(), help="First day of the drawing.")
@click.option("--to", "last", type=Day(), help="Last day of the drawing.")
@click.option("--on", type=Day(), help="Mark a day and name what is unconfirmed on it.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write one HTML file instead.")
@pack_option
@law_option
@click.pass_context
def timeline(
    context: click.Context,
    /,
    first: date | None,
    last: date | None,
    on: date | None,
    html: Path | None,
    **law: Path | None,
) -> None:
    """Draw when each limb was in force, suspended, or unconfirmed.

    Exit 1 where an amendment could not be used.
    """
    if first and last and first >= last:
        raise click.BadParameter("the first day is not before the last", param_hint="--from")
    loaded, register, failed = rules(law["pack"], law["law"])
    scale = drawing.scale_of(register, first, last)
    if html is None:
        echo(drawing.draw(register, scale, on))
    else:
        from exportwatch.law.page import page

        version = f"{loaded.version} (sha256 {loaded.sha256[:16]}){_amended(law['law'])}"
        _written(html, page(register, scale, version, on))
    if failed:
        context.exit(FINDING)


command.add_command(diff)
command.add_command(impact)
command.add_command(clock)


def _amended(law: Path | None) -> str:
    return f" with the amendments of {law.name}" if law else ""


def _written(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", file=str(file)) from error


def _named(register: LawRegister, instrument_id: str, version: str) -> Instrument:
    found = register.instrument(instrument_id)
    if found is not None:
        return found
    hint = did_you_mean(instrument_id, register.instruments) or "`exportwatch law show` lists them"
    raise ConfigError(f'no instrument "{instrument_id}" in law pack {version}', hint=hint)
