"""`exportwatch broker` and `exportwatch topics` as a person uses them."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exportwatch.broker.local import LocalBroker, free_port
from exportwatch.broker.provision import admin_client

pytestmark = pytest.mark.broker

EXPORTWATCH = Path(__file__).parents[2] / ".venv" / "bin" / "exportwatch"


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EXPORTWATCH_")}
    return kept | {f"EXPORTWATCH_{name}": value for name, value in more.items()}


def exportwatch(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [EXPORTWATCH, *arguments], env=environment(**settings), capture_output=True, text=True, timeout=60
    )


@contextmanager
def foreground_broker(port: int, cache_dir: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [EXPORTWATCH, "broker", "--port", str(port)]
    process = subprocess.Popen(
        command,
        env=environment(CACHE_DIR=str(cache_dir)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        while "ctrl-C" not in (line := process.stdout.readline()):
            assert line, process.stderr.read()
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture
def cache_with_jars(cache_dir: Path, tmp_path: Path) -> Path:
    """A cache folder of this test's own that has the jars already."""
    (tmp_path / "kafka").mkdir()
    for folder in (cache_dir / "kafka").glob("jars-*"):
        (tmp_path / "kafka" / folder.name).symlink_to(folder)
    return tmp_path


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_broker_in_the_foreground_leaves_without_a_word_of_python(
    broker: LocalBroker, cache_with_jars: Path, how: signal.Signals
) -> None:
    with foreground_broker(free_port(), cache_with_jars) as process:
        process.send_signal(how)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert out.endswith("Stopped.\n")


def test_the_broker_in_the_foreground_keeps_its_data_for_the_next_time(
    broker: LocalBroker, cache_with_jars: Path
) -> None:
    port = free_port()
    with foreground_broker(port, cache_with_jars), admin_client(f"127.0.0.1:{port}") as client:
        client.create_topics(["kept"], wait_for_metadata=True)
    with foreground_broker(port, cache_with_jars), admin_client(f"127.0.0.1:{port}") as client:
        assert "kept" in client.list_topics()


def test_topics_diff_leaves_with_1_until_topics_apply_has_run(own_broker: LocalBroker) -> None:
    settings = {"BOOTSTRAP_SERVERS": own_broker.bootstrap}
    before = exportwatch("topics", "diff", **settings)
    assert before.returncode == 1
    assert "compliance.decisions.v1: missing; would be created with 12 partitions" in before.stdout

    applied = exportwatch("topics", "apply", **settings)
    assert (applied.returncode, applied.stderr) == (0, "")

    after = exportwatch("topics", "diff", **settings)
    assert (after.returncode, after.stdout) == (0, "9 topics are as the registry says.\n")


def test_topics_without_a_broker_say_which_setting_is_missing() -> None:
    answer = exportwatch("topics", "diff")
    assert answer.returncode == 2
    assert "EXPORTWATCH_BOOTSTRAP_SERVERS" in answer.stderr
