"""When too much of an input partition goes to quarantine: it stands still until the operator lets it go on.

The state is in the quarantine topic alone: records with their source, and markers (`paused`, `resumed`)
among them. A worker reads the end of that topic when it gets a partition and follows it (`quarantine_tail`), so
that neither a restart nor a rebalance forgets a pause, and a resume reaches whoever has the partition. Pure; time
is an argument, in seconds.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from exportwatch.streaming.partitions import TP
from exportwatch.streaming.wire import Marker, Source, last_headers, marker_of
from exportwatch_events.catalogue import HEADER_SOURCE

# Of each quarantine partition; far more than any limit, and read in a moment.
TAIL_RECORDS = 2000
# A pause is written again when so many records lie behind it, well before it leaves the end of the topic; and each
# day, or retention would take it.
FADING_RECORDS = 500
FADING_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Limit:
    """More than `records` and more than `share` of one input partition within `window_seconds`."""

    records: int = 100
    share: float = 0.2
    window_seconds: float = 60.0


class Count(NamedTuple):
    at: float
    consumed: int
    quarantined: int


class Tally:
    """What one input partition gave within the window."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._counts: deque[Count] = deque()

    def add(self, count: Count) -> None:
        self._counts.append(count)

    def allows(self, more: Count) -> bool:
        """Whether the limit holds with `more` counted, at its time."""
        while self._counts and self._counts[0].at <= more.at - self._limit.window_seconds:
            self._counts.popleft()
        quarantined = more.quarantined + sum(count.quarantined for count in self._counts)
        consumed = more.consumed + sum(count.consumed for count in self._counts)
        return quarantined <= self._limit.records or quarantined <= self._limit.share * consumed


class Guard:
    """The pauses of the input partitions, by the limit and by the markers of the quarantine topic."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._tallies: dict[TP, Tally] = {}
        self._paused_at: dict[TP, int] = {}
        self._allowed_to: dict[TP, int] = {}

    @property
    def paused(self) -> Mapping[TP, int]:
        """Partitions that stand still, and the offset at which they do."""
        return dict(self._paused_at)

    def admit(self, tp: TP, now: float, offsets: Sequence[int], bad: Iterable[int]) -> bool:
        """Count a batch; False, and the partition is paused from then on, where it breaks the limit.

        `bad` are the offsets that would go to quarantine. What an operator allowed does not count.
        """
        allowed_to = self._allowed_to.get(tp, 0)
        counted = [offset for offset in bad if offset >= allowed_to]
        count = Count(now, sum(offset >= allowed_to for offset in offsets), len(counted))
        tally = self._tallies.setdefault(tp, Tally(self._limit))
        if count.quarantined and not tally.allows(count):
            # Not before `allowed_to`: what would pause there is over, and its marker void.
            self._paused_at[tp] = max(offsets[0], allowed_to)
            return False
        tally.add(count)
        return True

    def begin(self, tp: TP, history: "History | None") -> None:
        """Take over a partition with what the quarantine topic says of it."""
        history = history or History(deque())
        tally = self._tallies[tp] = Tally(self._limit)
        previous: int | None = None
        for at, offset in history.quarantined:
            if offset >= history.allowed_to:
                consumed = 1 if previous is None else max(1, offset - previous)
                tally.add(Count(at, consumed, 1))
            previous = offset
        self._allowed_to[tp] = history.allowed_to
        self._paused_at.pop(tp, None)
        if history.paused_at is not None:
            self._paused_at[tp] = history.paused_at

    def end(self, tp: TP) -> None:
        """Another worker has it."""
        for known in (self._tallies, self._paused_at, self._allowed_to):
            known.pop(tp, None)

    def resume(self, tp: TP, until: int) -> bool:
        """Go on; records before `until` do not count. True where the partition stood still.

        A resume that was applied before, or is older than the pause, changes nothing: the topic may be read again.
        """
        if until <= max(self._paused_at.get(tp, 0), self._allowed_to.get(tp, 0)):
            return False
        self._tallies[tp] = Tally(self._limit)
        self._allowed_to[tp] = until
        return self._paused_at.pop(tp, None) is not None


@dataclass(slots=True)
class History:
    """What the quarantine topic's end says of one input partition; records before a resume do not count."""

    quarantined: deque[tuple[float, int]]
    paused_at: int | None = None
    allowed_to: int = 0


class Note(NamedTuple):
    """A record of the quarantine topic, as far as the limit is concerned."""

    source: Source
    at: float
    marker: Marker | None
    until: int

    @property
    def tp(self) -> TP:
        return TP(self.source.topic, self.source.partition)


def read_note(headers: Iterable[tuple[str, bytes | None]], value: bytes | None, at: float) -> Note | None:
    """None for a record that is not ours: anybody may write to a topic."""
    headers = tuple(headers)
    source = Source.read(last_headers(headers).get(HEADER_SOURCE))
    if source is None:
        return None
    told = marker_of(headers)
    if told is None:
        return Note(source, at, None, 0)
    try:
        marker = Marker(told.decode())
        until = int(orjson.loads(value or b"{}").get("until", 0))
    except (ValueError, TypeError, AttributeError):
        return None
    return Note(source, at, marker, until)


def fold_note(histories: dict[TP, History], note: Note) -> None:
    """Notes of one input partition come in the order in which they were written."""
    history = histories.setdefault(note.tp, History(deque(maxlen=TAIL_RECORDS)))
    match note.marker:
        case None:
            history.quarantined.append((note.at, note.source.offset))
        case Marker.PAUSED:
            # One before `allowed_to` was written again while its resume was on the way.
            if note.source.offset >= history.allowed_to:
                history.paused_at = note.source.offset
        case Marker.RESUMED:
            history.quarantined.clear()
            history.paused_at, history.allowed_to = None, note.until
        case Marker.GAP | Marker.REPLAYED | Marker.DROPPED:
            pass


class Mark(NamedTuple):
    """Where the newest `paused` marker of an input partition stands in its partition of the quarantine topic."""

    offset: int
    at: float

    def is_fading(self, end: int, now: float) -> bool:
        """Whether who begins to read at the end of the topic will soon pass it over."""
        return end - self.offset > FADING_RECORDS or now - self.at > FADING_SECONDS
