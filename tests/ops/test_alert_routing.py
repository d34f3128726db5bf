"""Where alerts go: the example configuration by amtool, and the configuration of Prometheus by promtool."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
ROUTING = DEPLOY / "alertmanager/alertmanager.yaml"
ALERTS = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus/rules/alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
RECEIVER = {"page": "on-duty", "ticket": "tickets"}


def run(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    binary = shutil.which(tool)
    assert binary is not None, f"{tool} is missing (Debian packages prometheus and prometheus-alertmanager)"
    return subprocess.run([binary, *arguments], capture_output=True, text=True, check=False)


def test_amtool_finds_nothing_wrong_with_the_routing() -> None:
    found = run("amtool", "check-config", str(ROUTING))
    assert found.returncode == 0, found.stderr


def test_amtool_finds_a_receiver_that_does_not_exist(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("route: {receiver: nobody}\nreceivers: [{name: tickets}]\n")
    assert run("amtool", "check-config", str(bad)).returncode != 0


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: str(rule["alert"]))
def test_an_alert_goes_where_its_severity_says(rule: dict[str, dict[str, str]]) -> None:
    severity = rule["labels"]["severity"]
    labels = [f"alertname={rule['alert']}", f"severity={severity}"]
    found = run("amtool", "config", "routes", "test", f"--config.file={ROUTING}", *labels)
    assert found.stdout.strip() == RECEIVER[severity], found.stderr


def test_promtool_finds_nothing_wrong_with_the_configuration_of_prometheus() -> None:
    found = run("promtool", "check", "config", str(DEPLOY / "prometheus/prometheus.yaml"))
    assert found.returncode == 0, found.stdout + found.stderr


def test_what_an_inhibition_names_exists() -> None:
    known = {rule["alert"] for rule in ALERTS}
    assert known >= {"ExportwatchServiceAbsent", "ExportwatchConsumerStalled", "ExportwatchCanaryMissing"}
