"""The statutory clock: working days of China against the limits of the law, in decisions and as a list."""

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from exportwatch.commands.law import command
from exportwatch.law.clock import LAST_YEAR, deadline, working_days
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, screen
from exportwatch_events.catalogue import LICENSES, LicenseType

RULES = load_rules()
APPLIED: dict[str, Any] = {
    "license_no": "L-1",
    "version": 1,
    "type": "dual_use_individual",
    "status": "applied",
    "applied_on": "2025-06-03",
    "control_codes": ["1C905"],
}
SHIPMENT: dict[str, Any] = {
    "event_id": "EV-1",
    "event_type": "shipment.created",
    "event_time": "2025-07-01T08:00:00+08:00",
    "source": "ERP-TEST",
    "shipment_id": "S-1",
    "version": 1,
    "export_date": "2025-07-02",
    "from": {"country": "CN"},
    "to": {"country": "DE"},
    "licenses": ["L-1"],
    "parties": [{"role": "exporter", "name": "Example Exporter Co Ltd"}],
    "items": [{"item_id": "1", "description": "Dysprosium oxide 99.5 %", "license": "L-1"}],
}


# -- working days and deadlines ----------------------------------------------------------------------------


def test_holidays_do_not_count_and_make_up_days_do() -> None:
    # National Day of 2025: off from 10-01 to 10-08, worked on Sunday 09-28 and Saturday 10-11.
    assert working_days(date(2025, 9, 30), date(2025, 10, 8)) == (0, False)
    assert working_days(date(2025, 9, 26), date(2025, 9, 28)) == (1, False)
    assert working_days(date(2025, 10, 8), date(2025, 10, 11)) == (3, False)


def test_the_day_of_the_application_itself_does_not_count() -> None:
    assert working_days(date(2025, 6, 3), date(2025, 6, 3)).days == 0
    assert working_days(date(2025, 6, 3), date(2025, 6, 4)).days == 1
    assert working_days(date(2025, 6, 4), date(2025, 6, 3)).days == 0


@pytest.mark.parametrize(
    ("kind", "limit", "due"),
    [
        (LicenseType.TECHNOLOGY_LICENSE, 15, date(2025, 6, 24)),
        (LicenseType.LETTER_OF_INTENT, 30, date(2025, 7, 15)),
        (LicenseType.DUAL_USE_INDIVIDUAL, 45, date(2025, 8, 5)),
        (LicenseType.DUAL_USE_GENERAL, 45, date(2025, 8, 5)),
    ],
)
def test_each_permit_has_the_limit_of_its_statute(kind: LicenseType, limit: int, due: date) -> None:
    found = deadline(kind, date(2025, 6, 3))
    assert found is not None
    assert (found.limit.working_days, found.due, found.estimate) == (limit, due, False)


def test_there_is_no_deadline_without_a_limit_or_without_a_day() -> None:
    assert deadline(LicenseType.REGISTRATION_CERTIFICATE, date(2025, 6, 3)) is None
    assert deadline(LicenseType.LETTER_OF_INTENT, None) is None
    assert deadline(LicenseType.LETTER_OF_INTENT, date(9999, 12, 20)) is None


def test_the_deadline_is_the_day_that_completes_the_limit_whatever_the_start() -> None:
    for start in (date(2024, 1, 1) + timedelta(days=n) for n in range(0, 700, 13)):
        found = deadline(LicenseType.DUAL_USE_INDIVIDUAL, start)
        assert found is not None
        assert working_days(start, found.due).days == 45
        assert working_days(start, found.due - timedelta(days=1)).days == 44


def test_beyond_the_years_that_the_calendar_knows_weekdays_count_and_the_day_is_an_estimate() -> None:
    late = date(LAST_YEAR, 12, 31)
    found = deadline(LicenseType.TECHNOLOGY_LICENSE, late)
    assert found is not None
    assert found.estimate
    weekdays = [late + timedelta(days=n) for n in range(1, 40)]
    assert found.due == [day for day in weekdays if day.weekday() < 5][14]
    assert working_days(late - timedelta(days=3), late).estimate is False
    assert working_days(date(2003, 12, 1), date(2003, 12, 31)).estimate is True


# -- what a decision says ----------------------------------------------------------------------------------


def said(license_: dict[str, Any], export_date: str = "2025-07-02") -> dict[str, str]:
    content = ControlContent(RULES)
    content.fold(LICENSES, b"L-1@1", orjson.dumps(license_))
    decided = screen(orjson.dumps({**SHIPMENT, "export_date": export_date}), (), content.snapshot())
    assert isinstance(decided, Decided)
    item = json.loads(decided.value)["items"][0]
    assert item["license"]["status"] == "pending"
    (reason,) = [r for r in item["reasons"] if r["code"] == "LICENSE_MISSING"]
    text: dict[str, str] = reason["text"]
    return text


