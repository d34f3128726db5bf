"""What the broker tests share: workers as real processes, an ERP that publishes, and the accounting.

Knows the wire contract only; imports nothing of the services but the topics' registry.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError

from exportwatch.broker.provision import admin_client, apply
from exportwatch.broker.topics import load_registry
from exportwatch_events.catalogue import CONTRACTS, DECISIONS, QUARANTINE, SHIPMENTS

INPUTS = (SHIPMENTS, CONTRACTS)
STANDINS = Path(__file__).with_name("standins.py")
# Times are given for a machine without other work.
PATIENCE = 3
NO_COORDINATOR = (CoordinatorNotAvailableError, NotCoordinatorError, CoordinatorLoadInProgressError)


def shipment(number: int, version: int = 1, **changes: Any) -> dict[str, Any]:
    """An ordinary shipment; `changes` replace its fields."""
    event: dict[str, Any] = {
        "event_id": f"e-{number}-{version}",
        "event_type": "shipment.created" if version == 1 else "shipment.changed",
        "event_time": "2026-03-02T08:00:00+08:00",
        "source": "ERP-P01",
        "shipment_id": f"S{number}",
        "version": version,
        "export_date": "2026-03-10",
        "from": {"country": "CN"},
        "to": {"country": "DE"},
        "parties": [{"role": "exporter", "name": "Exporter"}, {"role": "consignee", "name": "Consignee"}],
        "items": [{"item_id": "1", "description": "cotton shirts", "hs_code": "620520"}],
    }
    return event | changes


def document_version(event: Mapping[str, Any]) -> str:
    """The key of the decision that a readable shipment must get."""
    return f"default/{event['source']}/shipment/{event['shipment_id']}@{event['version']}"


class Erp:
    """Publishes to the input topics and remembers what it published."""

    def __init__(self, bootstrap: str, **options: Any) -> None:
        self._producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", **options)
        self.published: list[tuple[str, int, int]] = []
        self.versions: set[str] = set()

    def publish(
        self,
        events: Iterable[Mapping[str, Any] | bytes | None],
        topic: str = SHIPMENTS,
        partition: int | None = None,
        key: Callable[[Any], bytes | None] = lambda _: None,
    ) -> list[tuple[str, int, int]]:
        """Topic, partition and offset of each; bytes and None go as they are."""
        waiting = []
        for event in events:
            if isinstance(event, Mapping):
                self.versions.add(document_version(event))
            value = json.dumps(event).encode() if isinstance(event, Mapping) else event
            name = b"a key" if event is None else key(event)  # kafka-python sends no record without both
            waiting.append(self._producer.send(topic, value, key=name, partition=partition))
        self._producer.flush()
        placed = [(done.topic, done.partition, done.offset) for done in (one.get(30) for one in waiting)]
        self.published += placed
        return placed

    def close(self) -> None:
        self._producer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class Worker:
    """A worker process. `log` is what it wrote."""

    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self, seconds: float = 30) -> int:
        """The exit status; fails with the end of the log when it does not leave in time."""
        try:
            return self.process.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the worker does not leave:\n{self.log[-4000:]}") from None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self, seconds: float = 30) -> int:
        self.send(signal.SIGTERM)
        return self.wait(seconds)


@dataclass
class Fleet:
    """Starts workers of one group and ends all of them with the test."""

    bootstrap: str
    folder: Path
    group_prefix: str = field(default_factory=lambda: f"test-{uuid.uuid4().hex[:8]}")
    settings: Mapping[str, str] = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=list)
    standins: Path = STANDINS

    def start(self, standin: str | None = None, service: str = "screening", **settings: str) -> Worker:
        """A worker of `service`; `standin` names a function of `standins` to run it with."""
        environment = {name: value for name, value in os.environ.items() if "EXPORTWATCH" not in name} | {
            "EXPORTWATCH_BOOTSTRAP_SERVERS": self.bootstrap,
            "EXPORTWATCH_GROUP_PREFIX": self.group_prefix,
            "EXPORTWATCH_OPS_PORT": "0",
            "EXPORTWATCH_SESSION_TIMEOUT_SECONDS": "6",
            "EXPORTWATCH_HEARTBEAT_INTERVAL_SECONDS": "1",
            "EXPORTWATCH_DATADIR": str(self.folder / f"data-{len(self.workers)}"),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            **{f"EXPORTWATCH_{name.upper()}": value for name, value in {**self.settings, **settings}.items()},
        }
        command = [sys.executable, "-m", "exportwatch", "run", service]
        if standin is not None:
            command = [sys.executable, str(self.standins), standin]
        log_file = self.folder / f"worker-{len(self.workers)}.log"
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        worker = Worker(process, log_file)
        self.workers.append(worker)
        return worker

    @property
    def group(self) -> str:
        return f"{self.group_prefix}-screening"

    def end(self) -> None:
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.process.send_signal(signal.SIGCONT)
                worker.kill()


@dataclass(frozen=True)
class Record:
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes]

    @property
    def source(self) -> tuple[str, int, int]:
        topic, partition, offset = self.headers["ew_source"].decode().split("/")
        return topic, int(partition), int(offset)


class Reader:
    """Reads topics from their beginning and follows them."""

    def __init__(self, bootstrap: str, topics: Sequence[str] = (DECISIONS, QUARANTINE)) -> None:
        self._consumer = KafkaConsumer(
            bootstrap_servers=bootstrap, isolation_level="read_committed", enable_auto_commit=False
        )
        self._partitions = [
            TopicPartition(topic, number)
            for topic in topics
            for number in sorted(self._consumer.partitions_for_topic(topic) or ())
        ]
        self._consumer.assign(self._partitions)
        self._consumer.seek_to_beginning(*self._partitions)
        self.records: list[Record] = []

    def read(self, seconds: float = 0.2) -> list[Record]:
        """Everything read so far, with what arrives within `seconds`."""
        for found in self._consumer.poll(timeout_ms=int(seconds * 1000)).values():
            self.records += [
                Record(one.topic, one.partition, one.offset, one.key, one.value, dict(one.headers))
                for one in found
            ]
        return self.records

    def read_to_end(self) -> list[Record]:
        ends = self._consumer.end_offsets(self._partitions)
        while any(self._consumer.position(one) < ends[one] for one in self._partitions):
            self.read()
        return self.records

    def close(self) -> None:
        self._consumer.close()


def wait_until(what: Callable[[], Any], seconds: float = 30, message: Callable[[], str] = str) -> Any:
    """The first true value of `what`; fails with `message` after `seconds`, with patience."""
    deadline = time.monotonic() + seconds * PATIENCE
    while not (found := what()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds * PATIENCE} s: {message()}")
        time.sleep(0.05)
    return found


@dataclass(frozen=True)
class Account:
    """What became of the published records: terminal states by source, and how often each was written."""

    decided: Counter[tuple[str, int, int]]
    quarantined: Counter[tuple[str, int, int]]
    duplicates: int
    unequal: tuple[bytes, ...]

    @property
    def accounted(self) -> set[tuple[str, int, int]]:
        return set(self.decided) | set(self.quarantined)


def account(records: Iterable[Record]) -> Account:
    """Count terminal states; `unequal` are keys of decisions on one source record that differ in a byte."""
    decided: Counter[tuple[str, int, int]] = Counter()
    quarantined: Counter[tuple[str, int, int]] = Counter()
    values: dict[tuple[Any, ...], bytes | None] = {}
    unequal = []
    for record in records:
        is_note = "ew_marker" in record.headers and "ew_error_code" not in record.headers
        if "ew_source" not in record.headers or is_note:
            continue
        (quarantined if record.topic == QUARANTINE else decided)[record.source] += 1
        if values.setdefault((record.topic, record.source), record.value) != record.value:
            unequal.append(record.key or b"")
    both = sum(count - 1 for counter in (decided, quarantined) for count in counter.values())
    return Account(decided, quarantined, both, tuple(unequal))


def wait_for_all(reader: Reader, published: Iterable[tuple[str, int, int]], seconds: float = 60) -> Account:
    """Until every published record is decided or quarantined; names those that are not."""
    wanted = set(published)
    deadline = time.monotonic() + seconds * PATIENCE
    while missing := wanted - account(reader.read()).accounted:
        if time.monotonic() > deadline:
            raise AssertionError(f"{len(missing)} of {len(wanted)} unaccounted for: {sorted(missing)[:10]}")
    return account(reader.read_to_end())


def committed(bootstrap: str, group: str) -> dict[tuple[str, int], int]:
    """The group's committed offsets; none while a new broker has no coordinator yet."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        found = admin.list_group_offsets([group])[group]
        return {(tp.topic, tp.partition): at.offset for tp, at in found.items()}
    except NO_COORDINATOR:
        return {}
    finally:
        admin.close()


