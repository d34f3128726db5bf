"""The topics: one YAML file each under `schemas/topics`, and how a cluster differs from them.

Differences are computed from the registry and from what the cluster was seen to have; `provision` carries out
what may be changed. Never changed on an existing topic: the partition count (documents would move between
partitions, and with them the order of their decisions) and the replication factor (moving data is for those
who run the cluster).
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, PositiveInt, ValidationError

from exportwatch.errors import ConfigError

MILLISECONDS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "y": 366 * 86_400_000}
BYTES = {"KiB": 1024, "MiB": 1024 * 1024}
FOREVER = -1


class Cleanup(StrEnum):
    DELETE = "delete"
    COMPACT = "compact"
    COMPACT_AND_DELETE = "compact,delete"


class PartitionCount(StrEnum):
    """Whether the count is part of the contract, or only what the topic is created with."""

    FIXED = "fixed"
    AT_CREATION = "at_creation"


def read_duration(text: object) -> int:
    """Milliseconds of `14d`, `5y` (of 366 days, so that nothing is deleted early) or `forever` (-1)."""
    if text == "forever":
        return FOREVER
    match = re.fullmatch(r"(\d+)([smhdy])", str(text))
    if match is None:
        raise ValueError("a duration such as 14d, 12h, 5y or forever")
    return int(match[1]) * MILLISECONDS[match[2]]


def read_size(text: object) -> int:
    match = re.fullmatch(r"(\d+) (KiB|MiB)", str(text))
    if match is None:
        raise ValueError("a size such as 1 MiB or 512 KiB")
    return int(match[1]) * BYTES[match[2]]


class TopicSpec(BaseModel):
    """One topic file, checked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    purpose: str
    owner: str
    key: str
    partitions: PositiveInt
    partition_count: PartitionCount
    replication_factor: PositiveInt
    min_insync_replicas: PositiveInt
    replication_note: str
    retention: Annotated[int, BeforeValidator(read_duration)]
    cleanup: Cleanup
    min_compaction_lag: Annotated[int, BeforeValidator(read_duration)] = 0
    max_message_bytes: Annotated[int, BeforeValidator(read_size)]
    producers: tuple[str, ...]
    consumers: tuple[str, ...]

    def replicas(self, brokers: int) -> int:
        """As many copies as asked for, or as the cluster can hold."""
        return min(self.replication_factor, brokers)

    def settings(self, brokers: int) -> dict[str, str]:
        """Kafka's names and values; a cluster with too few brokers keeps one to spare for an outage."""
        return {
            "cleanup.policy": self.cleanup.value,
            "retention.ms": str(self.retention),
            "min.compaction.lag.ms": str(self.min_compaction_lag),
            "max.message.bytes": str(self.max_message_bytes),
            "min.insync.replicas": str(max(1, min(self.min_insync_replicas, self.replicas(brokers) - 1))),
        }


@dataclass(frozen=True, slots=True)
class ObservedTopic:
    """What the cluster has: `settings` holds at least the keys that the registry sets."""

    partitions: int
    replication_factor: int
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Observed:
    brokers: int
    topics: Mapping[str, ObservedTopic]


