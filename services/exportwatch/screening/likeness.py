"""How alike two names are, and by what a person can see it: order of words, spelling, letters, legal form.

A score from 0 to 1 is the share of the name that stands for the same: words weigh as many letters as they have, those
of many names ("trading") little. What a mistyped word is worth is the entity-name library's judgement.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from exportwatch.screening.names import (
    OrgName,
    WordPair,
    common_word,
    latin,
    looks_like_a_form,
    says_little,
    word_pairs,
)

SAME = 1.0
RESPACED = (
    0.97  # the same letters in another order, with other spaces or in another script: the most of a likeness
)
ALIKE = 0.85  # from here on a person looks
_ANOTHER_SPELLING = 0.97  # "intl" for "international"
_COMMON_WEIGHT = 6  # letters at most that a word of many names counts for


@dataclass(frozen=True, slots=True)
class Likeness:
    """``why``: what a person can see, in the order of its weight. ``exact``: the same normal name."""

    score: float
    why: tuple[str, ...]
    exact: bool = False


def same_name(asked: OrgName, listed: OrgName) -> Likeness:
    """Two names of one normal form. One that says little is no hit by itself."""
    if says_little(asked):
        why = ("same normal name, of few letters or words that many names have", *_legal_forms(asked, listed))
        return Likeness(RESPACED, why)
    return Likeness(SAME, ("same normal name", *_legal_forms(asked, listed)), exact=True)


def same_letters(asked: OrgName, listed: OrgName) -> Likeness:
    """Two names that differ by spaces or script alone."""
    spaced = latin(asked.key) != latin(listed.key)
    why = [*_scripts(asked, listed), *(("other spaces between the words",) if spaced else ())]
    return Likeness(RESPACED, (*why, *_legal_forms(asked, listed)))


def before_its_form(asked: OrgName, listed: OrgName) -> Likeness:
    """The listed name with its legal form stands in front of more: a branch, a department, an address."""
    more = " ".join(asked.words[len(asked.head) :])
    return Likeness(
        _ANOTHER_SPELLING, (f"the listed name, followed by '{more}'", *_legal_forms(asked, listed))
    )


def compared(asked: OrgName, listed: OrgName) -> Likeness:
    """Word by word, in any order: equal ones, other spellings of a common one, then typing errors."""
    ours, theirs = latin(asked.key).split(), latin(listed.key).split()
    common = Counter(ours) & Counter(theirs)
    rest, their_rest = _left(ours, common), _left(theirs, common)
    spelled = _other_spellings(rest, their_rest)
    for pair in spelled:
        rest.remove(pair.one)
        their_rest.remove(pair.other)
    if _numbers(rest) and _numbers(their_rest):  # "Plant 55" is not "Plant 56", however long the rest is
        return Likeness(0.0, ())
    pairs = [*spelled, *(word_pairs(rest, their_rest) if rest or their_rest else ())]
    equal = sum(weight(word) for word in common.elements())
    whole = equal + sum(_weight_of(pair) for pair in pairs)
    score = (equal + sum(_weight_of(pair) * pair.score for pair in pairs)) / whole if whole else 0.0
    order = ("another order of words",) if not pairs and ours != theirs else ()
    seen = (*order, *_scripts(asked, listed), *(_seen(pair) for pair in pairs), *_legal_forms(asked, listed))
    return Likeness(min(score, RESPACED), seen)


@lru_cache(maxsize=65536)
def weight(word: str) -> int:
    """The letters that a word counts for."""
    if looks_like_a_form(word):
        return 1
    return min(len(word), _COMMON_WEIGHT) if common_word(word) else len(word)


def _numbers(words: Sequence[str]) -> list[str]:
    return [word for word in words if word.isdigit()]


def _left(words: Sequence[str], taken: Counter[str]) -> list[str]:
    return sorted((Counter(words) - taken).elements())


def _other_spellings(ours: Sequence[str], theirs: Sequence[str]) -> list[WordPair]:
    """Different words that the library knows for the same common one, each used once."""
    free = list(theirs)
    found = []
    for word in ours:
        kind = common_word(word)
        other = next((o for o in free if kind and common_word(o) == kind), None)
        if other is not None:
            free.remove(other)
            found.append(WordPair(word, other, _ANOTHER_SPELLING))
    return found


def _weight_of(pair: WordPair) -> int:
    return max(sum(weight(word) for word in side.split()) for side in (pair.one, pair.other))


def _seen(pair: WordPair) -> str:
    if not pair.one:
        return f"without '{pair.other}'"
    if not pair.other:
        return f"with '{pair.one}' more"
    if common_word(pair.one) and common_word(pair.one) == common_word(pair.other):
        return f"'{pair.one}' for '{pair.other}'"
    edits = int(OSA.distance(pair.one, pair.other))
    return f"{'one edit' if edits == 1 else f'{edits} edits'} between '{pair.one}' and '{pair.other}'"


def _scripts(asked: OrgName, listed: OrgName) -> tuple[str, ...]:
    return ("transliterated",) if asked.key.isascii() != listed.key.isascii() else ()


def _legal_forms(asked: OrgName, listed: OrgName) -> tuple[str, ...]:
    if not asked.forms or not listed.forms:
        return ()
    if asked.forms == listed.forms:
        return ("same legal form",)
    return (f"legal form {' '.join(sorted(asked.forms))}, listed {' '.join(sorted(listed.forms))}",)
