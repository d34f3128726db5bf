"""The share of Chinese content that an option asks for lies below the floor of the entry that asks, whatever it is."""

from typing import Any

import orjson
import pytest

from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, screen
from law.case_events import wire_controls, wire_event

RULES = load_rules()


def options_under(floor: str) -> list[str]:
    entry = {
        "code": "9X999", "name": {"en": "Lithium carbonate", "zh": "碳酸锂"}, "kind": "goods", "limb": "1",
        "effect": "dual_use_license", "source": "Announcement 99/2025", "confidence": "INF",
        "jurisdiction": "foreign_made_content", "content_floor_percent": floor,
        "condition": {"substance": "lithium_carbonate"},
    }  # fmt: skip
    law = {"instrument_id": "CN-2025-99", "limb": "1", "status": "in_force", "announced_by": "CN-2025-99",
           "from": "2025-01-01", "confirmed_at": "2025-01-01", "entries": [entry]}  # fmt: skip
    item = {"description": "Lithium carbonate", "cas": ["554-13-2"], "country_of_origin": "KR"}
    case: Any = {"on": "2025-06-01", "law": [law], "facts": {"from": "KR", "to": "DE", "item": item}}
    content = ControlContent(RULES)
    for record in wire_controls(case):
        content.fold(*record)
    outcome = screen(wire_event(case), (), content.snapshot())
    assert isinstance(outcome, Decided)
    return [option["change"] for option in orjson.loads(outcome.value)["items"][0]["clear_options"]]


@pytest.mark.parametrize(("floor", "below"), [("0.1", "0.09"), ("25", "22.5")])
def test_the_share_that_would_clear_is_below_the_floor_of_the_entry(floor: str, below: str) -> None:
    assert any(f"{below} %" in change for change in options_under(floor)), options_under(floor)


def test_no_share_is_below_a_floor_of_nothing() -> None:
    assert not any("%" in change for change in options_under("0"))
