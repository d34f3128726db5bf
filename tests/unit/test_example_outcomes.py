"""Each example document, screened without Kafka, comes out as `examples/outcomes.yaml` says and explains."""

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
import yaml

from exportwatch.examples import control_records, document_records, examples_folder
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, screen

OUTCOMES: Mapping[str, Mapping[str, str]] = yaml.safe_load(
    (examples_folder() / "outcomes.yaml").read_text("utf-8")
)


@pytest.fixture(scope="module")
def newest() -> Mapping[str, Mapping[str, Any]]:
    """The decision of the newest version of each document."""
    control = ControlContent(load_rules(None))
    for record in control_records():
        control.fold(record.topic, record.key, record.value)
    assert control.problems == ()
    decisions: dict[str, Mapping[str, Any]] = {}
    for record in document_records():
        outcome = screen(record.value, record.headers, control.snapshot())
        decided = outcome if isinstance(outcome, Decided) else outcome.decision
        if decided is not None:
            decision = orjson.loads(decided.value)
            document = decision["document"]["id"]
            if document not in decisions or order(decision) > order(decisions[document]):
                decisions[document] = decision
    return decisions


def order(decision: Mapping[str, Any]) -> tuple[int, str, str]:
    document = decision["document"]
    return document["version"], document["event_time"] or "", document["event_id"] or ""


@pytest.mark.parametrize("document", OUTCOMES)
def test_the_example_comes_out_as_described(newest: Mapping[str, Mapping[str, Any]], document: str) -> None:
    expected, decision = OUTCOMES[document], newest[document]
    assert decision["result"] == expected["result"], expected["because"]
    if "status" in expected:
        assert expected["status"] in {item["license"]["status"] for item in decision["items"]}
    assert decision["document"]["state"] == expected.get("state", "active")


def test_the_demo_is_clean_on_any_day(newest: Mapping[str, Mapping[str, Any]]) -> None:
    """Reconciliation names decisions whose day to be looked at again has passed: no example has one."""
    assert [document for document, decision in newest.items() if decision["reassess_on"] is not None] == []
