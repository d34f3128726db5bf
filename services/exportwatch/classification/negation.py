"""Whether a text denies what it names: ``Dy-free``, ``ohne Terbium``, ``不含工艺技术``.

A denial is a claim, not evidence: it never clears by itself, it only keeps a word from convicting. A thing that is
named behind the end of the clause is not denied: ``without pallet: gallium arsenide`` denies the pallet. Of a
technology that stays a question.
"""

import re

from exportwatch.classification.clause_ends import ends_within
from exportwatch.classification.formulas import SYMBOLS
from exportwatch.classification.reading import Reading
from exportwatch.classification.text import Mention, Text

REACH = 28  # characters between a denying word and what it denies

# Names, and the small words that stand between a denial and the last name of its list.
_NAMES = ("el:", "su:", "un:", "al:", "mag:", "cl:")
_SMALL = frozenset(
    "a an any the of in no nor or and other further added all both either kind kinds heavy rare earth earths element"
    " elements content traces metallic pure und oder et ou de du des la le les y o e и или jegliche jegliches zusatz"
    " von".split()
)
_SMALL_HAN = re.compile(r"任何|其他|其它|元素|成分|重稀土|稀土|以及|或者?|及|和|与|的|等|または|および")
_JOINS = re.compile(r"(?:(?<![^\W\d_])(?:or|nor|oder|noch|ou|ni|или|ни)\s|或者?|または|又は)$")


def plainly_denied(mention: Mention, reading: Reading) -> bool:
    """Whether nothing but further names and small words stands between the denial and the name.

    ``without wooden box terbium`` may deny the box: that is a question, while ``without terbium`` is none, nor is
    ``without indium or terbium``.
    """
    before, text = _before(mention, reading), _text_of(mention, reading)
    if text is None:
        return _is_free(mention, reading)
    near = [n for n in before if _fills(text.plain, n.end, mention, reading)]
    return any(not _ended(n, mention, reading) for n in near) or _is_free(mention, reading)


def denied_in_clause(mention: Mention, reading: Reading) -> bool:
    """Whether a denying word stands shortly before the mention in its clause, or ``-free`` right behind it."""
    before = _before(mention, reading)
    return any(not _ended(n, mention, reading) for n in before) or _is_free(mention, reading)


def denied_as_part(mention: Mention, reading: Reading) -> bool:
    """Whether goods are said to come without the part, whatever is said of it: ``without spare lithium battery``,
    but not ``without pallet, lithium battery``."""
    return any(not _ended(n, mention, reading, surely=False) for n in _before(mention, reading))


def denied(mention: Mention, reading: Reading) -> bool:
    """Whether a denying word stands shortly before the mention, or ``-free`` right behind it."""
    return bool(_before(mention, reading)) or _is_free(mention, reading)


def _before(mention: Mention, reading: Reading) -> list[Mention]:
    near = reading.around("tr:negation", mention.path, mention.start - REACH, mention.start + 1)
    return [n for n in near if 0 <= mention.start - n.end <= REACH]


def _ended(negation: Mention, mention: Mention, reading: Reading, surely: bool = True) -> bool:
    """Whether the clause of the denial ends before the mention, or may do so.

    A mark right behind the denying word ends nothing: ``not included: gallium``.
    """
    text = _text_of(mention, reading)
    ends = ends_within(text, negation.end + 1, mention.start) if text else ()
    return any(end.begin <= negation.start and (end.sure or not surely) for end in ends)


def _text_of(mention: Mention, reading: Reading) -> Text | None:
    """The text in which the places of the mention are; none where another of the same path was meant."""
    text = reading.texts.get(mention.path)
    return text if text and text.plain.startswith(mention.word, mention.start) else None


def _is_free(mention: Mention, reading: Reading) -> bool:
    behind = reading.around("tr:free", mention.path, mention.end, mention.end + 2)
    return any(0 <= m.start - mention.end <= 1 for m in behind)


def _fills(plain: str, start: int, mention: Mention, reading: Reading) -> bool:
    """Whether the gap between a denial and the name holds nothing that could be denied in the place of the name."""
    if _JOINS.search(plain, start, mention.start):
        return True
    gap = list(plain[start : mention.start])
    for group in _NAMES:
        for named in reading.around(group, mention.path, start, mention.start):
            for at in range(max(named.start, start), min(named.end, mention.start)):
                gap[at - start] = " "
    words = _SMALL_HAN.sub(" ", "".join(gap)).split()
    return all(word in _SMALL or word.capitalize() in SYMBOLS for word in words)
