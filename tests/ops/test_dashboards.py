"""The dashboards are what the generator writes, keep the rules of Grafana's linter, and show every metric there is."""

import copy
import runpy
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from dashboard_queries import ROOT, Dashboard, Selector, dashboards, panels, put_in, selectors
from dashboard_rules import ANY_VALUES, RULES, complaints, excepted, exceptions, is_promql

from exportwatch.streaming import metrics

GRAFANA = ROOT / "deploy/grafana"
BOARDS = dashboards()
SERIES = ("_total", "_bucket", "_count", "_sum", "")
NOT_SHOWN = {
    "process_virtual_memory_bytes": "what a process reserves says nothing about what it uses",
    "process_start_time_seconds": "exportwatch_worker_start_timestamp_seconds says it with the service",
}
# Not ours: kafka_exporter's, and what Prometheus makes of rules.
FOREIGN = {"kafka_consumergroup_lag", "ALERTS"}


def asked(dashboard: Dashboard) -> list[Selector]:
    """All that its panels, annotations and variables select."""
    expressions = [target["expr"] for panel in panels(dashboard) for target in panel["targets"]]
    expressions += [one["expr"] for one in dashboard["annotations"]["list"]]
    return [selector for expr in expressions for selector in selectors(expr)]


def catalogue() -> Mapping[str, set[str]]:
    """Every family of metrics with its labels, after each function of the catalogue was called."""
    runpy.run_path(str(ROOT / "checks/promtool.py"))["everything"]()
    return {one.name: set(one.samples[0].labels) for one in metrics.REGISTRY.collect()}


def family(name: str, known: set[str]) -> str | None:
    """The family of the catalogue that a series' name belongs to."""
    return next((f for end in SERIES if (f := name.removesuffix(end)) in known and name.endswith(end)), None)


# -- the generator -------------------------------------------------------------------------------------------


