"""How the law and the licences stand on a day, as counts for those who run the service. Values in, values out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import assert_never

from exportwatch.law.model import LimbStatusName
from exportwatch.law.register import LawRegister
from exportwatch.screening.licenses import Licenses
from exportwatch_events.catalogue import LicenseState
from exportwatch_events.control import License

ENDS_SOON = timedelta(days=30)


class LicenseStanding(StrEnum):
    """Where a licence stands on a day. ``ends_soon``: it is good, and its last day lies within 30 days."""

    APPLIED = "applied"
    GOOD = "good"
    ENDS_SOON = "ends_soon"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class InstrumentStanding:
    """``unconfirmed``: limbs of which nobody knows the status. ``next_change``: of any limb, where one is known."""

    unconfirmed: int
    next_change: date | None


def law_standing(register: LawRegister, on: date) -> Mapping[str, InstrumentStanding]:
    """Each instrument by id."""
    found = {}
    for instrument in register.instruments.values():
        limbs = [register.status(instrument.id, limb.id, on) for limb in instrument.limbs]
        changes = [limb.next_change for limb in limbs if limb.next_change is not None]
        unconfirmed = sum(limb.status is LimbStatusName.UNCONFIRMED for limb in limbs)
        found[instrument.id] = InstrumentStanding(unconfirmed, min(changes, default=None))
    return found


def last_confirmed(register: LawRegister) -> date | None:
    """The latest day on which the status of some limb was confirmed; None where none is recorded."""
    calendars = (register.calendar(i.id, limb.id) for i in register.instruments.values() for limb in i.limbs)
    return max((day for c in calendars if (day := c.last_confirmed)), default=None)


def license_standings(licenses: Licenses, on: date) -> Mapping[LicenseStanding, int]:
    """How many licences stand where; every standing is named."""
    counted = Counter(_standing(license_, on) for license_ in licenses.standing(on))
    return {standing: counted[standing] for standing in LicenseStanding}


def _standing(license_: License, on: date) -> LicenseStanding:
    match license_.status:
        case LicenseState.APPLIED:
            return LicenseStanding.APPLIED
        case LicenseState.SUSPENDED | LicenseState.REVOKED:
            return LicenseStanding.WITHDRAWN
        case LicenseState.EXPIRED:
            return LicenseStanding.ENDED
        case LicenseState.GRANTED:
            if license_.valid_to is None or license_.valid_to > on + ENDS_SOON:
                return LicenseStanding.GOOD
            return LicenseStanding.ENDS_SOON if license_.valid_to >= on else LicenseStanding.ENDED
        case never:
            assert_never(never)
