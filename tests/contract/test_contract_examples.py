"""Every example of the wire contract is held against the models; and each check is shown to bite."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from contract_examples import complaints

from exportwatch_events.catalogue import ErrorCode

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
NOT_FOUND_BY_READING = {ErrorCode.OUTPUT_TOO_LARGE, ErrorCode.INTERNAL_ERROR}


def test_every_example_is_what_its_folder_says() -> None:
    assert complaints(EXAMPLES) == []


def test_every_error_code_that_reading_can_give_has_an_example() -> None:
    described = [yaml.safe_load(path.read_text("utf-8")) for path in EXAMPLES.rglob("invalid/**/*.yaml")]
    shown = {example["expect"]["code"] for example in described}
    assert shown == set(ErrorCode) - NOT_FOUND_BY_READING


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    folder = tmp_path / "examples"
    shutil.copytree(EXAMPLES, folder)
    return folder


def rewritten(path: str, **changes: object) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        body = yaml.safe_load((folder / path).read_text("utf-8"))
        text = yaml.safe_dump(body | changes)
        (folder / path).write_text(text, "utf-8")

    return spoil


def added(path: str, text: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")

    return spoil


def emptied(path: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        shutil.rmtree(folder / path)

    return spoil


LATE = "invalid/shipment/duplicate-item.yaml"
EXPECTED = {"code": "DUPLICATE_ITEM", "field": "items[1].item_id"}
BAD_FIXTURES = {
    "a file that nothing reads": (added("valid/shipment/notes.txt", "x"), "nothing checks it"),
    "a folder of no event": (added("valid/shipments/minimal.json", "{}"), "nothing checks it"),
    "JSON among the invalid": (added("invalid/shipment/bad.json", "{}"), "nothing checks it"),
    "a file beside the folders": (added("README", "x"), "nothing checks it"),
    "an event without valid examples": (emptied("valid/disposition"), "valid/disposition: has no example"),
    "an event without invalid ones": (emptied("invalid/alert"), "invalid/alert: has no example"),
    "an unreadable valid event": (added("valid/license/x.json", "{}"), "expected License, got"),
    "a valid event of another kind": (
        added("valid/contract/x.json", '{"event_type": "shipment.cancelled"}'),
        "expected ContractEvent, got",
    ),
    "a decision that is none": (added("valid/decision/x.json", "{}"), "expected Decision, got"),
    "another error code": (
        rewritten(LATE, expect=EXPECTED | {"code": "FIELD_TYPE"}),
        "expected code FIELD_TYPE, got DUPLICATE_ITEM",
    ),
    "another field": (rewritten(LATE, expect=EXPECTED | {"field": "items"}), "expected field items, got"),
    "another document": (
        rewritten(LATE, expect=EXPECTED | {"document": "x"}),
        "expected document x, got default/ERP-P01/shipment/SH-1001@1",
    ),
    "an invalid record that can be read": (rewritten(LATE, set={}), "is not invalid"),
    "a valid record that cannot be read": (
        rewritten("valid/shipment/version-0.yaml", set={"version": -1}),
        "is not valid",
    ),
    "no expectation of a code": (rewritten(LATE, expect={"field": None}), "must expect code"),
    "no expectation of a document": (
        rewritten("valid/shipment/version-0.yaml", expect={}),
        "must expect document",
    ),
    "a misspelt expectation": (rewritten(LATE, expect=EXPECTED | {"feild": "x"}), "not known: feild"),
    "a misspelt key": (rewritten(LATE, hedaers={}), "cannot be used"),
    "a base that is not there": (rewritten(LATE, base="nowhere"), "cannot be used"),
    "a path that is not there": (rewritten(LATE, drop=["items[5].item_id"]), "cannot be used"),
    "no YAML": (added("invalid/shipment/x.yaml", "a: [b"), "cannot be used"),
}


@pytest.mark.parametrize("name", BAD_FIXTURES)
def test_a_bad_fixture_is_found(spoiled: Path, name: str) -> None:
    spoil, sentence = BAD_FIXTURES[name]
    spoil(spoiled)
    found = complaints(spoiled)
    assert any(sentence in complaint for complaint in found), found


def test_the_minimal_examples_hold_nothing_but_what_is_required() -> None:
    shipment = json.loads((EXAMPLES / "valid/shipment/minimal.json").read_text("utf-8"))
    contract = json.loads((EXAMPLES / "valid/contract/minimal.json").read_text("utf-8"))
    assert sorted(shipment.keys() ^ contract.keys()) == [
        "contract_id",
        "contract_type",
        "shipment_id",
        "stage",
    ]
