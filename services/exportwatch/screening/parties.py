"""Names and lists: is a party of the document one that a list names, on the deciding day?

Exact identifiers first, then names in their normal form; a name that is only alike is a question for a person.
Listing, suspension and delisting count as of the legal date. Ownership of at least 50 % extends a listing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from exportwatch.classification.units import number
from exportwatch.screening.countries import known_country
from exportwatch.screening.likeness import ALIKE, Likeness
from exportwatch.screening.name_index import Found, NameIndex
from exportwatch.screening.names import OrgName, read_name
from exportwatch_events.control import PartyListEntry
from exportwatch_events.documents import Party

CONTROL_LISTS = frozenset(["cn-control-list"])
WATCH_LISTS = frozenset(["cn-watch-list"])
OWNED_FROM = Decimal(50)  # percent; reference domain section 4
_COUNTRY_TELLS = 0.03  # of a weak match's score; an exact one is what it is in any country
_OF_THE_LIST = (
    6  # signs, letters and digits among them: a shorter number means nothing outside its own register
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A party of the document on a list: which entry in which version, how surely, by what name, and why.

    ``exact`` false: only alike, a person looks. ``score`` from 0 to 1; ``why`` names what can be seen.
    """

    list_id: str
    entry_id: str
    version: int
    exact: bool
    path: str
    name: str
    listed_name: str
    score: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A name or identifier of the document. ``doubt``: why it is no certain hit whatever it matches."""

    path: str
    text: str
    country: str | None
    doubt: str = ""


class PartyLists:
    """The entries of all lists, indexed by name and identifier; cost does not grow with their number."""

    def __init__(self, entries: Iterable[PartyListEntry], incomplete: frozenset[str] = frozenset()) -> None:
        """``incomplete``: lists of which a record could not be read; ``*`` where it is not known which."""
        self.incomplete = incomplete
        self._by_name: dict[OrgName, list[tuple[PartyListEntry, str]]] = {}
        self._by_id: dict[str, list[tuple[PartyListEntry, Likeness]]] = {}
        for entry in entries:
            self._identify(entry)
            for text in {n: None for n in (entry.name, entry.local_name, *(entry.aliases or ())) if n}:
                self._by_name.setdefault(read_name(text), []).append((entry, text))
        self._index = NameIndex(self._by_name)
        self._found = lru_cache(maxsize=65536)(self._find)

    def _identify(self, entry: PartyListEntry) -> None:
        of_list = f"{entry.list_id}/{entry.entry_id}"
        self._by_id.setdefault(of_list, []).append((entry, _SAME_ID))
        if _tells(entry.entry_id) and not entry.entry_id.isdecimal():
            self._by_id.setdefault(_signs(entry.entry_id), []).append((entry, _ENTRY_ID))
        for stated in entry.ids or ():
            known = _SAME_ID if _tells(stated) else _SHORT_ID
            self._by_id.setdefault(_signs(stated), []).append((entry, known))

    def hits(self, parties: tuple[Party, ...], on: date) -> tuple[Hit, ...]:
        """Every hit of the document's parties on the day: the surest of each party and entry at each path.

        A likeness is left out where the same party is that entry exactly.
        """
        if not self._by_name:
            return ()
        found: dict[tuple[int, str, str, str], Hit] = {}
        certain: set[tuple[int, str, str]] = set()
        for index, party in enumerate(parties):
            if _is_but_a_name(party) and not self._found(party["name"]):
                continue
            for hit in self._hits_of(index, party, on):
                known = found.get((index, hit.list_id, hit.entry_id, hit.path))
                if known is None or (hit.exact, hit.score) > (known.exact, known.score):
                    found[index, hit.list_id, hit.entry_id, hit.path] = hit
                if hit.exact:
                    certain.add((index, hit.list_id, hit.entry_id))
        kept = (hit for (*of, _path), hit in found.items() if hit.exact or tuple(of) not in certain)
        return tuple(sorted(kept, key=lambda h: (h.path, h.list_id, h.entry_id)))

    def _hits_of(self, index: int, party: Party, on: date) -> Iterable[Hit]:
        register_no = party.get("id")
        if isinstance(register_no, str) and register_no:
            asked_at = (f"parties[{index}].id", register_no)
            for entry, likeness in self._by_id.get(register_no, ()) or self._by_id.get(
                _signs(register_no), ()
            ):
                if listed_on(entry, on):
                    yield _hit(entry, entry.name or entry.local_name or "", likeness, asked_at)
        for asked in _names(index, party):
            for listed, likeness in self._found(asked.text):
                for entry, text in self._by_name[listed]:
                    told = _told(likeness, asked, entry)
                    if (told.exact or told.score >= ALIKE) and listed_on(entry, on):
                        yield _hit(entry, text, told, (asked.path, asked.text))

    def _find(self, name: str) -> Found:
        """The listed names that a name may be, whatever the day."""
        return self._index.find(read_name(name))


_SAME_ID = Likeness(1.0, ("same identifier",), exact=True)
_SHORT_ID = Likeness(0.9, ("same identifier, too short to be certain",))
_ENTRY_ID = Likeness(0.9, ("the identifier is the number of the entry",))


def _tells(identifier: str) -> bool:
    return len(_signs(identifier)) >= _OF_THE_LIST


@lru_cache(maxsize=65536)
def _signs(identifier: str) -> str:
    """An identifier without case, spaces and punctuation, so that ``HRB 12-345`` is ``hrb12345``."""
    return "".join(c for c in identifier.casefold() if c.isalnum())


def _told(likeness: Likeness, asked: _Asked, entry: PartyListEntry) -> Likeness:
    """What the country says of a weak match, and what makes an exact one doubtful."""
    if asked.doubt:
        return replace(likeness, exact=False, why=(*likeness.why, asked.doubt))
    if likeness.exact or asked.country is None or not entry.country:
        return likeness
    same = asked.country == entry.country
    score = min(likeness.score + _COUNTRY_TELLS, 1.0) if same else likeness.score - _COUNTRY_TELLS
    seen = f"same country {entry.country}" if same else f"country {asked.country}, listed {entry.country}"
    return replace(likeness, score=score, why=(*likeness.why, seen))


def _hit(entry: PartyListEntry, listed: str, likeness: Likeness, stated: tuple[str, str]) -> Hit:
    return Hit(
        entry.list_id,
        entry.entry_id,
        entry.version,
        likeness.exact,
        *stated,
        listed or entry.entry_id,
        round(likeness.score, 2),
        likeness.why,
    )


def listed_on(entry: PartyListEntry, on: date) -> bool:
    """Whether the entry counts on the day: listed, not delisted, not suspended."""
    if (entry.listed_from and on < entry.listed_from) or (entry.delisted_on and on >= entry.delisted_on):
        return False
    return not any(s.from_ <= on and (s.until is None or on <= s.until) for s in entry.suspended or ())


def _is_but_a_name(party: Party) -> bool:
    """Most parties: with nothing to look up beside the name."""
    return all(party.get(field) is None for field in ("id", "local_name", "aliases", "owners"))


def _names(index: int, party: Party) -> Iterable[_Asked]:
    """The names of a party, and of its owners that have half of it or of whom the share is not known."""
    country = known_country(party.get("country"))
    yield _Asked(f"parties[{index}].name", party["name"], country)
    local_name, aliases, owners = party.get("local_name"), party.get("aliases"), party.get("owners")
    if isinstance(local_name, str) and local_name:
        yield _Asked(f"parties[{index}].local_name", local_name, country)
    for alias in aliases if isinstance(aliases, list) else ():
        if isinstance(alias, str) and alias:
            yield _Asked(f"parties[{index}].aliases", alias, country)
    for at, owner in enumerate(owners if isinstance(owners, list) else ()):
        if isinstance(owner, Mapping) and isinstance(owner.get("name"), str):
            yield from _owner(f"parties[{index}].owners[{at}]", owner)


def _owner(path: str, owner: Mapping[str, Any]) -> Iterable[_Asked]:
    percent = number(owner.get("percent"))
    country = known_country(owner.get("country"))
    if percent is None:
        yield _Asked(
            path, owner["name"], country, "its share is not known; half of it would extend the listing"
        )
    elif percent >= OWNED_FROM:
        yield _Asked(path, owner["name"], country)
