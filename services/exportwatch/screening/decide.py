"""The one pure call for a record: bytes in, the decision's bytes out, or a refusal with its reason.

A decision is a function of the record's bytes, the pack and the content of the control data; no clock, host or
position is in it. Same input, same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson

from exportwatch.classification.classify import Classification
from exportwatch.law.model import LimbStatus
from exportwatch.law.subject import Evidence, Truth
from exportwatch.screening import reasons
from exportwatch.screening.countries import MAINLAND
from exportwatch.screening.end_use import military
from exportwatch.screening.facts import Facts, Movement, document_facts
from exportwatch.screening.grant import Granted, earliest, grant
from exportwatch.screening.judge import Judged, Judgment, Situation, judge
from exportwatch.screening.normal import normal
from exportwatch.screening.parties import CONTROL_LISTS, WATCH_LISTS
from exportwatch.screening.snapshot import Snapshot
from exportwatch.screening.things import OF_DOCUMENT
from exportwatch_events.catalogue import (
    DocumentState,
    ErrorCode,
    Flag,
    Hold,
    LicenseStatus,
    ReasonCode,
    ReasonFamily,
    Result,
    hold_for,
    strictest,
    strictest_hold,
)
from exportwatch_events.documents import Cancellation, ContractEvent, DocumentRef, Item, ShipmentEvent
from exportwatch_events.envelope import Unreadable, read_document

Headers = Sequence[tuple[str, bytes | None]]
_FLAG_ORDER = tuple(Flag)


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision, ready to be written. ``touches``: the instruments concerned. ``value``: its canonical JSON."""

    document_key: str
    version: int
    result: Result
    touches: tuple[str, ...]
    value: bytes


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that cannot be read. ``decision``: the review that says so, where the document is named."""

    code: ErrorCode
    message: str
    document: DocumentRef | None
    decision: Decided | None


def screen(
    value: bytes | None, headers: Headers, snapshot: Snapshot, max_bytes: int | None = None
) -> Decided | Rejected:
    """Decide one record. Raises nothing for any input; an exception is a bug."""
    event = read_document(value, headers, max_bytes)
    if isinstance(event, Unreadable):
        return _rejected(event, snapshot)
    if isinstance(event, Cancellation):
        return _cancelled(event, snapshot)
    assert isinstance(event, ShipmentEvent | ContractEvent)
    facts = document_facts(event)
    situation = _situation(facts, snapshot)
    parts = [_item(index, item, situation) for index, item in enumerate(event.items)]
    result = strictest(p.result for p in parts)
    body = {
        "document": _document(event.document, DocumentState.ACTIVE),
        "result": result,
        "hold": strictest_hold(p.hold for p in parts),
        "legal_date": facts.legal_date.day,
        "items": [p.body for p in parts],
        "reference": snapshot.reference_fields,
        "reassess_on": None if facts.finished else earliest(p.reassess_on for p in parts),
        "facts": normal(event),
    }
    touches = tuple(sorted({i for p in parts for i in p.touches}))
    return Decided(event.document_key, event.version, result, touches, orjson.dumps(body))


# -- what all items share ----------------------------------------------------------------------------------


def _situation(facts: Facts, snapshot: Snapshot) -> Situation:
    hits = snapshot.lists.hits(facts.parties, facts.legal_date.day)
    return Situation(
        facts=facts,
        snapshot=snapshot,
        control_hits=tuple(h for h in hits if h.exact and h.list_id in CONTROL_LISTS),
        watch_hits=tuple(h for h in hits if h.exact and h.list_id in WATCH_LISTS),
        possible_hits=tuple(h for h in hits if not h.exact or h.list_id not in CONTROL_LISTS | WATCH_LISTS),
        lists_incomplete=bool(snapshot.lists.incomplete),
        military=military(facts, snapshot.things.classifier.vocabulary.terms),
    )


def _document(ref: DocumentRef, state: DocumentState) -> dict[str, Any]:
    return {
        "key": ref.key, "type": ref.type, "id": ref.id, "version": ref.version or 0, "event_id": ref.event_id,
        "event_time": ref.event_time, "source": ref.source, "state": state,
    }  # fmt: skip


# -- one item ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    result: Result
    hold: Hold
    body: dict[str, Any]
    touches: tuple[str, ...] = ()
    reassess_on: date | None = None


_NO_LICENSE = {"type_needed": None, "status": LicenseStatus.NOT_NEEDED, "license_no": None, "mismatch": ()}


def _item(index: int, item: Item, situation: Situation) -> _Part:
    facts = situation.facts
    thing = situation.snapshot.things.classify(
        item, facts.default_kind, facts.origin == MAINLAND, facts.context
    )
    if _nothing_to_say(thing, situation):
        return _Part(Result.NOT_REQUIRED, Hold.RELEASE, _plain(item.item_id, thing, facts))
    found = judge(situation, item, thing)
    granted = grant(situation, item, found)
    hold = hold_for(found.result, granted.cover.status)
    changes = [s.next_change for s in found.law]
    if granted.valid_to is not None and granted.cover.status is LicenseStatus.COVERED:
        changes.append(granted.valid_to + timedelta(days=1))
    return _Part(
        found.result,
        hold,
        _body(index, item.item_id, found, granted, hold),
        tuple(s.instrument_id for s in found.law),
        earliest(c for c in changes if c is not None and c > facts.legal_date.day),
    )


def _nothing_to_say(thing: Classification, situation: Situation) -> bool:
    """Whether the shortest answer is the whole one: nothing found, nothing stated that cannot be read."""
    facts = situation.facts
    return not (
        thing.listed or thing.cleared or thing.conflicts or thing.problems or thing.ordinary_license
        or thing.blank
        or facts.problems or situation.control_hits or situation.watch_hits or situation.possible_hits
    )  # fmt: skip


def _plain(item_id: str, thing: Classification, facts: Facts) -> dict[str, Any]:
    technical = thing.kind not in ("goods", "unstated") and facts.movement is Movement.EXPORT
    return {
        "item_id": item_id,
        "result": Result.NOT_REQUIRED,
        "hold": Hold.RELEASE,
        "classifications": (),
        "reasons": (),
        "law": (),
        "license": _NO_LICENSE,
        "missing": (),
        "clear_options": (),
        "flags": (Flag.CONTRACT_REGISTRATION,) if technical else (),
    }


def _body(index: int, item_id: str, found: Judgment, granted: Granted, hold: Hold) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "result": found.result,
        "hold": hold,
        "classifications": [_classification(index, j) for j in found.judged],
        "reasons": found.reasons,
        "law": [_law(s) for s in found.law],
        "license": {
            "type_needed": granted.need,
            "status": granted.cover.status,
            "license_no": granted.cover.license_no,
            "mismatch": granted.cover.mismatch,
        },
        "missing": [{"fact": m.fact, "why": m.why} for m in dict.fromkeys(found.missing)],
        "clear_options": [{"change": o.change, "result": o.result} for o in dict.fromkeys(found.options)],
        "flags": [f for f in _FLAG_ORDER if f in found.flags],
    }


def _classification(index: int, one: Judged) -> dict[str, Any]:
    return {
        "control_code": one.entry.control_code,
        "instrument_id": one.entry.instrument_id,
        "limb": one.entry.limb,
        "name": {"en": one.entry.name.en, "zh": one.entry.name.zh},
        "match": "yes" if one.verdict.truth is Truth.YES else "unknown",
        "evidence": [_evidence(index, e) for e in one.verdict.evidence],
    }


def _evidence(index: int, evidence: Evidence) -> Mapping[str, str]:
    of_document = evidence.path.startswith(OF_DOCUMENT)
    path = evidence.path[1:] if of_document else f"items[{index}].{evidence.path}"
    return {"path": path, "value": evidence.value, "says": evidence.says}


def _law(status: LimbStatus) -> dict[str, Any]:
    return {
        "instrument_id": status.instrument_id, "limb": status.limb, "status": status.status, "since": status.since,
        "until": status.until, "by": status.by, "confirmed_at": status.confirmed_at, "note": status.note,
        "next_change": status.next_change,
    }  # fmt: skip


# -- documents without items -------------------------------------------------------------------------------


def _cancelled(event: Cancellation, snapshot: Snapshot) -> Decided:
    body = {
        "document": _document(event.document, DocumentState.CANCELLED),
        "result": Result.NOT_REQUIRED,
        "hold": Hold.RELEASE,
        "legal_date": None,
        "items": (),
        "reference": snapshot.reference_fields,
        "reassess_on": None,
        "facts": None,
    }
    return Decided(event.document_key, event.version, Result.NOT_REQUIRED, (), orjson.dumps(body))


def _rejected(unreadable: Unreadable, snapshot: Snapshot) -> Rejected:
    ref = unreadable.document
    if ref is None:
        return Rejected(unreadable.code, unreadable.message, None, None)
    said = reasons.reason(
        ReasonFamily.DATA,
        ReasonCode.RECORD_UNREADABLE,
        unreadable.message,
        f"记录无法读取：{unreadable.code}",
    )
    body = {
        "document": _document(ref, DocumentState.ACTIVE),
        "result": Result.REVIEW,
        "hold": Hold.PERSON,
        "legal_date": None,
        "items": (),
        "reference": snapshot.reference_fields,
        "reassess_on": None,
        "facts": None,
        "reasons": (said,),
    }
    decision = Decided(ref.key, ref.version or 0, Result.REVIEW, (), orjson.dumps(body))
    return Rejected(unreadable.code, unreadable.message, ref, decision)
