"""How bad, and what to hold meanwhile: two tables over a result, nothing else.

| result                                   | severity | document      | item, shipment | item, contract |
|------------------------------------------|----------|---------------|----------------|----------------|
| prohibited                               | 5        | hold_document | hold_document  | hold_document  |
| license_required, missing, insufficient  | 4        | hold_document | hold_document  | hold_item      |
| license_required, applied for            | 3        | hold_document | hold_document  | hold_item      |
| review: matched control, party, end use, |          |               |                |                |
| destination                              | 3        | hold_document | hold_item      | hold_item      |
| review: facts missing or contradictory   | 2        | hold_document | hold_item      | hold_item      |
| suspended, not_yet_effective             | 1        | monitor       | monitor        | monitor        |
| not open                                 | 1        | none          | none           | none           |

One controlled line blocks a customs declaration as a whole; a contract may go on with its other items.
"""

from typing import assert_never

from exportwatch_events.catalogue import HoldAdvice, LicenseStatus, Match, ReasonFamily, Result

LOWEST = 1


def severity_of(
    result: Result, family: ReasonFamily, match: Match | None, license_status: LicenseStatus | None
) -> int:
    """1 (know of it) to 5 (must not go), of an alert that is open."""
    match result:
        case Result.PROHIBITED:
            return 5
        case Result.LICENSE_REQUIRED:
            return 3 if license_status is LicenseStatus.PENDING else 4
        case Result.REVIEW:
            is_known_control = family is ReasonFamily.LEGAL_CONTROL and match is Match.YES
            concerns_people = family not in (ReasonFamily.LEGAL_CONTROL, ReasonFamily.DATA)
            return 3 if is_known_control or concerns_people else 2
        case Result.SUSPENDED | Result.NOT_YET_EFFECTIVE | Result.NOT_REQUIRED:
            return LOWEST
        case _:
            assert_never(result)


def hold_advice_of(result: Result, *, is_item: bool, is_contract: bool) -> HoldAdvice:
    """What the operator should hold until a person has decided, of an alert that is open."""
    match result:
        case Result.PROHIBITED:
            return HoldAdvice.HOLD_DOCUMENT
        case Result.LICENSE_REQUIRED:
            return HoldAdvice.HOLD_ITEM if is_item and is_contract else HoldAdvice.HOLD_DOCUMENT
        case Result.REVIEW:
            return HoldAdvice.HOLD_ITEM if is_item else HoldAdvice.HOLD_DOCUMENT
        case Result.SUSPENDED | Result.NOT_YET_EFFECTIVE:
            return HoldAdvice.MONITOR
        case Result.NOT_REQUIRED:
            return HoldAdvice.NONE
        case _:
            assert_never(result)
