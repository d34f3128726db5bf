"""The comparison of schemas, shown to find what breaks whom and to let through what breaks nobody."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import compatibility
import pytest

JSON = compatibility.SCHEMAS / "json"


def schema(name: str) -> Any:
    return json.loads((JSON / f"{name}.json").read_text())


def set_at(path: str, value: Any) -> Callable[[Any], None]:
    """Puts a value at a path of keys."""

    def change(found: Any) -> None:
        *way, last = path.split("/")
        for key in way:
            found = found[key]
        found[last] = value

    return change


def drop(path: str) -> Callable[[Any], None]:
    def change(found: Any) -> None:
        *way, last = path.split("/")
        for key in way:
            found = found[key]
        del found[last]

    return change


def require(field: str) -> Callable[[Any], None]:
    return lambda found: found["required"].append(field)


def release(field: str) -> Callable[[Any], None]:
    return lambda found: found["required"].remove(field)


@pytest.mark.parametrize(
    ("name", "change", "breaks"),
    [
        ("shipment", require("contract_id"), "publishers"),
        ("shipment", set_at("properties/export_date", {"type": "integer"}), "publishers"),
        ("shipment", set_at("properties/note", {"type": "string"}), None),
        ("shipment", drop("properties/contract_id"), None),
        ("shipment", release("event_id"), None),
        ("license", set_at("$defs/LicenseState/enum", ["applied", "granted"]), "publishers"),
        ("alert", drop("properties/alert_id"), "consumers"),
        ("alert", release("alert_id"), "consumers"),
        ("alert", set_at("properties/extra", {"type": "string"}), None),
        ("decision", set_at("$defs/Result/enum", ["prohibited", "cleared"]), "consumers"),
        ("decision", set_at("properties/legal_date", {"type": "string", "format": "date"}), None),
    ],
)
def test_whom_a_change_breaks(name: str, change: Callable[[Any], None], breaks: str | None) -> None:
    old, new = schema(name), copy.deepcopy(schema(name))
    change(new)
    found = compatibility.changes(name, old, new)
    assert found, "the change is not seen"
    assert {one.breaks for one in found if one.breaks} == ({breaks} if breaks else set())


def test_a_schema_that_did_not_change_has_no_changes() -> None:
    for file in JSON.glob("*.json"):
        assert compatibility.changes(file.stem, schema(file.stem), schema(file.stem)) == []


def test_a_change_that_breaks_somebody_fails_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in JSON.glob("*.json"):
        (tmp_path / file.name).write_text(file.read_text())
    changed = schema("alert")
    drop("properties/alert_id")(changed)
    (tmp_path / "alert.json").write_text(json.dumps(changed))
    assert compatibility.main(["--new", str(tmp_path)]) == 1
    assert "alert: .alert_id: is gone; consumers must change first" in capsys.readouterr().out


def test_releases_are_compared_as_numbers(tmp_path: Path) -> None:
    for name in ("0.2.0", "0.10.0", "0.9.1"):
        (tmp_path / name).mkdir()
    assert compatibility.last_release(tmp_path).name == "0.10.0"
