"""The day that decides (reference domain 1.4): that of export or of transmission, read in Asia/Shanghai."""

from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Any, NamedTuple

from exportwatch.classification.problems import Problem, wrong
from exportwatch_events.documents import LATEST_YEAR, moment_of

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")  # no daylight saving since 1992
_FIRST_YEAR = 1980  # the null dates of ERP systems lie before it: 0001-01-01, 1900-01-01, 1970-01-01


class LegalDate(NamedTuple):
    """The day that decides, in Asia/Shanghai, and the hour where the document states one."""

    day: date
    hour: time | None = None


def legal_date_of(stated: Any, event_time: str, path: str, problems: list[Problem]) -> LegalDate:
    """The stated day, or that of the event: where none is stated, and where it cannot be read, which is a problem."""
    if stated is not None:
        read = read_day(stated) if isinstance(stated, str) else None
        if read is not None:
            return read
        problems.append(wrong(path, stated, "YYYY-MM-DD, or a date-time with offset"))
    return _of_moment(event_time)


@lru_cache(maxsize=65536)
def read_day(text: str) -> LegalDate | None:
    """A date, or a date-time with offset moved to China; ``None`` for anything else, null dates among it."""
    if len(text) == 10:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return None
        written = text[5] != "W"  # a day of a week is a date of ISO 8601, and none of the wire contract
        return LegalDate(day) if written and _is_of_use(day) else None
    read = _of_moment(text) if moment_of(text) is not None else None
    return read if read is not None and _is_of_use(read.day) else None


def _is_of_use(day: date) -> bool:
    return _FIRST_YEAR <= day.year <= LATEST_YEAR


@lru_cache(maxsize=65536)
def _of_moment(text: str) -> LegalDate:
    moment = moment_of(text) or datetime.fromisoformat(text)
    local = moment.astimezone(CHINA)
    return LegalDate(local.date(), local.time())
