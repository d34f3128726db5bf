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


@pytest.mark.parametrize("via", [{"country": "CN"}, ["CN"], "CN", [7], [{}], [{"country": "cn"}]])
def test_a_way_that_cannot_be_read_may_lead_through_china(via: Any) -> None:
    abroad = {"from": {"country": "HK"}, "to": {"country": "DE"}}
    item = decision(**abroad, via=via, country_of_origin="JP")["items"][0]
    assert item["result"] == "review"
    assert "UNREADABLE_FACT" in {reason["code"] for reason in item["reasons"]}
    assert decision(**abroad, via=[{"country": "SG"}], country_of_origin="JP")["result"] == "not_required"


@pytest.mark.parametrize("form", [["magnet"], {}, 7, True])
def test_a_form_of_another_type_is_named(form: Any) -> None:
    item = decision(description="steel ring", form=form)["items"][0]
    assert [reason["code"] for reason in item["reasons"]] == ["UNREADABLE_FACT"]


@pytest.mark.parametrize("composition", [{"Dy": 50}, [7], [None], [{"substance": ["Dy"]}]])
def test_a_composition_of_another_type_is_asked_about(composition: Any) -> None:
    item = decision(description="metal bar", form="component", composition=composition)["items"][0]
    assert item["result"] == "review"
    assert "composition" in {missing["fact"] for missing in item["missing"]}


@pytest.mark.parametrize("form", ["magnet", "Magnet", " MAGNET "])
def test_a_form_is_read_in_any_case(form: str) -> None:
    assert decision(description="Ring 10x5 mm", form=form)["result"] == "review"
    assert decision(description="Ring 10x5 mm", form="Finished product")["items"][0]["reasons"] == []
