"""Where the clauses of a trade text end, in the places of its comparable form: no denial reaches past such an end.

What surely ends one is a sentence, a semicolon, a colon, and the bracket in which the denial stands. A comma, a dash
between spaces and a space between Han may as well go on with the list of what is denied. Linear in the text.
"""

import re
from bisect import bisect_left
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from exportwatch.classification.text import Text, comparable

_ABBREVIATED = 4  # letters: a point behind no more of them ends a word, not a sentence
_HAN = r"[㐀-䶿一-鿿]"
_MARK = re.compile(
    rf"[;:](?!\d)|。|[!?](?=\s)|(?<=[^\W\d_]{{{_ABBREVIATED + 1}}})\.(?=\s)|(?P<open>[(\[{{【])|(?P<close>[)\]}}】])"
    rf"|(?P<soft>,(?!\d)|\s[-–—]\s|(?<={_HAN})\s(?={_HAN}))"
)
_KEPT = "!?."  # the marks that stay in the comparable form


class ClauseEnd(NamedTuple):
    """What begins at ``begin`` or later and ends by ``place`` does not reach past ``place``: surely, or perhaps."""

    begin: int
    place: int
    sure: bool = True


_place = attrgetter("place")


def ends_within(text: Text, begin: int, end: int) -> tuple[ClauseEnd, ...]:
    """The ends of clauses from ``begin`` to ``end``, both inclusive."""
    known = clause_ends(text)
    first = bisect_left(known, begin, key=_place)
    return known[first : bisect_left(known, end + 1, lo=first, key=_place)]


@lru_cache(maxsize=16)  # a text is asked for again with each name in it
def clause_ends(text: Text) -> tuple[ClauseEnd, ...]:
    """In the order of the text; none where its comparable form cannot be followed mark by mark."""
    ends: list[ClauseEnd] = []
    opened: list[int] = []
    pieces: list[str] = []
    place = last = 0
    for match in _MARK.finditer(text.shown):
        kept = match.group() if match.group() in _KEPT else ""
        place = _append(pieces, text.shown[last : match.start()] + kept, place)
        last = match.end()
        if match["open"]:
            opened.append(place)
        elif not match["close"]:
            ends.append(ClauseEnd(0, place, not match["soft"]))
        elif opened:
            ends.append(ClauseEnd(opened.pop(), place))
    if not ends:
        return ()
    _append(pieces, text.shown[last:], place)
    return tuple(ends) if " ".join(pieces) == text.plain else ()


def _append(pieces: list[str], shown: str, place: int) -> int:
    """The place behind the piece, once it is added to those before it."""
    plain = comparable(shown)
    if not plain:
        return place
    pieces.append(plain)
    return place + len(plain) + (1 if place else 0)
