"""The quarantine topic, read as entries: one for each record that went there, and what was done about it. Pure.

A record that a crash had quarantined twice is one entry with two ids. What was done stands in markers among
the records (`replayed`, `dropped`); they name ids, so that they go when the topic goes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

import orjson

from exportwatch.streaming.wire import (
    HEADER_REPLAY_OF,
    InputRecord,
    Marker,
    OutputRecord,
    Source,
    last_headers,
    marker_of,
    marker_record,
    parted_headers,
)
from exportwatch_events.catalogue import (
    HEADER_DOCUMENT,
    HEADER_ERROR,
    HEADER_ERROR_CODE,
    HEADER_SOURCE,
    HEADER_SOURCE_TIMESTAMP,
)

DONE = (Marker.REPLAYED, Marker.DROPPED)


class RecordId(NamedTuple):
    """Where a record stands in the quarantine topic; its text is `partition/offset`."""

    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.partition}/{self.offset}"

    @classmethod
    def read(cls, text: str) -> Self:
        """ValueError for anything else."""
        partition, offset = text.split("/")
        if not (partition.isdecimal() and offset.isdecimal()):
            raise ValueError(text)
        return cls(int(partition), int(offset))


@dataclass(frozen=True, slots=True)
class Done:
    """What an operator did about a record: who, when (ISO 8601), by which command, and why where it was dropped."""

    marker: Marker
    by: str
    at: str
    command: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A quarantined record without its bytes. `ids`: every copy of it in the topic, oldest first."""

    ids: tuple[RecordId, ...]
    at_ms: int
    source: Source
    code: str
    message: str
    document: str | None
    replay_of: str | None
    done: Done | None = None

    @property
    def when(self) -> str:
        return datetime.fromtimestamp(self.at_ms / 1000, UTC).isoformat(timespec="seconds")

    @property
    def state(self) -> str:
        return "open" if self.done is None else self.done.marker.value

    def as_json(self) -> dict[str, Any]:
        done = self.done
        return {
            "id": str(self.ids[0]),
            "copies": [str(one) for one in self.ids[1:]],
            "when": self.when,
            "source": self.source.text,
            "code": self.code,
            "message": self.message,
            "document": self.document,
            "replay_of": self.replay_of,
            "state": self.state,
            "done": done and {"by": done.by, "at": done.at, "command": done.command, "reason": done.reason},
        }


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries are meant: all of `ids` where any are given, else those to which everything applies."""

    ids: frozenset[RecordId] = frozenset()
    codes: tuple[str, ...] = ()
    topic: str | None = None
    partition: int | None = None
    document: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None

    @property
    def is_everything(self) -> bool:
        return self == Selection()

    def takes(self, entry: Entry) -> bool:
        """`document` is the whole key or the number in it; `until_ms` itself is not within."""
        if self.ids:
            return not self.ids.isdisjoint(entry.ids)
        number = (entry.document or "").rpartition("/")[2]
        return (
            (not self.codes or entry.code in self.codes)
            and self.topic in (None, entry.source.topic)
            and self.partition in (None, entry.source.partition)
            and self.document in (None, entry.document, number)
            and (self.since_ms is None or entry.at_ms >= self.since_ms)
            and (self.until_ms is None or entry.at_ms < self.until_ms)
        )


class Log:
    """Entries and what was done about them, folded record by record in the order of each partition."""

    def __init__(self) -> None:
        # By place and time in the input topic: offsets begin anew when a topic is made anew.
        self._entries: dict[tuple[Source, bytes], Entry] = {}
        self._done: dict[RecordId, Done] = {}

    def take(self, record: InputRecord) -> None:
        """What is neither a quarantined record nor a note of ours says nothing."""
        marker = marker_of(record.headers)
        if marker is None:
            self._keep(record)
        elif marker in (one.encode() for one in DONE):
            self._done |= read_done(record.value)

    def _keep(self, record: InputRecord) -> None:
        theirs, ours = parted_headers(record.headers)
        found = last_headers(ours)
        source = Source.read(found.get(HEADER_SOURCE))
        if source is None:
            return
        place = (source, found.get(HEADER_SOURCE_TIMESTAMP, b""))
        known, id_ = self._entries.get(place), RecordId(record.partition, record.offset)
        replay_of = last_headers(theirs).get(HEADER_REPLAY_OF)
        self._entries[place] = Entry(
            ids=(*known.ids, id_) if known else (id_,),
            at_ms=known.at_ms if known else record.timestamp_ms,
            source=source,
            code=_text(found.get(HEADER_ERROR_CODE)) or "",
            message=_text(found.get(HEADER_ERROR)) or "",
            document=_text(found.get(HEADER_DOCUMENT)),
            replay_of=_text(replay_of),
        )

    def entries(self) -> list[Entry]:
        """By time; an entry is done when every copy of it is."""
        found = [self._with_done(entry) for entry in self._entries.values()]
        return sorted(found, key=lambda entry: (entry.at_ms, entry.ids))

    def _with_done(self, entry: Entry) -> Entry:
        done = [self._done.get(one) for one in entry.ids]
        if None in done:
            return entry
        return replace(entry, done=done[-1])


def read_done(value: bytes | None) -> Mapping[RecordId, Done]:
    """What a marker's value says; nothing where it is not one that we wrote: anybody may write to a topic."""
    try:
        told = orjson.loads(value or b"")
        reason = told.get("reason")
        done = Done(
            Marker(told["marker"]), str(told["by"]), str(told["at"]), str(told["command"]), reason and str(reason)
        )  # fmt: skip
        return {RecordId.read(one): done for one in told["records"]}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def done_record(done: Done, entries: Iterable[Entry], partitions: int) -> OutputRecord:
    """The marker that says so of entries of one input partition; no byte of a record is in it."""
    entries = tuple(entries)
    facts: dict[str, object] = {
        "records": [str(one) for entry in entries for one in entry.ids],
        "by": done.by,
        "at": done.at,
        "command": done.command,
    }
    if done.reason is not None:
        facts["reason"] = done.reason
    return marker_record(done.marker, entries[0].source, partitions, facts)


def replay_record(record: InputRecord) -> OutputRecord:
    """A quarantined record as it once came in: same topic, partition, key, value and headers, and one header that says
    of what it is the replay. ValueError where it does not say where it came from.
    """
    theirs, ours = parted_headers(record.headers)
    source = Source.read(last_headers(ours).get(HEADER_SOURCE))
    if source is None:
        raise ValueError(record.source.text)
    # Of a replay that is replayed again only the last is told; the one before is told by the record it names.
    kept = tuple((name, value) for name, value in theirs if name != HEADER_REPLAY_OF)
    replayed = (HEADER_REPLAY_OF, record.source.text.encode())
    return OutputRecord(source.topic, source.partition, record.key, record.value, (*kept, replayed))


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="replace")
