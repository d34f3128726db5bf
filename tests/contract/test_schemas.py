"""The committed JSON Schemas are what the models say, and say what the readers do."""

import json
import shutil
from pathlib import Path

import pytest
from contract_examples import read

from exportwatch_events.export import EVENTS, FOLDER, drift, files, main, write

EXAMPLES = FOLDER.parent / "examples" / "valid"
INPUTS = ("shipment", "shipment-cancellation", "contract", "contract-cancellation", "license")


def test_the_committed_schemas_are_current() -> None:
    assert drift(FOLDER) == []


def test_writing_twice_gives_the_same_files(tmp_path: Path) -> None:
    write(tmp_path)
    assert drift(tmp_path) == []
    assert {path.name for path in tmp_path.iterdir()} == {f"{event}.json" for event in EVENTS}


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "json"
    shutil.copytree(FOLDER, folder)
    return folder


def test_a_changed_schema_fails_the_check_and_the_message_says_what_to_run(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (copied / "alert.json").open("a") as file:
        file.write(" ")
    assert main(["--check", "--folder", str(copied)]) == 1
    said = capsys.readouterr().err
    assert "alert.json: is not what the models say" in said
    assert "run `python -m exportwatch_events.export` and commit" in said


def test_a_missing_schema_fails_the_check(copied: Path) -> None:
    (copied / "license.json").unlink()
    assert drift(copied) == [f"{copied / 'license.json'}: is missing"]


def test_a_schema_of_no_event_fails_the_check_and_is_removed_by_writing(copied: Path) -> None:
    (copied / "invoice.json").write_text("{}")
    assert drift(copied) == [f"{copied / 'invoice.json'}: is the schema of no event"]
    assert main(["--folder", str(copied)]) == 0
    assert drift(copied) == []


@pytest.mark.parametrize("event", INPUTS)
def test_what_a_schema_requires_the_reader_misses(event: str) -> None:
    schema = json.loads(files()[f"{event}.json"])
    whole = json.loads(
        next((EXAMPLES / event).glob("minimal.json"), EXAMPLES / event / "granted.json").read_text()
    )
    assert schema["required"]
    for name in schema["required"]:
        body = {key: value for key, value in whole.items() if key != name}
        outcome = read(event, json.dumps(body).encode())
        assert (outcome.code, outcome.field) == ("FIELD_MISSING", name)


@pytest.mark.parametrize("event", ["shipment", "contract"])
def test_what_a_schema_does_not_require_may_be_anything_but_the_tenant(event: str) -> None:
    schema = json.loads(files()[f"{event}.json"])
    whole = json.loads((EXAMPLES / event / "minimal.json").read_text())
    optional = schema["properties"].keys() - set(schema["required"]) - {"tenant"}
    assert "end_use" in optional
    for name in optional:
        for odd in (None, 7, -1.5, "text", True, [], [None], {}, {"a": [1]}):
            assert read(event, json.dumps(whole | {name: odd}).encode()).code is None, (name, odd)


def test_every_field_of_an_item_but_two_may_be_anything() -> None:
    whole = json.loads((EXAMPLES / "shipment" / "minimal.json").read_text())
    item = json.loads(files()["shipment.json"])["$defs"]["Item"]
    assert sorted(item["required"]) == ["description", "item_id"]
    for name in item["properties"].keys() - set(item["required"]):
        for odd in (None, 7, "text", True, [], [7], {"a": 1}):
            body = whole | {"items": [whole["items"][0] | {name: odd}]}
            assert read("shipment", json.dumps(body).encode()).code is None, (name, odd)


def test_optional_fields_are_documented_with_their_true_type() -> None:
    item = json.loads(files()["shipment.json"])["$defs"]["Item"]["properties"]
    assert item["quantity"]["required"] == ["value", "unit"]
    assert "magnet" in item["form"]["enum"]
    assert item["uses_chinese_technology"]["type"] == ["boolean", "null"]


def test_our_own_events_take_no_further_field() -> None:
    for event in ("decision", "alert"):
        assert json.loads(files()[f"{event}.json"])["additionalProperties"] is False
