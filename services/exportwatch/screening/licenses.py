"""Licences as of the deciding day, and what each says to a document: its scope, validity and type.

How much a line draws is asked in ``permits``, so that a licence is looked at once for a document and a control code.
Only the contract of a permit for technology is asked for where it is absent: it is granted for one contract
(reference domain 1.2, Measures of 2009).
"""

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from exportwatch.law.clock import Deadline, deadline
from exportwatch.law.routes import LicenseRoute, Routes
from exportwatch.screening.amounts import Figures, Limit, limits_of, uncompared
from exportwatch.screening.license_scope import (
    Claim,
    codes_of,
    consigned_elsewhere,
    of_unknown_role,
    scope_mismatch,
    with_those_above,
)
from exportwatch_events.catalogue import LicenseNeed, LicenseState, LicenseStatus, LicenseType
from exportwatch_events.control import License

_SERVES: Mapping[LicenseNeed, frozenset[LicenseType]] = {
    LicenseNeed.DUAL_USE_LICENSE: frozenset(
        [LicenseType.DUAL_USE_INDIVIDUAL, LicenseType.DUAL_USE_GENERAL, LicenseType.REGISTRATION_CERTIFICATE]
    ),
    LicenseNeed.REGISTRATION_CERTIFICATE: frozenset([LicenseType.REGISTRATION_CERTIFICATE]),
    LicenseNeed.TECHNOLOGY_LICENSE: frozenset([LicenseType.TECHNOLOGY_LICENSE]),
    LicenseNeed.LETTER_OF_INTENT: frozenset([LicenseType.LETTER_OF_INTENT]),
}
_FOR_ONE_CONTRACT = frozenset([LicenseNeed.TECHNOLOGY_LICENSE, LicenseNeed.LETTER_OF_INTENT])
NO_ROUTES: Routes = {}
# The narrowest type that serves a need, for suppositions.
_SUPPOSED: Mapping[LicenseNeed, LicenseType] = {
    LicenseNeed.DUAL_USE_LICENSE: LicenseType.DUAL_USE_INDIVIDUAL,
    LicenseNeed.REGISTRATION_CERTIFICATE: LicenseType.REGISTRATION_CERTIFICATE,
    LicenseNeed.TECHNOLOGY_LICENSE: LicenseType.TECHNOLOGY_LICENSE,
    LicenseNeed.LETTER_OF_INTENT: LicenseType.LETTER_OF_INTENT,
}
# How far a status is from a cover; between the first two stands one whose contract is open.
_DISTANCE: Mapping[LicenseStatus, int] = {
    LicenseStatus.COVERED: 0,
    LicenseStatus.PENDING: 2,
    LicenseStatus.INSUFFICIENT: 3,
    LicenseStatus.MISSING: 4,
}


@dataclass(frozen=True, slots=True)
class Cover:
    """What the licences say to a claim. ``mismatch`` names the scope fields that were not met."""

    status: LicenseStatus
    license_no: str | None = None
    mismatch: tuple[str, ...] = ()
    balance_unknown: bool = False
    uncompared: tuple[str, ...] = ()  # limits that no figure of the item can be held against
    valid_to: date | None = None
    not_valid: bool = False  # a mismatch of validity or status, not only of scope
    decide_by: Deadline | None = None  # of an application that would cover
    beyond: tuple[str, ...] = ()  # fields in which a covering licence goes beyond what its type allows
    unusual: bool = False  # it covers a purpose that its type is not mainly meant for
    unplaced: tuple[str, ...] = ()  # roles that nobody knows of parties whom a covering licence does not name
    undivided: bool = False  # no division of whole lines among the licences that cover them was found
    elsewhere: tuple[str, ...] = ()  # where somebody receives outside the countries of a covering licence
    contract_open: bool = False  # it would cover, were it known to be granted for this contract

    @property
    def distance(self) -> int:
        """How far from a cover: a granted one first, none at all last."""
        if self.contract_open:
            return 1
        return _DISTANCE[self.status]

    @property
    def rank(self) -> tuple[int, int, str]:
        """The best licence first: near, with little that is open, by its number."""
        open_ = len(self.mismatch) + len(self.beyond) + len(self.elsewhere) + len(self.unplaced)
        return self.distance, open_, self.license_no or ""


