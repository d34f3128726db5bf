"""Words with two neighbouring letters swapped, or with a digit that a scan read for a letter, put right before a
text is read: ``magents`` are magnets, ``crysta1s`` are crystals.

Knows the words of the vocabulary, alone, as the stem or the end of a longer word, and in compounds; and the ordinary
words that are one swap away from them. A word that is known is never touched, and a text keeps its length, so that
places in it stay what they were. Cost is linear in the text; a word is judged once.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

from exportwatch.classification.text import FUZZY_TWO_FROM, Mention, TermIndex, Text, comparable, readable

SWAPPED_FROM = (
    7  # letters: a shorter word has too many ordinary neighbours, and is put right only where named
)
_SHORTEST = 6  # letters
_READ_FROM = 5  # letters and digits: a shorter word is as likely a part number
_LONGEST = 40  # letters: no compound of the trade is longer
_PART_FROM = 6  # letters: of a stem or an end beside which nothing else is known
_COMPOUND_FROM = 9  # letters
_PIECE_FROM = 4  # letters: of each half of a compound of which both are known
_LETTER = "[^\\W\\d_぀-ヿ㐀-鿿가-힯]"  # of a script that writes words apart
_WORD = re.compile(f"{_LETTER}{{{_SHORTEST},}}")
_ASCII_WORD = re.compile(f"[a-z]{{{_SHORTEST},}}")  # the same in a comparable text of ASCII, found faster
# A digit in a word: ``crysta1s``, ``0xide``. More than one at its end is a part number such as ``magnet10``.
_SCANNED = re.compile(f"(?<!\\w)(?:0{_LETTER}+(?:[01]{_LETTER}+)*|(?:{_LETTER}+[01])+{_LETTER}*)(?!\\w)")
_MISREAD = (str.maketrans("01", "ol"), str.maketrans("01", "oi"))
_PIECE = re.compile(f"{_LETTER}{{{_PIECE_FROM},}}")


class Spelling:
    """The words that are put right. Terms are written ``word``, ``stem*`` or ``~inside`` and may have several words."""

    def __init__(self, terms: Iterable[str], ordinary: Iterable[str] = (), short: Iterable[str] = ()) -> None:
        """``ordinary``: words that stay what they are, though a term is near. ``short``: words of six letters."""
        self._short = frozenset(short)
        self._whole: dict[int, list[str]] = {}
        self._stems: dict[int, list[str]] = {}
        self._ends: dict[int, list[str]] = {}
        self._fronts: dict[int, list[str]] = {}
        self._known = {comparable(word) for word in ordinary}
        self._open: set[str] = set()  # stems and ends of longer words
        for term in sorted(set(terms)):
            self._learn(term)
        self.right = lru_cache(maxsize=65536)(self._right)
        self.read = lru_cache(maxsize=65536)(self._read)

    def _learn(self, term: str) -> None:
        inside, stem = term.startswith("~"), term.endswith("*")
        words = comparable(readable(term.strip("~*"))).split(" ")
        for word in words:
            if not _PIECE.fullmatch(word):
                continue
            last = word is words[-1]
            for form in (word, f"{word}s") if last and not stem else (word,):
                self._known.add(form)
                if len(form) >= SWAPPED_FROM or form in self._short:
                    _keep(self._whole, form)
            _keep(self._fronts, word)
            if inside:
                _keep(self._ends, word)
            if stem and last and len(word) >= _PART_FROM:
                _keep(self._stems, word)
            if (inside or (stem and last)) and len(word) >= _PART_FROM:
                self._open.add(word)

    def _right(self, word: str) -> str:
        """The word as it is rightly written; empty where it is right or not known."""
        if word in self._known or len(word) > _LONGEST:
            return ""
        values = tuple(accumulate(map(_value, word), initial=0))
        for known in self._whole.get(values[-1], ()):
            if _swapped(word, known):
                return known
        if len(word) < SWAPPED_FROM:
            return ""
        return self._compound(word, values) or self._stem(word, values) or self._end(word, values)

    def _read(self, word: str) -> str:
        """The word with the letters for which its digits stand; empty where that is no word of ours.

        A long word that is none is given with its letters all the same: a further error may hide which word it is,
        and near-misses are looked for among letters.
        """
        if not _READ_FROM <= len(word) <= _LONGEST:
            return ""
        for letters in _MISREAD:
            meant = word.translate(letters)
            if meant in self._known or (len(word) >= SWAPPED_FROM and self._is_open(meant)):
                return meant
            if right := self._right(meant):
                return right
        return word.translate(_MISREAD[0]) if len(word) >= FUZZY_TWO_FROM and word[-1].isalpha() else ""

    def _is_open(self, word: str) -> bool:
        """Whether a stem of ours begins the word or an end of ours ends it."""
        return any(word[:n] in self._open or word[n:] in self._open for n in range(1, len(word)))

    def _stem(self, word: str, values: tuple[int, ...]) -> str:
        for size in range(len(word), _PART_FROM - 1, -1):
            for stem in self._stems.get(values[size], ()):
                if _swapped(word[:size], stem):
                    return stem + word[size:]
        return ""

    def _end(self, word: str, values: tuple[int, ...]) -> str:
        for start in range(1, len(word) - _PART_FROM + 1):
            for end in self._ends.get(values[-1] - values[start], ()):
                if _swapped(word[start:], end):
                    return word[:start] + end
        return ""

    def _compound(self, word: str, values: tuple[int, ...]) -> str:
        """Two known words in one, with the swap in either of them or where they meet."""
        if len(word) < _COMPOUND_FROM:
            return ""
        for at in range(_PIECE_FROM, len(word) - _PIECE_FROM + 1):
            crossed = _value(word[at]) - _value(word[at - 1])
            for more in (0, crossed) if crossed else (0,):
                front, end = values[at] + more, values[-1] - values[at] - more
                if end in self._ends and front in self._fronts:
                    for joined in (f + e for f in self._fronts[front] for e in self._ends[end]):
                        if _swapped(word, joined):
                            return joined
        return ""


def is_mistyped(text: Text, spelling: Spelling) -> bool:
    words = (_ASCII_WORD if text.plain.isascii() else _WORD).findall(text.plain)
    if any(map(spelling.right, words)):
        return True
    plain = text.plain
    return ("0" in plain or "1" in plain) and any(map(spelling.read, _SCANNED.findall(plain)))


def put_right(text: Text, spelling: Spelling) -> Text:
    """The text with its mistyped words put right; the same text where there are none."""
    plain = _SCANNED.sub(lambda m: spelling.read(m.group()) or m.group(), text.plain)
    plain = _WORD.sub(lambda m: spelling.right(m.group()) or m.group(), plain)
    if plain == text.plain:
        return text
    shown = _SCANNED.sub(lambda m: _in_its_case(m.group(), spelling.read(m.group().lower())), text.shown)
    shown = _WORD.sub(lambda m: _in_its_case(m.group(), spelling.right(m.group().lower())), shown)
    return replace(text, shown=shown, plain=plain, typed=text.plain)


@dataclass(frozen=True, slots=True, eq=False)
class SpelledTerms:
    """Terms that are found in a text once its typing errors are put right."""

    terms: TermIndex
    spelling: Spelling

    def mentions(self, text: Text) -> list[Mention]:
        """As those of ``TermIndex``; ``word`` is the word that was meant."""
        return self.terms.mentions(
            put_right(text, self.spelling) if is_mistyped(text, self.spelling) else text
        )


def _in_its_case(word: str, right: str) -> str:
    if len(right) != len(word):
        return word
    capitals = word.isupper()
    return "".join(r.upper() if capitals or w.isupper() else r for w, r in zip(word, right, strict=True))


def _value(letter: str) -> int:
    """A number by whose sum words of the same letters are found, in whatever order these stand."""
    return ord(letter) ** 5


def _keep(words: dict[int, list[str]], word: str) -> None:
    same = words.setdefault(sum(map(_value, word)), [])
    if word not in same:
        same.append(word)


def _swapped(word: str, right: str) -> bool:
    """Whether the two differ by one swap of neighbouring letters."""
    if len(word) != len(right) or word == right:
        return False
    at = next(i for i, (w, r) in enumerate(zip(word, right, strict=True)) if w != r)
    return (
        word[at : at + 2] == right[at + 1 : at - 1 if at else None : -1] and word[at + 2 :] == right[at + 2 :]
    )
