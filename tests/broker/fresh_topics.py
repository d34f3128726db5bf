"""Topics of a running node made anew, for tests that need them empty."""

import time
from collections.abc import Sequence

from kafka import KafkaAdminClient

from exportwatch.broker.provision import apply
from exportwatch.broker.topics import TopicSpec


def create_anew(client: KafkaAdminClient, specs: Sequence[TopicSpec]) -> None:
    """Returns when the topics are there and empty. A deletion is done some time after the answer to it."""
    names = {spec.name for spec in specs}

    def present() -> list[str]:
        return [topic["name"] for topic in client.describe_topics() if topic["name"] in names]

    if found := present():
        client.delete_topics(found)
    while present():
        time.sleep(0.05)
    apply(client, specs)
