"""The table of open alerts: order, widths, and what each cell says."""

from typing import Any

from exportwatch.demo.table import fold, open_alerts, row_of, seen, table


def alert(**changes: Any) -> dict[str, Any]:
    return {
        "document": {"id": "SH-1", "version": 2},
        "item": {"item_id": "10", "description": "Dysprosium oxide"},
        "family": "legal_control",
        "instrument_id": "CN-2025-18",
        "control_code": "1C905.b",
        "result": "license_required",
        "severity": 4,
        "hold_advice": "hold_item",
        "reasons": [{"text": {"en": "listed", "zh": "列入"}}],
        "law": [{"instrument_id": "CN-2025-18", "status": "in_force"}],
        "license": {
            "type_needed": "dual_use_license",
            "status": "missing",
            "license_no": None,
            "mismatch": [],
        },
        "missing": [],
        "change": {"kind": "opened"},
    } | changes


def test_cleared_alerts_are_left_out_and_the_worst_comes_first() -> None:
    alerts = [
        alert(severity=1, document={"id": "A", "version": 1}),
        alert(severity=5, document={"id": "C", "version": 1}),
        alert(severity=5, document={"id": "B", "version": 1}),
        alert(severity=5, change={"kind": "cleared"}),
    ]
    assert [(a["severity"], a["document"]["id"]) for a in open_alerts(alerts)] == [
        (5, "B"),
        (5, "C"),
        (1, "A"),
    ]


def test_a_row_says_what_it_is_which_law_and_what_is_missing() -> None:
    assert row_of(alert()) == (
        "4",
        "SH-1 v2",
        "10",
        "Dysprosium oxide",
        "1C905.b CN-2025-18 in\N{NO-BREAK SPACE}force",
        "license required",
        "hold item",
        "dual use license: missing",
    )


def test_an_alert_of_the_document_shows_its_first_reason_and_its_family() -> None:
    row = row_of(alert(item=None, family="party", license=None, missing=[{"fact": "end_user", "why": ""}]))
    assert row[2:5] == ("", "listed", "party")
    assert row[7] == "end user"


def test_a_license_that_does_not_fit_says_where() -> None:
    license_ = {
        "type_needed": "dual_use_license",
        "status": "insufficient",
        "mismatch": ["end_user", "country"],
    }
    assert row_of(alert(license=license_))[7] == "dual use license: insufficient (end user, country)"


def test_no_line_is_wider_than_the_terminal_whatever_the_script() -> None:
    long = "卤水提锂技术：铝系吸附剂合成与吸附-膜耦合装置" * 3
    alerts = [alert(item={"item_id": "10", "description": text}) for text in (long, "x" * 300, "a b " * 90)]
    for width in (100, 132, 180):
        lines = table(alerts, width).splitlines()
        assert max(map(seen, lines)) <= width
        assert len(lines) == 2 + 3 * len(alerts)


def test_text_that_does_not_fit_is_visibly_cut_off() -> None:
    assert fold("one two three four five six", 5) == ["one", "two", "thre…"]
    assert fold("short", 9) == ["short"]
    assert seen("镝 Dy") == 5


def test_alerts_of_one_severity_stand_together() -> None:
    lines = table([alert(severity=5), alert(severity=5), alert(severity=1)], 132).splitlines()
    assert [line[:1] for line in lines[2:]] == ["5", " ", "5", " ", "", "1", " "]
