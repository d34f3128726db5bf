"""Kafka's jar files: fetched once by Maven from the pinned pom, held against committed digests at each use.

A folder that is incomplete or altered (an interrupted fetch, a full disk) is thrown away and fetched again;
one process fetches while others that start at the same time wait for it.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from exportwatch.errors import ConfigError

FETCH_SECONDS = 600
LAST_LINES = 15


def kafka_jars(cache_dir: Path) -> Path:
    """The folder of the verified jars. Raises ConfigError where they are absent and cannot be fetched."""
    wanted = pinned_digests()
    jars = folder_of(cache_dir)
    jars.parent.mkdir(parents=True, exist_ok=True)
    with locked(jars.parent / "jars.lock"):
        if digests_of(jars) != wanted:
            shutil.rmtree(jars, ignore_errors=True)
            fetch(jars, wanted)
    return jars


def are_cached(cache_dir: Path) -> bool:
    """True where a fetched folder is there (verified only when it is used)."""
    return folder_of(cache_dir).is_dir()


def fetch(jars: Path, wanted: Mapping[str, str]) -> None:
    """Fill `jars` in one step: afterwards every wanted file is there with its digest, or no folder at all."""
    if shutil.which("mvn") is None:
        raise ConfigError("the local Kafka needs Maven once, to fetch its jars, and `mvn` is not on the PATH")
    with tempfile.TemporaryDirectory(dir=jars.parent, prefix="fetch-") as scratch:
        arrived = Path(scratch) / "jars"
        run_maven(Path(scratch), arrived)
        found = digests_of(arrived)
        if found != wanted:
            odd = sorted({name for name, _ in found.items() ^ wanted.items()})
            raise ConfigError(f"Maven delivered other jars than broker/jars.sha256 pins: {', '.join(odd)}")
        arrived.rename(jars)


def run_maven(scratch: Path, target: Path) -> None:
    (scratch / "pom.xml").write_bytes(pom())
    command = ["mvn", "--batch-mode", "--no-transfer-progress", "--strict-checksums"]
    command += ["--file", str(scratch / "pom.xml")]
    command += ["dependency:copy-dependencies", f"-DoutputDirectory={target}"]
    try:
        done = subprocess.run(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=FETCH_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        raise ConfigError(f"Maven did not fetch Kafka's jars within {FETCH_SECONDS} s") from late
    if done.returncode != 0:
        lines = done.stdout.decode(errors="replace").splitlines()[-LAST_LINES:]
        raise ConfigError("Maven could not fetch Kafka's jars; it said last:\n  " + "\n  ".join(lines))


def pom() -> bytes:
    return resources.files("exportwatch.broker").joinpath("pom.xml").read_bytes()


def pins() -> bytes:
    return resources.files("exportwatch.broker").joinpath("jars.sha256").read_bytes()


def pinned_digests() -> Mapping[str, str]:
    """sha256 by file name, as committed."""
    return {name: digest for digest, name in (line.split() for line in pins().decode("ascii").splitlines())}


def folder_of(cache_dir: Path) -> Path:
    """Where the pinned jars lie; other pins have another folder."""
    return cache_dir.resolve() / "kafka" / f"jars-{hashlib.sha256(pins()).hexdigest()[:12]}"


def digests_of(folder: Path) -> dict[str, str]:
    """sha256 by file name of what lies in `folder`; empty where there is no folder."""
    if not folder.is_dir():
        return {}
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds `path` against other processes; the lock goes with the process that holds it."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    for name, digest in digests_of(Path(sys.argv[1])).items():
        sys.stdout.write(f"{digest}  {name}\n")
