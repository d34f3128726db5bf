"""The command line as a person or a shell meets it: real processes, their output and their exit status."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from exportwatch import cli

PROGRAM = [sys.executable, "-m", "exportwatch"]


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("EXPORTWATCH_")}
    return subprocess.run(
        [*PROGRAM, *arguments], env=clean | variables, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_version_is_told() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, "exportwatch, version 0.1.0\n")


def test_an_operators_error_is_a_message_and_exit_2_without_a_traceback() -> None:
    done = run("config", "show", EXPORTWATCH_OPS_PORT="http")
    assert done.returncode == 2
    assert done.stderr.startswith("exportwatch: environment: EXPORTWATCH_OPS_PORT: ")
    assert "Traceback" not in done.stderr


def test_an_unknown_command_is_wrong_use_and_the_near_one_is_named() -> None:
    done = run("confg")
    assert done.returncode == 2
    assert 'did you mean "config"?' in done.stderr


def test_only_installed_commands_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cli.COMMANDS, "not_here", "A command whose module does not exist.")
    done = run("--help")
    assert "config" in done.stdout
    listed = cli.group.list_commands(cli.click.Context(cli.group))
    assert "config" in listed
    assert "not_here" not in listed


def test_help_imports_no_kafka_client() -> None:
    code = (
        "import sys\n"
        "from exportwatch import cli\n"
        "sys.argv = ['exportwatch', '--help']\n"
        "try:\n    cli.main()\n"
        "finally:\n    print(sorted({'faust', 'aiokafka', 'kafka', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_reader_that_leaves_is_no_error_to_speak_of() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*PROGRAM, "config", "show"], stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (cli.READER_LEFT, "")


def test_a_bug_leaves_with_70_and_its_traceback() -> None:
    code = (
        "import click, sys\n"
        "from exportwatch import cli\n"
        "cli.group.get_command = lambda *_: click.Command('x', callback=lambda: 1 / 0)\n"
        "sys.argv = ['exportwatch', 'x']\ncli.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert "ZeroDivisionError" in done.stderr


def test_show_masks_secrets_and_says_what_is_set(tmp_path: Path) -> None:
    done = run(
        "config",
        "show",
        EXPORTWATCH_SECURITY_PROTOCOL="SASL_PLAINTEXT",
        EXPORTWATCH_SASL_USERNAME="screening",
        EXPORTWATCH_SASL_PASSWORD="correct horse",
    )
    assert done.returncode == 0
    assert "correct horse" not in done.stdout
    assert "EXPORTWATCH_SASL_PASSWORD=********  # set;" in done.stdout
    assert "EXPORTWATCH_SSL_KEY_PASSWORD=  # default;" in done.stdout
    assert "EXPORTWATCH_OPS_PORT=9464  # default;" in done.stdout


def test_check_says_that_nobody_listens() -> None:
    done = run("config", "check", EXPORTWATCH_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert done.returncode == 2
    assert "127.0.0.1:1" in done.stderr
