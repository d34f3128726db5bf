"""Cases of the law as events: the shorthand of a case file expanded to the wire format.

All that is not named here is the wire format of the events itself:

- ``from: CN`` for ``{country: CN}``; ``item`` for a single item; ``quantity: [5, KGM]``
- ``exporter``, ``consignee``, ``end_user`` for entries of ``parties`` (country as ``to`` where absent)
- ``parameters: {name: [value, unit, condition?]}`` and in a condition ``pressure: [220, MPa]``
- ``composition: {Dy: 2.5}`` or ``{Dy: [2.5, test_report]}``

What a case does not say stands in ``defaults.yaml``; a null in ``facts`` takes a field away. A case with ``event``
is a line of JSON: the event as it is published.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from exportwatch.evaluation.format import ALLOWED, DEFAULTS, Case, listed


def without_nulls(given: Case) -> Case:
    return {key: value for key, value in given.items() if value is not None}


def quantity(value: Any) -> Any:
    return {"value": value[0], "unit": value[1]} if isinstance(value, list) else value


def place(value: Any) -> Any:
    return {"country": value} if isinstance(value, str) else value


def parameter(name: str, given: list[Any]) -> Case:
    found: Case = {"name": name, "value": given[0], "unit": given[1]}
    if len(given) > 2:
        found["condition"] = {key: quantity(value) for key, value in given[2].items()}
    return found


def substance(name: str, given: Any) -> Case:
    percent, *evidence = listed(given)
    found: Case = {"substance": name}
    if percent is not None:
        found["percent"] = percent
    if evidence:
        found["evidence"] = evidence[0]
    return found


def wire_item(given: Case, default: Case) -> Case:
    item = {**default, **given}
    if isinstance(item.get("parameters"), dict):
        item["parameters"] = [parameter(name, value) for name, value in item["parameters"].items()]
    if isinstance(item.get("composition"), dict):
        item["composition"] = [substance(name, value) for name, value in item["composition"].items()]
    for field in ("quantity", "net_mass"):
        if field in item:
            item[field] = quantity(item[field])
    return without_nulls(item)


def wire_parties(facts: Case) -> list[Case]:
    parties = []
    for role in ALLOWED["roles"]:
        given = facts.pop(role, None)
        if given is None:
            continue
        party = {"name": given} if isinstance(given, str) else dict(given)
        parties.append(without_nulls({"role": role, "country": facts["to"]["country"], **party}))
    return parties


def wire_event(case: Case) -> bytes:
    """The event of a case as the ERP would publish it."""
    if "event" in case:
        return orjson.dumps(case["event"])
    document = case.get("document", "shipment")
    facts = {**DEFAULTS[document], **case.get("facts", {})}
    facts["from"], facts["to"] = place(facts["from"]), place(facts["to"])
    if "via" in facts:
        facts["via"] = [place(stop) for stop in facts["via"]]
    item = facts.pop("item")
    facts["items"] = [wire_item(given, DEFAULTS[document]["item"]) for given in facts.get("items", [item])]
    named = wire_parties(facts)
    facts.setdefault("parties", named)
    facts.setdefault("export_date" if document == "shipment" else "transfer_date", case["on"])
    facts.setdefault("event_time", f"{case['on'][:10]}T12:00:00+08:00")
    facts.setdefault("event_id", "E-1")
    facts.setdefault(f"{document}_id", "D-1")
    return orjson.dumps(without_nulls(facts))


def wire_controls(case: Case) -> Iterator[tuple[str, bytes, bytes | None]]:
    """The control records of a case as (topic, key, value); ``withdrawn: true`` is a null value."""
    for field, topic in (("law", "law"), ("licenses", "licenses"), ("parties", "parties")):
        for given in case.get(field, ()):
            record = without_nulls({"version": 1, **given} if field == "licenses" else given)
            if isinstance(record.get("quantity"), list):
                record["quantity"] = quantity(record["quantity"])
            withdrawn = record.pop("withdrawn", False)
            match field:
                case "law":
                    named = (
                        record.get("instrument_id", ""),
                        record.get("limb", "*"),
                        record.get("announced_by", ""),
                    )
                    key = "/".join(named)
                case "licenses":
                    key = f"{record['license_no']}@{record['version']}"
                case _:
                    key = f"{record['list_id']}/{record['entry_id']}@{record.get('version', 0)}"
            yield f"compliance.{topic}.v1", key.encode(), None if withdrawn else orjson.dumps(record)
