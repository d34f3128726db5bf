"""The fingerprint of an alert: what must differ before a person is told again.

Its basis is the canonical JSON of result, severity, hold advice, reason codes, control codes, licence,
missing facts and legal date. Never event id, version, quantity or reference: an amendment that changes only
those is no news.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson

from exportwatch.alerting.drafts import AlertDraft

_CANONICAL = orjson.OPT_SORT_KEYS


def basis_of(draft: AlertDraft, legal_date: str | None) -> bytes:
    """Canonical JSON of what the fingerprint covers: keys sorted, sets as sorted lists."""
    codes = {reason.get("control_code") for reason in draft.reasons} | {draft.subject.control_code}
    return orjson.dumps(
        {
            "result": draft.result,
            "severity": draft.severity,
            "hold_advice": draft.hold_advice,
            "reason_codes": sorted({reason["code"] for reason in draft.reasons}),
            "control_codes": sorted(code for code in codes if code),
            "license": _license(draft.license),
            "missing": sorted({fact["fact"] for fact in draft.missing}),
            "legal_date": legal_date,
        },
        option=_CANONICAL,
    )


def fingerprint_of(basis: bytes) -> str:
    """The sha256 of a basis, in hexadecimal."""
    return sha256(basis).hexdigest()


def changed_between(before: bytes, after: bytes) -> tuple[str, ...]:
    """Which parts of the basis differ, by name and sorted."""
    if before == after:
        return ()
    old, new = orjson.loads(before), orjson.loads(after)
    return tuple(sorted(name for name in new if old.get(name) != new[name]))


def _license(license_: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if license_ is None:
        return None
    return {
        "type_needed": license_.get("type_needed"),
        "status": license_.get("status"),
        "license_no": license_.get("license_no"),
        "mismatch": sorted(license_.get("mismatch") or (), key=orjson.dumps),
    }