def generate(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(GRAFANA / "generate.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_committed_files_are_what_the_generator_writes() -> None:
    found = generate("--check")
    assert found.returncode == 0, found.stderr


def test_a_file_that_was_edited_by_hand_is_found_out_and_written_anew(tmp_path: Path) -> None:
    assert generate("--to", str(tmp_path)).returncode == 0
    assert generate("--to", str(tmp_path), "--check").returncode == 0
    edited = tmp_path / "dashboards/law.json"
    whole = edited.read_text()
    edited.write_text(whole.replace("exportwatch-law", "law"))
    found = generate("--to", str(tmp_path), "--check")
    assert found.returncode == 1
    assert "dashboards/law.json" in found.stderr
    assert edited.read_text() != whole
    generate("--to", str(tmp_path))
    assert edited.read_text() == whole


def test_links_lead_where_the_operator_says_that_the_runbooks_are(tmp_path: Path) -> None:
    generate("--to", str(tmp_path), "--runbooks", "https://wiki.example/books")
    assert "https://wiki.example/books" in (tmp_path / "dashboards/overview.json").read_text()


def test_provisioning_names_the_folder_and_a_data_source_that_nobody_edits() -> None:
    (source,) = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yaml").read_text())[
        "datasources"
    ]
    (folder,) = yaml.safe_load((GRAFANA / "provisioning/dashboards/exportwatch.yaml").read_text())[
        "providers"
    ]
    assert (source["type"], source["editable"]) == ("prometheus", False)
    assert (folder["type"], folder["allowUiUpdates"]) == ("file", False)


# -- the rules of Grafana's linter ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", BOARDS)
def test_a_dashboard_keeps_the_rules_of_grafanas_linter(name: str) -> None:
    assert complaints(BOARDS[name], exceptions()) == []


@pytest.mark.parametrize("name", exceptions())
def test_an_exception_is_needed_and_has_a_reason(name: str) -> None:
    assert exceptions()[name]["reason"]
    needed = {(board["title"], title) for board in BOARDS.values() for title, _ in RULES[name](board)}
    assert excepted(name, exceptions()) == needed


def variable(board: Any, name: str) -> Any:
    return next(one for one in board["templating"]["list"] if one["name"] == name)


def change(**values: Any) -> Callable[[Any], None]:
    """Of the first panel that is not a row."""
    return lambda board: next(panels(board)).update(values)


def ask(expr: str) -> Callable[[Any], None]:
    return lambda board: next(panels(board))["targets"][0].update(expr=expr)


CHOSEN = 'job=~"$job",instance=~"$instance"'
BAD: Mapping[str, list[Callable[[Any], None]]] = {
    "template-datasource-rule": [
        lambda board: variable(board, "datasource").update(name="prom"),
        lambda board: board["templating"]["list"].remove(variable(board, "datasource")),
    ],
    "template-job-rule": [
        lambda board: variable(board, "job").update(allValue=".*"),
        lambda board: variable(board, "job").update(multi=False),
        lambda board: variable(board, "job").update(datasource={"uid": "prometheus"}),
    ],
    "template-instance-rule": [
        lambda board: board["templating"]["list"].remove(variable(board, "instance")),
        lambda board: variable(board, "instance").update(label="worker"),
    ],
    "template-label-promql-rule": [
        lambda board: variable(board, "job").update(query="label_value(exportwatch_build_info, job)"),
        lambda board: variable(board, "job").update(query="label_values(exportwatch_build_info{, job)"),
    ],
    "template-on-time-change-reload-rule": [lambda board: variable(board, "job").update(refresh=1)],
    "panel-datasource-rule": [
        change(datasource={"type": "prometheus", "uid": "exportwatch-prometheus"}),
        lambda board: next(panels(board))["targets"][0].update(datasource={"uid": "other"}),
    ],
    "panel-title-description-rule": [change(title=""), change(description="")],
    "panel-units-rule": [
        lambda board: next(panels(board))["fieldConfig"]["defaults"].pop("unit"),
        lambda board: next(panels(board))["fieldConfig"]["defaults"].update(unit="secs"),
    ],
    "panel-no-targets-rule": [change(targets=[])],
    "target-promql-rule": [ask(f"sum by (rate(exportwatch_decisions_total{{{CHOSEN}}}[$__rate_interval]))")],
    "target-rate-interval-rule": [ask(f"sum(rate(exportwatch_decisions_total{{{CHOSEN}}}[5m]))")],
    "target-job-rule": [
        ask('sum(exportwatch_alerts_held{instance=~"$instance"})'),
        ask('sum(exportwatch_alerts_held{job="$job",instance=~"$instance"})'),
        ask("exportwatch_alerts_held"),
    ],
    "target-instance-rule": [
        ask('sum(exportwatch_alerts_held{job=~"$job"})'),
        ask(f'exportwatch_alerts_held{{{CHOSEN}}} and on (instance) up{{job=~"$job"}}'),
    ],
    "target-counter-agg-rule": [
        ask(f"sum(exportwatch_decisions_total{{{CHOSEN}}})"),
        ask(f"max_over_time(exportwatch_decisions_total{{{CHOSEN}}}[$__rate_interval])"),
    ],
    "uneditable-dashboard": [lambda board: board.update(editable=True)],
}


def test_each_rule_has_a_bad_dashboard() -> None:
    assert BAD.keys() == RULES.keys()


@pytest.mark.parametrize(("name", "mutate"), [(name, one) for name, those in BAD.items() for one in those])
def test_a_rule_finds_the_bad_dashboard(name: str, mutate: Callable[[Any], None]) -> None:
    bad = copy.deepcopy(dict(BOARDS["overview"]))
    mutate(bad)
    assert name in {found for found, _ in complaints(bad, exceptions())}


# -- ours ----------------------------------------------------------------------------------------------------


def test_no_panel_uses_a_metric_that_does_not_exist() -> None:
    known = set(catalogue())
    used = {selector.name for board in BOARDS.values() for selector in asked(board)}
    assert {name for name in used if family(name, known) is None} == FOREIGN


def test_every_metric_is_on_a_panel_or_is_said_not_to_be() -> None:
    known = set(catalogue())
    shown = {family(selector.name, known) for board in BOARDS.values() for selector in asked(board)}
    assert known - shown == NOT_SHOWN.keys()


def test_a_misspelt_metric_belongs_to_no_family() -> None:
    assert family("exportwatch_decision_total", set(catalogue())) is None
    assert family("exportwatch_event_age_seconds_bucket", set(catalogue())) == "exportwatch_event_age_seconds"


def test_matchers_name_only_labels_that_a_metric_has() -> None:
    labels = catalogue()
    for board in BOARDS.values():
        for selector in asked(board):
            name = family(selector.name, set(labels))
            if name is not None:
                assert selector.matchers.keys() <= labels[name] | {"job", "instance", "le"}, selector


@pytest.mark.parametrize("name", BOARDS)
def test_links_lead_to_runbooks_that_exist(name: str) -> None:
    urls = [link["url"] for panel in panels(BOARDS[name]) for link in panel["links"]]
    urls += [link["url"] for link in BOARDS[name]["links"] if link["type"] == "link"]
    assert urls
    for url in urls:
        assert url.startswith("${runbooks}/")
        assert (ROOT / "deploy/runbooks" / url.removeprefix("${runbooks}/")).is_file(), url


def test_every_alert_has_a_panel_that_shows_what_it_is_about() -> None:
    linked = {
        link["title"].removeprefix("Runbook: ")
        for board in BOARDS.values()
        for panel in panels(board)
        for link in panel["links"]
    }
    groups = yaml.safe_load((ROOT / "deploy/prometheus/rules/alerts.yaml").read_text())["groups"]
    assert linked == {rule["alert"] for group in groups for rule in group["rules"]}


def test_dashboards_are_told_apart_and_lead_to_each_other() -> None:
    assert {board["uid"] for board in BOARDS.values()} == {f"exportwatch-{name}" for name in BOARDS}
    for board in BOARDS.values():
        (others,) = (link for link in board["links"] if link["type"] == "dashboards")
        assert others["tags"] == board["tags"] == ["exportwatch"]


def test_a_number_that_stands_alone_is_of_now_and_not_the_last_that_a_lost_worker_told() -> None:
    for board in BOARDS.values():
        for panel in panels(board):
            alone = panel["type"] in ("stat", "bargauge", "table")
            assert {target["instant"] for target in panel["targets"]} == {alone}, panel["title"]


@pytest.mark.parametrize("name", BOARDS)
def test_panels_have_numbers_and_places_of_their_own(name: str) -> None:
    every = BOARDS[name]["panels"]
    assert len({panel["id"] for panel in every}) == len(every)
    taken: set[tuple[int, int]] = set()
    for panel in every:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_a_panel_is_named_once_on_its_dashboard() -> None:
    for board in BOARDS.values():
        titles = [panel["title"] for panel in panels(board)]
        assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", BOARDS)
def test_annotations_ask_what_prometheus_can_read(name: str) -> None:
    for one in BOARDS[name]["annotations"]["list"]:
        assert one["datasource"]["uid"] == "${datasource}"
        assert is_promql(put_in(one["expr"], ANY_VALUES))


# -- the reader of queries -----------------------------------------------------------------------------------


def test_selectors_are_found_with_their_matchers_range_and_function() -> None:
    expr = 'sum by (a, le) (rate(m_total{x=~"$x, {y}"}[5m])) / on (b) group_left (c) max(n) and up offset 1m > 0.5'
    assert list(selectors(expr)) == [
        Selector("m_total", {"x": ("=~", "$x, {y}")}, "5m", "rate"),
        Selector("n", {}, None, "max"),
        Selector("up", {}, None, None),
    ]
