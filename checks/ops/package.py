"""`make package`: the steps of the Dockerfile in an empty environment, and the result tried as it will run.

Built from what deploy/docker/Dockerfile.dockerignore lets through and nothing else; twice, to the same bytes. Then
installed by hash into a fresh environment outside the checkout and run as a user with no rights from a folder in
which nobody may write. The wheel is left in dist/. It fails rather than skips.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
IGNORE = ROOT / "deploy" / "docker" / "Dockerfile.dockerignore"
TRIAL = Path(__file__).with_name("trial.py")
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")
INSTALL = ("install", "--no-deps", "--require-hashes", "--only-binary", ":all:")


def main() -> int:
    # Others than the owner must be able to look into it.
    with tempfile.TemporaryDirectory(prefix="exportwatch-package-") as name:
        scratch = Path(name)
        scratch.chmod(0o755)
        try:
            wheel = build(scratch)
            prefix = install(scratch, wheel)
        except subprocess.CalledProcessError as failed:
            sys.stderr.write(f"failed: {' '.join(map(str, failed.cmd))}\n")
            return 1
        (ROOT / "dist").mkdir(exist_ok=True)
        kept = Path(shutil.copy(wheel, ROOT / "dist"))
        sys.stdout.write(f"built {kept.relative_to(ROOT)}, sha256 {digest(kept)}\n")
        return trial(scratch, prefix)


def build(scratch: Path) -> Path:
    """The wheel, made twice."""
    context = scratch / "context"
    copy_context(context)
    python = environment(scratch / "build")
    run([python, *PIP, *INSTALL, "-r", context / "requirements" / "build.txt"])
    wheels: list[Path] = []
    for folder in (scratch / "dist", scratch / "again"):
        run([python, *PIP, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", folder, context])
        wheels += folder.glob("*.whl")
    first, second = wheels
    if digest(first) != digest(second):
        raise SystemExit(f"{first.name}: the same sources gave two wheels")
    return first


def copy_context(target: Path) -> None:
    """What `docker build` would be given."""
    lines = IGNORE.read_text("utf-8").splitlines()
    for path in (line.removeprefix("!") for line in lines if line.startswith("!")):
        source, copy = ROOT / path, target / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, copy)


def install(scratch: Path, wheel: Path) -> Path:
    """The environment that the image holds; it has no pip."""
    prefix = scratch / "exportwatch"
    python = environment(prefix, "--without-pip")
    pip = [scratch / "build" / "bin" / "python", *PIP, "--python", python]
    run([*pip, *INSTALL, "-r", ROOT / "requirements" / "service.txt"])
    run([*pip, "install", "--no-deps", "--no-index", wheel])
    run([python, "-m", "compileall", "-q", prefix / "lib"])
    return prefix


def environment(prefix: Path, *options: str) -> Path:
    run([sys.executable, "-m", "venv", *options, prefix])
    return prefix / "bin" / "python"


def trial(scratch: Path, prefix: Path) -> int:
    """Runs trial.py with the installed Python. Its status; it prints what it found."""
    sealed, run_folder = scratch / "sealed", scratch / "run"
    sealed.mkdir(mode=0o555)
    run_folder.mkdir(mode=0o777)
    run_folder.chmod(0o777)
    # Where nobody here is root, the trial runs as the owner.
    (prefix / "bin").chmod(0o555)
    shutil.copyfile(TRIAL, scratch / "trial.py")
    shutil.copytree(ROOT / "examples", scratch / "examples")
    command = [*unprivileged(), prefix / "bin" / "python", "-I", scratch / "trial.py"]
    command += [prefix / "bin" / "exportwatch", scratch / "examples", run_folder]
    # `env -i`: nothing of this shell's, as in a container.
    clean = [
        "env",
        "-i",
        f"PATH={prefix}/bin:/usr/bin:/bin",
        "HOME=/nonexistent",
        "PYTHONDONTWRITEBYTECODE=1",
    ]
    return subprocess.run([*clean, *map(str, command)], cwd=sealed, check=False).returncode


def unprivileged() -> Sequence[str]:
    """What makes a command of root's one of nobody's: of all capabilities only that to read files is left, since
    Python itself may be installed where nobody else may look."""
    if os.geteuid() != 0:
        return ()
    only = "-all,+dac_read_search"
    return (
        "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs",
        f"--inh-caps={only}", f"--ambient-caps={only}", f"--bounding-set={only}",
    )  # fmt: skip


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def run(command: Sequence[object]) -> None:
    subprocess.run([*map(str, command)], check=True, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