def ends_of(reader_bootstrap: str, topics: Sequence[str] = INPUTS) -> dict[tuple[str, int], int]:
    """The end offsets of the topics' partitions."""
    consumer = KafkaConsumer(bootstrap_servers=reader_bootstrap)
    try:
        partitions = [
            TopicPartition(topic, number)
            for topic in topics
            for number in consumer.partitions_for_topic(topic) or ()
        ]
        return {(tp.topic, tp.partition): at for tp, at in consumer.end_offsets(partitions).items()}
    finally:
        consumer.close()


def wait_until_committed(fleet: Fleet, seconds: float = 15) -> None:
    """Until the group has committed the ends of the input topics."""
    ends = ends_of(fleet.bootstrap)
    wait_until(
        lambda: committed(fleet.bootstrap, fleet.group) == ends,
        seconds,
        lambda: f"{committed(fleet.bootstrap, fleet.group)} instead of {ends}",
    )


def readiness(fleet: Fleet, worker: int = 0) -> tuple[int, str]:
    """Status and body of the worker's /readyz; 0 while it has no ops port."""
    file = fleet.folder / f"data-{worker}" / "ops" / "screening-0.json"
    if not file.exists():
        return 0, ""
    try:
        with urllib.request.urlopen(json.loads(file.read_text())["url"] + "/readyz", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def started(fleet: Fleet, standin: str, **settings: str) -> Worker:
    """A worker that is ready."""
    worker, number = fleet.start(standin, **settings), len(fleet.workers) - 1
    wait_until(lambda: readiness(fleet, number)[0] == 200, 30, lambda: worker.log[-3000:])
    return worker


def delete_topics(bootstrap: str, names: Sequence[str]) -> None:
    """Returns when they are gone; those that are not there are passed over."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        present = [name for name in names if name in admin.list_topics()]
        if present:
            admin.delete_topics(present)
        wait_until(lambda: not set(names) & set(admin.list_topics()))
    finally:
        admin.close()


def renew_topics(
    bootstrap: str,
    names: Sequence[str] = (*INPUTS, DECISIONS, QUARANTINE),
    partitions: int | None = None,
) -> None:
    """Empty topics as the registry has them, but for the number of `partitions`; whatever stood there.

    Topics of the registry that are not named are made where they are missing.
    """
    delete_topics(bootstrap, names)
    specs = [
        spec.model_copy(update={"partitions": partitions})
        if partitions is not None and spec.name in names
        else spec
        for spec in load_registry()
    ]
    with admin_client(bootstrap) as client:
        apply(client, specs)
