"""The Dockerfile and the laptop's compose file against the code and each other."""

import re
import tomllib
from pathlib import Path
from typing import Any

import lint
import pytest
import yaml
from manifests import pod

from exportwatch.commands.run import CANARY, SERVICES
from exportwatch.settings import Settings, known_variables, load_settings
from exportwatch.streaming.app import STOP_SECONDS
from exportwatch.streaming.health import Health, RecentExposition, answer

ROOT = lint.ROOT
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
DOCKERFILE = lint.DOCKERFILE.read_text("utf-8")
INSTRUCTIONS = [
    line.split(maxsplit=1)
    for line in re.sub(r"\\\n", " ", re.sub(r"(?m)^#.*\n", "", DOCKERFILE)).splitlines()
    if line.strip()
]
LAST_STAGE = INSTRUCTIONS[max(n for n, (word, _) in enumerate(INSTRUCTIONS) if word == "FROM") :]
COMPOSE: dict[str, Any] = yaml.safe_load(lint.COMPOSE.read_text("utf-8"))
SERVICE: dict[str, Any] = COMPOSE["services"]
WORKERS = (*SERVICES, CANARY)
OURS = [name for name, service in SERVICE.items() if service["image"] == "exportwatch:laptop"]


def last(word: str) -> str:
    (found,) = [value for name, value in LAST_STAGE if name == word]
    return found


def test_each_stage_stands_on_the_image_that_is_given_and_there_is_no_default() -> None:
    assert ["ARG", "PYTHON_IMAGE"] in INSTRUCTIONS
    assert {value.split()[0] for word, value in INSTRUCTIONS if word == "FROM"} == {"${PYTHON_IMAGE}"}


def test_the_last_stage_runs_nothing_and_takes_only_the_installed_environment() -> None:
    assert {word for word, _ in LAST_STAGE} == {
        "FROM",
        "COPY",
        "ENV",
        "WORKDIR",
        "USER",
        "EXPOSE",
        "ENTRYPOINT",
        "CMD",
    }
    assert last("COPY") == "--from=build /opt/exportwatch /opt/exportwatch"


def test_everything_is_installed_by_hash_and_nothing_is_compiled() -> None:
    installs = [
        part
        for word, value in INSTRUCTIONS
        if word == "RUN"
        for part in value.split("&&")
        if " install " in part
    ]
    assert len(installs) == 3
    for install in installs:
        assert "--no-deps" in install
        assert "--no-index" in install or ("--require-hashes" in install and "--only-binary :all:" in install)


def test_what_is_installed_by_hash_is_what_the_tests_run_with_and_has_no_tools() -> None:
    def pins(name: str) -> set[str]:
        return set(
            re.findall(r"(?m)^[a-z0-9._\[\],-]+==\S+", (ROOT / "requirements" / name).read_text("utf-8"))
        )

    assert pins("service.txt") < pins("run.txt")
    assert pins("build.txt") < pins("run.txt")
    assert not any(re.match("pytest|hatchling|hypothesis", pin) for pin in pins("service.txt"))
    assert PROJECT["build-system"]["requires"] == ["hatchling==1.27.0"]
    assert "hatchling==1.27.0" in pins("build.txt")


