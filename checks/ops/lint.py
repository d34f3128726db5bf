"""Holds deploy/ against the tools that read it, each the real one. Prints what they say; status 1 if anything.

Needs `make ops-setup`. Each function takes what it checks, so that the tests can show it a bad one.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import fetch
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
BIN = ROOT / ".venv-ops" / "bin"
OVERLAYS = ("production", "staging", "production/kafka", "staging/kafka", "monitoring")
DOCKERFILE = DEPLOY / "docker" / "Dockerfile"
COMPOSE = DEPLOY / "compose" / "compose.yaml"
PROMETHEUS = DEPLOY / "prometheus" / "prometheus.yaml"
KUBERNETES_VERSION = "1.37.0"
CUSTOM_GROUPS = ("kafka.strimzi.io", "keda.sh", "monitoring.coreos.com")

# A worker is one thread; held below its core it is late, and nothing is gained.
CHECKOV_SKIPS = ("CKV_K8S_11",)


def main() -> int:
    breaches = [*hadolint(DOCKERFILE), *compose(COMPOSE), *prometheus(PROMETHEUS)]
    with tempfile.TemporaryDirectory() as scratch:
        for overlay in OVERLAYS:
            rendered = Path(scratch) / f"{overlay.replace('/', '-')}.yaml"
            broken = render(DEPLOY / "kubernetes" / "overlays" / overlay, rendered)
            breaches += broken or over_manifests(rendered)
    for line in breaches:
        sys.stdout.write(line + "\n")
    return 1 if breaches else 0


def over_manifests(rendered: Path) -> list[str]:
    return [*core_kinds(rendered), *custom_kinds(rendered), *policies(rendered)]


def hadolint(dockerfile: Path) -> list[str]:
    return said([BIN / "hadolint", "--no-color", "--failure-threshold", "style", dockerfile])


def render(overlay: Path, into: Path) -> list[str]:
    """Writes what kustomize makes of an overlay."""
    done = run([BIN / "kubectl", "kustomize", overlay])
    into.write_bytes(done.stdout)
    return lines_of(done)


def core_kinds(rendered: Path) -> list[str]:
    """Kubernetes' own kinds: unknown fields are refused, and a kind that nobody knows."""
    done = run(
        [
            BIN / "kubernetes-validate",
            "--strict",
            "--quiet",
            "--kubernetes-version",
            KUBERNETES_VERSION,
            rendered,
        ]
    )
    # It passes with a warning over kinds that it does not know; those of `custom_kinds` are none of its business.
    text = (done.stdout + done.stderr).decode(errors="replace")
    lines = [
        line for line in text.splitlines() if not any(f"api version {g}/" in line for g in CUSTOM_GROUPS)
    ]
    return [f"kubernetes-validate: {line}" for line in lines if line.strip()] or lines_of(done)


def custom_kinds(rendered: Path) -> list[str]:
    return said([BIN / "python", ROOT / "checks" / "ops" / "crds.py", fetch.SCHEMAS, rendered])


def policies(rendered: Path) -> list[str]:
    """Checkov's rules for workloads: who it runs as, what it may, what it is given."""
    return said(
        [BIN / "checkov", "--framework", "kubernetes", "--compact", "--quiet", "--skip-download",
         "--skip-check", ",".join(CHECKOV_SKIPS), "--file", rendered]
    )  # fmt: skip


def compose(file: Path) -> list[str]:
    """Through the loader that docker compose itself uses: the schema and the variables."""
    return said([fetch.COMPOSE, file.name], file.parent)


def prometheus(file: Path) -> list[str]:
    if shutil.which("promtool") is None:
        return ["promtool: missing; Debian's package `prometheus` has it, and `make check` installs it"]
    return said(["promtool", "check", "config", file])


def said(command: Sequence[str | Path], folder: Path = ROOT) -> list[str]:
    """What the tool says where it is not content."""
    return lines_of(run(command, folder))


def lines_of(done: "subprocess.CompletedProcess[bytes]") -> list[str]:
    if done.returncode == 0:
        return []
    tool = Path(done.args[0]).name
    text = (done.stdout + done.stderr).decode(errors="replace")
    return [f"{tool}: {line}" for line in text.splitlines() if line.strip()] or [f"{tool}: {done.returncode}"]


def run(command: Sequence[str | Path], folder: Path = ROOT) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [*map(str, command)], cwd=folder, capture_output=True, check=False, stdin=subprocess.DEVNULL
    )


def documents(overlay: str) -> Iterator[dict[str, Any]]:
    """What kustomize makes of one of our overlays, read."""
    done = run([BIN / "kubectl", "kustomize", DEPLOY / "kubernetes" / "overlays" / overlay])
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode(errors="replace"))
    yield from yaml.safe_load_all(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
