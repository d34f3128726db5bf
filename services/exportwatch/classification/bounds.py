"""Words that make a number a bound, and what denies them.

A bound before its number is read off the end of the text (``max.``, ``not below``), one behind it off the start
(``or more``).
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exportwatch.classification.text import TermIndex, comparable

Words = tuple[tuple[str, tuple[str, ...]], ...]

_CONTRARY = {"<": ">=", ">": "<=", "<=": ">", "≥": "<", "≤": ">", ">=": "<"}
_SIGNS = {"≮": ">=", "≯": "<="}
_TAIL = 40  # characters looked at
_LOOSE = " .:=-'’()[]"  # between a bound and its number


@dataclass(frozen=True, slots=True)
class Bounds:
    """``words`` finds every bound word but the ``loose`` ones, which beside no number speak of something else."""

    before: Words
    after: Words
    denials: tuple[str, ...]
    fillers: tuple[str, ...]
    words: TermIndex


def build_bounds(table: Mapping[str, Any]) -> Bounds:
    def words(place: str) -> Words:
        return tuple((op, tuple(comparable(w) for w in found)) for op, found in table[place].items())

    known = {w for place in ("before", "after") for _, found in words(place) for w in found}
    open_words = known - {comparable(w) for w in table["loose"]} | set(table["open"])
    return Bounds(
        words("before"),
        words("after"),
        tuple(comparable(w) for w in table["denials"]),
        tuple(comparable(w) for w in table["fillers"]),
        TermIndex({"pa:bound": sorted(open_words)}),
    )


def bound_before(text: str, bounds: Bounds) -> tuple[str, str]:
    """The bound whose words end the text (``max.``, ``not less than``), and the text without them.

    A denied bound is the contrary one: ``not below`` is at least.
    """
    op, kept = _ending(text, bounds.before)
    if not op or op == "~":
        return op, text[:kept] if op else text
    without = text[:kept]
    denied = _without_denial(without, bounds)
    return (op, without) if denied is None else (_CONTRARY[op], denied)


def signed(op: str, before: str, bounds: Bounds) -> str:
    """The bound that a sign before the number is: ``not < 99.9`` is at least."""
    op = _SIGNS.get(op, op)
    return _CONTRARY[op] if op in _CONTRARY and _without_denial(before, bounds) is not None else op


def bound_behind(text: str, bounds: Bounds) -> tuple[str, str]:
    """The bound whose words begin the text (``or more``), and the text without them."""
    start = text.lstrip(_LOOSE)
    plain = _folded(start[:_TAIL])
    fits = [(len(w), op) for op, words in bounds.after for w in words if _begins(plain, w)]
    if not fits:
        return "", text
    size, op = max(fits)
    return op, start[size:]


def _without_denial(text: str, bounds: Bounds) -> str | None:
    """The text without the denial that ends it (``must not be``), or ``None`` where none does."""
    for _ in range(3):
        filler, kept = _ending(text, (("be", bounds.fillers),))
        if not filler:
            break
        text = text[:kept]
    denied, kept = _ending(text, (("not", bounds.denials),))
    return text[:kept] if denied else None


def _ending(text: str, words: Words) -> tuple[str, int]:
    """The name of the longest word that ends the text, and how many characters stand before it."""
    end = _folded(text[-_TAIL:]).rstrip(_LOOSE)
    fits = [(len(w), op) for op, found in words for w in found if end.endswith(w) and _whole(end, w)]
    if not fits:
        return "", len(text)
    size, op = max(fits)
    return op, len(text) - len(text[-_TAIL:]) + len(end) - size


def _folded(text: str) -> str:
    """The text in lower case without accents, character for character."""
    plain = text.lower()
    if not plain.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFKD", plain) if unicodedata.category(c) != "Mn")
        bare = unicodedata.normalize("NFC", bare)
        plain = bare if len(bare) == len(text) else plain
    return plain.replace("-", " ").replace("'", " ").replace("’", " ")


def _whole(end: str, word: str) -> bool:
    """Whether the word that ends the text begins one: ``ab`` does not end ``tab``."""
    return len(end) == len(word) or not word[0].isascii() or not end[-len(word) - 1].isalpha()


def _begins(plain: str, word: str) -> bool:
    """Whether the text begins with the whole word: ``mining`` does not begin with ``min``."""
    follows = plain[len(word) : len(word) + 1]
    return plain.startswith(word) and not (word[-1].isascii() and follows.isalpha())
