"""The dossier of a decision: everything of the case file is in it, nothing of an ERP's text is markup in it."""

import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import orjson
import pytest

from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import screen
from exportwatch.screening.dossier import LawLine, Step, dossier_of
from exportwatch.screening.dossier_page import page, shown
from exportwatch.screening.dossier_timeline import timeline_svg
from exportwatch.screening.explain import explain

RULES = load_rules()
SNAPSHOT = ControlContent(RULES).snapshot()
SHIPMENT: dict[str, Any] = {
    "event_id": "EV-1",
    "event_type": "shipment.created",
    "event_time": "2026-11-20T09:00:00+08:00",
    "source": "ERP-TEST",
    "shipment_id": "SH-9",
    "version": 3,
    "export_date": "2026-11-20",
    "from": {"country": "CN"},
    "to": {"country": "JP"},
    "parties": [{"role": "exporter", "name": "Example Exporter Co Ltd"}],
    "items": [
        {"item_id": "10", "description": "Holmium oxide", "cas": ["12055-62-8"]},
        {"item_id": "20", "description": "NdFeB magnets N35", "form": "magnet"},
        {"item_id": "30", "description": "steel flange DN50"},
    ],
}
VOID = frozenset(["meta", "br", "line", "rect", "circle"])


class Markup(HTMLParser):
    """The elements of a page, checked to be closed in order, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID or tag == "rect":
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)


def decision_of(**changed: Any) -> Any:
    outcome: Any = screen(orjson.dumps({**SHIPMENT, **changed}), (), SNAPSHOT)
    return orjson.loads(outcome.value)


def page_of(*decisions: Any) -> str:
    return page([dossier_of(decision, SNAPSHOT.register) for decision in decisions], RULES.sources)


def strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for part in value.values():
                yield from strings(part)
        case list():
            for part in value:
                yield from strings(part)


def test_the_page_says_all_that_the_decision_says() -> None:
    decision = decision_of()
    text = Markup(page_of(decision)).text
    for item in decision["items"]:
        said = (item["reasons"], item["missing"], item["clear_options"], item["classifications"])
        for part in strings(list(said)):
            if part in ("review", "yes", "unknown", "*") or re.fullmatch(r"[a-z_]+", part):
                continue
            assert part in text, part
    for digest in decision["reference"].values():
        assert digest in text
    assert "Announcement 57" in text
    assert "seen in a stored source" in text
    assert "2026-11-10 unconfirmed" in text


def test_the_page_needs_nothing_beside_itself_and_runs_nothing() -> None:
    written = page_of(decision_of())
    elements = Markup(written).elements
    assert not {tag for tag, _ in elements} & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "form",
        "a",
        "image",
    }
    references = ("href", "src", "action", "srcset", "data")
    assert not [
        (tag, name)
        for tag, names in elements
        for name in names
        if name in references or name.startswith("on")
    ]
    assert "url(http" not in written
    assert "@import" not in written
    assert "default-src 'none'" in written


HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>&amp;<!--'


def hostile(field: str) -> dict[str, Any]:
    item = {"item_id": HOSTILE, "description": f"NdFeB magnets N35 {HOSTILE}", "grade": HOSTILE, "form": HOSTILE,
            "hs_code": HOSTILE, "cas": [HOSTILE], "license": HOSTILE, "customs_remark": HOSTILE,
            "parameters": [{"name": HOSTILE, "value": HOSTILE, "unit": HOSTILE, "condition": {HOSTILE: HOSTILE}}],
            "composition": [{"substance": HOSTILE, "percent": HOSTILE, "evidence": HOSTILE}],
            "quantity": {"value": HOSTILE, "unit": HOSTILE}}  # fmt: skip
    return {
        "items": {"items": [item]},
        "parties": {
            "parties": [{"role": HOSTILE, "name": HOSTILE, "local_name": HOSTILE, "country": HOSTILE}]
        },
        "places": {"from": {"country": HOSTILE, "zone": HOSTILE}, "via": [{"country": HOSTILE}, HOSTILE]},
        "names": {
            "event_id": HOSTILE,
            "source": HOSTILE,
            "shipment_id": HOSTILE,
            "end_use": {"text": HOSTILE},
        },
    }[field]


@pytest.mark.parametrize("field", ["items", "parties", "places", "names"])
def test_no_text_of_the_erp_becomes_markup(field: str) -> None:
    parsed = Markup(page_of(decision_of(**hostile(field))))
    assert not {tag for tag, _ in parsed.elements} & {"script", "img"}
    assert "<script>alert(1)</script>" in parsed.text


def test_characters_that_hide_or_reorder_are_shown_by_their_code() -> None:
    assert shown("a\u202eb\u0000c\u200bd\ue000") == "a[U+202E]b[U+0000]c[U+200B]d[U+E000]"
    assert shown("one\ntwo 氧化镝 <b>") == "one\ntwo 氧化镝 &lt;b&gt;"


def test_the_same_decision_gives_the_same_page() -> None:
    decision = decision_of()
    assert page_of(decision) == page_of(orjson.loads(orjson.dumps(decision)))


def test_a_cancelled_document_and_several_documents_have_a_page_too() -> None:
    cancelled = decision_of(event_type="shipment.cancelled")
    both = Markup(page_of(decision_of(), cancelled))
    assert "Cancelled: nothing to screen." in both.text
    assert "2 screening decisions" in both.text
    assert [tag for tag, _ in both.elements].count("article") == 2


def law(*steps: tuple[str, str]) -> LawLine:
    told = tuple(Step(date.fromisoformat(day), status, "CN-1") for day, status in steps)
    return LawLine(
        "CN-2025-57 limb <1>", "title", "题目", told[-1].status if told else "", "", "source", told
    )


def test_the_drawing_shows_each_stretch_its_first_day_and_the_legal_date() -> None:
    drawn = timeline_svg(
        [
            law(
                ("2025-10-09", "not_yet_effective"),
                ("2025-11-07", "suspended"),
                ("2026-11-10", "unconfirmed"),
            )
        ],
        date(2026, 11, 20),
    )
    parsed = Markup(drawn)
    for said in ("2025-10-09", "2026-11-10", "suspended", "unconfirmed", "legal date 2026-11-20", "limb <1>"):
        assert said in parsed.text
    assert timeline_svg([], date(2026, 11, 20)) == ""


@pytest.mark.parametrize("on", [date(2000, 1, 1), date(2025, 10, 9), date(9999, 12, 31), date.min, date.max])
def test_the_drawing_stays_within_its_frame_on_any_day(on: date) -> None:
    drawn = timeline_svg([law(("2025-10-09", "in_force")), law(("1990-01-01", "in_force")), law()], on)
    places = [float(x) for x in re.findall(r'\bx[12]?="([-\d.]+)"', drawn)]
    assert all(-1 <= x <= 961 for x in places)
    assert f"legal date {on}" in drawn


def test_the_words_say_the_answer_the_sources_the_options_and_the_digests() -> None:
    decision = decision_of()
    told = "\n".join(explain(decision, SNAPSHOT.register))
    flat = " ".join(told.split())
    for said in (
        "3 items; the strictest is item 10",
        "Announcement 57/2025, item 1C909 (V[S9,S19])",
        "items[0].cas[0] = '12055-62-8'",
        "provided by: the commerce ministry (confirmation of the status)",
        "each was screened before it is offered",
        "still suspended on the day: CN-2025-57 → suspended",
        decision["reference"]["rule_pack_sha256"][:16],
        decision["reference"]["lists"][:16],
    ):
        assert said in flat, said


def test_the_command_writes_the_page_and_says_where(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from exportwatch.cli import group

    events, target = tmp_path / "events.jsonl", tmp_path / "case.html"
    events.write_bytes(orjson.dumps(SHIPMENT) + b"\n")
    done = CliRunner().invoke(group, ["explain", str(events), "--html", str(target)])
    assert done.exit_code == 0, done.output
    assert str(target) in done.output
    assert Markup(target.read_text(encoding="utf-8")).text.count("SH-9") >= 1
    nowhere = CliRunner().invoke(
        group, ["explain", str(events), "--html", str(tmp_path / "no" / "case.html")]
    )
    assert nowhere.exit_code != 0
    assert "cannot be written" in str(nowhere.exception)
