"""Each tool that `make ops-lint` asks finds what it is there for; and what is committed passes them all."""

from pathlib import Path

import fetch
import lint
import pytest


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What kustomize makes of each overlay."""
    folder, texts = tmp_path_factory.mktemp("rendered"), {}
    for overlay in lint.OVERLAYS:
        file = folder / "rendered.yaml"
        assert lint.render(lint.DEPLOY / "kubernetes" / "overlays" / overlay, file) == []
        texts[overlay] = file.read_text("utf-8")
    return texts


def spoilt(text: str, old: str, new: str, file: Path) -> Path:
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    return file


@pytest.mark.parametrize("overlay", lint.OVERLAYS)
def test_what_is_committed_passes(overlay: str, rendered: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "good.yaml"
    file.write_text(rendered[overlay], "utf-8")
    assert lint.over_manifests(file) == []


def test_the_other_files_that_are_committed_pass() -> None:
    assert lint.hadolint(lint.DOCKERFILE) == []
    assert lint.compose(lint.COMPOSE) == []
    assert lint.prometheus(lint.PROMETHEUS) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("FROM ${PYTHON_IMAGE} AS build", "FROM python AS build", "DL3006"),
        ("USER 10001:10001", "USER root", "DL3002"),
        ('ENTRYPOINT ["exportwatch"]', "ENTRYPOINT exportwatch", "DL3025"),
        ("WORKDIR /build", "WORKDIR build", "DL3000"),
    ],
)
def test_hadolint_finds(old: str, new: str, rule: str, tmp_path: Path) -> None:
    bad = spoilt(lint.DOCKERFILE.read_text("utf-8"), old, new, tmp_path / "Dockerfile")
    assert any(rule in line for line in lint.hadolint(bad))


def test_kustomize_finds_a_resource_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [absent.yaml]\n")
    assert any("absent.yaml" in line for line in lint.render(tmp_path, tmp_path / "out.yaml"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("terminationGracePeriodSeconds", "terminationGraceSeconds", "terminationGraceSeconds"),
        ("maxUnavailable: 1\n  selector", "maxUnavailable: {}\n  selector", "maxUnavailable"),
        ("containerPort: 9464", 'containerPort: "9464"', "containerPort"),
        ("podSelector: {}", "podSelectors: {}", "podSelectors"),
        ("kind: PodDisruptionBudget", "kind: PodDisruptionPurse", "PodDisruptionPurse"),
        ("apiVersion: policy/v1", "apiVersion: policy/v1alpha7", "policy/v1alpha7"),
    ],
)
def test_kubernetes_own_kinds_are_checked(
    old: str, new: str, said: str, rendered: dict[str, str], tmp_path: Path
) -> None:
    bad = spoilt(rendered["production"], old, new, tmp_path / "bad.yaml")
    assert any(said in line for line in lint.core_kinds(bad))


@pytest.mark.parametrize(
    ("overlay", "old", "new", "said"),
    [
        ("production", "minReplicaCount", "minReplicas", "ScaledObject"),
        ("production", "pollingInterval: 15", "pollingInterval: often", "pollingInterval"),
        ("production", "secretTargetRef", "secretRef", "TriggerAuthentication"),
        ("production", "scrapeTimeout: 10s", "scrapeTimeout: ten", "scrapeTimeout"),
        ("production", "podMetricsEndpoints", "endpoints", "PodMonitor"),
        ("monitoring", "runbook_url: https", "runbook_url: 1 #", "runbook_url"),
        ("monitoring", "severity: page", "severity: 1", "severity"),
        ("monitoring", "  - name: exportwatch-canary\n", "  - names: exportwatch-canary\n", "PrometheusRule"),
        ("production/kafka", "partitions: 12", "partitions: 0", "partitions"),
        ("production/kafka", "topicName", "topic", "KafkaTopic"),
        ("production/kafka", "patternType: prefix", "patternType: regex", "patternType"),
        ("production/kafka", "- Describe", "- Look", "'Look'"),
        ("production/kafka", "kind: KafkaUser", "kind: KafkaGroup", "KafkaGroup"),
        ("production/kafka", "kafka.strimzi.io/v1\n", "kafka.strimzi.io/v9\n", "kafka.strimzi.io/v9"),
    ],
)
def test_custom_kinds_are_checked(
    overlay: str, old: str, new: str, said: str, rendered: dict[str, str], tmp_path: Path
) -> None:
    bad = spoilt(rendered[overlay], old, new, tmp_path / "bad.yaml")
    assert any(said in line for line in lint.custom_kinds(bad))


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "CKV_K8S_22"),
        ("runAsUser: 10001", "runAsUser: 0", "CKV_K8S_40"),
        ("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "CKV_K8S_20"),
        ("automountServiceAccountToken: false\n      containers", "containers", "CKV_K8S_38"),
        ("exportwatch@sha256:" + "0" * 64, "exportwatch:latest", "CKV_K8S_14"),
    ],
)
def test_checkov_finds(old: str, new: str, rule: str, rendered: dict[str, str], tmp_path: Path) -> None:
    bad = spoilt(rendered["production"], old, new, tmp_path / "bad.yaml")
    assert any(rule in line for line in lint.policies(bad))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("read_only: true", "readonly: true", "readonly"),
        ("condition: service_healthy", "condition: service_well", "condition"),
        ("${KAFKA_VERSION:-", "${KAFKA VERSION:-", "interpol"),
        ("<<: *worker", "<<: *labourer", "labourer"),
    ],
)
def test_composes_loader_finds(old: str, new: str, said: str, tmp_path: Path) -> None:
    bad = spoilt(lint.COMPOSE.read_text("utf-8"), old, new, tmp_path / "compose.yaml")
    assert any(said in line for line in lint.compose(bad))


def test_promtool_finds_a_wrong_key(tmp_path: Path) -> None:
    bad = spoilt(lint.PROMETHEUS.read_text("utf-8"), "job_name", "job", tmp_path / "prometheus.yml")
    assert lint.prometheus(bad)


def test_a_schema_that_is_not_the_pinned_one_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "SCHEMAS", tmp_path)
    assert fetch.wrong(fetch.FROM_GO) == list(fetch.FROM_GO)
    (tmp_path / "podmonitor.yaml").write_text("kind: CustomResourceDefinition\n")
    assert "podmonitor.yaml" in fetch.wrong(fetch.FROM_GO)
