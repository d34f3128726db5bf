"""The one numeric predicate of control entries: a parameter held against a limit, at a test condition.

A value without the law's test condition, or under another one, is not comparable: the answer is unknown. Pure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from exportwatch.law.changes import SetParameter
from exportwatch.law.predicates import ConditionError, names_in
from exportwatch.law.subject import (
    ClearedBy,
    Evidence,
    Measure,
    Missing,
    Subject,
    Truth,
    Verdict,
)

NEAR = Decimal("0.1")  # of the limit: what lies this close to it is flagged

# What an item that does not meet the limit reads, and a value of it as a multiple of the limit.
_OUTSIDE = {
    ">=": ("below", Decimal("0.99")),
    ">": ("at most", Decimal(1)),
    "<=": ("above", Decimal("1.01")),
    "<": ("at least", Decimal(1)),
}
_OPERATORS = tuple(_OUTSIDE)
_CONDITION_UNITS = {"pressure": " MPa", "c_rate": " C"}  # the canonical ones, as people write them


@dataclass(frozen=True, slots=True)
class _Limit:
    name: str
    operator: str
    value: Decimal
    condition: Mapping[str, Decimal]
    text: str
    missing: Missing
    outside: SetParameter


def parameter(argument: Any) -> Callable[[Subject], Verdict]:
    """``{name, op, value, unit, condition?}``; values and conditions in the parameter's canonical unit."""
    known = ["name", "op", "value", "unit", "condition"]
    if not isinstance(argument, Mapping) or not {"name", "op", "value", "unit"} <= set(argument):
        raise ConditionError("parameter", argument, known)
    for key in argument:
        if key not in known:
            raise ConditionError("parameter", key, known)
    (operator,) = names_in("op", argument["op"], _OPERATORS)
    raw = argument.get("condition") or {}
    condition = {str(k): _decimal(k, v) for k, v in raw.items()}
    at = "".join(f" at {k} {v}{_CONDITION_UNITS.get(k, '')}" for k, v in condition.items())
    name, value, unit = str(argument["name"]), _decimal("value", argument["value"]), str(argument["unit"])
    text = f"{name} {operator} {value} {unit}{at}"
    word, multiple = _OUTSIDE[operator]
    says = f"{name} {word} {value} {unit}{at}"
    limit = _Limit(
        name,
        operator,
        value,
        condition,
        text,
        Missing(name, f"the entry asks for {text}", f"the manufacturer's data sheet{at}"),
        SetParameter(name, value * multiple, unit, tuple(condition.items()), says),
    )

    def check(subject: Subject) -> Verdict:
        return _compare_all(limit, subject.measures.get(limit.name, ()))

    return check


def _decimal(key: str, value: object) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ConditionError(str(key), value, ["a number"]) from None


def _compare_all(limit: _Limit, measures: Sequence[Measure]) -> Verdict:
    missing, outside = (limit.missing,), (limit.outside,)
    readable = [m for m in measures if m.readable]
    if not readable:
        return Verdict(Truth.UNKNOWN, missing=missing, options=outside)
    comparable = [m for m in readable if all(m.condition.get(k) == v for k, v in limit.condition.items())]
    if not comparable:
        evidence = tuple(
            Evidence(m.evidence.path, m.evidence.value, f"not comparable with {limit.text}") for m in readable
        )
        return Verdict(Truth.UNKNOWN, evidence, missing, basis_mismatch=True, options=outside)
    truths = {_compare(limit, m) for m in comparable}
    evidence = tuple(_said(limit, m) for m in comparable)
    if truths == {Truth.YES}:
        return Verdict(Truth.YES, evidence)
    if truths == {Truth.NO} and not any(_may_meet(limit, m) for m in measures):
        near = any(_is_near(limit, m) for m in comparable)
        return Verdict(Truth.NO, evidence, near=near, cleared_by=(ClearedBy.PARAMETER,))
    return Verdict(Truth.UNKNOWN, evidence, missing, options=outside)


def _may_meet(limit: _Limit, measure: Measure) -> bool:
    """Whether a value that is unreadable, or states no test condition, could be the one that meets the limit."""
    if not measure.readable:
        return True
    unstated = any(k not in measure.condition for k in limit.condition)
    return unstated and _compare(limit, measure) is not Truth.NO


def _compare(limit: _Limit, measure: Measure) -> Truth:
    match limit.operator:
        case ">=":
            low, high = measure.low >= limit.value, measure.high >= limit.value
        case ">":
            low, high = measure.low > limit.value, measure.high > limit.value
        case "<=":
            low, high = measure.high <= limit.value, measure.low <= limit.value
        case _:
            low, high = measure.high < limit.value, measure.low < limit.value
    return Truth.YES if low else Truth.UNKNOWN if high else Truth.NO


def _is_near(limit: _Limit, measure: Measure) -> bool:
    closest = measure.high if limit.operator[0] == ">" else measure.low
    return abs(closest - limit.value) <= NEAR * abs(limit.value)


def _said(limit: _Limit, measure: Measure) -> Evidence:
    return Evidence(measure.evidence.path, measure.evidence.value, f"held against {limit.text}")
