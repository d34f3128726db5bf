"""The law as cases: each file in ``cases/`` is read by lawyers and run against the one pure call of the core.

A case gives facts and a date and says what must come out and why. The expectations were written from the
domain reference and the wire contract alone, without looking at the packs or the classifier.

A ``result``, ``hold`` or ``license_status`` may be a list: any of them is right, and ``because`` says why.
A control code stands for its subitems too (``1C909`` for ``1C909.a``).
"""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from case_events import ALLOWED, Case, cases_in, listed, wire_controls, wire_event


def lacking(wanted: list[str], found: set[str]) -> list[str]:
    """The wanted codes that are neither in ``found`` themselves nor by a subitem."""
    return [code for code in wanted if not any(re.match(rf"{re.escape(code)}($|[./])", one) for one in found)]


def differences(expect: Case, decision: Case) -> list[str]:
    """Every expectation that the decision does not meet, in words."""
    items = decision["items"]
    licenses = [item["license"] or {} for item in items]
    single: dict[str, list[Any]] = {
        **{field: [decision[field]] for field in ("result", "hold", "legal_date", "reassess_on")},
        "type_needed": [license_.get("type_needed") for license_ in licenses],
        "license_status": [license_.get("status") for license_ in licenses],
    }
    several = {
        "codes": {found["control_code"] for item in items for found in item["classifications"]},
        "flags": {flag for item in items for flag in item["flags"]},
        "reasons": {reason["code"] for item in items for reason in item["reasons"]},
    }
    missing = " ".join(fact["fact"] for item in items for fact in item["missing"])
    results = {item["item_id"]: item["result"] for item in items}
    wrong = [
        f"{field}: {found}, expected {expect[field]}"
        for field, found in single.items()
        if field in expect and not any(value in listed(expect[field]) for value in found)
    ]
    for field, have in several.items():
        absent = lacking(expect.get(field, []), have)
        wrong += [f"{field}: {name} is not among {sorted(have)}" for name in absent]
        unwanted = expect.get(f"not_{field}", [])
        wrong += [f"{field}: {name} must not be there" for name in unwanted if not lacking([name], have)]
    wrong += [
        f"missing: {fact} not named in {missing!r}"
        for fact in expect.get("missing", ())
        if fact not in missing
    ]
    wrong += [
        f"item {item_id}: {results.get(item_id)}, expected {result}"
        for item_id, result in expect.get("items", {}).items()
        if results.get(item_id) not in listed(result)
    ]
    return wrong


CASES = list(cases_in("cases"))


@pytest.fixture(scope="session")
def pack() -> Any:
    from exportwatch.law.load import load_pack

    return load_pack(None)


@pytest.fixture(scope="session")
def plain_snapshot(pack: Any) -> Any:
    from exportwatch.screening.control import ControlContent

    return ControlContent(pack).snapshot()


def snapshot_of(case: Case, pack: Any, plain: Any) -> Any:
    controls = list(wire_controls(case))
    if not controls:
        return plain
    from exportwatch.screening.control import ControlContent

    content = ControlContent(pack)
    for topic, key, value in controls:
        content.fold(topic, key, value)
    return content.snapshot()


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{theme}: {case['name']}") for theme, case in CASES])
def test_the_case_comes_out_as_the_law_says(case: Case, pack: Any, plain_snapshot: Any) -> None:
    from exportwatch.screening.decide import Decided, screen

    event = wire_event(case)
    outcome = screen(event, (), snapshot_of(case, pack, plain_snapshot))
    assert isinstance(outcome, Decided), f"{outcome}\n{event.decode()}"
    wrong = differences(case["expect"], orjson.loads(outcome.value))
    because = f"because: {case['because']} (confidence {case['confidence']})"
    assert not wrong, "\n".join([*wrong, because, event.decode()])


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
