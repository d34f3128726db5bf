"""What licences cost: one is looked at once for a document and a control code, not for each line, and not at all where
it is for other goods. Counted, not timed."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from counted_work import instructions_of
from exportwatch.screening import licenses as licenses_module
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, screen
from exportwatch.screening.license_scope import scope_mismatch
from law.case_events import wire_controls, wire_event

RULES = load_rules()
MANY = 60
Body = dict[str, Any]


def license_of(number: int, codes: list[str], kilograms: int = 100) -> Body:
    return {
        "license_no": f"L-{number:04}", "type": "dual_use_individual", "status": "granted", "valid_from": "2025-05-01",
        "valid_to": "2026-04-30", "control_codes": codes, "quantity": [kilograms, "KGM"],
    }  # fmt: skip


def oxide(at: int, kilograms: int, **further: Any) -> Body:
    return {
        "item_id": str(at), "kind": "goods", "description": "Dysprosium oxide", "cas": ["1308-87-8"],
        "quantity": [kilograms, "KGM"], **further,
    }  # fmt: skip


def snapshot_with(licenses: list[Body]) -> Any:
    content = ControlContent(RULES)
    for record in wire_controls({"licenses": licenses}):
        content.fold(*record)
    return content.snapshot()


def decided(items: list[Body], snapshot: Any, **facts: Any) -> Body:
    event = wire_event({"on": "2025-06-01", "facts": {"items": items, **facts}})
    outcome = screen(event, (), snapshot)
    assert isinstance(outcome, Decided), outcome
    body: Body = orjson.loads(outcome.value)
    return body


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The numbers of the licences whose scope was compared with a document."""
    numbers: list[str] = []

    def counting(license_: Any, claim: Any) -> tuple[str, ...]:
        numbers.append(license_.license_no)
        return scope_mismatch(license_, claim)

    monkeypatch.setattr(licenses_module, "scope_mismatch", counting)
    yield numbers


@pytest.mark.parametrize("kilograms", [1, 500], ids=["within", "beyond"])
def test_a_licence_is_looked_at_once_however_many_lines_ask(looked_at: list[str], kilograms: int) -> None:
    snapshot = snapshot_with([license_of(n, ["1C905"]) for n in range(MANY)])
    decided([oxide(at, kilograms) for at in range(10)], snapshot)
    own = [number for number in looked_at if number.startswith("L-")]
    assert len(own) == len(set(own)) == MANY


def test_licences_for_other_goods_are_not_looked_at(looked_at: list[str]) -> None:
    others = [license_of(n, ["1C904"]) for n in range(MANY)]
    snapshot = snapshot_with([*others, license_of(MANY, ["1C905"])])
    body = decided([oxide(1, 10)], snapshot)
    assert body["items"][0]["license"]["license_no"] == looked_at[0] == f"L-{MANY:04}"
    assert len(looked_at) == 1


def test_a_licence_without_codes_is_for_any_goods() -> None:
    license_ = {key: value for key, value in license_of(1, []).items() if key != "control_codes"}
    assert decided([oxide(1, 10)], snapshot_with([license_]))["hold"] == "release"


def test_the_code_of_an_older_version_does_not_hide_the_newer_one() -> None:
    older, newer = license_of(1, ["1C904"]), license_of(1, ["1C905"])
    snapshot = snapshot_with([{**older, "version": 1}, {**newer, "version": 2}])
    assert decided([oxide(1, 10)], snapshot)["hold"] == "release"


@pytest.mark.parametrize("cites_another", [False, True], ids=["own", "own and the document's"])
def test_lines_that_each_cite_a_licence_of_their_own_cost_no_more_for_being_many(cites_another: bool) -> None:
    def work(lines: int) -> int:
        facts = {"licenses": ["L-0000"]} if cites_another else {}
        items = [oxide(at, 10, license=f"L-{at:04}") for at in range(lines)]
        decided(items[:1], snapshot, **facts)  # what is remembered of the item and the snapshot
        return instructions_of(lambda: decided(items, snapshot, **facts))

    snapshot = snapshot_with([license_of(n, ["1C905"]) for n in range(MANY)])
    assert work(MANY) <= work(MANY // 6) * 6.5


def test_lines_in_any_order_draw_the_same() -> None:
    snapshot = snapshot_with([license_of(1, ["1C905"]), license_of(2, ["1C905"], 150)])
    lines = [oxide(1, 90), oxide(2, 140), oxide(3, 10, license="L-0001"), oxide(4, 30)]
    forth, back = (decided(items, snapshot)["items"] for items in (lines, lines[::-1]))
    said = [
        [(i["item_id"], i["hold"], i["license"]) for i in sorted(one, key=lambda i: i["item_id"])]
        for one in (forth, back)
    ]
    assert said[0] == said[1]
