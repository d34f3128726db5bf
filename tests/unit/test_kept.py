"""A child that its owner keeps: what it leaves with, and that it does not stay."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from exportwatch.broker.kept import Kept, last_lines
from exportwatch.errors import ConfigError

SLEEPER = [sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(600)"]
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('awake', flush=True)"
STUBBORN = [sys.executable, "-c", f"{DEAF}; time.sleep(600)"]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def awake(log: Path) -> None:
    while "awake" not in (log.read_text() if log.exists() else ""):
        time.sleep(0.02)


@pytest.mark.parametrize(("how", "code"), [("stop", 128 + signal.SIGTERM), ("kill", 128 + signal.SIGKILL)])
def test_a_child_that_is_ended_tells_by_which_signal(tmp_path: Path, how: str, code: int) -> None:
    child = Kept(SLEEPER, tmp_path / "log")
    awake(tmp_path / "log")
    assert child.is_running
    assert getattr(child, how)() == code
    assert not alive(child.pid)


def test_a_child_that_leaves_by_itself_tells_its_exit_code(tmp_path: Path) -> None:
    child = Kept([sys.executable, "-c", "import sys; print('bye'); sys.exit(7)"], tmp_path / "log")
    while child.is_running:
        time.sleep(0.02)
    assert child.stop() == 7
    assert last_lines(tmp_path / "log") == "  bye"


def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no-such-program could not be started"):
        Kept(["no-such-program"], tmp_path / "log")


def test_a_child_that_does_not_listen_is_made_to_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = tmp_path / "keeper.py"
    source = Path("services/exportwatch/broker/keeper.py")
    text = (Path(__file__).parents[2] / source).read_text()
    patient.write_text(text.replace("PATIENCE_SECONDS = 10.0", "PATIENCE_SECONDS = 0.3"))
    monkeypatch.setattr("exportwatch.broker.keeper.__file__", str(patient))
    child = Kept(STUBBORN, tmp_path / "log")
    awake(tmp_path / "log")
    assert child.stop() == 128 + signal.SIGKILL


def test_a_child_goes_when_its_owner_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from exportwatch.broker.kept import Kept\n"
        "print(Kept(eval(sys.argv[1]), Path(sys.argv[2])).pid, flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", code, repr(SLEEPER), str(tmp_path / "log")], stdout=subprocess.PIPE
    )
    assert owner.stdout is not None
    pid = int(owner.stdout.readline())
    awake(tmp_path / "log")
    owner.kill()
    owner.communicate()
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(pid)
