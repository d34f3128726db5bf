"""One run of one contender: started on a core of its own, watched until its last decision, and ended."""

import os
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cluster import Cluster
from contenders import Contender, Place
from cores import busy_seconds, cpu_seconds, on_cores

from exportwatch.broker.kept import Kept, last_lines
from exportwatch_events.catalogue import DECISIONS

TICK_SECONDS = 0.05
PATIENCE_SECONDS = 90.0


class WorkerLeftError(Exception):
    """A worker ended, or stood still, before it had decided everything; with the end of its log."""


@dataclass(frozen=True, slots=True)
class Run:
    """`disturbance`: the share of the worker's core that others took meanwhile."""

    documents: int
    documents_per_second: float
    documents_per_cpu_second: float
    disturbance: float


@dataclass(frozen=True, slots=True)
class Sample:
    """What was there at a moment: decisions written, CPU used by the worker, by anybody on its core."""

    at: float
    decisions: int
    cpu: float
    busy: float


class Track:
    """Runs contenders on `core`; their peers' interpreter is `python`."""

    def __init__(self, cluster: Cluster, core: int, python: Path) -> None:
        self._cluster = cluster
        self._core = core
        self._python = python

    def run(self, contender: Contender, documents: int) -> Run:
        """Raises WorkerLeftError."""
        self._cluster.empty(DECISIONS)
        with tempfile.TemporaryDirectory(prefix="exportwatch-bench-") as folder:
            place = Place(
                self._cluster.bootstrap,
                f"bench-{uuid.uuid4().hex[:8]}",
                self._cluster.partitions(DECISIONS),
                Path(folder),
            )
            with self._started(contender, place) as (process, log):
                samples = self._watch(process, log, documents)
        span = self._cluster.span(DECISIONS)
        first, last = samples[0], samples[-1]
        cpu, busy = last.cpu - first.cpu, last.busy - first.busy
        return Run(
            span.records,
            span.per_second,
            (last.decisions - first.decisions) / cpu,
            max(0.0, busy - cpu) / (last.at - first.at),
        )

    @contextmanager
    def _started(self, contender: Contender, place: Place) -> Iterator[tuple[Kept, Path]]:
        environment = {**os.environ, **contender.environment(place)}
        *preparations, command = contender.prepared(place, self._python)
        for preparation in preparations:
            subprocess.run(preparation, env=environment, check=True)
        log = place.folder / "worker.log"
        with on_cores(frozenset([self._core])):
            process = Kept(command, log, environment)
        try:
            yield process, log
        finally:
            process.kill()

    def _watch(self, process: Kept, log: Path, documents: int) -> list[Sample]:
        """From the first decisions seen to the last."""
        samples: list[Sample] = []
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not samples or samples[-1].decisions < documents:
            time.sleep(TICK_SECONDS)
            decisions = self._cluster.count(DECISIONS)
            try:
                cpu = cpu_seconds(process.pid)
            except ProcessLookupError:
                raise WorkerLeftError(
                    f"the worker left with {process.exit_code}:\n{last_lines(log)}"
                ) from None
            if time.monotonic() > deadline:
                raise WorkerLeftError(f"{decisions} decisions and no more:\n{last_lines(log)}")
            sample = Sample(time.monotonic(), decisions, cpu, busy_seconds(self._core))
            if sample.decisions:
                samples.append(sample)
        return samples
