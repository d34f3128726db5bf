"""Records as they come from Kafka and go to it, and how a judgement becomes one. Pure.

The headers are those of the event catalogue; decisions are CloudEvents in binary mode. Records of one input
partition go to one partition of the quarantine topic, so that its end tells all about that input partition.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Protocol, Self

import orjson

from exportwatch.streaming.trace import Headers, trace_headers
from exportwatch_events.catalogue import (
    DECISIONS,
    HEADER_CONTROL,
    HEADER_DOCUMENT,
    HEADER_ERROR,
    HEADER_ERROR_CODE,
    HEADER_QUARANTINED,
    HEADER_RESULT,
    HEADER_SOURCE,
    HEADER_SOURCE_TIMESTAMP,
    HEADER_TOUCHES,
    HEADER_VERSION,
    QUARANTINE,
    ErrorCode,
)
from exportwatch_events.keys import decision_key, partition_of

HEADER_MARKER = "ew_marker"
# On an input record that was published again: the quarantined record that it repeats, as topic/partition/offset.
HEADER_REPLAY_OF = "ew_replay_of"
EVENT_SOURCE = b"exportwatch/screening"
DECISION_TYPE = b"exportwatch.decision.v1"
LONGEST_MESSAGE = 500
# What a record costs beside key, value and headers: its batch's head (61 bytes), lengths, offset, time.
RECORD_OVERHEAD_BYTES = 100
HEADER_OVERHEAD_BYTES = 10

TYPE_HEADERS = (
    ("ce_specversion", b"1.0"),
    ("ce_source", EVENT_SOURCE),
    ("ce_type", DECISION_TYPE),
    ("content-type", b"application/json"),
)


class Source(NamedTuple):
    """Where a record stood in its input topic."""

    topic: str
    partition: int
    offset: int

    @property
    def text(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"

    @classmethod
    def read(cls, text: bytes | None) -> Self | None:
        """From an `ew_source` header; None for anything else."""
        try:
            topic, partition, offset = (text or b"").decode().split("/")
            return cls(topic, int(partition), int(offset))
        except ValueError:
            return None


class InputRecord(NamedTuple):
    """A consumed record; `timestamp_ms` is the broker's or producer's, as the topic has it."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def source(self) -> Source:
        return Source(self.topic, self.partition, self.offset)


class OutputRecord(NamedTuple):
    """A record to be written, its partition already chosen."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def size(self) -> int:
        """No smaller than what the broker counts for a batch that holds only this record."""
        heads = sum(
            len(name.encode()) + len(value or b"") + HEADER_OVERHEAD_BYTES for name, value in self.headers
        )
        return RECORD_OVERHEAD_BYTES + len(self.key or b"") + len(self.value or b"") + heads


class DecidedDocument(Protocol):
    """What the core says of a readable record."""

    @property
    def document_key(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def result(self) -> StrEnum: ...
    @property
    def touches(self) -> tuple[str, ...]: ...
    @property
    def value(self) -> bytes: ...


class Refusal(NamedTuple):
    """Why a record goes to quarantine, and whose document it is where that is known."""

    code: ErrorCode
    message: str
    document: str | None = None


class Marker(StrEnum):
    """Notes among the quarantined records: an input partition stands still, goes on, or has lost records; an
    operator is done with records of it.
    """

    PAUSED = "paused"
    RESUMED = "resumed"
    GAP = "gap"
    REPLAYED = "replayed"
    DROPPED = "dropped"


def decided_record(
    record: InputRecord,
    decided: DecidedDocument,
    control: bytes,
    partitions: int,
    quarantined: ErrorCode | None = None,
) -> OutputRecord:
    """The record of a decision. `control` is the `ew_control` header, `partitions` the decisions topic's."""
    key = decision_key(decided.document_key, decided.version)
    document = decided.document_key.encode()
    headers: Headers = (
        *TYPE_HEADERS,
        ("ce_id", key),
        ("ce_subject", document),
        (HEADER_DOCUMENT, document),
        (HEADER_VERSION, str(decided.version).encode()),
        (HEADER_RESULT, decided.result.encode()),
        (HEADER_TOUCHES, ",".join(decided.touches).encode()),
        (HEADER_SOURCE, f"{record.topic}/{record.partition}/{record.offset}".encode()),
        (HEADER_CONTROL, control),
    )
    if quarantined is not None:
        headers = (*headers, (HEADER_QUARANTINED, quarantined.encode()))
    if record.headers:
        headers = (*headers, *trace_headers(record.headers, record.value))
    return OutputRecord(
        DECISIONS, partition_of(decided.document_key, partitions), key, decided.value, headers
    )


def quarantine_record(record: InputRecord, refusal: Refusal, partitions: int) -> OutputRecord:
    """Original key, value and headers, and ours behind them: a reader takes the last of a name."""
    ours: list[tuple[str, bytes | None]] = [
        (HEADER_ERROR_CODE, refusal.code.encode()),
        (HEADER_ERROR, refusal.message[:LONGEST_MESSAGE].encode()),
        (HEADER_SOURCE, record.source.text.encode()),
        (HEADER_SOURCE_TIMESTAMP, str(record.timestamp_ms).encode()),
    ]
    if refusal.document is not None:
        ours.append((HEADER_DOCUMENT, refusal.document.encode()))
    return OutputRecord(
        QUARANTINE,
        quarantine_partition(record.topic, record.partition, partitions),
        record.key,
        record.value,
        (*record.headers, *ours),
    )


def marker_record(marker: Marker, at: Source, partitions: int, facts: Mapping[str, object]) -> OutputRecord:
    """A note about the input partition of `at`, from `at.offset` on."""
    return OutputRecord(
        QUARANTINE,
        quarantine_partition(at.topic, at.partition, partitions),
        f"{at.topic}/{at.partition}".encode(),
        orjson.dumps({"marker": marker, "topic": at.topic, "partition": at.partition, **facts}),
        ((HEADER_MARKER, marker.encode()), (HEADER_SOURCE, at.text.encode())),
    )


def parted_headers(headers: Headers) -> tuple[Headers, Headers]:
    """A quarantined record's own headers, as it came, and ours behind them; the latter empty for a marker.

    Ours begin with the last `ew_error_code`: whatever a producer sends stands before it.
    """
    names = [name for name, _ in headers]
    if HEADER_ERROR_CODE not in names:
        return headers, ()
    start = len(names) - 1 - names[::-1].index(HEADER_ERROR_CODE)
    return headers[:start], headers[start:]


def marker_of(headers: Headers) -> bytes | None:
    """The marker of a note; None for a quarantined record, also one whose producer sent an `ew_marker`."""
    found = last_headers(headers)
    return None if HEADER_ERROR_CODE in found else found.get(HEADER_MARKER)


@lru_cache(maxsize=1024)
def quarantine_partition(topic: str, partition: int, partitions: int) -> int:
    return partition_of(f"{topic}/{partition}", partitions)


def control_header(positions: Mapping[str, int]) -> bytes:
    """The `ew_control` header: the offset of each control topic."""
    return orjson.dumps(dict(positions), option=orjson.OPT_SORT_KEYS)


def last_headers(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, bytes]:
    """Headers by name, the last of each; null values are left out."""
    return {name: value for name, value in headers if value is not None}
