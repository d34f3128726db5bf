"""What the alerts topic must say at last, worked out a second time.

It reads decisions and alerts as they lie in the topics, takes of each document the newest decision alone and
derives from it which alerts are open, with which result and fingerprint. It keeps no history, and shares no
code with the alerting service: only the wire contract.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

NAMESPACE = uuid.UUID("5b0a7f0e-3c1d-5f7e-9d42-8a6c2e9b1f34")
STRICT = ["prohibited", "license_required", "review", "suspended", "not_yet_effective", "not_required"]
DATA = ("", "data", "", "")
OF_DOCUMENT = ("party", "end_use", "destination")
LAWLESS = ("data", "classification", "consistency")
FIXED = {
    "PROHIBITED_TECHNOLOGY": "prohibited",
    "PARTY_CONTROL_LISTED": "prohibited",
    "PARTY_POSSIBLE_MATCH": "review",
    "GOVERNMENT_END_USER": "review",
    "CATCH_ALL_END_USE": "review",
    "RECORD_UNREADABLE": "review",
    "LAW_UNCONFIRMED": "review",
    "LAW_SUSPENDED": "suspended",
    "LAW_NOT_YET_EFFECTIVE": "not_yet_effective",
}
FACTS_OF = {
    "party": ("parties", "party_list"),
    "end_use": ("end_use",),
    "destination": ("to", "route", "end_use"),
}
SubjectKey = tuple[str, str, str, str]  # item id, family, instrument, control code


@dataclass(frozen=True)
class Wire:
    """A record of the decisions or the alerts topic, in the order of the log of its partition."""

    key: bytes
    value: bytes
    headers: Mapping[str, bytes]


@dataclass(frozen=True)
class Expected:
    state: str
    result: str
    fingerprint: str


def newest_decisions(decisions: Iterable[Wire]) -> dict[str, dict[str, Any]]:
    """The decision of the highest order for each document; of equals the one that was written last."""
    best: dict[str, tuple[Any, dict[str, Any]]] = {}
    for record in decisions:
        decision = json.loads(record.value)
        if is_unplaced(decision):
            continue
        document = decision["document"]
        control = json.loads(record.headers.get("ew_control") or b"[]")
        offsets = [control[name] for name in sorted(control)] if isinstance(control, dict) else control
        rank = (*event_rank(document), sum(offsets), offsets)
        if document["key"] not in best or rank >= best[document["key"]][0]:
            best[document["key"]] = (rank, decision)
    return {key: decision for key, (_, decision) in best.items()}


def is_unplaced(decision: Mapping[str, Any]) -> bool:
    """The review of an unreadable record whose version is unknown, too."""
    codes = [reason["code"] for reason in decision.get("reasons") or []]
    return not decision["document"]["version"] and "RECORD_UNREADABLE" in codes


def unrepaired(decisions: Iterable[Wire], newest: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Documents that have such a review which is later, by event time, than their newest decision."""
    found: dict[str, dict[str, Any]] = {}
    for record in decisions:
        decision = json.loads(record.value)
        key, rank = decision["document"]["key"], event_rank(decision["document"])
        if not is_unplaced(decision):
            continue
        later = key not in newest or rank[1] > event_rank(newest[key]["document"])[1]
        if later and (key not in found or rank >= event_rank(found[key]["document"])):
            found[key] = decision
    return found


def event_rank(document: Mapping[str, Any]) -> tuple[Any, ...]:
    moment = datetime.fromisoformat(document["event_time"]) if document.get("event_time") else None
    return (
        -1 if document["version"] is None else document["version"],
        moment.timestamp() if moment else -1,
        document.get("event_id") or "",
    )


def alert_id_of(document_key: str, subject: SubjectKey) -> str:
    return str(uuid.uuid5(NAMESPACE, "\x1f".join([document_key, *subject])))


def newest_alerts(alerts: Iterable[Wire]) -> dict[str, dict[str, Any]]:
    """The newest snapshot of each alert: highest revision, then newest version, then last written."""
    best: dict[str, tuple[Any, dict[str, Any]]] = {}
    for record in alerts:
        snapshot = json.loads(record.value)
        rank = (snapshot["revision"], *event_rank(snapshot["document"]))
        if snapshot["alert_id"] not in best or rank >= best[snapshot["alert_id"]][0]:
            best[snapshot["alert_id"]] = (rank, snapshot)
    return {id_: snapshot for id_, (_, snapshot) in best.items()}


