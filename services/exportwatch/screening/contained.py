"""Listed names that stand inside a longer one: a branch, a works, an address, a subsidiary of a listed house.

A name inside another is a question, never a hit, and only where it tells enough: words of many names and brands that
thousands bear do not. What tells is how many letters the words of the name's own have, how many names of the list hold
them, and whether what stands beside it is known to say nothing (a place, a part of a company, a trade).
Found by looking up every run of words of the asked name: the cost is that of the name and never of the list.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from exportwatch.screening.likeness import Likeness
from exportwatch.screening.name_words import FILLING, HAN_FILLING, HAN_PLACING, ORDINARY, PLACING
from exportwatch.screening.names import OrgName, common_word, latin

BESIDE_KNOWN_WORDS = 0.92  # a country that differs takes 0.03, and a person still looks
BESIDE_UNKNOWN_WORDS = 0.89
MOST_WORDS = 40  # of an asked name; more is no name, and comparing is not linear in them
_LONGEST_RUN = 12  # words of a listed name that is looked for inside another
_LONGEST_SIGNS = 24  # the same of one written without spaces
_FEWEST_SIGNS = 3
_MANY_NAMES = (
    50  # a word in more names of the list, and in more than one of a hundred, is that of many companies
)
_MANY_SHARE = 100
_RARE_NAMES = 5  # names that may hold the only word of a listed one
_SHORT = 3  # letters: a word of so many may be a legal form that is not known, or an initial
_OWN_LETTERS, _SOME_LETTERS, _BRAND_LETTERS, _RARE_LETTERS = 8, 5, 10, 11
_WHOLE_WORDS = 4
_OWN_SIGNS, _SOME_SIGNS, _WHOLE_SIGNS, _LONG_SIGNS = 3.0, 2.0, 4, 8
_KANA_TELLS = 0.5  # of what a Chinese character does
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_PARTS = frozenset(
    ["SYMBOL:BRANCH", "SYMBOL:OFFICE", "SYMBOL:DEPT", "DOMAIN:FACTORY", "DOMAIN:BUILDING"]
)  # what ``common_word`` calls parts of a company
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_KANA = re.compile(r"[\u3040-\u30ff]")


class ContainedNames:
    """``joined``: the listed names by their letters without spaces. ``of_word``: which names hold a word."""

    def __init__(
        self,
        joined: Mapping[str, Sequence[OrgName]],
        of_word: Mapping[str, set[int]],
        names: Sequence[OrgName],
    ) -> None:
        self._joined = joined
        self._of_word = of_word
        self._names = names
        self._pairs = Counter(
            pair for name in names if _UNSPACED.search(name.key) for pair in _pairs(name.key)
        )

    def inside(self, asked: OrgName) -> Iterator[tuple[OrgName, Likeness]]:
        """The listed names inside ``asked`` that tell enough, the longest first; never one of its whole length."""
        words = latin(asked.key).split()
        if len(words) > MOST_WORDS:
            return
        for size in range(min(len(words) - 1, _LONGEST_RUN), 0, -1):
            for at in range(len(words) - size + 1):
                for listed in self._joined.get("".join(words[at : at + size]), ()):
                    yield from self._told(listed, words[at : at + size], [*words[:at], *words[at + size :]])
        if _UNSPACED.search(asked.key):
            yield from self._inside_a_word("".join(words))

    def _inside_a_word(self, signs: str) -> Iterator[tuple[OrgName, Likeness]]:
        """Names written without spaces, at any place: 上海 and 有限公司 stand around them without a space too."""
        for size in range(min(len(signs) - 1, _LONGEST_SIGNS), _FEWEST_SIGNS - 1, -1):
            for at in range(len(signs) - size + 1):
                for listed in self._joined.get(signs[at : at + size], ()):
                    if _UNSPACED.search(listed.key):
                        yield from self._told_signs(listed, signs[:at], signs[at + size :])

    def _told(
        self, listed: OrgName, words: Sequence[str], rest: Sequence[str]
    ) -> Iterator[tuple[OrgName, Likeness]]:
        if _UNSPACED.search(listed.key):
            yield from self._told_signs(listed, "", "".join(rest))
        elif self._tells(words, rest) or len(_HANGUL.findall(listed.key)) >= _WHOLE_SIGNS:
            yield listed, _likeness(listed, " ".join(rest), known=all(map(_fills, rest)))

    def _tells(self, words: Sequence[str], rest: Sequence[str]) -> bool:
        """Whether so many letters are the name's own that it says whose name this is, beside such a rest."""
        told = [word for word in words if len(word) > _SHORT]
        own = [word for word in told if self._is_own(word)]
        letters = sum(map(len, own))
        if letters >= _OWN_LETTERS and len(told) > 1:
            return True
        if letters >= _SOME_LETTERS and len(told) > 1:
            return all(map(_fills, rest))
        if len(told) == 1:
            near = _fills if letters >= _RARE_LETTERS else _places
            rare = len(self._of_word.get(told[0], ())) <= _RARE_NAMES
            return rare and letters >= _OWN_LETTERS and all(map(near, rest))
        if not all(map(_places, rest)):
            return False
        if len(words) >= _WHOLE_WORDS:  # words of many names, but so many of them in one piece
            return True
        brands = [word for word in words if not _fills(word)]
        return len(brands) > 1 and sum(map(len, brands)) >= _BRAND_LETTERS

    def _told_signs(self, listed: OrgName, before: str, behind: str) -> Iterator[tuple[OrgName, Likeness]]:
        signs = listed.key.replace(" ", "")
        own = _own_signs(signs, HAN_FILLING)
        tells = sum(_KANA_TELLS if _KANA.match(sign) else 1 for sign in "".join(own))
        if all(self._is_many(self._pairs[pair]) for part in own for pair in _pairs(part)):
            return
        if (
            tells < _OWN_SIGNS
        ):  # two signs are the brand of many, and a place in front is where another is registered
            alone = bool(before) and len(signs) < _LONG_SIGNS
            beside = _own_signs(before, HAN_PLACING) or _own_signs(behind, HAN_PLACING)
            if alone or beside or tells < _SOME_SIGNS or len(signs) < _WHOLE_SIGNS:
                return
        known = not _own_signs(before, HAN_FILLING) and not _own_signs(behind, HAN_FILLING)
        yield listed, _likeness(listed, " ".join(filter(None, (before, behind))), known=known)

    def _is_own(self, word: str) -> bool:
        """Whether a word tells one company from another: of few names, no number, no place, no common brand."""
        held = self._of_word.get(word, ())
        return (
            not word.isdigit() and word not in ORDINARY and not _fills(word) and not self._is_many(len(held))
        )

    def _is_many(self, names: int) -> bool:
        return names > max(_MANY_NAMES, len(self._names) // _MANY_SHARE)


def _fills(word: str) -> bool:
    """Whether a word beside a name says nothing of whose name it is."""
    return len(word) == 1 or word.isdigit() or word in FILLING or common_word(word) is not None


def _places(word: str) -> bool:
    """Whether a word beside a name says only where it sits or which part of it this is."""
    if len(word) == 1 or word.isdigit() or word in PLACING:
        return True
    kind = common_word(word)
    return kind is not None and (kind.startswith("LOC:") or kind in _PARTS)


def _own_signs(text: str, known: Sequence[str]) -> list[str]:
    """What is left of a text without spaces when words that many names have are taken out of it."""
    for word in known:
        text = text.replace(word, " ")
    return [part for part in text.split() if not part.isdigit() and not (part.isascii() and _fills(part))]


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _likeness(listed: OrgName, rest: str, *, known: bool) -> Likeness:
    kind = "place, branch or trade words" if known else "words that are not known"
    why = f"the listed name '{listed.key}' is contained, beside {kind}: '{rest}'"
    return Likeness(BESIDE_KNOWN_WORDS if known else BESIDE_UNKNOWN_WORDS, (why,))
