"""Debian packages that the checks need: installed where they are missing, by apt, which takes root or sudo.

``python checks/debian.py PROGRAM=PACKAGE …`` fails rather than skips.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence


def provide(program: str, package: str) -> str | None:
    """The program's place, installing the package that has it where it is missing; None where that fails."""
    return shutil.which(program) or install(program, package)


def install(program: str, package: str) -> str | None:
    if shutil.which("apt-get") is None:
        return None
    root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    for step in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
        done = subprocess.run([*root, "apt-get", *step], stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            return None
    return shutil.which(program)


def main(arguments: Sequence[str]) -> int:
    """Status 1 where one of them cannot be had."""
    for argument in arguments:
        program, _, package = argument.partition("=")
        if provide(program, package) is None:
            sys.stderr.write(
                f"{program} is missing and could not be installed (Debian package `{package}`)\n"
            )
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
