"""Grafana's JSON of a dashboard as plain dictionaries: the model that Grafana 10.4 writes and later ones read."""

from collections.abc import Iterator, Sequence

from boards.parts import SOURCE, Annotation, Dashboard, Json, Panel, Row, labels_variable

SCHEMA_VERSION = 39
TAG = "exportwatch"
WIDTH = 24


def common_variables(runbooks: str) -> list[Json]:
    return [
        {
            "name": "datasource",
            "label": "Data source",
            "type": "datasource",
            "query": "prometheus",
            "current": {},
            "refresh": 1,
            "hide": 0,
        },
        labels_variable("job", "label_values(exportwatch_build_info, job)"),
        labels_variable("instance", 'label_values(exportwatch_build_info{job=~"$job"}, instance)'),
        {
            "name": "runbooks",
            "label": "Runbooks",
            "type": "constant",
            "query": runbooks,
            "current": {"text": runbooks, "value": runbooks},
            "hide": 2,
        },
    ]


def as_json(dashboard: Dashboard, runbooks: str) -> Json:
    """Grafana's model of it. `runbooks` is the address under which the runbooks are read."""
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": [TAG],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": dashboard.since, "to": "now"},
        "timezone": dashboard.timezone,
        "links": [_other_dashboards(), _runbooks()],
        "templating": {"list": [*common_variables(runbooks), *dashboard.variables]},
        "annotations": {"list": [_annotation(one) for one in dashboard.annotations]},
        "panels": list(_placed(dashboard.rows)),
    }


def _other_dashboards() -> Json:
    return {
        "type": "dashboards",
        "title": "exportwatch",
        "tags": [TAG],
        "asDropdown": False,
        "includeVars": True,
        "keepTime": True,
        "targetBlank": False,
    }


def _runbooks() -> Json:
    return {
        "type": "link",
        "title": "Runbooks",
        "icon": "doc",
        "url": "${runbooks}/README.md",
        "targetBlank": True,
    }


def _annotation(one: Annotation) -> Json:
    return {
        "name": one.name,
        "datasource": SOURCE,
        "enable": True,
        "iconColor": one.color,
        "expr": one.expr,
        "step": "1m",
        "titleFormat": one.title,
    }


def _placed(rows: Sequence[Row]) -> Iterator[Json]:
    """Each row's title, then its panels from left to right, wrapped where the line is full."""
    number, y = 1, 0
    for row in rows:
        yield {
            "id": number,
            "type": "row",
            "title": row.title,
            "collapsed": False,
            "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1},
            "panels": [],
        }
        number, y, x, tallest = number + 1, y + 1, 0, 0
        for panel in row.panels:
            if x + panel.width > WIDTH:
                x, y, tallest = 0, y + tallest, 0
            yield _panel(panel, number, {"x": x, "y": y, "w": panel.width, "h": panel.height})
            number, x, tallest = number + 1, x + panel.width, max(tallest, panel.height)
        y += tallest


def _panel(panel: Panel, number: int, place: Json) -> Json:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "gridPos": place,
        "targets": list(_targets(panel)),
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _options(panel),
        "links": [
            {"title": f"Runbook: {name}", "url": f"${{runbooks}}/{name}.md", "targetBlank": True}
            for name in panel.runbooks
        ],
        **_columns(panel.columns),
    }


def _targets(panel: Panel) -> Iterator[Json]:
    formats = {"table": "table", "heatmap": "heatmap"}
    # A number that stands alone is of now: the last one of the range would go on to shine when its worker is gone.
    now = panel.kind in ("stat", "bargauge", "table")
    for letter, query in zip("ABCDEFGH", panel.queries, strict=False):
        yield {
            "refId": letter,
            "datasource": SOURCE,
            "expr": query.expr,
            "legendFormat": query.legend,
            "instant": now,
            "range": not now,
            "format": formats.get(panel.kind, "time_series"),
        }


def _defaults(panel: Panel) -> Json:
    begin = {"color": "green" if panel.steps else "text", "value": None}
    steps = [begin, *({"color": color, "value": value} for value, color in panel.steps)]
    defaults: Json = {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.decimals is not None:
        defaults["decimals"] = panel.decimals
    if panel.lowest is not None and panel.kind != "table":
        defaults["min"] = panel.lowest
    if panel.kind == "timeseries":
        defaults["custom"] = {
            "drawStyle": "line",
            "lineWidth": 1,
            "fillOpacity": 30 if panel.stacked else 5,
            "showPoints": "never",
            "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
            "thresholdsStyle": {"mode": "line" if panel.steps else "off"},
        }
    if panel.kind in ("stat", "bargauge"):
        defaults["color"] = {"mode": "thresholds"}
    return defaults


def _options(panel: Panel) -> Json:
    reduced = {"calcs": ["lastNotNull"], "fields": "", "values": False}
    match panel.kind:
        case "timeseries":
            return {
                "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
                "tooltip": {"mode": "multi", "sort": "desc"},
            }
        case "stat":
            return {"reduceOptions": reduced, "colorMode": "value", "graphMode": "none", "textMode": "auto"}
        case "bargauge":
            return {"reduceOptions": reduced, "orientation": "horizontal", "displayMode": "basic"}
        case "heatmap":
            return {
                "calculate": False,
                "yAxis": {"unit": panel.unit},
                "color": {"mode": "scheme", "scheme": "Blues"},
            }
        case _:
            return {"showHeader": True, "cellHeight": "sm"}


def _columns(columns: Sequence[tuple[str, str]]) -> Json:
    """Of a table: which labels are shown, in this order, and what they are called; the others are left out."""
    if not columns:
        return {}
    names = [name for name, _ in columns]
    return {
        "transformations": [
            {"id": "filterFieldsByName", "options": {"include": {"names": names}}},
            {
                "id": "organize",
                "options": {
                    "indexByName": {name: place for place, name in enumerate(names)},
                    "renameByName": dict(columns),
                    "excludeByName": {},
                },
            },
        ]
    }
