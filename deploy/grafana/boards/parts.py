"""What a panel and a dashboard are, and the building blocks of their queries.

A query names its metric through `of` or `rate`, so that the variables `job` and `instance` narrow every panel alike.
"""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
# How the worker is told from others of the same Prometheus.
CHOSEN = 'job=~"$job",instance=~"$instance"'
YELLOW, RED = "yellow", "red"


def of(name: str, more: str = "") -> str:
    """The series of a metric, those of the chosen workers only."""
    return f"{name}{{{CHOSEN}{',' if more else ''}{more}}}"


def rate(name: str, more: str = "") -> str:
    return f"rate({of(name, more)}[$__rate_interval])"


def grown(name: str, more: str = "") -> str:
    """By how much a counter grew in the shown range."""
    return f"increase({of(name, more)}[$__range])"


def quantile(share: float, name: str, by: str = "service", more: str = "") -> str:
    return f"histogram_quantile({share}, sum by (le, {by}) ({rate(name + '_bucket', more)}))"


@dataclass(frozen=True)
class Query:
    """`legend` is Grafana's template of a series' name."""

    expr: str
    legend: str = "__auto"


@dataclass(frozen=True)
class Panel:
    """`steps` are thresholds: from which value on which color. `runbooks` are names of alerts."""

    kind: str
    title: str
    description: str
    unit: str
    queries: tuple[Query, ...]
    width: int = 8
    height: int = 8
    steps: tuple[tuple[float, str], ...] = ()
    runbooks: tuple[str, ...] = ()
    stacked: bool = False
    columns: tuple[tuple[str, str], ...] = ()
    decimals: int | None = None
    lowest: float | None = 0


@dataclass(frozen=True)
class Row:
    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Annotation:
    name: str
    expr: str
    title: str
    color: str


@dataclass(frozen=True)
class Dashboard:
    uid: str
    title: str
    description: str
    rows: tuple[Row, ...]
    variables: tuple[Json, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    since: str = "now-3h"
    timezone: str = "browser"


def labels_variable(name: str, query: str, *, many: bool = True) -> Json:
    """A variable whose values are those of a label."""
    variable: Json = {
        "name": name,
        "label": name.capitalize(),
        "type": "query",
        "datasource": SOURCE,
        "query": query,
        "definition": query,
        "refresh": 2,
        "sort": 1,
        "multi": many,
        "includeAll": many,
        "current": {},
        "hide": 0,
    }
    if many:
        variable |= {"allValue": ".+", "current": {"selected": True, "text": ["All"], "value": ["$__all"]}}
    return variable
