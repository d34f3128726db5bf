"""The total order of a document's decisions: version, event time, event id, position in the control topics.

It decides which decision is the newest, whatever the order of arrival. Times compare as instants; positions
of workers that read the control topics at different speeds compare by their sum first, so that more read is
newer.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNKNOWN_VERSION = -1  # what could not be read is older than anything that could
UNKNOWN_TIME = -1


class Order(NamedTuple):
    """Compares as a tuple; equal orders are one decision, or one event decided by another pack."""

    version: int
    time_us: int
    event_id: str
    control_sum: int
    control: tuple[int, ...]

    def same_event(self, other: "Order") -> bool:
        """Whether both decisions judge the same event of the document, under whatever control data."""
        return self[:3] == other[:3]


NOTHING_KNOWN = Order(UNKNOWN_VERSION, UNKNOWN_TIME, "", 0, ())


def order_of(document: Mapping[str, Any], control: Sequence[int]) -> Order:
    """The order of a decision, from its ``document`` object and the position that its header carries."""
    return make_order(document.get("version"), document.get("event_time"), document.get("event_id"), control)


def make_order(version: object, event_time: object, event_id: object, control: Sequence[int]) -> Order:
    """An order from values as they stand in the event; what cannot be read is older than everything."""
    return Order(
        version=version if isinstance(version, int) else UNKNOWN_VERSION,
        time_us=instant_us(event_time) if isinstance(event_time, str) else UNKNOWN_TIME,
        event_id=event_id if isinstance(event_id, str) else "",
        control_sum=sum(control),
        control=tuple(control),
    )


def instant_us(text: str) -> int:
    """Microseconds since the epoch of a date-time with offset; without one it is read as UTC; -1 if
    unreadable.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return UNKNOWN_TIME
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    elapsed = moment - _EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds


def control_position(header: bytes | None) -> tuple[int, ...]:
    """The offsets in an ``ew_control`` header: a JSON object by topic, or a list. None or unreadable: no
    position.
    """
    if not header:
        return ()
    try:
        found = orjson.loads(header)
    except orjson.JSONDecodeError:
        return ()
    offsets = [found[topic] for topic in sorted(found)] if isinstance(found, dict) else found
    if not isinstance(offsets, list) or not all(isinstance(offset, int) for offset in offsets):
        return ()
    return tuple(offsets)
