"""Makes the PrometheusRule of the Prometheus operator of deploy/prometheus/rules.

`--check` writes nothing and leaves with 1 where the file is not what would be written. In the rules a runbook is a file
of the repository; here it is an address that whoever is woken can follow. RUNBOOKS stands for it until the manifests
are applied (deploy/README.md), as it does in the dashboards.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from generated import ROOT, stale_of, text_of, write_or_check

MAKER = "checks/ops/monitoring.py"
FOLDER = ROOT / "deploy" / "kubernetes" / "overlays" / "monitoring"
RULES = ROOT / "deploy" / "prometheus" / "rules"
RUNBOOKS = "https://exportwatch.example/deploy/runbooks"
IN_REPOSITORY = "deploy/runbooks"


def prometheus_rule(file: Path) -> dict[str, Any]:
    groups = yaml.safe_load(file.read_text("utf-8"))["groups"]
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": f"exportwatch-{file.stem}"},
        "spec": {"groups": [{**group, "rules": [*map(linked, group["rules"])]} for group in groups]},
    }


def linked(rule: Mapping[str, Any]) -> dict[str, Any]:
    """With the runbook's address."""
    if "alert" not in rule:
        return dict(rule)
    said = rule["annotations"]
    page = said["runbook_url"].removeprefix(IN_REPOSITORY)
    return {**rule, "annotations": {**said, "runbook_url": RUNBOOKS + page}}


def files() -> Iterator[tuple[Path, str]]:
    """Each file and what must be in it."""
    made = [prometheus_rule(file) for file in sorted(RULES.glob("*.yaml"))]
    yield FOLDER / "rules.yaml", text_of(MAKER, "deploy/prometheus/rules", made)


def stale() -> list[Path]:
    return stale_of(files())


if __name__ == "__main__":
    sys.exit(write_or_check(MAKER, __doc__, files(), sys.argv[1:]))
