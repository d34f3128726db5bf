"""The normalised document inside a decision: what re-screening reads. Absent facts are left out, decimals are text."""

import math
from collections.abc import Iterable
from operator import itemgetter
from typing import Any

import orjson

from exportwatch.classification.item import FIELDS
from exportwatch_events.documents import ContractEvent, Item, Party, Place, ShipmentEvent

_MODELS = frozenset([Place, Party])
_BIGGEST = 2**53  # beyond it, a reader in another language would round
_OF_THE_LINE = tuple(name for name in Item.model_fields if name not in FIELDS)
_line_of = itemgetter(*_OF_THE_LINE)


def normal(event: ShipmentEvent | ContractEvent, members: Iterable[bytes]) -> bytes:
    """Every stated field of the event as JSON. Numbers that are not whole become text.

    ``members``: of each item, the facts of the thing that it is, already in JSON.
    """
    head = orjson.dumps(_stated(event.__dict__, "items"))
    lines = b",".join([_line(item, of_thing) for item, of_thing in zip(event.items, members, strict=True)])
    return head[:-1] + b',"items":[' + lines + b"]}"


def _stated(fields: dict[str, Any], but: str = "") -> dict[str, Any]:
    stated = {}
    for name, value in fields.items():
        if value is not None and name != but:
            stated["from" if name == "from_" else name] = value if type(value) is str else plain(value)
    return stated


def _line(item: Item, members: bytes) -> bytes:
    """One item: what is its line's own, then the facts of its thing."""
    values = _line_of(item.__dict__)
    own = {
        name: value if type(value) is str else plain(value)
        for name, value in zip(_OF_THE_LINE, values, strict=True)
        if value is not None
    }
    return orjson.dumps(own)[:-1] + b"," + members + b"}"


def plain(value: Any) -> Any:
    """A JSON value with decimals as text and without what JSON cannot say."""
    kind = type(value)
    if kind is dict:
        return {name: v if type(v) is str else plain(v) for name, v in value.items()}
    if value is None or kind is str or kind is bool:
        return value
    if kind is int:
        return value if -_BIGGEST <= value <= _BIGGEST else str(value)
    if kind is float:
        return repr(value) if math.isfinite(value) else None
    if kind is list or kind is tuple:
        return [plain(v) for v in value]
    if kind in _MODELS:
        return _stated(value.__dict__)
    raise TypeError(f"{kind.__name__} is no value of an event")
