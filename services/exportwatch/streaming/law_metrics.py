"""The part of the catalogue of metrics that tells what the law does: which instruments and entries speak, and how
the law and the licences stand today.

Instruments and control codes are those of the law pack and its amendments. An amendment could bring any number of
them, so only so many series are made; what comes beyond is counted under ``other``.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from exportwatch.streaming.metrics import counter, gauge
from exportwatch_events.catalogue import Result

MOST_ENTRIES = 400
MOST_INSTRUMENTS = 60
OTHER = "other"

INSTRUMENT_RESULTS = counter(
    "instrument_results_total",
    "Decisions that an instrument has a part in, by result.",
    "instrument",
    "result",
)
ENTRY_MATCHES = counter(
    "entry_matches_total", "Items that match a control entry or may match it.", "instrument", "control_code"
)
UNCONFIRMED = gauge(
    "law_limbs_unconfirmed", "Limbs of an instrument whose status today nobody confirmed.", "instrument"
)
NEXT_CHANGE = gauge(
    "law_next_change_timestamp_seconds",
    "When the status of the instrument changes next (China, start of the day).",
    "instrument",
)
LAST_CONFIRMED = gauge(
    "law_last_confirmed_timestamp_seconds", "The latest day on which the status of any limb was confirmed."
)
LICENSES = gauge("licenses", "Licences on record by how they stand today.", "standing")

_entries: set[tuple[str, str]] = set()
_instruments: set[str] = set()


def decided(
    touches: Iterable[str], result: Result, entries: Iterable[tuple[str, str]], count: int = 1
) -> None:
    """One decision, or several alike: the instruments concerned, and instrument and control code of its items."""
    for instrument in touches:
        INSTRUMENT_RESULTS.labels(_instrument(instrument), Result(result)).inc(count)
    for instrument, code in entries:
        ENTRY_MATCHES.labels(*_entry(instrument, code)).inc(count)


def _instrument(name: str) -> str:
    if name not in _instruments and len(_instruments) >= MOST_INSTRUMENTS:
        return OTHER
    _instruments.add(name)
    return name


def _entry(instrument: str, code: str) -> tuple[str, str]:
    known = (_instrument(instrument), code)
    if known not in _entries and len(_entries) >= MOST_ENTRIES:
        return OTHER, OTHER
    _entries.add(known)
    return known


def law_stands(
    unconfirmed: Mapping[str, int], changes: Mapping[str, datetime], confirmed: date | None
) -> None:
    """The unconfirmed limbs of each instrument, when each changes next, and when anything was last confirmed."""
    NEXT_CHANGE.clear()
    for instrument, limbs in unconfirmed.items():
        UNCONFIRMED.labels(_instrument(instrument)).set(limbs)
    for instrument, moment in changes.items():
        NEXT_CHANGE.labels(_instrument(instrument)).set(moment.timestamp())
    if confirmed is not None:
        day = datetime(confirmed.year, confirmed.month, confirmed.day, tzinfo=UTC)
        LAST_CONFIRMED.set(day.timestamp())


def licenses_stand(standings: Iterable[tuple[str, int]]) -> None:
    for standing, count in standings:
        LICENSES.labels(standing).set(count)
