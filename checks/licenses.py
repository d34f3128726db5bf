"""Holds the licenses of what is installed here against licenses.yaml.

What a package's metadata say is taken in this order: the expression, the field License where it is a word of the
table, the classifiers where there is one word of the table and no other. A package of which that gives nothing must
stand under `packages` with a reason; so must one that is taken although its license is not in the list.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).with_name("licenses.yaml")
OURS = "exportwatch"
TOKEN = re.compile(r"[()]|[^\s()]+")


@dataclass(frozen=True)
class Rules:
    """licenses.yaml."""

    allowed: frozenset[str]
    words: Mapping[str, str]
    packages: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls, path: Path = RULES) -> "Rules":
        found: Mapping[str, Any] = yaml.safe_load(path.read_text("utf-8"))
        return cls(frozenset(found["allowed"]), found["words"], found["packages"])


def main(rules: Rules | None = None, installed: Iterable[Distribution] | None = None) -> int:
    """Status 1 where something is found; each finding is a line."""
    rules = rules or Rules.read()
    found = list(findings(rules, list(distributions() if installed is None else installed)))
    for line in found:
        print(line)  # noqa: T201 - for the person who runs it
    return 1 if found else 0


def findings(rules: Rules, installed: Iterable[Distribution]) -> Iterator[str]:
    """What is installed and not allowed or not clear, and what the rules say in vain."""
    named = {one.metadata["Name"]: one for one in installed}
    for name, one in sorted(named.items()):
        if name == OURS:
            continue
        told = rules.packages.get(name)
        if told is None:
            yield from unlisted(rules, name, one)
        elif not told.get("why"):
            yield f"{name}: checks/licenses.yaml does not say why it is taken"
        elif allowed(rules, expression_of(rules, one)):
            yield f"{name}: its metadata are clear and its license is allowed; its entry is in vain"
    for name in sorted(set(rules.packages) - set(named)):
        yield f"{name}: stands in checks/licenses.yaml and is not installed"


def unlisted(rules: Rules, name: str, one: Distribution) -> Iterator[str]:
    expression = expression_of(rules, one)
    if expression is None:
        yield f"{name}: the metadata do not say its license; look into its files and give it an entry"
    elif not allowed(rules, expression):
        yield f"{name}: {expression} is not among the allowed licenses"


def expression_of(rules: Rules, one: Distribution) -> str | None:
    """SPDX's; None where the metadata do not say it without doubt."""
    metadata = one.metadata
    if expression := metadata.get("License-Expression"):
        return str(expression)
    word = (metadata.get("License") or "").strip()
    if stated := known(rules, word):
        return stated
    heads = [said for said in metadata.get_all("Classifier") or () if said.startswith("License ::")]
    found = {known(rules, said.rpartition(" :: ")[2]) for said in heads}
    return found.pop() if len(found) == 1 else None


def known(rules: Rules, word: str) -> str | None:
    return word if word in rules.allowed else rules.words.get(word)


def allowed(rules: Rules, expression: str | None) -> bool:
    """Whether an expression of allowed licenses, OR, AND and brackets holds; anything else does not."""
    tokens = TOKEN.findall(expression or "")
    return bool(tokens) and any_of(rules, tokens) and not tokens


def any_of(rules: Rules, tokens: list[str]) -> bool:
    """One of the alternatives at the head of `tokens`, which are taken away."""
    holds = all_of(rules, tokens)
    while tokens[:1] == ["OR"]:
        tokens.pop(0)
        holds = all_of(rules, tokens) or holds
    return holds


def all_of(rules: Rules, tokens: list[str]) -> bool:
    holds = one_of(rules, tokens)
    while tokens[:1] == ["AND"]:
        tokens.pop(0)
        holds = one_of(rules, tokens) and holds
    return holds


def one_of(rules: Rules, tokens: list[str]) -> bool:
    if not tokens:
        return False
    token = tokens.pop(0)
    if token == "(":  # noqa: S105 - a bracket
        holds = any_of(rules, tokens)
        return tokens[:1] == [")"] and bool(tokens.pop(0)) and holds
    return token in rules.allowed


if __name__ == "__main__":
    sys.exit(main())
