"""Military and government end users: the field decides, texts and names are evidence with their place."""

from typing import Any

import orjson
import pytest

from counted_work import instructions_of
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, screen
from exportwatch.screening.snapshot import Snapshot


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return ControlContent(load_rules(None)).snapshot()


def item_of(snapshot: Snapshot, **changes: Any) -> dict[str, Any]:
    """The decided item: dysprosium oxide for the United States."""
    event: dict[str, Any] = {
        "event_id": "E-1", "event_type": "shipment.created", "event_time": "2026-03-02T08:00:00+08:00",
        "source": "ERP", "shipment_id": "S-1", "version": 1, "from": {"country": "CN"}, "to": {"country": "US"},
        "parties": [{"role": "exporter", "name": "Exporter"}, {"role": "end_user", "name": "Example Works"}],
        "items": [{"item_id": "1", "description": "Dysprosium oxide 99.5 %", "cas": ["1308-87-8"], "form": "oxide"}],
    }  # fmt: skip
    decided = screen(orjson.dumps(event | changes), (), snapshot)
    assert isinstance(decided, Decided)
    item: dict[str, Any] = orjson.loads(decided.value)["items"][0]
    return item


def evidence(item: dict[str, Any], code: str) -> list[tuple[str, str]]:
    return [(e["path"], e["value"]) for r in item["reasons"] if r["code"] == code for e in r["evidence"]]


def test_each_text_and_name_is_evidence_with_its_path(snapshot: Snapshot) -> None:
    parties = [
        {"role": "exporter", "name": "Exporter"},
        {
            "role": "end_user",
            "name": "Example Works",
            "aliases": ["Example Missiles"],
            "local_name": "示例国防",
        },
    ]
    item = item_of(snapshot, parties=parties, end_use={"text": "für die Bundeswehr"})
    assert evidence(item, "MILITARY_END_USE") == [
        ("end_use.text", "bundeswehr"), ("parties[1].local_name", "国防"), ("parties[1].aliases", "missiles"),
    ]  # fmt: skip
    assert item["result"] == "license_required"
    assert "end_use.user_type" in [missing["fact"] for missing in item["missing"]]


def test_the_field_alone_prohibits_and_is_named(snapshot: Snapshot) -> None:
    item = item_of(snapshot, end_use={"user_type": "military", "text": "for the Navy"})
    assert item["result"] == "prohibited"
    assert evidence(item, "MILITARY_END_USE") == [("end_use.user_type", "military"), ("end_use.text", "navy")]


def test_a_contradiction_between_field_and_text_shows_both(snapshot: Snapshot) -> None:
    item = item_of(snapshot, end_use={"user_type": "civil", "text": "Ministry of Health"})
    assert evidence(item, "GOVERNMENT_END_USER") == [
        ("end_use.user_type", "civil"),
        ("end_use.text", "ministry of"),
    ]


def test_a_denial_reaches_its_own_sentence_and_not_past_a_contrary_word(snapshot: Snapshot) -> None:
    for text in ("Not for civil use, but for military use", "It is not for sale. Military use"):
        assert evidence(item_of(snapshot, end_use={"text": text}), "MILITARY_END_USE"), text
    assert not evidence(item_of(snapshot, end_use={"text": "Not for military use"}), "MILITARY_END_USE")


def test_a_long_text_of_denials_takes_work_linear_in_it(snapshot: Snapshot) -> None:
    def work(times: int) -> int:
        return instructions_of(lambda: item_of(snapshot, end_use={"text": "not for military use. " * times}))

    work(10)
    assert work(800) < 10 * work(100)
