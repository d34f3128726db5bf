"""An article master read line by line, and which of its lines would raise an alert, had they been shipped on a day.

Lines are CSV with a header (``,``, ``;`` or tab), JSON objects, or plain texts. A line is judged alone: civil goods
from China to a civil user, so that only what it says of itself can raise an alert. Pure but for the file it is given.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from exportwatch.errors import ConfigError
from exportwatch.evaluation.wire import wire_event
from exportwatch.law.load import RulePack
from exportwatch.screening.control import ControlContent
from exportwatch.screening.decide import Decided, screen
from exportwatch_events.catalogue import RESULT_RANK, Result

FIELDS = ("material_no", "description", "hs_code", "cas", "grade", "model", "form")
OTHER_NAMES = {"hs": "hs_code", "commodity_code": "hs_code", "id": "material_no", "article": "material_no"}
HEADING = 4  # digits


@dataclass(frozen=True, slots=True)
class Article:
    """One line: its number in the file and the item that it would be on a shipment."""

    line: int
    item: Mapping[str, Any]

    @property
    def heading(self) -> str:
        """The first four digits of its customs code; empty where it has none."""
        digits = "".join(c for c in str(self.item.get("hs_code", "")) if c.isdigit())
        return digits[:HEADING]


@dataclass(frozen=True, slots=True)
class Flagged:
    """A line with another result than ``not_required``: as which control codes, by which words, and why."""

    article: Article
    result: Result
    codes: tuple[str, ...]
    found: tuple[str, ...]
    why: tuple[str, ...]
    listed_heading: bool


@dataclass(frozen=True, slots=True)
class ArticleAccount:
    """``lines``: how many were screened under a heading that a list names (True) and outside them (False).

    ``flagged``: the strictest results first, else in the order of the file.
    """

    name: str
    lines: Mapping[bool, int]
    flagged: tuple[Flagged, ...]


class Screener:
    """Screens article lines as of one day."""

    def __init__(self, pack: RulePack, on: date) -> None:
        self._snapshot = ControlContent(pack).snapshot()
        self._on = on.isoformat()
        customs = pack.tables["customs"]
        self._headings = frozenset(code[:HEADING] for part in ("codes", "headings") for code in customs[part])

    def account(self, path: Path) -> ArticleAccount:
        """The account of one file. ``ConfigError`` where it is none of articles."""
        lines: Counter[bool] = Counter()
        flagged: list[Flagged] = []
        for article in articles_of(path):
            listed = article.heading in self._headings
            lines[listed] += 1
            item = self._decide(article, path)
            if item["result"] != Result.NOT_REQUIRED:
                flagged.append(_flagged(article, item, listed))
        flagged.sort(key=lambda one: RESULT_RANK[one.result])
        return ArticleAccount(path.name, lines, tuple(flagged))

    def _decide(self, article: Article, path: Path) -> Any:
        item = {"item_id": "1", "kind": "goods", **article.item}
        outcome = screen(wire_event({"on": self._on, "facts": {"item": item}}), (), self._snapshot)
        if not isinstance(outcome, Decided):
            raise ConfigError(f"cannot be screened: {outcome.message}", file=f"{path}:{article.line}")
        return orjson.loads(outcome.value)["items"][0]


def _flagged(article: Article, item: Any, listed: bool) -> Flagged:
    found = [
        evidence["value"]
        for one in item["classifications"]
        for evidence in one["evidence"]
        if isinstance(evidence.get("value"), str)
    ]
    return Flagged(
        article,
        Result(item["result"]),
        tuple(sorted({one["control_code"] for one in item["classifications"]})),
        tuple(dict.fromkeys(found)),
        tuple(dict.fromkeys(reason["text"]["en"] for reason in item["reasons"])),
        listed,
    )


def articles_of(path: Path) -> Iterator[Article]:
    """The lines that are not empty, in the order of the file."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", file=str(path), expected="a file in UTF-8") from error
    match path.suffix.lower():
        case ".csv" | ".tsv":
            yield from _rows(text, path)
        case ".jsonl" | ".ndjson":
            yield from _objects(text, path)
        case _:
            for number, line in enumerate(text.split("\n"), start=1):
                if line.strip():
                    yield Article(number, {"description": line.strip()})


def _objects(text: str, path: Path) -> Iterator[Article]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            fields = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise ConfigError(f"is no JSON: {error}", file=f"{path}:{number}") from error
        if not isinstance(fields, dict) or not isinstance(fields.get("description"), str):
            raise ConfigError("is no article", file=f"{path}:{number}", expected='{"description": "…", …}')
        if fields["description"].strip():
            yield Article(number, _item(fields))


def _rows(text: str, path: Path) -> Iterator[Article]:
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = {name: _field(name) for name in reader.fieldnames or () if name}
        if "description" not in names.values():
            problem, found = "has no column of descriptions", header.strip()[:80]
            raise ConfigError(problem, file=str(path), found=found, expected="description")
        for row in reader:
            item = _item({names[name]: row[name] for name in names if row[name]})
            if item.get("description", "").strip():
                yield Article(reader.line_num, item)
    except csv.Error as error:
        raise ConfigError(f"cannot be read: {error}", file=f"{path}:{reader.line_num}") from error


def _field(name: str) -> str:
    plain = "_".join(name.strip().lower().split())
    return OTHER_NAMES.get(plain, plain)


def _item(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What an article says that an item of a shipment may say; its other columns are not looked at."""
    named = {_field(str(name)): value for name, value in fields.items()}
    item = {name: named[name] for name in FIELDS if named.get(name)}
    if isinstance(item.get("hs_code"), int):
        item["hs_code"] = str(item["hs_code"])
    if isinstance(item.get("cas"), str):
        item["cas"] = [number for number in re.split(r"[\s,;]+", item["cas"]) if number]
    return item


def total(accounts: Iterable[ArticleAccount]) -> ArticleAccount:
    """The accounts of several files as one."""
    lines: Counter[bool] = Counter()
    flagged: list[Flagged] = []
    for account in accounts:
        lines.update(account.lines)
        flagged += account.flagged
    return ArticleAccount("total", lines, tuple(flagged))
