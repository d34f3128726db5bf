"""Renders the dashboards from a recording into docs/dashboards/*.png: drawn by matplotlib, not by Grafana.

The recording is what a real Prometheus answered to the panels' queries (tests/ops/test_dashboard_queries.py makes it);
places, titles, units and thresholds are the dashboards'. Needs matplotlib (`make ops-setup`).
"""

import io
import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from PIL import Image

mpl.use("Agg")
from matplotlib import pyplot as plt

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RECORDING = ROOT / ".cache/dashboards/panels.json"
PICTURES = ROOT / "docs/dashboards"
WIDTH, UNIT = 1320, 27  # pixels of a picture, and of a row of Grafana's grid
DPI = 100
GAP = 4
BACK, CARD, TEXT, FAINT = "#111217", "#1b1e24", "#d8d9da", "#8e9199"
COLORS = {"green": "#73bf69", "yellow": "#fade2a", "red": "#f2495c", "text": TEXT}
LINES = (
    "#7eb26d",
    "#eab839",
    "#6ed0e0",
    "#ef843c",
    "#e24d42",
    "#1f78c1",
    "#ba43a9",
    "#9d9bd6",
    "#508642",
    "#ccb35c",
)
CHINA = timezone(timedelta(hours=8))
Panel = Mapping[str, Any]
Series = Mapping[str, Any]


def main() -> int:
    recorded = json.loads(RECORDING.read_text("utf-8"))
    PICTURES.mkdir(parents=True, exist_ok=True)
    for board in dict.fromkeys(one["board"] for one in recorded):
        draw([one for one in recorded if one["board"] == board], PICTURES / f"{board}.png")
    return 0


def draw(recorded: Sequence[Mapping[str, Any]], file: Path) -> None:
    """One dashboard, its panels where Grafana puts them; what was drawn as a palette picture, for size."""
    places = [one["panel"]["gridPos"] for one in recorded]
    height = max(place["y"] + place["h"] for place in places) * UNIT
    figure = plt.figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI, facecolor=BACK)
    end = max(at for one in recorded for series in one["series"] for at, _ in series["points"])
    for one in recorded:
        at = one["panel"]["gridPos"]
        left, wide = at["x"] * WIDTH / 24 + GAP, at["w"] * WIDTH / 24 - 2 * GAP
        low, tall = height - (at["y"] + at["h"]) * UNIT + GAP, at["h"] * UNIT - 2 * GAP
        figure.patches.append(
            mpl.patches.Rectangle(
                (left, low), wide, tall, facecolor=CARD, zorder=-1, transform=None, figure=figure
            )
        )
        figure.text(
            (left + 8) / WIDTH, (low + tall - 17) / height, one["panel"]["title"], color=TEXT, fontsize=8
        )
        below = 60 if one["panel"]["type"] == "timeseries" else 22
        aside = 50 if one["panel"]["type"] in ("timeseries", "heatmap") else 12
        box = (left + aside, low + below, wide - aside - 12, tall - below - 28)
        axes = figure.add_axes(
            (box[0] / WIDTH, box[1] / height, box[2] / WIDTH, box[3] / height), facecolor=CARD
        )
        DRAWN[one["panel"]["type"]](axes, one["panel"], one["series"], end)
    for row in rows_of(file.stem):
        low = height - (row["gridPos"]["y"] + 1) * UNIT
        figure.text(8 / WIDTH, (low + 8) / height, row["title"], color=TEXT, fontsize=10, fontweight="bold")
    held = io.BytesIO()
    figure.savefig(held, format="png", facecolor=BACK)
    plt.close(figure)
    Image.open(held).convert("RGB").quantize(160).save(file, optimize=True)


def rows_of(board: str) -> list[Panel]:
    dashboard = json.loads((HERE / "dashboards" / f"{board}.json").read_text("utf-8"))
    return [panel for panel in dashboard["panels"] if panel["type"] == "row"]


def shown(value: float, unit: str) -> str:
    """A number with its unit, about as Grafana writes it."""
    match unit:
        case _ if not math.isfinite(value):
            return "-"
        case "s" if value >= 86400:
            return f"{value / 86400:.3g} d"
        case "s" if value < 1:
            return f"{value * 1000:.3g} ms"
        case "s":
            return f"{value:.3g} s"
        case "bytes":
            return f"{value / 2**20:.3g} MiB"
        case "percentunit":
            return f"{value * 100:.3g} %"
        case "cps":
            return f"{value:.3g} /s"
        case "dateTimeAsIso":
            return f"{datetime.fromtimestamp(value / 1000, CHINA):%Y-%m-%d %H:%M}"
        case _:
            return f"{value / 1000:.3g} K" if value >= 10_000 else f"{value:.4g}"


def color_of(value: float, panel: Panel) -> str:
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    return COLORS[[step["color"] for step in steps if step["value"] is None or value >= step["value"]][-1]]


def last(series: Sequence[Series], end: float) -> list[tuple[Series, float]]:
    """The series that are there at the end, and their values then."""
    return [(one, one["points"][-1][1]) for one in series if end - one["points"][-1][0] < 2]


def stat(axes: Any, panel: Panel, series: Sequence[Series], end: float) -> None:
    axes.axis("off")
    found, unit = last(series, end), panel["fieldConfig"]["defaults"]["unit"]
    for number, (one, value) in enumerate(found):
        x, name = (number + 0.5) / len(found), one["legend"] if len(found) > 1 else ""
        axes.text(
            x, 0.62, shown(value, unit), color=color_of(value, panel), fontsize=15, ha="center", va="center"
        )
        axes.text(x, 0.08, name, color=FAINT, fontsize=7, ha="center", va="center")


