"""The life of a document's alerts: opened, updated, cleared, one decision after another.

``fold`` is the whole of it: what is remembered of a document and one decision in, changes and new memory
out. A decision older than the newest that is known changes nothing, and every alert of a document, cleared
ones too, carries the order of the newest: so the newest state does not depend on the order in which
decisions arrive, and what must be remembered can be read back from the alerts themselves.
"""

from dataclasses import dataclass, replace

from exportwatch.alerting import unplaced
from exportwatch.alerting.clearing import cleared_reason_of
from exportwatch.alerting.drafts import AlertDraft, AlertRules, Decision, drafts_of, silent_draft
from exportwatch.alerting.fingerprint import basis_of, changed_between
from exportwatch.alerting.identity import alert_id
from exportwatch.alerting.order import NOTHING_KNOWN, Order
from exportwatch.alerting.state import AlertState, DocumentMemory
from exportwatch_events.catalogue import ChangeKind


@dataclass(frozen=True, slots=True)
class Change:
    """One alert to write. ``is_news`` is false where only the order moved on and the revision stays."""

    alert_id: str
    state: AlertState
    draft: AlertDraft
    changed: tuple[str, ...]
    is_news: bool
    is_same_event: bool


@dataclass(frozen=True, slots=True)
class Folded:
    """What follows from one decision."""

    memory: DocumentMemory
    changes: tuple[Change, ...] = ()


def fold(memory: DocumentMemory, order: Order, decision: Decision, rules: AlertRules) -> Folded:
    """Take one decision of the document into account. An older one than the newest known changes nothing."""
    newest = memory.newest
    if unplaced.is_unplaced(decision):
        return _fold_unplaced(memory, order.time_us, decision, rules)
    if newest is not None and order < newest:
        return Folded(memory)
    document_key = decision["document"]["key"]
    drafts = {alert_id(document_key, draft.subject): draft for draft in drafts_of(decision, rules)}
    alerts, changes = dict(memory.alerts), []
    for id_ in sorted(drafts.keys() | alerts.keys()):
        if unplaced.outlives(memory.alerts.get(id_), order):
            continue
        change = _change(id_, memory.alerts.get(id_), drafts.get(id_), (order, decision))
        if change is not None:
            alerts[id_] = change.state
            changes.append(change)
    return Folded(DocumentMemory(alerts, order), tuple(changes))


def _fold_unplaced(memory: DocumentMemory, at_us: int, decision: Decision, rules: AlertRules) -> Folded:
    """Open the data alert of a record of unknown version; the document's order stays where it is."""
    if unplaced.is_repaired(memory, at_us):
        return Folded(memory)
    (draft,) = drafts_of(decision, rules)
    id_ = alert_id(decision["document"]["key"], draft.subject)
    before = memory.alerts.get(id_)
    if before is not None and before.unplaced_us is not None and at_us <= before.unplaced_us:
        return Folded(memory)
    change = _change(id_, before, draft, (memory.newest or NOTHING_KNOWN, decision))
    if change is None and before is not None:
        change = Change(id_, before, draft, (), is_news=False, is_same_event=False)
    if change is None:
        return Folded(memory)
    change = replace(change, state=replace(change.state, unplaced_us=at_us))
    return Folded(DocumentMemory({**memory.alerts, id_: change.state}, memory.seen), (change,))


def _change(
    id_: str, before: AlertState | None, draft: AlertDraft | None, at: tuple[Order, Decision]
) -> Change | None:
    order, decision = at
    if before is None:
        return _opened(id_, draft, at) if draft is not None and draft.is_open else None
    draft = draft or silent_draft(before.subject)
    basis = basis_of(draft, decision.get("legal_date"))
    is_same_event = before.order.same_event(order)
    if basis == before.basis and draft.is_open == before.is_open:
        if order == before.order:
            return None
        moved = replace(before, order=order)
        return Change(id_, moved, draft, (), is_news=False, is_same_event=is_same_event)
    state = AlertState(
        subject=before.subject,
        order=order,
        kind=_kind(before, draft),
        episode=before.episode + (draft.is_open and not before.is_open),
        revision=before.revision + 1,
        basis=basis,
        cleared_reason=None if draft.is_open else cleared_reason_of(before, draft, at),
    )
    return Change(id_, state, draft, changed_between(before.basis, basis), True, is_same_event)


def _opened(id_: str, draft: AlertDraft, at: tuple[Order, Decision]) -> Change:
    order, decision = at
    state = AlertState(
        subject=draft.subject,
        order=order,
        kind=ChangeKind.OPENED,
        episode=1,
        revision=1,
        basis=basis_of(draft, decision.get("legal_date")),
    )
    return Change(id_, state, draft, (), is_news=True, is_same_event=False)


def _kind(before: AlertState, draft: AlertDraft) -> ChangeKind:
    if not draft.is_open:
        return ChangeKind.CLEARED
    return ChangeKind.UPDATED if before.is_open else ChangeKind.OPENED
