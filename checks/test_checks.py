"""Each check bites: a deliberately bad file, and the breach that is found in it."""

import shutil
import subprocess
from pathlib import Path

import house
import promtool
import pytest

ROOT = Path(__file__).parents[1]
LINT = ROOT / ".venv-lint" / "bin"


@pytest.mark.parametrize(
    "line",
    [
        "import os\nHOST = os.environ['HOST']",
        "import os\nHOST = os.getenv('HOST')",
        "from os import environ",
        "from os import path, getenv as ask",
    ],
)
def test_reading_the_environment_outside_settings_is_found(line: str) -> None:
    assert list(house.environment(Path("services/exportwatch/bad.py"), line))
    assert not list(house.environment(Path(house.READS_ENVIRONMENT), line))
    assert not list(house.environment(Path("tests/unit/test_bad.py"), line))


def test_a_module_that_speaks_of_the_environment_without_reading_it_is_let_be() -> None:
    text = '"""The environment."""\nimport os\nos.getpid()\nenviron = 1\n'
    assert not list(house.environment(Path("services/exportwatch/good.py"), text))


def test_a_module_of_301_lines_is_found_and_one_of_300_is_not() -> None:
    path = Path("services/exportwatch/long.py")
    assert list(house.sizes(path, "x = 1\n" * 301))
    assert not list(house.sizes(path, "x = 1\n" * 300))
    assert not list(house.sizes(Path("services/exportwatch/law/packs/cn/x.yaml"), "x: 1\n" * 301))


@pytest.mark.parametrize(
    "line",
    [
        "see /{}/main/README.md".format("work"),
        'CACHE = "/{}/.cache"'.format("root"),
        "file:///{}/someone/x".format("home"),
        "pip install --{}-url http://packages.example".format("index"),
        "--{}-host packages.example".format("trusted"),
    ],
)
def test_a_place_of_somebodys_machine_is_found(line: str) -> None:
    assert list(house.places(Path("README.md"), line))


@pytest.mark.parametrize(
    "line",
    [
        "frame/{}/x".format("work"),
        "https://pypi.org/project/x",
        "${{HOME}}/{}/x".format("work"),
        "/workers/a",
    ],
)
def test_other_paths_and_public_addresses_are_let_be(line: str) -> None:
    assert not list(house.places(Path("README.md"), line))


def test_a_private_registry_that_pip_is_set_to_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "private_hosts", lambda: frozenset({"packages.corp.example"}))
    assert list(house.places(Path("x.toml"), "url = 'https://packages.corp.example/simple'"))


def test_a_breach_in_a_committed_file_ends_with_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "services" / "bad.py"
    bad.parent.mkdir()
    bad.write_text("import os\nos.getenv('X')\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert house.main(tmp_path) == 0
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    assert house.main(tmp_path) == 1
    assert "services/bad.py:2" in capsys.readouterr().out


def test_promtool_refuses_a_counter_without_total() -> None:
    tool = shutil.which("promtool")
    assert tool is not None, "promtool.py installs it"
    bad = b"# HELP exportwatch_x x\n# TYPE exportwatch_x counter\nexportwatch_x 1\n"
    assert promtool.check(tool, bad) != 0


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("law/model.py", "import asyncio", "the core has no input"),
        ("law/model.py", "import os", "the core has no input"),
        ("classification/item.py", "import exportwatch.screening.facts", "screening over classification"),
        ("alerting/order.py", "import exportwatch.law.model", "alerting reads decisions"),
        ("alerting/order.py", "import exportwatch.screening.facts", "know nothing of each other"),
        ("streaming/wire.py", "import prometheus_client", "only streaming.metrics knows"),
        ("streaming/wire.py", "import exportwatch.commands.run", "the command line over"),
        ("commands/config.py", "import faust", "only the shell and the apps know Faust"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(
    tmp_path: Path, module: str, line: str, contract: str
) -> None:
    for folder in ("services", "schemas"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "packs")
        )
    bad = tmp_path / "services" / "exportwatch" / module
    bad.write_text(bad.read_text() + f"\n{line}\n")
    done = subprocess.run(
        [LINT / "lint-imports", "--no-cache", "--config", ROOT / ".importlinter"],
        cwd=tmp_path,
        env={"PYTHONPATH": "services:schemas", "PATH": str(LINT)},
        capture_output=True,
        text=True,
        check=False,
    )
    broken = [found for found in done.stdout.splitlines() if "BROKEN" in found]
    assert done.returncode == 1, done.stdout
    assert any(contract in found for found in broken), done.stdout
