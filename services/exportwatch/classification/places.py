"""Mentions by their place: which of them stand near another, without a look at each for each."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

from exportwatch.classification.text import Mention

LONGEST_TERM = 100  # characters: no term of the tables is longer
_start = attrgetter("start")


class Places:
    """Mentions of one text, in its order."""

    __slots__ = ("_ordered",)

    def __init__(self, mentions: Iterable[Mention] = ()) -> None:
        self._ordered = sorted(mentions, key=_start)

    def around(self, begin: int, end: int) -> Sequence[Mention]:
        """Those that lie in or reach into ``begin`` to ``end``. Cost does not grow with the number of the others."""
        first = bisect_left(self._ordered, begin - LONGEST_TERM, key=_start)
        last = bisect_left(self._ordered, end, key=_start)
        return [m for m in self._ordered[first:last] if m.end >= begin]

    def within(self, reach: int, mention: Mention) -> Sequence[Mention]:
        """Those with at most ``reach`` characters between them and the mention."""
        return self.around(mention.start - reach, mention.end + reach + 1)

    def nearest(self, mention: Mention) -> Mention | None:
        """The one with the fewest characters between; the earlier of two. The mentions are of one kind, so that
        none holds another and only the neighbours in the order of the text can be the nearest."""
        place = bisect_left(self._ordered, mention.start, key=_start)
        beside = self._ordered[max(0, place - 1) : place + 1]
        return min(beside, key=mention.gap, default=None)


NOWHERE = Places()


def by_path(mentions: Iterable[Mention]) -> Mapping[str, list[Mention]]:
    """The mentions of each text, in the order of the texts."""
    found: dict[str, list[Mention]] = {}
    for mention in mentions:
        found.setdefault(mention.path, []).append(mention)
    return found


def places(mentions: Iterable[Mention]) -> Mapping[str, Places]:
    return {path: Places(own) for path, own in by_path(mentions).items()}
