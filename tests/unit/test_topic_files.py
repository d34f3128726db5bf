"""The topic files: what they may say, and how a wrong one is answered."""

from pathlib import Path

import pytest

from exportwatch.broker.topics import (
    Cleanup,
    DriftKind,
    Observed,
    ObservedTopic,
    TopicSpec,
    differences,
    load_registry,
)
from exportwatch.errors import ConfigError

GOOD = {
    "name": "good.v1",
    "purpose": "p",
    "owner": "o",
    "key": "k",
    "partitions": "3",
    "partition_count": "fixed",
    "replication_factor": "3",
    "min_insync_replicas": "2",
    "replication_note": "n",
    "retention": "14d",
    "cleanup": "delete",
    "max_message_bytes": "1 MiB",
    "producers": "[a]",
    "consumers": "[b]",
}


def topic_file(folder: Path, **changes: str | None) -> Path:
    lines = [f"{key}: {value}" for key, value in (GOOD | changes).items() if value is not None]
    path = folder / "good.v1.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path


def good(folder: Path) -> TopicSpec:
    topic_file(folder)
    (spec,) = load_registry(folder)
    return spec


def test_inputs_are_limited_to_one_mebibyte_and_what_carries_them_on_to_four() -> None:
    sizes = {spec.name: spec.max_message_bytes for spec in load_registry()}
    assert sizes["erp.shipments.v1"] == sizes["erp.contracts.v1"] == 1024 * 1024
    assert sizes["compliance.decisions.v1"] == sizes["compliance.quarantine.v1"] == 4 * 1024 * 1024


def test_alerts_have_as_many_partitions_as_decisions_for_the_life_of_the_topic() -> None:
    specs = {spec.name: spec for spec in load_registry()}
    decisions, alerts = specs["compliance.decisions.v1"], specs["compliance.alerts.v1"]
    assert (decisions.partitions, decisions.partition_count) == (alerts.partitions, alerts.partition_count)
    assert decisions.min_compaction_lag == alerts.min_compaction_lag == 7 * 86_400_000


def test_decisions_are_kept_at_least_five_years_and_alerts_are_never_deleted() -> None:
    specs = {spec.name: spec for spec in load_registry()}
    assert specs["compliance.decisions.v1"].retention >= (5 * 365 + 2) * 86_400_000
    assert specs["compliance.alerts.v1"].cleanup is Cleanup.COMPACT


def test_control_topics_have_one_partition_and_are_only_compacted() -> None:
    for spec in load_registry():
        if spec.name in ("compliance.law.v1", "compliance.licenses.v1", "compliance.parties.v1"):
            assert (spec.partitions, spec.cleanup) == (1, Cleanup.COMPACT)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"retenton": "7d"}, r"good\.v1\.yaml:15: retenton is not known \(did you mean retention\?\)"),
        ({"owner": None}, r"good\.v1\.yaml: owner is missing"),
        ({"retention": "two weeks"}, r"good\.v1\.yaml:10: retention: found 'two weeks', expected a duration"),
        ({"max_message_bytes": "1MB"}, r":12: max_message_bytes: found '1MB', expected a size such as 1 MiB"),
        ({"partitions": "0"}, r":5: partitions: found 0"),
        ({"cleanup": "shred"}, r":11: cleanup: found 'shred'"),
        ({"name": "other.v1"}, r":1: name is other\.v1, so the file must be other\.v1\.yaml"),
    ],
)  # fmt: skip
def test_a_wrong_topic_file_is_answered_with_its_place(
    tmp_path: Path, changes: dict[str, str | None], message: str
) -> None:
    topic_file(tmp_path, **changes)
    with pytest.raises(ConfigError, match=message):
        load_registry(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "not YAML"),
        ("- a list", "expected keys and values"),
        ("", "expected keys and values"),
        ("name: a\nname: b\n", "a key is given twice"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(ConfigError, match=message):
        load_registry(tmp_path)


def test_a_folder_without_topic_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no topic file"):
        load_registry(tmp_path)


@pytest.mark.parametrize(
    ("brokers", "replicas", "insync"), [(1, 1, "1"), (2, 2, "1"), (3, 3, "2"), (5, 3, "2")]
)
def test_a_small_cluster_gets_the_copies_it_can_hold_and_survives_one_outage(
    tmp_path: Path, brokers: int, replicas: int, insync: str
) -> None:
    spec = good(tmp_path)
    assert spec.replicas(brokers) == replicas
    assert spec.settings(brokers)["min.insync.replicas"] == insync


def test_a_cluster_as_the_registry_says_has_no_differences(tmp_path: Path) -> None:
    spec = good(tmp_path)
    seen = Observed(3, {spec.name: ObservedTopic(3, 3, spec.settings(3) | {"segment.bytes": "1"})})
    assert differences([spec], seen) == ()


def test_each_kind_of_difference_is_named(tmp_path: Path) -> None:
    spec = good(tmp_path)
    seen = Observed(3, {spec.name: ObservedTopic(2, 1, spec.settings(3) | {"retention.ms": "1"})})
    drifts = differences([spec], seen)
    assert [drift.kind for drift in drifts] == [
        DriftKind.PARTITIONS,
        DriftKind.REPLICATION,
        DriftKind.SETTING,
    ]
    assert [drift.line for drift in drifts] == [
        "good.v1: 2 partitions, registry fixes 3; never changed here",
        "good.v1: 1 replicas, registry asks for 3; reassign by hand",
        "good.v1: retention.ms is 1, registry says 1209600000",
    ]
    (missing,) = differences([spec], Observed(3, {}))
    assert missing.line == "good.v1: missing; would be created with 3 partitions"
