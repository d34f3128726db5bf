"""Every option that a decision offers is true: brought on the wire, it gives what it promises.

The changes are applied here to the event and the control records themselves, not by the code that tried them.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import orjson
import pytest

from exportwatch.law.changes import (
    Change,
    CiteLicenses,
    ConfirmStatus,
    DismissMatches,
    GrantLicenses,
    NameMaterial,
    ReportComposition,
    SetChineseContent,
    SetForm,
    SetKind,
    SetParameter,
    Withdraw,
)
from exportwatch.screening import options as options_module
from exportwatch.screening.applied import Supposed
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, reading_of, screen, situation_of
from exportwatch.screening.grant import grant
from exportwatch.screening.judge import judge
from exportwatch.screening.options import MOST_OFFERED, MOST_RUNS, Option, options_for
from exportwatch_events.catalogue import HOLD_RANK, RESULT_RANK
from exportwatch_events.envelope import read_document
from law.case_events import Case, cases_in, wire_controls, wire_event

RULES = load_rules()
Controls = list[tuple[str, bytes, bytes | None]]
_LICENSE_OF = {"dual_use_license": "dual_use_individual"}
_UNIT_OF = {"pressure": "MPa", "c_rate": None}


SHARED = ControlContent(RULES)


def snapshot_of(controls: Controls) -> Any:
    """Licences and list entries are folded into a shared content and withdrawn again; the law is not withdrawn."""
    content = ControlContent(RULES) if any(topic.endswith("law.v1") for topic, _, _ in controls) else SHARED
    for record in controls:
        content.fold(*record)
    snapshot = content.snapshot()
    if content is SHARED:
        for topic, key, _ in controls:
            content.fold(topic, key, None)
    return snapshot


PLAIN = snapshot_of([])


def decided(event: bytes, snapshot: Any) -> Case:
    outcome = screen(event, (), snapshot)
    assert isinstance(outcome, Decided), outcome
    return orjson.loads(outcome.value)


def options_of(event: bytes, snapshot: Any) -> list[tuple[Option, ...]]:
    """The options of each item, with the changes that the wire tells in words only."""
    read: Any = read_document(event, (), None)
    reading = reading_of(read, snapshot)
    situation = situation_of(read, reading, snapshot)
    offered = []
    for item, thing in zip(read.items, reading.things, strict=True):
        found = judge(situation, item, thing.what)
        granted = grant(situation, item, found)
        offered.append(options_for(Supposed(item, situation), found, granted))
    return offered


def brought(change: Change, event: Case, index: int, controls: Controls) -> None:
    """Write the change into the event's JSON, or add the control record that it speaks of."""
    item = event["items"][index]
    match change:
        case SetParameter(name=name, value=value, unit=unit, condition=condition):
            others = [line for line in item.get("parameters", []) if line.get("name") != name]
            at = {
                k: {"value": float(v), "unit": _UNIT_OF[k]} if _UNIT_OF[k] else float(v) for k, v in condition
            }
            item["parameters"] = [
                *others,
                {"name": name, "value": float(value), "unit": unit, "condition": at},
            ]
        case ReportComposition(elements=elements, percent=percent):
            others = [line for line in item.get("composition", []) if line.get("substance") not in elements]
            item["composition"] = others + [
                {"substance": e, "percent": float(percent), "evidence": "test_report"} for e in elements
            ]
        case SetForm(form=form):
            item["form"] = form
        case SetKind(kind=kind):
            item["kind"] = kind
        case NameMaterial(name=name):
            item["description"] += f"; {name}"
        case Withdraw(field=field):
            item.pop(field)
        case SetChineseContent(percent=percent):
            item["chinese_content_percent"] = float(percent)
        case GrantLicenses(needs=needs):
            day = decided(orjson.dumps(event), snapshot_of(controls))["legal_date"]
            event.setdefault("contract_id", "NEW-CONTRACT")
            controls += [licensed(need, day, event["contract_id"]) for need in needs]
            if any(
                [
                    event.get("licenses"),
                    event.get("license"),
                    event.get("letter_of_intent"),
                    item.get("license"),
                ]
            ):
                event["licenses"] = [*event.get("licenses", []), *(f"NEW-{need}" for need in needs)]
        case CiteLicenses(numbers=numbers):
            event["licenses"] = [*event.get("licenses", []), *numbers]
        case ConfirmStatus(limbs=limbs, suspended=suspended):
            controls += [confirmed(limb, suspended) for limb in limbs]
        case DismissMatches():
            raise AssertionError("a person's comparison is no fact of the document")


def licensed(need: str, day: str, contract_id: str) -> tuple[str, bytes, bytes]:
    number = f"NEW-{need}"
    record = {"license_no": number, "version": 1, "type": _LICENSE_OF.get(need, need), "status": "granted",
              "valid_from": day, "valid_to": day, "contract_id": contract_id}  # fmt: skip
    return "compliance.licenses.v1", f"{number}@1".encode(), orjson.dumps(record)


def confirmed(limb: Any, suspended: bool) -> tuple[str, bytes, bytes]:
    record = {"instrument_id": limb.instrument_id, "limb": limb.limb, "announced_by": "CN-2099-1",
              "status": "extended" if suspended else "in_force", "from": limb.since.isoformat(),
              "confirmed_at": limb.since.isoformat(),
              **({"until": "2099-12-31", "until_inclusive": True} if suspended else {})}  # fmt: skip
    key = f"{limb.instrument_id}/{limb.limb}/CN-2099-1"
    return "compliance.law.v1", key.encode(), orjson.dumps(record)


class Tried(NamedTuple):
    """A case as an event, its control records, its decision, and the options of each item."""

    name: str
    event: bytes
    controls: Controls
    decision: Case
    offered: list[tuple[Option, ...]]


