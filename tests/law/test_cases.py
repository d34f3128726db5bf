"""The law as cases: each file in ``cases/`` is read by lawyers and run against the one pure call of the core.

A case gives facts and a date and says what must come out and why. The expectations were written from the
domain reference and the wire contract alone, without looking at the packs or the classifier.

A ``result``, ``hold`` or ``license_status`` may be a list: any of them is right, and ``because`` says why.
A control code stands for its subitems too (``1C909`` for ``1C909.a``). The cases are run as ``exportwatch evaluate``
runs them. A case that is known to come out wrong is marked: ``wrong`` says what comes out instead.
"""

from __future__ import annotations

import re

import orjson
import pytest
from case_events import ALLOWED, Case, cases_in, listed, wire_controls, wire_event

from exportwatch.evaluation.compare import differences
from exportwatch.evaluation.measure import Evaluator
from exportwatch.screening.control import load_rules

MOST_MARKED = 5

CASES = list(cases_in("cases"))


@pytest.fixture(scope="session")
def evaluator() -> Evaluator:
    return Evaluator(load_rules())


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{theme}: {case['name']}") for theme, case in CASES])
def test_the_case_comes_out_as_the_law_says(case: Case, evaluator: Evaluator) -> None:
    """A case that is marked ``wrong`` must come out wrong: a mark on a case that is right now is taken away."""
    run = evaluator.run(case)
    if run.marked:
        assert not run.exact, "the case comes out right now: take its mark `wrong` away"
        return
    because = f"because: {case['because']} (confidence {case['confidence']})"
    assert run.exact, "\n".join([*run.wrong, because, wire_event(case).decode()])


def test_the_cases_known_to_be_wrong_are_few_and_clear_nothing(evaluator: Evaluator) -> None:
    marked = [case for _, case in CASES if "wrong" in case]
    assert len(marked) <= MOST_MARKED
    assert not [case["name"] for case in marked if not case["wrong"]]
    assert not [case["name"] for case in marked if "false_clears" in evaluator.run(case).kinds]


def test_every_case_is_well_formed_and_named_once() -> None:
    folder = "cases"
    names = [f"{theme}: {case['name']}" for theme, case in cases_in(folder)]
    assert names
    assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})
    for theme, case in cases_in(folder):
        where = f"{folder}/{theme}: {case['name']}"
        assert set(case) <= set(ALLOWED["case"]), where
        assert case["because"], where
        assert case["confidence"] in ("hi", "md", "lo"), where
        assert case["expect"], where
        assert set(case["expect"]) <= set(ALLOWED["expect"]), where
        assert set(listed(case["expect"].get("result", "review"))) <= set(ALLOWED["results"]), where
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", case["on"][:10]), where
        orjson.loads(wire_event(case))
        list(wire_controls(case))


def test_there_are_enough_cases_and_each_one_expects_something() -> None:
    assert len(CASES) >= 230
    decisive = {"result", "items", "not_codes"}
    assert not [case["name"] for _, case in CASES if not set(case["expect"]) & decisive]


def test_the_comparison_names_each_kind_of_difference() -> None:
    item = {
        "item_id": "1",
        "result": "review",
        "classifications": [{"control_code": "1C909.a"}],
        "flags": ["customs_remark"],
        "reasons": [{"code": "LISTED_ITEM"}],
        "missing": [{"fact": "tap_density"}],
        "license": None,
    }
    decision = {
        "result": "review",
        "hold": "person",
        "legal_date": "2025-06-01",
        "reassess_on": None,
        "items": [item],
    }
    right: Case = {
        "result": ["review"],
        "codes": ["1C909"],
        "missing": ["tap_density"],
        "items": {"1": "review"},
    }
    assert differences(right, decision) == []
    wrong: Case = {
        "hold": "hold",
        "license_status": "covered",
        "codes": ["1C90"],
        "not_codes": ["1C909"],
        "flags": ["deemed_export"],
        "not_reasons": ["LISTED_ITEM"],
        "missing": ["purity"],
        "items": {"1": "not_required", "2": "review"},
    }
    assert len(differences(wrong, decision)) == 9
