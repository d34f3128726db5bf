"""schemas/asyncapi.yaml by AsyncAPI's official parser, and against what is really written."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from exportwatch.broker import asyncapi
from exportwatch.broker.topics import load_registry

ROOT = Path(__file__).parents[2]
CHECK = ROOT / "checks/asyncapi"
INSTALLED = ROOT / ".cache/asyncapi"
DOCUMENT = ROOT / "schemas/asyncapi.yaml"


@pytest.fixture(scope="module")
def parser() -> Path:
    """The parser's script beside its packages, which npm installs by the lock file where they are missing."""
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc", "parse.mjs"):
        shutil.copy(CHECK / name, INSTALLED / name)
    if not (INSTALLED / "node_modules").is_dir():
        assert shutil.which("npm"), "npm is missing: AsyncAPI's parser runs on Node.js"
        subprocess.run(["npm", "ci", "--silent"], cwd=INSTALLED, check=True)
    return INSTALLED / "parse.mjs"


def parsed(parser: Path, document: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["node", str(parser), str(document)], capture_output=True, text=True, check=False)


def test_the_official_parser_finds_no_error(parser: Path) -> None:
    found = parsed(parser, DOCUMENT)
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith(f"{len(asyncapi.MESSAGES)} channels")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("action: receive", "action: devour"),
        ("$ref: ./json/alert.json", "$ref: ./json/nowhere.json"),
        ("$ref: '#/channels/erp_shipments_v1'", "$ref: '#/channels/erp_nothing_v1'"),
    ],
)
def test_the_official_parser_finds_what_is_wrong(
    parser: Path, before: str, after: str, tmp_path: Path
) -> None:
    text = DOCUMENT.read_text()
    assert before in text
    (tmp_path / "json").symlink_to(ROOT / "schemas/json")
    bad = tmp_path / "asyncapi.yaml"
    bad.write_text(text.replace(before, after, 1))
    assert parsed(parser, bad).returncode != 0


def test_every_topic_and_every_schema_is_in_it() -> None:
    content = yaml.safe_load(DOCUMENT.read_text())
    assert {channel["address"] for channel in content["channels"].values()} == {
        s.name for s in load_registry()
    }
    referred = {
        message["payload"]["$ref"].removeprefix("./json/").removesuffix(".json")
        for message in content["components"]["messages"].values()
        if "$ref" in message["payload"]
    }
    assert referred == {file.stem for file in (ROOT / "schemas/json").glob("*.json")} - {"quarantine-headers"}
