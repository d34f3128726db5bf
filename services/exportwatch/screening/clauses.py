"""The clauses of a text about an end use, and how far a denial in them reaches.

A denial ends with its clause, unless what follows goes on with a list that it began: ``not used for nuclear, chemical
or missile purposes``. Past the end of a sentence, a colon or a semicolon it never reaches.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

from exportwatch.classification.text import Text, comparable, readable

# A mark of which no digit follows (``1,000``), or the end of a sentence.
_ENDS = re.compile(r"(?<=[,;:，；：。、!?！？\n])(?!\d)|(?<=\.)\s")
_SOFT = (",", "，", "、")
_JOINS = r"(?:or|nor|and/or|oder|und|noch|ou|ni|y|и|или|ни|或者?|及|以及|和|または|又は|および|及び)"
_GOES_ON = re.compile(
    rf"(?:{_JOINS}|including|such as|e\.g\.|insbesondere|notamment|包括|如)(?![a-zа-я])", re.IGNORECASE
)
_HAS_JOIN = re.compile(
    r"\b(?:or|nor|oder|noch|ou|ni|или|ни)\b|[或及]|または|又は|および|\band\b|\bund\b", re.IGNORECASE
)
_TURNS = re.compile(
    r"(?:for|used?|only|but|is|are|intended|destined|用于|用作|供|仅|只|für|wird|pour|para|для)(?![a-zа-я])",
    re.IGNORECASE,
)
_LIST_WORDS, _LIST_SIGNS = 6, 60  # words and characters of one member of a list, at most
_FILLER = frozenset(
    "a an the any all other end no of or nor and in to for by be being use uses used purpose purposes user users"
    " kind type form application applications either neither nuclear related foreign sold resold supplied exported"
    " transferred diverted intended directly indirectly including such as и или oder und ou et".split()
)
_FILLER_HAN = re.compile(
    r"任何(?:形式的?|一切)?|用于|最终|用途|领域|方面|相关|有关|用户|以及|或者?|及|和|与|的|其他|、"
)
_GAP = 60  # characters


@dataclass(frozen=True, slots=True)
class Clauses:
    """A text, where each of its clauses begins, and for each the first clause of the list that it goes on with."""

    text: Text
    starts: tuple[int, ...]
    first: tuple[int, ...]

    def reaches(self, denied_from: int, start: int) -> bool:
        """Whether what is denied from the first place on may still be denied at the second."""
        return self.first[self._at(start)] <= self._at(max(denied_from - 1, 0))

    def fills(self, denied_from: int, start: int) -> bool:
        """Whether nothing stands between the two places but the words that a denial needs to reach its object."""
        if start - denied_from > _GAP or not self.reaches(denied_from, start):
            return False
        gap = _FILLER_HAN.sub(" ", self.text.plain[denied_from:start])
        return all(word in _FILLER for word in gap.split())

    def _at(self, place: int) -> int:
        return max(bisect_right(self.starts, place) - 1, 0)


def clauses_of(raw: str) -> Clauses:
    """The clauses of a text. Linear in the text."""
    shown = readable(raw)
    pieces = [(piece.strip(), comparable(piece)) for piece in _ENDS.split(shown)]
    pieces = [piece for piece in pieces if piece[1].strip(".!? ")]
    starts: list[int] = []
    first: list[int] = []
    at = 0
    for index, (_, plain) in enumerate(pieces):
        starts.append(at)
        at += len(plain) + 1
        goes_on = index > 0 and _goes_on([written for written, _ in pieces[index - 1 : index + 3]])
        first.append(first[-1] if goes_on else index)
    return Clauses(
        Text("", shown, " ".join(plain for _, plain in pieces)), tuple(starts or [0]), tuple(first or [0])
    )


def _goes_on(written: list[str]) -> bool:
    """Whether the second clause goes on with the list of the first; two more stand behind, where there are."""
    before, here, *behind = written
    if not before.endswith(_SOFT):
        return False
    if _GOES_ON.match(here):
        return True
    if _TURNS.match(here) or not _is_member(here):
        return False
    joined = _HAS_JOIN.search(here) or (here.endswith(_SOFT) and any(_HAS_JOIN.search(one) for one in behind))
    return bool(joined) or before.endswith("、")


def _is_member(clause: str) -> bool:
    return len(clause) <= _LIST_SIGNS and len(clause.split()) <= _LIST_WORDS
