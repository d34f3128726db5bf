"""One partition of the decisions topic: its documents in memory, decisions in, alert records out.

Decisions that require nothing, of documents without alerts, are passed over: only the head of the value is
read, for the document's order. Everything that is remembered can be read back from the alerts topic and, for
documents without alerts, from the newest stretch of the decisions topic.
"""

from collections.abc import Mapping
from json import JSONDecodeError, JSONDecoder
from typing import Any, NamedTuple

import orjson

from exportwatch.alerting.drafts import AlertRules
from exportwatch.alerting.late import LateWindow
from exportwatch.alerting.lifecycle import Change, fold
from exportwatch.alerting.order import Order, control_position, order_of
from exportwatch.alerting.record import AlertRecord, RememberedAlert, alert_record, trace_of
from exportwatch.alerting.state import DocumentMemory
from exportwatch_events.canary import CANARY_KEY_PREFIX, is_canary
from exportwatch_events.catalogue import HEADER_CONTROL, HEADER_QUARANTINED, HEADER_RESULT, Result

_HEAD = '{"document":'
_DECODER = JSONDecoder()
_NOTHING_REQUIRED = Result.NOT_REQUIRED.encode()


class DecisionRecord(NamedTuple):
    """A record of the decisions topic, as much as alerting reads of it."""

    value: bytes
    headers: Mapping[str, bytes]
    timestamp_ms: int


class Taken(NamedTuple):
    """What follows from one record: alerts to write, and the changes among them that are news."""

    records: tuple[AlertRecord, ...] = ()
    news: tuple[Change, ...] = ()


class PartitionMemory:
    """The documents of one partition. Not shared between partitions and dropped when the partition is
    revoked.
    """

    def __init__(self, rules: AlertRules, late: LateWindow) -> None:
        self._rules = rules
        self._late = late
        self._documents: dict[str, DocumentMemory] = {}

    def __len__(self) -> int:
        return len(self._documents)

    @property
    def alerts(self) -> int:
        """Alerts of all its documents; counted anew, as is ``open_alerts``."""
        return sum(len(document.alerts) for document in self._documents.values())

    @property
    def open_alerts(self) -> int:
        return sum(
            state.is_open for document in self._documents.values() for state in document.alerts.values()
        )

    def restore(self, alert: RememberedAlert) -> None:
        """Remember an alert that was read back."""
        known = self._documents.get(alert.document_key, DocumentMemory())
        self._documents[alert.document_key] = DocumentMemory({**known.alerts, alert.alert_id: alert.state})

    def note(self, record: DecisionRecord) -> None:
        """Remember the order of a decision of before the restart. What is no decision says nothing."""
        if HEADER_QUARANTINED in record.headers:
            return  # its version may be unknown: it stands outside the order
        try:
            document = _head(record.value)
        except ValueError:
            return
        self._late.note(document["key"], _order(document, record), record.timestamp_ms)

    def take(self, record: DecisionRecord) -> Taken:
        """Fold one decision. Raises ValueError or KeyError on a value that is no decision."""
        document = _head(record.value)
        key, order = document["key"], _order(document, record)
        known = self._documents.get(key)
        if known is None and record.headers.get(HEADER_RESULT) == _NOTHING_REQUIRED:
            self._late.note(key, order, record.timestamp_ms)
            return Taken()
        memory = DocumentMemory(known.alerts if known else {}, self._late.newest(key))
        decision = orjson.loads(record.value)
        if key.startswith(CANARY_KEY_PREFIX) and is_canary(decision.get("facts")):
            return Taken()  # that it came here is all that it is for
        folded = fold(memory, order, decision, self._rules)
        if folded.memory.alerts:
            self._documents[key] = DocumentMemory(folded.memory.alerts)
        if folded.memory.seen is not None:
            self._late.note(key, folded.memory.seen, record.timestamp_ms)
        trace = trace_of(record.headers)
        return Taken(
            tuple(alert_record(change, decision, trace) for change in folded.changes),
            tuple(change for change in folded.changes if change.is_news),
        )


def _order(document: Mapping[str, Any], record: DecisionRecord) -> Order:
    return order_of(document, control_position(record.headers.get(HEADER_CONTROL)))


def _head(value: bytes) -> Mapping[str, Any]:
    """The ``document`` object of a decision, without parsing what follows it."""
    text = value.decode()
    if not text.startswith(_HEAD):
        raise ValueError("not a decision: it does not begin with its document")
    try:
        document, _ = _DECODER.raw_decode(text, len(_HEAD))
    except JSONDecodeError as error:
        raise ValueError(f"not a decision: {error.msg} at {error.pos}") from None
    if not isinstance(document, dict):
        raise ValueError("not a decision: its document is not an object")  # noqa: TRY004
    return document
