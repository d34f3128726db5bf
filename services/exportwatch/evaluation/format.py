"""Case files: YAML that a lawyer reads, or JSON lines of ``{event, expect}``; read strictly, misspelt keys refused.

A case says what must come out (``expect``), why (``because``), and how sure that is (``confidence``: hi, md, lo). One
that is known to come out wrong says what comes out instead in ``wrong``; it is run and counted like every other.
"""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import yaml

from exportwatch.errors import ConfigError, did_you_mean

Case = dict[str, Any]


class CaseLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML in which ``on`` and ``NO`` are words and dates stay text; only true/false are booleans."""


NOT_GUESSED = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
CaseLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag not in NOT_GUESSED]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
CaseLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def _table(name: str) -> Any:
    return yaml.load(files("exportwatch.evaluation").joinpath(name).read_text(encoding="utf-8"), CaseLoader)  # noqa: S506


DEFAULTS: Mapping[str, Case] = _table("defaults.yaml")
ALLOWED: Mapping[str, list[str]] = _table("format.yaml")


def listed(value: Any) -> list[Any]:
    """A list as it is, anything else as its only member: an expectation may accept several values."""
    return value if isinstance(value, list) else [value]


def case_files(path: Path) -> list[Path]:
    """The file, or the case files of the folder in the order of their names."""
    if not path.is_dir():
        return [path]
    return sorted(p for p in path.iterdir() if p.suffix in (".yaml", ".yml", ".jsonl"))


def cases_of(path: Path) -> list[Case]:
    """The cases of a file. ``ConfigError`` names file, case and key of anything that is not of the format."""
    try:
        text = path.read_text(encoding="utf-8")
        cases = list(_lines(text)) if path.suffix == ".jsonl" else yaml.load(text, CaseLoader)  # noqa: S506
    except (OSError, UnicodeDecodeError, yaml.YAMLError, orjson.JSONDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", file=str(path)) from error
    if not isinstance(cases, list) or not cases:
        raise ConfigError(
            "holds no cases", file=str(path), expected="a list of cases, or lines of {event, expect}"
        )
    for number, case in enumerate(cases, start=1):
        _check(case, f"{path}: case {number}")
    return cases


def _lines(text: str) -> Iterator[Case]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            case = orjson.loads(line)
            yield {"name": f"line {number}", "confidence": "md", **case} if isinstance(case, dict) else case


def _check(case: Any, where: str) -> None:
    if not isinstance(case, dict):
        raise ConfigError("is no case", file=where, found=repr(case)[:80], expected="a mapping")
    _known(case, ALLOWED["case"], where)
    if not isinstance(case.get("expect"), dict) or not case["expect"]:
        raise ConfigError("a case expects something", file=where, key="expect")
    _known(case["expect"], ALLOWED["expect"], f"{where}: expect")
    for key in ("name",) if "event" in case else ("name", "on"):
        if not isinstance(case.get(key), str):
            raise ConfigError("is missing", file=where, key=key, expected="a text")
    for result in listed(case["expect"].get("result", [])):
        if result not in ALLOWED["results"]:
            raise ConfigError(
                "unknown result", file=where, found=str(result), expected=", ".join(ALLOWED["results"])
            )


def _known(mapping: Case, known: list[str], where: str) -> None:
    for key in mapping:
        if key not in known:
            hint = did_you_mean(str(key), known)
            raise ConfigError("unknown key", file=where, key=str(key), expected=", ".join(known), hint=hint)
