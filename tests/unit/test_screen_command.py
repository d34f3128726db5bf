"""`exportwatch screen` and `explain` as a person and a script use them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from wire_events import LICENSE, SHIPMENT, lines, written


def run(command: str, *arguments: str, given: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "exportwatch", command, *arguments],
        input=given,
        capture_output=True,
        check=False,
    )


def answers(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_line_has_its_answer_in_the_same_order() -> None:
    done = run("screen", "-", given=lines(SHIPMENT, b"not json", {**SHIPMENT, "shipment_id": "S-2"}))
    first, second, third = answers(done)
    assert first["document"]["id"] == "S-1"
    assert first["result"] == "license_required"
    assert second["error"]["code"] == "NOT_JSON"
    assert second["error"]["line"] == 2
    assert third["document"]["id"] == "S-2"
    assert done.returncode == 1


def test_a_file_that_can_be_read_wholly_leaves_with_0(tmp_path: Path) -> None:
    path = written(tmp_path, "events.jsonl", SHIPMENT)
    done = run("screen", path, given=b"")
    assert (done.returncode, len(answers(done))) == (0, 1)


def test_wrong_use_leaves_with_2() -> None:
    assert run("screen", "/nowhere.jsonl", given=b"").returncode == 2
    assert run("screen", given=b"").returncode == 2


def test_a_license_of_a_file_covers(tmp_path: Path) -> None:
    path = written(tmp_path, "licenses.jsonl", LICENSE)
    (decision,) = answers(run("screen", "-", "--licenses", path, given=lines(SHIPMENT)))
    assert decision["items"][0]["license"]["status"] == "covered"
    assert decision["hold"] == "release"


def test_an_unreadable_license_covers_nothing_and_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "licenses.jsonl", {**LICENSE, "valid_to": "soon"})
    done = run("screen", "-", "--licenses", path, given=lines(SHIPMENT))
    assert answers(done)[0]["items"][0]["license"]["status"] != "covered"
    assert b"licenses.jsonl:1" in done.stderr
    assert done.returncode == 1


def test_a_law_amendment_of_a_file_settles_an_open_status(tmp_path: Path) -> None:
    holmium = {
        **SHIPMENT,
        "export_date": "2026-11-15",
        "items": [{"item_id": "1", "description": "Holmium metal"}],
    }
    law = tmp_path / "law.jsonl"
    law.write_bytes(
        lines(
            {
                "instrument_id": "CN-2025-57",
                "status": "extended",
                "until": "2027-11-10",
                "announced_by": "CN-2026-99",
                "confirmed_at": "2026-11-09",
            }
        )
    )
    (before,) = answers(run("screen", "-", given=lines(holmium)))
    (after,) = answers(run("screen", "-", "--law", str(law), given=lines(holmium)))
    assert before["result"] == "review"
    assert after["result"] == "suspended"
    assert before["reference"]["law_version"] != after["reference"]["law_version"]


def test_two_processes_write_the_same_bytes() -> None:
    given = lines(SHIPMENT, {**SHIPMENT, "items": [{"item_id": "1", "description": "SmCo magnets"}]})
    assert run("screen", "-", given=given).stdout == run("screen", "-", given=given).stdout


def test_the_explanation_says_what_it_is_by_which_law_why_and_what_would_settle_it() -> None:
    told = run("explain", "-", given=lines(SHIPMENT)).stdout.decode()
    for said in (
        "LICENCE REQUIRED",
        "is 1C905.b of CN-2025-18",
        "氧化镝",
        "timeline: ",
        "items[0].description",
        "What would settle it",
    ):
        assert said in told


def test_an_event_over_several_lines_is_explained_too() -> None:
    done = run("explain", "-", given=json.dumps(SHIPMENT, indent=2).encode())
    assert done.returncode == 0
    assert b"1C905.b" in done.stdout


def test_a_document_that_is_not_in_the_file_is_wrong_use() -> None:
    done = run("explain", "-", "--document", "S-9", given=lines(SHIPMENT))
    assert done.returncode == 2
    assert b"S-9" in done.stderr
