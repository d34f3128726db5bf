"""`exportwatch parties` on a real broker: an edition is published as a delta and read back by the screening's fold."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from harness import renew_topics

from exportwatch.broker.local import LocalBroker
from exportwatch.commands.party_topic import read_topic
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch_events.catalogue import PARTIES

pytestmark = pytest.mark.broker


def parties(broker: LocalBroker, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EXPORTWATCH_")}
    environment |= {
        "EXPORTWATCH_BOOTSTRAP_SERVERS": broker.bootstrap,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    command = [sys.executable, "-m", "exportwatch", "parties", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def table(file: Path, numbers: range, name: str = "Made Up Works") -> str:
    rows = [f"{number},{name} {number:02}" for number in numbers]
    file.write_text("\n".join(["entry_id,name", *rows]) + "\n")
    return str(file)


def test_editions_of_a_list_are_published_as_what_they_change(broker: LocalBroker, tmp_path: Path) -> None:
    renew_topics(broker.bootstrap, [PARTIES])
    options = {"bootstrap_servers": [broker.bootstrap]}
    of_csv = ("--format", "csv", "--list", "made-up", "--on", "2026-03-01")
    file = tmp_path / "list.csv"

    tried = parties(broker, "import", table(file, range(20)), *of_csv, "--dry-run")
    assert (tried.returncode, tried.stderr) == (0, "")
    assert "20 added, 0 changed, 0 delisted, 0 unchanged" in tried.stdout
    assert read_topic(options) == []

    first = parties(broker, "import", str(file), *of_csv)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.endswith("20 entries published\n")
    again = parties(broker, "import", str(file), *of_csv)
    assert again.stdout.endswith("nothing published: the topic says this already\n")

    second = parties(broker, "import", table(file, range(1, 20)), *of_csv)
    assert "delisted made-up/0@2 Made Up Works 00" in second.stdout
    assert [key for key, _ in read_topic(options)][-1] == b"made-up/0@2"

    halved = parties(broker, "import", table(file, range(1, 10)), *of_csv)
    assert (halved.returncode, "made-up: the list shrinks" in halved.stderr) == (2, True)
    file.write_text("entry_id,name\n1,\n")
    broken = parties(broker, "import", str(file), *of_csv, "--force")
    assert (broken.returncode, "list.csv:2: name: cannot be read" in broken.stderr) == (2, True)

    content = ControlContent(load_rules(None))
    for key, value in read_topic(options):
        content.fold(PARTIES, key, value)
    assert content.problems == ()
    lists = parties(broker, "show", "--on", "2026-03-01")
    assert (lists.returncode, lists.stdout) == (0, "made-up: 20 entries, 19 count on 2026-03-01\n1 lists\n")
    for day, matches in (("2026-02-28", 1), ("2026-03-01", 0)):
        named = parties(broker, "show", "--name", "MADE UP WORKS 00", "--on", day)
        assert named.stdout.endswith(f"{matches} matches on {day}\n"), named.stdout
