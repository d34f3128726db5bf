"""The rules of Grafana's dashboard linter (grafana/dashboard-linter), for dashboards that ask Prometheus only.

A rule takes a dashboard and yields what it does not like, each with the title of the panel or None. Exceptions are
read from the file `.lint`, whose form is the linter's.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from dashboard_queries import FOLDER, Dashboard, Panel, Selector, panels, put_in, selectors

Complaint = tuple[str | None, str]
Rule = Callable[[Dashboard], Iterator[Complaint]]
RULES: dict[str, Rule] = {}
TEMPLATED = ("$datasource", "${datasource}")
# Grafana has more; these are the ones we use. A unit that is misspelt is shown as text after the number.
UNITS = {"none", "short", "s", "bytes", "percentunit", "cps", "dateTimeAsIso"}
ANY_VALUES = {
    "__rate_interval": "1m",
    "__interval": "15s",
    "__range": "1h",
    "job": "a",
    "instance": "b",
    "service": "c",
    "instrument": "d",
}
ASKS = re.compile(r"^(label_names|label_values|metrics|query_result)\((.+?)(?:,\s*\w+)?\)$")


def rule(name: str) -> Callable[[Rule], Rule]:
    def kept(function: Rule) -> Rule:
        RULES[name] = function
        return function

    return kept


def complaints(dashboard: Dashboard, exceptions: Mapping[str, Any]) -> list[tuple[str, Complaint]]:
    """Rule and complaint, without those that the exceptions allow."""
    return [
        (name, one)
        for name, check in RULES.items()
        for one in check(dashboard)
        if (dashboard["title"], one[0]) not in excepted(name, exceptions)
    ]


def exceptions() -> Mapping[str, Any]:
    found = yaml.safe_load((FOLDER / ".lint").read_text())["exclusions"]
    assert isinstance(found, Mapping)
    return found


def excepted(name: str, exceptions: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(one["dashboard"], one["panel"]) for one in exceptions.get(name, {}).get("entries", ())}


def variables(dashboard: Dashboard, kind: str) -> list[Mapping[str, Any]]:
    return [one for one in dashboard["templating"]["list"] if one["type"] == kind]


def targets(dashboard: Dashboard) -> Iterator[tuple[Panel, str]]:
    for panel in panels(dashboard):
        for target in panel.get("targets", ()):
            yield panel, target["expr"]


def selected(dashboard: Dashboard) -> Iterator[tuple[Panel, Selector]]:
    for panel, expr in targets(dashboard):
        for selector in selectors(expr):
            yield panel, selector


@rule("template-datasource-rule")
def has_a_templated_datasource(dashboard: Dashboard) -> Iterator[Complaint]:
    sources = variables(dashboard, "datasource")
    if not sources:
        yield None, "no variable for the data source"
    for one in sources:
        if one["name"] != "datasource" or one["label"] != "Data source" or one["query"] != "prometheus":
            yield None, "the data source's variable is named otherwise"


@rule("template-job-rule")
def has_a_variable_for_the_job(dashboard: Dashboard) -> Iterator[Complaint]:
    yield from required_variable(dashboard, "job")


@rule("template-instance-rule")
def has_a_variable_for_the_instance(dashboard: Dashboard) -> Iterator[Complaint]:
    yield from required_variable(dashboard, "instance")


def required_variable(dashboard: Dashboard, name: str) -> Iterator[Complaint]:
    found = [one for one in dashboard["templating"]["list"] if one["name"] == name]
    if not found:
        yield None, f"no variable {name}"
    for one in found:
        if one["type"] != "query" or one.get("datasource", {}).get("uid") not in TEMPLATED:
            yield None, f"{name} does not ask the templated data source"
        if one["label"] != name.title() or not one["multi"] or one.get("allValue") != ".+":
            yield None, f"{name} must have its label, take many values, and `.+` for all"


@rule("template-label-promql-rule")
def variables_ask_what_prometheus_can_answer(dashboard: Dashboard) -> Iterator[Complaint]:
    for one in variables(dashboard, "query"):
        found = ASKS.match(one["query"])
        if found is None or not is_promql(put_in(found.group(2), ANY_VALUES)):
            yield None, f"{one['name']}: {one['query']}"


@rule("template-on-time-change-reload-rule")
def variables_are_asked_anew_with_the_time(dashboard: Dashboard) -> Iterator[Complaint]:
    for one in variables(dashboard, "query"):
        if one["refresh"] != 2:
            yield None, one["name"]


@rule("panel-datasource-rule")
def panels_use_the_templated_datasource(dashboard: Dashboard) -> Iterator[Complaint]:
    for panel in panels(dashboard):
        for asked in (panel, *panel.get("targets", ())):
            if asked["datasource"].get("uid") not in TEMPLATED:
                yield panel["title"], "asks a data source of its own"


@rule("panel-title-description-rule")
def panels_say_what_they_show(dashboard: Dashboard) -> Iterator[Complaint]:
    for panel in panels(dashboard):
        if not panel["title"] or not panel["description"]:
            yield panel["title"], "no title or no description"


@rule("panel-units-rule")
def panels_have_units(dashboard: Dashboard) -> Iterator[Complaint]:
    for panel in panels(dashboard):
        defaults = panel["fieldConfig"]["defaults"]
        if defaults.get("unit") not in UNITS:
            yield panel["title"], f"unit {defaults.get('unit')}"


@rule("panel-no-targets-rule")
def panels_ask_something(dashboard: Dashboard) -> Iterator[Complaint]:
    for panel in panels(dashboard):
        if not panel.get("targets"):
            yield panel["title"], "asks nothing"


@rule("target-promql-rule")
def queries_can_be_read(dashboard: Dashboard) -> Iterator[Complaint]:
    asked = [(panel["title"], put_in(expr, ANY_VALUES)) for panel, expr in targets(dashboard)]
    if is_promql(*(expr for _, expr in asked)):
        return
    for title, expr in asked:
        if not is_promql(expr):
            yield title, expr


def is_promql(*expressions: str) -> bool:
    """What promtool says of them."""
    promtool = shutil.which("promtool")
    assert promtool is not None, "promtool is missing (Debian package prometheus)"
    recorded = [{"record": f"query:{number}", "expr": expr} for number, expr in enumerate(expressions)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.yaml"
        file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": recorded}]}))
        found = subprocess.run([promtool, "check", "rules", str(file)], capture_output=True, check=False)
    return found.returncode == 0


@rule("target-rate-interval-rule")
def rates_are_over_the_rate_interval(dashboard: Dashboard) -> Iterator[Complaint]:
    for panel, selector in selected(dashboard):
        if selector.function in ("rate", "irate") and selector.range != "$__rate_interval":
            yield panel["title"], f"{selector.name}[{selector.range}]"


@rule("target-job-rule")
def queries_are_of_the_chosen_job(dashboard: Dashboard) -> Iterator[Complaint]:
    yield from required_matcher(dashboard, "job")


@rule("target-instance-rule")
def queries_are_of_the_chosen_instance(dashboard: Dashboard) -> Iterator[Complaint]:
    yield from required_matcher(dashboard, "instance")


def required_matcher(dashboard: Dashboard, name: str) -> Iterator[Complaint]:
    for panel, selector in selected(dashboard):
        if selector.matchers.get(name) != ("=~", f"${name}"):
            yield panel["title"], f'{selector.name} without {name}=~"${name}"'


@rule("target-counter-agg-rule")
def counters_are_not_shown_as_they_are(dashboard: Dashboard) -> Iterator[Complaint]:
    for panel, selector in selected(dashboard):
        if selector.name.endswith("_total") and selector.function not in ("rate", "irate", "increase"):
            yield panel["title"], selector.name


@rule("uneditable-dashboard")
def the_dashboard_is_not_edited_by_hand(dashboard: Dashboard) -> Iterator[Complaint]:
    if dashboard["editable"] is not False:
        yield None, "can be edited"
