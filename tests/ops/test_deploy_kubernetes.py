"""The manifests against the code: what they name is what the services really have."""

import re
from pathlib import Path
from typing import Any

import fetch
import pytest
from manifests import (
    ENVIRONMENTS,
    deployment,
    of_kind,
    only,
    pod,
    rendered,
    selects,
    settings_of,
    variables,
    worker,
)

from exportwatch.alerting.app import AlertingStage
from exportwatch.broker.topics import load_registry
from exportwatch.commands.run import CANARY, SERVICES
from exportwatch.connection import SaslMechanism, SecurityProtocol
from exportwatch.screening.app import ScreeningStage
from exportwatch.settings import Settings, known_variables
from exportwatch.streaming.app import STOP_SECONDS
from exportwatch.streaming.health import Health, RecentExposition, answer

INPUTS = {"screening": ScreeningStage.inputs, "alerting": AlertingStage.inputs}
PARTITIONS = {spec.name: spec.partitions for spec in load_registry()}
WORKERS = (*SERVICES, CANARY)
EACH = [(environment, service) for environment in ENVIRONMENTS for service in WORKERS]
SCALED = [(environment, service) for environment in ENVIRONMENTS for service in SERVICES]
each_worker = pytest.mark.parametrize(("environment", "service"), EACH)
each_service = pytest.mark.parametrize(("environment", "service"), SCALED)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_there_is_a_deployment_for_each_service_and_no_other(environment: str) -> None:
    assert set(of_kind(environment, "Deployment")) == {f"exportwatch-{service}" for service in WORKERS}


@each_worker
def test_a_worker_runs_its_service(environment: str, service: str) -> None:
    assert worker(environment, service)["args"] == ["run", service]
    assert "command" not in worker(environment, service)  # the image's entry point


@each_worker
def test_every_variable_is_one_that_the_code_knows(environment: str, service: str) -> None:
    assert set(variables(environment, service)) <= set(known_variables())


