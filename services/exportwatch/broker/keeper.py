"""Runs one program and ends it when its owner is gone.

Started as a script of its own between exportwatch and Kafka, so it knows nothing but the standard library.
The owner holds the writing end of this process's standard input: when that closes, because the owner stopped
the program or was itself killed, the program is asked to leave (SIGTERM) and after ten seconds made to.
It prints the program's process id once and leaves with the program's exit code.

A pipe and not PR_SET_PDEATHSIG alone: that signal comes when the *thread* that started the child ends.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading

PATIENCE_SECONDS = 10.0
PR_SET_PDEATHSIG = 1


def die_with_keeper() -> None:
    """Second line of defence, on Linux: the program is killed when this process is."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end_when_owner_is_gone(program: "subprocess.Popen[bytes]") -> None:
    # Not sys.stdin: a thread inside it holds a lock for which the interpreter's exit waits a second.
    while os.read(0, 1):
        pass
    program.terminate()
    try:
        program.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        program.kill()


def main(command: list[str]) -> int:
    # No thread runs yet, which is what makes preexec_fn safe.
    program = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        preexec_fn=die_with_keeper,  # noqa: PLW1509
    )
    sys.stdout.write(f"{program.pid}\n")
    sys.stdout.flush()
    threading.Thread(target=end_when_owner_is_gone, args=(program,), daemon=True).start()
    status = program.wait()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