def discrepancies(decisions: Iterable[Wire], alerts: Iterable[Wire]) -> list[str]:
    """Every way in which the alerts topic differs from what its decisions say; empty when all is right."""
    decisions = list(decisions)
    newest = newest_decisions(decisions)
    unread = unrepaired(decisions, newest)
    wanted = {
        alert_id_of(key, subject): expected
        for key, decision in newest.items()
        for subject, expected in expectations(decision).items()
        if expected.state == "open"
    }
    wanted |= {alert_id_of(key, DATA): expectations(one)[DATA] for key, one in unread.items()}
    found = newest_alerts(alerts)
    problems = [f"alert {id_} is missing: expected {wanted[id_]}" for id_ in wanted.keys() - found.keys()]
    for id_, snapshot in found.items():
        key = snapshot["document"]["key"]
        if key not in newest and key not in unread:
            problems.append(f"alert {id_} is of document {key}, which has no decision")
            continue
        state = "cleared" if snapshot["change"]["kind"] == "cleared" else "open"
        seen = Expected(state, snapshot["result"], snapshot["fingerprint"])
        item = (snapshot["item"] or {}).get("item_id", "")
        subject = (
            item,
            snapshot["family"],
            snapshot["instrument_id"] or "",
            snapshot["control_code"] or "",
        )
        decision = unread[key] if subject == DATA and key in unread else newest[key]
        right = expectations(decision).get(subject) or silent(decision, subject)
        if alert_id_of(key, subject) != id_:
            problems.append(f"alert {id_} does not have the id of its subject {subject}")
        if seen != right:
            problems.append(f"alert {id_} of {key} {subject}: found {seen}, expected {right}")
    return sorted(problems)


def expectations(decision: Mapping[str, Any]) -> dict[SubjectKey, Expected]:
    """Each subject that a decision names and how its alert must stand."""
    if decision["document"].get("state") == "cancelled":
        return {}
    rows: dict[SubjectKey, list[dict[str, Any]]] = {}
    for item in decision["items"] or [dict(decision, item_id="")]:
        for row in rows_of(item):
            rows.setdefault(row["subject"], []).append(row)
    return {subject: summed_up(decision, subject, group) for subject, group in rows.items()}


def silent(decision: Mapping[str, Any], subject: SubjectKey) -> Expected:
    """How an alert must stand that its document's newest decision does not name any more."""
    codes = [subject[3]] if subject[3] else []
    basis = fingerprint_basis(decision, "not_required", 1, "none", ([], codes, None, []))
    return Expected("cleared", "not_required", sha(basis))


