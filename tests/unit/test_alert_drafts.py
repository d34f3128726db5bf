"""Which alerts one decision wants: grain, result, severity and hold advice."""

import pytest

from decision_builders import (
    CODE,
    INSTRUMENT,
    cancelled,
    classification,
    controlled,
    decision,
    item,
    law,
    license_,
    listed,
    reason,
    undecided,
    unreadable,
    with_party,
)
from exportwatch.alerting.drafts import AlertDraft, AlertRules, alerts_of
from exportwatch.alerting.identity import Subject, alert_id

RULES = AlertRules()


def only(built: dict) -> AlertDraft:
    drafts = alerts_of(built, RULES)
    assert len(drafts) == 1, drafts
    return drafts[0]


def told(draft: AlertDraft) -> tuple[str, int, str]:
    return draft.result, draft.severity, draft.hold_advice


def test_an_item_without_findings_wants_no_alert() -> None:
    assert alerts_of(decision(item()), RULES) == ()


def test_a_missing_license_is_one_alert_of_the_item_and_its_control() -> None:
    draft = only(decision(controlled(), item("20")))
    assert draft.subject == ("10", "legal_control", INSTRUMENT, CODE)
    assert told(draft) == ("license_required", 4, "hold_document")


def test_license_reasons_ride_on_the_control_that_needs_the_license() -> None:
    needy = controlled()
    needy["reasons"].append(reason("LICENSE_MISSING", "license"))
    draft = only(decision(needy))
    assert [found["code"] for found in draft.reasons] == ["LISTED_ITEM", "LICENSE_MISSING"]


@pytest.mark.parametrize(("status", "severity"), [("missing", 4), ("insufficient", 4), ("pending", 3)])
def test_a_license_that_is_applied_for_is_less_severe_than_none(status: str, severity: int) -> None:
    assert only(decision(controlled(license_status=status))).severity == severity


def test_a_covered_license_wants_no_alert() -> None:
    assert alerts_of(decision(controlled(license_status="covered")), RULES) == ()


def test_a_license_that_is_needed_and_of_unknown_status_counts_as_missing() -> None:
    assert only(decision(controlled(license_status="not_needed"))).result == "license_required"


def test_two_limbs_of_one_control_are_one_alert() -> None:
    both = controlled()
    both["classifications"] = [classification(limb="1"), classification(limb="2")]
    both["law"] = [law(limb="1"), law(limb="2")]
    assert only(decision(both)).subject.control_code == CODE


def test_each_control_of_an_item_is_judged_by_its_own_match_and_law() -> None:
    mixed = controlled()
    mixed["classifications"] += [
        classification("1C906.b", "unknown"),
        classification("1C9", "yes", "CN-2025-57"),
    ]
    mixed["law"] += [law("suspended", "CN-2025-57")]
    results = {draft.subject.control_code: draft.result for draft in alerts_of(decision(mixed), RULES)}
    assert results == {CODE: "license_required", "1C906.b": "review", "1C9": "suspended"}


def test_an_unconfirmed_law_is_a_review_of_severity_three() -> None:
    found = item(
        "10", "review", classifications=[classification()], reasons=[listed()], law=[law("unconfirmed")]
    )
    assert told(only(decision(found))) == ("review", 3, "hold_item")


def test_a_missing_fact_is_a_review_of_severity_two_that_names_the_fact() -> None:
    draft = only(decision(undecided("10", "form", "composition.dysprosium")))
    assert told(draft) == ("review", 2, "hold_item")
    assert [fact["fact"] for fact in draft.missing] == ["form", "composition.dysprosium"]


@pytest.mark.parametrize("status", ["suspended", "not_yet_effective"])
def test_sleeping_law_is_monitored_and_can_be_turned_off(status: str) -> None:
    built = decision(item("10", status, classifications=[classification()], law=[law(status)]))
    assert told(only(built)) == (status, 1, "monitor")
    assert alerts_of(built, AlertRules(monitor=False)) == ()


def test_a_prohibited_technology_holds_the_document_with_severity_five() -> None:
    banned = item(
        "10",
        "prohibited",
        classifications=[classification("RE-SEPARATION", instrument_id="CN-2023-57")],
        reasons=[reason("PROHIBITED_TECHNOLOGY", "legal_control", "CN-2023-57", "RE-SEPARATION")],
        law=[law("in_force", "CN-2023-57")],
    )
    assert told(only(decision(banned))) == ("prohibited", 5, "hold_document")


def test_an_uncovered_item_of_a_contract_holds_the_item_alone() -> None:
    built = decision(controlled(), key="default/ERP-P01/contract/C-1")
    assert only(built).hold_advice == "hold_item"


def test_a_listed_party_is_one_alert_of_the_document_however_many_items_it_touches() -> None:
    built = decision(with_party(item("10")), with_party(item("20")))
    draft = only(built)
    assert draft.subject == ("", "party", "", "")
    assert told(draft) == ("prohibited", 5, "hold_document")
    assert len(draft.reasons) == 1


def test_a_listed_party_does_not_make_a_control_prohibited() -> None:
    results = {d.subject.family: d.result for d in alerts_of(decision(with_party(controlled())), RULES)}
    assert results == {"legal_control": "license_required", "party": "prohibited"}


