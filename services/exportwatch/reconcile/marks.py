"""Which offsets of an input partition are accounted for, a bit each. Pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from exportwatch.streaming.partitions import TP
from exportwatch.streaming.readback import Stretch
from exportwatch.streaming.wire import Source


class Offsets:
    """A set of offsets within a stretch; others are let go."""

    def __init__(self, stretch: Stretch) -> None:
        self._stretch = stretch
        self._bits = bytearray((max(0, stretch.end - stretch.start) + 7) // 8)

    def add(self, offset: int) -> None:
        if self._stretch.start <= offset < self._stretch.end:
            at = offset - self._stretch.start
            self._bits[at >> 3] |= 1 << (at & 7)

    def __contains__(self, offset: int) -> bool:
        if not self._stretch.start <= offset < self._stretch.end:
            return False
        at = offset - self._stretch.start
        return bool(self._bits[at >> 3] & (1 << (at & 7)))


class Marks:
    """What decisions and quarantine say of the input records, by the `ew_source` that they carry."""

    def __init__(self, inputs: Mapping[TP, Stretch]) -> None:
        self._decided = {tp: Offsets(stretch) for tp, stretch in inputs.items()}
        self._quarantined = {tp: Offsets(stretch) for tp, stretch in inputs.items()}

    def decided(self, source: Source) -> None:
        self._add(self._decided, source)

    def quarantined(self, source: Source) -> None:
        self._add(self._quarantined, source)

    @staticmethod
    def _add(offsets: Mapping[TP, Offsets], source: Source) -> None:
        found = offsets.get(TP(source.topic, source.partition))
        if found is not None:
            found.add(source.offset)

    def of(self, tp: TP, offset: int) -> "Fate | None":
        """None where nothing carries this record's place. A quarantined record may have a decision too."""
        if offset in self._quarantined[tp]:
            return Fate.QUARANTINED
        return Fate.DECIDED if offset in self._decided[tp] else None


class Fate(StrEnum):
    """What became of an input record. The last two are findings."""

    DECIDED = "decided"
    QUARANTINED = "quarantined"
    # Its decision was replaced by one for the same version of the document, and compaction removed it.
    SUPERSEDED = "superseded"
    # Not committed yet, and young enough.
    IN_FLIGHT = "in_flight"
    # Not committed, and older than it should be.
    WAITING = "waiting"
    # Committed, and nothing says what became of it.
    MISSING = "missing"


class Unmarked(NamedTuple):
    """A committed record whose place nothing carries; `key` is that of its decision, if it can be read."""

    source: Source
    timestamp_ms: int
    key: bytes | None


class Terms(NamedTuple):
    """When a record is late, and since when compaction may have removed a replaced decision."""

    now_ms: int
    grace_seconds: float
    compaction_lag_ms: int


def fate_of_uncommitted(timestamp_ms: int, terms: Terms) -> Fate:
    """Of a record at or behind the committed offset that nothing carries."""
    late = terms.now_ms - timestamp_ms > terms.grace_seconds * 1000
    return Fate.WAITING if late else Fate.IN_FLIGHT


def fate_of_committed(record: Unmarked, survivors: Iterable[bytes], terms: Terms) -> tuple[Fate, str]:
    """`survivors`: keys of decisions that exist. The text says why a record counts as missing."""
    if record.key is None:
        return Fate.MISSING, "it cannot be read and is not in quarantine"
    if record.key not in survivors:
        return Fate.MISSING, "its version of the document has no decision"
    if terms.now_ms - record.timestamp_ms <= terms.compaction_lag_ms:
        return Fate.MISSING, "only another record of its version was decided; compaction cannot be why yet"
    return Fate.SUPERSEDED, ""
