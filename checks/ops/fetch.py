"""Fetches what checks deploy/ and is no Python package: schemas of custom resources, and compose's own loader.

From Go modules by the go command and from Strimzi's classes by Maven and Java; each file is held against a
digest. What is there already and right is left alone. It fails rather than skips.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
FETCHED = ROOT / ".cache" / "ops"
SCHEMAS = FETCHED / "schemas"
COMPOSE = FETCHED / "compose-spec"
POM = Path(__file__).with_name("strimzi-pom.xml")
SECONDS = 600

PROMETHEUS = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
KEDA = "github.com/kedacore/keda/v2@v2.21.0"
COMPOSE_GO = "github.com/compose-spec/compose-go/v2"
COMPOSE_VERSION = "v2.16.2"
COMPOSE_SUM = "h1:pTp1DqQwJzFd85GzlWsSszKA1ABrV/ySqsClujIcWA8="

FROM_GO: Mapping[str, tuple[str, str]] = {
    "podmonitor.yaml": (
        PROMETHEUS,
        "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml",
    ),
    "prometheusrule.yaml": (
        PROMETHEUS,
        "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
    ),
    "scaledobject.yaml": (KEDA, "config/crd/bases/keda.sh_scaledobjects.yaml"),
    # KEDA's definition takes any text in a trigger; what the trigger reads stands in its source only.
    "kafka_scaler.go": (KEDA, "pkg/scalers/kafka_scaler.go"),
    "triggerauthentication.yaml": (KEDA, "config/crd/bases/keda.sh_triggerauthentications.yaml"),
}
FROM_STRIMZI: Mapping[str, str] = {
    "kafkauser.yaml": "io.strimzi.api.kafka.model.user.KafkaUser",
    "kafkatopic.yaml": "io.strimzi.api.kafka.model.topic.KafkaTopic",
}
SHA256: Mapping[str, str] = {
    "kafka_scaler.go": "ed07895c6d3fc6d2884005524f86a7fb814308216ec4c79dd8f6ed1f85f8d748",
    "podmonitor.yaml": "8ce88c52c51209993511cae093089c9525f5552def88119e3f559123ee9d454b",
    "prometheusrule.yaml": "98fd16c9ab79fba8dcd6ef62c957c98cd6546ab74ce0a4ecf09ddf2fda03020e",
    "scaledobject.yaml": "af35555862a83933b074af14ad439c4b4ceabaf4daa3e9338e9b23e36d308d80",
    "triggerauthentication.yaml": "ed59ab37b2fa9a18119484a3dbd849b0b18ed25e1aea91d9f1305d4da2215bd8",
    "kafkauser.yaml": "b2f88ba15be1ad0d5287e4ef9f6af1ab32b2f096adb60e14aa34b00dea749e6e",
    "kafkatopic.yaml": "50c03978c6cf0d3547dc35b7fe78572217eff6b82b3bc3e412c10c80560397ad",
}


def main() -> int:
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    try:
        if wrong(FROM_GO):
            from_go()
        if wrong(FROM_STRIMZI):
            from_strimzi()
        if not COMPOSE.is_file() or COMPOSE_SUM not in built_from(COMPOSE):
            build_compose()
    except (OSError, subprocess.SubprocessError) as broken:
        said = (getattr(broken, "stderr", None) or b"").decode(errors="replace")
        sys.stderr.write(f"what checks deploy/ could not be fetched: {broken}\n{said}")
        return 1
    odd = [*wrong(FROM_GO), *wrong(FROM_STRIMZI)]
    for name in odd:
        sys.stderr.write(f"{name}: other content than checks/ops/fetch.py pins\n")
    return 1 if odd else 0


def wrong(names: Mapping[str, object]) -> list[str]:
    """Those that are missing or not as pinned."""
    return [name for name in names if digest(SCHEMAS / name) != SHA256[name]]


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def from_go() -> None:
    modules = dict.fromkeys(module for module, _ in FROM_GO.values())
    folders = dict(zip(modules, unpacked(modules), strict=True))
    for name, (module, path) in FROM_GO.items():
        shutil.copyfile(folders[module] / path, SCHEMAS / name)


def unpacked(modules: Sequence[str] | Mapping[str, object]) -> Iterator[Path]:
    """Where the go command keeps each module."""
    for module in modules:
        said = run(["go", "mod", "download", "-json", module], SCHEMAS)
        yield Path(json.loads(said)["Dir"])


def from_strimzi() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copyfile(POM, Path(scratch) / "pom.xml")
        run(
            ["mvn", "--batch-mode", "--quiet", "--strict-checksums",
             "dependency:copy-dependencies", "-DoutputDirectory=jars"],
            Path(scratch),
        )  # fmt: skip
        run(
            [
                "java",
                "-cp",
                "jars/*",
                "io.strimzi.crdgenerator.CrdGenerator",
                "--yaml",
                "--target-kube",
                "1.25+",
            ]
            + [f"{kind}=./{name}" for name, kind in FROM_STRIMZI.items()],
            Path(scratch),
        )
        for name in FROM_STRIMZI:
            shutil.copyfile(Path(scratch) / name, SCHEMAS / name)


def build_compose() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        run(["go", "install", f"{COMPOSE_GO}/cmd@{COMPOSE_VERSION}"], FETCHED, GOBIN=scratch)
        shutil.move(Path(scratch) / "cmd", COMPOSE)
    if COMPOSE_SUM not in built_from(COMPOSE):
        COMPOSE.unlink()
        raise OSError(f"{COMPOSE_GO} has another sum than checks/ops/fetch.py pins")


def built_from(binary: Path) -> str:
    """The modules in it, with their sums."""
    return run(["go", "version", "-m", str(binary)], FETCHED).decode()


def run(command: Sequence[str], folder: Path, **variables: str) -> bytes:
    """Its output. Raises where the program is missing or fails."""
    # `env` passes on what the machine's clients are set to, and adds to it.
    prefix = ["env", *(f"{name}={value}" for name, value in variables.items())]
    if shutil.which(command[0]) is None:
        raise FileNotFoundError(f"`{command[0]}` is not on the PATH")
    done = subprocess.run(
        [*prefix, *command],
        cwd=folder,
        capture_output=True,
        timeout=SECONDS,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
