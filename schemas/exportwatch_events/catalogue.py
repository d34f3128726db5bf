"""The closed lists of the wire contract: results, holds, codes, flags, event types and topic names.

Every value that leaves exportwatch in a field with a closed list is named here and nowhere else. A value
may be added with the code that needs it; none is ever renamed or given another meaning.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

SHIPMENTS: Final = "erp.shipments.v1"
CONTRACTS: Final = "erp.contracts.v1"
DECISIONS: Final = "compliance.decisions.v1"
QUARANTINE: Final = "compliance.quarantine.v1"
ALERTS: Final = "compliance.alerts.v1"
LAW: Final = "compliance.law.v1"
LICENSES: Final = "compliance.licenses.v1"
PARTIES: Final = "compliance.parties.v1"
DISPOSITIONS: Final = "compliance.dispositions.v1"

HEADER_DOCUMENT: Final = "ew_document"
HEADER_VERSION: Final = "ew_version"
HEADER_RESULT: Final = "ew_result"
HEADER_TOUCHES: Final = "ew_touches"
HEADER_SOURCE: Final = "ew_source"
HEADER_CONTROL: Final = "ew_control"
HEADER_QUARANTINED: Final = "ew_quarantined"
HEADER_REVISION: Final = "ew_revision"
HEADER_FINGERPRINT: Final = "ew_fingerprint"
HEADER_STATE: Final = "ew_state"
HEADER_ERROR_CODE: Final = "ew_error_code"
HEADER_ERROR: Final = "ew_error"
HEADER_SOURCE_TIMESTAMP: Final = "ew_source_timestamp"
# W3C Trace Context: from the input record to its decision, alert and quarantined record.
HEADER_TRACE_PARENT: Final = "traceparent"
HEADER_TRACE_STATE: Final = "tracestate"

DEFAULT_TENANT: Final = "default"
CANARY_TENANT: Final = "_canary"
MAX_VERSION: Final = 2**63 - 1
MAX_DEPTH: Final = 64
FACT_LAW_STATUS: Final = "law_status"  # missing where nobody confirmed the status of a limb


class EventType(StrEnum):
    """What an ERP event says happened to a document."""

    SHIPMENT_CREATED = "shipment.created"
    SHIPMENT_CHANGED = "shipment.changed"
    SHIPMENT_DEPARTED = "shipment.departed"
    SHIPMENT_CANCELLED = "shipment.cancelled"
    CONTRACT_CREATED = "contract.created"
    CONTRACT_CHANGED = "contract.changed"
    CONTRACT_CANCELLED = "contract.cancelled"


EVENT_TYPES: Final = tuple(member.value for member in EventType)


class DocumentType(StrEnum):
    SHIPMENT = "shipment"
    CONTRACT = "contract"


class DocumentState(StrEnum):
    ACTIVE = "active"
    CANCELLED = "cancelled"


class Result(StrEnum):
    """What the law says of an item or a document. Declared strictest first: ``strictest`` relies on it."""

    PROHIBITED = "prohibited"
    LICENSE_REQUIRED = "license_required"
    REVIEW = "review"
    SUSPENDED = "suspended"
    NOT_YET_EFFECTIVE = "not_yet_effective"
    NOT_REQUIRED = "not_required"


class Hold(StrEnum):
    """What is to be done with the goods. Declared strictest first: ``strictest_hold`` relies on it."""

    HOLD = "hold"
    PERSON = "person"
    RELEASE = "release"


class Match(StrEnum):
    YES = "yes"
    UNKNOWN = "unknown"


class LicenseStatus(StrEnum):
    MISSING = "missing"
    COVERED = "covered"
    INSUFFICIENT = "insufficient"
    PENDING = "pending"
    NOT_NEEDED = "not_needed"


class LicenseNeed(StrEnum):
    """``license.type_needed`` of a decision's item."""

    DUAL_USE_LICENSE = "dual_use_license"
    TECHNOLOGY_LICENSE = "technology_license"
    LETTER_OF_INTENT = "letter_of_intent"
    REGISTRATION_CERTIFICATE = "registration_certificate"


