"""The normalised document inside a decision: what re-screening reads. Absent facts are left out, decimals are text."""

import math
from collections.abc import Iterable
from typing import Any

import orjson
from pydantic import BaseModel

from exportwatch.classification.item import FIELDS
from exportwatch_events.documents import ContractEvent, Item, ShipmentEvent

_BIGGEST = 2**53  # beyond it, a reader in another language would round
_OF_THE_LINE = tuple(name for name in Item.model_fields if name not in FIELDS)


def normal(event: ShipmentEvent | ContractEvent, members: Iterable[bytes]) -> dict[str, Any]:
    """Every stated field of the event, in the order of the contract. Numbers that are not whole become text.

    ``members``: of each item, the facts of the thing that it is, already in JSON.
    """
    facts = {
        name: value if type(value) is str else plain(value)
        for name, value in event.__dict__.items()
        if value is not None and name != "items"
    }
    facts["from"] = facts.pop("from_")
    facts["items"] = [_line(item, of_thing) for item, of_thing in zip(event.items, members, strict=True)]
    return facts


def _line(item: Item, members: bytes) -> orjson.Fragment:
    """One item: what is its line's own, then the facts of its thing."""
    fields = item.__dict__
    own = {
        name: value if type(value) is str else plain(value)
        for name in _OF_THE_LINE
        if (value := fields[name]) is not None
    }
    return orjson.Fragment(orjson.dumps(own)[:-1] + b"," + members + b"}")


def plain(value: Any) -> Any:
    """A JSON value with decimals as text and without what JSON cannot say."""
    kind = type(value)
    if kind is str or kind is bool:
        return value
    if kind is int:
        return value if -_BIGGEST <= value <= _BIGGEST else str(value)
    if kind is float:
        return repr(value) if math.isfinite(value) else None
    if kind is dict:
        return {name: plain(v) for name, v in value.items()}
    if kind is list or kind is tuple:
        return [plain(v) for v in value]
    if isinstance(value, BaseModel):
        return {name: plain(v) for name, v in value.__dict__.items() if v is not None}
    return value
