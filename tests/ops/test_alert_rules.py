"""The alert rules by promtool: each one fires, holds still and resolves, and has a runbook that keeps its promises."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from exportwatch import cli
from exportwatch.reconcile.report import LostStretch, Report
from exportwatch.streaming.partitions import TP

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy/prometheus/rules"
RUNBOOKS = ROOT / "deploy/runbooks"
CASES: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("alert_cases.yaml").read_text())
# What is kept of the labels; nothing where there is no `by`.
AGGREGATED = re.compile(r"\b(?:sum|max|min|count|group|avg|absent)\s*(?:by\s*\(([^)]*)\)\s*)?\(")
PROMTOOL = shutil.which("promtool")


def rules(path: Path = RULES) -> list[Mapping[str, Any]]:
    return [
        rule
        for file in sorted(path.glob("*.yaml"))
        for group in yaml.safe_load(file.read_text())["groups"]
        for rule in group["rules"]
    ]


ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}


def cases(name: str) -> list[Mapping[str, Any]]:
    """Most alerts have one case; one that means several things has a list."""
    found = CASES[name]
    return found if isinstance(found, list) else [found]


EACH_CASE = [
    pytest.param(name, case, id=f"{name}-{number}" if number else name)
    for name in sorted(CASES)
    for number, case in enumerate(cases(name))
]


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert PROMTOOL is not None, "promtool is missing (Debian package prometheus)"
    return subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, check=False)


def minutes(text: str) -> float:
    return float(text[:-1]) * {"m": 1, "h": 60}[text[-1]]


def as_promtool_wants_it(name: str, case: Mapping[str, Any]) -> dict[str, Any]:
    """A test file of promtool's: the alert at each of the case's moments."""
    severity = ALERTS[name]["labels"]["severity"]
    expected: dict[str, list[Mapping[str, str]]] = {
        **{at: [] for at in case["quiet"]},
        **case["firing"],
        **{at: [] for at in case["quiet_again"]},
    }
    tests = [
        {
            "expr": f'ALERTS{{alertname="{name}",alertstate="firing"}}',
            "eval_time": at,
            "exp_samples": [
                {
                    "labels": "ALERTS{"
                    + ",".join(
                        f'{label}="{value}"'
                        for label, value in {
                            "alertname": name,
                            "alertstate": "firing",
                            "severity": severity,
                            **labels,
                        }.items()
                    )
                    + "}",
                    "value": 1,
                }
                for labels in firing
            ],
        }
        for at, firing in expected.items()
    ]
    interval = case.get("interval", "1m")
    return {
        "rule_files": [str(file) for file in sorted(RULES.glob("*.yaml"))],
        "evaluation_interval": interval,
        "tests": [
            {
                "interval": interval,
                "input_series": [{"series": s, "values": v} for s, v in case["series"].items()],
                "promql_expr_test": tests,
            }
        ],
    }


def test_promtool_finds_nothing_wrong_with_the_rules() -> None:
    found = promtool("check", "rules", *map(str, sorted(RULES.glob("*.yaml"))))
    assert found.returncode == 0, found.stderr


def test_promtool_finds_a_rule_that_cannot_be_read(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("groups: [{name: a, rules: [{alert: A, expr: 'sum by (rate(x[5m])'}]}]")
    assert promtool("check", "rules", str(bad)).returncode != 0


@pytest.mark.parametrize(("name", "case"), EACH_CASE)
def test_an_alert_holds_still_then_fires_then_resolves(
    name: str, case: Mapping[str, Any], tmp_path: Path
) -> None:
    assert case["quiet"], "it must be shown to hold still"
    assert any(case["firing"].values()), "it must be shown to fire"
    assert case["quiet_again"], "it must be shown to resolve"
    assert max(map(minutes, case["firing"])) < min(map(minutes, case["quiet_again"]))
    file = tmp_path / "case.yaml"
    file.write_text(yaml.safe_dump(as_promtool_wants_it(name, case)))
    found = promtool("test", "rules", str(file))
    assert found.returncode == 0, found.stdout + found.stderr


def test_a_case_that_expects_something_else_fails(tmp_path: Path) -> None:
    case = dict(CASES["ExportwatchPartitionPaused"])
    file = tmp_path / "case.yaml"
    file.write_text(
        yaml.safe_dump(as_promtool_wants_it("ExportwatchPartitionPaused", {**case, "firing": {"10m": []}}))
    )
    assert promtool("test", "rules", str(file)).returncode != 0


def test_there_are_cases_for_the_alerts_that_there_are() -> None:
    assert CASES.keys() == ALERTS.keys()


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_an_alert_says_how_grave_it_is_what_it_means_and_what_to_do(name: str) -> None:
    rule = ALERTS[name]
    assert rule["labels"].keys() == {"severity"}
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}
    assert (ROOT / rule["annotations"]["runbook_url"]).is_file()
    assert rule["annotations"]["runbook_url"].endswith(f"/{name}.md")


def test_every_runbook_belongs_to_an_alert() -> None:
    assert {file.stem for file in RUNBOOKS.glob("Exportwatch*.md")} == ALERTS.keys()


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_a_runbook_has_its_four_parts(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text()
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Meaning", "Impact", "Diagnosis", "Mitigation"]
    assert text.startswith(f"# {name}\n")


def test_no_rule_lets_one_namespace_hide_another() -> None:
    for rule in rules():
        for kept in AGGREGATED.findall(rule["expr"]):
            assert "namespace" in kept, f"{rule.get('alert') or rule['record']}: {rule['expr']}"


@pytest.mark.parametrize(
    "expr", ["sum(a) > 0", "max by (topic) (a)", "count(count by (namespace) (a))", "absent(a)"]
)
def test_a_rule_that_lets_one_namespace_hide_another_is_found(expr: str) -> None:
    assert any("namespace" not in kept for kept in AGGREGATED.findall(expr))


def test_the_rules_use_only_metrics_that_exist() -> None:
    from exportwatch.streaming import canary_metrics, law_metrics, metrics

    del canary_metrics, law_metrics
    known = {family.name for family in metrics.REGISTRY.collect()}
    for rule in rules():
        for name in re.findall(r"\bexportwatch_[a-z0-9_]+", rule["expr"]):
            family = re.sub(r"_(?:total|bucket|count|sum)$", "", name)
            assert name in known or family in known, f"{rule.get('alert') or rule['record']}: {name}"


def fenced(language: str) -> list[tuple[str, str]]:
    """Runbook and content of each fenced block of a language."""
    return [
        (file.name, block.strip())
        for file in sorted(RUNBOOKS.glob("*.md"))
        for block in re.findall(rf"^```{language}\n(.*?)^```", file.read_text(), re.MULTILINE | re.DOTALL)
    ]


def check_command(line: str) -> None:
    """Raises click.ClickException where the command line of exportwatch does not know such a command."""
    words = shlex.split(line)
    assert words[0] == "exportwatch"
    found: click.Command = cli.group
    context = click.Context(found, info_name="exportwatch")
    words = words[1:]
    while isinstance(found, click.Group):
        name, command, words = found.resolve_command(context, words)
        assert command is not None
        found, context = command, click.Context(command, info_name=name, parent=context)
    found.make_context(context.info_name, list(words), parent=context.parent)


@pytest.mark.parametrize(("file", "line"), [(f, line) for f, b in fenced("sh") for line in b.splitlines()])
def test_a_command_of_a_runbook_exists(file: str, line: str) -> None:
    del file
    check_command(line)


@pytest.mark.parametrize("line", ["exportwatch quarantine pardon", "exportwatch topics diff --loudly"])
def test_a_command_that_does_not_exist_is_found_out(line: str) -> None:
    with pytest.raises(click.ClickException):
        check_command(line)


def test_the_runbook_of_lost_records_asks_what_tells_of_accepted_gaps() -> None:
    lost = LostStretch(TP("erp.shipments.v1", 3), 40, 60, accepted=True)
    (said,) = [line for line in Report(date(2026, 1, 1), lost=[lost]).lines() if "deleted" in line]
    runbook = (RUNBOOKS / "ExportwatchRecordsLostToRetention.md").read_text()
    assert f"`{said.partition(':')[0]}`" in runbook
    asked = [block for file, block in fenced("sh") if file == "ExportwatchRecordsLostToRetention.md"]
    assert asked == ["exportwatch reconcile", "exportwatch config show"]


def test_promtool_can_read_the_queries_of_the_runbooks(tmp_path: Path) -> None:
    queries = fenced("promql")
    assert queries
    file = tmp_path / "queries.yaml"
    recorded = [{"record": f"q:{n}", "expr": query} for n, (_, query) in enumerate(queries)]
    file.write_text(yaml.safe_dump({"groups": [{"name": "runbooks", "rules": recorded}]}))
    found = promtool("check", "rules", str(file))
    assert found.returncode == 0, found.stderr