def rows_of(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    controls: dict[SubjectKey, list[Any]] = {}
    for entry in item.get("classifications") or []:
        subject = (item["item_id"], "legal_control", entry["instrument_id"], entry["control_code"])
        controls.setdefault(subject, []).append(entry)
    said: dict[SubjectKey, list[Any]] = {subject: [] for subject in controls}
    for reason in item.get("reasons") or []:
        for subject in places_of(reason, item, list(controls)):
            said.setdefault(subject, []).append(reason)
    rows = []
    for subject, reasons in said.items():
        entries = controls.get(subject, [])
        results = (
            [control_result(item, entry, reasons) for entry in entries]
            if entries
            else [reason_result(item, reason) for reason in reasons]
        )
        result = stricter_of(results)
        result = item["result"] if STRICT.index(result) < STRICT.index(item["result"]) else result
        rows.append(
            {"subject": subject, "item": item, "entries": entries, "reasons": reasons, "result": result}
        )
    covered = (item.get("license") or {}).get("status") == "covered"
    open_item = item["result"] in ("prohibited", "review") or (
        item["result"] == "license_required" and not covered
    )
    if open_item and item["result"] not in [row["result"] for row in rows]:
        data = ("", "data", "", "")
        rows.append({"subject": data, "item": item, "entries": [], "reasons": [], "result": item["result"]})
    return rows


def reason_result(item: Mapping[str, Any], reason: Mapping[str, Any]) -> str:
    if reason.get("result"):
        return str(reason["result"])
    result, covered = item["result"], (item.get("license") or {}).get("status") == "covered"
    if reason["code"] in ("MILITARY_END_USE", "DESTINATION_RESTRICTED"):
        return "prohibited" if result == "prohibited" else "review"
    if reason["code"] == "PARTY_WATCH_LISTED":
        asked = result in ("prohibited", "review") or (result == "license_required" and not covered)
        return "review" if asked else "not_required"
    return FIXED.get(reason["code"], result)


def places_of(reason: Mapping[str, Any], item: Mapping[str, Any], controls: list[Any]) -> list[SubjectKey]:
    if reason["family"] in OF_DOCUMENT:
        return [("", reason["family"], "", "")]
    instrument, code = reason.get("instrument_id") or "", reason.get("control_code") or ""
    if instrument or code:
        hit = [c for c in controls if instrument in ("", c[2]) and code in ("", c[3])]
        if hit:
            return hit
        if instrument:
            return [(item["item_id"], "legal_control", instrument, code)]
    if not controls or (reason["family"] in LAWLESS and item["result"] == "review"):
        return [("", "data", "", "")]
    return controls


def control_result(item: Mapping[str, Any], entry: Mapping[str, Any], reasons: list[Any]) -> str:
    if entry.get("result"):
        return str(entry["result"])
    same = [one for one in item.get("law") or [] if one["instrument_id"] == entry["instrument_id"]]
    exact = [one for one in same if one.get("limb") == entry.get("limb")] or same
    status = exact[0]["status"] if exact else None
    if status in ("suspended", "not_yet_effective"):
        return str(status)
    if status in ("repealed", "never_operated"):
        return "not_required"
    if status == "unconfirmed" or entry["match"] == "unknown":
        return "review"
    if status is None:
        return str(item["result"])
    if any(reason["code"] == "PROHIBITED_TECHNOLOGY" for reason in reasons):
        return "prohibited"
    listed = any(reason["code"] in ("LISTED_ITEM", "LISTED_TECHNOLOGY") for reason in reasons)
    if listed or (item.get("license") or {}).get("type_needed"):
        return "license_required"
    return str(item["result"]) if reasons else "not_required"


def summed_up(decision: Mapping[str, Any], subject: SubjectKey, rows: list[dict[str, Any]]) -> Expected:
    is_control = subject[1] == "legal_control"
    result = stricter_of([row["result"] for row in rows])
    deciding = [row["item"] for row in rows if row["result"] == result]
    covered = all((item.get("license") or {}).get("status") == "covered" for item in deciding)
    is_open = result != "not_required" and not (result == "license_required" and covered)
    license_ = deciding[0].get("license") if is_control and result == "license_required" else None
    license_ = license_ if license_ and license_.get("type_needed") else None
    matches = {entry["match"] for entry in rows[0]["entries"]}
    asks = not is_control or matches == {"unknown"} or result == rows[0]["item"]["result"]
    starts = FACTS_OF.get(subject[1], "") if asks else ()
    facts = {fact["fact"] for item in deciding for fact in item.get("missing") or []}
    missing = {fact for fact in facts if fact.startswith(starts)}
    reasons = [reason for row in rows for reason in row["reasons"]]
    codes = {reason.get("control_code") for reason in reasons} | {subject[3]}
    severity, advice = 1, "none"
    if is_open:
        severity = severity_of(result, subject, "yes" in matches, license_)
        advice = advice_of(result, subject, decision["document"]["type"])
    basis = fingerprint_basis(
        decision,
        result,
        severity,
        advice,
        (
            sorted({reason["code"] for reason in reasons}),
            sorted(code for code in codes if code),
            license_,
            sorted(missing),
        ),
    )
    return Expected("open" if is_open else "cleared", result, sha(basis))


def severity_of(result: str, subject: SubjectKey, matched: bool, license_: Mapping[str, Any] | None) -> int:
    if result == "prohibited":
        return 5
    if result == "license_required":
        return 3 if (license_ or {}).get("status") == "pending" else 4
    if result == "review":
        return 3 if matched or subject[1] in OF_DOCUMENT else 2
    return 1


def advice_of(result: str, subject: SubjectKey, document_type: str) -> str:
    if result in ("suspended", "not_yet_effective"):
        return "monitor"
    if subject[0] and (result == "review" or (result == "license_required" and document_type == "contract")):
        return "hold_item"
    return "hold_document"


def fingerprint_basis(
    decision: Mapping[str, Any], result: str, severity: int, advice: str, found: tuple[Any, ...]
) -> dict[str, Any]:
    reason_codes, control_codes, license_, missing = found
    names = ("type_needed", "status", "license_no")
    return {
        "result": result,
        "severity": severity,
        "hold_advice": advice,
        "reason_codes": reason_codes,
        "control_codes": control_codes,
        "license": license_
        and {
            **{name: license_.get(name) for name in names},
            "mismatch": sorted(license_.get("mismatch") or [], key=json.dumps),
        },
        "missing": missing,
        "legal_date": decision.get("legal_date"),
    }


def sha(basis: Mapping[str, Any]) -> str:
    text = json.dumps(basis, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def stricter_of(results: list[str]) -> str:
    return min(results, key=STRICT.index)
