"""How long after its publication a document's alert is there: through both services, at a steady rate.

From the time that the ERP's producer put on the document to the time at which the broker appended its last
alert. Both workers share the core of the contenders; broker and feeder have the others.
"""

import itertools
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from cluster import Cluster
from contenders import Contender, Place
from cores import on_cores

from exportwatch.broker.kept import Kept, last_lines
from exportwatch.demo.workers import address_in, is_ready
from exportwatch.erp import publish
from exportwatch.feed import Feed
from exportwatch.settings import child_environment
from exportwatch_events.catalogue import ALERTS, HEADER_DOCUMENT, SHIPMENTS

RATE = 1000
SEED = 2
WARM_UP_SECONDS, SPAN_SECONDS = 5, 10
READY_SECONDS = 60.0
QUIET_SECONDS = 1.5
SERVICES = ("screening", "alerting")


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds over one span of the stream, of so many alerted documents."""

    p50: float
    p99: float
    worst: float
    documents: int


def measure(cluster: Cluster, core: int, spans: int) -> Sequence[Latency]:
    """One for each span. RuntimeError where a worker leaves, or documents that must be alerted are not."""
    seconds = WARM_UP_SECONDS + spans * SPAN_SECONDS
    records = list(Feed(SEED).documents(seconds * RATE))
    with tempfile.TemporaryDirectory(prefix="exportwatch-bench-") as folder, ExitStack() as stack:
        place = Place(cluster.bootstrap, "bench-latency", 0, Path(folder))
        for service in SERVICES:
            start(service, place, core, stack)
        options = {"bootstrap_servers": [cluster.bootstrap]}
        tally = publish(options, records, rate=RATE)
        if tally.failures:
            raise RuntimeError(f"not published: {tally.failures}")
        wait_until_quiet(cluster)
    published = {m.key().decode(): m.timestamp()[1] for m in cluster.read(SHIPMENTS)}
    took = {name: at - published[name] for name, at in alerted(cluster).items() if name in published}
    expected = [record.key.decode() for record in records if record.controlled]
    if len(took) < 0.9 * len(expected):
        raise RuntimeError(f"{len(took)} of {len(expected)} controlled documents were alerted")
    began = min(published.values()) + WARM_UP_SECONDS * 1000
    cuts = [began + span * SPAN_SECONDS * 1000 for span in range(spans + 1)]
    return [
        summary([took[name] for name in took if start <= published[name] < end])
        for start, end in itertools.pairwise(cuts)
    ]


def start(service: str, place: Place, core: int, stack: ExitStack) -> None:
    """The worker, once it says that it is ready; it ends with `stack`."""
    contender = Contender(service, "", None)
    (command,) = contender.prepared(place, Path())
    environment = child_environment() | dict(contender.environment(place))
    log = place.folder / f"{service}.log"
    with on_cores(frozenset([core])):
        process = Kept(command, log, environment)
    stack.callback(process.kill)
    deadline = time.monotonic() + READY_SECONDS
    told = place.folder / "ops" / f"{service}-0.json"
    while (url := address_in(told)) is None or not is_ready(url):
        if not process.is_running or time.monotonic() > deadline:
            raise RuntimeError(f"{service} does not become ready:\n{last_lines(log)}")
        time.sleep(0.1)


def wait_until_quiet(cluster: Cluster) -> None:
    count, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET_SECONDS:
        if (now := cluster.count(ALERTS)) != count:
            count, since = now, time.monotonic()
        time.sleep(0.1)


def alerted(cluster: Cluster) -> Mapping[str, int]:
    """When the last alert of a document was appended, by the document's number."""
    found: dict[str, int] = {}
    for message in cluster.read(ALERTS):
        headers = dict(message.headers() or ())
        name = headers[HEADER_DOCUMENT].decode().rpartition("/")[2]
        found[name] = max(found.get(name, 0), message.timestamp()[1])
    return found


def summary(milliseconds: Sequence[float]) -> Latency:
    cuts = quantiles(milliseconds, n=100)
    return Latency(cuts[49], cuts[98], max(milliseconds), len(milliseconds))
