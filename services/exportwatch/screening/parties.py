"""Names and lists: is a party of the document one that a list names, on the deciding day?

Exact identifiers first, then names in their normal form; a name that is only alike is a question for a person.
Listing, suspension and delisting count as of the legal date. Ownership of at least 50 % extends a listing; several
listed owners who have that much only together are a question, because no source says whether their shares are added.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from exportwatch.screening.likeness import ALIKE, Likeness
from exportwatch.screening.name_index import Found, NameIndex
from exportwatch.screening.names import OrgName, read_name
from exportwatch.screening.party_names import (
    OWNED_FROM,
    Asked,
    party_identifiers,
    party_names,
    small_owners,
)
from exportwatch_events.control import PartyListEntry
from exportwatch_events.documents import Party

CONTROL_LISTS = frozenset(["cn-control-list"])
WATCH_LISTS = frozenset(["cn-watch-list"])
_COUNTRY_TELLS = 0.03  # of a weak match's score; an exact one is what it is in any country
_NOT_STATED = "that shares are added up is our inference (INF)"
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
        yield from self._of_identifiers(party_identifiers(index, party), on)
        yield from self._of_names(party_names(index, party), on)
        if party.get("owners") is not None:
            yield from self._together(index, party, on)

    def _of_identifiers(self, identifiers: Iterable[Asked], on: date) -> Iterable[Hit]:
        for asked in identifiers:
            for entry, likeness in self._with_id(asked.text):
                if listed_on(entry, on):
                    told = _doubted(likeness, asked) if asked.doubt else likeness
                    yield _hit(entry, entry.name or entry.local_name or "", told, asked)

    def _of_names(self, names: Iterable[Asked], on: date) -> Iterable[Hit]:
        for asked in names:
            for listed, likeness in self._found(asked.text):
                for entry, text in self._by_name[listed]:
                    told = _told(likeness, asked, entry)
                    if (told.exact or told.score >= ALIKE) and listed_on(entry, on):
                        yield _hit(entry, text, told, asked)

    def _together(self, index: int, party: Party, on: date) -> Iterable[Hit]:
        """Hits of owners of less than half each, where those that are or may be listed have half together."""
        whole, hits = Decimal(0), []
        for owner in small_owners(index, party):
            of_owner = [*self._of_identifiers(owner.identifiers, on), *self._of_names(owner.names, on)]
            whole += owner.percent if of_owner else 0
            hits += of_owner
        if whole < OWNED_FROM:
            return
        why = f"less than half, but {whole.normalize():f} percent with other listed owners; {_NOT_STATED}"
        yield from (replace(hit, exact=False, why=(*hit.why, why)) for hit in hits)

    def _with_id(self, text: str) -> Iterable[tuple[PartyListEntry, Likeness]]:
        return self._by_id.get(text, ()) or self._by_id.get(_signs(text), ())

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


def _doubted(likeness: Likeness, asked: Asked) -> Likeness:
    return replace(likeness, exact=False, why=(*likeness.why, asked.doubt))


def _told(likeness: Likeness, asked: Asked, entry: PartyListEntry) -> Likeness:
    """What the country says of a weak match, and what makes an exact one doubtful."""
    if asked.doubt:
        return _doubted(likeness, asked)
    if likeness.exact or asked.country is None or not entry.country:
        return likeness
    same = asked.country == entry.country
    score = min(likeness.score + _COUNTRY_TELLS, 1.0) if same else likeness.score - _COUNTRY_TELLS
    seen = f"same country {entry.country}" if same else f"country {asked.country}, listed {entry.country}"
    return replace(likeness, score=score, why=(*likeness.why, seen))


def _hit(entry: PartyListEntry, listed: str, likeness: Likeness, asked: Asked) -> Hit:
    return Hit(
        entry.list_id,
        entry.entry_id,
        entry.version,
        likeness.exact,
        asked.path,
        asked.text,
        listed or entry.entry_id,
        round(likeness.score, 2),
        likeness.why,
    )


def listed_on(entry: PartyListEntry, on: date) -> bool:
    """Whether the entry counts on the day: listed, not delisted, not suspended. One that was listed again after its
    delisting counts."""
    if entry.listed_from and on < entry.listed_from:
        return False
    again = entry.listed_from and entry.delisted_on and entry.delisted_on < entry.listed_from
    if entry.delisted_on and on >= entry.delisted_on and not again:
        return False
    return not any(s.from_ <= on and (s.until is None or on <= s.until) for s in entry.suspended or ())


def _is_but_a_name(party: Party) -> bool:
    """Most parties: with nothing to look up beside the name."""
    return all(party.get(field) is None for field in ("id", "local_name", "aliases", "owners"))