def test_a_decision_that_cites_an_application_says_by_which_day_the_authority_must_decide() -> None:
    text = said(APPLIED)
    assert text["en"] == (
        "licence L-1 is applied for, not granted; the authority must decide by 2025-08-05 (45 working days from "
        "acceptance, here from the application of 2025-06-03, confidence V[S9]; appraisal by experts or a watch-listed "
        "party stops the clock, which is not counted here, M-md)"
    )
    assert "应于2025-08-05（含）前作出决定" in text["zh"]
    assert "45个工作日" in text["zh"]


@pytest.mark.parametrize(
    ("day", "verb"),
    [("2025-08-05", "must decide by 2025-08-05"), ("2025-08-06", "had to decide by 2025-08-05")],
)
def test_a_deadline_before_the_legal_date_has_passed(day: str, verb: str) -> None:
    assert verb in said(APPLIED, day)["en"]


def test_an_estimated_deadline_is_said_to_be_about_that_day() -> None:
    text = said({**APPLIED, "applied_on": f"{LAST_YEAR}-12-01"}, f"{LAST_YEAR}-12-02")
    assert f"must decide by about {LAST_YEAR + 1}-" in text["en"]
    assert f"约{LAST_YEAR + 1}-" in text["zh"]


def test_an_application_without_limit_or_day_promises_no_day() -> None:
    plain = "licence L-1 is applied for, not granted"
    assert said({**APPLIED, "type": "registration_certificate"})["en"] == plain
    assert said({name: value for name, value in APPLIED.items() if name != "applied_on"})["en"] == plain


# -- the list ----------------------------------------------------------------------------------------------


def run(folder: Path, *licenses: object, on: str) -> Result:
    file = folder / "licenses.jsonl"
    file.write_text(
        "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in licenses), "utf-8"
    )
    return CliRunner().invoke(command, ["clock", "--licenses", str(file), "--on", on])


def test_the_list_tells_age_limit_due_day_and_what_is_overdue(tmp_path: Path) -> None:
    licenses = [
        {**APPLIED, "applied_on": "2025-12-05"},
        {**APPLIED, "license_no": "L-2", "type": "letter_of_intent", "applied_on": "2026-01-26"},
        {**APPLIED, "license_no": "L-3", "type": "registration_certificate", "applied_on": "2026-02-05"},
        {"license_no": "L-4", "version": 1, "type": "technology_license", "status": "applied"},
        {**APPLIED, "license_no": "L-5", "status": "granted"},
    ]
    result = run(tmp_path, *licenses, on="2026-02-12")
    assert result.output == (
        "applications on 2026-02-12 (China), in Chinese working days\n"
        "\n"
        "license  type                      applied on  age  limit  due         state\n"
        "L-1      dual use individual       2025-12-05  48   45     2026-02-09  overdue by 3\n"
        "L-2      letter of intent          2026-01-26  13   30     2026-03-13  17 left\n"
        "L-3      registration certificate  2026-02-05  5    -      -           no limit known\n"
        "L-4      technology license        -           -    -      -           no day stated\n"
        "\n"
        "4 applied for, 1 overdue\n"
        "The 45 days run from the acceptance; no event states it, so they are counted from the application.\n"
        "confidence of the limits: 30 days V[S16], 45 days V[S9]\n"
        "Appraisal by experts and watch-listed parties stop the clock (M-md); that is not computed here.\n"
    )
    assert result.exit_code == 1


def test_a_licence_counts_in_its_newest_version_of_the_day(tmp_path: Path) -> None:
    granted = {**APPLIED, "version": 2, "status": "granted", "status_from": "2025-07-10"}
    before, after = (run(tmp_path, granted, APPLIED, on=day) for day in ("2025-07-09", "2025-07-10"))
    assert "1 applied for, 0 overdue" in before.output
    assert "0 applied for" in after.output
    assert (before.exit_code, after.exit_code) == (0, 0)


def test_estimates_are_marked_and_explained(tmp_path: Path) -> None:
    result = run(tmp_path, {**APPLIED, "applied_on": f"{LAST_YEAR}-12-20"}, on=f"{LAST_YEAR}-12-21")
    assert re.search(rf" 1    45     {LAST_YEAR + 1}-02-\d\d\*  \d\d left", result.output)
    assert "* estimate: " in result.output


def test_a_line_that_cannot_be_read_is_named_and_leaves_with_1(tmp_path: Path) -> None:
    result = run(tmp_path, APPLIED, {**APPLIED, "applied_on": "soon"}, "", on="2025-06-10")
    assert result.exit_code == 1
    assert "licenses.jsonl:2: " in result.output
    assert "1 applied for, 0 overdue" in result.output


def test_no_row_is_wider_than_100_columns(tmp_path: Path) -> None:
    long = {**APPLIED, "license_no": "L" * 80, "type": "registration_certificate"}
    assert max(map(len, run(tmp_path, long, APPLIED, on="2025-06-10").output.splitlines())) <= 100
