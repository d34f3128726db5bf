"""Why an alert was cleared, from what it said before and what the newer decision says now.

The causes are tried from the document inwards: it was cancelled, or can be read at last; the item is gone; a
licence covers it; the law, the party list or the facts say otherwise. A new decision about the same event
can only come from control data (law, licences, parties); a new event brings new facts.
"""

from typing import Any

import orjson

from exportwatch.alerting.drafts import AlertDraft, Decision
from exportwatch.alerting.order import Order
from exportwatch.alerting.state import AlertState
from exportwatch_events.catalogue import (
    FACT_LAW_STATUS,
    ClearedReason,
    DocumentState,
    LicenseStatus,
    ReasonCode,
    ReasonFamily,
    Result,
)


def cleared_reason_of(before: AlertState, draft: AlertDraft, at: tuple[Order, Decision]) -> ClearedReason:
    """The cause of clearing; of an alert that was cleared before, the cause that it had unless cancelled
    since.
    """
    order, decision = at
    if decision["document"].get("state") == DocumentState.CANCELLED:
        return ClearedReason.DOCUMENT_CANCELLED
    if before.cleared_reason is not None:
        return before.cleared_reason
    told = orjson.loads(before.basis)
    if ReasonCode.RECORD_UNREADABLE in told["reason_codes"]:
        return ClearedReason.RECORD_REPAIRED
    if before.subject.family is not ReasonFamily.LEGAL_CONTROL:
        return _of_document(before, is_same_event=before.order.same_event(order))
    if before.subject.item_id not in {item["item_id"] for item in decision.get("items", ())}:
        return ClearedReason.ITEM_REMOVED
    return _of_control(told, draft, is_same_event=before.order.same_event(order))


def _of_document(before: AlertState, *, is_same_event: bool) -> ClearedReason:
    if not is_same_event:
        return ClearedReason.FACTS_PROVIDED
    is_party = before.subject.family is ReasonFamily.PARTY
    return ClearedReason.PARTY_DELISTED if is_party else ClearedReason.LAW_CHANGED


def _of_control(told: dict[str, Any], draft: AlertDraft, *, is_same_event: bool) -> ClearedReason:
    if draft.result is Result.LICENSE_REQUIRED and _status(draft) is LicenseStatus.COVERED:
        return ClearedReason.LICENSE_COVERS
    if is_same_event or draft.classifications:
        return ClearedReason.LAW_CHANGED
    facts = set(told["missing"]) - {FACT_LAW_STATUS}
    return ClearedReason.FACTS_PROVIDED if facts else ClearedReason.RECLASSIFIED


def _status(draft: AlertDraft) -> LicenseStatus | None:
    return LicenseStatus(draft.license["status"]) if draft.license else None
