"""What an installed exportwatch needs beside its modules is in the wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = target.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        return set(content.namelist())


def test_the_topic_files_are_in_the_wheel(names: set[str]) -> None:
    for file in (ROOT / "schemas" / "topics").glob("*.yaml"):
        assert f"exportwatch/broker/topic_files/{file.name}" in names


def test_the_examples_are_in_the_wheel(names: set[str]) -> None:
    for file in (ROOT / "examples").rglob("*.*"):
        assert f"exportwatch/example_files/{file.relative_to(ROOT / 'examples')}" in names


def test_what_case_files_are_read_with_is_in_the_wheel(names: set[str]) -> None:
    assert {"exportwatch/evaluation/defaults.yaml", "exportwatch/evaluation/format.yaml"} <= names


def test_what_the_local_broker_needs_is_in_the_wheel(names: set[str]) -> None:
    assert {"exportwatch/broker/pom.xml", "exportwatch/broker/jars.sha256"} <= names


def test_no_test_or_cache_is_in_the_wheel(names: set[str]) -> None:
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests/")]
