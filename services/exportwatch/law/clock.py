"""The statutory clock of an application: in how many Chinese working days the authority must decide, and by when.

Limits (reference domain 1.2, with its confidence tags): letter of intent 30 working days from the application and
technology license 15 (Measures of 2009), dual-use license 45 from acceptance (Dual-use Regulations of 2024); none is
known for a registration certificate. The day of the application itself does not count. Holidays and make-up working
days are those of ``chinesecalendar``; in a year that it does not know every weekday counts, and the day is an
estimate. What stops the clock (appraisal by experts, a watch-listed party; M-md) is not computed. No clock of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from chinese_calendar import is_workday
from chinese_calendar.constants import holidays

from exportwatch_events.catalogue import LicenseType

FIRST_YEAR: int = min(holidays).year
LAST_YEAR: int = max(holidays).year

_DAY = timedelta(days=1)
_SATURDAY = 5


class WorkingDays(NamedTuple):
    """A number of working days; an estimate where some of them lie in a year that the calendar does not know."""

    days: int
    estimate: bool


@dataclass(frozen=True, slots=True)
class Limit:
    """How long the authority may take. ``from_acceptance``: counted from the acceptance, which no event states."""

    working_days: int
    confidence: str
    from_acceptance: bool = False


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day on which the authority may decide, counted from the application: the earliest it can be."""

    applied_on: date
    limit: Limit
    due: date
    estimate: bool


_DUAL_USE = Limit(45, "V[S9]", from_acceptance=True)
LIMITS: Mapping[LicenseType, Limit] = {
    LicenseType.LETTER_OF_INTENT: Limit(30, "V[S16]"),
    LicenseType.TECHNOLOGY_LICENSE: Limit(15, "M-hi"),
    LicenseType.DUAL_USE_INDIVIDUAL: _DUAL_USE,
    LicenseType.DUAL_USE_GENERAL: _DUAL_USE,
}


def deadline(kind: LicenseType, applied_on: date | None) -> Deadline | None:
    """The deadline of an application; None where there is no limit, no day, or no such day in the calendar."""
    limit = LIMITS.get(kind)
    if limit is None or applied_on is None:
        return None
    found = _after(applied_on, limit.working_days)
    return found and Deadline(applied_on, limit, *found)


def working_days(after: date, on: date) -> WorkingDays:
    """The working days behind ``after`` up to and with ``on``; 0 where ``on`` is not later."""
    days = [date.fromordinal(n) for n in range(after.toordinal() + 1, on.toordinal() + 1)]
    return WorkingDays(sum(map(_works, days)), not all(_known(day) for day in days))


# A walk over some seventy days, asked for each decision that cites the application.
@lru_cache(maxsize=4096)
def _after(start: date, limit: int) -> tuple[date, bool] | None:
    """The ``limit``-th working day behind a day, and whether it is an estimate."""
    day, left, estimate = start, limit, False
    while left:
        if day == date.max:
            return None
        day += _DAY
        left -= _works(day)
        estimate = estimate or not _known(day)
    return day, estimate


def _known(day: date) -> bool:
    return FIRST_YEAR <= day.year <= LAST_YEAR


def _works(day: date) -> bool:
    if not _known(day):
        return day.weekday() < _SATURDAY
    works: bool = is_workday(day)
    return works
