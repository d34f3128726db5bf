"""The dates of the law as a table: lawyers read `timeline.yaml`, the packaged register is held against it."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from exportwatch.law.load import load_pack
from exportwatch.law.located import read_yaml

HERE = Path(__file__).parent
TABLE: list[dict[str, Any]] = read_yaml((HERE / "timeline.yaml").read_text(encoding="utf-8"), "timeline.yaml")
REGISTER = load_pack().register
DAY = timedelta(days=1)


def rows(column: str) -> Iterator[Any]:
    for row in TABLE:
        limb = row.get("limb", "*")
        for when, expected in row.get(column, {}).items():
            yield pytest.param(
                row["instrument"], limb, when, expected, id=f"{row['instrument']}/{limb} {when}"
            )


def moment(when: str) -> tuple[date, time | None]:
    day, _, hour = when.partition(" ")
    return date.fromisoformat(day), time.fromisoformat(hour) if hour else None


@pytest.mark.parametrize(("instrument", "limb", "when", "expected"), list(rows("days")))
def test_the_limb_has_the_status_that_the_table_says(
    instrument: str, limb: str, when: str, expected: str
) -> None:
    assert REGISTER.status(instrument, limb, *moment(when)).status == expected


@pytest.mark.parametrize(("instrument", "limb", "when", "expected"), list(rows("changes")))
def test_the_next_change_is_the_day_that_the_table_says(
    instrument: str, limb: str, when: str, expected: str | None
) -> None:
    found = REGISTER.status(instrument, limb, *moment(when)).next_change
    assert found == (date.fromisoformat(expected) if expected else None)


def test_every_change_of_every_limb_stands_in_the_table_with_the_days_around_it() -> None:
    told = {(row["instrument"], row.get("limb", "*")): row["days"] for row in TABLE}
    absent = [
        f"{instrument.id}/{limb.id} {day}"
        for instrument in REGISTER.instruments.values()
        for limb in instrument.limbs
        for boundary in REGISTER.calendar(instrument.id, limb.id).boundaries()
        for day in (boundary - DAY, boundary, boundary + DAY)
        if str(day) not in told.get((instrument.id, limb.id), ())
    ]
    assert absent == []


def test_every_row_of_the_table_says_why() -> None:
    assert [row["instrument"] for row in TABLE if not row.get("because")] == []
