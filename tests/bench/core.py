"""The pure core alone: bytes in, decision bytes out, in this process and on one core.

`core-warm` decides the feed of an ERP whose materials repeat, with a memory that has seen the feed's beginning;
`core-cold` decides documents whose items are all different, so that no memory answers; `core-cold-10x` does so
under ten times the rules and long party lists; `core-feed` decides the feed as the contenders get it, with an
empty memory at the start. Prints JSON; `--profile` prints where the time goes.
"""

import argparse
import cProfile
import json
import pstats
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from bigger import snapshot
from contenders import MANY

from exportwatch.feed import Feed
from exportwatch.screening.decide import Decided, screen
from exportwatch.screening.snapshot import Snapshot
from exportwatch.streaming.collector import spare_the_collector
from exportwatch_events.documents import ShipmentEvent

WARM, COLD, COLD_10X = "core-warm", "core-cold", "core-cold-10x"
NAMES = (WARM, COLD, COLD_10X)
FEED = "core-feed"
SEED = 1
WARM_UP_DOCUMENTS = {WARM: 10_000, COLD: 500, COLD_10X: 500, FEED: 0}
DOCUMENTS = {WARM: 10_000, COLD: 3_000, COLD_10X: 3_000, FEED: MANY}
SAME_DOCUMENTS = 200
SHOWN = 25


def values(name: str, count: int, start: int = 0) -> list[bytes]:
    feed = Feed(SEED, distinct=name in (COLD, COLD_10X))
    return [record.value for record in feed.documents(count, start)]


def decide_all(documents: Sequence[bytes], under: Snapshot) -> None:
    for document in documents:
        screen(document, (), under)


def measure(name: str) -> Mapping[str, Any]:
    """Documents a second and what explains them."""
    under = snapshot(bigger=name == COLD_10X)
    decide_all(values(name, WARM_UP_DOCUMENTS[name]), under)
    documents = values(name, DOCUMENTS[name], WARM_UP_DOCUMENTS[name])
    spare_the_collector()
    asked, computed = under.things.asked, under.things.computed
    wall, cpu = time.perf_counter(), time.process_time()
    decide_all(documents, under)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    asked, computed = under.things.asked - asked, under.things.computed - computed
    return {
        "name": name,
        "documents": len(documents),
        "documents_per_second": len(documents) / wall,
        "documents_per_cpu_second": len(documents) / cpu,
        "hit_rate": 1 - computed / asked,
        "mean_bytes": sum(map(len, documents)) / len(documents),
        "entries": len(under.register.entries()),
        "validation_microseconds": microseconds(
            ShipmentEvent.__pydantic_validator__.validate_json, documents
        ),
        "parse_microseconds": microseconds(orjson.loads, documents),
    }


def microseconds(function: Any, documents: Sequence[bytes]) -> float:
    """CPU time a document."""
    started = time.process_time()
    for document in documents:
        function(document)
    return (time.process_time() - started) / len(documents) * 1e6


def check_same_decisions() -> None:
    """More rules of other things must not change a decision. Raises ValueError where they do."""
    plain, more = snapshot(bigger=False), snapshot(bigger=True)
    for name in NAMES[:2]:
        for document in values(name, SAME_DOCUMENTS):
            if items(screen(document, (), plain)) != items(screen(document, (), more)):
                raise ValueError(f"the larger pack decides otherwise: {document.decode()}")


def items(decided: Any) -> Any:
    if not isinstance(decided, Decided):
        raise ValueError(f"the feed has a document that cannot be read: {decided}")  # noqa: TRY004
    return orjson.loads(decided.value)["items"]


def profile(name: str, lines: int) -> Sequence[tuple[str, float, int]]:
    """The functions that take the most time themselves: name, share of all, calls for each document."""
    under = snapshot(bigger=name == COLD_10X)
    decide_all(values(name, WARM_UP_DOCUMENTS[name]), under)
    documents = values(name, DOCUMENTS[name], WARM_UP_DOCUMENTS[name])
    profiler = cProfile.Profile()
    profiler.runcall(decide_all, documents, under)
    stats = pstats.Stats(profiler)
    whole = stats.total_tt  # type: ignore[attr-defined]
    rows = [
        (
            f"{Path(file).name}:{function}" if file != "~" else function,
            own / whole,
            round(calls / len(documents)),
        )
        for (file, _, function), (_, calls, own, _, _) in stats.stats.items()  # type: ignore[attr-defined]
    ]
    return sorted(rows, key=lambda row: -row[1])[:lines]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=[*NAMES, FEED, "check"])
    parser.add_argument("--profile", action="store_true")
    chosen = parser.parse_args()
    if chosen.name == "check":
        check_same_decisions()
        print(json.dumps({"same_decisions": True}))
    elif chosen.profile:
        print(json.dumps(profile(chosen.name, SHOWN)))
    else:
        print(json.dumps(measure(chosen.name)))


if __name__ == "__main__":
    main()
