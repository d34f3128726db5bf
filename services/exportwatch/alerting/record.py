"""An alert as it is written: the full snapshot, and the headers from which alerting reads its own memory
back.

CloudEvents binary mode. The bytes are a function of the decision and of the alert's earlier life: no clock,
no host. ``ew_memory`` is for alerting alone: with it a restart reads headers and never parses a value.
"""

from collections.abc import Iterable, Mapping
from sys import intern
from typing import Any, NamedTuple

import orjson

from exportwatch.alerting.drafts import AlertDraft, Decision
from exportwatch.alerting.identity import Subject
from exportwatch.alerting.lifecycle import Change
from exportwatch.alerting.order import Order
from exportwatch.alerting.state import AlertState
from exportwatch_events.catalogue import (
    HEADER_DOCUMENT,
    HEADER_FINGERPRINT,
    HEADER_REVISION,
    HEADER_STATE,
    HEADER_TRACE_PARENT,
    HEADER_TRACE_STATE,
    HEADER_VERSION,
    ChangeKind,
    ClearedReason,
    HoldAdvice,
    ReasonFamily,
)

EVENT_SOURCE = "exportwatch/alerting"
HEADER_MEMORY = "ew_memory"
_TYPE = "exportwatch.alert.{kind}.v1"
_PARTY_FIELDS = ("role", "name", "local_name", "country", "id")


class AlertRecord(NamedTuple):
    """One record of the alerts topic; its partition is that of the decision."""

    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


class RememberedAlert(NamedTuple):
    """What the headers of an alert give back."""

    document_key: str
    alert_id: str
    state: AlertState


def alert_record(
    change: Change, decision: Decision, trace: tuple[tuple[str, bytes], ...] = ()
) -> AlertRecord:
    """The record that makes a change known. `trace`: headers of the decision that go on as they are."""
    key = change.alert_id.encode()
    headers = (*_headers(change, decision), *trace)
    return AlertRecord(key, orjson.dumps(_snapshot(change, decision)), headers)


def trace_of(headers: Mapping[str, bytes]) -> tuple[tuple[str, bytes], ...]:
    """The W3C trace context that a decision carries; screening has seen to it that it is valid."""
    if HEADER_TRACE_PARENT not in headers:
        return ()
    return tuple(
        (name, headers[name]) for name in (HEADER_TRACE_PARENT, HEADER_TRACE_STATE) if name in headers
    )


def remembered(key: bytes | None, headers: Iterable[tuple[str, bytes | None]]) -> RememberedAlert | None:
    """The state that an alert's headers carry; None where the record is not one that alerting wrote."""
    found = {name: value for name, value in headers if value is not None}
    try:
        memory = orjson.loads(found[HEADER_MEMORY])
        version, time_us, event_id, control = memory["order"]
        reason = memory["cleared_reason"]
        state = AlertState(
            subject=Subject(
                memory["item"],
                ReasonFamily(memory["family"]),
                intern(memory["instrument"]),
                intern(memory["code"]),
            ),
            order=Order(version, time_us, event_id, sum(control), tuple(control)),
            kind=ChangeKind(memory["kind"]),
            episode=memory["episode"],
            revision=int(found[HEADER_REVISION]),
            basis=memory["basis"].encode(),
            cleared_reason=None if reason is None else ClearedReason(reason),
            unplaced_us=memory["unplaced_us"],
        )
        return RememberedAlert(found[HEADER_DOCUMENT].decode(), (key or b"").decode(), state)
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def _headers(change: Change, decision: Decision) -> tuple[tuple[str, bytes], ...]:
    state, document = change.state, decision["document"]
    texts = {
        "ce_specversion": "1.0",
        "ce_id": f"{change.alert_id}:{state.revision}",
        "ce_source": EVENT_SOURCE,
        "ce_type": _TYPE.format(kind=state.kind),
        "ce_time": document.get("event_time") or "",
        "ce_subject": document["key"],
        "content-type": "application/json",
        HEADER_DOCUMENT: document["key"],
        HEADER_VERSION: str(document["version"]),
        HEADER_REVISION: str(state.revision),
        HEADER_FINGERPRINT: state.fingerprint,
        HEADER_STATE: "open" if state.is_open else "cleared",
    }
    written = tuple((name, text.encode()) for name, text in texts.items() if text)
    return (*written, (HEADER_MEMORY, _memory(state)))


def _memory(state: AlertState) -> bytes:
    item_id, family, instrument_id, control_code = state.subject
    order = state.order
    return orjson.dumps(
        {
            "item": item_id,
            "family": family,
            "instrument": instrument_id,
            "code": control_code,
            "order": (order.version, order.time_us, order.event_id, order.control),
            "kind": state.kind,
            "episode": state.episode,
            "cleared_reason": state.cleared_reason,
            "unplaced_us": state.unplaced_us,
            "basis": state.basis.decode(),
        }
    )


def _snapshot(change: Change, decision: Decision) -> dict[str, Any]:
    state, draft = change.state, change.draft
    facts = decision.get("facts") or {}
    return {
        "alert_id": change.alert_id,
        "episode": state.episode,
        "revision": state.revision,
        "fingerprint": state.fingerprint,
        "document": decision["document"],
        "item": _item(state.subject, facts),
        "family": state.subject.family,
        "instrument_id": state.subject.instrument_id or None,
        "control_code": state.subject.control_code or None,
        "parties": [_party(party) for party in facts.get("parties") or ()],
        "route": {place: facts.get(place) for place in ("from", "to", "via")},
        "result": draft.result,
        "severity": draft.severity,
        "hold_advice": draft.hold_advice,
        "reasons": draft.reasons,
        "law": draft.law,
        "license": draft.license,
        "missing": draft.missing,
        "clear_options": draft.clear_options,
        "evidence": _evidence(draft),
        "reference": decision.get("reference"),
        "clocks": _clocks(draft, decision),
        "change": _change(change),
    }


def _item(subject: Subject, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    if not subject.is_item:
        return None
    for item in facts.get("items") or ():
        if item.get("item_id") == subject.item_id:
            return {"item_id": subject.item_id, "description": item.get("description")}
    return {"item_id": subject.item_id, "description": None}


def _party(party: Mapping[str, Any]) -> dict[str, Any]:
    return {name: party.get(name) for name in _PARTY_FIELDS}


def _evidence(draft: AlertDraft) -> list[Any]:
    findings = (*draft.classifications, *draft.reasons)
    return [proof for found in findings for proof in found.get("evidence", ())]


def _clocks(draft: AlertDraft, decision: Decision) -> dict[str, Any]:
    """When it became true, the day that decides, and the day by which a person must have acted."""
    legal_date = decision.get("legal_date")
    act_before: str | None = legal_date
    if draft.hold_advice is HoldAdvice.NONE:
        act_before = None
    elif draft.hold_advice is HoldAdvice.MONITOR:
        act_before = decision.get("reassess_on")
    fact_time = decision["document"].get("event_time")
    return {"legal_date": legal_date, "fact_time": fact_time, "act_before": act_before}


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.state.kind,
        "trigger": "control_data" if change.is_same_event else "document",
        "changed": change.changed,
        "cleared_reason": change.state.cleared_reason,
    }
