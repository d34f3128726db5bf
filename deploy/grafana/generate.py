"""Writes dashboards, provisioning and the linter's exceptions; `--check` writes nothing and fails where they differ.

`--runbooks` is the address under which the folder deploy/runbooks is read, for the links of the panels.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from boards.law import LAW
from boards.model import as_json
from boards.overview import OVERVIEW
from boards.provisioning import LINT, provisioning
from boards.stage import STAGE

HERE = Path(__file__).parent
PROMETHEUS = "http://prometheus:9090"  # as in deploy/compose
RUNBOOKS = "https://exportwatch.example/deploy/runbooks"
DASHBOARDS = {"overview": OVERVIEW, "stage": STAGE, "law": LAW}


def files(runbooks: str, prometheus: str) -> Mapping[str, str]:
    """Every generated file by its path from this folder."""
    boards = {
        f"dashboards/{name}.json": json.dumps(as_json(board, runbooks), indent=1, ensure_ascii=False) + "\n"
        for name, board in DASHBOARDS.items()
    }
    return {**boards, "dashboards/.lint": LINT, **provisioning(prometheus)}


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--check", action="store_true")
    asked.add_argument("--runbooks", default=RUNBOOKS)
    asked.add_argument("--prometheus", default=PROMETHEUS)
    asked.add_argument("--to", type=Path, default=HERE, help="folder instead of this one")
    options = asked.parse_args()
    differs = []
    for name, text in files(options.runbooks, options.prometheus).items():
        file = options.to / name
        if file.is_file() and file.read_text("utf-8") == text:
            continue
        differs.append(name)
        if not options.check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    for name in differs if options.check else ():
        sys.stderr.write(f"deploy/grafana/{name} differs from what deploy/grafana/generate.py writes\n")
    return 1 if options.check and differs else 0


if __name__ == "__main__":
    sys.exit(main())
