"""Candidates for a name among many, by index: never a look at each of them.

Stated recall: every listed name of which each word of the asked name, in any order, is a word or one edit away from
one (two from nine letters on) is a candidate; a word so light that the score survives its absence may be missing. Of a
name that has nothing but words of many names, each must stand there as it is. And every listed name that stands inside
the asked one as it is (``contained``), where it tells enough.
"""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from exportwatch.screening.contained import MOST_WORDS, ContainedNames
from exportwatch.screening.likeness import (
    Likeness,
    before_its_form,
    compared,
    same_letters,
    same_name,
    weight,
)
from exportwatch.screening.names import OrgName, common_word, latin, says_little

NEARLY = 0.82  # what a matching country may lift to ALIKE
_LONG = 7  # letters: an edit leaves one of two ends of three letters whole
_TWO_EDITS_FROM = 9  # letters
_SHORTEST = 0.6  # of the longer name's letters: a shorter one has too many words less to be alike
_FEW_OWN = 2  # words of a name's own that are too light to be needed
Found = tuple[tuple[OrgName, Likeness], ...]


class NameIndex:
    """Names in their normal form. ``find`` gives those that an asked name may be, best first for each."""

    def __init__(self, names: Iterable[OrgName]) -> None:
        self._same: dict[str, list[OrgName]] = {}
        self._joined: dict[str, list[OrgName]] = {}
        self._of_word: dict[str, set[int]] = {}
        self._words: dict[str, list[str]] = {}
        self._names: list[OrgName] = []
        self._letters: list[int] = []
        self._near = lru_cache(maxsize=4096)(self._with_word)
        for name in names:
            if not name.words:
                continue
            same = self._same.setdefault(name.key, [])
            if name not in same:
                same.append(name)
                self._add(name)
        self._contained = ContainedNames(self._joined, self._of_word, self._names)

    def _add(self, name: OrgName) -> None:
        key = latin(name.key)
        self._joined.setdefault(key.replace(" ", ""), []).append(name)
        words = key.split()
        for word in {*words}:
            if word not in self._of_word:
                for part in _word_keys(word):
                    self._words.setdefault(part, []).append(word)
            self._of_word.setdefault(word, set()).add(len(self._names))
        self._names.append(name)
        self._letters.append(len(key))

    def find(self, asked: OrgName) -> Found:
        """Names of the same normal form, and those that are alike with a score of ``NEARLY`` or more.

        Both, since one of the same form may not be listed on the day that is asked about.
        """
        found = {name: same_name(asked, name) for name in self._same.get(asked.key, ())}
        if says_little(asked):
            return _best_first(found)
        for name in self._joined.get(latin(asked.key).replace(" ", ""), ()):
            if name not in found:
                found[name] = same_letters(asked, name)
        for name in self._same.get(" ".join(asked.head), ()) if asked.head else ():
            if name.key != asked.key:
                found[name] = before_its_form(asked, name)
        for name in self._candidates(asked):
            if name not in found and (likeness := compared(asked, name)).score >= NEARLY:
                found[name] = likeness
        for name, likeness in self._contained.inside(asked):
            if name not in found or found[name].score < likeness.score:
                found[name] = likeness
        return _best_first(found)

    def _candidates(self, asked: OrgName) -> list[OrgName]:
        words = latin(asked.key).split()
        own = [word for word in dict.fromkeys(words) if len(word) > 1 and not common_word(word)]
        if len(words) > MOST_WORDS:
            return []
        whole = sum(map(weight, words))
        needed = [word for word in own if weight(word) > (1 - NEARLY) * whole]
        if needed:
            ids: Iterable[int] = frozenset.intersection(*sorted(map(self._near, needed), key=len))
        elif len(own) > _FEW_OWN:
            held = Counter(number for word in own for number in self._near(word))
            ids = (number for number, count in held.items() if count >= len(own) - 1)
        else:  # nothing but words of many names, three or more: as they stand, in any order
            common = [self._of_word.get(word, set()) for word in words if common_word(word)]
            ids = set.intersection(*sorted(common, key=len)) if common else ()
        letters = sum(map(len, words)) + len(words) - 1
        return [self._names[n] for n in sorted(ids) if _comparable(letters, self._letters[n])]

    def _with_word(self, word: str) -> frozenset[int]:
        """The names that hold the word or one that is an edit away."""
        known = [other for key in _word_keys(word) for other in self._words.get(key, ())]
        edits = 2 if len(word) >= _TWO_EDITS_FROM else 1
        near = process.extract(
            word, known, scorer=OSA.distance, score_cutoff=edits, limit=None, processor=None
        )
        return frozenset().union(*(self._of_word[other] for other, _edits, _at in near))


def _best_first(found: dict[OrgName, Likeness]) -> Found:
    return tuple(sorted(found.items(), key=lambda f: (-f[1].score, f[0].key, sorted(f[0].forms))))


def _comparable(one: int, other: int) -> bool:
    return min(one, other) >= _SHORTEST * max(one, other)


def _word_keys(word: str) -> set[str]:
    """What a word shares with every word that is one edit away: an end of three letters, or, of a short one, the word
    less a letter. Single characters are no key."""
    if len(word) < 2:
        return set()
    keys = {f"^{word[:3]}", f"{word[-3:]}$"} if len(word) >= _LONG else set()
    if len(word) <= _LONG + 1:
        keys |= {word, *(word[:i] + word[i + 1 :] for i in range(len(word)) if len(word) > 2)}
    return keys
