"""What was measured, as values, and what it is held against."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from contenders import AWAITED, LOOP, OURS, QUIX, UNAWAITED, WAX
from core import COLD, COLD_10X, FEED, WARM
from latency import Latency
from race import Run

# The core on the contenders' feed, in the peers' environment.
FEED_OF_PEERS = "core-feed-of-peers"


@dataclass(slots=True)
class Results:
    """Everything of one benchmark: runs by name, in the order in which they were made."""

    machine: str
    load_before: float
    races: dict[str, list[Run]] = field(default_factory=dict)
    cores: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    latencies: Sequence[Latency] = ()
    profile: Sequence[tuple[str, float, int]] = ()
    failures: list[str] = field(default_factory=list)  # names of peers, once for each run that began anew

    def rates(self, name: str) -> list[float]:
        """Documents a second of each run."""
        if name in self.races:
            return [run.documents_per_second for run in self.races[name]]
        return [one["documents_per_second"] for one in self.cores[name]]

    def rates_by_cpu(self, name: str) -> list[float]:
        """Documents for each second of CPU."""
        if name in self.races:
            return [run.documents_per_cpu_second for run in self.races[name]]
        return [one["documents_per_cpu_second"] for one in self.cores[name]]

    def rate(self, name: str) -> float:
        return median(self.rates(name))

    def microseconds(self, name: str) -> float:
        """CPU time of a document."""
        return 1e6 / median(self.rates_by_cpu(name))

    def has(self, *names: str) -> bool:
        return all(name in self.races or name in self.cores for name in names)

    def summary(self) -> list[Mapping[str, Any]]:
        """The content of bench.json; `runs` are the documents a second of each run."""
        return [
            {
                "name": name,
                "documents_per_second": round(self.rate(name), 1),
                "documents_per_cpu_second": round(median(self.rates_by_cpu(name)), 1),
                "runs": [round(rate, 1) for rate in self.rates(name)],
            }
            for name in (*self.races, *self.cores)
            if name not in (FEED, FEED_OF_PEERS)
        ]


@dataclass(frozen=True, slots=True)
class Target:
    """A figure to reach: at least `bound`, or at most where `at_most`; asked only where `names` were measured."""

    what: str
    names: tuple[str, ...]
    value: Callable[[Results], float]
    bound: float
    unit: str = ""
    at_most: bool = False

    def reached(self, results: Results) -> bool:
        value = self.value(results)
        return value <= self.bound if self.at_most else value >= self.bound


def times(peer: str, bound: float) -> Target:
    return Target(f"screening over {peer}", (OURS, peer), lambda r: r.rate(OURS) / r.rate(peer), bound, "×")


TARGETS = (
    times(AWAITED, 5),
    times(UNAWAITED, 2),
    times(QUIX, 1),
    times(WAX, 0.95),
    times(LOOP, 0.9),
    Target("core-warm", (WARM,), lambda r: r.rate(WARM), 20_000, " documents/s"),
    Target("core-cold", (COLD,), lambda r: r.rate(COLD), 3_000, " documents/s"),
    Target(
        "cost of a cold document under 10× the entries and 25,000 list parties",
        (COLD, COLD_10X),
        lambda r: r.microseconds(COLD_10X) / r.microseconds(COLD),
        1.2,
        "×",
        at_most=True,
    ),
)
LATENCY = Target(
    "p99 of alert latency at 1,000 documents/s",
    (),
    lambda r: median(one.p99 for one in r.latencies),
    100,
    " ms",
    at_most=True,
)
