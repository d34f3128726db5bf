"""Names and lists: is a party of the document one that a list names, on the deciding day?

Exact identifiers first, then names in their normal form; a name that is only alike is a question for a person.
Listing, suspension and delisting count as of the legal date. Ownership of at least 50 % extends a listing.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from rapidfuzz import fuzz, process

from exportwatch.classification.text import comparable, readable
from exportwatch.classification.units import number
from exportwatch_events.control import PartyListEntry
from exportwatch_events.documents import Party

CONTROL_LISTS = frozenset(["cn-control-list"])
WATCH_LISTS = frozenset(["cn-watch-list"])
OWNED_FROM = Decimal(50)  # percent; reference domain section 4
_ALIKE = 92  # likeness from which a person looks
_LEGAL_FORM = re.compile(
    r"\b(?:co|company|corp|corporation|inc|incorporated|ltd|limited|llc|gmbh|ag|kg|sa|s a|srl|bv|b v|nv|oy|ab|plc|kk|"
    r"k k|kabushiki kaisha|pte|pty|the|and)\b|有限责任公司|股份有限公司|有限公司|株式会社|公司|주식회사"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A party of the document on a list: which, how surely, and by what name. ``exact`` false: only alike."""

    list_id: str
    entry_id: str
    exact: bool
    path: str
    name: str
    listed_name: str


@lru_cache(maxsize=65536)
def party_name(name: str) -> str:
    """The normal form of an organisation's name: no case, accents, punctuation or legal form."""
    plain = comparable(readable(name)).replace(".", " ")
    return " ".join(_LEGAL_FORM.sub(" ", plain).split()) or plain


@lru_cache(maxsize=65536)
def legal_form(name: str) -> frozenset[str]:
    """The words of an organisation's legal form, in one spelling; empty where the name states none."""
    plain = comparable(readable(name)).replace(".", " ")
    found = {_SAME_FORM.get(word, word) for word in _LEGAL_FORM.findall(plain)}
    return frozenset(found - {"the", "and", "co"})


_SAME_FORM = {
    "limited": "ltd", "incorporated": "inc", "corporation": "corp", "company": "co", "s a": "sa", "b v": "bv",
    "k k": "kk", "kabushiki kaisha": "kk", "株式会社": "kk", "有限责任公司": "ltd", "有限公司": "ltd", "公司": "co",
}  # fmt: skip


class PartyLists:
    """The entries of all lists, indexed by name; cost does not grow with their number."""

    def __init__(self, entries: Iterable[PartyListEntry], incomplete: frozenset[str] = frozenset()) -> None:
        """``incomplete``: lists of which a record could not be read; ``*`` where it is not known which."""
        self.incomplete = incomplete
        self._by_name: dict[str, list[PartyListEntry]] = {}
        self._by_ordered: dict[str, list[str]] = {}  # the words in alphabetical order -> names
        self._by_token: dict[str, set[str]] = {}
        self._entries = lru_cache(maxsize=65536)(self._find)
        self._held = lru_cache(maxsize=4096)(self._names_with)
        for entry in entries:
            for name in {n for n in (entry.name, entry.local_name, *(entry.aliases or ())) if n}:
                key = party_name(name)
                known = self._by_name.setdefault(key, [])
                known.append(entry)
                if len(known) == 1:
                    self._index(key)

    def _index(self, key: str) -> None:
        ordered = _ordered(key)
        self._by_ordered.setdefault(ordered, []).append(key)
        for token in {*key.split()}:
            for half in _token_keys(token):
                self._by_token.setdefault(half, set()).add(ordered)

    def hits(self, parties: tuple[Party, ...], on: date) -> tuple[Hit, ...]:
        """Every hit of the document's parties on the day, exact ones first for each name."""
        if not self._by_name:
            return ()
        found: dict[tuple[str, str, str], Hit] = {}
        for index, party in enumerate(parties):
            for path, name in _names(index, party):
                for hit in self._matches(path, name, on):
                    found.setdefault((hit.list_id, hit.entry_id, hit.path), hit)
        return tuple(sorted(found.values(), key=lambda h: (h.path, h.list_id, h.entry_id)))

    def _matches(self, path: str, name: str, on: date) -> Iterable[Hit]:
        entries, exact = self._entries(name)
        return [_hit(entry, exact, path, name) for entry in entries if listed_on(entry, on)]

    def _find(self, name: str) -> tuple[tuple[PartyListEntry, ...], bool]:
        """The entries of a name, whatever the day, and whether they have that very name."""
        key = party_name(name)
        exact = self._by_name.get(key)
        if exact is not None:
            return tuple(exact), True
        return tuple(e for candidate in self._alike(key) for e in self._by_name[candidate]), False

    def _alike(self, key: str) -> list[str]:
        """Every listed name that scores ``_ALIKE`` and of which each word of the asked name, in any order, is a word
        or one edit away from one; a word so short that the score survives its absence may be missing."""
        words = [word for word in dict.fromkeys(key.split()) if len(word) > 1]
        needed = [word for word in words if len(word) >= _MAY_BE_MISSING * len(key)]
        held = sorted((self._held(word) for word in needed or words), key=len)
        if not held:
            return []
        candidates = held[0].intersection(*held[1:]) if needed else frozenset().union(*held)
        near = process.extract(
            key,
            sorted(candidates),
            scorer=fuzz.token_set_ratio,
            score_cutoff=_ALIKE,
            limit=None,
            processor=None,
        )
        alike = (ordered for ordered, _score, _at in near if _likeness(key, ordered) >= _ALIKE)
        return sorted(name for ordered in alike for name in self._by_ordered[ordered])

    def _names_with(self, word: str) -> frozenset[str]:
        """The listed names, in alphabetical order of words, that hold the word or one that is an edit away."""
        return frozenset().union(*(self._by_token.get(key, ()) for key in _token_keys(word)))


