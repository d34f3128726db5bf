"""Policies on listed items, by stand-ins: a harmless substance is put on the lists whose codes a policy names.

What the lists themselves hold is not asked here, so that these tests say the same with any list in the pack.
"""

from typing import Any

import orjson
import pytest

from exportwatch.alerting.drafts import AlertRules, alerts_of
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, screen
from exportwatch_events.catalogue import Flag, ReasonCode, ReasonFamily
from law.case_events import wire_controls, wire_event

RULES = load_rules()
Body = dict[str, Any]


def stand_in(code: str, instrument: str = "CN-2023-23", **condition: Any) -> Body:
    entry = {
        "code": code, "name": {"en": "a stand-in", "zh": "替代品"}, "kind": "goods", "effect": "dual_use_license",
        "condition": condition or {"substance": "lithium_carbonate"}, "source": "a test", "confidence": "INF",
    }  # fmt: skip
    return {
        "instrument_id": instrument, "status": "in_force", "from": "2024-01-01", "announced_by": "CN-2024-1",
        "entries": [entry],
    }  # fmt: skip


def decided(on: str, law: list[Body], granted: tuple[Body, ...] = (), **facts: Any) -> Body:
    item = {"description": "Lithium carbonate 99.5 %", "cas": ["554-13-2"], **facts.pop("item", {})}
    case = {"on": on, "law": law, "licenses": granted, "facts": {"to": "US", "item": item, **facts}}
    content = ControlContent(RULES)
    for record in wire_controls(case):
        content.fold(*record)
    assert not content.problems
    outcome = screen(wire_event(case), (), content.snapshot())
    assert isinstance(outcome, Decided)
    body: Body = orjson.loads(outcome.value)
    return body


def codes(body: Body) -> set[str]:
    return {reason["code"] for reason in body["items"][0]["reasons"]}


def flags(body: Body) -> set[str]:
    return set(body["items"][0]["flags"])


GALLIUM = [stand_in("3C001.x")]
GRAPHITE = [stand_in("CN-2023-39/X", "CN-2023-39")]
LICENSE = {
    "license_no": "IL-1", "type": "dual_use_individual", "status": "granted", "control_codes": ["3C001"],
    "valid_from": "2026-06-01", "valid_to": "2027-05-31",
}  # fmt: skip


@pytest.mark.parametrize("on", ["2024-12-03", "2025-06-01", "2025-11-08"])
def test_paragraph_2_presumes_denial_while_it_is_in_force(on: str) -> None:
    body = decided(on, GALLIUM)
    assert (body["result"], body["hold"]) == ("license_required", "hold")
    assert Flag.PRESUMED_DENIAL in flags(body)
    assert ReasonCode.DESTINATION_RESTRICTED in codes(body)


@pytest.mark.parametrize("on", ["2024-12-02", "2025-11-09", "2026-11-26"])
def test_paragraph_2_says_nothing_before_it_and_while_it_is_suspended(on: str) -> None:
    body = decided(on, GALLIUM)
    assert body["result"] == "license_required"
    assert not flags(body) & {Flag.PRESUMED_DENIAL}
    assert not codes(body) & {ReasonCode.DESTINATION_RESTRICTED, ReasonCode.LAW_UNCONFIRMED}


def test_a_decision_under_the_suspension_of_paragraph_2_is_taken_up_again_when_it_ends() -> None:
    body = decided("2026-11-26", GALLIUM)
    named = {(s["instrument_id"], s["limb"]): s["status"] for s in body["items"][0]["law"]}
    assert named["CN-2024-46", "2"] == "suspended"
    assert body["reassess_on"] == "2026-11-27"


@pytest.mark.parametrize("on", ["2026-11-27", "2026-11-28", "2027-03-01"])
def test_paragraph_2_is_a_question_from_the_boundary_day_on(on: str) -> None:
    body = decided(on, GALLIUM)
    assert body["result"] == "license_required"
    assert {ReasonCode.DESTINATION_RESTRICTED, ReasonCode.LAW_UNCONFIRMED} <= codes(body)
    assert Flag.PRESUMED_DENIAL not in flags(body)
    covered = decided(on, GALLIUM, (LICENSE,), licenses=["IL-1"])
    assert (covered["result"], covered["hold"]) == ("review", "person")
    assert covered["items"][0]["license"]["status"] == "covered"


@pytest.mark.parametrize(
    ("status", "until", "flagged"), [("extended", "2027-11-10", False), ("confirmed_lapsed", None, True)]
)
def test_an_amendment_settles_paragraph_2(status: str, until: str | None, flagged: bool) -> None:
    told = {
        "instrument_id": "CN-2024-46",
        "limb": "2",
        "status": status,
        "until": until,
        "announced_by": "CN-2026-99",
    }
    body = decided("2026-12-01", [*GALLIUM, {**told, "from": "2026-11-28" if flagged else None}])
    assert (Flag.PRESUMED_DENIAL in flags(body)) is flagged
    assert ReasonCode.LAW_UNCONFIRMED not in codes(body)


@pytest.mark.parametrize(
    ("code", "flagged"),
    [("3C001", True), ("3C001.a", True), ("3C002.f", True), ("3C003.b", True), ("3E003", True),
     ("CN-2024-33/PRESS", True), ("3C0011", False), ("3C004.a", False), ("1C117.b", False), ("CN-2023-39/X", False)],
)  # fmt: skip
def test_the_scope_of_paragraph_2_is_gallium_germanium_antimony_and_superhard(
    code: str, flagged: bool
) -> None:
    body = decided("2025-06-01", [stand_in(code)])
    assert (Flag.PRESUMED_DENIAL in flags(body)) is flagged
    assert body["result"] == "license_required"


