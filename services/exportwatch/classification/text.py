"""Trade text, made comparable: one normal form for every script, and the mentions of known terms in it.

Knows no law and no chemistry: it finds terms, their place, and whether a word before them denies them.
Cost is linear in the length of the text; near-misses are looked up by token in an index of deletions.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import ahocorasick
import opencc
from rapidfuzz.distance import OSA

_TO_SIMPLIFIED = opencc.OpenCC("t2s")
# Mark-up begins with a letter or a slash: ``Dy < 0.05 %, Tb > 1 %`` is none.
_TAG = re.compile(r"<[/!?]?[A-Za-z][^<>]{0,200}>|<!--")
_INLINE = re.compile(
    r"</?(?:sub|sup|b|i|em|strong|span|u|font|small|wbr)(?:\s[^<>]{0,200})?/?>", re.IGNORECASE
)
_SEPARATORS = re.compile(r"[\s\-_/‐‑‒–—·•,;:()\[\]{}\"'’“”、，。；：（）【】《》+&*|=]+")
_HAN = re.compile(r"[㐀-䶿一-鿿]")
_UNSPACED = re.compile(r"[฀-๿぀-ヿ㐀-鿿가-힯]")  # Thai as well
_WORD = re.compile(r"[^\W\d_]{6,24}")
_ASCII_WORD = re.compile(r"[a-z]{6,24}")  # the same in a text of ASCII, found three times as fast
_SPACED_HAN = re.compile(r"(?<![㐀-鿿])[㐀-鿿](?: [㐀-鿿](?![㐀-鿿]))+")  # ``氧 化 镝``
_SPACED_OUT = re.compile(r"(?<!\w)(?:[^\W\d_] ){4,}[^\W\d_](?!\w)")  # ``d y s p r o s i u m``
_AROUND = 80  # characters of a text that are read again around a typing error
_SPACES = re.compile(" {2,}")
_STROKES = str.maketrans("łıø", "lio")  # letters that no decomposition frees of their stroke
_INVISIBLE = {"Cf", "Cc", "Cs", "Co"}
FUZZY_FROM = 7  # letters: shorter words are one edit away from ordinary ones
FUZZY_TWO_FROM = 9  # letters: from here on two edits are forgiven


def readable(raw: str) -> str:
    """The text as a person sees it: no mark-up, no invisible characters, one width, single spaces. Case is kept."""
    text = _visible(raw)
    return _SPACES.sub(" ", text) if "  " in text else text


def _visible(raw: str) -> str:
    if raw.isascii() and "<" not in raw and "&" not in raw and raw.isprintable():
        return raw
    text = raw if raw.isascii() else unicodedata.normalize("NFKC", raw)  # mark-up may be in full width, too
    text = html.unescape(text) if "&" in text else text
    text = html.unescape(text) if "&#" in text or "&lt;" in text else text  # escaped twice on its way
    text = _TAG.sub(" ", _INLINE.sub("", text)) if "<" in text else text
    text = unicodedata.normalize("NFKC", text)
    if text.isprintable() and "\xad" not in text:
        return text
    return "".join(
        c if (cat := unicodedata.category(c)) not in _INVISIBLE else (" " if cat == "Cc" else "")
        for c in text
    )


def comparable(text: str, strokes: bool = False) -> str:
    """The normal form in which terms and texts meet: simplified, unaccented, lower case, single spaces. ``strokes``:
    letters with a stroke stay, as names keep them."""
    if text.isascii():
        return _closed_up(_SEPARATORS.sub(" ", text.lower()).strip())
    if _HAN.search(text):
        text = _TO_SIMPLIFIED.convert(text)
    text = text.casefold() if strokes else text.casefold().translate(_STROKES)
    text = unicodedata.normalize("NFKD", text)
    text = "".join(c for c in text if unicodedata.category(c) != "Mn")
    text = unicodedata.normalize("NFC", text)
    text = _SEPARATORS.sub(" ", text).strip()
    return _closed_up(_SPACED_HAN.sub(lambda m: m.group().replace(" ", ""), text))


def _closed_up(text: str) -> str:
    """Without the spaces inside words that are written letter by letter."""
    if text.count(" ") * 3 < len(text):
        return text
    return _SPACED_OUT.sub(lambda m: m.group().replace(" ", ""), text)


@dataclass(frozen=True, slots=True)
class Text:
    """One text field: its path in the document, as a person sees it, and its comparable form.

    ``typed``: the comparable form as it was typed, where letters were put right (``spelling``)."""

    path: str
    shown: str
    plain: str
    typed: str = ""


def read_text(path: str, raw: str) -> Text:
    shown = readable(raw)
    return Text(path, shown, comparable(shown))


class Mention(NamedTuple):
    """A known term in a text. ``tag`` is what the vocabulary calls it; ``exact`` is false for a near-miss."""

    tag: str
    path: str
    start: int
    end: int
    word: str
    exact: bool = True

    def gap(self, other: "Mention") -> int:
        """The characters between this mention and another of the same text; none where they overlap."""
        return max(self.start - other.end, other.start - self.end, 0)


class TermIndex:
    """All terms of the vocabulary as one automaton. Terms are written ``word``, ``stem*`` or ``~inside``."""

    def __init__(
        self, terms: Mapping[str, Iterable[str]], forgiving: Iterable[str] = (), spelled: Iterable[str] = ()
    ) -> None:
        """``forgiving`` names the tags whose single words are found in spite of a typing error; ``spelled`` are
        words put right before a text with a typing error is read a second time."""
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
        self._spelled = _NearMisses({w: (w,) for w in spelled}, set(entries) | set(spelled))

    def mentions(self, text: Text) -> list[Mention]:
        """Every mention, in the order of the text, then the near-misses."""
        plain = text.plain
        if not plain:
            return []
        mentions = self._exact(plain, text.path)
        covered = bytearray(len(plain))
        for m in mentions:
            covered[m.start : m.end] = b"\x01" * (m.end - m.start)
        corrected: list[tuple[int, int, str]] = []
        others: list[tuple[int, int, str]] = []  # "sreparation" may be a separation as well as a preparation
        spelled, near, own = self._spelled.tags, self._near.tags, self._near.own
        for match in (_ASCII_WORD if plain.isascii() else _WORD).finditer(plain):
            start, end = match.span()
            if covered[start]:
                continue
            word = match.group()
            rights = spelled(word)
            if rights:
                corrected.append((start, end, rights[0]))
                others += [(start, end, right) for right in rights[1:]]
            if covered[end - 1]:  # a compound such as "dyprosiumoxid": its front may be mistyped
                end = covered.index(1, start)
                word = plain[start:end]
            for tag in near(word) or own.get(word, ()):
                mentions.append(Mention(tag, text.path, start, end, word, exact=False))
        known = {m.tag for m in mentions} if corrected else set()
        if corrected:
            mentions += self._second_reading(text, corrected, known)
        for start, end, right in others:
            first, last = max(0, start - _AROUND), end + _AROUND
            part = Text(text.path, "", plain[first:last])
            mentions += self._second_reading(part, [(start - first, end - first, right)], known)
        return mentions

    def _second_reading(
        self, text: Text, corrected: list[tuple[int, int, str]], known: set[str]
    ) -> list[Mention]:
        """What the text says once its typing errors are put right, beyond what it said before."""
        plain, end_before = [], 0
        for start, end, right in corrected:
            plain += [text.plain[end_before:start], right]
            end_before = end
        plain.append(text.plain[end_before:])
        found = self._exact("".join(plain), text.path)
        return [m._replace(exact=False) for m in found if m.tag not in known]

    def _exact(self, plain: str, path: str) -> list[Mention]:
        found: list[tuple[int, int, tuple[str, ...]]] = []
        for last, (size, starts, ends, tags) in self._automaton.iter(plain):
            start, end = last - size + 1, last + 1
            if starts and start and plain[start - 1].isalpha() and not _UNSPACED.match(plain[start - 1]):
                continue
            if ends and end < len(plain) and not _ends_word(plain, end):
                continue
            found.append((start, end, tags))
        return [Mention(t, path, s, e, plain[s:e]) for s, e, t in _longest(found)]


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


# Which groups hide what lies inside them: a term hides its own kind, a material hides the elements of its name,
# a homonym hides everything.
_HIDES: Mapping[str, frozenset[str]] = {
    "no": frozenset(["no", "el", "me", "cl", "pr", "mag", "un", "al", "su", "wo", "pn", "tr", "co", "te"]),
    "dp": frozenset(["dp", "pr", "cl", "mag", "wo"]),
    "un": frozenset(["un", "el", "me", "al"]),
    "mag": frozenset(["mag", "el", "me"]),
    "al": frozenset(["al", "el", "me"]),
    "co": frozenset(["co", "me"]),
}


def _longest(found: list[tuple[int, int, tuple[str, ...]]]) -> list[tuple[int, int, str]]:
    """Every match with its tag, without those that a longer match of a hiding group holds inside."""
    if len(found) < 2:
        return [(start, end, tag) for start, end, tags in found for tag in tags]
    found.sort(key=lambda f: (f[0], -f[1]))
    kept: list[tuple[int, int, str]] = []
    reach: dict[str, int] = {}
    for start, end, tags in found:
        kept += [(start, end, tag) for tag in tags if reach.get(_group(tag), -1) < end]
        for hidden in _hidden_by(tags):
            if reach.get(hidden, -1) < end:
                reach[hidden] = end
    return kept


@cache  # of the tags of the vocabulary
def _group(tag: str) -> str:
    return tag[: tag.index(":")]


@cache
def _hidden_by(tags: tuple[str, ...]) -> tuple[str, ...]:
    groups = map(_group, tags)
    return tuple(dict.fromkeys(hidden for group in groups for hidden in _HIDES.get(group, (group,))))


class _NearMisses:
    """Words within one edit of a term (two from ten letters on), by the deletions that both share."""

    def __init__(self, terms: Mapping[str, Iterable[str]], known: set[str]) -> None:
        self._known = known
        self._index: dict[str, set[tuple[str, str]]] = {}
        self.own: dict[str, list[str]] = {}  # the terms themselves: what stands in front of a compound
        for tag, words in terms.items():
            for word in words:
                plain = comparable(readable(word.strip("~*")))
                if len(plain) >= FUZZY_FROM and " " not in plain and not _UNSPACED.search(plain):
                    self.own.setdefault(plain, []).append(tag)
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
                if distance <= allowed and (distance == 1 or word[0] == plain[0]):
                    hits[tag] = min(distance, hits.get(tag, allowed))
        best = min(hits.values(), default=0)
        return tuple(sorted(t for t, d in hits.items() if d == best))


@lru_cache(maxsize=16)  # a word is asked for in one index after the other
def _deletions(word: str) -> frozenset[str]:
    once = {word[:i] + word[i + 1 :] for i in range(len(word))}
    keys = {word} | once
    if len(word) >= FUZZY_TWO_FROM - 1:
        keys |= {w[:i] + w[i + 1 :] for w in once for i in range(len(w))}
    return frozenset(keys)
