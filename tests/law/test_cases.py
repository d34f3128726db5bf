"""The law as cases: each file in ``cases/`` is read by lawyers and run against the one pure call of the core.

A case gives facts and a date and says what must come out and why. The expectations were written from the
domain reference and the wire contract alone, without looking at the packs or the classifier. Cases in
``later/`` need lists that are not in the packs yet; only their form is checked here.

Shorthand that is expanded before the event is built (all else is the wire format of the events):

- ``from: CN`` for ``{country: CN}``; ``item`` for a single item; ``quantity: [5, KGM]``
- ``exporter``, ``consignee``, ``end_user`` for entries of ``parties`` (country as ``to`` where absent)
- ``parameters: {name: [value, unit, condition?]}`` and in a condition ``pressure: [220, MPa]``
- ``composition: {Dy: 2.5}`` or ``{Dy: [2.5, test_report]}``

A ``result``, ``hold`` or ``license_status`` may be a list: any of them is right, and ``because`` says why.
A control code stands for its subitems too (``1C909`` for ``1C909.a``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

HERE = Path(__file__).parent
Case = dict[str, Any]


class CaseLoader(yaml.SafeLoader):
    """YAML in which ``on`` and ``NO`` are words and dates stay text; only true/false are booleans."""


NOT_GUESSED = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
CaseLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag not in NOT_GUESSED]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
CaseLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def load(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), CaseLoader)


DEFAULTS: Mapping[str, Case] = load(HERE / "defaults.yaml")
ALLOWED: Mapping[str, list[str]] = load(HERE / "format.yaml")


def cases_in(folder: str) -> Iterator[tuple[str, Case]]:
    for path in sorted((HERE / folder).glob("*.yaml")):
        for case in load(path):
            yield path.stem, case


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# --- from shorthand to the wire -------------------------------------------------------------------


def without_nulls(given: Case) -> Case:
    return {key: value for key, value in given.items() if value is not None}


def quantity(value: Any) -> Any:
    return {"value": value[0], "unit": value[1]} if isinstance(value, list) else value


def place(value: Any) -> Any:
    return {"country": value} if isinstance(value, str) else value


def parameter(name: str, given: list[Any]) -> Case:
    found: Case = {"name": name, "value": given[0], "unit": given[1]}
    if len(given) > 2:
        found["condition"] = {key: quantity(value) for key, value in given[2].items()}
    return found


def substance(name: str, given: Any) -> Case:
    percent, *evidence = listed(given)
    found: Case = {"substance": name}
    if percent is not None:
        found["percent"] = percent
    if evidence:
        found["evidence"] = evidence[0]
    return found


def wire_item(given: Case, default: Case) -> Case:
    item = {**default, **given}
    if isinstance(item.get("parameters"), dict):
        item["parameters"] = [parameter(name, value) for name, value in item["parameters"].items()]
    if isinstance(item.get("composition"), dict):
        item["composition"] = [substance(name, value) for name, value in item["composition"].items()]
    for field in ("quantity", "net_mass"):
        if field in item:
            item[field] = quantity(item[field])
    return without_nulls(item)


def wire_parties(facts: Case) -> list[Case]:
    parties = []
    for role in ALLOWED["roles"]:
        given = facts.pop(role, None)
        if given is None:
            continue
        party = {"name": given} if isinstance(given, str) else dict(given)
        parties.append(without_nulls({"role": role, "country": facts["to"]["country"], **party}))
    return parties


def wire_event(case: Case) -> bytes:
    """The event of a case as the ERP would publish it."""
    document = case.get("document", "shipment")
    facts = {**DEFAULTS[document], **case.get("facts", {})}
    facts["from"], facts["to"] = place(facts["from"]), place(facts["to"])
    if "via" in facts:
        facts["via"] = [place(stop) for stop in facts["via"]]
    item = facts.pop("item")
    facts["items"] = [wire_item(given, DEFAULTS[document]["item"]) for given in facts.get("items", [item])]
    named = wire_parties(facts)
    facts.setdefault("parties", named)
    facts.setdefault("export_date" if document == "shipment" else "transfer_date", case["on"])
    facts.setdefault("event_time", f"{case['on'][:10]}T12:00:00+08:00")
    facts.setdefault("event_id", "E-1")
    facts.setdefault(f"{document}_id", "D-1")
    return orjson.dumps(without_nulls(facts))


def wire_controls(case: Case) -> Iterator[tuple[str, bytes, bytes | None]]:
    """The control records of a case as (topic, key, value); ``withdrawn: true`` is a null value."""
    for field, topic in (("law", "law"), ("licenses", "licenses"), ("parties", "parties")):
        for given in case.get(field, ()):
            record = without_nulls({"version": 1, **given} if field == "licenses" else given)
            if isinstance(record.get("quantity"), list):
                record["quantity"] = quantity(record["quantity"])
            withdrawn = record.pop("withdrawn", False)
            match field:
                case "law":
                    named = (
                        record.get("instrument_id", ""),
                        record.get("limb", "*"),
                        record.get("announced_by", ""),
                    )
                    key = "/".join(named)
                case "licenses":
                    key = f"{record['license_no']}@{record['version']}"
                case _:
                    key = f"{record['list_id']}/{record['entry_id']}@{record.get('version', 0)}"
            yield f"compliance.{topic}.v1", key.encode(), None if withdrawn else orjson.dumps(record)


# --- comparing ------------------------------------------------------------------------------------


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


# --- the tests ------------------------------------------------------------------------------------

CASES = list(cases_in("cases"))
LATER = list(cases_in("later"))


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


@pytest.mark.parametrize("folder", ["cases", "later"])
def test_every_case_is_well_formed_and_named_once(folder: str) -> None:
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
