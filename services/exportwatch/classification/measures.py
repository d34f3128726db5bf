"""An item's numeric parameters, each in the one unit of its name, with their test conditions."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from exportwatch.classification.problems import Problem, list_of, wrong
from exportwatch.classification.units import CONDITIONS, PARAMETERS, BadValue, canonical, factor, interval
from exportwatch.law.subject import Evidence, Measure


def read_measures(raw: Mapping[str, Any], problems: list[Problem]) -> Mapping[str, tuple[Measure, ...]]:
    read: dict[str, list[Measure]] = {}
    for index, line in enumerate(list_of(raw, "parameters", problems)):
        path = f"parameters[{index}]"
        name = line.get("name") if isinstance(line, Mapping) else None
        if not isinstance(name, str):
            problems.append(wrong(path, line, "an object with a name"))
            continue
        canon = PARAMETERS.get(name)
        if canon is None:
            continue  # not a parameter that any entry asks about
        value = canonical(canon, line.get("value"), line.get("unit"))
        if isinstance(value, BadValue):
            code = "IMPLAUSIBLE_VALUE" if value.implausible else "UNREADABLE_FACT"
            problems.append(Problem(code, path, f"{name} {value.found}", value.expected))
            unknown = Measure(
                canon.low, canon.high, {}, Evidence(path, f"{name} {value.found}", ""), readable=False
            )
            read.setdefault(name, []).append(unknown)
            continue
        condition = _condition(line.get("condition"), f"{path}.condition", problems)
        shown = f"{name} {line.get('value')} {line.get('unit') or ''}".strip()
        at = "".join(f" at {k} {v:f}" for k, v in condition.items())
        evidence = Evidence(path, shown + at, "")
        read.setdefault(name, []).append(Measure(value.low, value.high, condition, evidence))
    return {name: tuple(values) for name, values in read.items()}


def _condition(raw: Any, path: str, problems: list[Problem]) -> Mapping[str, Decimal]:
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        problems.append(wrong(path, raw, "an object of test conditions"))
        return {}
    read: dict[str, Decimal] = {}
    for name, stated in raw.items():
        canon = CONDITIONS.get(name)
        if canon is None:
            continue
        value, unit = (
            (stated.get("value"), stated.get("unit")) if isinstance(stated, Mapping) else (stated, None)
        )
        number = interval(value)
        scale = (
            factor(str(unit), canon.unit) if unit is not None else (Decimal(1) if not canon.unit else None)
        )
        if name == "c_rate" and unit in ("C", "c"):
            scale = Decimal(1)
        if number is None or number.low != number.high or scale is None:
            problems.append(wrong(f"{path}.{name}", stated, f"a number in {canon.unit or 'C'}"))
            continue
        read[name] = (number.low * scale).normalize()
    return read
