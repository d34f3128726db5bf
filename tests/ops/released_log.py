"""What a release left in the topics, as files of this folder: `python released_log.py VERSION` records them.

Recorded once, when the version is released, by its own workers on a real broker that decide the examples; never
again, or the test that reads it would test nothing. One line of JSON for each record, partitions in their order.
"""

import base64
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kafka import KafkaProducer

FOLDER = Path(__file__).parent / "released"


@dataclass(frozen=True)
class Kept:
    """One record of a topic."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    def line(self) -> str:
        written = {
            "topic": self.topic,
            "partition": self.partition,
            "key": _text(self.key),
            "headers": {name: _text(value) for name, value in self.headers},
            "value": _text(self.value),
        }
        return json.dumps(written, ensure_ascii=False)


def _text(value: bytes | None) -> Any:
    """Text where it is some, so that a person can read the file."""
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _bytes(written: Any) -> bytes | None:
    if written is None:
        return None
    return base64.b64decode(written["base64"]) if isinstance(written, dict) else written.encode()


def versions() -> Sequence[str]:
    return sorted(path.name for path in FOLDER.iterdir())


def kept(version: str) -> Iterator[Kept]:
    """All records of a release, each partition in its order."""
    for file in sorted((FOLDER / version).glob("*.jsonl")):
        for line in file.read_text("utf-8").split("\n"):
            if line:
                found = json.loads(line)
                headers = tuple((name, _bytes(value) or b"") for name, value in found["headers"].items())
                yield Kept(
                    found["topic"],
                    found["partition"],
                    _bytes(found["key"]),
                    _bytes(found["value"]),
                    headers,
                )


def write(bootstrap: str, records: Iterable[Kept]) -> int:
    """Put them into the topics of a broker, at the offsets that they had where the topics are empty."""
    waiting = []
    with closing(
        KafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=4 << 20)
    ) as producer:
        for one in records:
            sent = producer.send(
                one.topic, one.value, key=one.key, partition=one.partition, headers=list(one.headers)
            )
            waiting.append(sent)
        producer.flush()
        for sent in waiting:
            sent.get(30)
    return len(waiting)


def record(version: str) -> None:
    """Run today's workers on the examples and keep what the topics then hold."""
    sys.path[1:1] = [str(Path(__file__).parents[1] / "broker"), str(Path(__file__).parents[1])]
    from harness import Fleet, Reader, renew_topics, wait_until

    from exportwatch.broker.local import LocalBroker
    from exportwatch.broker.topics import load_registry
    from exportwatch.erp import publish
    from exportwatch.examples import control_records, document_records

    names = [spec.name for spec in load_registry()]
    (FOLDER / version).mkdir(parents=True)
    cache = Path(__file__).parents[2] / ".cache"
    with LocalBroker(cache) as broker, tempfile.TemporaryDirectory() as folder:
        renew_topics(broker.bootstrap)
        options = {"bootstrap_servers": [broker.bootstrap]}
        publish(options, control_records())
        publish(options, document_records())
        fleet = Fleet(broker.bootstrap, Path(folder))
        fleet.start(service="screening")
        fleet.start(service="alerting")
        counts: list[int] = []

        def is_quiet() -> bool:
            with closing(Reader(broker.bootstrap, names)) as reader:
                counts.append(len(reader.read_to_end()))
            return counts[-40:].count(counts[-1]) == 40 and counts[-1] > 2 * counts[0]

        wait_until(is_quiet, 120, lambda: fleet.workers[0].log[-2000:])
        fleet.end()
        with closing(Reader(broker.bootstrap, names)) as reader:
            found = sorted(reader.read_to_end(), key=lambda one: (one.topic, one.partition, one.offset))
    for name in names:
        lines = [
            Kept(one.topic, one.partition, one.key, one.value, tuple(one.headers.items())).line() + "\n"
            for one in found
            if one.topic == name
        ]
        if lines:
            (FOLDER / version / f"{name}.jsonl").write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    record(sys.argv[1])
