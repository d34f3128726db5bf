"""The parent and its children, as real processes: small fake services in the place of the real ones."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exportwatch.commands.run import child_command, workers_of
from exportwatch.supervise import RestartPolicy, Worker

# Tells its process id in a file, then does as its service's name says.
FAKE_SERVICE = """
import os, signal, sys, time
from exportwatch.supervise import leave_with_parent
parent, service, number, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
leave_with_parent(parent)
if service == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.signal(signal.SIGUSR1, lambda *_: open(f"{folder}/{service}-{number}.told", "w").close())
with open(f"{folder}/{service}-{number}", "a") as file:
    file.write(f"{os.getpid()}\\n")
if service == "crashing":
    sys.exit(70)
if service == "refusing":
    sys.exit(2)
while True:
    time.sleep(0.05)
"""

PARENT = """
import os, sys
from exportwatch import supervise
from exportwatch.streaming import logs
logs.configure("INFO", "supervisor")
supervise.FIRST_PAUSE_SECONDS = 0.05
supervise.PATIENCE_SECONDS = 1.0
script, folder, *services = sys.argv[1:]
workers = [supervise.Worker(service, number) for number, service in enumerate(services)]
def command(worker):
    return [sys.executable, script, str(os.getpid()), worker.service, str(worker.number), folder]
sys.exit(supervise.supervise(workers, command))
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a parent of the named services; whatever is left of it is killed at the end."""
    service = tmp_path / "service.py"
    service.write_text(FAKE_SERVICE)
    parent = tmp_path / "parent.py"
    parent.write_text(PARENT)
    started: list[subprocess.Popen[str]] = []

    def begin(*services: str) -> "subprocess.Popen[str]":
        command = [sys.executable, str(parent), str(service), str(tmp_path), *services]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()
    for pid in (pid for file in tmp_path.glob("*-[0-9]") for pid in pids(file)):
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)


def pids(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def test_sigterm_reaches_every_worker_and_the_parent_leaves_clean(start: Start, tmp_path: Path) -> None:
    parent = start("staying", "staying", "other")
    files = [tmp_path / "staying-0", tmp_path / "staying-1", tmp_path / "other-2"]
    until(lambda: all(pids(file) for file in files))
    children = [pids(file)[0] for file in files]
    assert {os.getpgid(pid) for pid in children} == {os.getpgid(parent.pid)}
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(10) == 0
    assert not any(is_alive(pid) for pid in children)


def test_the_signal_for_debug_lines_reaches_every_worker_and_ends_nobody(
    start: Start, tmp_path: Path
) -> None:
    parent = start("staying", "other")
    names = ("staying-0", "other-1")
    until(lambda: all(pids(tmp_path / name) for name in names))
    parent.send_signal(signal.SIGUSR1)
    until(lambda: all((tmp_path / f"{name}.told").exists() for name in names))
    assert parent.poll() is None
    assert [len(pids(tmp_path / name)) for name in names] == [1, 1]


def test_a_killed_worker_is_started_again_and_the_other_goes_on(start: Start, tmp_path: Path) -> None:
    parent = start("staying", "staying")
    first, second = tmp_path / "staying-0", tmp_path / "staying-1"
    until(lambda: pids(first) and pids(second))
    os.kill(pids(first)[0], signal.SIGKILL)
    until(lambda: len(pids(first)) == 2)
    assert is_alive(pids(first)[1])
    assert len(pids(second)) == 1
    assert parent.poll() is None


def test_five_exits_within_a_minute_end_everything_with_70(start: Start, tmp_path: Path) -> None:
    parent = start("crashing", "staying")
    assert parent.wait(20) == 70
    assert len(pids(tmp_path / "crashing-0")) == 5
    assert not is_alive(pids(tmp_path / "staying-1")[0])


def test_an_operators_error_ends_everything_at_once_with_2(start: Start, tmp_path: Path) -> None:
    parent = start("staying", "refusing")
    assert parent.wait(20) == 2
    assert len(pids(tmp_path / "refusing-1")) == 1
    assert not any(is_alive(pid) for pid in pids(tmp_path / "staying-0"))


def test_workers_leave_when_their_parent_was_killed(start: Start, tmp_path: Path) -> None:
    parent = start("staying", "staying")
    files = [tmp_path / "staying-0", tmp_path / "staying-1"]
    until(lambda: all(pids(file) for file in files))
    parent.kill()
    until(lambda: not any(is_alive(pids(file)[0]) for file in files), 5)


def test_a_worker_that_does_not_leave_is_killed_and_the_status_says_so(start: Start, tmp_path: Path) -> None:
    parent = start("stubborn", "staying")
    until(lambda: pids(tmp_path / "stubborn-0") and pids(tmp_path / "staying-1"))
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(10) == 70
    assert not is_alive(pids(tmp_path / "stubborn-0")[0])


def test_a_worker_whose_parent_died_before_it_could_look_leaves(tmp_path: Path) -> None:
    script = tmp_path / "service.py"
    script.write_text(FAKE_SERVICE)
    nobody = 2**22 + 1
    orphan = subprocess.Popen([sys.executable, str(script), str(nobody), "staying", "0", str(tmp_path)])
    assert orphan.wait(10) in (0, -signal.SIGTERM)


def test_pauses_double_and_end_at_the_fifth_exit_within_a_minute() -> None:
    policy = RestartPolicy()
    assert [policy.left(now) for now in (0.0, 1.0, 2.0, 3.0, 4.0)] == [0.5, 1.0, 2.0, 4.0, None]


def test_exits_more_than_a_minute_apart_are_forgotten() -> None:
    policy = RestartPolicy()
    assert {policy.left(now) for now in (0.0, 61.0, 122.0, 183.0, 244.0, 305.0)} == {0.5}
    assert [policy.left(306.0), policy.left(365.5)] == [1.0, 1.0]


def test_workers_are_numbered_through_so_that_each_has_a_port() -> None:
    assert workers_of("all", 2) == (
        Worker("screening", 0),
        Worker("screening", 1),
        Worker("alerting", 2),
        Worker("alerting", 3),
    )
    assert workers_of("alerting", 1) == (Worker("alerting", 0),)


def test_a_child_is_told_its_number_and_its_parent() -> None:
    command = child_command(Worker("alerting", 3))
    assert command[1:] == [
        "-m",
        "exportwatch",
        "run",
        "alerting",
        "--worker",
        "3",
        "--parent",
        str(os.getpid()),
    ]
