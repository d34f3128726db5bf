"""`make capacity`: what a worker takes and gives on this machine, and what follows for a number of documents a day.

One broker, one worker at a time on one core. Writes the tables of docs/capacity.md; the assumptions of the worked
example stand there in words and here as constants.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import sizing
from cluster import Cluster
from confluent_kafka import Producer
from contenders import ROOT, Contender, Place
from cores import machine, on_cores, other_cores, worker_core
from latency import wait_until_quiet
from sizing import Measured

from exportwatch.broker.kept import Kept, last_lines
from exportwatch.broker.local import LocalBroker
from exportwatch.broker.provision import admin_client
from exportwatch.demo.workers import address_in, is_ready
from exportwatch.erp import publish
from exportwatch.feed import Feed
from exportwatch.settings import child_environment
from exportwatch.streaming import law_metrics, metrics
from exportwatch_events.catalogue import ALERTS, DECISIONS, SHIPMENTS, Result

DOCUMENTS, ALERTED = 40_000, 100_000
SEED = 5
READY_SECONDS, DONE_SECONDS = 120.0, 300.0
SCRAPES = 20
COMPRESSION, RUN, COPIED = "zstd", 100, 20_000
PAGE = ROOT / "docs" / "capacity.md"
BEGIN, END = "<!-- make capacity writes from here -->", "<!-- to here -->"


class Worker:
    """A running worker of ours: how much memory it has, what it counts, what it logged."""

    def __init__(self, service: str, process: Kept, folder: Path) -> None:
        self.service, self.process, self._folder = service, process, folder
        self.log = folder / f"{service}.log"
        deadline = time.monotonic() + READY_SECONDS
        while (url := address_in(folder / "ops" / f"{service}-0.json")) is None or not is_ready(url):
            if not process.is_running or time.monotonic() > deadline:
                raise RuntimeError(f"{service} does not become ready:\n{last_lines(self.log)}")
            time.sleep(0.1)
        self._url = url

    def scrape(self) -> str:
        with urllib.request.urlopen(self._url + "/metrics", timeout=10) as found:
            return str(found.read().decode())

    def scrape_milliseconds(self) -> float:
        """Median; between two scrapes so long that each is made anew."""
        took = []
        for _ in range(SCRAPES):
            time.sleep(0.5)
            began = time.monotonic()
            self.scrape()
            took.append((time.monotonic() - began) * 1000)
        return median(took)

    def consumed(self) -> int:
        found = re.findall(r"^exportwatch_records_consumed_total\{.*\} (\S+)$", self.scrape(), re.MULTILINE)
        return int(sum(map(float, found)))

    def resident_bytes(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)[0]) * 1024

    def read_back_seconds(self) -> float:
        """How long it took to read the alerts back, as its log says."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return max(float(line["seconds"]) for line in lines if line.get("event") == "alerts read back")

    def rate_to(self, total: int) -> float:
        """Records a second, from the first that was seen to be consumed until `total` are."""
        deadline = time.monotonic() + DONE_SECONDS
        first: tuple[float, int] | None = None
        while True:
            found, now = self.consumed(), time.monotonic()
            if first is None and found:
                first = now, found
            if first is not None and found >= total:
                return (found - first[1]) / (now - first[0]) if now > first[0] else 0.0
            if now > deadline:
                raise TimeoutError(f"{self.service} has consumed {found} of {total}")
            time.sleep(0.1)


