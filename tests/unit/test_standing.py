"""How the law and the licences stand on a day, as operators see it, and the series that tell it."""

from datetime import UTC, date, datetime

import orjson
import pytest

from exportwatch.law.register import LawRegister
from exportwatch.screening.control import load_rules
from exportwatch.screening.licenses import Licenses
from exportwatch.screening.standing import LicenseStanding, law_standing, license_standings
from exportwatch.streaming import law_metrics, metrics
from exportwatch_events.catalogue import Result
from exportwatch_events.control import License, read_license

TODAY = date(2026, 6, 1)


@pytest.fixture(scope="module")
def register() -> LawRegister:
    return load_rules().register


def license_of(number: str, **fields: str) -> License:
    stated = {"license_no": number, "version": 1, "type": "dual_use_individual", "status": "granted"} | fields
    found = read_license(orjson.dumps(stated))
    assert isinstance(found, License)
    return found


def test_a_suspension_whose_end_passed_unconfirmed_is_counted(register: LawRegister) -> None:
    before = law_standing(register, date(2026, 11, 9))["CN-2025-61"]
    after = law_standing(register, date(2026, 11, 11))["CN-2025-61"]
    assert before.unconfirmed == 0
    assert after.unconfirmed == 3


def test_the_next_change_is_the_first_of_all_limbs(register: LawRegister) -> None:
    assert law_standing(register, date(2026, 6, 1))["CN-2025-61"].next_change == date(2026, 11, 10)


@pytest.mark.parametrize(
    ("fields", "standing"),
    [
        ({"status": "applied"}, LicenseStanding.APPLIED),
        ({"valid_to": "2026-07-02"}, LicenseStanding.GOOD),
        ({}, LicenseStanding.GOOD),
        ({"valid_to": "2026-07-01"}, LicenseStanding.ENDS_SOON),
        ({"valid_to": "2026-06-01"}, LicenseStanding.ENDS_SOON),
        ({"valid_to": "2026-05-31"}, LicenseStanding.ENDED),
        ({"status": "expired"}, LicenseStanding.ENDED),
        ({"status": "revoked"}, LicenseStanding.WITHDRAWN),
        ({"status": "suspended"}, LicenseStanding.WITHDRAWN),
    ],
)
def test_where_a_license_stands(fields: dict[str, str], standing: LicenseStanding) -> None:
    found = license_standings(Licenses([license_of("L-1", **fields)]), TODAY)
    assert found == {one: int(one is standing) for one in LicenseStanding}


@pytest.fixture(autouse=True)
def nothing_counted_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(law_metrics, "_entries", set())
    monkeypatch.setattr(law_metrics, "_instruments", set())
    law_metrics.ENTRY_MATCHES.clear()
    law_metrics.INSTRUMENT_RESULTS.clear()


def series(name: str) -> dict[tuple[str, ...], float]:
    return {
        tuple(one.labels.values()): one.value
        for family in metrics.REGISTRY.collect()
        for one in family.samples
        if one.name == name
    }


def test_a_decision_counts_for_each_of_its_instruments_and_entries() -> None:
    law_metrics.decided(
        ("CN-2025-18", "CN-2024-46"), Result.REVIEW, [("CN-2025-18", "1C905.b"), ("CN-2025-18", "1C904.b")], 3
    )
    found = series("exportwatch_instrument_results_total")
    assert found["CN-2025-18", "review"] == found["CN-2024-46", "review"] == 3
    assert series("exportwatch_entry_matches_total")["CN-2025-18", "1C905.b"] == 3


def test_an_amendment_with_any_number_of_entries_does_not_bring_any_number_of_series() -> None:
    for number in range(2 * law_metrics.MOST_ENTRIES):
        law_metrics.decided([f"XX-{number}"], Result.REVIEW, [(f"XX-{number}", f"XX-{number}/A")])
    entries, results = (
        series("exportwatch_entry_matches_total"),
        series("exportwatch_instrument_results_total"),
    )
    assert len(entries) <= law_metrics.MOST_ENTRIES + 1
    assert len(results) <= (law_metrics.MOST_INSTRUMENTS + 1) * len(Result)
    assert sum(entries.values()) >= 2 * law_metrics.MOST_ENTRIES
    assert entries[law_metrics.OTHER, law_metrics.OTHER] > 0


def test_a_change_that_is_behind_us_is_not_shown_any_more() -> None:
    soon = datetime(2026, 11, 10, tzinfo=UTC)
    law_metrics.law_stands({"CN-2025-61": 0}, {"CN-2025-61": soon}, date(2026, 11, 1))
    assert series("exportwatch_law_next_change_timestamp_seconds") == {("CN-2025-61",): soon.timestamp()}
    law_metrics.law_stands({"CN-2025-61": 3}, {}, date(2026, 11, 1))
    assert series("exportwatch_law_next_change_timestamp_seconds") == {}
    assert series("exportwatch_law_limbs_unconfirmed")["CN-2025-61",] == 3
