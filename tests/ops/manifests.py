"""What kustomize makes of the overlays, as the tests look at it."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import lint
import pytest

from exportwatch.settings import Settings, load_settings

Manifest = Mapping[str, Any]
ENVIRONMENTS = ("production", "staging")


@cache
def rendered(overlay: str) -> tuple[Manifest, ...]:
    return tuple(lint.documents(overlay))


def of_kind(overlay: str, kind: str) -> dict[str, Manifest]:
    """By name."""
    return {one["metadata"]["name"]: one for one in rendered(overlay) if one["kind"] == kind}


def only(overlay: str, kind: str) -> Manifest:
    (found,) = of_kind(overlay, kind).values()
    return found


def deployment(overlay: str, service: str) -> Manifest:
    return of_kind(overlay, "Deployment")[f"exportwatch-{service}"]


def pod(overlay: str, service: str) -> Manifest:
    """The pod template of a service."""
    template: Manifest = deployment(overlay, service)["spec"]["template"]
    return template


def tool(overlay: str, user: str) -> Manifest:
    """The CronJob of an operator's tool."""
    return of_kind(overlay, "CronJob")[user]


def worker(overlay: str, service: str) -> Manifest:
    (container,) = pod(overlay, service)["spec"]["containers"]
    return dict(container)


def variables(overlay: str, service: str) -> dict[str, str]:
    """The environment that the worker is given."""
    return variables_of(overlay, worker(overlay, service))


def variables_of(overlay: str, container: Manifest) -> dict[str, str]:
    found: dict[str, str] = {}
    for source in container["envFrom"]:
        found |= of_kind(overlay, "ConfigMap")[source["configMapRef"]["name"]]["data"]
    return found | {one["name"]: one["value"] for one in container["env"]}


def settings_of(given: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """The settings as a container reads them from its variables, its secrets' files laid out under `tmp_path`."""
    for name, value in given.items():
        if value.startswith("/etc/"):
            file = tmp_path / value.removeprefix("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("content\n")
            value = str(file)
        monkeypatch.setenv(name, value)
    return load_settings()


def selects(selector: Manifest, labels: Mapping[str, str]) -> bool:
    return bool(selector.get("matchLabels", {}).items() <= labels.items())
