"""A decision held against what a case expects.

A ``result``, ``hold`` or ``license_status`` may be a list: any of them is right. A control code stands for its
subitems too (``1C909`` for ``1C909.a``).
"""

import re
from typing import Any

from exportwatch.evaluation.format import Case, listed


def lacking(wanted: list[str], found: set[str]) -> list[str]:
    """The wanted codes that are neither in ``found`` themselves nor by a subitem."""
    return [code for code in wanted if not any(re.match(rf"{re.escape(code)}($|[./])", one) for one in found)]


def differences(expect: Case, decision: Case) -> list[str]:
    """Every expectation that the decision does not meet, in words."""
    items = decision["items"]
    licenses = [item["license"] or {} for item in items]
    single: dict[str, list[Any]] = {
        **{field: [decision[field]] for field in ("result", "hold", "legal_date", "reassess_on")},
        "type_needed": [license_.get("type_needed") for license_ in licenses],
        "license_status": [license_.get("status") for license_ in licenses],
    }
    several = {
        "codes": {found["control_code"] for item in items for found in item["classifications"]},
        "flags": {flag for item in items for flag in item["flags"]},
        "reasons": {reason["code"] for item in items for reason in item["reasons"]},
    }
    missing = " ".join(fact["fact"] for item in items for fact in item["missing"])
    results = {item["item_id"]: item["result"] for item in items}
    wrong = [
        f"{field}: {found}, expected {expect[field]}"
        for field, found in single.items()
        if field in expect and not any(value in listed(expect[field]) for value in found)
    ]
    for field, have in several.items():
        absent = lacking(expect.get(field, []), have)
        wrong += [f"{field}: {name} is not among {sorted(have)}" for name in absent]
        unwanted = expect.get(f"not_{field}", [])
        wrong += [f"{field}: {name} must not be there" for name in unwanted if not lacking([name], have)]
    wrong += [
        f"missing: {fact} not named in {missing!r}"
        for fact in expect.get("missing", ())
        if fact not in missing
    ]
    wrong += [
        f"item {item_id}: {results.get(item_id)}, expected {result}"
        for item_id, result in expect.get("items", {}).items()
        if results.get(item_id) not in listed(result)
    ]
    return wrong
