"""Trade text, made comparable: one normal form for every script, and the mentions of known terms in it.

Knows no law and no chemistry: it finds terms, their place, and whether a word before them denies them.
Cost is linear in the length of the text; near-misses are looked up by token in an index of deletions.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import ahocorasick
import opencc
from rapidfuzz.distance import OSA

_TO_SIMPLIFIED = opencc.OpenCC("t2s")
_TAG = re.compile(r"<[^<>]{1,200}>")
_SEPARATORS = re.compile(r"[\s\-_/‐‑‒–—·•,;:()\[\]{}\"'’“”、，。；：（）【】《》+&*|=]+")
_HAN = re.compile(r"[㐀-䶿一-鿿]")
_UNSPACED = re.compile(r"[぀-ヿ㐀-鿿가-힯]")
_WORD = re.compile(r"[^\W\d_]{7,24}")
_INVISIBLE = {"Cf", "Cc", "Cs", "Co"}
FUZZY_FROM = 7  # letters: shorter words are one edit away from ordinary ones
FUZZY_TWO_FROM = 10  # letters: from here on two edits are forgiven


def readable(raw: str) -> str:
    """The text as a person sees it: no mark-up, no invisible characters, one width. Case is kept."""
    if raw.isascii() and "<" not in raw and "&" not in raw and raw.isprintable():
        return raw
    text = html.unescape(raw) if "&" in raw else raw
    text = _TAG.sub(" ", text) if "<" in text else text
    text = unicodedata.normalize("NFKC", text)
    if text.isprintable() and "\xad" not in text:
        return text
    return "".join(
        c if (cat := unicodedata.category(c)) not in _INVISIBLE else (" " if cat == "Cc" else "") for c in text
    )


def comparable(text: str) -> str:
    """The normal form in which terms and texts meet: simplified, unaccented, lower case, single spaces."""
    if text.isascii():
        return _SEPARATORS.sub(" ", text.lower()).strip()
    if _HAN.search(text):
        text = _TO_SIMPLIFIED.convert(text)
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(c for c in text if unicodedata.category(c) != "Mn")
    text = unicodedata.normalize("NFC", text)
    return _SEPARATORS.sub(" ", text).strip()


@dataclass(frozen=True, slots=True)
class Text:
    """One text field: its path in the document, as a person sees it, and its comparable form."""

    path: str
    shown: str
    plain: str


def read_text(path: str, raw: str) -> Text:
    shown = readable(raw)
    return Text(path, shown, comparable(shown))


@dataclass(frozen=True, slots=True)
class Mention:
    """A known term in a text. ``tag`` is what the vocabulary calls it; ``exact`` is false for a near-miss."""

    tag: str
    path: str
    start: int
    end: int
    word: str
    exact: bool = True


class TermIndex:
    """All terms of the vocabulary as one automaton. Terms are written ``word``, ``stem*`` or ``~inside``."""

    def __init__(self, terms: Mapping[str, Iterable[str]], forgiving: Iterable[str] = ()) -> None:
        """``forgiving`` names the tags whose single words are found in spite of a typing error."""
        self._automaton = ahocorasick.Automaton()
        entries: dict[str, tuple[bool, bool, list[str]]] = {}
        for tag, words in terms.items():
            for word in words:
                _add(entries, word, tag)
        for plain, (starts, ends, tags) in entries.items():
            self._automaton.add_word(plain, (len(plain), starts, ends, tuple(tags)))
        if entries:
            self._automaton.make_automaton()
        self._near = _NearMisses({t: w for t, w in terms.items() if t in set(forgiving)}, set(entries))

    def mentions(self, text: Text) -> list[Mention]:
        """Every mention, leftmost and longest first; a term inside a longer one of its own kind is dropped."""
        plain = text.plain
        if not plain:
            return []
        found: list[tuple[int, int, tuple[str, ...]]] = []
        for last, (size, starts, ends, tags) in self._automaton.iter(plain):
            start, end = last - size + 1, last + 1
            if starts and start and plain[start - 1].isalpha() and not _UNSPACED.match(plain[start - 1]):
                continue
            if ends and end < len(plain) and not _ends_word(plain, end):
                continue
            found.append((start, end, tags))
        mentions = [Mention(t, text.path, s, e, plain[s:e]) for s, e, tags in _longest(found) for t in tags]
        covered = bytearray(len(plain))
        for m in mentions:
            covered[m.start : m.end] = b"\x01" * (m.end - m.start)
        for match in _WORD.finditer(plain):
            start, end = match.span()
            if covered[start] or covered[end - 1]:
                continue
            for tag in self._near.tags(match.group()):
                mentions.append(Mention(tag, text.path, start, end, match.group(), exact=False))
        return mentions


def _add(entries: dict[str, tuple[bool, bool, list[str]]], word: str, tag: str) -> None:
    inside, stem = word.startswith("~"), word.endswith("*")
    plain = comparable(readable(word.strip("~*")))
    unspaced = bool(_UNSPACED.search(plain))
    starts, ends = not (inside or unspaced), not (stem or unspaced)
    known = entries.get(plain)
    if known is None:
        entries[plain] = (starts, ends, [tag])
        return
    if tag not in known[2]:
        known[2].append(tag)
    entries[plain] = (starts and known[0], ends and known[1], known[2])


def _ends_word(plain: str, end: int) -> bool:
    """A term ends at ``end`` if no letter follows, apart from a plural s or a following unspaced script."""
    following = plain[end]
    if not following.isalpha() or _UNSPACED.match(following):
        return True
    return following == "s" and (end + 1 == len(plain) or not plain[end + 1].isalpha())


def _longest(found: list[tuple[int, int, tuple[str, ...]]]) -> list[tuple[int, int, tuple[str, ...]]]:
    """Drop what lies wholly inside a longer match; matches that merely overlap both stay."""
    found.sort(key=lambda f: (f[0], -f[1]))
    kept: list[tuple[int, int, tuple[str, ...]]] = []
    reach = -1
    for start, end, tags in found:
        if end <= reach:
            continue
        kept.append((start, end, tags))
        reach = max(reach, end)
    return kept


class _NearMisses:
    """Words within one edit of a term (two from ten letters on), by the deletions that both share."""

    def __init__(self, terms: Mapping[str, Iterable[str]], known: set[str]) -> None:
        self._known = known
        self._index: dict[str, set[tuple[str, str]]] = {}
        for tag, words in terms.items():
            for word in words:
                plain = comparable(readable(word.strip("~*")))
                if len(plain) >= FUZZY_FROM and " " not in plain and not _UNSPACED.search(plain):
                    for key in _deletions(plain):
                        self._index.setdefault(key, set()).add((plain, tag))
        self.tags = lru_cache(maxsize=65536)(self._tags)

    def _tags(self, word: str) -> tuple[str, ...]:
        if word in self._known:
            return ()
        hits: dict[str, int] = {}
        for key in _deletions(word):
            for plain, tag in self._index.get(key, ()):
                allowed = 2 if len(plain) >= FUZZY_TWO_FROM else 1
                distance = OSA.distance(word, plain, score_cutoff=allowed)
                if distance <= allowed and word[0] == plain[0]:
                    hits[tag] = min(distance, hits.get(tag, allowed))
        best = min(hits.values(), default=0)
        return tuple(sorted(t for t, d in hits.items() if d == best))


def _deletions(word: str) -> set[str]:
    once = {word[:i] + word[i + 1 :] for i in range(len(word))}
    keys = {word} | once
    if len(word) >= FUZZY_TWO_FROM - 1:
        keys |= {w[:i] + w[i + 1 :] for w in once for i in range(len(w))}
    return keys
