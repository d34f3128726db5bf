"""The one pure call for a record: bytes in, the decision's bytes out, or a refusal with its reason.

A decision is a function of the record's bytes, the pack and the content of the control data; no clock, host or
position is in it. Same input, same bytes.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import orjson

from exportwatch.classification.findings import Classification
from exportwatch.screening import reasons
from exportwatch.screening.applied import Supposed
from exportwatch.screening.body import Said, body_of
from exportwatch.screening.catch_all import is_spoken_of
from exportwatch.screening.countries import MAINLAND
from exportwatch.screening.facts import Facts, Movement, document_facts
from exportwatch.screening.grant import NOT_NEEDED, earliest, grant
from exportwatch.screening.judge import judge
from exportwatch.screening.judgment import Judgment, Situation
from exportwatch.screening.lines import line_problems
from exportwatch.screening.normal import normal, stated
from exportwatch.screening.options import options_for
from exportwatch.screening.parties import Hit
from exportwatch.screening.snapshot import Snapshot
from exportwatch.screening.things import Thing
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
from exportwatch_events.documents import (
    Cancellation,
    ContractEvent,
    DocumentEvent,
    DocumentRef,
    Item,
    ShipmentEvent,
    utc_text,
)
from exportwatch_events.envelope import Unreadable, read_document

Headers = Sequence[tuple[str, bytes | None]]
# What every ordinary document asks for: in Python 3.11 `Enum.MEMBER` takes several times as long as a name does.
_EXPORT, _ACTIVE = Movement.EXPORT, DocumentState.ACTIVE
_NOT_REQUIRED, _RELEASE = Result.NOT_REQUIRED, Hold.RELEASE


class Decided(NamedTuple):
    """One decision, ready to be written. ``touches``: the instruments concerned. ``value``: its canonical JSON.

    ``entries``: instrument and control code of each entry that an item matches or may match, for the metrics.
    """

    document_key: str
    version: int
    result: Result
    touches: tuple[str, ...]
    value: bytes
    entries: tuple[tuple[str, str], ...] = ()


class Rejected(NamedTuple):
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
    # By type: isinstance on a pydantic model costs more than the whole of what follows for an ordinary item.
    if not (type(event) is ShipmentEvent or type(event) is ContractEvent):
        assert isinstance(event, Cancellation)
        return _cancelled(event, snapshot)
    reading = reading_of(event, snapshot)
    facts, hits, lines, things = reading
    end_uses = snapshot.things.classifier.vocabulary.end_uses
    quiet = not (facts.problems or hits or is_spoken_of(facts, end_uses))
    silent = _SILENT_EXPORT if facts.movement is _EXPORT else _SILENT
    situation: Situation | None = None  # most documents never need one
    bodies: list[Any] = []
    parts: list[_Part] = []
    for index, (item, thing) in enumerate(zip(event.items, things, strict=True)):
        if quiet and thing.silent and not line_problems(item):
            bodies.append({"item_id": item["item_id"], "result": silent[thing.technical]})
            continue
        situation = situation or situation_of(event, reading, snapshot)
        part = _item(index, item, thing.what, situation)
        parts.append(part)
        bodies.append(part.body)
    key = event.document_key
    body = {
        "document": _document(event, key, _ACTIVE),
        "result": _NOT_REQUIRED,
        "hold": _RELEASE,
        "legal_date": facts.legal_date.day,
        "items": bodies,
        "reference": snapshot.reference_json,
        "reassess_on": None,
        "facts": normal(event, lines),
    }
    if not parts:
        return Decided(key, event.version, _NOT_REQUIRED, (), orjson.dumps(body))
    result = body["result"] = strictest([p.result for p in parts])
    body["hold"] = strictest_hold([p.hold for p in parts])
    body["reassess_on"] = None if facts.finished else earliest([p.reassess_on for p in parts])
    touches = tuple(sorted({i for p in parts for i in p.touches}))
    entries = tuple(entry for p in parts for entry in p.entries)
    return Decided(key, event.version, result, touches, orjson.dumps(body), entries)


class Reading(NamedTuple):
    """What is read of a document under a snapshot before anything is judged."""

    facts: Facts
    hits: tuple[Hit, ...]
    lines: list[Mapping[str, Any]]  # the items as they are written into the decision
    things: Sequence[Thing]


def reading_of(event: ShipmentEvent | ContractEvent, snapshot: Snapshot) -> Reading:
    """Facts, list hits, and what each item is."""
    facts = document_facts(event)
    hits = snapshot.lists.hits(facts.parties, facts.legal_date.day)
    lines = [stated(item) for item in event.items]
    things = snapshot.things.classify(
        zip(event.items, lines, strict=True), facts.default_kind, facts.origin == MAINLAND, facts.context
    )
    return Reading(facts, hits, lines, things)


def situation_of(event: ShipmentEvent | ContractEvent, reading: Reading, snapshot: Snapshot) -> Situation:
    """What all items of the document share when they are judged."""
    lines = zip(event.items, (thing.what.listed for thing in reading.things), strict=True)
    return Situation(reading.facts, snapshot, reading.hits, tuple(lines))


def refused(
    value: bytes | None, headers: Headers, snapshot: Snapshot, code: ErrorCode, message: str
) -> Rejected:
    """The refusal of a record that can be read and yet not be decided, with the review of the document it names."""
    event = read_document(value, headers)
    ref = event.document
    return _rejected(Unreadable(code, message, None, ref), snapshot)


# -- what all items share ----------------------------------------------------------------------------------


def _document(event: DocumentEvent, key: str, state: DocumentState) -> dict[str, Any]:
    return {
        "key": key, "type": event.document_type, "id": event.document_id, "version": event.version,
        "event_id": event.event_id, "event_time": utc_text(event.moment), "source": event.source, "state": state,
    }  # fmt: skip


def _referred(ref: DocumentRef) -> dict[str, Any]:
    """The document of a record that could not be read, as far as it is known."""
    return {
        "key": ref.key, "type": ref.type, "id": ref.id, "version": ref.version or 0, "event_id": ref.event_id,
        "event_time": ref.event_time, "source": ref.source, "state": DocumentState.ACTIVE,
    }  # fmt: skip


# -- one item ----------------------------------------------------------------------------------------------


class _Part(NamedTuple):
    result: Result
    hold: Hold
    body: dict[str, Any]
    touches: tuple[str, ...] = ()
    reassess_on: date | None = None
    entries: tuple[tuple[str, str], ...] = ()


def _item(index: int, item: Item, what: Classification, situation: Situation) -> _Part:
    facts = situation.facts
    found = judge(situation, item, what)
    granted = grant(situation, item, found)
    hold = hold_for(found.result, granted.cover.status)
    options = options_for(Supposed(item, situation), found, granted)
    changes = [s.next_change for s in found.law]
    if granted.cover.status is LicenseStatus.COVERED:
        changes.append(_day_after(granted.valid_to))
    return _Part(
        found.result,
        hold,
        body_of(index, item["item_id"], Said(found, granted, hold, options)),
        tuple(s.instrument_id for s in found.law),
        earliest(c for c in changes if c is not None and c > facts.legal_date.day),
        tuple((c.entry.instrument_id, c.entry.control_code) for c in what.listed),
    )


def _day_after(last: date | None) -> date | None:
    """``None`` where no day follows: 9999-12-31 is how an ERP writes that something never ends."""
    return None if last is None or last == date.max else last + timedelta(days=1)


def _silent(*flags: Flag) -> orjson.Fragment:
    """What is said of every item of which nothing is found and nothing is open: its result and all behind it.

    It stands in the place of the result and brings the other members along, so that such an item costs one dictionary.
    """
    nothing = Said(Judgment(flags=set(flags)), NOT_NEEDED, Hold.RELEASE)
    written = orjson.dumps(body_of(0, "", nothing))
    return orjson.Fragment(written.removeprefix(b'{"item_id":"","result":').removesuffix(b"}"))


# By whether the item is technical.
_SILENT = {False: _silent(), True: _silent()}
_SILENT_EXPORT = {False: _silent(), True: _silent(Flag.CONTRACT_REGISTRATION)}


# -- documents without items -------------------------------------------------------------------------------


def _cancelled(event: Cancellation, snapshot: Snapshot) -> Decided:
    body = {
        "document": _document(event, event.document_key, DocumentState.CANCELLED),
        "result": Result.NOT_REQUIRED,
        "hold": Hold.RELEASE,
        "legal_date": None,
        "items": (),
        "reference": snapshot.reference_json,
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
        "document": _referred(ref),
        "result": Result.REVIEW,
        "hold": Hold.PERSON,
        "legal_date": None,
        "items": (),
        "reference": snapshot.reference_json,
        "reassess_on": None,
        "facts": None,
        "reasons": (said,),
    }
    decision = Decided(ref.key, ref.version or 0, Result.REVIEW, (), orjson.dumps(body))
    return Rejected(unreadable.code, unreadable.message, ref, decision)
