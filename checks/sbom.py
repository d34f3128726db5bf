"""Writes build/sbom.cdx.json: what is installed beside exportwatch, as a CycloneDX bill of materials.

`python checks/sbom.py PYTHON`, where PYTHON has cyclonedx-bom. The tool holds the file against the schema of
CycloneDX; that it names each installed package in its version, and no other, is checked here. The same environment
gives the same bytes.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FILE = ROOT / "build" / "sbom.cdx.json"
SPECIFICATION = "1.6"
OURS = "exportwatch"


def main(tool: str) -> int:
    FILE.parent.mkdir(exist_ok=True)
    subprocess.run(
        [tool, "-m", "cyclonedx_py", "environment", "--pyproject", str(ROOT / "pyproject.toml"),
         "--spec-version", SPECIFICATION, "--output-format", "JSON", "--output-reproducible", "--validate",
         "--output-file", str(FILE), sys.executable],
        check=True,
    )  # fmt: skip
    found = list(differences(json.loads(FILE.read_text("utf-8")), installed()))
    for line in found:
        print(line)  # noqa: T201 - for the person who runs it
    return 1 if found else 0


def installed() -> Iterator[tuple[str, str]]:
    for one in distributions():
        yield one.metadata["Name"], one.version


def differences(bill: Mapping[str, Any], packages: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Between the bill and what is installed; names as PyPI compares them."""
    told = {(plain(one["name"]), one["version"]) for one in bill["components"]}
    there = {(plain(name), number) for name, number in packages if name != OURS}
    yield from (f"{name} {number}: installed, and not in the bill" for name, number in sorted(there - told))
    yield from (f"{name} {number}: in the bill, and not installed" for name, number in sorted(told - there))
    if bill["metadata"]["component"]["name"] != OURS:
        yield f"{bill['metadata']['component']['name']}: the bill is not of {OURS}"


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
