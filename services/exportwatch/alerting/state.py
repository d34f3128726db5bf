"""What alerting remembers: of an alert enough to go on with its life, of a document its alerts and newest
order.

Small on purpose (about a kilobyte an alert): one is held for every alert of the partitions that a worker
owns, cleared ones too, since episode and revision count over all of an alert's life.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from exportwatch.alerting.fingerprint import fingerprint_of
from exportwatch.alerting.identity import Subject
from exportwatch.alerting.order import Order
from exportwatch_events.catalogue import ChangeKind, ClearedReason


@dataclass(frozen=True, slots=True)
class AlertState:
    """All that must be remembered of an alert to go on with its life.

    ``order`` is the newest of its document. ``unplaced_us`` is set while the alert stands for a record that
    could not be read and whose place among the document's versions is therefore unknown: the record's event
    time in microseconds, -1 where that is unknown too.
    """

    subject: Subject
    order: Order
    kind: ChangeKind
    episode: int
    revision: int
    basis: bytes
    cleared_reason: ClearedReason | None = None
    unplaced_us: int | None = None

    @property
    def is_open(self) -> bool:
        return self.kind is not ChangeKind.CLEARED

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.basis)


@dataclass(frozen=True, slots=True)
class DocumentMemory:
    """A document's alerts by id, and the newest order known of it (of a decision without alerts, too)."""

    alerts: Mapping[str, AlertState] = field(default_factory=dict)
    seen: Order | None = None

    @property
    def newest(self) -> Order | None:
        known = [state.order for state in self.alerts.values()]
        if self.seen is not None:
            known.append(self.seen)
        return max(known, default=None)
