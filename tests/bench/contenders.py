"""Who takes part: our service and its peers, each a process that reads, decides, writes and commits."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
ROOT = Path(__file__).parents[2]
SNAPSHOT_SECONDS = "1"
# Who is slower gets fewer, so that each run takes seconds.
FEW, SOME, MANY = 3_000, 10_000, 40_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a contender runs: the broker, the group and partitions of its own, a folder for what it keeps."""

    bootstrap: str
    group: str
    partitions: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Contender:
    """`command` in the peers' environment, or our service where it is None; stopped after `documents`."""

    name: str
    what: str
    command: tuple[str, ...] | None
    documents: int = MANY

    def prepared(self, place: Place, python: Path) -> Sequence[Sequence[str]]:
        """The command lines to run: all but the last are preparations."""
        if self.command is None:
            return ((sys.executable, "-m", "exportwatch", "run", self.name),)
        if self.command[0] != BYTEWAX:
            return ((str(python), str(PEERS / self.command[0]), *self.command[1:]),)
        store = place.folder / "recovery"
        store.mkdir(parents=True)
        return (
            (str(python), "-m", "bytewax.recovery", str(store), "1"),
            (str(python), "-m", "bytewax.run", BYTEWAX, "-r", str(store), "-s", SNAPSHOT_SECONDS, "-b", "0"),
        )

    def environment(self, place: Place) -> Mapping[str, str]:
        if self.command is None:
            return worker_environment(place)
        sources = (PEERS, ROOT / "services", ROOT / "schemas")
        return {
            "BENCH_BOOTSTRAP": place.bootstrap,
            "BENCH_GROUP": place.group,
            "BENCH_PARTITIONS": str(place.partitions),
            "PYTHONPATH": ":".join(map(str, sources)),
        }


def worker_environment(place: Place) -> Mapping[str, str]:
    """Of one of our workers: its defaults, but for where it works."""
    return {
        "EXPORTWATCH_BOOTSTRAP_SERVERS": place.bootstrap,
        "EXPORTWATCH_GROUP_PREFIX": place.group,
        "EXPORTWATCH_OPS_PORT": "0",
        "EXPORTWATCH_DATADIR": str(place.folder),
    }


BYTEWAX = "bytewax_flow:flow"
OURS = "screening"
AWAITED, UNAWAITED, LOOP, QUIX, WAX = "faust-awaited", "faust-unawaited", "aiokafka", "quix", "bytewax"
CONTENDERS = (
    Contender(OURS, "our service: Faust agents on the batch lane", None),
    Contender(AWAITED, "stock Faust agent, each send awaited, linger 0", ("faust_agents.py", "awaited"), FEW),
    Contender(
        UNAWAITED,
        "stock Faust agent, sends not awaited (may lose records)",
        ("faust_agents.py", "unawaited"),
        SOME,
    ),
    Contender(
        "faust-take", "stock Faust agent, `take(1000)`, sends gathered", ("faust_agents.py", "take"), SOME
    ),
    Contender(LOOP, "bare `getmany`, `send`, wait, commit", ("aiokafka_loop.py",)),
    Contender(QUIX, "Quix Streams, its defaults", ("quix_app.py",)),
    Contender(WAX, "Bytewax, its defaults, a snapshot each second", (BYTEWAX,)),
)
