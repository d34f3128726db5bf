"""Licences as of the deciding day, and whether one covers an item of a document.

Scope and validity only: exporter, item, end user, consignee, country, days, contract. The drawdown of quantities
is not kept here; what a document alone draws beyond the licence is outside it, anything else leaves the balance open.
An absent scope field does not restrict; one that is there must be met by a stated fact. Only the contract of a permit
for technology is asked for where it is absent: it is granted for one contract (reference domain 1.2, Measures of 2009).
"""

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from exportwatch.law.clock import Deadline, deadline
from exportwatch.law.routes import LicenseRoute, Routes
from exportwatch.screening.amounts import NOTHING_ELSE, Drawing, covers_code, exceeded, uncompared
from exportwatch.screening.countries import known_country
from exportwatch.screening.names import legal_form, party_name
from exportwatch_events.catalogue import LicenseNeed, LicenseState, LicenseStatus, LicenseType
from exportwatch_events.control import License, NamedParty
from exportwatch_events.documents import Item, Party

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
class Claim:
    """What a licence must cover: one item and control code of a document, on a day."""

    need: LicenseNeed
    control_code: str
    on: date
    destination: str | None
    parties: tuple[Party, ...]
    contract_id: str | None
    item: Item
    individual_only: bool  # a watch-listed party: no general licence, no registration certificate
    purpose: str | None = None
    drawing: Drawing = NOTHING_ELSE  # what the lines of the document draw together


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
    contract_open: bool = False  # it would cover, were it known to be granted for this contract

    @property
    def distance(self) -> int:
        """How far from a cover: a granted one first, none at all last."""
        if self.contract_open:
            return 1
        return _DISTANCE[self.status]


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

    def joined(self, further: Iterable[License]) -> "Licenses":
        """These licences and further ones of other numbers, without a copy of what there is."""
        more = Licenses(further, self.distrusted, self._routes)
        more._versions = ChainMap(more._versions, self._versions)
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

    def cover(self, claim: Claim, cited: tuple[str, ...]) -> Cover:
        """The best cover: a cited licence first; where none is cited, any licence that fits wholly.

        A permit for technology that nobody cites and that names no contract may be another contract's.
        """
        if cited:
            return min((self._examine(number, claim) for number in cited), key=_rank)
        fitting = (self._uncited(number, claim) for number in self._numbers)
        covering = (
            c
            for c in fitting
            if c.contract_open or c.status in (LicenseStatus.COVERED, LicenseStatus.PENDING)
        )
        return min(covering, key=_rank, default=Cover(LicenseStatus.MISSING))

    def _uncited(self, license_no: str, claim: Claim) -> Cover:
        """As ``_examine``, but a granted permit for technology that names no contract leaves its contract open."""
        found = self._examine(license_no, claim)
        if found.status is not LicenseStatus.COVERED or claim.need not in _FOR_ONE_CONTRACT:
            return found
        license_ = self.on(license_no, claim.on)
        if license_ is None or license_.contract_id is not None:
            return found
        return Cover(LicenseStatus.INSUFFICIENT, license_no, ("contract_id",), contract_open=True)

    def _examine(self, license_no: str, claim: Claim) -> Cover:
        if license_no in self.distrusted or "*" in self.distrusted:
            return Cover(LicenseStatus.INSUFFICIENT, license_no, ("record_unreadable",), not_valid=True)
        license_ = self.on(license_no, claim.on)
        if license_ is None:
            return Cover(LicenseStatus.MISSING, license_no, ("license_no",), not_valid=True)
        if license_.type not in _SERVES[claim.need] or (claim.individual_only and _is_general(license_)):
            return Cover(LicenseStatus.INSUFFICIENT, license_no, ("type",))
        scope = _scope_mismatch(license_, claim)
        if license_.status is LicenseState.APPLIED:
            if scope:
                return Cover(LicenseStatus.INSUFFICIENT, license_no, scope)
            due = deadline(license_.type, license_.applied_on)
            return Cover(LicenseStatus.PENDING, license_no, decide_by=due)
        validity = _validity_mismatch(license_, claim.on)
        if validity or scope:
            return Cover(LicenseStatus.INSUFFICIENT, license_no, validity + scope, not_valid=bool(validity))
        bounded = license_.quantity is not None or license_.value is not None
        route = self._routes.get(license_.type, LicenseRoute())
        return Cover(
            LicenseStatus.COVERED,
            license_no,
            balance_unknown=bounded,
            uncompared=uncompared(license_, claim.item),
            valid_to=license_.valid_to,
            beyond=tuple(_beyond(license_, route)),
            unusual=bool(route.meant_for) and claim.purpose not in route.meant_for,
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


def _rank(cover: Cover) -> tuple[int, int, str]:
    return cover.distance, len(cover.mismatch) + len(cover.beyond), cover.license_no or ""


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


def _scope_mismatch(license_: License, claim: Claim) -> tuple[str, ...]:
    met = {
        "exporter": license_.exporter is None
        or _has_party(claim.parties, ("exporter",), (license_.exporter,)),
        "end_users": license_.end_users is None or _all_named(claim.parties, "end_user", license_.end_users),
        "consignees": license_.consignees is None
        or _all_named(claim.parties, "consignee", license_.consignees),
        "countries": license_.countries is None or _within(license_.countries, license_, claim),
        "control_codes": covers_code(license_, claim.control_code),
        "contract_id": license_.contract_id is None or license_.contract_id == claim.contract_id,
    }
    missed = tuple(name for name, fits in met.items() if not fits)
    return missed + exceeded(license_, claim.item, claim.drawing)


def _within(countries: tuple[str, ...], license_: License, claim: Claim) -> bool:
    """Whether the goods stay in the countries of the licence: where they go, and whose user gets them in the end. A
    user whom the licence names may be anywhere."""
    users = [p for p in claim.parties if p["role"] == "end_user"] if license_.end_users is None else []
    return {claim.destination, *(known_country(p.get("country")) for p in users)} - {None} <= {*countries}


def _has_party(parties: tuple[Party, ...], roles: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return any(_is_one_of(p, tuple(NamedParty(name=n) for n in names)) for p in parties if p["role"] in roles)


def _all_named(parties: tuple[Party, ...], role: str, named: tuple[NamedParty, ...]) -> bool:
    """Every party of the role is one that the licence names; a document that names none does not fit."""
    own = [p for p in parties if p["role"] == role]
    return bool(own) and all(_is_one_of(p, named) for p in own)


def _is_one_of(party: Party, named: tuple[NamedParty, ...]) -> bool:
    """By identifier where both state one, else by name: one company of a group is not another one of it."""
    own = party.get("id")
    return any(
        one.id == own if one.id and isinstance(own, str) and own else _same_name(one.name, party)
        for one in named
    )


def _same_name(name: str, party: Party) -> bool:
    aliases = party.get("aliases")
    further = [party.get("local_name"), *(aliases if isinstance(aliases, list) else ())]
    wanted, form = party_name(name), legal_form(name)
    return any(
        party_name(n) == wanted and (not form or not legal_form(n) or form == legal_form(n))
        for n in (party["name"], *further)
        if isinstance(n, str) and n
    )
