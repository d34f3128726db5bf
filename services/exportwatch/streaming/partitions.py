"""What is known of each input partition: how far it was delivered, finished and committed; where it starts.

Pure bookkeeping; it knows no client. A batch is committed only when it and all before it are finished, in the
order of delivery. Holes between offsets (compaction, transaction markers) do not matter: batches are counted,
not offsets.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from exportwatch.broker.refusals import Right, lacks_topics
from exportwatch.errors import ConfigError


class TP(NamedTuple):
    """A topic's partition."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}"


@dataclass(eq=False, slots=True)
class Ticket:
    """One delivered batch of a partition; `end` is the offset behind its last record.

    `open` while work on it may go on; it is not `done`, and is never committed, where that was given up.
    """

    tp: TP
    end: int
    open: bool = True
    done: bool = False


@dataclass(eq=False, slots=True)
class Track:
    """The batches of one partition since it was placed, oldest first."""

    finished_to: int
    committed_to: int | None
    delivered_to: int
    batches: deque[Ticket] = field(default_factory=deque)

    def advance(self) -> int:
        """The offset that may be committed: the end of the finished head."""
        while self.batches and self.batches[0].done:
            self.finished_to = self.batches.popleft().end
        return self.finished_to


class Watermarks:
    """The tracks of the partitions that this worker has."""

    def __init__(self) -> None:
        self._tracks: dict[TP, Track] = {}
        self._open = 0

    def place(self, tp: TP, start: int, committed: int | None) -> None:
        """Deliveries begin at `start`. Earlier tickets of the partition count no more."""
        self.clear([tp])
        self._tracks[tp] = Track(start, committed, start)

    def clear(self, partitions: Iterable[TP]) -> None:
        """Forget them, after a revocation or before a seek."""
        for tp in partitions:
            track = self._tracks.pop(tp, None)
            if track is not None:
                for ticket in track.batches:
                    self._close(ticket)

    def deliver(self, tp: TP, end: int) -> Ticket:
        ticket = Ticket(tp, end)
        track = self._tracks[tp]
        track.batches.append(ticket)
        track.delivered_to = end
        self._open += 1
        return ticket

    def finish(self, ticket: Ticket) -> None:
        """All that follows from the batch is acknowledged. A ticket from before a `clear` changes nothing."""
        self._close(ticket)
        ticket.done = True

    def give_up(self, ticket: Ticket) -> None:
        """Nobody works on it any more; it and what lies behind it stays uncommitted."""
        self._close(ticket)

    def _close(self, ticket: Ticket) -> None:
        self._open -= ticket.open
        ticket.open = False

    def is_placed(self, tp: TP) -> bool:
        return tp in self._tracks

    def is_current(self, ticket: Ticket) -> bool:
        """Delivered since the partition was last placed, and not yet committed."""
        track = self._tracks.get(ticket.tp)
        return track is not None and any(ticket is known for known in track.batches)

    @property
    def unfinished(self) -> int:
        """Batches that are being worked on, of all partitions."""
        return self._open

    @property
    def delivered(self) -> dict[TP, int]:
        """The offset behind the last delivered record of each partition."""
        return {tp: track.delivered_to for tp, track in self._tracks.items()}

    @property
    def placed(self) -> frozenset[TP]:
        return frozenset(self._tracks)

    def committable(self) -> dict[TP, int]:
        """Offsets to commit now; the same again until `committed` is told."""
        ready = {tp: track.advance() for tp, track in self._tracks.items()}
        return {tp: offset for tp, offset in ready.items() if offset != self._tracks[tp].committed_to}

    def committed(self, offsets: Mapping[TP, int]) -> None:
        for tp, offset in offsets.items():
            if tp in self._tracks:
                self._tracks[tp].committed_to = offset


@dataclass(frozen=True, slots=True)
class Gap:
    """Records between the committed offset and the first that the log still holds."""

    tp: TP
    committed: int
    log_start: int

    @property
    def records(self) -> int:
        return self.log_start - self.committed


class GapError(ConfigError):
    """Retention ran over a committed offset; the operator decides whether to go on."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the broker says of a partition; `committed` is None where the group never committed."""

    committed: int | None
    log_start: int
    log_end: int


@dataclass(frozen=True, slots=True)
class Start:
    """Where a partition's deliveries begin, and the gap before that, if there is one."""

    offset: int
    committed: int | None
    gap: Gap | None = None


def start_of(tp: TP, bounds: Bounds, accepted: Mapping[tuple[str, int], int]) -> Start:
    """Where to begin. Raises GapError where records are missing that nobody accepted.

    `accepted` maps topic and partition to the offset before which records may be missing. A committed offset
    behind the end of the log means that the topic was made anew: it is read from its start.
    """
    committed = bounds.committed
    if committed is None or committed > bounds.log_end:
        return Start(bounds.log_start, None)
    if committed >= bounds.log_start:
        return Start(committed, committed)
    gap = Gap(tp, committed, bounds.log_start)
    if accepted.get((tp.topic, tp.partition), -1) < bounds.log_start:
        raise GapError(
            f"{gap.records} offsets were deleted before they were screened: the log begins at "
            f"{gap.log_start}, the group had committed {gap.committed}",
            file=f"topic {tp.topic}",
            key=f"partition {tp.partition}",
            hint=f"to go on without them, set EXPORTWATCH_ACCEPT_GAPS={tp}@{gap.log_start}",
        )
    return Start(bounds.log_start, committed, gap)


def check_topics(
    found: Mapping[str, int], needed: Mapping[str, Right], fixed: Mapping[str, int], brokers: str
) -> None:
    """Raises ConfigError for a topic that is missing or not shown to us, or whose fixed partition count differs.

    `needed` says what we need on each; `found` and `fixed` map topics to partition counts: of the cluster and of
    the registry.
    """
    absent = {topic: right for topic, right in needed.items() if topic not in found}
    if absent:
        raise lacks_topics(absent, brokers)
    for topic, count in fixed.items():
        if topic in found and found[topic] != count:
            raise ConfigError(
                "documents would be looked for in the wrong partitions",
                file=f"topic {topic}",
                key="partitions",
                found=str(found[topic]),
                expected=str(count),
            )
