"""What the Prometheus operator and Grafana get: our rules, with runbooks one can click, and dashboards."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import monitoring
import pytest
import yaml
from manifests import ENVIRONMENTS, of_kind

ROOT = Path(__file__).parents[2]
DASHBOARDS = ROOT / "deploy/grafana/dashboards"
OVERLAY = "monitoring"


def groups_of(text: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = yaml.safe_load(text)["groups"]
    return found


def test_the_committed_file_is_what_would_be_made() -> None:
    assert monitoring.stale() == []


def test_a_rule_that_was_changed_by_hand_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitoring, "FOLDER", tmp_path)
    ((file, text),) = monitoring.files()
    file.write_text(text)
    assert monitoring.stale() == []
    file.write_text(text.replace("severity: page", "severity: ticket", 1))
    assert monitoring.stale() == [file]


@pytest.mark.parametrize("file", sorted(monitoring.RULES.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_operator_is_given_our_rules_and_nothing_else(file: Path) -> None:
    assert set(of_kind(OVERLAY, "PrometheusRule")) == {
        f"exportwatch-{one.stem}" for one in monitoring.RULES.glob("*.yaml")
    }
    given = of_kind(OVERLAY, "PrometheusRule")[f"exportwatch-{file.stem}"]["spec"]["groups"]
    text = json.dumps(given, sort_keys=True).replace(monitoring.RUNBOOKS, monitoring.IN_REPOSITORY)
    assert json.loads(text) == groups_of(file.read_text())


def test_promtool_reads_what_the_operator_is_given(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    assert promtool is not None, "promtool is missing (Debian package prometheus)"
    for name, one in of_kind(OVERLAY, "PrometheusRule").items():
        file = tmp_path / f"{name}.yaml"
        file.write_text(yaml.safe_dump({"groups": one["spec"]["groups"]}))
        assert subprocess.run([promtool, "check", "rules", str(file)], check=False).returncode == 0


def test_an_alert_leads_to_an_address_and_not_to_a_path() -> None:
    rules = [
        rule
        for one in of_kind(OVERLAY, "PrometheusRule").values()
        for group in one["spec"]["groups"]
        for rule in group["rules"]
        if "alert" in rule
    ]
    assert rules
    for rule in rules:
        address = rule["annotations"]["runbook_url"]
        assert address == f"{monitoring.RUNBOOKS}/{rule['alert']}.md"
        assert (ROOT / "deploy/runbooks" / address.rpartition("/")[2]).is_file()


def test_rules_and_dashboards_have_one_placeholder_that_the_readme_names() -> None:
    assert f"s#{monitoring.RUNBOOKS}#" in (ROOT / "deploy/README.md").read_text()
    for one in of_kind(OVERLAY, "ConfigMap").values():
        (text,) = one["data"].values()
        assert monitoring.RUNBOOKS in text


def test_grafanas_sidecar_finds_every_dashboard() -> None:
    maps = of_kind(OVERLAY, "ConfigMap")
    given = {name: text for one in maps.values() for name, text in one["data"].items()}
    assert given == {file.name: file.read_text("utf-8") for file in DASHBOARDS.glob("*.json")}
    for one in maps.values():
        assert one["metadata"]["labels"]["grafana_dashboard"] == "1"
        # What `kubectl apply` remembers in an annotation may have 256 KiB.
        assert len(json.dumps(one)) < 200_000


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_brings_no_rules_of_its_own(environment: str) -> None:
    # Two environments in one Prometheus would have each rule twice.
    assert not of_kind(environment, "PrometheusRule")