class DriftKind(StrEnum):
    MISSING = "missing"
    SETTING = "setting"
    PARTITIONS = "partitions"
    REPLICATION = "replication"


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference between a topic of the cluster and its file."""

    kind: DriftKind
    topic: str
    name: str
    found: str
    wanted: str

    @property
    def line(self) -> str:
        match self.kind:
            case DriftKind.MISSING:
                return f"{self.topic}: missing; would be created with {self.wanted} partitions"
            case DriftKind.SETTING:
                return f"{self.topic}: {self.name} is {self.found}, registry says {self.wanted}"
            case DriftKind.PARTITIONS:
                return (
                    f"{self.topic}: {self.found} partitions, registry fixes {self.wanted}; never changed here"
                )
            case DriftKind.REPLICATION:
                return (
                    f"{self.topic}: {self.found} replicas, registry asks for {self.wanted}; reassign by hand"
                )


def differences(specs: Sequence[TopicSpec], seen: Observed) -> tuple[Drift, ...]:
    """Every difference, in the order of the registry; empty when the cluster is as the files say."""
    return tuple(drift for spec in specs for drift in drift_of(spec, seen))


def drift_of(spec: TopicSpec, seen: Observed) -> list[Drift]:
    topic = seen.topics.get(spec.name)
    if topic is None:
        return [Drift(DriftKind.MISSING, spec.name, "topic", "none", str(spec.partitions))]
    drifts: list[Drift] = []

    def add(kind: DriftKind, name: str, found: object, wanted: object) -> None:
        if found != wanted:
            drifts.append(Drift(kind, spec.name, name, str(found), str(wanted)))

    if spec.partition_count is PartitionCount.FIXED:
        add(DriftKind.PARTITIONS, "partitions", topic.partitions, spec.partitions)
    add(DriftKind.REPLICATION, "replicas", topic.replication_factor, spec.replicas(seen.brokers))
    for name, value in spec.settings(seen.brokers).items():
        add(DriftKind.SETTING, name, topic.settings.get(name, "unset"), value)
    return drifts


def refuse_partition_changes(drifts: Sequence[Drift]) -> None:
    """Raises ConfigError where carrying out the plan would need another partition count."""
    for drift in drifts:
        if drift.kind is DriftKind.PARTITIONS:
            raise ConfigError(
                f"{drift.topic}: found {drift.found} partitions, the registry fixes {drift.wanted}; "
                "the count is never changed, because documents would move between partitions: "
                "create the topic anew"
            )


def load_registry(folder: Traversable | None = None) -> tuple[TopicSpec, ...]:
    """Every topic file, by name. Raises ConfigError with file, line and key."""
    folder = folder or registry_folder()
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name
    )
    if not files:
        raise ConfigError(f"{folder}: no topic file (*.yaml) is here")
    return tuple(read_topic_file(file) for file in files)


def registry_folder() -> Traversable:
    """The source tree's files where this runs from one, else those packed into the wheel."""
    sources = Path(__file__).parents[3] / "schemas" / "topics"
    return sources if sources.is_dir() else resources.files("exportwatch.broker") / "topic_files"


def read_topic_file(file: Traversable) -> TopicSpec:
    text = file.read_text("utf-8")
    try:
        node, content = yaml.compose(text), yaml.safe_load(text)
    except yaml.YAMLError as broken:
        raise ConfigError(f"{file}: not YAML: {broken}") from broken
    if not isinstance(node, yaml.MappingNode) or not isinstance(content, dict):
        raise ConfigError(f"{file}: expected keys and values (name, purpose, owner, …)")
    lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}
    if len(lines) != len(node.value):
        raise ConfigError(f"{file}: a key is given twice")
    try:
        spec = TopicSpec.model_validate(content)
    except ValidationError as wrong:
        raise ConfigError("\n".join(complaint(file, lines, error) for error in wrong.errors())) from None
    if file.name != f"{spec.name}.yaml":
        raise ConfigError(
            f"{file}:{lines['name']}: name is {spec.name}, so the file must be {spec.name}.yaml"
        )
    return spec


def complaint(file: Traversable, lines: Mapping[str, int], error: Mapping[str, Any]) -> str:
    """One line of an error message: where, what was found, what was expected, what was perhaps meant."""
    key = str(error["loc"][0])
    place = f"{file}:{lines.get(key, 1)}: {key}"
    match error["type"]:
        case "missing":
            return f"{file}: {key} is missing"
        case "extra_forbidden":
            near = difflib.get_close_matches(key, TopicSpec.model_fields, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            return f"{place} is not known{hint}; known: {', '.join(TopicSpec.model_fields)}"
        case "value_error":
            return f"{place}: found {error['input']!r}, expected {error['ctx']['error']}"
        case _:
            return f"{place}: found {error['input']!r}; {error['msg']}"
