"""What Kafka refuses us, in the words of who must put it right: the right that is missing, on what. Pure.

Rights are named as Kafka names its operations. Read and Write bring Describe: without them a topic is not shown, so
that one which may not be used and one which is not there look alike.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from exportwatch.errors import ConfigError

TABLE = "deploy/kafka/rights.yaml has the rights of each user"


class Right(StrEnum):
    READ = "Read"
    WRITE = "Write"
    DESCRIBE = "Describe"
    CREATE = "Create"
    ALTER_CONFIGS = "AlterConfigs"
    DESCRIBE_CONFIGS = "DescribeConfigs"


def lacks_right(kind: str, names: Iterable[str], right: Right, doing: str) -> ConfigError:
    """`kind` is topic or group; `doing` ends the sentence "Kafka refused to let us …"."""
    named = ", ".join(sorted(names))
    return ConfigError(
        f"Kafka refused to let us {doing}",
        file=f"{kind} {named}" if named else kind,
        expected=f"the right {right} on it for this user",
        hint=TABLE,
    )


def lacks_topics(absent: Mapping[str, Right], brokers: str) -> ConfigError:
    """`absent` are the topics that the cluster does not show us, each with the right that we need on it."""
    rights = ", ".join(f"{right} on {topic}" for topic, right in absent.items())
    return ConfigError(
        f"the cluster at {brokers} lacks {', '.join(absent)}, or does not show them to this user",
        expected=f"the topics, and the rights {rights}",
        hint=f"`exportwatch topics apply` creates them; {TABLE}",
    )


def refused_resource(error: BaseException, right: Right, doing: str) -> ConfigError | None:
    """For a refusal of either Kafka client, told by its name; None where it is about no topic and no group."""
    match type(error).__name__:
        case "TopicAuthorizationFailedError":
            return lacks_right("topic", names_in(error), right, doing)
        case "GroupAuthorizationFailedError":
            return lacks_right("group", names_in(error), right, doing)
        case _:
            return None


def names_in(error: BaseException) -> list[str]:
    """Clients give one name, several, or a sentence, which names nothing."""
    given = error.args[0] if error.args else ()
    names = [given] if isinstance(given, str) else given if isinstance(given, Iterable) else []
    return [str(name) for name in names if " " not in str(name)]
