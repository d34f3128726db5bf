"""The normalised document inside a decision: what re-screening reads. Absent facts are left out, decimals are text."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from pydantic import BaseModel

from exportwatch.classification.item import FIELDS
from exportwatch_events.documents import ContractEvent, Item, Party, Place, ShipmentEvent

_BIGGEST = 2**53  # beyond it, a reader in another language would round

_Names = tuple[tuple[str, str], ...]


def _names(model: type[BaseModel], *but: str) -> _Names:
    """Of each field, the attribute and the name on the wire."""
    return tuple((name, f.alias or name) for name, f in model.model_fields.items() if name not in but)


_OF_THE_EVENT = {model: _names(model, "items") for model in (ShipmentEvent, ContractEvent)}
_OF_THE_LINE = _names(Item, *FIELDS)
_OF_MODELS = {model: _names(model) for model in (Place, Party)}


def normal(event: ShipmentEvent | ContractEvent, members: Iterable[bytes]) -> bytes:
    """Every stated field of the event as JSON. Numbers that are not whole become text.

    ``members``: of each item, the facts of the thing that it is, already in JSON.
    """
    head = _stated(event.__dict__, _OF_THE_EVENT[type(event)])
    lines = [_line(item, of_thing) for item, of_thing in zip(event.items, members, strict=True)]
    return orjson.dumps(head)[:-1] + b',"items":[' + b",".join(lines) + b"]}"


def _line(item: Item, members: bytes) -> bytes:
    """One item: what is its line's own, then the facts of its thing."""
    return orjson.dumps(_stated(item.__dict__, _OF_THE_LINE))[:-1] + b"," + members + b"}"


def _stated(fields: Mapping[str, Any], names: _Names) -> dict[str, Any]:
    # A plain loop: it runs nine times for an ordinary document, and comprehensions took half as long again.
    stated = {}
    for name, written in names:
        value = fields[name]
        if value is not None:
            stated[written] = value if type(value) is str else plain(value)
    return stated


def plain(value: Any) -> Any:
    """A JSON value with decimals as text and without what JSON cannot say."""
    kind = type(value)
    if kind is dict:
        stated = {}
        for name, v in value.items():
            of = type(v)
            stated[name] = v if of is str or (of is int and -_BIGGEST <= v <= _BIGGEST) else plain(v)
        return stated
    if value is None or kind is str or kind is bool:
        return value
    if kind is int:
        return value if -_BIGGEST <= value <= _BIGGEST else str(value)
    if kind is list or kind is tuple:
        return [plain(v) for v in value]
    if kind is float:
        return repr(value) if math.isfinite(value) else None
    names = _OF_MODELS.get(kind)
    if names is not None:
        return _stated(value.__dict__, names)
    raise TypeError(f"{kind.__name__} is no value of an event")
