"""The local Kafka node: what it keeps, how it ends, and what it says when it cannot start."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from exportwatch.broker.local import LocalBroker, PortInUseError, claim_home, serves_metadata
from exportwatch.broker.provision import admin_client
from exportwatch.errors import ConfigError

pytestmark = pytest.mark.broker

OWNER = """
import sys, time
from pathlib import Path
from exportwatch.broker.local import LocalBroker
with LocalBroker(Path(sys.argv[1])) as node:
    print(node.pid, node.port, node.home, flush=True)
    time.sleep(600)
"""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def gone_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not alive(pid)


def publish(bootstrap: str, topic: str, *values: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for value in values:
        producer.send(topic, value).get(timeout=20)
    producer.close()


def values_of(bootstrap: str, topic: str) -> list[bytes]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    end = consumer.end_offsets([partition])[partition]
    found: list[bytes] = []
    while len(found) < end:
        for records in consumer.poll(timeout_ms=500).values():
            found += [record.value for record in records]
    consumer.close()
    return found


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_node_that_was_stopped_or_killed_comes_back_on_its_port_with_its_data(
    own_broker: LocalBroker, how: str
) -> None:
    with admin_client(own_broker.bootstrap) as client:
        client.create_topics({"kept": {"num_partitions": 1, "replication_factor": 1}}, wait_for_metadata=True)
    publish(own_broker.bootstrap, "kept", b"one", b"two")
    before = own_broker.bootstrap

    getattr(own_broker, how)()

    assert not serves_metadata(own_broker.port)
    assert own_broker.start_again() == before
    publish(own_broker.bootstrap, "kept", b"three")
    assert values_of(own_broker.bootstrap, "kept") == [b"one", b"two", b"three"]


def test_a_topic_that_nobody_created_does_not_appear_by_itself(broker: LocalBroker) -> None:
    with admin_client(broker.bootstrap) as client:
        client.describe_topics(["never.created"])
        assert "never.created" not in client.list_topics()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_node_is_left_when_its_owner_is_killed(cache_dir: Path, how: signal.Signals) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(cache_dir)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    pid, port, home = owner.stdout.readline().decode().split()
    assert alive(int(pid))
    assert serves_metadata(int(port))

    owner.send_signal(how)
    owner.wait()
    owner.stdout.close()

    assert gone_within(int(pid), seconds=45)
    # The killed owner could not tidy up; the next node does.
    _, claim = claim_home(cache_dir, None)
    claim.close()
    assert not Path(home).exists()


def test_no_node_is_left_when_its_keeper_is_killed(own_broker: LocalBroker) -> None:
    assert own_broker._process is not None
    os.kill(own_broker._process.keeper_pid, signal.SIGKILL)
    assert gone_within(own_broker.pid, seconds=15)


def test_a_node_outlives_the_thread_that_started_it(cache_dir: Path) -> None:
    node = LocalBroker(cache_dir)
    starter = threading.Thread(target=node.start)
    starter.start()
    starter.join()
    try:
        time.sleep(1)
        assert node.is_running
    finally:
        node.close()


def test_data_without_a_place_of_their_own_go_with_the_node(cache_dir: Path) -> None:
    with LocalBroker(cache_dir) as node:
        home, pid = node.home, node.pid
        assert (home / "data" / "meta.properties").exists()
    assert not home.exists()
    assert not alive(pid)


def test_data_with_a_place_of_their_own_are_found_by_the_next_node(cache_dir: Path, tmp_path: Path) -> None:
    for expected in ([], ["kept"]):
        with LocalBroker(cache_dir, data_dir=tmp_path) as node, admin_client(node.bootstrap) as client:
            assert client.list_topics() == expected
            if not expected:
                client.create_topics(["kept"], wait_for_metadata=True)


def test_a_port_in_use_is_named(cache_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUseError, match=f"port {port} of 127.0.0.1 is in use"):
            LocalBroker(cache_dir, port=port).__enter__()


def test_a_failed_start_shows_the_last_lines_of_the_log(cache_dir: Path, tmp_path: Path) -> None:
    with LocalBroker(cache_dir, data_dir=tmp_path):
        pass
    meta = tmp_path / "data" / "meta.properties"
    meta.write_text(meta.read_text().replace("node.id=1", "node.id=7"))
    node = LocalBroker(cache_dir, data_dir=tmp_path)
    with pytest.raises(ConfigError, match=r"(?s)did not start; .*broker\.log:\n.*Stored node id 7"):
        node.__enter__()
    assert not node.is_running


def test_two_nodes_do_not_share_a_folder(cache_dir: Path, tmp_path: Path) -> None:
    first, claim = claim_home(cache_dir, tmp_path)
    try:
        with pytest.raises(ConfigError, match=f"another local Kafka is running on {first}"):
            LocalBroker(cache_dir, data_dir=tmp_path).__enter__()
    finally:
        claim.close()