@each_worker
def test_the_settings_are_accepted_and_say_who_logs_in_over_tls(
    environment: str, service: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = settings_of(variables(environment, service), monkeypatch, tmp_path)
    assert settings.security_protocol is SecurityProtocol.SASL_SSL
    assert settings.sasl_mechanism is SaslMechanism.SCRAM_SHA_512
    assert settings.kafka.credentials is not None
    assert settings.kafka.credentials.username == f"exportwatch-{service}"
    assert settings.kafka.credentials.password == "content"


@each_worker
def test_every_file_and_folder_that_a_setting_names_is_mounted(environment: str, service: str) -> None:
    volumes = {one["name"]: one for one in pod(environment, service)["spec"]["volumes"]}
    files, folders = set(), set()
    for mount in worker(environment, service)["volumeMounts"]:
        volume = volumes.pop(mount["name"])
        if "emptyDir" in volume:
            folders.add(mount["mountPath"])
        else:
            assert mount["readOnly"]
            files |= {f"{mount['mountPath']}/{item['path']}" for item in volume["secret"]["items"]}
    given = {value for value in variables(environment, service).values() if value.startswith("/")}
    assert given == files | folders
    assert not volumes  # none that nobody mounts


@each_worker
def test_the_ops_port_is_open_to_others_where_the_manifest_says(
    environment: str, service: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = settings_of(variables(environment, service), monkeypatch, tmp_path)
    (port,) = worker(environment, service)["ports"]
    assert (port["name"], port["containerPort"]) == ("ops", settings.worker_ops_port)
    assert settings.ops_host == "0.0.0.0"


@each_worker
@pytest.mark.parametrize("probe", ["startupProbe", "livenessProbe", "readinessProbe"])
def test_probes_ask_what_the_ops_port_answers(environment: str, service: str, probe: str) -> None:
    asked = worker(environment, service)[probe]["httpGet"]
    assert asked["port"] == "ops"
    assert answer(asked["path"], Health(), RecentExposition()).status == 200
    assert asked["path"] == ("/readyz" if probe == "readinessProbe" else "/livez")


@each_worker
def test_a_worker_is_given_the_time_that_it_takes_to_finish(environment: str, service: str) -> None:
    assert pod(environment, service)["spec"]["terminationGracePeriodSeconds"] > STOP_SECONDS + 5


@each_worker
def test_a_worker_may_write_nowhere_and_become_nobody_else(environment: str, service: str) -> None:
    security = worker(environment, service)["securityContext"]
    assert security["readOnlyRootFilesystem"] is True
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert pod(environment, service)["spec"]["securityContext"]["runAsNonRoot"] is True


@each_worker
def test_the_image_is_named_by_its_digest(environment: str, service: str) -> None:
    assert "@sha256:" in worker(environment, service)["image"]


def triggers(environment: str, service: str) -> list[dict[str, Any]]:
    scaled = of_kind(environment, "ScaledObject")[f"exportwatch-{service}"]
    return [trigger["metadata"] for trigger in scaled["spec"]["triggers"]]


@each_service
def test_workers_follow_the_lag_of_their_own_group_on_their_own_inputs(
    environment: str, service: str
) -> None:
    found = triggers(environment, service)
    assert [one["topic"] for one in found] == list(INPUTS[service])
    assert {one["consumerGroup"] for one in found} == {Settings().group(service)}
    assert {one["bootstrapServersFromEnv"] for one in found} == {"EXPORTWATCH_BOOTSTRAP_SERVERS"}


@each_service
def test_a_trigger_says_nothing_that_keda_does_not_read(environment: str, service: str) -> None:
    source = (fetch.SCHEMAS / "kafka_scaler.go").read_text("utf-8")
    tags = re.findall(r'`keda:"name=(\w+),\s*order=([^,"]+)([^"]*)"`', source)
    read = {name for name, order, _ in tags if "triggerMetadata" in order}
    read |= {f"{name}FromEnv" for name, order, _ in tags if "resolvedEnv" in order}
    assert {"topic", "lagThreshold", "bootstrapServersFromEnv"} <= read
    assert all(set(trigger) <= read for trigger in triggers(environment, service))
    login = of_kind(environment, "TriggerAuthentication")[f"exportwatch-{service}"]["spec"]
    given = {one["parameter"] for one in (*login["env"], *login["secretTargetRef"])}
    assert given <= {name for name, order, _ in tags if "authParams" in order}


@each_service
def test_there_are_never_more_workers_than_partitions_nor_none(environment: str, service: str) -> None:
    scaled = of_kind(environment, "ScaledObject")[f"exportwatch-{service}"]["spec"]
    most = max(PARTITIONS[topic] for topic in INPUTS[service])
    assert 1 <= scaled["minReplicaCount"] <= scaled["maxReplicaCount"] == most
    spec = deployment(environment, service)["spec"]
    assert "replicas" not in spec  # an apply would take back what KEDA set
    assert spec["strategy"]["rollingUpdate"]["maxSurge"] == 0
    assert scaled["scaleTargetRef"]["name"] == f"exportwatch-{service}"


@each_service
def test_the_autoscaler_logs_in_as_the_service(environment: str, service: str) -> None:
    scaled = of_kind(environment, "ScaledObject")[f"exportwatch-{service}"]["spec"]
    (name,) = {one["authenticationRef"]["name"] for one in scaled["triggers"]}
    login = of_kind(environment, "TriggerAuthentication")[name]["spec"]
    (username,) = login["env"]
    assert variables(environment, service)[username["name"]] == f"exportwatch-{service}"
    mounted = {
        (volume["secret"]["secretName"], item["key"])
        for volume in pod(environment, service)["spec"]["volumes"]
        if "secret" in volume
        for item in volume["secret"]["items"]
    }
    assert {(one["name"], one["key"]) for one in login["secretTargetRef"]} == mounted


@each_worker
def test_a_service_logs_in_as_a_kafka_user_that_its_overlay_makes(environment: str, service: str) -> None:
    users = of_kind(f"{environment}/kafka", "KafkaUser")
    assert variables(environment, service)["EXPORTWATCH_SASL_USERNAME"] in users
    secrets = {
        v["secret"]["secretName"] for v in pod(environment, service)["spec"]["volumes"] if "secret" in v
    }
    cluster = users[f"exportwatch-{service}"]["metadata"]["labels"]["strimzi.io/cluster"]
    assert secrets == {f"exportwatch-{service}", f"{cluster}-cluster-ca-cert"}
    namespaces = {one["metadata"]["namespace"] for one in users.values()}
    assert namespaces == {deployment(environment, service)["metadata"]["namespace"]}


@each_service
def test_a_disruption_takes_one_worker_of_a_service_at_a_time(environment: str, service: str) -> None:
    budget = of_kind(environment, "PodDisruptionBudget")[f"exportwatch-{service}"]["spec"]
    assert budget["maxUnavailable"] == 1
    for other in WORKERS:
        labels = pod(environment, other)["metadata"]["labels"]
        assert selects(budget["selector"], labels) == (other == service)


@each_worker
def test_prometheus_finds_the_metrics(environment: str, service: str) -> None:
    monitor = only(environment, "PodMonitor")["spec"]
    labels = pod(environment, service)["metadata"]["labels"]
    assert selects(monitor["selector"], labels)
    assert labels[monitor["jobLabel"]] == "exportwatch"
    (endpoint,) = monitor["podMetricsEndpoints"]
    assert endpoint["port"] in {port["name"] for port in worker(environment, service)["ports"]}
    assert answer(endpoint["path"], Health(), RecentExposition()).status == 200


@each_worker
def test_nothing_comes_in_but_to_the_ops_port_and_nothing_goes_out_but_to_kafka_and_for_names(
    environment: str, service: str
) -> None:
    policies = of_kind(environment, "NetworkPolicy")
    everything = policies.pop("deny-everything")["spec"]
    assert everything == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    labels = pod(environment, service)["metadata"]["labels"]
    assert all(selects(policy["spec"]["podSelector"], labels) for policy in policies.values())

    def ports(direction: str) -> set[int]:
        rules = [rule for policy in policies.values() for rule in policy["spec"].get(direction, [])]
        assert all(peer for rule in rules for peer in rule["to" if direction == "egress" else "from"])
        return {port["port"] for rule in rules for port in rule["ports"]}

    given = variables(environment, service)
    host, _, kafka_port = given["EXPORTWATCH_BOOTSTRAP_SERVERS"].rpartition(":")
    assert ports("ingress") == {int(given["EXPORTWATCH_OPS_PORT"])}
    assert ports("egress") == {53, int(kafka_port)}
    (to_kafka,) = policies["workers-reach-kafka"]["spec"]["egress"][0]["to"]
    assert to_kafka["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": host.split(".")[1]}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_everything_is_in_the_namespace_that_the_overlay_makes(environment: str) -> None:
    namespace = only(environment, "Namespace")["metadata"]["name"]
    inside = {one["metadata"].get("namespace") for one in rendered(environment) if one["kind"] != "Namespace"}
    assert inside == {namespace}
