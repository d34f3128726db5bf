"""Whether a licence fits a document, whatever its lines draw: exporter, receivers, countries, code, contract.

An absent scope field does not restrict; one that is there must be met by a stated fact.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from exportwatch.screening.countries import MAINLAND, known_country
from exportwatch.screening.names import legal_form, party_name
from exportwatch.screening.roles import ROLES
from exportwatch_events.catalogue import LicenseNeed
from exportwatch_events.control import License, NamedParty
from exportwatch_events.documents import Item, Party


@dataclass(frozen=True, slots=True)
class Claim:
    """What a licence must cover: a control code in a document, on a day."""

    need: LicenseNeed
    control_code: str
    on: date
    destinations: frozenset[str | None]  # None: one that nobody knows
    parties: tuple[Party, ...]
    contract_id: str | None
    individual_only: bool  # a watch-listed party: no general licence, no registration certificate
    purpose: str | None = None
    deemed: bool = False  # the recipient is inside China: where it goes is the nation of who receives

    @property
    def not_abroad(self) -> frozenset[str]:
        """Where somebody may be without the goods being there: a foreigner's firm or address inside China."""
        return frozenset([MAINLAND]) if self.deemed else frozenset()


def cited_for(item: Item, cited: tuple[str, ...]) -> tuple[str, ...]:
    """The licence that the line names for itself, and those that the document cites for all lines."""
    of_item = item.get("license")
    own = of_item.strip() if isinstance(of_item, str) else ""
    return tuple(dict.fromkeys((own, *cited))) if own else cited


def scope_mismatch(license_: License, claim: Claim) -> tuple[str, ...]:
    """The scope fields of the licence that the claim does not meet."""
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
    return tuple(name for name, fits in met.items() if not fits)


def covers_code(license_: License, code: str) -> bool:
    """A code of the licence covers itself and its sub-items, however they are written: ``1C905`` covers ``1C905.a``."""
    listed = codes_of(license_)
    return listed is None or any(one in listed for one in with_those_above(code))


def codes_of(license_: License) -> tuple[str, ...] | None:
    """The codes that the licence names; ``None`` where it names none and none restricts it."""
    if license_.control_codes is None and license_.technology_entries is None:
        return None
    named = (*(license_.control_codes or ()), *(license_.technology_entries or ()))
    return tuple(code.strip().casefold() for code in named)


@lru_cache(maxsize=4096)
def with_those_above(code: str) -> tuple[str, ...]:
    """The code and those whose sub-item it is, in small letters: ``1c905.a``, ``1c905``."""
    code = code.casefold()
    return (code, *(code[:at] for at, sign in enumerate(code) if sign in "./"))


def _within(countries: tuple[str, ...], license_: License, claim: Claim) -> bool:
    """Whether the goods stay in the countries of the licence: where they go, and whose user gets them in the end. A
    user whom the licence names may be anywhere."""
    users = [p for p in claim.parties if p["role"] == "end_user"] if license_.end_users is None else []
    known = {known_country(p.get("country")) for p in users} - {None}
    if None in claim.destinations:
        return False
    return {*claim.destinations, *known} - claim.not_abroad <= {*countries}


def consigned_elsewhere(license_: License, claim: Claim) -> tuple[str, ...]:
    """Where else than in the countries of the licence a consignee is, or an end user whose country cannot be read.

    One whom the licence names may be anywhere; any other may be on the way to the user, or be the user.
    """
    if license_.countries is None:
        return ()
    inside = (*license_.countries, *claim.not_abroad)
    return tuple(dict.fromkeys(_elsewhere(license_, inside, claim.parties)))


def of_unknown_role(license_: License, claim: Claim) -> tuple[str, ...]:
    """The roles that nobody knows of parties whom the licence does not name, though it says who receives or where."""
    unknown = [p for p in claim.parties if p["role"] not in ROLES]
    if not unknown or (
        license_.end_users is None and license_.consignees is None and license_.countries is None
    ):
        return ()
    # One of the same name has a known role as well, in which it is looked at.
    known = (NamedParty.model_construct(name=p["name"], id=None) for p in claim.parties if p["role"] in ROLES)
    named = (*(license_.end_users or ()), *(license_.consignees or ()), *known)
    return tuple(dict.fromkeys(f"{p['role']:.40}" for p in unknown if not is_one_of(p, named)))


def _elsewhere(license_: License, countries: tuple[str, ...], parties: tuple[Party, ...]) -> Iterator[str]:
    named = (*(license_.end_users or ()), *(license_.consignees or ()))
    for party in parties:
        country = party.get("country")
        if party["role"] not in ("consignee", "end_user") or country is None or country in countries:
            continue
        if not is_one_of(party, named):
            yield f"{country!s:.40}"


def _has_party(parties: tuple[Party, ...], roles: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return any(is_one_of(p, tuple(NamedParty(name=n) for n in names)) for p in parties if p["role"] in roles)


def _all_named(parties: tuple[Party, ...], role: str, named: tuple[NamedParty, ...]) -> bool:
    """Every party of the role is one that the licence names; a document that names none does not fit."""
    own = [p for p in parties if p["role"] == role]
    return bool(own) and all(is_one_of(p, named) for p in own)


def is_one_of(party: Party, named: tuple[NamedParty, ...]) -> bool:
    """By identifier where both state one, else by name: one company of a group is not another one of it."""
    own = party.get("id")
    return any(
        _signs(one.id) == _signs(own)
        if one.id and isinstance(own, str) and own
        else _same_name(one.name, party)
        for one in named
    )


@lru_cache(maxsize=4096)
def _signs(identifier: str) -> str:
    """An identifier without case, spaces and punctuation."""
    return "".join(c for c in identifier.casefold() if c.isalnum()) or identifier


def _same_name(name: str, party: Party) -> bool:
    aliases = party.get("aliases")
    further = [party.get("local_name"), *(aliases if isinstance(aliases, list) else ())]
    wanted, form = party_name(name), legal_form(name)
    return any(
        party_name(n) == wanted and (not form or not legal_form(n) or form == legal_form(n))
        for n in (party["name"], *further)
        if isinstance(n, str) and n
    )
