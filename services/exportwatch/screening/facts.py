"""The normalised facts of a document: when it leaves, from where to where, in what stage, for whom.

What is stated but cannot be read is unknown and named in ``problems``; nothing is defaulted to a fact.
"""

from enum import StrEnum
from typing import Any, NamedTuple

from exportwatch.classification.problems import Problem, wrong
from exportwatch.law.subject import ItemKind
from exportwatch.screening.countries import MAINLAND, known_country
from exportwatch.screening.legal_date import LegalDate, legal_date_of
from exportwatch.screening.party_names import party_problems, texts_in
from exportwatch.screening.roles import ROLES, receives
from exportwatch_events.documents import ContractEvent, Party, ShipmentEvent
from exportwatch_events.shapes import PURPOSES, USER_TYPES

_USER_TYPES, _PURPOSES = frozenset(USER_TYPES), frozenset(PURPOSES)
_NO_TEXTS: tuple[tuple[str, str], ...] = ()
_ZONES = frozenset(["bonded", "free_trade", "export_processing"])
_OF_A_CONTRACT, _OF_A_SHIPMENT = ItemKind.UNSTATED, ItemKind.GOODS  # what an item is that states no kind
_PERHAPS_CHINA = (MAINLAND, None)
_PLAIN_PARTY = 3  # fields: role, name, country
STAGES = frozenset(["negotiation", "signed", "effective", "executed"])


class Movement(StrEnum):
    """Where things go, seen from the mainland's customs territory."""

    EXPORT = "export"
    IMPORT = "import"
    DOMESTIC = "domestic"
    FOREIGN = "foreign"
    DEEMED = "deemed"  # to a foreign person inside China
    UNKNOWN = "unknown"


class Facts(NamedTuple):
    """What the decision needs of a document, beside its items."""

    legal_date: LegalDate
    movement: Movement
    origin: str | None
    destination: str | None
    parties: tuple[Party, ...]
    user_type: str | None
    purpose: str | None
    end_use_texts: tuple[tuple[str, str], ...]  # what is written about the end use, each with its path
    cited_licenses: tuple[str, ...]
    contract_id: str | None
    contract_type: str | None
    stage: str | None
    finished: bool
    default_kind: ItemKind
    context: tuple[tuple[str, str], ...]  # title and description of a contract: they may name its technology
    problems: tuple[Problem, ...]


def document_facts(event: ShipmentEvent | ContractEvent) -> Facts:
    """The facts of an event. Deterministic in the event alone."""
    problems: list[Problem] = []
    contract = event if type(event) is ContractEvent else None
    shipment = event if type(event) is ShipmentEvent else None
    stated, path = (shipment.export_date, "export_date") if shipment else (None, "")
    if contract:
        stated, path = contract.transfer_date, "transfer_date"
    origin = _country(event.from_["country"], "from", problems)
    destination = _country(event.to["country"], "to", problems)
    user_type, purpose, end_use_texts = _end_use(event.end_use, problems)
    legal_date = legal_date_of(stated, event.event_time, path, problems)
    passed = _passed(shipment.via, problems) if shipment else frozenset()
    movement = _movement(contract, shipment, origin, destination, passed)
    if contract:
        _check_recipient(contract.recipient_location, destination, problems)
    cited_licenses = _cited(event.licenses, contract, problems)
    for index, party in enumerate(event.parties):
        if party["role"] not in ROLES:
            problems.append(wrong(f"parties[{index}].role", party["role"], "a role of the wire contract"))
        if len(party) > _PLAIN_PARTY or "country" not in party:
            problems += party_problems(index, party)
    contract_id = event.contract_id if isinstance(event.contract_id, str) else None
    if contract_id is None and event.contract_id is not None:
        problems.append(wrong("contract_id", event.contract_id, "text"))
    contract_type = contract.contract_type if contract else None
    stage = _one_of(contract.stage, STAGES, "stage", problems) if contract else None
    finished = contract.stage == "executed" if contract else event.event_type == "shipment.departed"
    default_kind = _OF_A_CONTRACT if contract else _OF_A_SHIPMENT
    context = _context(contract) if contract else ()
    # By position, since sixteen keywords take as long as all of the above.
    return Facts(
        legal_date, movement, origin, destination, event.parties, user_type, purpose, end_use_texts, cited_licenses,
        contract_id, contract_type, stage, finished, default_kind, context, tuple(problems),
    )  # fmt: skip


def destinations(facts: Facts) -> frozenset[str | None]:
    """Where the goods go, ``None`` where nobody knows. Of a recipient inside China, the nations of who receives."""
    if facts.movement is not Movement.DEEMED:
        return frozenset([facts.destination])
    return frozenset(known_country(p.get("country")) for p in facts.parties if receives(p)) - {MAINLAND}


def _end_use(
    stated: Any, problems: list[Problem]
) -> tuple[str | None, str | None, tuple[tuple[str, str], ...]]:
    """User type, purpose and texts; unknown where the field does not say.

    A user type or purpose that is none of the known ones is no fact, but what is written there may restrict.
    """
    if stated is None:
        return None, None, _NO_TEXTS
    if not isinstance(stated, dict):
        problems.append(wrong("end_use", stated, "an object"))
        return None, None, (("end_use", _all_texts(stated)),)
    given_type, given_purpose, text = stated.get("user_type"), stated.get("purpose"), stated.get("text")
    user_type = _one_of(given_type, _USER_TYPES, "end_use.user_type", problems)
    purpose = _one_of(given_purpose, _PURPOSES, "end_use.purpose", problems)
    texts = []
    if text is not None and not isinstance(text, str):
        problems.append(wrong("end_use.text", text, "text"))
        text = _all_texts(text)
    if text:
        texts.append(("end_use.text", text))
    for path, given, read in (("user_type", given_type, user_type), ("purpose", given_purpose, purpose)):
        if given is not None and read is None:
            texts.append((f"end_use.{path}", _all_texts(given)))
    return user_type, purpose, tuple(texts)


