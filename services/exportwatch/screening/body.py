"""What a decision says of one item, in the form of the wire contract. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from exportwatch.law.model import LimbStatus
from exportwatch.law.subject import Evidence, Truth
from exportwatch.screening.grant import Granted
from exportwatch.screening.judgment import Judged, Judgment
from exportwatch.screening.options import Option
from exportwatch.screening.providers import missing_in_words
from exportwatch.screening.things import OF_DOCUMENT
from exportwatch_events.catalogue import Flag, Hold

_FLAG_ORDER = tuple(Flag)


class Said(NamedTuple):
    """All that an item's decision says."""

    found: Judgment
    granted: Granted
    hold: Hold
    options: tuple[Option, ...] = ()


def body_of(index: int, item_id: str, said: Said) -> dict[str, Any]:
    """An element of a decision's ``items[]``. ``index``: of the item in the document, for the paths of evidence."""
    found, granted, hold, options = said
    return {
        "item_id": item_id,
        "result": found.result,
        "hold": hold,
        "classifications": [_classification(index, j) for j in found.judged],
        "reasons": found.reasons,
        "law": [_law(s) for s in found.law],
        "license": {
            "type_needed": granted.need,
            "status": granted.cover.status,
            "license_no": granted.cover.license_no,
            "mismatch": granted.cover.mismatch,
        },
        "missing": [missing_in_words(m, found.asked.get(m, ())) for m in dict.fromkeys(found.missing)],
        "clear_options": [{"change": o.change, "result": o.result} for o in options],
        "flags": [f for f in _FLAG_ORDER if f in found.flags],
    }


def _classification(index: int, one: Judged) -> dict[str, Any]:
    return {
        "control_code": one.entry.control_code,
        "instrument_id": one.entry.instrument_id,
        "limb": one.entry.limb,
        "name": {"en": one.entry.name.en, "zh": one.entry.name.zh},
        "match": "yes" if one.verdict.truth is Truth.YES else "unknown",
        "evidence": [_evidence(index, e) for e in one.verdict.evidence],
    }


def _evidence(index: int, evidence: Evidence) -> Mapping[str, str]:
    of_document = evidence.path.startswith(OF_DOCUMENT)
    path = evidence.path[1:] if of_document else f"items[{index}].{evidence.path}"
    return {"path": path, "value": evidence.value, "says": evidence.says}


def _law(status: LimbStatus) -> dict[str, Any]:
    return {
        "instrument_id": status.instrument_id, "limb": status.limb, "status": status.status, "since": status.since,
        "until": status.until, "by": status.by, "confirmed_at": status.confirmed_at, "note": status.note,
        "next_change": status.next_change,
    }  # fmt: skip