def test_a_prohibited_end_use_leaves_the_control_a_matter_of_its_license() -> None:
    barred = controlled() | {
        "result": "prohibited",
        "license": license_("not_needed") | {"type_needed": None},
    }
    barred["reasons"].append(reason("MILITARY_END_USE", "end_use", "CN-2024-46"))
    drafts = {draft.subject.family: draft for draft in alerts_of(decision(barred), RULES)}
    assert told(drafts["end_use"]) == ("prohibited", 5, "hold_document")
    assert told(drafts["legal_control"]) == ("license_required", 4, "hold_document")
    assert drafts["legal_control"].license is None


def test_a_possible_party_asks_a_person_even_where_a_license_covers_the_goods() -> None:
    built = decision(with_party(controlled(license_status="covered"), "PARTY_POSSIBLE_MATCH"))
    assert told(only(built)) == ("review", 3, "hold_document")


def test_lawless_findings_of_all_items_are_one_alert_of_the_documents_data() -> None:
    def vague(item_id: str, code: str, family: str) -> dict:
        return item(
            item_id, "review", reasons=[reason(code, family)], missing=[{"fact": "cas", "why": "names it"}]
        )

    built = decision(
        vague("10", "UNCLASSIFIABLE", "classification"), vague("20", "CONFLICT_TEXT_HS", "consistency")
    )
    draft = only(built)
    assert draft.subject == ("", "data", "", "")
    assert {found["code"] for found in draft.reasons} == {"UNCLASSIFIABLE", "CONFLICT_TEXT_HS"}
    assert told(draft) == ("review", 2, "hold_document")


def test_a_contradiction_that_does_not_decide_the_item_rides_on_its_control() -> None:
    needy = controlled()
    needy["reasons"].append(reason("CONFLICT_TEXT_HS", "consistency"))
    assert [found["code"] for found in only(decision(needy)).reasons] == ["LISTED_ITEM", "CONFLICT_TEXT_HS"]


def test_an_item_that_no_finding_explains_still_has_an_alert() -> None:
    assert told(only(decision(item("10", "review")))) == ("review", 2, "hold_document")


def test_a_record_that_cannot_be_read_is_an_alert_of_the_documents_data() -> None:
    draft = only(unreadable(1))
    assert draft.subject == ("", "data", "", "")
    assert [found["code"] for found in draft.reasons] == ["RECORD_UNREADABLE"]


def test_a_cancelled_document_wants_no_alert() -> None:
    assert alerts_of(cancelled(2), RULES) == ()


def test_a_result_that_the_decision_states_for_a_control_is_believed() -> None:
    exempt = item(
        "10",
        "review",
        classifications=[classification() | {"result": "not_required"}],
        reasons=[reason("UNCLASSIFIABLE", "classification")],
        law=[law()],
        license=license_("missing"),
    )
    assert only(decision(exempt)).subject.family == "data"


def test_the_alert_id_is_the_uuid_of_its_parts_joined_by_the_unit_separator() -> None:
    subject = Subject.of_control("10", INSTRUMENT, CODE)
    assert alert_id("default/ERP-P01/shipment/SH-1", subject) == "7ef54a5e-6425-5f7c-8a03-a56917a1ddad"


def test_a_military_end_use_asks_a_person_even_where_a_license_covers_the_goods() -> None:
    covered = controlled(license_status="covered")
    covered["reasons"].append(reason("MILITARY_END_USE", "end_use", "CN-2024-46"))
    assert only(decision(covered)).subject.family == "end_use"


def test_a_watch_listed_party_alone_wants_no_alert() -> None:
    ordinary = item(reasons=[reason("PARTY_WATCH_LISTED", "party")])
    assert alerts_of(decision(ordinary), RULES) == ()


def test_a_partys_alert_asks_for_facts_of_parties_only() -> None:
    doubtful = with_party(undecided("10", "form", "parties[1].name"), "PARTY_POSSIBLE_MATCH")
    asked = {
        d.subject.family: [fact["fact"] for fact in d.missing] for d in alerts_of(decision(doubtful), RULES)
    }
    assert asked == {"legal_control": ["form", "parties[1].name"], "party": ["parties[1].name"]}


def test_a_control_that_a_license_covers_wants_no_alert_beside_the_question_of_a_party() -> None:
    asked = with_party(controlled(license_status="covered"), "PARTY_POSSIBLE_MATCH")
    asked["result"] = "review"
    assert [draft.subject.family for draft in alerts_of(decision(asked), RULES)] == ["party"]


def test_a_covered_control_whose_license_is_doubted_keeps_its_alert() -> None:
    asked = controlled(license_status="covered")
    asked["result"] = "review"
    asked["reasons"].append(reason("LICENSE_SCOPE", "license", instrument_id=INSTRUMENT, control_code=CODE))
    assert [draft.subject.family for draft in alerts_of(decision(asked), RULES)] == ["legal_control"]


def test_a_review_of_a_covered_item_that_nothing_explains_is_the_documents_data() -> None:
    asked = controlled(license_status="covered")
    asked["result"] = "review"
    assert [draft.subject.family for draft in alerts_of(decision(asked), RULES)] == ["data"]


def test_an_entry_that_begins_later_is_not_taken_for_one_in_force_and_hides_none() -> None:
    both = controlled()
    both["law"] = [law("not_yet_effective"), *both["law"]]
    draft = only(decision(both))
    assert (draft.subject.control_code, draft.result) == (CODE, "license_required")