def _all_texts(stated: Any) -> str:
    """What is written in a field of the wrong type: it may restrict, and states no fact."""
    return ". ".join(texts_in(stated))


def _context(event: ContractEvent) -> tuple[tuple[str, str], ...]:
    texts = (("title", event.title), ("description", event.description))
    return tuple((name, text) for name, text in texts if isinstance(text, str) and text)


def _country(value: str, path: str, problems: list[Problem]) -> str | None:
    known = known_country(value)
    if known is None:
        problems.append(wrong(f"{path}.country", value, "an ISO 3166-1 alpha-2 country"))
    return known


def _one_of(value: Any, known: frozenset[str], path: str, problems: list[Problem]) -> str | None:
    if value is None or (isinstance(value, str) and value in known):
        return value
    problems.append(wrong(path, value, f"one of {', '.join(sorted(known))}"))
    return None


def _movement(
    contract: ContractEvent | None,
    shipment: ShipmentEvent | None,
    origin: str | None,
    destination: str | None,
    passed: frozenset[str | None],
) -> Movement:
    if contract and contract.recipient_location == "in_china":
        inside = _inside_china(contract, origin)
        elsewhere = destination not in (MAINLAND, None)
        return Movement.UNKNOWN if elsewhere and inside is not Movement.DEEMED else inside
    if contract and contract.recipient_location != "abroad" and destination == MAINLAND:
        # Nobody says that the recipient is in China; a foreign one inside it may be meant all the same.
        inside = _inside_china(contract, origin)
        if inside is Movement.DEEMED or contract.recipient_location is not None:
            return inside
    if destination == MAINLAND:
        if origin != MAINLAND:
            return Movement.IMPORT
        # What passes through another territory on its way leaves the mainland, though it comes back.
        stays = passed <= {MAINLAND} and not _into_a_zone(shipment or contract)
        return Movement.DOMESTIC if stays else Movement.UNKNOWN
    if origin == MAINLAND:
        return Movement.EXPORT if destination is not None else Movement.UNKNOWN
    if origin is None or not passed.isdisjoint(_PERHAPS_CHINA):
        return Movement.UNKNOWN
    return Movement.FOREIGN


def _into_a_zone(event: ShipmentEvent | ContractEvent | None) -> bool:
    """From the mainland proper into a bonded, free-trade or export-processing zone, or a place that nobody knows.

    The zone belongs to the customs territory, but what enters it is on its way out as a rule: a person decides
    (INF, reference domain 4). From zone to zone nothing leaves.
    """
    if event is None or event.to.get("zone") in (None, "mainland"):
        return False
    zone = event.from_.get("zone")
    return not (isinstance(zone, str) and zone in _ZONES)


def _inside_china(event: ContractEvent, origin: str | None) -> Movement:
    """A recipient inside China: a deemed export where the recipient is foreign, unknown where nobody says."""
    if origin not in (MAINLAND, None):
        return Movement.IMPORT
    nations = {known_country(p.get("country")) for p in event.parties if p["role"] != "exporter"} or {None}
    if nations - {MAINLAND, None}:
        return Movement.DEEMED
    return Movement.UNKNOWN if None in nations else Movement.DOMESTIC


def _passed(stated: Any, problems: list[Problem]) -> frozenset[str | None]:
    """The countries passed through, ``None`` for one that cannot be read. In transit through China is an export by a
    summary of the regulations, so a person decides."""
    if stated is None:
        return frozenset()
    if not isinstance(stated, list):
        problems.append(wrong("via", stated, "a list of places"))
        return frozenset([None])
    countries = set()
    for index, place in enumerate(stated):
        country = known_country(_country_of(place))
        if country is None:
            problems.append(wrong(f"via[{index}]", place, "a place with an ISO 3166-1 alpha-2 country"))
        countries.add(country)
    return frozenset(countries)


def _country_of(place: Any) -> Any:
    """The country of a place, or that in which its UN/LOCODE lies."""
    if not isinstance(place, dict):
        return None
    country, code = place.get("country"), place.get("unlocode")
    return code[:2] if country is None and isinstance(code, str) else country


def _check_recipient(stated: Any, destination: str | None, problems: list[Problem]) -> None:
    """``in_china`` beside a destination abroad contradicts itself: which of them holds is asked."""
    if stated is None or stated == "abroad":
        return
    if stated != "in_china":
        problems.append(wrong("recipient_location", stated, "abroad or in_china"))
    elif destination not in (MAINLAND, None):
        problems.append(wrong("recipient_location", stated, f"abroad, as the destination is {destination}"))


def _cited(stated: Any, contract: ContractEvent | None, problems: list[Problem]) -> tuple[str, ...]:
    if stated is None and contract is None:
        return ()
    cited: list[Any] = stated if isinstance(stated, list) else []
    if stated is not None and not isinstance(stated, list):
        problems.append(wrong("licenses", stated, "a list of licence numbers"))
    if contract:
        cited = [*cited, contract.license, contract.letter_of_intent]
        for path in ("license", "letter_of_intent"):
            number = getattr(contract, path)
            if number is not None and not isinstance(number, str):
                problems.append(wrong(path, number, "a licence number"))
    for index, number in enumerate(stated if isinstance(stated, list) else ()):
        if not isinstance(number, str):
            problems.append(wrong(f"licenses[{index}]", number, "a licence number"))
    return tuple(dict.fromkeys(c.strip() for c in cited if isinstance(c, str) and c.strip()))
