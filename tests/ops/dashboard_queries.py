"""Reads the queries of dashboards: what Grafana puts in for its variables, and which series a query selects."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/grafana/dashboards"
Dashboard = Mapping[str, Any]
Panel = Mapping[str, Any]

TOKENS = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*")|(?P<range>\[[^\]]*\])|(?P<name>[a-zA-Z_:][\w:]*)|(?P<number>\d[\w.]*)|(?P<sign>[^\s\w])"""
)
MATCHERS = re.compile(r"""(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)\"""")
LISTS = {"by", "without", "on", "ignoring", "group_left", "group_right"}
WORDS = {"and", "or", "unless", "offset", "bool", "atan2"} | LISTS


def dashboards() -> dict[str, Dashboard]:
    return {file.stem: json.loads(file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.json"))}


def panels(dashboard: Dashboard) -> Iterator[Panel]:
    """Those that show something: rows are left out."""
    return (panel for panel in dashboard["panels"] if panel["type"] != "row")


def put_in(expr: str, values: Mapping[str, str]) -> str:
    """The query with its variables' values, `$name` or `${name}`; an unknown one raises KeyError."""
    return re.sub(r"\$\{?(\w+)\}?", lambda found: values[found.group(1)], expr)


@dataclass(frozen=True)
class Selector:
    """Series that a query selects. `function` is the innermost call around it, `range` what stands in brackets."""

    name: str
    matchers: Mapping[str, tuple[str, str]]
    range: str | None
    function: str | None


def selectors(expr: str) -> Iterator[Selector]:
    """Of a query that promtool can read; variables may stand in it."""
    found = list(TOKENS.finditer(expr))
    calls: list[str | None] = []
    place = 0
    while place < len(found):
        kind, token = found[place].lastgroup, found[place].group()
        following = found[place + 1].group() if place + 1 < len(found) else ""
        if kind == "name" and token in LISTS and following == "(":
            place = next(at for at in range(place, len(found)) if found[at].group() == ")")
        elif kind == "name" and not _is_something_else(found, place, following):
            matchers, place = _matchers(found, place + 1, expr)
            ranged = found[place].group()[1:-1] if _is_range(found, place) else None
            yield Selector(token, matchers, ranged, calls[-1] if calls else None)
            place += 0 if ranged else -1
        elif token == "(":
            before = found[place - 1] if place else None
            name = before.group() if before and before.lastgroup == "name" else None
            calls.append(name if name not in WORDS else None)
        elif token == ")" and calls:
            calls.pop()
        place += 1


def _is_something_else(found: list[re.Match[str]], place: int, following: str) -> bool:
    """A word of the language, or a function or an aggregation, and not a metric."""
    return found[place].group() in WORDS or following in ("(", "by", "without")


def _is_range(found: list[re.Match[str]], place: int) -> bool:
    return place < len(found) and found[place].lastgroup == "range"


def _matchers(found: list[re.Match[str]], place: int, expr: str) -> tuple[Mapping[str, tuple[str, str]], int]:
    """Those in braces at `place`, and the place behind them."""
    if place >= len(found) or found[place].group() != "{":
        return {}, place
    end = next(at for at in range(place, len(found)) if found[at].group() == "}")
    inside = expr[found[place].end() : found[end].start()]
    return {name: (sign, value) for name, sign, value in MATCHERS.findall(inside)}, end + 1