def test_a_granted_licence_releases_what_would_be_refused_in_principle_and_opens_no_alert() -> None:
    granted = {**LICENSE, "valid_from": "2025-01-01", "valid_to": "2025-12-31"}
    body = decided("2025-06-01", GALLIUM, (granted,), licenses=["IL-1"])
    assert (body["result"], body["hold"]) == ("license_required", "release")
    assert alerts_of(body, AlertRules()) == ()
    uncovered = {draft.subject.family for draft in alerts_of(decided("2025-06-01", GALLIUM), AlertRules())}
    assert uncovered == {ReasonFamily.LEGAL_CONTROL, ReasonFamily.DESTINATION}


def test_an_item_that_may_be_listed_brings_the_reason_and_no_presumption() -> None:
    unknown = {
        "all": [
            {"substance": "lithium_carbonate"},
            {"parameter": {"name": "purity", "op": ">=", "value": "99.9", "unit": "%"}},
        ]
    }
    body = decided("2025-06-01", [stand_in("3C003.x", **unknown)], item={"description": "Lithium carbonate"})
    assert body["result"] == "review"
    assert ReasonCode.DESTINATION_RESTRICTED in codes(body)
    assert Flag.PRESUMED_DENIAL not in flags(body)


def test_graphite_is_reviewed_more_strictly_and_not_refused() -> None:
    body = decided("2025-06-01", GRAPHITE)
    assert ReasonCode.DESTINATION_RESTRICTED in codes(body)
    assert Flag.PRESUMED_DENIAL not in flags(body)
    assert "reviewed more strictly" in str(body["items"][0]["reasons"])
    assert ReasonCode.DESTINATION_RESTRICTED not in codes(decided("2026-03-01", GRAPHITE))
    assert ReasonCode.LAW_UNCONFIRMED in codes(decided("2026-11-27", GRAPHITE))


@pytest.mark.parametrize("to", ["DE", "JP", "HK", "TW"])
def test_paragraph_2_is_about_the_united_states(to: str) -> None:
    body = decided("2025-06-01", GALLIUM, to=to)
    assert Flag.PRESUMED_DENIAL not in flags(body)
    user = {"name": "Example Systems Inc", "country": "US"}
    assert Flag.PRESUMED_DENIAL in flags(decided("2025-06-01", GALLIUM, to=to, end_user=user))


@pytest.mark.parametrize(("on", "result"), [("2024-12-02", "license_required"), ("2024-12-03", "prohibited")])
def test_paragraph_1_bars_military_users_from_its_first_day(on: str, result: str) -> None:
    assert decided(on, GALLIUM, end_use={"user_type": "military"})["result"] == result


@pytest.mark.parametrize(
    ("on", "result"),
    [("2024-12-02", "not_required"), ("2024-12-03", "review"), ("2025-11-08", "review"),
     ("2025-11-09", "not_required"), ("2026-11-26", "not_required"), ("2026-11-27", "review")],
)  # fmt: skip
def test_passing_on_chinese_gallium_is_a_question_unless_paragraph_2_is_suspended(
    on: str, result: str
) -> None:
    body = decided(on, GALLIUM, **{"from": "KR"}, item={"country_of_origin": "CN"})
    assert body["result"] == result
    assert (ReasonCode.EXTRATERRITORIAL in codes(body)) is (result == "review")


@pytest.mark.parametrize("origin", ["KR", "US"])
def test_passing_on_what_is_not_of_chinese_origin_is_free(origin: str) -> None:
    body = decided("2025-06-01", GALLIUM, **{"from": "KR"}, item={"country_of_origin": origin})
    assert body["result"] == "not_required"


def test_passing_on_what_may_be_of_chinese_origin_asks_for_the_origin() -> None:
    body = decided("2025-06-01", GALLIUM, **{"from": "KR"})
    assert body["result"] == "review"
    assert "country_of_origin" in {missing["fact"] for missing in body["items"][0]["missing"]}


def test_passed_on_items_are_shown_with_the_entry_that_lists_them() -> None:
    body = decided("2025-06-01", GALLIUM, **{"from": "KR"}, item={"country_of_origin": "CN"})
    found = body["items"][0]
    assert [c["control_code"] for c in found["classifications"]] == ["3C001.x"]
    assert {s["instrument_id"] for s in found["law"]} == {"CN-2023-23", "CN-2024-46"}
    assert alerts_of(body, AlertRules())


def test_the_reason_names_the_places_that_speak_of_the_military() -> None:
    user = {"name": "Example Navy Yard"}
    body = decided("2025-06-01", GALLIUM, end_use={"text": "missile seekers"}, end_user=user)
    (reason,) = [r for r in body["items"][0]["reasons"] if r["code"] == ReasonCode.MILITARY_END_USE]
    assert reason["text"]["en"].endswith(": end_use.text, parties[2].name")


def test_an_entry_that_an_amendment_brings_later_is_not_passed_on_before_its_first_day() -> None:
    later = [{**stand_in("3C001.x"), "from": "2025-06-02"}]
    sent = {"from": "KR", "item": {"country_of_origin": "CN"}}
    assert decided("2025-06-01", later, **sent)["result"] == "not_required"
    assert decided("2025-06-02", later, **{**sent, "item": {"country_of_origin": "CN"}})["result"] == "review"
