"""`exportwatch demo` as a newcomer runs it: to its end, interrupted, killed, and without Java."""

import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exportwatch.broker.local import LocalBroker

pytestmark = pytest.mark.broker

EXPORTWATCH = Path(__file__).parents[2] / ".venv" / "bin" / "exportwatch"
# Three times what it may take on a machine without other work.
MOST_SECONDS = 180


@pytest.fixture
def cache(broker: LocalBroker, cache_dir: Path, tmp_path: Path) -> Path:
    """A cache folder of this test's own, by whose name its processes are found, with the jars in it."""
    (tmp_path / "kafka").mkdir()
    for folder in (cache_dir / "kafka").glob("jars-*"):
        (tmp_path / "kafka" / folder.name).symlink_to(folder)
    return tmp_path


def environment(cache: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EXPORTWATCH_")}
    return kept | {"EXPORTWATCH_CACHE_DIR": str(cache), "EXPORTWATCH_OPS_PORT": "0"} | more


def processes_of(cache: Path) -> list[str]:
    """Command lines of the processes that were started with this cache folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(cache).encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return [line for line in found if line]


def none_left_within(cache: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while (left := processes_of(cache)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return not left


@contextmanager
def demo_until(cache: Path, label: str, *options: str) -> Iterator["subprocess.Popen[str]"]:
    """A running demo that has written the line `label`."""
    process = subprocess.Popen(
        [EXPORTWATCH, "demo", *options],
        env=environment(cache),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        while not (line := process.stdout.readline()).startswith(label):
            assert line, process.stderr.read()
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_demo_ends_with_status_0_and_no_unaccounted_record(cache: Path) -> None:
    done = subprocess.run(
        [EXPORTWATCH, "demo"], env=environment(cache), capture_output=True, text=True, timeout=MOST_SECONDS
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    rows = table_of(done.stdout)
    assert rows == sorted(rows, key=lambda row: -int(row[0]))
    shown = {row.split()[1] for row in rows}
    assert {"K-2025-001", "K-2025-002", "K-2025-003", "SH-80003", "SH-80005", "SH-80019"} <= shown
    assert not {"SH-80004", "SH-80031", "SH-80044", "SH-80061", "K-2025-015"} & shown
    assert "http://127.0.0.1:" in done.stdout
    assert none_left_within(cache, seconds=15)
    assert list((cache / "demo").iterdir()) == []


def test_ctrl_c_ends_the_demo_without_a_word_of_python_and_leaves_nothing(cache: Path) -> None:
    with demo_until(cache, "Workers") as process:
        assert len(processes_of(cache)) > 3
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=MOST_SECONDS)
        assert (process.returncode, err) == (130, "")
        assert out.endswith("Stopped.\n")
    assert none_left_within(cache, seconds=15)


def test_a_demo_that_keeps_serving_decides_what_is_fed_until_ctrl_c(cache: Path) -> None:
    with demo_until(cache, "Serving", "--keep-serving") as process:
        (metrics,) = {
            url
            for file in cache.glob("demo/*/data/ops/screening-*.json")
            for url in re.findall(r"http://[^\"]+", file.read_text())
        }
        before = decided(metrics)
        fed = subprocess.run(
            [EXPORTWATCH, "feed", "--documents", "50", "--bootstrap", bootstrap_of(cache)],
            env=environment(cache),
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
        )
        assert (fed.returncode, fed.stderr) == (0, "")
        deadline = time.monotonic() + 60
        while decided(metrics) < before + 50 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert decided(metrics) == before + 50
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=MOST_SECONDS)
        assert (process.returncode, err) == (0, "")
    assert none_left_within(cache, seconds=15)


def decided(address: str) -> float:
    """Documents decided, by the worker's own count."""
    with urllib.request.urlopen(f"{address}/metrics") as answer:
        text = answer.read().decode()
    return sum(map(float, re.findall(r"^exportwatch_decisions_total\{[^}]*\} (\S+)$", text, re.MULTILINE)))


def bootstrap_of(cache: Path) -> str:
    (properties,) = cache.glob("kafka/nodes/run-*/server.properties")
    (address,) = re.findall(r"PLAINTEXT://([\d.:]+)", properties.read_text())
    return str(address)


def test_fictitious_licenses_do_not_get_into_a_kafka_that_is_at_work(
    cache: Path, own_broker: LocalBroker
) -> None:
    named = environment(cache, EXPORTWATCH_BOOTSTRAP_SERVERS=own_broker.bootstrap)

    def demo(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [EXPORTWATCH, "demo", *options], env=named, capture_output=True, text=True, timeout=MOST_SECONDS
        )

    first = demo()
    assert (first.returncode, first.stderr) == (0, "")
    assert f"Using the Kafka at {own_broker.bootstrap}" in first.stdout
    refused = demo()
    assert refused.returncode == 2
    assert "fictitious licenses" in refused.stderr
    again = demo("--among-others")
    assert (again.returncode, again.stderr) == (0, "")
    assert table_of(again.stdout) == table_of(first.stdout)


def table_of(output: str) -> list[str]:
    return [line for line in output.splitlines() if re.match(r"[1-5]  ", line)]


def test_a_killed_demo_leaves_no_process_behind(cache: Path) -> None:
    with demo_until(cache, "Workers") as process:
        process.kill()
    assert none_left_within(cache, seconds=90)


def test_without_java_the_demo_runs_on_the_mock_cluster_and_says_so(cache: Path) -> None:
    done = subprocess.run(
        [EXPORTWATCH, "demo"],
        env=environment(cache, PATH=str(cache)),
        capture_output=True,
        text=True,
        timeout=MOST_SECONDS,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "MOCK CLUSTER" in done.stdout
    assert "keeps nothing" in done.stdout
    assert "K-2025-001" in done.stdout