# Leaving k of L characters out keeps a ratio of 0.92 only up to k = 0.148 L.
_MAY_BE_MISSING = 0.15


def _likeness(one: str, other: str) -> float:
    """0 to 100: the words that both have stand first, so that a typing error does not change the order of words."""
    ours, theirs = Counter(one.split()), Counter(other.split())
    common = ours & theirs
    said = (
        " ".join([*sorted(common.elements()), *sorted((words - common).elements())])
        for words in (ours, theirs)
    )
    return fuzz.ratio(*said)


def _ordered(key: str) -> str:
    return " ".join(sorted(key.split()))


def _token_keys(token: str) -> list[str]:
    """What a word shares with every word that is one edit away: an end of three letters, or, of a short one, the word
    less a letter. Single characters are no key."""
    if len(token) < 2:
        return []
    keys = [f"^{token[:3]}", f"{token[-3:]}$"] if len(token) >= _LONG else []
    if len(token) <= _LONG + 1:
        keys += [token, *(token[:i] + token[i + 1 :] for i in range(len(token)) if len(token) > 2)]
    return keys


_LONG = 7  # letters: an edit leaves one of two ends of three letters whole


def _hit(entry: PartyListEntry, exact: bool, path: str, name: str) -> Hit:
    return Hit(
        entry.list_id, entry.entry_id, exact, path, name, entry.name or entry.local_name or entry.entry_id
    )


def listed_on(entry: PartyListEntry, on: date) -> bool:
    """Whether the entry counts on the day: listed, not delisted, not suspended."""
    if (entry.listed_from and on < entry.listed_from) or (entry.delisted_on and on >= entry.delisted_on):
        return False
    return not any(s.from_ <= on and (s.until is None or on <= s.until) for s in entry.suspended or ())


def _names(index: int, party: Party) -> Iterable[tuple[str, str]]:
    yield f"parties[{index}].name", party["name"]
    local_name, aliases, owners = party.get("local_name"), party.get("aliases"), party.get("owners")
    if isinstance(local_name, str) and local_name:
        yield f"parties[{index}].local_name", local_name
    for alias in aliases if isinstance(aliases, list) else ():
        if isinstance(alias, str) and alias:
            yield f"parties[{index}].aliases", alias
    for at, owner in enumerate(owners if isinstance(owners, list) else ()):
        if isinstance(owner, Mapping) and isinstance(owner.get("name"), str):
            percent = number(owner.get("percent"))
            if percent is None or percent >= OWNED_FROM:
                yield f"parties[{index}].owners[{at}]", owner["name"]
