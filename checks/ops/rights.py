"""Who may do what on Kafka: deploy/kafka/rights.yaml, checked.

The same table becomes the KafkaUsers of Strimzi and the ACLs of the tests on a broker. It names no password.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

ROOT = Path(__file__).parents[2]
RIGHTS = ROOT / "deploy" / "kafka" / "rights.yaml"
USER_PREFIX = "exportwatch-"

Operation = Literal["Read", "Write", "Describe", "Create", "AlterConfigs", "DescribeConfigs"]


@dataclass(frozen=True, slots=True)
class Acl:
    """One rule that allows; `name` is a prefix where `is_prefix`."""

    resource: Literal["topic", "group"]
    name: str
    is_prefix: bool
    operations: tuple[Operation, ...]


class Principal(BaseModel):
    """One entry of the table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    runs: str
    registry: str | None = None
    groups: Mapping[str, tuple[Operation, ...]] = {}
    topics: Mapping[str, tuple[Operation, ...]]

    @property
    def acls(self) -> tuple[Acl, ...]:
        """Topics, then groups, in the order of the table."""
        topics = [Acl("topic", name, False, operations) for name, operations in self.topics.items()]
        groups = [
            Acl("group", name.removesuffix("*"), name.endswith("*"), operations)
            for name, operations in self.groups.items()
        ]
        return (*topics, *groups)

    def may(self, operation: Operation) -> frozenset[str]:
        """The topics on which it may."""
        return frozenset(name for name, operations in self.topics.items() if operation in operations)


def load_rights(file: Path = RIGHTS) -> Mapping[str, Principal]:
    """The table by name. Raises SystemExit with file, key and what is wrong."""
    try:
        return TypeAdapter(dict[str, Principal]).validate_python(yaml.safe_load(file.read_text("utf-8")))
    except ValidationError as wrong:
        lines = [f"{file}: {'.'.join(map(str, error['loc']))}: {error['msg']}" for error in wrong.errors()]
        raise SystemExit("\n".join(lines)) from None


def user_name(principal: str) -> str:
    """Its name on the cluster, and of the Secret with its password."""
    return USER_PREFIX + principal
