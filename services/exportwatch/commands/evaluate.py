"""`exportwatch evaluate`: how right the decisions are on sets of cases."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import orjson

from exportwatch.errors import FINDING, OK
from exportwatch.evaluation.measure import KINDS, Account, Evaluator, Run
from exportwatch.evaluation.under_noise import Change, NoiseAccount, under_noise
from exportwatch.screening.control import load_rules

_TITLES = {
    "false_clears": "false clears",
    "over_alerts": "over-alerts",
    "wrong_license_type": "wrong type",
    "conflicts_missed": "conflicts missed",
    "otherwise": "otherwise",
}


@click.command(name="evaluate")
@click.argument("cases", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The account as one JSON object.")
@click.option(
    "--noise", is_flag=True, help="Also with the descriptions written another way: what changes then."
)
@click.option(
    "--pack",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A law pack other than the packaged one.",
)
@click.pass_context
def command(
    context: click.Context, cases: tuple[Path, ...], as_json: bool, noise: bool, pack: Path | None
) -> None:
    """Run CASES (files of cases, or folders of them) and say how right the decisions are, a set at a time.

    A case is as in tests/law/cases/*.yaml, or a line {"event": …, "expect": …} of a .jsonl file. Exit status: 0 all
    exact, 1 some came out otherwise or were let go under noise, 2 wrong use or a file that is none of cases.
    """
    evaluator = Evaluator(load_rules(pack))
    accounts = list(evaluator.accounts(cases))
    noises = under_noise(evaluator, cases) if noise else []
    total = Account("total", tuple(run for account in accounts for run in account.runs))
    if as_json:
        body: dict[str, Any] = {"sets": [_json(account) for account in accounts], "total": _json(total)}
        if noise:
            body["noise"] = [_noise_json(account) for account in noises]
        click.echo(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo("\n".join(_table([*accounts, total])))
        for account in accounts:
            click.echo("\n".join(_named(account)), nl=any(not run.exact for run in account.runs))
        if noise:
            click.echo("\n".join(["", *_noise_table(noises), *_let_go(noises)]))
    lost = any(account.let_go for account in noises)
    context.exit(OK if total.exact == len(total.runs) and not lost else FINDING)


def _table(accounts: Sequence[Account]) -> list[str]:
    rows = [["set", "cases", "exact", *(_TITLES[kind] for kind in KINDS), "marked"]]
    rows += [
        [a.name, str(len(a.runs)), str(a.exact), *(str(len(a.of(kind))) for kind in KINDS), str(a.marked)]
        for a in accounts
    ]
    return _aligned(rows)


def _noise_table(accounts: Sequence[NoiseAccount]) -> list[str]:
    rows = [["written", "cases", "another result", "in %", "of these, let go"]]
    rows += [
        [a.way, str(a.varied), str(len(a.changes)), _percent(len(a.changes), a.varied), str(len(a.let_go))]
        for a in accounts
    ]
    return _aligned(rows)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "-"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows of a table: the first column to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]


def _let_go(accounts: Sequence[NoiseAccount]) -> list[str]:
    """Each case that noise let go, by its set and name."""
    return [
        f"{account.way}: {change.case} ({', '.join(change.before)} became {', '.join(change.after)})"
        for account in accounts
        for change in account.let_go
    ]


def _named(account: Account) -> list[str]:
    """Each case of the set that did not come out exactly, with how and in which words."""
    lines = []
    for run in account.runs:
        if not run.exact:
            known = ", marked" if run.marked else ""
            kinds = ", ".join(_TITLES[kind] for kind in KINDS if kind in run.kinds)
            lines.append(f"\n{account.name}: {run.name} ({kinds}; confidence {run.confidence}{known})")
            lines += [f"  {difference}" for difference in run.wrong]
    return lines


def _json(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "cases": len(account.runs),
        "exact": account.exact,
        "marked": account.marked,
        **{kind: [_run(run) for run in account.of(kind)] for kind in KINDS},
    }


def _run(run: Run) -> dict[str, Any]:
    return {"name": run.name, "confidence": run.confidence, "marked": run.marked, "differences": run.wrong}


def _noise_json(account: NoiseAccount) -> dict[str, Any]:
    changes = [_change(change) for change in account.changes]
    return {"way": account.way, "varied": account.varied, "changed": len(changes), "changes": changes}


def _change(change: Change) -> dict[str, Any]:
    return {"case": change.case, "before": change.before, "after": change.after, "let_go": change.let_go}