@dataclass(frozen=True, slots=True)
class Fit:
    """What a licence says to a claim before it is asked how much is drawn. ``limits``: of one that is about it."""

    cover: Cover
    limits: tuple[Limit, ...] = ()

    @property
    def useful(self) -> bool:
        """Whether it covers, or would once it is granted or known to be for this contract."""
        return self.cover.distance <= _DISTANCE[LicenseStatus.PENDING]

    @property
    def settles(self) -> bool:
        """Whether it covers however much is drawn and leaves nothing open, so that no other one is better."""
        cover = self.cover
        return not (cover.distance or self.limits or cover.beyond or cover.elsewhere or cover.unplaced)

    def covering(self, drawn: Figures) -> Cover:
        """What it says to a line that is within its limits."""
        if not self.limits:
            return self.cover
        return replace(self.cover, uncompared=uncompared(self.limits, drawn))

    def beyond(self, limits: tuple[str, ...]) -> Cover:
        """What it says to a line that is beyond these limits."""
        cover = self.cover
        mismatch = (*cover.mismatch, *limits)
        return Cover(LicenseStatus.INSUFFICIENT, cover.license_no, mismatch, not_valid=cover.not_valid)


class Licenses:
    """All versions of all licences. ``distrusted``: numbers of which a record could not be read.

    ``routes``: what the law allows of each type of licence; nothing is asked of a type that is not there.
    """

    def __init__(
        self,
        licenses: Iterable[License],
        distrusted: frozenset[str] = frozenset(),
        routes: Routes = NO_ROUTES,
    ) -> None:
        self.distrusted = distrusted
        self._routes = routes
        self._versions: MutableMapping[str, list[License]] = {}
        for license_ in licenses:
            self._versions.setdefault(license_.license_no, []).append(license_)
        for versions in self._versions.values():
            versions.sort(key=lambda v: v.version)
        self._own: Mapping[str, list[License]] = self._versions
        self._others: Licenses | None = None

    def joined(self, further: Iterable[License]) -> "Licenses":
        """These licences and further ones of other numbers, without a copy of what there is."""
        more = Licenses(further, self.distrusted, self._routes)
        more._versions = ChainMap(more._versions, self._versions)
        more._others = self
        return more

    @cached_property
    def _numbers(self) -> tuple[str, ...]:
        return tuple(sorted(self._versions))

    def on(self, license_no: str, day: date) -> License | None:
        """The newest version whose status had begun on the day; ``None`` where there is none."""
        begun = [
            v for v in self._versions.get(license_no, ()) if v.status_from is None or v.status_from <= day
        ]
        return begun[-1] if begun else None

    def standing(self, day: date) -> Iterator[License]:
        """Each licence as it stands on a day, in the order of numbers."""
        for license_no in self._numbers:
            license_ = self.on(license_no, day)
            if license_ is not None:
                yield license_

    def fits(self, claim: Claim, cited: tuple[str, ...]) -> tuple[Fit, ...]:
        """What each cited licence says, the best first; where none is cited, each on record that is of use."""
        if cited:
            return tuple(sorted((self._examine(number, claim) for number in cited), key=_rank))
        found = []
        for number in self._speaking_of(claim.control_code):
            fit = self._uncited(number, claim)
            if fit.useful:
                found.append(fit)
            if fit.settles:
                break
        return tuple(sorted(found, key=_rank))

    def _speaking_of(self, code: str) -> Iterator[str]:
        """The numbers of the licences that may be for a code, in their order; those of a supposition first."""
        named = {number for key in (None, *with_those_above(code)) for number in self._by_code.get(key, ())}
        yield from sorted(named)
        if self._others is not None:
            yield from self._others._speaking_of(code)

    @cached_property
    def _by_code(self) -> Mapping[str | None, set[str]]:
        """The numbers by each code that a version of them names; under ``None`` those of which one names no code."""
        found: dict[str | None, set[str]] = {}
        for number, versions in self._own.items():
            for version in versions:
                for code in codes_of(version) or ((None,) if codes_of(version) is None else ()):
                    found.setdefault(code, set()).add(number)
        return found

    def _uncited(self, license_no: str, claim: Claim) -> Fit:
        """As ``_examine``, but a granted permit for technology that names no contract may be another contract's."""
        found = self._examine(license_no, claim)
        if found.cover.status is not LicenseStatus.COVERED or claim.need not in _FOR_ONE_CONTRACT:
            return found
        license_ = self.on(license_no, claim.on)
        if license_ is None or license_.contract_id is not None:
            return found
        cover = Cover(LicenseStatus.INSUFFICIENT, license_no, ("contract_id",), contract_open=True)
        return Fit(cover, found.limits)

    def _examine(self, license_no: str, claim: Claim) -> Fit:
        if license_no in self.distrusted or "*" in self.distrusted:
            return Fit(Cover(LicenseStatus.INSUFFICIENT, license_no, ("record_unreadable",), not_valid=True))
        license_ = self.on(license_no, claim.on)
        if license_ is None:
            return Fit(Cover(LicenseStatus.MISSING, license_no, ("license_no",), not_valid=True))
        if license_.type not in _SERVES[claim.need] or (claim.individual_only and _is_general(license_)):
            return Fit(Cover(LicenseStatus.INSUFFICIENT, license_no, ("type",)))
        return Fit(self._scoped(license_, claim), limits_of(license_))

    def _scoped(self, license_: License, claim: Claim) -> Cover:
        number, scope = license_.license_no, scope_mismatch(license_, claim)
        if license_.status is LicenseState.APPLIED:
            if scope:
                return Cover(LicenseStatus.INSUFFICIENT, number, scope)
            return Cover(
                LicenseStatus.PENDING, number, decide_by=deadline(license_.type, license_.applied_on)
            )
        validity = _validity_mismatch(license_, claim.on)
        if validity or scope:
            return Cover(LicenseStatus.INSUFFICIENT, number, validity + scope, not_valid=bool(validity))
        route = self._routes.get(license_.type, LicenseRoute())
        return Cover(
            LicenseStatus.COVERED,
            number,
            balance_unknown=license_.quantity is not None or license_.value is not None,
            valid_to=license_.valid_to,
            beyond=tuple(_beyond(license_, route)),
            unusual=bool(route.meant_for) and claim.purpose not in route.meant_for,
            elsewhere=consigned_elsewhere(license_, claim),
            unplaced=of_unknown_role(license_, claim),
        )


