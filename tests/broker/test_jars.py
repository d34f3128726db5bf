"""Kafka's jars: fetched once, verified at every use, by one process at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from exportwatch.broker import jars
from exportwatch.broker.local import LocalBroker
from exportwatch.errors import ConfigError

pytestmark = pytest.mark.broker


def test_a_partial_or_altered_folder_is_fetched_again(broker: LocalBroker, tmp_path: Path) -> None:
    folder = jars.folder_of(tmp_path)
    folder.mkdir(parents=True)
    (folder / "kafka-clients-4.4.0.jar").write_bytes(b"half a file")

    assert jars.kafka_jars(tmp_path) == folder
    assert jars.digests_of(folder) == jars.pinned_digests()


def test_processes_that_start_at_once_fetch_once(broker: LocalBroker, tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from exportwatch.broker import jars; jars.kafka_jars(pathlib.Path(sys.argv[1]))"
    )
    racers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(3)]
    assert [racer.wait(timeout=300) for racer in racers] == [0, 0, 0]
    assert jars.digests_of(jars.folder_of(tmp_path)) == jars.pinned_digests()
    left = {path.name for path in (tmp_path / "kafka").iterdir()}
    assert left == {"jars.lock", jars.folder_of(tmp_path).name}


def test_other_jars_than_the_pinned_ones_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def deliver_another(scratch: Path, target: Path) -> None:
        target.mkdir()
        (target / "kafka-clients-4.4.0.jar").write_bytes(b"something else")

    monkeypatch.setattr(jars, "run_maven", deliver_another)
    with pytest.raises(ConfigError, match=r"other jars than .* pins: .*kafka-clients-4\.4\.0\.jar"):
        jars.kafka_jars(tmp_path)
    assert not jars.folder_of(tmp_path).exists()


def test_mavens_last_words_are_shown_when_it_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(jars, "pom", lambda: b"<project/>")
    with pytest.raises(ConfigError, match=r"(?s)Maven could not fetch Kafka's jars; it said last:.*ERROR"):
        jars.kafka_jars(tmp_path)
