"""Sets of cases with their descriptions written another way, and which results changed.

A case is held against itself, not against what it expects: what noise costs is counted apart from what is wrong. Cases
with control data of their own are left out: noise does not reach those, and each would need a snapshot of its own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from exportwatch.evaluation.format import Case, case_files, cases_of
from exportwatch.evaluation.measure import Evaluator
from exportwatch.evaluation.noise import WAYS, rewritten
from exportwatch.evaluation.wire import wire_controls, wire_event
from exportwatch_events.catalogue import Hold, Result


@dataclass(frozen=True, slots=True)
class Change:
    """A case whose items came out otherwise under noise. ``let_go``: one of them goes that did not, or without the
    note that it is listed."""

    case: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    let_go: bool


@dataclass(frozen=True, slots=True)
class NoiseAccount:
    """What one way of writing did. ``varied``: cases whose texts it could change."""

    way: str
    varied: int
    changes: tuple[Change, ...]

    @property
    def let_go(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.let_go)


def under_noise(evaluator: Evaluator, paths: Iterable[Path]) -> list[NoiseAccount]:
    """One account a way of writing, over the cases of the files without control data whose event can be read."""
    varied = dict.fromkeys(WAYS, 0)
    changes: dict[str, list[Change]] = {way: [] for way in WAYS}
    for name, case in _plain_cases(paths):
        plain = evaluator.decision(case)
        if plain is None:
            continue
        for way in WAYS:
            noisy = _noisy(case, way)
            if noisy is None:
                continue
            varied[way] += 1
            change = _change(name, plain, evaluator.decision(noisy))
            changes[way] += [change] if change else []
    return [NoiseAccount(way, varied[way], tuple(changes[way])) for way in WAYS]


def _plain_cases(paths: Iterable[Path]) -> Iterator[tuple[str, Case]]:
    for path in paths:
        for file in case_files(path):
            plain = (case for case in cases_of(file) if not any(wire_controls(case)))
            yield from ((f"{file.stem}: {case['name']}", case) for case in plain)


def _noisy(case: Case, way: str) -> Case | None:
    """The case with every description rewritten; None where nothing of it changed."""
    event = orjson.loads(wire_event(case))
    changed = False
    for item in event.get("items") or ():
        told = item.get("description") if isinstance(item, dict) else None
        if isinstance(told, str):
            item["description"] = rewritten(told, way, case["name"])
            changed = changed or item["description"] != told
    return {**case, "event": event} if changed else None


def _change(name: str, plain: Case, noisy: Case | None) -> Change | None:
    before, after = _outcomes(plain), _outcomes(noisy) if noisy else {}
    if before == after:
        return None
    let_go = any(_let_go(before[item], after[item]) for item in before.keys() & after.keys())
    return Change(name, _results(before), _results(after), let_go)


def _outcomes(decision: Case) -> dict[str, tuple[str, str]]:
    return {item["item_id"]: (item["result"], item["hold"]) for item in decision["items"]}


def _results(outcomes: dict[str, tuple[str, str]]) -> tuple[str, ...]:
    return tuple(result for result, _ in outcomes.values())


def _let_go(before: tuple[str, str], after: tuple[str, str]) -> bool:
    silent = after[0] == Result.NOT_REQUIRED != before[0]
    return silent or (after[1] == Hold.RELEASE != before[1])
