"""What both stages leave behind, held against each other: inputs, decisions, quarantine, alerts."""

import os
import subprocess
import sys
from collections.abc import Iterable

from harness import Fleet, Reader, Record
from oracle import Wire, discrepancies

from exportwatch_events.catalogue import ALERTS, DECISIONS

# Long before any day on which the decisions of the tests must be looked at again.
ON = "2026-01-01"


def exportwatch(fleet: Fleet, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line, as an operator of the fleet's cluster runs it."""
    environment = {name: value for name, value in os.environ.items() if "EXPORTWATCH" not in name} | {
        "EXPORTWATCH_BOOTSTRAP_SERVERS": fleet.bootstrap,
        "EXPORTWATCH_GROUP_PREFIX": fleet.group_prefix,
        "EXPORTWATCH_DATADIR": str(fleet.folder / "operator"),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    return subprocess.run(
        [sys.executable, "-m", "exportwatch", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def assert_reconciled(fleet: Fleet) -> None:
    """`exportwatch reconcile` finds nothing to complain of."""
    done = exportwatch(fleet, "reconcile", "--on", ON)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def wires(records: Iterable[Record], topic: str) -> list[Wire]:
    """Those of a topic, as the oracle reads them."""
    return [Wire(one.key or b"", one.value or b"", one.headers) for one in records if one.topic == topic]


def alert_problems(reader: Reader) -> list[str]:
    """What the oracle finds wrong with the alerts; the reader reads decisions and alerts."""
    records = reader.read_to_end()
    return discrepancies(wires(records, DECISIONS), wires(records, ALERTS))