def tried(name: str, case: Case) -> Tried:
    event, controls = wire_event(case), list(wire_controls(case))
    snapshot = snapshot_of(controls) if controls else PLAIN
    return Tried(name, event, controls, decided(event, snapshot), options_of(event, snapshot))


@pytest.fixture(scope="module")
def cases() -> list[Tried]:
    return [tried(f"{theme}: {case['name']}", case) for theme, case in cases_in("cases")]


def offered_in(cases: list[Tried]) -> Iterator[tuple[Tried, int, Option]]:
    for case in cases:
        for index, offered in enumerate(case.offered):
            yield from ((case, index, option) for option in offered)


def test_the_cases_offer_options_of_every_kind(cases: list[Tried]) -> None:
    offered = list(offered_in(cases))
    kinds = {type(change) for *_, option in offered for change in option.changes}
    wanted = {SetParameter, ReportComposition, SetForm, Withdraw, GrantLicenses, CiteLicenses, ConfirmStatus}
    assert wanted <= kinds
    assert len(offered) > 300


def test_what_is_offered_is_what_the_decision_says(cases: list[Tried]) -> None:
    for case in cases:
        said = [
            [(o["change"], o["result"]) for o in item["clear_options"]] for item in case.decision["items"]
        ]
        assert said == [[(o.change, o.result) for o in offered] for offered in case.offered], case.name


def test_every_offered_option_brought_on_the_wire_gives_what_it_promises(cases: list[Tried]) -> None:
    broken = []
    for case, index, option in offered_in(cases):
        if any(isinstance(change, DismissMatches) for change in option.changes):
            continue
        event, controls = orjson.loads(case.event), list(case.controls)
        for change in option.changes:
            brought(change, event, index, controls)
        item = decided(orjson.dumps(event), snapshot_of(controls))["items"][index]
        if (item["result"], item["hold"]) != (option.result, option.hold):
            broken.append(f"{case.name}: {option}: gave {item['result']}, {item['hold']}")
    assert not broken, "\n".join(broken)


def test_an_option_leads_out_of_review_to_a_looser_result_or_to_a_release(cases: list[Tried]) -> None:
    for case, index, option in offered_in(cases):
        item = case.decision["items"][index]
        assert option.result != "review", case.name
        looser = RESULT_RANK[option.result] > RESULT_RANK[item["result"]]
        released = HOLD_RANK[option.hold] > HOLD_RANK[item["hold"]]
        assert item["result"] == "review" or looser or released, case.name


def test_the_smallest_change_comes_first_and_among_equal_ones_the_one_that_clears(cases: list[Tried]) -> None:
    for case in cases:
        for offered in case.offered:
            assert len(offered) <= MOST_OFFERED, case.name
            sizes = [option.size for option in offered]
            assert sizes == sorted(sizes), case.name
            ranks = [(HOLD_RANK[o.hold], RESULT_RANK[o.result]) for o in offered if o.size == sizes[0]]
            assert ranks == sorted(ranks, reverse=True), case.name


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Each re-screening while it lasts."""
    seen: list[Any] = []
    plain = options_module.rescreened

    def counted(*given: Any) -> Any:
        seen.append(given)
        return plain(*given)

    monkeypatch.setattr(options_module, "rescreened", counted)
    return seen


def test_an_item_is_screened_again_a_few_times_at_most_and_an_ordinary_one_never(
    cases: list[Tried], runs: list[Any]
) -> None:
    for case in cases:
        runs.clear()
        decided(case.event, snapshot_of(case.controls) if case.controls else PLAIN)
        flagged = [item for item in case.decision["items"] if item["result"] != "not_required"]
        assert len(runs) <= MOST_RUNS * len(flagged), case.name


def test_a_long_text_gets_one_run(runs: list[Any]) -> None:
    text = "NdFeB magnets N35; " + "packed in a wooden box " * 1000
    event = wire_event({"on": "2025-06-01", "facts": {"item": {"item_id": "1", "description": text}}})
    assert decided(event, PLAIN)["result"] == "review"
    assert len(runs) == 1


def test_a_long_text_of_the_contract_gets_one_run_too(runs: list[Any]) -> None:
    facts = {"title": "LFP preparation technology", "description": "on the terms below " * 1000}
    event = wire_event({"on": "2025-09-01", "document": "contract", "facts": facts})
    assert decided(event, PLAIN)["result"] == "review"
    assert len(runs) == 1


def test_a_possible_match_is_dismissed_by_a_person_and_the_rest_decides() -> None:
    entry = {
        "list_id": "cn-control-list",
        "entry_id": "E-7",
        "name": "Example Shipyards KK",
        "country": "JP",
        "listed_from": "2025-01-01",
    }
    facts = {
        "end_user": {"name": "Exampel Shipyards KK", "country": "JP"},
        "item": {"item_id": "1", "description": "paint"},
    }
    event = wire_event({"on": "2025-06-01", "facts": facts})
    decision = decided(event, snapshot_of(list(wire_controls({"parties": [entry]}))))
    assert decision["result"] == "review"
    (option,) = decision["items"][0]["clear_options"]
    assert "is not entry E-7 of cn-control-list" in option["change"]
    assert option["result"] == decided(event, PLAIN)["result"] == "not_required"


def test_options_do_not_touch_what_they_try(cases: list[Tried]) -> None:
    """The same record under the same snapshot gives the same bytes after others were tried under it."""
    events = [case.event for case in cases if not case.controls][:120]
    fresh = ControlContent(RULES).snapshot()
    first = [screen(event, (), fresh) for event in events]
    assert [screen(event, (), fresh) for event in reversed(events)] == first[::-1]
    assert fresh.licenses.on("supposed dual_use_license", date(2025, 6, 1)) is None
