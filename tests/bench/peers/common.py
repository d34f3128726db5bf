"""What every peer shares with our service: the same pure call, and the same record for the same decision."""

import os
from collections.abc import Callable, Sequence

from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, screen
from exportwatch.streaming.wire import InputRecord, OutputRecord, control_header, decided_record
from exportwatch_events.catalogue import DECISIONS, LAW, LICENSES, PARTIES, SHIPMENTS

BOOTSTRAP = os.environ.get("BENCH_BOOTSTRAP", "")
GROUP = os.environ.get("BENCH_GROUP", "")
PARTITIONS = int(os.environ.get("BENCH_PARTITIONS", "12"))
SOURCE, TARGET = SHIPMENTS, DECISIONS
LINGER_SECONDS = 0.005
MOST_AT_ONCE = 256 * 1024  # bytes of a request to one partition

Headers = Sequence[tuple[str, bytes | None]]
Decide = Callable[[int, int, int, bytes | None, bytes | None, Headers], OutputRecord]


def new_decide() -> Decide:
    """The function of a record (partition, offset, time, key, value, headers) that gives the decision's."""
    snapshot = ControlContent(load_rules(None)).snapshot()
    control = control_header({LAW: 0, LICENSES: 0, PARTIES: 0})

    def decide(
        partition: int, offset: int, time_ms: int, key: bytes | None, value: bytes | None, headers: Headers
    ) -> OutputRecord:
        decided = screen(value, headers, snapshot)
        if not isinstance(decided, Decided):
            raise ValueError(f"the feed has a document that cannot be read: {decided}")  # noqa: TRY004
        record = InputRecord(SOURCE, partition, offset, time_ms, key, value, tuple(headers))
        return decided_record(record, decided, control, PARTITIONS)

    return decide
