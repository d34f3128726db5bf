"""A Prometheus that scrapes real workers on a real broker, and what its answers to the dashboards' queries are.

The workers are the services' own processes. kafka_exporter is not part of this: `lag_exporter.py` stands in for it.
"""

import json
import math
import re
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import yaml
from dashboard_queries import ROOT, Panel, dashboards, panels, put_in

sys.path.insert(0, str(ROOT / "tests/broker"))

from harness import Fleet, Worker, wait_until

from exportwatch.broker.local import LocalBroker, free_port

RATE_INTERVAL = "10s"
STEP = "1"
SERVICES = ("screening", "alerting")
QUICK = {
    "canary_interval_seconds": "1",
    "canary_timeout_seconds": "6",
    "commit_interval_seconds": "0.2",
    "request_timeout_seconds": "7",
}
Series = tuple[Mapping[str, str], list[tuple[float, float]]]


@dataclass(frozen=True)
class Asked:
    """One query of a panel; `service` is what the dashboard's variable of that name is set to."""

    board: str
    panel: str
    target: str
    expr: str
    legend: str
    service: str

    @property
    def name(self) -> str:
        return f"{self.board} / {self.panel} / {self.target}" + f" / {self.service}" * (self.board == "stage")


def everything_asked() -> Iterator[Asked]:
    for board, dashboard in dashboards().items():
        for panel in panels(dashboard):
            yield from asked_by(board, panel)
        for number, one in enumerate(dashboard["annotations"]["list"]):
            yield Asked(board, f"annotation {one['name']}", str(number), one["expr"], one["titleFormat"], "")


def asked_by(board: str, panel: Panel) -> Iterator[Asked]:
    for service in SERVICES if board == "stage" else ("",):
        for target in panel["targets"]:
            yield Asked(
                board, panel["title"], target["refId"], target["expr"], target["legendFormat"], service
            )


def finite(series: list[Series]) -> list[float]:
    """All values that are numbers."""
    return [value for _, points in series for _, value in points if math.isfinite(value)]


@dataclass
class Prometheus:
    """Started with targets of the given ports; every rule that it has fires without waiting."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self, jobs: Mapping[str, list[int]]) -> None:
        program = shutil.which("prometheus") or _install()
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(file) for file in self._impatient_rules()],
            "scrape_configs": [
                {
                    "job_name": name,
                    "static_configs": [{"targets": [f"127.0.0.1:{port}" for port in ports]}],
                }
                for name, ports in jobs.items()
            ],
        }
        file = self.folder / "prometheus.yaml"
        file.write_text(yaml.safe_dump(config))
        with (self.folder / "prometheus.log").open("wb") as log:
            self.process = subprocess.Popen(
                [
                    program,
                    f"--config.file={file}",
                    f"--storage.tsdb.path={self.folder / 'tsdb'}",
                    f"--web.listen-address=127.0.0.1:{self.port}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until(self._is_ready, 30, lambda: (self.folder / "prometheus.log").read_text()[-2000:])

    def _impatient_rules(self) -> Iterator[Path]:
        for file in sorted((ROOT / "deploy/prometheus/rules").glob("*.yaml")):
            rules = yaml.safe_load(file.read_text())
            for group in rules["groups"]:
                group["interval"] = "1s"
                for rule in group["rules"]:
                    rule.pop("for", None)
            impatient = self.folder / file.name
            impatient.write_text(yaml.safe_dump(rules))
            yield impatient

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def range(self, expr: str, start: float, end: float) -> list[Series]:
        asked = urllib.parse.urlencode({"query": expr, "start": start, "end": end, "step": STEP}).encode()
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.port}/api/v1/query_range", asked, timeout=30
        ) as answer:
            found = json.loads(answer.read())["data"]["result"]
        return [(one["metric"], [(float(at), float(value)) for at, value in one["values"]]) for one in found]

    def end(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)


def _install() -> str:
    subprocess.run([sys.executable, str(ROOT / "checks/promtool.py")], capture_output=True, check=False)
    found = shutil.which("prometheus")
    assert found is not None, "prometheus is missing (Debian package prometheus)"
    return found


@dataclass
class Live:
    """Broker, workers with ports of their own, Prometheus, and a feed of shipments."""

    broker: LocalBroker
    folder: Path
    fleet: Fleet = field(init=False)
    prometheus: Prometheus = field(init=False)
    ports: Mapping[str, int] = field(init=False)
    begun: float = field(init=False)
    others: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fleet = Fleet(self.broker.bootstrap, self.folder, settings=QUICK)
        self.prometheus = Prometheus(self.folder)
        self.ports = {name: free_port() for name in ("screening", "second", "alerting", "canary", "exporter")}

    def __enter__(self) -> Self:
        exporter = Path(__file__).with_name("lag_exporter.py")
        self._in_background(
            str(exporter), str(self.ports["exporter"]), self.broker.bootstrap, self.fleet.group_prefix
        )
        workers = [port for name, port in self.ports.items() if name != "exporter"]
        self.prometheus.start({"exportwatch": workers, "kafka-exporter": [self.ports["exporter"]]})
        self.begun = time.time()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.others:
            process.kill()
            process.wait()
        self.fleet.end()
        self.prometheus.end()

    def start(self, service: str, port: str | None = None, **settings: str) -> Worker:
        return self.fleet.start(service=service, ops_port=str(self.ports[port or service]), **settings)

    def feed(self, rate: int = 40) -> subprocess.Popen[bytes]:
        """A stream of new shipments until it is killed."""
        start = str(100_000 * len(self.others))
        return self._in_background(
            *("-m", "exportwatch", "feed", "--documents", "100000", "--rate", str(rate), "--start", start),
            *("--controlled", "0.3", "--bootstrap", self.broker.bootstrap),
        )

    def _in_background(self, *arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.others.append(process)
        return process

    def metric(self, port: str, series: str) -> float:
        """Of the worker at a port of ours; 0 while it does not answer or has no such series."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[port]}/metrics", timeout=5) as answer:
                lines = answer.read().decode().splitlines()
        except OSError:
            return 0.0
        return next((float(line.split()[-1]) for line in lines if line.startswith(series + " ")), 0.0)

    def answers(self, start: float, end: float) -> dict[Asked, list[Series]]:
        """To every query of the dashboards between two moments."""
        found = {}
        for asked in everything_asked():
            values = {
                "__rate_interval": RATE_INTERVAL,
                "__range": f"{math.ceil(end - start)}s",
                "job": ".+",
                "instance": ".+",
                "instrument": ".+",
                "service": asked.service,
            }
            found[asked] = self.prometheus.range(put_in(asked.expr, values), start, end)
        return found


def legend(asked: Asked, labels: Mapping[str, str]) -> str:
    """A series' name as Grafana writes it."""
    if asked.legend == "__auto":
        return ", ".join(f"{name}={value}" for name, value in labels.items()) or asked.panel
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: labels.get(found.group(1), ""), asked.legend)
