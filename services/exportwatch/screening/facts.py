"""The normalised facts of a document: when it leaves, from where to where, in what stage, for whom.

What is stated but cannot be read is unknown and named in ``problems``; nothing is defaulted to a fact.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from exportwatch.classification.item import Problem
from exportwatch.law.subject import ItemKind
from exportwatch.screening.countries import MAINLAND, known_country
from exportwatch_events.documents import ContractEvent, Party, ShipmentEvent, moment_of

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")  # no daylight saving since 1992
_USER_TYPES = frozenset(["civil", "military", "government"])
STAGES = frozenset(["negotiation", "signed", "effective", "executed"])


class Movement(StrEnum):
    """Where things go, seen from the mainland's customs territory."""

    EXPORT = "export"
    IMPORT = "import"
    DOMESTIC = "domestic"
    FOREIGN = "foreign"
    DEEMED = "deemed"  # to a foreign person inside China
    UNKNOWN = "unknown"


class LegalDate(NamedTuple):
    """The day that decides, in Asia/Shanghai, and the hour where the document states one."""

    day: date
    hour: time | None = None


class Facts(NamedTuple):
    """What the decision needs of a document, beside its items."""

    legal_date: LegalDate
    movement: Movement
    origin: str | None
    destination: str | None
    parties: tuple[Party, ...]
    user_type: str | None
    purpose: str | None
    end_use_text: str
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
    is_contract = isinstance(event, ContractEvent)
    stated = event.transfer_date if isinstance(event, ContractEvent) else event.export_date
    origin, destination = (
        _country(event.from_.country, "from", problems),
        _country(event.to.country, "to", problems),
    )
    end_use = event.end_use if isinstance(event.end_use, Mapping) else {}
    if event.end_use is not None and not isinstance(event.end_use, Mapping):
        problems.append(_wrong("end_use", event.end_use, "an object"))
    return Facts(
        legal_date=_legal_date(
            stated, event.event_time, "transfer_date" if is_contract else "export_date", problems
        ),
        movement=_movement(event, origin, destination),
        origin=origin,
        destination=destination,
        parties=event.parties,
        user_type=_one_of(end_use.get("user_type"), _USER_TYPES, "end_use.user_type", problems),
        purpose=end_use.get("purpose") if isinstance(end_use.get("purpose"), str) else None,
        end_use_text=end_use["text"] if isinstance(end_use.get("text"), str) else "",
        cited_licenses=_cited(event, problems),
        contract_id=event.contract_id if isinstance(event.contract_id, str) else None,
        contract_type=event.contract_type if isinstance(event, ContractEvent) else None,
        stage=_one_of(event.stage, STAGES, "stage", problems) if isinstance(event, ContractEvent) else None,
        finished=event.event_type == "shipment.departed"
        or (isinstance(event, ContractEvent) and event.stage == "executed"),
        default_kind=ItemKind.UNSTATED if is_contract else ItemKind.GOODS,
        context=_context(event),
        problems=tuple(problems),
    )


def _context(event: ShipmentEvent | ContractEvent) -> tuple[tuple[str, str], ...]:
    if not isinstance(event, ContractEvent):
        return ()
    texts = (("title", event.title), ("description", event.description))
    return tuple((name, text) for name, text in texts if isinstance(text, str) and text)


def _wrong(path: str, found: Any, expected: str) -> Problem:
    return Problem("UNREADABLE_FACT", path, f"{found!r:.80}", expected)


def _country(value: str, path: str, problems: list[Problem]) -> str | None:
    known = known_country(value)
    if known is None:
        problems.append(_wrong(f"{path}.country", value, "an ISO 3166-1 alpha-2 country"))
    return known


def _one_of(value: Any, known: frozenset[str], path: str, problems: list[Problem]) -> str | None:
    if value is None or value in known:
        return value  # type: ignore[no-any-return]
    problems.append(_wrong(path, value, f"one of {', '.join(sorted(known))}"))
    return None


def _legal_date(stated: Any, event_time: str, path: str, problems: list[Problem]) -> LegalDate:
    if stated is not None:
        read = read_day(stated) if isinstance(stated, str) else None
        if read is not None:
            return read
        problems.append(_wrong(path, stated, "YYYY-MM-DD, or a date-time with offset"))
    return _of_moment(event_time)


@lru_cache(maxsize=65536)
def read_day(text: str) -> LegalDate | None:
    """A date, or a date-time with offset moved to China; ``None`` for anything else."""
    if len(text) == 10:
        try:
            return LegalDate(date.fromisoformat(text))
        except ValueError:
            return None
    return _of_moment(text) if moment_of(text) is not None else None


@lru_cache(maxsize=65536)
def _of_moment(text: str) -> LegalDate:
    moment = moment_of(text) or datetime.fromisoformat(text)
    local = moment.astimezone(CHINA)
    return LegalDate(local.date(), local.time())


def _movement(event: ShipmentEvent | ContractEvent, origin: str | None, destination: str | None) -> Movement:
    if isinstance(event, ContractEvent) and event.recipient_location == "in_china":
        return _inside_china(event, origin)
    if destination == MAINLAND:
        return Movement.DOMESTIC if origin == MAINLAND else Movement.IMPORT
    if origin == MAINLAND:
        return Movement.EXPORT if destination is not None else Movement.UNKNOWN
    if origin is None or _through_china(event):
        return Movement.UNKNOWN
    return Movement.FOREIGN


def _inside_china(event: ContractEvent, origin: str | None) -> Movement:
    """A recipient inside China: a deemed export where the recipient is foreign, unknown where nobody says."""
    if origin not in (MAINLAND, None):
        return Movement.IMPORT
    nations = {known_country(p.country) for p in event.parties if p.role != "exporter"} or {None}
    if nations - {MAINLAND, None}:
        return Movement.DEEMED
    return Movement.UNKNOWN if None in nations else Movement.DOMESTIC


def _through_china(event: ShipmentEvent | ContractEvent) -> bool:
    """Goods in transit through China: a summary of the regulations counts it as an export, so a person decides."""
    via = event.via if isinstance(event, ShipmentEvent) and isinstance(event.via, list) else ()
    return any(isinstance(place, Mapping) and place.get("country") == MAINLAND for place in via)


def _cited(event: ShipmentEvent | ContractEvent, problems: list[Problem]) -> tuple[str, ...]:
    cited: list[Any] = []
    if isinstance(event.licenses, list):
        cited += event.licenses
    elif event.licenses is not None:
        problems.append(_wrong("licenses", event.licenses, "a list of licence numbers"))
    if isinstance(event, ContractEvent):
        cited += [event.license, event.letter_of_intent]
    return tuple(dict.fromkeys(c for c in cited if isinstance(c, str) and c))