class Flag(StrEnum):
    PRESUMED_DENIAL = "presumed_denial"
    GENERAL_LICENSE_BARRED = "general_license_barred"
    CONTRACT_REGISTRATION = "contract_registration"
    ORDINARY_EXPORT_LICENSE = "ordinary_export_license"
    NEAR_THRESHOLD = "near_threshold"
    CUSTOMS_REMARK = "customs_remark"
    DEEMED_EXPORT = "deemed_export"
    REPORT_WITHIN_10_WORKING_DAYS = "report_within_10_working_days"
    HOLD_NEGOTIATION = "hold_negotiation"
    HOLD_TRANSFER = "hold_transfer"


class ReasonFamily(StrEnum):
    LEGAL_CONTROL = "legal_control"
    PARTY = "party"
    END_USE = "end_use"
    DESTINATION = "destination"
    CLASSIFICATION = "classification"
    CONSISTENCY = "consistency"
    DATA = "data"
    LAW_STATUS = "law_status"
    LICENSE = "license"
    TRANSFER = "transfer"


class ReasonCode(StrEnum):
    LISTED_ITEM = "LISTED_ITEM"
    LISTED_TECHNOLOGY = "LISTED_TECHNOLOGY"
    PROHIBITED_TECHNOLOGY = "PROHIBITED_TECHNOLOGY"
    PARTY_CONTROL_LISTED = "PARTY_CONTROL_LISTED"
    PARTY_WATCH_LISTED = "PARTY_WATCH_LISTED"
    PARTY_POSSIBLE_MATCH = "PARTY_POSSIBLE_MATCH"
    MILITARY_END_USE = "MILITARY_END_USE"
    GOVERNMENT_END_USER = "GOVERNMENT_END_USER"
    CATCH_ALL_END_USE = "CATCH_ALL_END_USE"
    DESTINATION_RESTRICTED = "DESTINATION_RESTRICTED"
    EXTRATERRITORIAL = "EXTRATERRITORIAL"
    LAW_SUSPENDED = "LAW_SUSPENDED"
    LAW_NOT_YET_EFFECTIVE = "LAW_NOT_YET_EFFECTIVE"
    LAW_UNCONFIRMED = "LAW_UNCONFIRMED"
    PARAMETER_MISSING = "PARAMETER_MISSING"
    PARAMETER_BASIS_MISMATCH = "PARAMETER_BASIS_MISMATCH"
    COMPOSITION_MISSING = "COMPOSITION_MISSING"
    CONFLICT_TEXT_CAS = "CONFLICT_TEXT_CAS"
    CONFLICT_TEXT_HS = "CONFLICT_TEXT_HS"
    CONFLICT_DECLARED_CODE = "CONFLICT_DECLARED_CODE"
    CONFLICT_TEXT_PARAMETER = "CONFLICT_TEXT_PARAMETER"
    CONFLICT_TEXT_COMPOSITION = "CONFLICT_TEXT_COMPOSITION"
    CONFLICT_ORIGIN = "CONFLICT_ORIGIN"
    IMPLAUSIBLE_VALUE = "IMPLAUSIBLE_VALUE"
    UNCLASSIFIABLE = "UNCLASSIFIABLE"
    NOT_MET = "NOT_MET"
    UNREADABLE_FACT = "UNREADABLE_FACT"
    LICENSE_MISSING = "LICENSE_MISSING"
    LICENSE_NOT_VALID = "LICENSE_NOT_VALID"
    LICENSE_SCOPE = "LICENSE_SCOPE"
    LICENSE_BALANCE_UNKNOWN = "LICENSE_BALANCE_UNKNOWN"
    STAGE_NOT_ALLOWED = "STAGE_NOT_ALLOWED"
    DEEMED_EXPORT = "DEEMED_EXPORT"
    VERSION_REUSED = "VERSION_REUSED"
    RECORD_UNREADABLE = "RECORD_UNREADABLE"


