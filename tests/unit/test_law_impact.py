"""`exportwatch law impact`: which documents a new pack decides otherwise, and why."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import wire_events
from exportwatch.commands.law import command
from exportwatch.law.load import PACKAGED
from law_packs import LIMBS, OXIDES, write_pack
from wire_events import LICENSE, written

SHIPMENT = {
    **wire_events.SHIPMENT,
    "items": [*wire_events.SHIPMENT["items"], {"item_id": "2", "description": "Leather shoes"}],
}
CANCELLED = {
    "event_id": "EV-2",
    "event_type": "shipment.cancelled",
    "event_time": "2025-09-03T08:00:00+08:00",
    "source": "ERP-TEST",
    "shipment_id": "S-2",
    "version": 2,
}


@pytest.fixture
def repealed(tmp_path: Path) -> Path:
    """The packaged pack in which the announcement on seven rare earths was repealed in August 2025."""
    folder = tmp_path / "repealed"
    for file in PACKAGED.rglob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        if file.stem == "CN-2025-18":
            start = text.index("limbs:")
            text = (
                text[:start]
                + (
                    'limbs:\n  "*":\n    timeline:\n'
                    '      - {status: in_force, from: "2025-04-04", until: "2025-07-31", until_inclusive: true}\n'
                    '      - {status: repealed, from: "2025-08-01", by: CN-2025-28}\n\n'
                )
                + text[text.index("entries:") :]
            )
        copy = folder / file.relative_to(PACKAGED)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text, encoding="utf-8")
    return folder


def run(pack: object, file: str, *arguments: str) -> Result:
    return CliRunner().invoke(command, ["impact", str(pack), file, *arguments])


def test_the_items_whose_result_changes_are_told_with_what_came_and_went(
    tmp_path: Path, repealed: Path
) -> None:
    later = {**SHIPMENT, "shipment_id": "S-3", "export_date": "2025-07-31"}
    result = run(repealed, written(tmp_path, "events.jsonl", SHIPMENT, CANCELLED, later))
    assert result.output == (
        'default/ERP-TEST/shipment/S-1 version 1, item 1: "Dysprosium oxide 99.5 %"\n'
        "    license_required (hold) -> not_required (release)\n"
        "    - 1C905.b of CN-2025-18\n"
        "    - LISTED_ITEM 1C905.b CN-2025-18\n"
        "    - LICENSE_MISSING 1C905.b CN-2025-18\n"
        "\n"
        "1 of 5 items in 1 of 3 documents change; 0 keep their result for other reasons\n"
        "       1  license_required (hold) -> not_required (release)\n"
    )
    assert result.exit_code == 1


def test_the_same_law_changes_nothing(tmp_path: Path) -> None:
    result = run("packaged", written(tmp_path, "events.jsonl", SHIPMENT))
    assert result.output == "0 of 2 items in 0 of 1 documents change; 0 keep their result for other reasons\n"
    assert result.exit_code == 0


def test_the_answer_as_json(tmp_path: Path, repealed: Path) -> None:
    result = run(repealed, written(tmp_path, "events.jsonl", SHIPMENT), "--json")
    answer = json.loads(result.output)
    assert answer["packs"][0]["version"] == answer["packs"][1]["version"]
    assert answer["packs"][0]["sha256"] != answer["packs"][1]["sha256"]
    (changed,) = answer["changed"]
    assert (changed["document"], changed["item"]) == ("default/ERP-TEST/shipment/S-1", "item 1")
    assert (changed["from"], changed["to"]) == ("license_required (hold)", "not_required (release)")
    assert changed["went"][0] == "1C905.b of CN-2025-18"
    assert (answer["counts"]["changed_items"], answer["counts"]["items"]) == (1, 2)
    assert result.exit_code == 1


def test_control_events_hold_under_both_laws(tmp_path: Path, repealed: Path) -> None:
    events = written(tmp_path, "events.jsonl", SHIPMENT)
    covered = run(repealed, events, "--licenses", written(tmp_path, "licenses.jsonl", LICENSE))
    assert "license_required (release) -> not_required (release)" in covered.output
    back = {
        "instrument_id": "CN-2025-18",
        "status": "in_force",
        "from": "2025-08-15",
        "announced_by": "CN-2025-99",
    }
    amended = run(repealed, events, "--law", written(tmp_path, "law.jsonl", back))
    assert (amended.exit_code, amended.output.split()[0]) == (0, "0")


def test_other_reasons_for_the_same_result_are_counted_and_not_listed(tmp_path: Path) -> None:
    folder = tmp_path / "renamed"
    for file in PACKAGED.rglob("*.yaml"):
        copy = folder / file.relative_to(PACKAGED)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(file.read_text(encoding="utf-8").replace("1C905.b", "1C905.x"), encoding="utf-8")
    result = run(folder, written(tmp_path, "events.jsonl", SHIPMENT))
    assert result.output == "0 of 2 items in 0 of 1 documents change; 1 keep their result for other reasons\n"
    assert result.exit_code == 0


def test_a_line_of_which_nothing_is_known_leaves_with_1(tmp_path: Path) -> None:
    result = run("packaged", written(tmp_path, "events.jsonl", "not json", "", SHIPMENT))
    assert "line 1 cannot be read" in result.output
    assert "1 lines could not be read, and nothing is known of them" in result.output
    assert result.exit_code == 1


def test_control_events_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    licenses = written(tmp_path, "licenses.jsonl", {**LICENSE, "valid_to": "soon"})
    result = run("packaged", written(tmp_path, "events.jsonl", SHIPMENT), "--licenses", licenses)
    assert "licenses.jsonl:1" in result.output
    assert "fail closed under the packaged law" in result.output


def test_a_pack_without_entries_is_refused_because_it_screens_nothing(tmp_path: Path) -> None:
    bare = {text[text.index("entries:") :]: "" for text in (OXIDES, LIMBS)}
    result = run(write_pack(tmp_path / "bare", bare), written(tmp_path, "events.jsonl", SHIPMENT))
    assert "without entries" in str(result.exception)


def test_a_long_chinese_description_is_cut_and_a_wide_pack_of_words_kept_to_one_line(
    tmp_path: Path, repealed: Path
) -> None:
    long = {
        **SHIPMENT,
        "items": [{"item_id": "1", "description": "氧化镝\n" + "高纯" * 5000, "form": "oxide"}],
    }
    first = run(repealed, written(tmp_path, "events.jsonl", long)).output.splitlines()[0]
    assert first.endswith('..."')
    assert len(first) < 140
