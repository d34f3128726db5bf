"""The closed lists, and what is derived from them."""

import pytest

from exportwatch_events.catalogue import (
    EVENT_TYPES,
    HOLD_OF,
    Hold,
    LicenseStatus,
    Result,
    hold_for,
    strictest,
    strictest_hold,
)


def test_the_strictest_result_wins_whatever_the_order() -> None:
    results = [Result.NOT_REQUIRED, Result.REVIEW, Result.SUSPENDED, Result.LICENSE_REQUIRED]
    assert strictest(results) is Result.LICENSE_REQUIRED
    assert strictest(reversed(results)) is Result.LICENSE_REQUIRED
    assert strictest([*results, Result.PROHIBITED]) is Result.PROHIBITED
    assert strictest([]) is Result.NOT_REQUIRED


def test_results_are_declared_strictest_first() -> None:
    assert list(Result) == [
        "prohibited",
        "license_required",
        "review",
        "suspended",
        "not_yet_effective",
        "not_required",
    ]


def test_a_hold_is_stricter_than_a_person_and_a_person_than_release() -> None:
    assert strictest_hold([Hold.RELEASE, Hold.PERSON]) is Hold.PERSON
    assert strictest_hold([Hold.PERSON, Hold.HOLD]) is Hold.HOLD
    assert strictest_hold([]) is Hold.RELEASE


def test_every_result_has_a_hold() -> None:
    assert set(HOLD_OF) == set(Result)


@pytest.mark.parametrize("status", list(LicenseStatus))
def test_only_a_license_that_covers_releases_what_needs_one(status: LicenseStatus) -> None:
    covers = status is LicenseStatus.COVERED
    assert hold_for(Result.LICENSE_REQUIRED, status) is (Hold.RELEASE if covers else Hold.HOLD)
    assert hold_for(Result.PROHIBITED, status) is Hold.HOLD
    assert hold_for(Result.REVIEW, status) is Hold.PERSON


def test_the_event_types_are_those_of_the_contract() -> None:
    assert sorted(EVENT_TYPES) == [
        "contract.cancelled",
        "contract.changed",
        "contract.created",
        "shipment.cancelled",
        "shipment.changed",
        "shipment.created",
        "shipment.departed",
    ]