def timeseries(axes: Any, panel: Panel, series: Sequence[Series], end: float) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    moved = [one for one in series if any(value > 0 for _, value in one["points"])] or list(series[:1])
    color = {one["legend"]: LINES[number % len(LINES)] for number, one in enumerate(moved)}
    if defaults["custom"]["stacking"]["mode"] == "normal":
        times = sorted({at for one in moved for at, _ in one["points"]})
        rows = [[dict(one["points"]).get(at, 0.0) for at in times] for one in moved]
        axes.stackplot(
            [datetime.fromtimestamp(at, UTC) for at in times],
            np.nan_to_num(rows),
            colors=color.values(),
            alpha=0.75,
        )
    else:
        for one in moved:
            times = [datetime.fromtimestamp(at, UTC) for at, _ in one["points"]]
            axes.plot(times, [value for _, value in one["points"]], color=color[one["legend"]], linewidth=1)
    highest = axes.get_ylim()[1]
    for step in defaults["thresholds"]["steps"][1:]:
        if step["value"] <= 3 * highest:
            axes.axhline(step["value"], color=COLORS[step["color"]], linewidth=0.8, linestyle="--")
    axes.set_ylim(bottom=0)
    frame(axes, defaults["unit"])
    handles = [mpl.lines.Line2D([], [], color=color[one["legend"]], label=one["legend"]) for one in moved]
    many = len(handles) > 4
    axes.legend(
        handles=handles[:8],
        loc="upper center",
        bbox_to_anchor=(0.47, -0.12 if many else -0.16),
        ncols=4 if axes.bbox.width > 450 else 2,
        frameon=False,
        fontsize=6,
        labelcolor=FAINT,
        handlelength=1,
        columnspacing=1,
    )


def frame(axes: Any, unit: str) -> None:
    axes.tick_params(colors=FAINT, labelsize=6.5, length=0)
    axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(4))
    axes.yaxis.set_major_formatter(lambda value, _: shown(value, unit))
    axes.xaxis.set_major_locator(mpl.dates.MinuteLocator())
    axes.xaxis.set_major_formatter(mpl.dates.DateFormatter("%H:%M"))
    axes.grid(color="#2c3037", linewidth=0.6)
    for spine in axes.spines.values():
        spine.set_visible(False)


def bars(axes: Any, panel: Panel, series: Sequence[Series], end: float) -> None:
    axes.axis("off")
    found, defaults = last(series, end)[:15], panel["fieldConfig"]["defaults"]
    most = max((value for _, value in found), default=0) or 1
    decimals = defaults.get("decimals", 2)
    for number, (one, value) in enumerate(found):
        axes.barh(-number, value / most, left=0.0, height=0.6, color="#5794f2", alpha=0.8)
        axes.text(-0.02, -number, one["legend"], color=FAINT, fontsize=6.5, ha="right", va="center")
        axes.text(
            value / most + 0.02, -number, f"{value:.{decimals}f}", color=TEXT, fontsize=6.5, va="center"
        )
    axes.set_xlim(-0.6, 1.25)


def table(axes: Any, panel: Panel, series: Sequence[Series], end: float) -> None:
    axes.axis("off")
    options = panel["transformations"][1]["options"]["renameByName"]
    found, unit = last(series, end), panel["fieldConfig"]["defaults"]["unit"]
    rows = [{**one["labels"], "Value": shown(value, unit)} for one, value in found]
    kept = [name for name in options if any(row.get(name) for row in rows)]
    widths = [max(len(cut(row.get(name, ""))) for row in [*rows, {name: options[name]}]) + 3 for name in kept]
    for column, name in enumerate(kept):
        x = sum(widths[:column]) / max(sum(widths), 60)
        axes.text(x, 1.0, options[name], color="#6e9fff", fontsize=7, va="top")
        for number, row in enumerate(rows[:9]):
            axes.text(x, 0.89 - number * 0.1, cut(row.get(name, "")), color=TEXT, fontsize=6.5, va="top")


def cut(text: str) -> str:
    return text if len(text) <= 34 else text[:12] + "…"


def heatmap(axes: Any, panel: Panel, series: Sequence[Series], end: float) -> None:
    ordered = sorted(series, key=lambda one: float(one["labels"]["le"].replace("+Inf", "inf")))
    times = sorted({at for one in ordered for at, _ in one["points"]})
    whole = np.nan_to_num([[dict(one["points"]).get(at, 0.0) for at in times] for one in ordered])
    counts = np.diff(whole, axis=0, prepend=0)
    axes.pcolormesh(
        [datetime.fromtimestamp(at, UTC) for at in times],
        range(len(ordered)),
        np.sqrt(np.maximum(counts, 0)),
        cmap="Blues_r",
    )
    frame(axes, "none")
    names = [one["labels"]["le"] for one in ordered]
    axes.set_yticks(range(0, len(names), 2), names[::2])


DRAWN: Mapping[str, Callable[[Any, Panel, Sequence[Series], float], None]] = {
    "stat": stat,
    "timeseries": timeseries,
    "bargauge": bars,
    "table": table,
    "heatmap": heatmap,
}

if __name__ == "__main__":
    sys.exit(main())
