"""Which canaries are out, and how far each has come. Values in, values out; times are seconds of one clock."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Leg(StrEnum):
    """A part of the way: from publication to the decision, from there until alerting is done with it."""

    SCREENING = "screening"
    ALERTING = "alerting"


class Place(NamedTuple):
    """Where the decision on a canary lies."""

    partition: int
    offset: int


@dataclass(slots=True)
class Rounds:
    """Canaries by event id; forgotten when the whole way is behind them, or after ``most`` newer ones."""

    most: int = 10_000
    _sent: dict[str, float] = field(default_factory=dict)
    _decided: dict[str, tuple[float, Place]] = field(default_factory=dict)

    def sent(self, event_id: str, at: float) -> None:
        self._sent[event_id] = at
        while len(self._sent) > self.most:
            del self._sent[next(iter(self._sent))]

    def decided(self, event_id: str, place: Place, at: float) -> float | None:
        """Seconds since publication; None where that canary is not ours or was answered before."""
        begun = self._sent.pop(event_id, None)
        if begun is None:
            return None
        self._decided[event_id] = (begun, place)
        while len(self._decided) > self.most:
            del self._decided[next(iter(self._decided))]
        return at - begun

    def committed(self, offsets: dict[int, int], at: float) -> list[float]:
        """Alerting is done with everything before these offsets: the ages of the canaries among it."""
        behind = [
            event_id
            for event_id, (_, place) in self._decided.items()
            if offsets.get(place.partition, 0) > place.offset
        ]
        return [at - self._decided.pop(event_id)[0] for event_id in behind]

    def missing(self, at: float, limit: float) -> dict[Leg, int]:
        """How many canaries have been out for longer than ``limit``, by the leg on which they are."""
        return {
            Leg.SCREENING: sum(at - begun > limit for begun in self._sent.values()),
            Leg.ALERTING: sum(at - begun > limit for begun, _ in self._decided.values()),
        }