def supposed_number(need: str) -> str:
    """The number of a licence that nobody has: it stands only in suppositions."""
    return f"supposed {need}"


def supposed_license(need: LicenseNeed, on: date, contract_id: str) -> License:
    """A granted licence of the day for the contract, without a narrower scope, to find out what one would settle."""
    return License(
        license_no=supposed_number(need),
        version=1,
        type=_SUPPOSED[need],
        status=LicenseState.GRANTED,
        valid_from=on,
        valid_to=on,
        contract_id=contract_id,
    )


def _rank(fit: Fit) -> tuple[int, int, str]:
    return fit.cover.rank


def _beyond(license_: License, route: LicenseRoute) -> Iterator[str]:
    """Where a licence says more than its type can: a longer validity, more end users."""
    if license_.valid_from and license_.valid_to and route.outlasts(license_.valid_from, license_.valid_to):
        yield "valid_to"
    if route.most_end_users is not None and len(license_.end_users or ()) > route.most_end_users:
        yield "end_users"


def _is_general(license_: License) -> bool:
    return license_.type in (LicenseType.DUAL_USE_GENERAL, LicenseType.REGISTRATION_CERTIFICATE)


def _validity_mismatch(license_: License, on: date) -> tuple[str, ...]:
    found = []
    if license_.status is not LicenseState.GRANTED:
        found.append("status")
    if license_.valid_from is None or on < license_.valid_from:
        found.append("valid_from")
    if license_.valid_to is None or on > license_.valid_to:
        found.append("valid_to")
    return tuple(found)
