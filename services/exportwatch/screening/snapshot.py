"""All that a decision depends on beside its record: the law, the licences, the lists, and their digests.

A snapshot is immutable; a new one is made when the content of the control data changes, never in place.
"""

from dataclasses import dataclass, replace
from datetime import date, time
from functools import lru_cache

import orjson

from exportwatch.law.changes import ConfirmStatus
from exportwatch.law.model import ControlEntry, LimbStatus, LimbStatusName, Policy
from exportwatch.law.register import LawRegister
from exportwatch.screening.licenses import Licenses, supposed_license
from exportwatch.screening.parties import PartyLists
from exportwatch.screening.things import Things
from exportwatch_events.catalogue import AmendmentStatus, LicenseNeed
from exportwatch_events.control import LawAmendment

_OPERATES = frozenset([LimbStatusName.IN_FORCE, LimbStatusName.SUSPENDED])


@dataclass(frozen=True, slots=True)
class Reference:
    """What a decision was made under: digests of content, not positions."""

    rule_pack: str
    rule_pack_sha256: str
    law_version: str
    lists: str
    licenses: str
    engine: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Licences and party lists."""

    licenses: Licenses
    lists: PartyLists


class Snapshot:
    """Law register, classifier, licences and lists of one moment. ``version`` grows with each new content."""

    def __init__(
        self, version: int, register: LawRegister, things: Things, coverage: Coverage, reference: Reference
    ) -> None:
        self.version = version
        self.register = register
        self.things = things
        self.licenses = coverage.licenses
        self.lists = coverage.lists
        self.reference = reference
        self.reference_json = orjson.Fragment(orjson.dumps(reference))
        self._status = lru_cache(maxsize=65536)(register.status)
        self._policies = lru_cache(maxsize=4096)(register.policies_for)
        self._confirmed = lru_cache(maxsize=64)(self._with_status)
        self._granting = lru_cache(maxsize=64)(self._with_licenses)

    def status_of(self, entry: ControlEntry, on: date, at: time | None) -> LimbStatus:
        """The status of the entry's limb on the day, at the hour where one is stated.

        An entry that an amendment brings later is not yet effective before its first day. That day settles nothing
        where the limb itself is not yet published, no more there, or unconfirmed.
        """
        status = self._status(entry.instrument_id, entry.limb, on, at)
        starts = entry.raw.effective_from
        if starts is None or on >= starts or status.status not in _OPERATES:
            return status
        change = min(starts, status.next_change or starts)
        return replace(
            status,
            status=LimbStatusName.NOT_YET_EFFECTIVE,
            until=None,
            next_change=change,
            note=f"takes effect on {starts}",
        )

    def policies(self, nations: frozenset[str]) -> tuple[Policy, ...]:
        """The policies for these nations and those for every nation."""
        return self._policies(nations)

    def status(self, instrument_id: str, limb: str, on: date, at: time | None) -> LimbStatus:
        """The status of a limb, as the register has it; remembered."""
        return self._status(instrument_id, limb, on, at)

    # -- suppositions: the same snapshot with one thing more, for options that are tried before they are offered --

    def granting(self, needs: tuple[str, ...], on: date, contract_id: str) -> "Snapshot":
        """This snapshot with a granted licence of the day for each need and the contract, without a narrower scope;
        remembered."""
        return self._granting(needs, on, contract_id)

    def _with_licenses(self, needs: tuple[str, ...], on: date, contract_id: str) -> "Snapshot":
        licenses = [supposed_license(LicenseNeed(need), on, contract_id) for need in needs]
        coverage = Coverage(self.licenses.joined(licenses), self.lists)
        return Snapshot(self.version, self.register, self.things, coverage, self.reference)

    def confirmed(self, change: ConfirmStatus) -> "Snapshot":
        """This snapshot with the status of limbs confirmed by an amendment; remembered, as many items ask for it."""
        return self._confirmed(change)

    def _with_status(self, change: ConfirmStatus) -> "Snapshot":
        stated = AmendmentStatus.EXTENDED if change.suspended else AmendmentStatus.IN_FORCE
        amendments = [
            LawAmendment.model_construct(
                instrument_id=limb.instrument_id,
                limb=limb.limb,
                status=stated,
                from_=limb.since,
                until=date.max if change.suspended else None,
                until_inclusive=True if change.suspended else None,
                announced_by="a supposed confirmation",
                confirmed_at=limb.since,
            )
            for limb in change.limbs
        ]
        register = self.register.amended(amendments)
        coverage = Coverage(self.licenses, self.lists)
        return Snapshot(self.version, register, self.things, coverage, self.reference)