class ErrorCode(StrEnum):
    """Why a record went to quarantine (``ew_error_code``)."""

    NOT_JSON = "NOT_JSON"
    UNKNOWN_TYPE = "UNKNOWN_TYPE"
    FIELD_MISSING = "FIELD_MISSING"
    FIELD_TYPE = "FIELD_TYPE"
    DUPLICATE_ITEM = "DUPLICATE_ITEM"
    TOO_DEEP = "TOO_DEEP"
    TOO_LARGE = "TOO_LARGE"
    OUTPUT_TOO_LARGE = "OUTPUT_TOO_LARGE"
    INTERNAL_ERROR = "INTERNAL_ERROR"


class HoldAdvice(StrEnum):
    HOLD_DOCUMENT = "hold_document"
    HOLD_ITEM = "hold_item"
    MONITOR = "monitor"
    NONE = "none"


class ChangeKind(StrEnum):
    OPENED = "opened"
    UPDATED = "updated"
    CLEARED = "cleared"


class ClearedReason(StrEnum):
    LICENSE_COVERS = "license_covers"
    RECLASSIFIED = "reclassified"
    FACTS_PROVIDED = "facts_provided"
    DOCUMENT_CANCELLED = "document_cancelled"
    ITEM_REMOVED = "item_removed"
    LAW_CHANGED = "law_changed"
    PARTY_DELISTED = "party_delisted"
    RECORD_REPAIRED = "record_repaired"


class LimbStatusName(StrEnum):
    """Where one limb of an instrument stands on a day."""

    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    NOT_YET_EFFECTIVE = "not_yet_effective"
    UNCONFIRMED = "unconfirmed"
    REPEALED = "repealed"
    NEVER_OPERATED = "never_operated"


class LicenseType(StrEnum):
    """``type`` of a license event."""

    DUAL_USE_INDIVIDUAL = "dual_use_individual"
    DUAL_USE_GENERAL = "dual_use_general"
    REGISTRATION_CERTIFICATE = "registration_certificate"
    LETTER_OF_INTENT = "letter_of_intent"
    TECHNOLOGY_LICENSE = "technology_license"


class LicenseState(StrEnum):
    """``status`` of a license event."""

    APPLIED = "applied"
    GRANTED = "granted"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"


class AmendmentStatus(StrEnum):
    """``status`` of a law amendment."""

    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    REPEALED = "repealed"
    EXTENDED = "extended"
    CONFIRMED_LAPSED = "confirmed_lapsed"


class Verdict(StrEnum):
    """What the case-management system decided on an alert (disposition)."""

    RELEASED = "released"
    FALSE_POSITIVE = "false_positive"
    CONFIRMED = "confirmed"


RESULT_RANK: Final[Mapping[Result, int]] = {result: rank for rank, result in enumerate(Result)}
HOLD_RANK: Final[Mapping[Hold, int]] = {hold: rank for rank, hold in enumerate(Hold)}

HOLD_OF: Final[Mapping[Result, Hold]] = {
    Result.PROHIBITED: Hold.HOLD,
    Result.LICENSE_REQUIRED: Hold.HOLD,  # while no license covers it: see hold_for
    Result.REVIEW: Hold.PERSON,
    Result.SUSPENDED: Hold.RELEASE,
    Result.NOT_YET_EFFECTIVE: Hold.RELEASE,
    Result.NOT_REQUIRED: Hold.RELEASE,
}


def strictest(results: Iterable[Result]) -> Result:
    """The strictest of the results; of none, ``not_required``."""
    return min(results, key=RESULT_RANK.__getitem__, default=Result.NOT_REQUIRED)


def strictest_hold(holds: Iterable[Hold]) -> Hold:
    """The strictest of the holds; of none, ``release``."""
    return min(holds, key=HOLD_RANK.__getitem__, default=Hold.RELEASE)


def hold_for(result: Result, license_status: LicenseStatus) -> Hold:
    """What follows from a result; a needed license that covers the item releases it."""
    if result is Result.LICENSE_REQUIRED and license_status is LicenseStatus.COVERED:
        return Hold.RELEASE
    return HOLD_OF[result]
