"""The control topics on a real broker: read whole before anything is decided, then followed, never half."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from harness import renew_topics

from exportwatch.broker.local import LocalBroker
from exportwatch.broker.provision import admin_client, apply
from exportwatch.broker.topics import load_registry
from exportwatch.connection import KafkaConnection
from exportwatch.errors import ConfigError
from exportwatch.streaming import metrics
from exportwatch.streaming.control import ControlReader
from exportwatch_events.catalogue import LAW, LICENSES, PARTIES

pytestmark = pytest.mark.broker
CACHE_DIR = Path(__file__).parents[2] / ".cache"
CONTROL = tuple(spec for spec in load_registry() if spec.name in (LAW, LICENSES, PARTIES))
Snapshot = frozenset[tuple[str, bytes, bytes]]


@dataclass(frozen=True)
class UnreadableRecord:
    topic: str


@dataclass
class Everything:
    """Content that keeps the newest value of every key, as the real one does by its own versions."""

    values: dict[tuple[str, bytes], bytes] = field(default_factory=dict)
    problems: list[UnreadableRecord] = field(default_factory=list)

    def fold(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        assert key is not None
        if value == b"?":
            self.problems.append(UnreadableRecord(topic))
        elif value is None:
            self.values.pop((topic, key), None)
        else:
            self.values[topic, key] = value

    def snapshot(self) -> Snapshot:
        return frozenset((topic, key, value) for (topic, key), value in self.values.items())


@pytest.fixture(scope="module")
def node() -> Iterator[LocalBroker]:
    with LocalBroker(CACHE_DIR) as broker:
        yield broker


@pytest.fixture
def connection(node: LocalBroker) -> KafkaConnection:
    """The node with empty control topics."""
    renew_topics(node.bootstrap, [spec.name for spec in CONTROL])
    return KafkaConnection((node.bootstrap,))


def producing(connection: KafkaConnection, **options: object) -> AIOKafkaProducer:
    return AIOKafkaProducer(bootstrap_servers=list(connection.servers), linger_ms=5, **options)


async def publish(connection: KafkaConnection, topic: str, records: dict[bytes, bytes | None]) -> None:
    async with producing(connection) as producer:
        sent = [await producer.send(topic, key=key, value=value) for key, value in records.items()]
        await asyncio.gather(*sent)


@asynccontextmanager
async def running(reader: ControlReader[Snapshot]) -> AsyncIterator[ControlReader[Snapshot]]:
    task = asyncio.create_task(reader.run())
    ready = asyncio.create_task(reader.ready.wait())
    try:
        await asyncio.wait({task, ready}, timeout=120, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        assert reader.ready.is_set()
        yield reader
    finally:
        ready.cancel()
        task.cancel()
        await asyncio.gather(task, ready, return_exceptions=True)


async def until(condition: Callable[[], bool], seconds: float = 90) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


def keys(snapshot: Snapshot) -> set[bytes]:
    return {key for _, key, _ in snapshot}


def numbered(count: int, start: int = 0) -> dict[bytes, bytes | None]:
    return {b"%06d" % number: b"v" * 50 for number in range(start, start + count)}


def test_ready_comes_only_after_every_record_that_was_there_at_the_start(connection: KafkaConnection) -> None:
    async def scenario() -> None:
        await publish(connection, PARTIES, numbered(12_000))
        await publish(connection, LAW, {b"law": b"1"})
        reader = ControlReader(connection, Everything)
        with pytest.raises(RuntimeError, match="not been read"):
            _ = reader.view
        async with running(reader):
            assert len(reader.snapshot) == 12_001
            assert dict(reader.positions) == {LAW: 1, LICENSES: 0, PARTIES: 12_000}

    asyncio.run(scenario())


def test_a_change_makes_a_new_view_and_leaves_the_old_one_as_it_was(connection: KafkaConnection) -> None:
    async def scenario() -> None:
        await publish(connection, LICENSES, {b"a": b"1", b"b": b"1"})
        async with running(ControlReader(connection, Everything)) as reader:
            before = reader.view
            await publish(connection, LICENSES, {b"a": None, b"c": b"1"})
            await until(lambda: reader.positions[LICENSES] == 4)
            assert keys(reader.snapshot) == {b"b", b"c"}
            assert keys(before.snapshot) == {b"a", b"b"}
            assert before.positions[LICENSES] == 2

    asyncio.run(scenario())


@dataclass
class SlowContent(Everything):
    """Whose snapshots take as long as the loop needs for ten more rounds, or for ever where it stands still."""

    rounds: list[float] = field(default_factory=list)

    def snapshot(self) -> Snapshot:
        goal, until = len(self.rounds) + 10, time.monotonic() + 20
        while len(self.rounds) < goal:
            assert time.monotonic() < until, "the loop stands still"
            time.sleep(0.01)
        return super().snapshot()


def test_the_loop_goes_on_while_a_view_is_made(connection: KafkaConnection) -> None:
    rounds: list[float] = []

    async def go_round() -> None:
        while True:
            rounds.append(time.monotonic())
            await asyncio.sleep(0.01)

    async def scenario() -> None:
        going = asyncio.create_task(go_round())
        async with running(ControlReader(connection, lambda: SlowContent(rounds=rounds))) as reader:
            await publish(connection, LICENSES, {b"a": b"1"})
            await until(lambda: keys(reader.snapshot) == {b"a"})
        going.cancel()

    asyncio.run(scenario())


def test_records_of_an_aborted_transaction_count_for_nothing_and_hold_nothing_up(
    connection: KafkaConnection,
) -> None:
    async def scenario() -> None:
        async with producing(connection, transactional_id="control-aborts") as producer:
            await producer.begin_transaction()
            await producer.send_and_wait(PARTIES, key=b"kept", value=b"1")
            await producer.commit_transaction()
            await producer.begin_transaction()
            await producer.send_and_wait(PARTIES, key=b"aborted", value=b"1")
            await producer.abort_transaction()
        async with running(ControlReader(connection, Everything)) as reader:
            # The broker answers the end of a transaction before it has written the marker.
            await until(lambda: reader.positions[PARTIES] == 4)
            assert keys(reader.snapshot) == {b"kept"}

    asyncio.run(scenario())


def test_an_open_transaction_is_neither_waited_for_nor_read_before_its_commit(
    connection: KafkaConnection,
) -> None:
    async def scenario() -> None:
        await publish(connection, PARTIES, {b"first": b"1"})
        async with producing(connection, transactional_id="control-open") as producer:
            await producer.begin_transaction()
            await producer.send_and_wait(PARTIES, key=b"pending", value=b"1")
            async with running(ControlReader(connection, Everything)) as reader:
                assert keys(reader.snapshot) == {b"first"}
                await producer.commit_transaction()
                await until(lambda: keys(reader.snapshot) == {b"first", b"pending"})

    asyncio.run(scenario())


def test_a_log_cut_below_our_position_is_read_again_and_what_it_lost_is_gone(
    connection: KafkaConnection,
) -> None:
    async def scenario() -> None:
        await publish(connection, LICENSES, numbered(50))
        async with running(ControlReader(connection, Everything)) as reader:
            assert len(reader.snapshot) == 50
            renew_topics(connection.servers[0], [LICENSES])
            await publish(connection, LICENSES, {b"new": b"1"})
            await until(lambda: keys(reader.snapshot) == {b"new"})
            assert reader.positions[LICENSES] == 1

    asyncio.run(scenario())


def test_unreadable_records_are_counted_and_uncounted_by_the_metric(connection: KafkaConnection) -> None:
    async def scenario() -> None:
        await publish(connection, LAW, {b"a": b"?", b"b": b"?"})
        async with running(ControlReader(connection, Everything)) as reader:
            assert len(reader.content.problems) == 2
            assert problems(LAW) == 2
            assert problems(PARTIES) == 0

    asyncio.run(scenario())


def problems(topic: str) -> float | None:
    return metrics.REGISTRY.get_sample_value("exportwatch_control_problems", {"topic": topic})


def age() -> float:
    name = "exportwatch_control_data_age_seconds"
    return metrics.REGISTRY.get_sample_value(name, {"topic": PARTIES}) or 0.0


def test_a_missing_control_topic_stops_the_start_and_is_named(own_broker: LocalBroker) -> None:
    reader = ControlReader(KafkaConnection((own_broker.bootstrap,)), Everything)
    with pytest.raises(ConfigError, match=r"compliance\.law\.v1.*topics apply"):
        asyncio.run(asyncio.wait_for(reader.run(), 30))


def test_an_outage_is_waited_for_and_shows_in_the_age_of_the_data(own_broker: LocalBroker) -> None:
    connection = KafkaConnection((own_broker.bootstrap,))

    async def scenario() -> None:
        await publish(connection, PARTIES, {b"first": b"1"})
        async with running(ControlReader(connection, Everything)) as reader:
            await until(lambda: age() < 2)
            await asyncio.to_thread(own_broker.kill)
            await until(lambda: age() > 2)
            assert keys(reader.snapshot) == {b"first"}
            await asyncio.to_thread(own_broker.start_again)
            await publish(connection, PARTIES, {b"second": b"1"})
            await until(lambda: keys(reader.snapshot) == {b"first", b"second"})
            await until(lambda: age() < 2)

    with admin_client(own_broker.bootstrap) as client:
        apply(client, CONTROL)
    asyncio.run(scenario())


def test_a_worker_started_during_an_outage_waits_for_the_broker(own_broker: LocalBroker) -> None:
    connection = KafkaConnection((own_broker.bootstrap,))

    async def scenario() -> None:
        await publish(connection, PARTIES, {b"first": b"1"})
        await asyncio.to_thread(own_broker.kill)
        reader = ControlReader(connection, Everything)
        task = asyncio.create_task(reader.run())
        await asyncio.sleep(1.5)
        assert not task.done()
        assert not reader.ready.is_set()
        await asyncio.to_thread(own_broker.start_again)
        await asyncio.wait_for(reader.ready.wait(), 90)
        assert keys(reader.snapshot) == {b"first"}
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with admin_client(own_broker.bootstrap) as client:
        apply(client, CONTROL)
    asyncio.run(scenario())


def check(connection: KafkaConnection) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "exportwatch", "control", "check"],
        env=os.environ | {"EXPORTWATCH_BOOTSTRAP_SERVERS": ",".join(connection.servers)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_check_command_names_unreadable_records_and_their_effect(connection: KafkaConnection) -> None:
    clean = check(connection)
    assert (clean.returncode, clean.stderr) == (0, "")
    asyncio.run(publish(connection, LAW, {b"CN-2025-58/1/CN-2026-99": b"{"}))
    asyncio.run(publish(connection, LICENSES, {b"L-1@1": b"[]"}))
    done = check(connection)
    assert (done.returncode, done.stderr) == (1, "")
    *problems, ends = done.stdout.splitlines()
    assert [line.split(": ")[0] for line in problems][:2] == sorted({LAW, LICENSES})
    assert any("L-1@1" in line and "effect: the licence covers nothing" in line for line in problems)
    assert ends.endswith("records cannot be used")
