"""An item that needs permits of two kinds, and what a permit for technology must say of its contract.

``type_needed`` of the wire contract has room for one kind: the reasons name both, each with its control code.
"""

from typing import Any

import orjson
import pytest

from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, screen
from law.case_events import wire_controls, wire_event

RULES = load_rules()
Body = dict[str, Any]
# The first names a restricted technology (Track A), the second a dual-use one (Track B).
BOTH = "锂辉石提锂生产氢氧化锂技术；金锑冶炼分离技术"
LITHIUM, ANTIMONY = "083201X/L2", "3E003"


def license_of(number: str, kind: str, **scope: Any) -> Body:
    return {
        "license_no": number, "type": kind, "status": "granted", "valid_from": "2025-11-01",
        "valid_to": "2026-10-31", **scope,
    }  # fmt: skip


TECHNOLOGY = license_of("TL-1", "technology_license", contract_id="D-1")
OF_NO_CONTRACT = license_of("TL-1", "technology_license")
DUAL_USE = license_of("DL-1", "dual_use_individual")


def item_under(*licenses: Body, **facts: Any) -> Body:
    case = {
        "document": "contract", "on": "2025-12-01", "licenses": licenses,
        "facts": {"contract_id": "D-1", "stage": "effective", "item": {"kind": "technology", "description": BOTH},
                  **facts},
    }  # fmt: skip
    content = ControlContent(RULES)
    for record in wire_controls(case):
        content.fold(*record)
    outcome = screen(wire_event(case), (), content.snapshot())
    assert isinstance(outcome, Decided)
    (item,) = orjson.loads(outcome.value)["items"]
    body: Body = item
    return body


def license_reasons(item: Body) -> dict[str, tuple[str, str, str]]:
    """By control code: the reason code and the sentence in English and Chinese."""
    return {
        r["control_code"]: (r["code"], r["text"]["en"], r["text"]["zh"])
        for r in item["reasons"]
        if r["family"] == "license"
    }


def test_the_reasons_name_both_kinds_where_both_are_missing() -> None:
    item = item_under()
    assert license_reasons(item) == {
        ANTIMONY: ("LICENSE_MISSING", "a dual-use export licence is needed", "需要两用物项出口许可证"),
        LITHIUM: ("LICENSE_MISSING", "a technology export licence is needed", "需要技术出口许可证"),
    }
    (option,) = item["clear_options"]
    assert "dual use license and a granted technology license" in option["change"]


@pytest.mark.parametrize(
    ("stage", "kind"), [("negotiation", "a letter of intent"), ("signed", "a letter of intent")]
)
def test_the_letter_of_intent_is_named_beside_the_dual_use_license(stage: str, kind: str) -> None:
    item = item_under(stage=stage)
    told = license_reasons(item)
    assert told[LITHIUM][1].startswith(kind)
    assert told[ANTIMONY][1].startswith("a dual-use export licence")


@pytest.mark.parametrize(
    ("licenses", "needed"),
    [((DUAL_USE,), "technology_license"), ((TECHNOLOGY,), "dual_use_license")],
    ids=["the dual-use licence is there", "the technology licence is there"],
)
def test_the_kind_that_is_still_missing_is_the_one_needed(licenses: tuple[Body, ...], needed: str) -> None:
    item = item_under(*licenses)
    assert (item["license"]["type_needed"], item["license"]["status"]) == (needed, "missing")
    assert item["hold"] == "hold"


def test_insufficient_and_pending_licenses_are_told_with_their_kind() -> None:
    """Both are cited, and neither fits: each sentence says of which permit it speaks."""
    other = {**DUAL_USE, "countries": ["HU"]}
    applied = license_of("TL-1", "technology_license", contract_id="D-1", applied_on="2025-11-20") | {
        "status": "applied"
    }
    told = license_reasons(item_under(other, applied, licenses=["DL-1", "TL-1"]))
    assert told[ANTIMONY][1].startswith(
        "a dual-use export licence: licence DL-1 does not cover this: countries"
    )
    assert told[LITHIUM][1].startswith("a technology export licence: licence TL-1 is applied for")
    assert told[ANTIMONY][2].startswith("两用物项出口许可证：")
    assert told[LITHIUM][2].startswith("技术出口许可证：")


def test_a_permit_of_no_contract_does_not_soften_the_license_that_is_missing() -> None:
    item = item_under(OF_NO_CONTRACT)
    assert (item["result"], item["license"]["type_needed"]) == ("license_required", "dual_use_license")
    assert [m["fact"] for m in item["missing"]] == ["license.contract_id"]


def test_a_permit_of_no_contract_is_the_only_question_beside_a_license_that_covers() -> None:
    item = item_under(OF_NO_CONTRACT, DUAL_USE)
    assert (item["result"], item["hold"], item["license"]["type_needed"]) == (
        "review", "person", "technology_license",
    )  # fmt: skip
    assert item["license"]["mismatch"] == ["contract_id"]
    cites, grants = item["clear_options"]
    assert (
        cites["change"] == "the document cites licence DL-1 and licence TL-1, where granted for this contract"
    )
    assert grants["change"].startswith("a granted technology license")
    cited = item_under(OF_NO_CONTRACT, DUAL_USE, licenses=["TL-1", "DL-1"])
    assert (cited["result"], cited["hold"]) == ("license_required", "release")
