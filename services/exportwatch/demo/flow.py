"""The demo from start to end: broker, topics, control events, workers, documents, and what came of them.

Control events go first and the workers start after them, so that the outcome does not depend on who was
faster.
"""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import get_terminal_size, rmtree
from tempfile import mkdtemp

import orjson

from exportwatch.broker.choose import BrokerKind, ChosenBroker, chosen_broker, shown
from exportwatch.broker.provision import admin_client, apply, refuse_unreachable
from exportwatch.broker.topics import load_registry
from exportwatch.demo.show import Show
from exportwatch.demo.table import open_alerts, table
from exportwatch.demo.topics import held, newest_values, unread
from exportwatch.demo.workers import Workers
from exportwatch.erp import publish
from exportwatch.errors import ConfigError
from exportwatch.examples import control_records, document_records
from exportwatch.settings import Settings, child_environment, variable
from exportwatch_events import catalogue

WORKERS = 2
DOCUMENTS_A_SECOND = 60
CAUGHT_UP_SECONDS = 60.0
POLL_SECONDS = 0.3
TABLE_WIDTH = 132


class DemoFailedError(Exception):
    """The demo did not come to its end; says which step and why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the demo found out: whether every record is accounted for, and what was said about it."""

    is_clean: bool
    reconciliation: str


@dataclass(slots=True)
class Demo:
    """One run. `folder` takes the workers' log and is removed when all went well."""

    settings: Settings
    broker: ChosenBroker
    folder: Path
    show: Show

    def refuse_others_data(self) -> None:
        """A Kafka that the settings name may be at work: fictitious licenses must not get among real ones."""
        if self.broker.kind is BrokerKind.NAMED:
            refuse_unreachable(self.broker.options)
            if count := held(self.broker.options, [spec.name for spec in load_registry()]):
                raise ConfigError(
                    f"the topics at {self.broker.bootstrap} hold {count} records, and the demo would publish "
                    "fictitious licenses, law and documents into them",
                    file="environment",
                    key=variable("bootstrap_servers"),
                    hint="unset it for a Kafka of the demo's own, or give --among-others to go on",
                )

    def prepare(self) -> None:
        if self.broker.kind is not BrokerKind.MOCK:
            with admin_client(self.broker.options) as client:
                apply(client, load_registry())
        self.show.step("Topics", f"{len(load_registry())} topics are as the registry says.")
        tally = publish(self.broker.options, control_records())
        self._refuse_failures(tally.failures)
        self.show.step("Control", f"{tally.sent} events published: licenses, party lists, law.")

    def start(self, workers: Workers) -> dict[str, str]:
        self.show.moving("Workers", "starting: screening, alerting")
        workers.start()
        addresses = workers.wait_until_ready(WORKERS)
        self.show.step("Workers", f"screening and alerting are ready (log: {shown(workers.log.resolve())}).")
        return addresses

    def feed(self) -> None:
        """Publish every example document, as the ERP would."""
        records = document_records()
        tally = publish(
            self.broker.options,
            records,
            rate=DOCUMENTS_A_SECOND,
            progress=lambda sent: self.show.bar("Events", sent, len(records)),
        )
        self._refuse_failures(tally.failures)
        self.show.step("Events", f"{tally.sent} published: contracts, shipments, broken records.")

    def wait_until_caught_up(self, workers: Workers) -> None:
        """Until both services have committed everything; raises DemoFailedError after a minute."""
        for service, label, topics in (
            ("screening", "Screened", (catalogue.SHIPMENTS, catalogue.CONTRACTS)),
            ("alerting", "Alerts", (catalogue.DECISIONS,)),
        ):
            deadline = time.monotonic() + CAUGHT_UP_SECONDS
            group = self.settings.group(service)
            while (left := unread(self.broker.options, group, *topics)) > 0:
                workers.refuse_dead()
                self.show.moving(label, f"{left} records to go")
                if time.monotonic() > deadline:
                    raise DemoFailedError(
                        f"{service} has {left} records to go after {CAUGHT_UP_SECONDS:.0f} s"
                    )
                time.sleep(POLL_SECONDS)
            self.show.step(label, f"{service} has caught up with its topics.")

    def report(self) -> Outcome:
        """Show the open alerts, the decisions by result and the reconciliation."""
        self._show_alerts()
        self._show_decisions()
        command = [sys.executable, "-m", "exportwatch", "reconcile"]
        done = subprocess.run(  # noqa: S603
            command,
            env=child_environment(**self.child_settings()),
            capture_output=True,
            text=True,
            check=False,
        )
        said = (done.stdout + done.stderr).strip()
        self.show.text(f"\nReconciliation (exportwatch reconcile)\n{said}")
        return Outcome(done.returncode == 0, said)

    def child_settings(self) -> dict[str, str]:
        """Settings of the demo's children that differ from this process's."""
        settings = {"bootstrap_servers": self.broker.bootstrap}
        if version := self.broker.options.get("api_version"):
            settings["kafka_api_version"] = ".".join(map(str, version))
        return settings

    def _show_alerts(self) -> None:
        values = newest_values(self.broker.options, catalogue.ALERTS).values()
        alerts = [orjson.loads(value) for value in values]
        still_open = open_alerts(alerts)
        width = min(TABLE_WIDTH, get_terminal_size((TABLE_WIDTH, 24)).columns)
        self.show.text(
            f"\nOpen alerts ({len(still_open)}; {len(alerts) - len(still_open)} more were cleared)\n"
        )
        self.show.text(table(still_open, width))

    def _show_decisions(self) -> None:
        decisions = newest_values(self.broker.options, catalogue.DECISIONS).values()
        results = Counter(str(orjson.loads(value)["result"]) for value in decisions)
        counted = ", ".join(f"{count} {result.replace('_', ' ')}" for result, count in results.most_common())
        self.show.text(f"\nDecisions ({sum(results.values())} document versions): {counted}.")

    def _refuse_failures(self, failures: dict[str, int]) -> None:
        if failures:
            raise DemoFailedError(f"the broker did not take every record: {failures}")


def run_demo(
    settings: Settings, show: Show, *, among_others: bool = False, serve: Callable[[], None] | None = None
) -> Outcome:
    """The whole; `serve` is called at the end while broker and workers still run. Leaves nothing running.

    Raises ConfigError where the Kafka that `settings` name has records already, unless `among_others`.
    """
    named = settings.kafka if settings.bootstrap_servers else None
    show.moving("Kafka", "starting (the first time, its jars are fetched)")
    with chosen_broker(named, settings.cache_dir) as broker, scratch(settings.cache_dir) as folder:
        show.step("Kafka", broker.notice)
        demo = Demo(settings, broker, folder, show)
        if not among_others:
            demo.refuse_others_data()
        demo.prepare()
        workers = Workers(folder, demo.child_settings())
        try:
            addresses = demo.start(workers)
            demo.feed()
            demo.wait_until_caught_up(workers)
            outcome = demo.report()
            show.text("\nMetrics, readiness and liveness: /metrics, /readyz and /livez of")
            for name, address in sorted(addresses.items(), key=lambda entry: entry[1]):
                show.step(name.partition("-")[0], address)
            if serve is not None:
                serve()
        finally:
            show.moving("", "stopping")
            workers.stop()
    return outcome


@contextmanager
def scratch(cache_dir: Path) -> Iterator[Path]:
    """A folder of this run, kept where the run fails: the log is in it."""
    parent = cache_dir / "demo"
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(dir=parent, prefix="run-"))
    yield folder
    rmtree(folder, ignore_errors=True)
