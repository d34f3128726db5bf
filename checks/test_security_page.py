"""Each test that SECURITY.md names is there, so that no claim outlives what held it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def missing(page: str) -> list[str]:
    """The tests that a page names and that are not defined where it says."""
    found = []
    for file, name in NAMED.findall(page):
        path = ROOT / file
        if not path.exists() or not re.search(
            rf"^(async )?def {name}\(", path.read_text("utf-8"), re.MULTILINE
        ):
            found.append(f"{file}::{name}")
    return found


def test_every_test_that_the_page_names_exists() -> None:
    page = (ROOT / "SECURITY.md").read_text("utf-8")
    assert len(NAMED.findall(page)) > 25
    assert missing(page) == []


def test_a_test_that_is_gone_is_found() -> None:
    gone = "`tests/unit/test_metrics.py::test_of_old` `tests/unit/test_nowhere.py::test_x`"
    assert len(missing(gone)) == 2
    assert missing("`tests/unit/test_metrics.py::test_threads_lose_no_count`") == []


def test_each_row_of_an_attempt_names_what_holds_it() -> None:
    page = (ROOT / "SECURITY.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("|") and line.count("|") == 4]
    attempts = [row for row in rows if not row.startswith(("|---", "| attempt"))]
    assert len(attempts) > 20
    assert [row for row in attempts if not NAMED.search(row)] == []
