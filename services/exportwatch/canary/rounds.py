"""Which canaries are out, and how far each has come. Values in, values out; times are seconds of one clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeVar

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
    """A canary of which there is no decision yet."""

    to: TP
    begun: float


class Decided(NamedTuple):
    """A canary with which alerting is not done yet."""

    to: TP
    begun: float
    place: Place


OutT = TypeVar("OutT", Published, Decided)


@dataclass(slots=True)
class Rounds:
    """Canaries by event id, oldest first.

    One is forgotten when the whole way is behind it, or when one that was sent to the same input partition after it
    was answered: those of a partition are answered in order, so that it was never written (the broker did not take
    it) or comes no more. After `most` newer ones it is forgotten, too.
    """

    most: int = 10_000
    _sent: dict[str, Published] = field(default_factory=dict)
    _decided: dict[str, Decided] = field(default_factory=dict)

    def sent(self, event_id: str, to: TP, at: float) -> None:
        """It is about to be published to that input partition; whether the broker takes it is not known yet."""
        self._sent[event_id] = Published(to, at)
        while len(self._sent) > self.most:
            del self._sent[next(iter(self._sent))]

    def decided(self, event_id: str, place: Place, at: float) -> float | None:
        """Seconds since publication; None where that canary is not ours or was answered before."""
        if event_id not in self._sent:
            return None
        to, begun = _answered(self._sent, event_id)
        self._decided[event_id] = Decided(to, begun, place)
        while len(self._decided) > self.most:
            del self._decided[next(iter(self._decided))]
        return at - begun

    def committed(self, offsets: Mapping[int, int], at: float) -> list[float]:
        """Alerting is done with everything before these offsets: the ages of the canaries among it."""
        behind = [
            (event_id, at - one.begun)
            for event_id, one in self._decided.items()
            if offsets.get(one.place.partition, 0) > one.place.offset
        ]
        for event_id, _ in behind:
            if event_id in self._decided:
                _answered(self._decided, event_id)
        return [age for _, age in behind]

    def missing(self, at: float, limit: float) -> dict[Leg, int]:
        """How many canaries have been out for longer than `limit`, by the leg on which they are."""
        return {
            Leg.SCREENING: sum(at - one.begun > limit for one in self._sent.values()),
            Leg.ALERTING: sum(at - one.begun > limit for one in self._decided.values()),
        }


def _answered(out: dict[str, OutT], event_id: str) -> OutT:
    """Take it from those that are out, and with it those that went to its partition before it."""
    answered = out[event_id]
    for known in [known for known, one in out.items() if one.to == answered.to]:
        del out[known]
        if known == event_id:
            break
    return answered
