"""What one decision says about each subject: the content of an alert before its life is considered.

``drafts_of`` gives every subject that a decision names, open or not; ``alerts_of`` those that a person must
see.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from exportwatch.alerting.grain import DATA, Concern, Finding, concerns_of
from exportwatch.alerting.identity import Subject
from exportwatch.alerting.judgement import is_covered, needs_a_person, result_of
from exportwatch.alerting.severity import LOWEST, hold_advice_of, severity_of
from exportwatch_events.catalogue import (
    DocumentState,
    DocumentType,
    HoldAdvice,
    LicenseStatus,
    Match,
    ReasonFamily,
    Result,
    strictest,
)

Decision = Mapping[str, Any]
# A party's or an end use's alert asks for its own facts; the document's data for any.
_FACTS_OF_FAMILY = {
    ReasonFamily.PARTY: ("parties", "party_list"),
    ReasonFamily.END_USE: ("end_use",),
    ReasonFamily.DESTINATION: ("to", "route", "end_use"),
}


@dataclass(frozen=True, slots=True)
class AlertRules:
    """What the operator may turn off: ``monitor`` alerts, of law that is suspended or not yet effective."""

    monitor: bool = True

    def opens(self, result: Result, *, covered: bool) -> bool:
        if result in (Result.SUSPENDED, Result.NOT_YET_EFFECTIVE):
            return self.monitor
        return needs_a_person(result, covered=covered)


@dataclass(frozen=True, slots=True)
class AlertDraft:
    """One subject under one decision. ``item`` is the decision's item where the subject is an item's
    control.
    """

    subject: Subject
    result: Result
    is_open: bool
    severity: int
    hold_advice: HoldAdvice
    item: Finding | None = None
    classifications: tuple[Finding, ...] = ()
    reasons: tuple[Finding, ...] = ()
    law: tuple[Finding, ...] = ()
    license: Finding | None = None
    missing: tuple[Finding, ...] = ()
    clear_options: tuple[Finding, ...] = ()


def alerts_of(decision: Decision, rules: AlertRules) -> tuple[AlertDraft, ...]:
    """The alerts that a decision, taken alone, wants open."""
    return tuple(draft for draft in drafts_of(decision, rules) if draft.is_open)


def drafts_of(decision: Decision, rules: AlertRules) -> tuple[AlertDraft, ...]:
    """Every subject that a decision names, each once. A cancelled document names none."""
    if decision["document"].get("state") == DocumentState.CANCELLED:
        return ()
    by_subject: dict[Subject, list[tuple[Concern, Result]]] = {}
    for item in _items_of(decision):
        for concern, result in _explained(item):
            by_subject.setdefault(concern.subject, []).append((concern, result))
    is_contract = decision["document"].get("type") == DocumentType.CONTRACT
    return tuple(_draft(parts, rules, is_contract=is_contract) for parts in by_subject.values())


def silent_draft(subject: Subject) -> AlertDraft:
    """What a decision that does not name a subject says about it: nothing is required any more."""
    return AlertDraft(
        subject, Result.NOT_REQUIRED, is_open=False, severity=LOWEST, hold_advice=HoldAdvice.NONE
    )


def _items_of(decision: Decision) -> tuple[Finding, ...]:
    """The items; a decision about a record that could not be read has none and stands for one itself."""
    if decision.get("items"):
        return tuple(decision["items"])
    return ({**decision, "item_id": ""},)


def _explained(item: Finding) -> list[tuple[Concern, Result]]:
    """Each concern with its result; where none reaches the item's own result, the document's data carries
    it.
    """
    judged = [(concern, result_of(concern)) for concern in concerns_of(item)]
    item_result = Result(item["result"])
    explained = any(result is item_result for _, result in judged)
    if not explained and needs_a_person(item_result, covered=is_covered(item)):
        judged.append((Concern(DATA, item, (), ()), item_result))
    return judged


def _draft(parts: list[tuple[Concern, Result]], rules: AlertRules, *, is_contract: bool) -> AlertDraft:
    first = parts[0][0]
    subject, is_control = first.subject, first.subject.family is ReasonFamily.LEGAL_CONTROL
    result = strictest(result for _, result in parts)
    reasons = _distinct(reason for concern, _ in parts for reason in concern.reasons)
    license_ = first.item.get("license") if is_control and result is Result.LICENSE_REQUIRED else None
    if license_ is not None and license_.get("type_needed") is None:
        license_ = None
    deciding = [concern.item for concern, its in parts if its is result]
    is_open = rules.opens(result, covered=all(is_covered(item) for item in deciding))
    status = LicenseStatus(license_["status"]) if license_ else None
    return AlertDraft(
        subject=subject,
        result=result,
        is_open=is_open,
        severity=severity_of(result, subject.family, _match_of(first), status) if is_open else LOWEST,
        hold_advice=hold_advice_of(result, is_item=subject.is_item, is_contract=is_contract)
        if is_open
        else HoldAdvice.NONE,
        item=first.item if is_control else None,
        classifications=first.classifications,
        reasons=reasons,
        law=_law_of(subject, reasons, [concern.item for concern, _ in parts]),
        license=license_,
        missing=_missing_of(first, result, deciding),
        clear_options=_distinct(option for item in deciding for option in item.get("clear_options", ())),
    )


def _match_of(concern: Concern) -> Match | None:
    matches = {found["match"] for found in concern.classifications}
    if not matches:
        return None
    return Match.YES if Match.YES in matches else Match.UNKNOWN


def _law_of(subject: Subject, reasons: Iterable[Finding], items: Iterable[Finding]) -> tuple[Finding, ...]:
    named = {subject.instrument_id} | {reason.get("instrument_id") for reason in reasons}
    return _distinct(
        status for item in items for status in item.get("law", ()) if status["instrument_id"] in named
    )


def _missing_of(concern: Concern, result: Result, items: Iterable[Finding]) -> tuple[Finding, ...]:
    """The facts to ask for: of a control only where its match or its item's result hangs on them."""
    family = concern.subject.family
    if family is ReasonFamily.LEGAL_CONTROL:
        asks = _match_of(concern) is Match.UNKNOWN or result == concern.item["result"]
        prefixes: tuple[str, ...] = ("",) if asks else ()
    else:
        prefixes = _FACTS_OF_FAMILY.get(family, ("",))
    return _distinct(
        fact for item in items for fact in item.get("missing", ()) if fact["fact"].startswith(prefixes)
    )


def _distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, in the order of first mention: items of a document often say the same."""
    return tuple({orjson.dumps(found, option=orjson.OPT_SORT_KEYS): found for found in findings}.values())
