"""Reading the alerts topic back: the state of each alert from the headers of all its records.

The record of the highest order counts, not the last one: a worker that was cut off may have written an older
state behind a newer one. Such an alert is told apart, so that the newer state is written again before
compaction keeps only the older.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

import orjson

from exportwatch.alerting.record import AlertRecord, RememberedAlert, remembered
from exportwatch_events.catalogue import HEADER_REVISION


class Overtaken(NamedTuple):
    """An alert whose newest state is not its last record: where that state lies, and the revision to give
    it.
    """

    offset: int
    revision: int


class _Read(NamedTuple):
    """One alert so far. ``other_revision``: the highest given to anything but its newest content."""

    newest: RememberedAlert
    offset: int
    last_offset: int
    highest_revision: int
    other_revision: int = 0

    @property
    def revision(self) -> int:
        """The revision that consumers must see on the newest content: one that stood for nothing else."""
        return max(self.highest_revision, self.other_revision + 1)


class Restoration:
    """Takes the records of one alerts partition in the order of their offsets."""

    def __init__(self) -> None:
        self._read: dict[str, _Read] = {}
        self.unreadable = 0

    def note(self, offset: int, key: bytes | None, headers: Iterable[tuple[str, bytes | None]]) -> None:
        """Take one record. One that alerting did not write is counted and left alone."""
        alert = remembered(key, headers)
        if alert is None:
            self.unreadable += 1
            return
        known = self._read.get(alert.alert_id)
        revision = alert.state.revision
        self._read[alert.alert_id] = (
            _Read(alert, offset, offset, revision) if known is None else _with(known, alert, offset)
        )

    def alerts(self) -> tuple[RememberedAlert, ...]:
        """The newest state of each alert, under the revision that it has or must be given."""
        return tuple(
            read.newest._replace(state=replace(read.newest.state, revision=read.revision))
            for read in self._read.values()
        )

    def overtaken(self) -> tuple[Overtaken, ...]:
        """Which records must be written again, by offset."""
        found = (
            Overtaken(read.offset, read.revision)
            for read in self._read.values()
            if read.last_offset != read.offset or read.revision != read.newest.state.revision
        )
        return tuple(sorted(found))


def _with(known: _Read, alert: RememberedAlert, offset: int) -> _Read:
    is_newer = _rank(alert) >= _rank(known.newest)
    newest, older = (alert, known.newest) if is_newer else (known.newest, alert)
    other = known.other_revision
    if newest.state.basis != older.state.basis or newest.state.is_open != older.state.is_open:
        other = max(other, older.state.revision)
    return _Read(
        newest,
        offset if is_newer else known.offset,
        offset,
        max(known.highest_revision, alert.state.revision),
        other,
    )


def _rank(alert: RememberedAlert) -> tuple[object, ...]:
    state = alert.state
    return (*state.order, state.revision, -2 if state.unplaced_us is None else state.unplaced_us)


def written_again(record: AlertRecord, revision: int) -> AlertRecord:
    """The same state under a revision that consumers do not have; unchanged where it has it."""
    headers = dict(record.headers)
    if int(headers[HEADER_REVISION]) == revision:
        return record
    snapshot: Mapping[str, object] = orjson.loads(record.value)
    headers[HEADER_REVISION] = str(revision).encode()
    headers["ce_id"] = b"%s:%d" % (record.key, revision)
    return AlertRecord(record.key, orjson.dumps({**snapshot, "revision": revision}), tuple(headers.items()))
