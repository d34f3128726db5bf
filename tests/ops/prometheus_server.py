"""A real Prometheus for a test: our rules with shortened windows, scraping workers at given ports once a second."""

import json
import re
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from exportwatch.broker.local import free_port

RULES = Path(__file__).parents[2] / "deploy/prometheus/rules"
SHORTER = 60  # times: a minute becomes a second
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def shortened(text: str) -> str:
    """A duration, or every range of an expression, `SHORTER` times as short; a second is the least."""
    return re.sub(
        r"(?<![\w.])(\d+)([smhd])(?!\w)",
        lambda m: f"{max(1, int(m[1]) * _SECONDS[m[2]] // SHORTER)}s",
        text,
    )


def short_rules(folder: Path) -> Iterator[Path]:
    """The rules of the repository with shortened windows, written to `folder`."""
    for file in sorted(RULES.glob("*.yaml")):
        content = yaml.safe_load(file.read_text())
        for group in content["groups"]:
            group["interval"] = "1s"
            for rule in group["rules"]:
                rule["expr"] = re.sub(r"\[[^\]]+\]", lambda m: shortened(m[0]), rule["expr"])
                if "for" in rule:
                    rule["for"] = shortened(rule["for"])
        target = folder / file.name
        target.write_text(yaml.safe_dump(content))
        yield target


@dataclass(frozen=True)
class Prometheus:
    url: str

    def ask(self, path: str, **query: str) -> Any:
        address = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(address, timeout=10) as answer:
            return json.load(answer)["data"]

    def firing(self, name: str) -> list[Mapping[str, str]]:
        """The labels of the alerts of a name that fire now."""
        found = self.ask("alerts")["alerts"]
        return [a["labels"] for a in found if a["labels"]["alertname"] == name and a["state"] == "firing"]

    def value(self, query: str) -> list[tuple[Mapping[str, str], float]]:
        """The series of an instant query and their values."""
        return [(one["metric"], float(one["value"][1])) for one in self.ask("query", query=query)["result"]]


@contextmanager
def prometheus(
    folder: Path, ports: Iterable[int], extra: Sequence[Mapping[str, Any]] = ()
) -> Iterator[Prometheus]:
    """Runs until the block ends; `extra` are further scrape configurations."""
    binary = shutil.which("prometheus")
    assert binary is not None, "prometheus is missing (Debian package prometheus)"
    own = {
        "job_name": "exportwatch",
        "static_configs": [{"targets": [f"127.0.0.1:{port}" for port in ports]}],
    }
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(file) for file in short_rules(folder)],
        "scrape_configs": [own, *extra],
    }
    file, port = folder / "prometheus.yaml", free_port()
    file.write_text(yaml.safe_dump(config))
    command = [
        binary,
        f"--config.file={file}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        server = Prometheus(f"http://127.0.0.1:{port}")
        _wait_until_ready(server, folder / "prometheus.log")
        yield server
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_ready(server: Prometheus, log: Path) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{server.url}/-/ready", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"Prometheus does not begin:\n{log.read_text()[-2000:]}")
