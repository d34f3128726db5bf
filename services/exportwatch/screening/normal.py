"""The normalised document inside a decision: what re-screening reads. Absent facts are left out, decimals are text."""

import math
from typing import Any

from pydantic import BaseModel

from exportwatch_events.documents import ContractEvent, ShipmentEvent

_BIGGEST = 2**53  # beyond it, a reader in another language would round


def normal(event: ShipmentEvent | ContractEvent) -> dict[str, Any]:
    """Every stated field of the event, in the order of the contract. Numbers that are not whole become text."""
    return {
        ("from" if name == "from_" else name): _plain(value)
        for name, value in event.__dict__.items()
        if value is not None
    }


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is str or kind is bool:
        return value
    if kind is int:
        return value if -_BIGGEST <= value <= _BIGGEST else str(value)
    if kind is float:
        return repr(value) if math.isfinite(value) else None
    if isinstance(value, BaseModel):
        return {name: _plain(v) for name, v in value.__dict__.items() if v is not None}
    if kind is dict:
        return {name: _plain(v) for name, v in value.items()}
    if kind is list or kind is tuple:
        return [_plain(v) for v in value]
    return value