def test_what_is_copied_is_let_through_and_is_there() -> None:
    ignored = (lint.DEPLOY / "docker" / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    let = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    sources = [value.split()[:-1] for word, value in INSTRUCTIONS if word == "COPY" and "--from" not in value]
    assert {source for line in sources for source in line} == let
    assert all((ROOT / path).exists() for path in let)


def test_the_entry_point_is_the_projects_script() -> None:
    (script,) = PROJECT["project"]["scripts"]
    assert last("ENTRYPOINT") == f'["{script}"]'


def test_one_user_everywhere_and_not_root() -> None:
    user = last("USER")
    assert user == "10001:10001"
    for service in WORKERS:
        security = pod("production", service)["spec"]["securityContext"]
        assert f"{security['runAsUser']}:{security['runAsGroup']}" == user
    assert {SERVICE[name]["user"] for name in OURS} == {user}


def test_the_port_is_that_of_the_settings() -> None:
    assert int(last("EXPOSE")) == Settings.model_fields["ops_port"].default


def test_variables_of_the_image_are_known() -> None:
    named = set(re.findall(r"EXPORTWATCH_\w+", last("ENV")))
    assert named and named <= set(known_variables())


def test_compose_runs_every_service_after_the_topics_are_made() -> None:
    commands = {name: SERVICE[name]["command"] for name in OURS}
    assert commands == {"topics": ["topics", "apply"]} | {name: ["run", name] for name in WORKERS}
    for name in WORKERS:
        assert SERVICE[name]["depends_on"] == {"topics": {"condition": "service_completed_successfully"}}
        assert int(SERVICE[name]["stop_grace_period"].removesuffix("s")) > STOP_SECONDS + 5


@pytest.mark.parametrize("name", OURS)
def test_compose_gives_settings_that_the_code_takes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in SERVICE[name]["environment"].items():
        monkeypatch.setenv(variable, value)
    settings = load_settings()
    assert settings.ops_host == "0.0.0.0"
    assert any(mount.startswith(f"{settings.datadir}:") for mount in SERVICE[name]["tmpfs"])
    assert SERVICE[name]["read_only"] is True
    (server,) = settings.bootstrap_servers
    assert f"CONTAINERS://{server}" in SERVICE["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]


@pytest.mark.parametrize("name", WORKERS)
def test_composes_health_check_and_prometheus_ask_the_ops_port(name: str) -> None:
    port = SERVICE[name]["environment"]["EXPORTWATCH_OPS_PORT"]
    (path,) = re.findall(rf"http://127\.0\.0\.1:{port}(/\w+)", SERVICE[name]["healthcheck"]["test"][-1])
    assert answer(path, Health(), RecentExposition()).status == 200
    (job,) = yaml.safe_load(lint.PROMETHEUS.read_text("utf-8"))["scrape_configs"]
    targets = [target for group in job["static_configs"] for target in group["targets"]]
    assert job["job_name"] == "exportwatch"
    assert f"{name}:{port}" in targets and len(targets) == len(WORKERS)


def test_composes_kafka_is_the_one_that_the_tests_run_on() -> None:
    pom = (ROOT / "services/exportwatch/broker/pom.xml").read_text("utf-8")
    (version,) = re.findall(r"<artifactId>kafka_2\.13</artifactId>\s*<version>(.+)</version>", pom)
    assert SERVICE["kafka"]["image"] == f"apache/kafka:${{KAFKA_VERSION:-{version}}}"


def test_composes_python_is_one_that_the_project_is_locked_for() -> None:
    given = COMPOSE["x-exportwatch"]["build"]["args"]["PYTHON_IMAGE"]
    assert given == "${PYTHON_IMAGE:-python:3.11-slim-bookworm}"
    assert PROJECT["tool"]["mypy"]["python_version"] == "3.11"


def test_what_a_part_of_compose_waits_for_and_keeps_is_there() -> None:
    waited = {name for service in SERVICE.values() for name in service.get("depends_on", ())}
    assert waited and waited <= set(SERVICE)
    mounts = [mount.split(":") for service in SERVICE.values() for mount in service.get("volumes", ())]
    assert {source for source, *_ in mounts if not source.startswith(".")} == set(COMPOSE["volumes"])
    # Else a container could change what the checkout holds.
    assert all(mode == ["ro"] for source, _, *mode in mounts if source.startswith("."))


def test_compose_opens_ports_to_this_machine_only() -> None:
    ports = [port for service in SERVICE.values() for port in service.get("ports", [])]
    assert ports and all(port.startswith("127.0.0.1:") for port in ports)


def test_what_compose_builds_from_is_there() -> None:
    build = COMPOSE["x-exportwatch"]["build"]
    context = lint.COMPOSE.parent / build["context"]
    assert (context / build["dockerfile"]).resolve() == Path(lint.DOCKERFILE).resolve()
    mounted = SERVICE["prometheus"]["volumes"]
    assert "../prometheus:/etc/prometheus:ro" in mounted
    assert "--config.file=/etc/prometheus/prometheus.yaml" in SERVICE["prometheus"]["command"]
    assert lint.COMPOSE.parents[1] / "prometheus" / "prometheus.yaml" == lint.PROMETHEUS
