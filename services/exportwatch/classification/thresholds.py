"""Control entries with their thresholds checked: a limit on what no item is measured in would never be met.

The law knows no units and no parameters; what a parameter is measured in stands in ``units``. A misspelt parameter
would leave every item a question, and a limit in another unit than the values are compared in would clear them all.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from exportwatch.classification.units import CONDITIONS, PARAMETERS, BadValue, Canon, canonical, number
from exportwatch.law.entries import compile_entry
from exportwatch.law.model import ControlEntry, RawEntry
from exportwatch.law.predicates import ConditionError

_SHARE = "share:"  # ``share:Ag``: what one constituent is of the whole, in percent as the purity is


def compile_checked(raw: RawEntry) -> ControlEntry:
    """Compile an entry whose thresholds can be held against an item. ``ConditionError`` as ``compile_entry``."""
    entry = compile_entry(raw)
    for threshold in _thresholds(raw.mapping["condition"]):
        _check(threshold)
    return entry


def _check(threshold: Mapping[str, Any]) -> None:
    name, value, unit = str(threshold["name"]), threshold["value"], threshold["unit"]
    canon = PARAMETERS["purity"] if name.startswith(_SHARE) else PARAMETERS.get(name)
    if canon is None:
        raise ConditionError("parameter", name, list(PARAMETERS))
    read = canonical(canon, value, unit)
    if isinstance(read, BadValue):
        raise ConditionError("value", f"{value} {unit}", [read.expected])
    if read.low != number(value):
        raise ConditionError("unit", unit, [_shown(canon)])
    for key, tested in (threshold.get("condition") or {}).items():
        if key not in CONDITIONS:
            raise ConditionError("condition", key, list(CONDITIONS))
        at = number(tested)
        if at is None or not CONDITIONS[key].low <= at <= CONDITIONS[key].high:
            raise ConditionError(str(key), str(tested), [f"a number in {_shown(CONDITIONS[key])}"])


def _shown(canon: Canon) -> str:
    return canon.unit.replace("**", "").replace("*", " ") or "no unit"


def _thresholds(condition: Any) -> Iterator[Mapping[str, Any]]:
    match condition:
        case list():
            for part in condition:
                yield from _thresholds(part)
        case Mapping():
            for name, argument in condition.items():
                if name == "parameter":
                    yield argument
                elif name in ("all", "any", "not"):
                    yield from _thresholds(argument)
        case _:
            return
