"""`exportwatch articles`: which lines of an article master would raise an alert."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click
import orjson

from exportwatch.commands.law_options import Day, pack_option, today
from exportwatch.errors import FINDING, OK
from exportwatch.evaluation.articles import ArticleAccount, Flagged, Screener, total
from exportwatch.screening.control import load_rules
from exportwatch_events.catalogue import HOLD_OF, Hold, Result

ADVICE = {
    "licence or prohibited": frozenset([Result.LICENSE_REQUIRED, Result.PROHIBITED]),
    "review": frozenset([Result.REVIEW]),
    "monitor": frozenset([Result.SUSPENDED, Result.NOT_YET_EFFECTIVE]),
}
SHOWN = 160  # characters of a description
WORDS = 3  # pieces of evidence named with a line
_PLACES = {False: "outside the headings that a list names", True: "under such headings"}


@click.command(name="articles")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--on", type=Day(), help="The day of shipment; default: today in China.")
@click.option("--json", "as_json", is_flag=True, help="The account as one JSON object.")
@pack_option
@click.pass_context
def command(
    context: click.Context, files: tuple[Path, ...], on: date | None, as_json: bool, pack: Path | None
) -> None:
    """Say which lines of an article master would raise an alert, and why.

    FILES: .csv or .tsv with a header (description; optionally hs_code, material_no, cas, grade, model, form), .jsonl
    with these fields, or any other file with one description a line. Each line is screened alone, as civil goods from
    China to a civil user. Exit status: 0 nothing needs a licence or a person, 1 some line does, 2 wrong use.
    """
    screener = Screener(load_rules(pack), on or today())
    accounts = [screener.account(path) for path in files]
    if as_json:
        body = {"sets": [_json(account) for account in accounts], "total": _counts(total(accounts))}
        click.echo(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo("\n".join(_told(accounts)))
    held = any(HOLD_OF[f.result] is not Hold.RELEASE for account in accounts for f in account.flagged)
    context.exit(FINDING if held else OK)


def _told(accounts: Sequence[ArticleAccount]) -> list[str]:
    shown = [*accounts, total(accounts)] if len(accounts) > 1 else accounts
    lines = []
    for account in shown:
        lines.append(account.name)
        for listed, where in _PLACES.items():
            if account.lines[listed]:
                lines.append(f"  {where}: {_shares(account, listed)}")
    for account in accounts:
        for flagged in account.flagged:
            lines += ["", *_named(account.name, flagged)]
    return lines


def _shares(account: ArticleAccount, listed: bool) -> str:
    whole = account.lines[listed]
    counted = [(name, _count(account, name, listed)) for name in ADVICE]
    return f"{whole} lines, " + ", ".join(f"{name} {n} ({100 * n / whole:.2f} %)" for name, n in counted)


def _count(account: ArticleAccount, advice: str, listed: bool) -> int:
    return sum(f.result in ADVICE[advice] and f.listed_heading is listed for f in account.flagged)


def _named(file: str, flagged: Flagged) -> list[str]:
    item = flagged.article.item
    text = str(item["description"])
    place = " ".join(
        str(part)
        for part in (f"{file}:{flagged.article.line}", item.get("material_no"), item.get("hs_code"))
        if part
    )
    found = ", ".join(f'"{word}"' for word in flagged.found[:WORDS]) or "its customs code"
    return [
        f"{place}: {flagged.result} as {', '.join(flagged.codes) or 'nothing listed'}, by {found}",
        f"  {text[:SHOWN]}{'…' if len(text) > SHOWN else ''}",
        *(f"  {why}" for why in flagged.why),
    ]


def _json(account: ArticleAccount) -> dict[str, Any]:
    return {**_counts(account), "flagged": [_flagged(flagged) for flagged in account.flagged]}


def _counts(account: ArticleAccount) -> dict[str, Any]:
    counts = {
        place: {
            "lines": account.lines[listed],
            **{name.replace(" ", "_"): _count(account, name, listed) for name in ADVICE},
        }
        for listed, place in ((False, "outside_listed_headings"), (True, "under_listed_headings"))
    }
    return {"name": account.name, **counts}


def _flagged(flagged: Flagged) -> dict[str, Any]:
    return {
        "line": flagged.article.line,
        "item": dict(flagged.article.item),
        "result": flagged.result,
        "control_codes": flagged.codes,
        "found": flagged.found,
        "why": flagged.why,
        "under_listed_heading": flagged.listed_heading,
    }
