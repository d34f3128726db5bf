"""The normalised document inside a decision: what re-screening reads. Absent facts are left out, decimals are text."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from exportwatch_events.documents import ContractEvent, ShipmentEvent

_BIGGEST = 2**53  # beyond it, a reader in another language would round
_APART = ("from_", "to", "parties", "items")
# Of each other field, the attribute and the name on the wire.
_OF_THE_EVENT = {
    model: tuple((name, f.alias or name) for name, f in model.model_fields.items() if name not in _APART)
    for model in (ShipmentEvent, ContractEvent)
}


def normal(event: ShipmentEvent | ContractEvent, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Every stated field of the event, for orjson to write; of its items these ``lines``, as ``stated`` gives them.

    Parts of it are the event's own: nothing may change them.
    """
    fields, facts = event.__dict__, {}
    for name, written in _OF_THE_EVENT[type(event)]:
        value = fields[name]
        if value is not None:
            facts[written] = value if type(value) is str else plain(value)
    facts["from"], facts["to"] = stated(event.from_), stated(event.to)
    facts["parties"] = [stated(party) for party in event.parties]
    facts["items"] = lines
    return facts


def stated(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is stated of a place, a party or an item: the same object where nothing has to be written otherwise (no
    null, no decimal, no whole number that is too great), as in nearly all of them; else a copy."""
    for value in fields.values():
        if type(value) is not str and not _stands(value):
            return {name: plain(v) for name, v in fields.items() if v is not None}
    return fields


def _stands(value: Any) -> bool:
    """Whether ``plain`` would change nothing, as far as a look can tell: null is always looked at closely."""
    if type(value) is dict:
        for v in value.values():
            # Asked here first: nearly every line has a quantity, and two further calls would double its cost.
            if not (type(v) is str or (type(v) is int and -_BIGGEST <= v <= _BIGGEST) or _stands(v)):
                return False
        return True
    if type(value) is int:
        return -_BIGGEST <= value <= _BIGGEST
    if type(value) is list:
        return all(map(_stands, value))
    return type(value) is str or type(value) is bool


def plain(value: Any) -> Any:
    """A JSON value with decimals as text and without what JSON cannot say."""
    kind = type(value)
    if value is None or kind is str or kind is bool:
        return value
    if kind is int:
        return value if -_BIGGEST <= value <= _BIGGEST else str(value)
    if kind is dict:
        return {name: plain(v) for name, v in value.items()}
    if kind is list:
        return [plain(v) for v in value]
    if kind is float:
        return repr(value) if math.isfinite(value) else None
    raise TypeError(f"{kind.__name__} is no value of an event")
