"""What a decision repeats of its document, and that neither it nor the memory takes one value for another."""

import json
from copy import deepcopy
from typing import Any

import orjson
import pytest

from exportwatch.screening import decide
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, screen
from exportwatch_events.documents import ShipmentEvent
from exportwatch_events.envelope import read_document

RULES = load_rules()
PLACES = {"from": {"country": "CN", "zone": None}, "to": {"country": "DE"}}
HEAD = {
    "event_id": "E-1", "event_type": "shipment.created", "event_time": "2025-06-02T09:30:00+08:00",
    "source": "ERP-P01", "shipment_id": "SH-1", "version": 1, **PLACES,
    "parties": [{"role": "exporter", "name": "Example Exporter", "owners": [{"name": "Owner", "percent": 50.5}]}],
}  # fmt: skip
NAN = float("nan")
GREAT = 2**53 + 1


def shipment(**fields: Any) -> bytes:
    """One item; ``json`` writes NaN as ERP systems do."""
    return json.dumps({**HEAD, "items": [{"item_id": "1", "description": "wooden chair", **fields}]}).encode()


def facts_of(value: bytes) -> Any:
    outcome = screen(value, (), ControlContent(RULES).snapshot())
    assert isinstance(outcome, Decided), outcome
    return orjson.loads(outcome.value)["facts"]


def test_the_facts_are_what_is_stated_without_nulls_and_with_decimals_as_text() -> None:
    facts = facts_of(shipment(brand=None, quantity={"value": 1.5, "unit": "KGM"}, further="ignored"))
    assert facts["from"] == {"country": "CN"}
    assert facts["parties"][0]["owners"] == [{"name": "Owner", "percent": "50.5"}]
    assert facts["items"] == [
        {"item_id": "1", "description": "wooden chair", "quantity": {"value": "1.5", "unit": "KGM"}}
    ]
    assert "export_date" not in facts


@pytest.mark.parametrize(
    ("stated", "written"),
    [
        (7, 7), (True, True), ("1.5", "1.5"), (1.0, "1.0"), (GREAT, str(GREAT)), (-GREAT, str(-GREAT)),
        (10**40, str(10**40)), (2**53, 2**53), (NAN, None),
        ([1, [2.5]], [1, ["2.5"]]), ({"a": {"b": [GREAT, None]}}, {"a": {"b": [str(GREAT), None]}}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["brand", "hs_year", "value"])
def test_a_value_is_written_alike_wherever_it_stands(field: str, stated: Any, written: Any) -> None:
    assert facts_of(shipment(**{field: stated}))["items"][0][field] == written
    assert facts_of(shipment(**{field: {"in": stated}}))["items"][0][field] == {"in": written}


def test_the_memory_takes_no_value_for_another() -> None:
    things = (snapshot := ControlContent(RULES).snapshot()).things
    stated = [1, True, 1.0, "1", "1.0", "true", None, NAN, "null", 10**30, str(10**30), [], {}, [None], [NAN]]
    for times in (1, 2):
        for value in stated:
            screen(shipment(declared_control_code=value), (), snapshot)
            screen(shipment(descriptions={"en": value}), (), snapshot)
        assert things.computed == 2 * len(stated), times


def test_deciding_changes_nothing_of_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {
        "description": "Dysprosium oxide 99.9 %",
        "composition": [{"substance": "Dy2O3", "percent": 99.9}],
    }
    event = read_document(shipment(**fields, license=None, quantity={"value": 5, "unit": "KGM"}))
    assert isinstance(event, ShipmentEvent)
    before = deepcopy(event)
    monkeypatch.setattr(decide, "read_document", lambda *_: event)
    outcome = screen(b"", (), ControlContent(RULES).snapshot())
    assert isinstance(outcome, Decided)
    assert outcome.result == "license_required"
    assert event == before
