"""Values beyond all measure or of another type than the field's: decided without fail, and never taken for a no."""

from typing import Any

import orjson
import pytest

from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, screen
from exportwatch_events.catalogue import LICENSES
from wire_events import LICENSE, SHIPMENT

RULES = load_rules()


def decision(*licenses: dict[str, Any], **fields: Any) -> Any:
    """The decision on the shipment with these fields of the document or of its item."""
    document = {name: value for name, value in fields.items() if name in ("from", "to", "via", "licenses")}
    item = {name: value for name, value in fields.items() if name not in document}
    content = ControlContent(RULES)
    for given in licenses:
        content.fold(LICENSES, f"{given['license_no']}@1".encode(), orjson.dumps(given))
    event = {**SHIPMENT, **document, "items": [{**SHIPMENT["items"][0], **item}]}
    outcome = screen(orjson.dumps(event), (), content.snapshot())
    assert isinstance(outcome, Decided), outcome
    return orjson.loads(outcome.value)


def test_a_license_that_never_ends_brings_no_day_on_which_to_look_again() -> None:
    decided = decision({**LICENSE, "valid_to": "9999-12-31"}, licenses=["L-1"])
    assert decided["items"][0]["license"]["status"] == "covered"
    assert decided["reassess_on"] is None


def test_a_license_that_ends_is_looked_at_on_the_day_after() -> None:
    assert decision(LICENSE, licenses=["L-1"])["reassess_on"] == "2026-08-01"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quantity", {"value": "1e30000000", "unit": "KGM"}),
        ("net_mass", {"value": "1e30000000", "unit": "KGM"}),
        ("parameters", [{"name": "purity", "value": "1e30000000", "unit": "%"}]),
        ("composition", [{"substance": "Dy2O3", "percent": "1e30000000"}]),
        ("chinese_content_percent", "1e30000000"),
    ],
)
def test_a_figure_beyond_all_measure_is_named_and_decides_nothing(field: str, value: Any) -> None:
    item = decision(**{field: value})["items"][0]
    assert item["result"] == "license_required"
    assert {"UNREADABLE_FACT", "IMPLAUSIBLE_VALUE"} & {reason["code"] for reason in item["reasons"]}
