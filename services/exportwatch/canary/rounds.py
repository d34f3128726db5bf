"""Which canaries are out, and how far each has come. Values in, values out; times are seconds of one clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple

from exportwatch.streaming.partitions import TP


class Leg(StrEnum):
    """A part of the way: from publication to the decision, from there until alerting is done with it."""

    SCREENING = "screening"
    ALERTING = "alerting"


class Place(NamedTuple):
    """Where the decision on a canary lies."""

    partition: int
    offset: int


class Published(NamedTuple):
    """A canary of which there is no decision yet. ``written``: the broker said that it has it."""

    to: TP
    begun: float
    written: bool = False


class Decided(NamedTuple):
    """A canary with which alerting is not done yet."""

    begun: float
    place: Place


@dataclass(slots=True)
class Rounds:
    """Canaries by event id, oldest first.

    One is forgotten when the whole way is behind it, or after `most` newer ones. One of which the broker never said
    that it has it is forgotten, too, when a later one of its input partition is answered: answers come in order, so
    that it was never written. One that was written and has no answer is a record lost, and stays missing.
    """

    most: int = 10_000
    _sent: dict[str, Published] = field(default_factory=dict)
    _decided: dict[str, Decided] = field(default_factory=dict)

    def sent(self, event_id: str, to: TP, at: float) -> None:
        """It is about to be published to that input partition; whether the broker takes it is not known yet."""
        self._sent[event_id] = Published(to, at)
        while len(self._sent) > self.most:
            del self._sent[next(iter(self._sent))]

    def written(self, event_id: str) -> None:
        """The broker has it; its answer may have come before."""
        if event_id in self._sent:
            self._sent[event_id] = self._sent[event_id]._replace(written=True)

    def decided(self, event_id: str, place: Place, at: float) -> float | None:
        """Seconds since publication; None where that canary is not ours or was answered before."""
        answered = self._sent.get(event_id)
        if answered is None:
            return None
        self._forget_unwritten(event_id, answered.to)
        del self._sent[event_id]
        self._decided[event_id] = Decided(answered.begun, place)
        while len(self._decided) > self.most:
            del self._decided[next(iter(self._decided))]
        return at - answered.begun

    def _forget_unwritten(self, answered: str, to: TP) -> None:
        """Those that went to the partition before the answered one and of which nobody knows whether they arrived."""
        before = takewhile(lambda known: known != answered, self._sent)
        for known in [k for k in before if self._sent[k].to == to and not self._sent[k].written]:
            del self._sent[known]

    def committed(self, offsets: Mapping[int, int], at: float) -> list[float]:
        """Alerting is done with everything before these offsets: the ages of the canaries among it."""
        behind = [
            event_id
            for event_id, one in self._decided.items()
            if offsets.get(one.place.partition, 0) > one.place.offset
        ]
        return [at - self._decided.pop(event_id).begun for event_id in behind]

    def missing(self, at: float, limit: float) -> dict[Leg, int]:
        """How many canaries have been out for longer than `limit`, by the leg on which they are."""
        return {
            Leg.SCREENING: sum(at - one.begun > limit for one in self._sent.values()),
            Leg.ALERTING: sum(at - one.begun > limit for one in self._decided.values()),
        }
