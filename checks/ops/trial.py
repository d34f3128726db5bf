"""Tries an installed exportwatch as it will run in a container: nobody's, nothing writable but one folder.

    trial.py EXPORTWATCH EXAMPLES FOLDER

Run by `package.py`. Prints a line for each step; status 1 at the first that fails.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

SECONDS = 60
NO_BROKER = "127.0.0.1:1"


def main(exportwatch: str, examples: Path, folder: Path) -> int:
    steps = (nobody, version, law, screening, without_broker, without_folder, worker)
    for step in steps:
        try:
            found = step(exportwatch, examples, folder)
        except (AssertionError, OSError, subprocess.SubprocessError, ValueError) as failed:
            sys.stderr.write(f"{step.__name__}: {failed!r}\n")
            return 1
        sys.stdout.write(f"{step.__name__}: {found}\n")
    return 0


def nobody(exportwatch: str, examples: Path, folder: Path) -> str:
    """That this process may not write where it stands nor where it is installed: else the rest proves nothing."""
    assert os.geteuid() != 0, "run as root"
    for place in (Path.cwd(), Path(exportwatch).parent):
        try:
            (place / "written").touch()
        except PermissionError:
            continue
        raise AssertionError(f"{place} can be written")
    return f"user {os.geteuid()}, nothing to write to but {folder.name}/"


def version(exportwatch: str, examples: Path, folder: Path) -> str:
    return ask([exportwatch, "--version"]).stdout.strip()


def law(exportwatch: str, examples: Path, folder: Path) -> str:
    lines = ask([exportwatch, "law", "show", "--on", "2026-01-05"]).stdout.splitlines()
    assert len(lines) > 20, lines
    return lines[0]


def screening(exportwatch: str, examples: Path, folder: Path) -> str:
    file = examples / "shipments" / "rare-earths.jsonl"
    said = ask([exportwatch, "screen", str(file)]).stdout.splitlines()
    results = [json.loads(line)["result"] for line in said]
    assert len(results) == len(file.read_text("utf-8").splitlines()) and "license_required" in results, (
        results
    )
    return f"{len(results)} shipments of {file.name} decided"


def without_broker(exportwatch: str, examples: Path, folder: Path) -> str:
    return refused(exportwatch, "EXPORTWATCH_BOOTSTRAP_SERVERS", EXPORTWATCH_DATADIR=str(folder))


def without_folder(exportwatch: str, examples: Path, folder: Path) -> str:
    return refused(exportwatch, "EXPORTWATCH_DATADIR", EXPORTWATCH_BOOTSTRAP_SERVERS=NO_BROKER)


def refused(exportwatch: str, variable: str, **variables: str) -> str:
    """Raises unless the service leaves at once with 2 and names the variable."""
    done = subprocess.run(
        [*given(variables), exportwatch, "run", "screening"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 2, done
    assert variable in done.stderr and "Traceback" not in done.stderr, done.stderr
    return f"refused, status 2, {variable} named"


def worker(exportwatch: str, examples: Path, folder: Path) -> str:
    """Alive, not ready, and gone at SIGTERM, while no Kafka answers."""
    variables = {
        "EXPORTWATCH_BOOTSTRAP_SERVERS": NO_BROKER,
        "EXPORTWATCH_OPS_PORT": "0",
        "EXPORTWATCH_DATADIR": str(folder),
    }
    process = subprocess.Popen(
        [*given(variables), exportwatch, "run", "screening"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = ops_url(folder / "ops" / "screening-0.json")
        assert status(url + "/livez") == 200
        assert status(url + "/readyz") == 503
        assert status(url + "/metrics") == 200
        memory = resident(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0, process.returncode
    finally:
        process.kill()
        process.wait()
    return f"alive, not ready without Kafka, {memory} MiB resident, status 0 after SIGTERM"


def given(variables: Mapping[str, str]) -> Sequence[str]:
    """What goes before a command that is given variables; `env` becomes the command, with its process id."""
    return ("env", *(f"{name}={value}" for name, value in variables.items()))


def ops_url(file: Path) -> str:
    deadline = time.monotonic() + SECONDS
    while not file.exists():
        assert time.monotonic() < deadline, "no ops port"
        time.sleep(0.1)
    return str(json.loads(file.read_text("utf-8"))["url"])


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - the worker's own address
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def resident(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))


def ask(command: Sequence[str], text: str = "") -> "subprocess.CompletedProcess[str]":
    """Raises where its status is not 0."""
    return subprocess.run(
        [*command], input=text, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS, check=True
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
