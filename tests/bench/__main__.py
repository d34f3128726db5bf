"""`make bench`: our service and its peers side by side on one broker, the pure core alone, alert latency.

Contenders take turns, round by round, so that a slow minute of the machine meets all of them.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import latency
import report
from cluster import Cluster
from contenders import CONTENDERS, ROOT, Contender
from core import FEED, NAMES, SEED, WARM
from cores import machine, on_cores, other_cores, worker_core
from race import Run, Track, WorkerLeftError
from results import FEED_OF_PEERS, LATENCY, TARGETS, Results

from exportwatch.broker.local import LocalBroker
from exportwatch.erp import publish
from exportwatch.feed import Feed
from exportwatch_events.catalogue import SHIPMENTS

CORE = Path(__file__).with_name("core.py")
PEERS_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
ALERT_LATENCY = "latency"
MOST_ATTEMPTS = 3
EVERYTHING = (*(one.name for one in CONTENDERS), *NAMES, ALERT_LATENCY)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--only", nargs="+", choices=EVERYTHING, help="a look; docs/performance.md is left alone"
    )
    chosen = parser.parse_args()
    wanted = frozenset(chosen.only or EVERYTHING)
    core = worker_core()
    results = Results(machine(), os.getloadavg()[0])
    began = time.monotonic()
    measure_core(results, [name for name in NAMES if name in wanted], chosen.rounds, core)
    contenders = [one for one in CONTENDERS if one.name in wanted]
    with on_cores(other_cores(core)), LocalBroker(ROOT / ".cache") as broker:
        cluster = Cluster(broker.bootstrap)
        cluster.provide()
        if ALERT_LATENCY in wanted:
            say("alert latency at a steady rate")
            results.latencies = latency.measure(cluster, core, chosen.rounds)
        if contenders:
            race(results, contenders, chosen.rounds, (cluster, core))
    report.write(results)
    if chosen.only is None:
        report.write_page(results)
    show(results)
    say(f"took {(time.monotonic() - began) / 60:.1f} minutes; {report.JSON.relative_to(ROOT)} is written")
    return 0


def measure_core(results: Results, names: Sequence[str], rounds: int, core: int) -> None:
    """Each in a process of its own, so that none warms another's caches."""
    if not names:
        return
    say("the pure core")
    run_core(sys.executable, core, "check")
    for _ in range(rounds):
        for name in names:
            results.cores.setdefault(name, []).append(run_core(sys.executable, core, name))
    results.profile = run_core(sys.executable, core, WARM, "--profile")


def race(results: Results, contenders: Sequence[Contender], rounds: int, where: tuple[Cluster, int]) -> None:
    cluster, core = where
    cluster.empty(SHIPMENTS)
    documents = max(one.documents for one in contenders)
    publish({"bootstrap_servers": [cluster.bootstrap]}, Feed(SEED).documents(documents))
    track = Track(cluster, core, PEERS_PYTHON)
    for number in range(1, rounds + 1):
        results.cores.setdefault(FEED, []).append(run_core(sys.executable, core, FEED))
        results.cores.setdefault(FEED_OF_PEERS, []).append(run_core(str(PEERS_PYTHON), core, FEED))
        for one in contenders:
            run = finished(track, one, results)
            results.races.setdefault(one.name, []).append(run)
            say(f"round {number}: {one.name} {run.documents_per_second:,.0f} documents/s")


def finished(track: Track, one: Contender, results: Results) -> Run:
    """A peer that does not get through may try again, which is told; our service may not."""
    for _ in range(MOST_ATTEMPTS - 1):
        try:
            return track.run(one, one.documents)
        except WorkerLeftError as error:
            if one.command is None:
                raise
            results.failures.append(one.name)
            say(f"{one.name}: {error}")
    return track.run(one, one.documents)


def run_core(python: str, core: int, *arguments: str) -> Any:
    sources = os.pathsep.join(str(ROOT / name) for name in ("services", "schemas"))
    with on_cores(frozenset([core])):
        done = subprocess.run(
            [python, str(CORE), *arguments],
            env=os.environ | {"PYTHONPATH": sources},
            stdout=subprocess.PIPE,
            check=True,
        )
    return json.loads(done.stdout)


def show(results: Results) -> None:
    """The figures in brief; a target that is not reached is said, and is no failure."""
    for one in results.summary():
        say(f"{one['name']:16} {one['documents_per_second']:>10,.0f} documents/s")
    for target in TARGETS:
        if results.has(*target.names):
            say(" ".join((*report.target_row(target, results)[:3],)))
    if results.latencies:
        say(" ".join(report.target_row(LATENCY, results)[:3]))


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
