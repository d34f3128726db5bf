"""`exportwatch law diff`: two law packs compared in words."""

import textwrap
from collections.abc import Iterator
from pathlib import Path

import click

from exportwatch.commands.law_options import PackFolder, echo
from exportwatch.errors import FINDING
from exportwatch.law.compare import Difference, compare
from exportwatch.law.load import RulePack, load_pack
from exportwatch.law.timeline import COLUMNS


@click.command()
@click.argument("a", type=PackFolder())
@click.argument("b", type=PackFolder())
@click.pass_context
def diff(context: click.Context, a: Path | None, b: Path | None) -> None:
    """What is different in law pack B: added (+), removed (-), changed (~).

    A and B are folders, or "packaged" for the pack that comes with exportwatch. Exit 0 equal, 1 different.
    """
    old, new = load_pack(a), load_pack(b)
    echo([f"A  {_named(old)}", f"B  {_named(new)}", ""])
    found = compare(old, new)
    for difference in found:
        echo(_told(difference))
    if not found:
        same = old.sha256 == new.sha256
        echo(["the packs are equal" if same else "the packs say the same; only comments or layout differ"])
        return
    echo(["", f"{len(found)} differences"])
    context.exit(FINDING)


def _named(pack: RulePack) -> str:
    return f"law pack {pack.version}, sha256 {pack.sha256[:16]}"


def _told(difference: Difference) -> Iterator[str]:
    yield from textwrap.wrap(f"{difference.sign} {difference.subject}", COLUMNS, subsequent_indent="  ")
    for detail in difference.details:
        yield from textwrap.wrap(detail, COLUMNS, initial_indent="    ", subsequent_indent="      ")
