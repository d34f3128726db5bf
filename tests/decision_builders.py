"""Decisions as screening writes them, built in a line: what the tests of alerting feed on."""

from collections.abc import Iterable
from typing import Any

import orjson

KEY = "default/ERP-P01/shipment/SH-1"
STRICTEST_FIRST = (
    "prohibited",
    "license_required",
    "review",
    "suspended",
    "not_yet_effective",
    "not_required",
)
INSTRUMENT = "CN-2025-18"
CODE = "1C905.b"


def law(status: str = "in_force", instrument_id: str = INSTRUMENT, limb: str = "") -> dict[str, Any]:
    return {"instrument_id": instrument_id, "limb": limb, "status": status}


def classification(
    code: str = CODE, match: str = "yes", instrument_id: str = INSTRUMENT, limb: str = ""
) -> dict[str, Any]:
    return {
        "control_code": code,
        "instrument_id": instrument_id,
        "limb": limb,
        "name": {"en": code, "zh": code},
        "match": match,
        "evidence": [{"path": "items[0].cas[0]", "value": "1308-87-8", "says": "dysprosium oxide"}],
    }


def reason(
    code: str,
    family: str = "legal_control",
    instrument_id: str | None = None,
    control_code: str | None = None,
) -> dict[str, Any]:
    return {
        "family": family,
        "code": code,
        "instrument_id": instrument_id,
        "control_code": control_code,
        "text": {"en": code, "zh": code},
        "source": None,
    }


def listed(code: str = CODE) -> dict[str, Any]:
    return reason("LISTED_ITEM", instrument_id=INSTRUMENT, control_code=code)


def license_(status: str, number: str | None = None, mismatch: Iterable[str] = ()) -> dict[str, Any]:
    return {
        "type_needed": "dual_use_license",
        "status": status,
        "license_no": number,
        "mismatch": list(mismatch),
    }


def item(item_id: str = "10", result: str = "not_required", **more: Any) -> dict[str, Any]:
    """An item of a decision; nothing found unless told."""
    built = {
        "item_id": item_id,
        "result": result,
        "hold": "release",
        "classifications": [],
        "reasons": [],
        "law": [],
        "license": {"type_needed": None, "status": "not_needed", "license_no": None, "mismatch": []},
        "missing": [],
        "clear_options": [],
        "flags": [],
    }
    return built | more


def controlled(item_id: str = "10", license_status: str = "missing", code: str = CODE) -> dict[str, Any]:
    """An item that needs a licence."""
    return item(
        item_id,
        "license_required",
        hold="release" if license_status == "covered" else "hold",
        classifications=[classification(code)],
        reasons=[listed(code)],
        law=[law()],
        license=license_(license_status, "L-1" if license_status == "covered" else None),
        clear_options=[{"change": "a dual-use licence", "result": "license_required"}],
    )


def undecided(item_id: str = "10", *facts: str, code: str = CODE) -> dict[str, Any]:
    """An item that may be controlled: a fact is missing."""
    return item(
        item_id,
        "review",
        hold="person",
        classifications=[classification(code, "unknown")],
        reasons=[reason("PARAMETER_MISSING", "data", INSTRUMENT, code)],
        law=[law()],
        missing=[{"fact": fact, "why": "decides"} for fact in facts or ("composition.dysprosium",)],
    )


def with_party(base: dict[str, Any], code: str = "PARTY_CONTROL_LISTED") -> dict[str, Any]:
    """The same item, of a document that names a party of a list."""
    own = "prohibited" if code == "PARTY_CONTROL_LISTED" else "review"
    result = min(base["result"], own, key=STRICTEST_FIRST.index)
    return base | {"result": result, "reasons": [*base["reasons"], reason(code, "party")]}


def decision(
    *items: dict[str, Any],
    version: int = 1,
    key: str = KEY,
    at: str | None = None,
    event_id: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A decision on a document, an hour of event time for each version; no items and no state: cancelled."""
    tenant, source, type_, id_ = key.split("/")
    results = [found["result"] for found in items] or ["not_required"]
    document = {
        "key": key,
        "type": type_,
        "id": id_,
        "version": version,
        "event_id": event_id or f"{id_}-{version}",
        "event_time": at or f"2025-06-01T{version:02}:00:00+08:00",
        "state": "active" if items else "cancelled",
    }
    built = {
        "document": document,
        "result": min(results, key=STRICTEST_FIRST.index),
        "hold": "release",
        "legal_date": "2025-06-10",
        "items": list(items),
        "reference": {"rule_pack": "cn", "rule_pack_sha256": "0" * 64, "engine": "1"},
        "reassess_on": "2025-11-10",
        "facts": {
            "tenant": tenant,
            "source": source,
            "from": {"country": "CN"},
            "to": {"country": "JP"},
            "via": [],
            "parties": [{"role": "consignee", "name": "Consignee of the sample", "country": "JP"}],
            "items": [{"item_id": found["item_id"], "description": "dysprosium oxide"} for found in items],
        },
    }
    return built | more


def cancelled(version: int, key: str = KEY, at: str | None = None) -> dict[str, Any]:
    return decision(version=version, key=key, at=at, facts=None, reassess_on=None)


def unreadable(version: int, key: str = KEY, at: str | None = None) -> dict[str, Any]:
    """The review of a record that names its document and cannot be read."""
    built = decision(
        version=version,
        key=key,
        at=at,
        result="review",
        hold="person",
        reasons=[reason("RECORD_UNREADABLE", "data")],
        facts=None,
        reassess_on=None,
    )
    built["document"]["state"] = "active"
    return built


def unplaced(at: str | None = None, key: str = KEY) -> dict[str, Any]:
    """The same of a record whose version, too, cannot be read: it stands as version 0."""
    built = unreadable(0, key)
    built["document"] |= {"event_id": None, "event_time": at}
    return built


def decision_value(built: dict[str, Any]) -> bytes:
    return orjson.dumps(built)


def decision_headers(built: dict[str, Any], control: tuple[int, ...] = (0, 0, 0)) -> dict[str, bytes]:
    """Headers as screening writes them, as far as alerting reads them."""
    topics = ("compliance.law.v1", "compliance.licenses.v1", "compliance.parties.v1")
    quarantined = {"ew_quarantined": b"FIELD_TYPE"} if built.get("reasons") else {}
    return quarantined | {
        "ew_document": built["document"]["key"].encode(),
        "ew_version": str(built["document"]["version"]).encode(),
        "ew_result": built["result"].encode(),
        "ew_control": orjson.dumps(dict(zip(topics, control, strict=True))),
    }
