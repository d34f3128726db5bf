"""Records that could not be read and do not even tell their version: which decision of the document they
precede.

Their ``review`` has version 0 and stands outside the document's order. It is never dropped for being old,
because it may be the newest word on the document: it opens the document's data alert unless its event time
says that a decision is newer, and a newer decision of the document, by event time where that is known,
repairs it. Where even the event time is unknown, a redelivery after the repair opens it again: an alert too
many, never one too few.
"""

from exportwatch.alerting.drafts import Decision
from exportwatch.alerting.order import UNKNOWN_TIME, Order
from exportwatch.alerting.state import AlertState, DocumentMemory
from exportwatch_events.catalogue import DocumentState, ReasonCode


def is_unplaced(decision: Decision) -> bool:
    """Whether a decision reviews an unreadable record of unknown version."""
    document = decision["document"]
    return (
        not document.get("version")
        and document.get("state") != DocumentState.CANCELLED
        and any(reason["code"] == ReasonCode.RECORD_UNREADABLE for reason in decision.get("reasons") or ())
    )


def is_repaired(memory: DocumentMemory, at_us: int) -> bool:
    """Whether the document has a decision that is known to be no older than the unreadable record."""
    newest = memory.newest
    return at_us != UNKNOWN_TIME and newest is not None and newest.time_us >= at_us


def outlives(alert: AlertState | None, order: Order) -> bool:
    """Whether it is an unreadable record's and stays open under a decision: not a newer one, or by time
    older.
    """
    if alert is None or alert.unplaced_us is None:
        return False
    return order <= alert.order or (UNKNOWN_TIME != order.time_us < alert.unplaced_us)