class Yard:
    """The broker with its topics, and workers on the one core."""

    def __init__(self, broker: LocalBroker, core: int, folder: Path) -> None:
        self._broker, self._core, self._folder = broker, core, folder
        self.cluster = Cluster(broker.bootstrap)
        self.cluster.provide()

    def feed(self, documents: Iterator[object]) -> None:
        options = {"bootstrap_servers": [self._broker.bootstrap]}
        tally = publish(options, documents)  # type: ignore[arg-type]
        if tally.failures:
            raise RuntimeError(f"not published: {tally.failures}")

    @contextmanager
    def worker(self, service: str, group: str) -> Iterator[Worker]:
        folder = self._folder / f"{service}-{time.monotonic_ns()}"
        folder.mkdir()
        place = Place(self._broker.bootstrap, group, 0, folder)
        contender = Contender(service, "", None)
        (command,) = contender.prepared(place, Path())
        environment = child_environment() | dict(contender.environment(place))
        with on_cores(frozenset([self._core])):
            process = Kept(command, folder / f"{service}.log", environment)
        try:
            yield Worker(service, process, folder)
        finally:
            process.stop()

    def disk_bytes(self, topic: str) -> int:
        """What the broker's one replica of a topic's records takes."""
        return sum(file.stat().st_size for file in self._broker.home.rglob(f"{topic}-*/*.log"))

    def compressed_bytes_a_record(self, topic: str) -> float:
        """The same records on a topic that is set to compress, written in runs as a worker writes them."""
        with admin_client(self._broker.bootstrap) as client:
            new = {"num_partitions": 1, "replication_factor": 1, "configs": {"compression.type": COMPRESSION}}
            client.create_topics({f"{topic}.compressed": new}, wait_for_metadata=True)
        producer = Producer(
            {"bootstrap.servers": self._broker.bootstrap, "batch.num.messages": RUN, "linger.ms": 50}
        )
        count = 0
        for message in self.cluster.read(topic):
            producer.produce(
                f"{topic}.compressed", message.value(), message.key(), headers=message.headers() or []
            )
            producer.poll(0)
            count += 1
            if count % RUN == 0:
                producer.flush()
            if count == COPIED:
                break
        producer.flush()
        return self.disk_bytes(f"{topic}.compressed") / count

    def bytes_a_record(self, topic: str) -> float:
        return self.disk_bytes(topic) / self.cluster.count(topic)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make capacity", description=__doc__)
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--alerts", type=int, default=ALERTED)
    parser.add_argument("--look", action="store_true", help="leave docs/capacity.md alone")
    chosen = parser.parse_args()
    core, load = worker_core(), os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory(prefix="exportwatch-capacity-") as folder,
        on_cores(other_cores(core)),
        LocalBroker(ROOT / ".cache") as broker,
    ):
        measured = measure(Yard(broker, core, Path(folder)), chosen.documents, chosen.alerts)
    text = "\n".join(sizing.report(f"{machine()}; load before the start {load:.1f}", measured))
    print(text)
    if not chosen.look:
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{rest.partition(END)[2]}", "utf-8")
    return 0


def measure(yard: Yard, documents: int, alerts: int) -> Measured:
    """First a usual feed, then documents of which each opens an alert; alerting starts anew for each figure."""
    yard.feed(Feed(SEED).documents(documents))
    with yard.worker("screening", "usual") as screening:
        screening.rate_to(documents)
        wait_until_quiet(yard.cluster)
        screening_rate = yard.cluster.span(DECISIONS).per_second
        screening_bytes = screening.resident_bytes()
        scrape = screening.scrape_milliseconds()
    with yard.worker("alerting", "usual") as alerting:
        alerting_rate = alerting.rate_to(documents)
        wait_until_quiet(yard.cluster)
    found = {topic: yard.bytes_a_record(topic) for topic in (SHIPMENTS, DECISIONS, ALERTS)}
    compressed = {topic: yard.compressed_bytes_a_record(topic) for topic in found}
    share = yard.cluster.count(ALERTS) / documents
    for topic in (SHIPMENTS, DECISIONS, ALERTS):
        yard.cluster.empty(topic)
    with yard.worker("alerting", "empty") as alerting:
        empty_bytes = alerting.resident_bytes()
    yard.feed(Feed(SEED + 1, controlled=1.0).documents(alerts))
    with yard.worker("screening", "alerted") as screening:
        screening.rate_to(alerts)
        wait_until_quiet(yard.cluster)
    with yard.worker("alerting", "alerted") as alerting:
        opening_rate = alerting.rate_to(alerts)
        wait_until_quiet(yard.cluster)
        alerts_found = yard.cluster.count(ALERTS)
    with yard.worker("alerting", "alerted") as alerting:
        full_bytes, seconds = alerting.resident_bytes(), alerting.read_back_seconds()
    most_series, most_milliseconds = fullest_exposition()
    return Measured(
        screening_rate=screening_rate,
        alerting_rate=alerting_rate,
        opening_rate=opening_rate,
        screening_bytes=screening_bytes,
        alerting_bytes=empty_bytes,
        bytes_an_alert=(full_bytes - empty_bytes) / alerts_found,
        recovery_seconds=seconds / alerts_found * 100_000,
        alerts_found=alerts_found,
        alerts_a_document=share,
        input_bytes=found[SHIPMENTS],
        decision_bytes=found[DECISIONS],
        alert_bytes=found[ALERTS],
        compressed=(compressed[SHIPMENTS], compressed[DECISIONS], compressed[ALERTS]),
        flagged_decision_bytes=yard.bytes_a_record(DECISIONS),
        scrape_milliseconds=scrape,
        most_series=most_series,
        most_milliseconds=most_milliseconds,
    )


def fullest_exposition() -> tuple[int, float]:
    """As many series as the catalogue lets there be, and how long it takes to write them; milliseconds."""
    for service in metrics.Service:
        metrics.worker_started(service)
    for number in range(1000):
        instrument = f"XX-2030-{number}"
        for result in Result:
            law_metrics.decided([instrument], result, [(instrument, f"9Z{number}")])
        law_metrics.law_stands({instrument: 1}, {}, None)
    took = []
    for _ in range(SCRAPES):
        began = time.monotonic()
        text = metrics.exposition()
        took.append((time.monotonic() - began) * 1000)
    return sum(not line.startswith("#") for line in text.decode().splitlines()), median(took)


if __name__ == "__main__":
    sys.exit(main())
