"""What each subject's own result is, where the decision states the strictest of an item's.

An item's result is the strictest of its controls, parties, destination and data. Each subject is judged by
itself here, in the terms of the event catalogue: match and status of the limb on the legal date for a
control, the code of the reason for everything else. A finding that states its own ``result`` is believed. No
subject is judged stricter than its item, but for a control that a licence covers where something else asks a
person: one question, one alert. An item that nobody explains is explained by the document's data: never a
missing alert.
"""

from typing import assert_never

from exportwatch.alerting.grain import Concern, Finding
from exportwatch_events.catalogue import (
    LicenseStatus,
    LimbStatusName,
    Match,
    ReasonCode,
    ReasonFamily,
    Result,
    strictest,
)

_LISTED = frozenset({ReasonCode.LISTED_ITEM, ReasonCode.LISTED_TECHNOLOGY})
_DOUBTS_A_LICENSE = frozenset({ReasonCode.LICENSE_SCOPE, ReasonCode.LICENSE_NOT_VALID})
_STATED_BY_CODE = {
    ReasonCode.PROHIBITED_TECHNOLOGY: Result.PROHIBITED,
    ReasonCode.PARTY_CONTROL_LISTED: Result.PROHIBITED,
    ReasonCode.PARTY_POSSIBLE_MATCH: Result.REVIEW,
    ReasonCode.GOVERNMENT_END_USER: Result.REVIEW,
    ReasonCode.CATCH_ALL_END_USE: Result.REVIEW,
    ReasonCode.RECORD_UNREADABLE: Result.REVIEW,
    ReasonCode.LAW_UNCONFIRMED: Result.REVIEW,
    ReasonCode.LAW_SUSPENDED: Result.SUSPENDED,
    ReasonCode.LAW_NOT_YET_EFFECTIVE: Result.NOT_YET_EFFECTIVE,
}


def result_of(concern: Concern) -> Result:
    """The result of one subject of one item."""
    item_result = Result(concern.item["result"])
    if concern.subject.family is ReasonFamily.LEGAL_CONTROL and concern.classifications:
        own = strictest(_result_of_control(found, concern) for found in concern.classifications)
    else:
        own = strictest(_result_of_reason(reason, concern.item) for reason in concern.reasons)
    if own is Result.LICENSE_REQUIRED and item_result is Result.REVIEW and _is_settled(concern):
        return own
    return own if strictest((own, item_result)) == item_result else item_result


def _is_settled(concern: Concern) -> bool:
    """Whether a licence covers a control and nothing is asked about that licence: the question is another's."""
    doubted = any(reason["code"] in _DOUBTS_A_LICENSE for reason in concern.reasons)
    return is_covered(concern.item) and bool(concern.classifications) and not doubted


def is_covered(item: Finding) -> bool:
    """Whether a licence covers what the item needs."""
    return (item.get("license") or {}).get("status") == LicenseStatus.COVERED


def needs_a_person(result: Result, *, covered: bool) -> bool:
    """Whether a result holds goods or asks a person: everything that does must have an alert."""
    match result:
        case Result.PROHIBITED | Result.REVIEW:
            return True
        case Result.LICENSE_REQUIRED:
            return not covered
        case Result.SUSPENDED | Result.NOT_YET_EFFECTIVE | Result.NOT_REQUIRED:
            return False
        case _:
            assert_never(result)


def _result_of_reason(reason: Finding, item: Finding) -> Result:
    stated = reason.get("result")
    if stated is not None:
        return Result(stated)
    code, item_result = ReasonCode(reason["code"]), Result(item["result"])
    match code:
        case ReasonCode.MILITARY_END_USE:
            return Result.PROHIBITED if item_result is Result.PROHIBITED else Result.REVIEW
        case ReasonCode.DESTINATION_RESTRICTED if item_result is Result.PROHIBITED:
            return Result.PROHIBITED
        case ReasonCode.DESTINATION_RESTRICTED | ReasonCode.PARTY_WATCH_LISTED:
            # A refusal in principle, or a bar on general licences, and nothing else: of interest where a person is
            # asked anyway, and not where a licence was granted all the same.
            is_asked = needs_a_person(item_result, covered=is_covered(item))
            return Result.REVIEW if is_asked else Result.NOT_REQUIRED
        case _:
            return _STATED_BY_CODE.get(code, item_result)


def _result_of_control(found: Finding, concern: Concern) -> Result:
    stated = found.get("result")
    if stated is not None:
        return Result(stated)
    item_result = Result(concern.item["result"])
    match _status_on_the_legal_date(found, concern):
        case LimbStatusName.SUSPENDED:
            return Result.SUSPENDED
        case LimbStatusName.NOT_YET_EFFECTIVE:
            return Result.NOT_YET_EFFECTIVE
        case LimbStatusName.UNCONFIRMED:
            return Result.REVIEW
        case LimbStatusName.REPEALED | LimbStatusName.NEVER_OPERATED:
            return Result.NOT_REQUIRED
        case LimbStatusName.IN_FORCE:
            return Result.REVIEW if found["match"] == Match.UNKNOWN else _result_in_force(concern)
        case None:
            return Result.REVIEW if found["match"] == Match.UNKNOWN else item_result
        case _ as never:
            assert_never(never)


def _result_in_force(concern: Concern) -> Result:
    """What the entry says, as its reasons tell: prohibited, or the licence that the item needs, or exempt."""
    codes = {reason["code"] for reason in concern.reasons}
    if ReasonCode.PROHIBITED_TECHNOLOGY in codes:
        return Result.PROHIBITED
    # An item that may not go at all, for its party or end use, is not asked about its licence.
    if _LISTED & codes or (concern.item.get("license") or {}).get("type_needed"):
        return Result.LICENSE_REQUIRED
    return Result(concern.item["result"]) if codes else Result.NOT_REQUIRED


def _status_on_the_legal_date(found: Finding, concern: Concern) -> LimbStatusName | None:
    """The status of the limb that an entry hangs on; of the instrument where the decision names no such
    limb. An entry that begins later than its limb has a status of its own beside the limb's: its reason says so.
    """
    law = concern.item.get("law", ())
    of_instrument = [status for status in law if status["instrument_id"] == found["instrument_id"]]
    of_limb = [status for status in of_instrument if status.get("limb") == found.get("limb")]
    names = [LimbStatusName(status["status"]) for status in of_limb or of_instrument]
    later = any(reason["code"] == ReasonCode.LAW_NOT_YET_EFFECTIVE for reason in concern.reasons)
    fitting = [name for name in names if (name is LimbStatusName.NOT_YET_EFFECTIVE) is later]
    return next(iter(fitting or names), None)
