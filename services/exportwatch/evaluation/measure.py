"""Sets of cases run and counted: exact, false clears, over-alerts, wrong licence type, conflicts missed.

Pure but for the files that it is given: cases and rules in, an account out. The kinds may overlap; what is wrong in
none of these ways is ``otherwise``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from exportwatch.errors import ConfigError
from exportwatch.evaluation.compare import differences
from exportwatch.evaluation.format import Case, case_files, cases_of, listed
from exportwatch.evaluation.wire import wire_controls, wire_event
from exportwatch.law.load import RulePack
from exportwatch.screening.control import ControlContent
from exportwatch.screening.decide import Decided, screen
from exportwatch.screening.snapshot import Snapshot
from exportwatch_events.catalogue import HOLD_OF, RESULT_RANK, Hold, Result

KINDS = ("false_clears", "over_alerts", "wrong_license_type", "conflicts_missed", "otherwise")


@dataclass(frozen=True, slots=True)
class Run:
    """One case that was run. ``wrong``: each difference in words; ``marked``: the case itself says that it is wrong."""

    name: str
    confidence: str
    marked: bool
    wrong: tuple[str, ...]
    kinds: frozenset[str]

    @property
    def exact(self) -> bool:
        return not self.wrong


@dataclass(frozen=True, slots=True)
class Account:
    """The runs of one set, or of several."""

    name: str
    runs: tuple[Run, ...]

    def of(self, kind: str) -> tuple[Run, ...]:
        return tuple(run for run in self.runs if kind in run.kinds)

    @property
    def exact(self) -> int:
        return sum(run.exact for run in self.runs)

    @property
    def marked(self) -> int:
        """Cases that are marked as coming out wrong."""
        return sum(run.marked for run in self.runs)


class Evaluator:
    """Runs cases under one rule pack. Control records of a case hold for that case alone."""

    def __init__(self, pack: RulePack) -> None:
        self._pack = pack
        self._plain = ControlContent(pack).snapshot()

    def accounts(self, paths: Iterable[Path]) -> Iterator[Account]:
        """One account a file; a folder stands for its files. ``ConfigError`` for a file that is none of cases."""
        for path in paths:
            for file in case_files(path):
                yield Account(file.stem, tuple(self.run(case, str(file)) for case in cases_of(file)))

    def run(self, case: Case, file: str = "") -> Run:
        """Run one case and name everything that comes out otherwise than it expects."""
        decision = self.decision(case, file)
        marked, confidence = "wrong" in case, str(case.get("confidence", "md"))
        if decision is None:
            kinds = frozenset(["otherwise"])
            return Run(case["name"], confidence, marked, ("the event could not be read",), kinds)
        wrong = tuple(differences(case["expect"], decision))
        return Run(
            case["name"],
            confidence,
            marked,
            wrong,
            _kinds(case["expect"], decision) if wrong else frozenset(),
        )

    def decision(self, case: Case, file: str = "") -> Any:
        """The decision as parsed JSON; None where the event cannot be read."""
        try:
            event, snapshot = wire_event(case), self._snapshot(case)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            problem = f"the facts are not of the format ({type(error).__name__}: {error})"
            raise ConfigError(problem, file=file, key=case["name"]) from error
        outcome = screen(event, (), snapshot)
        return orjson.loads(outcome.value) if isinstance(outcome, Decided) else None

    def _snapshot(self, case: Case) -> Snapshot:
        controls = list(wire_controls(case))
        if not controls:
            return self._plain
        content = ControlContent(self._pack)
        for topic, key, value in controls:
            content.fold(topic, key, value)
        return content.snapshot()


@dataclass(frozen=True, slots=True)
class _Pair:
    """What would be right and what came out, of the document or of one item."""

    wanted: tuple[Result, ...]
    holds: tuple[Hold, ...]
    got: Result
    got_hold: Hold

    @property
    def falsely_cleared(self) -> bool:
        """It goes, and every right answer would have held it or shown it to a person."""
        return self.got_hold is Hold.RELEASE and Hold.RELEASE not in self.holds

    @property
    def stricter(self) -> bool:
        return RESULT_RANK[self.got] < min(RESULT_RANK[wanted] for wanted in self.wanted)


def _kinds(expect: Case, decision: Case) -> frozenset[str]:
    pairs = list(_pairs(expect, decision))
    kinds = set()
    if any(pair.falsely_cleared for pair in pairs):
        kinds.add("false_clears")
    if any(pair.stricter for pair in pairs):
        kinds.add("over_alerts")
    needed = {item["license"]["type_needed"] for item in decision["items"]}
    if "type_needed" in expect and not needed & set(listed(expect["type_needed"])):
        kinds.add("wrong_license_type")
    said = {reason["code"] for item in decision["items"] for reason in item["reasons"]}
    if any(code.startswith("CONFLICT_") and code not in said for code in expect.get("reasons", ())):
        kinds.add("conflicts_missed")
    return frozenset(kinds or {"otherwise"})


def _pairs(expect: Case, decision: Case) -> Iterator[_Pair]:
    covered = "covered" in listed(expect.get("license_status", []))
    if "result" in expect:
        yield _pair(expect["result"], listed(expect.get("hold", [])), decision, covered)
    found = {item["item_id"]: item for item in decision["items"]}
    for item_id, wanted in expect.get("items", {}).items():
        if item_id in found:
            yield _pair(wanted, [], found[item_id], covered)


def _pair(wanted: Any, holds: list[str], got: Case, covered: bool) -> _Pair:
    """Where no hold is expected it follows from the results; a licence that is to cover releases."""
    results = tuple(Result(result) for result in listed(wanted))
    follow = tuple(Hold(hold) for hold in holds) or tuple(HOLD_OF[result] for result in results)
    if covered and not holds:
        follow = (*follow, Hold.RELEASE)
    return _Pair(results, follow, Result(got["result"]), Hold(got["hold"]))
