"""The alerting service: batches of decisions in, alerts out, its memory read back from the topics.

The only module of alerting that knows the streams; what becomes of an alert is `lifecycle`'s. A partition's
memory is read anew whenever the partition is placed: what was published and not acknowledged before that is
in the alerts topic or will be done again.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from exportwatch.alerting.drafts import AlertRules
from exportwatch.alerting.late import LateWindow
from exportwatch.alerting.lifecycle import Change
from exportwatch.alerting.partition import DecisionRecord, PartitionMemory, Taken
from exportwatch.alerting.record import AlertRecord
from exportwatch.alerting.restore import Restoration, written_again
from exportwatch.settings import Settings
from exportwatch.streaming import logs, metrics
from exportwatch.streaming.app import run_worker
from exportwatch.streaming.batches import Batch
from exportwatch.streaming.faults import Verdict, verdict
from exportwatch.streaming.health import Health, Reason
from exportwatch.streaming.lane import Lane, Outcome, Standstill
from exportwatch.streaming.partitions import TP, Gap
from exportwatch.streaming.readback import LogReader, Stretch, log_reader
from exportwatch.streaming.spans import spans_of
from exportwatch.streaming.wire import (
    InputRecord,
    Marker,
    OutputRecord,
    Refusal,
    Source,
    last_headers,
    marker_record,
    quarantine_record,
)
from exportwatch_events.catalogue import ALERTS, DECISIONS, HEADER_DOCUMENT, QUARANTINE, ErrorCode

# Of each partition; further back an older version that comes late opens an alert too many.
LATE_DOCUMENTS = 50_000
RETRY_SECONDS = 0.5
HELD_SECONDS = 15.0

log = logs.logger(__name__)


@dataclass(slots=True)
class Late:
    """The late window of a partition, kept when it leaves: on its return only the rest is read."""

    window: LateWindow
    read_to: int = 0


@dataclass(slots=True)
class ReadBack:
    """What the topics say of the partitions that were asked for, and what must be written again."""

    memories: dict[int, PartitionMemory] = field(default_factory=dict)
    again: list[OutputRecord] = field(default_factory=list)


class AlertingStage:
    """What the lane asks of alerting."""

    service = metrics.Service.ALERTING
    inputs = (DECISIONS,)
    outputs = (ALERTS, QUARANTINE)
    answers_all = False
    paused: frozenset[TP] = frozenset()

    def __init__(self, settings: Settings, health: Health, counts: Mapping[str, int]) -> None:
        self._settings = settings
        self._health = health
        self._quarantine = counts.get(QUARANTINE, 1)
        self._spans = spans_of(settings, self.service)
        self._rules = AlertRules(monitor=settings.alerts_for_suspended)
        self._memories: dict[int, PartitionMemory] = {}
        self._late: dict[int, Late] = {}
        self._lane: Lane | None = None
        self._turn = 0
        health.block(Reason.STATE_UNREAD)

    def companions(self, lane: Lane) -> Iterable[Coroutine[Any, Any, None]]:
        self._lane = lane
        return (self._tell_held(),)

    async def ready(self) -> None:
        """Memory is read when partitions are assigned, before their first batch."""

    def work(self, batch: Batch) -> Outcome | Standstill:
        if not self._is_current(batch):
            # Of before a rebalance, and dropped by the lane: memory must not run ahead of the topic.
            return Outcome((), _never_too_large, _nothing)
        acknowledged = self._spans.begin(batch.records)
        memory, outputs = self._memories[batch.tp.partition], []
        taken: list[Taken] = []
        for number, record in enumerate(batch.records):
            found = self._take(memory, record)
            if isinstance(found, Refusal):
                outputs.append((number, quarantine_record(record, found, self._quarantine)))
            else:
                taken.append(found)
                outputs += [(number, _output(alert, record.partition)) for alert in found.records]
        self._late[batch.tp.partition].read_to = batch.records[-1].offset + 1
        published = acknowledged(partial(self._published, batch, taken))
        return Outcome(outputs, partial(self._too_large, batch), published)

    def _is_current(self, batch: Batch) -> bool:
        return self._lane is None or self._lane.consumer.watermarks.is_current(batch.ticket)

    def _take(self, memory: PartitionMemory, record: InputRecord) -> Taken | Refusal:
        if record.value is None:
            return Taken()  # an operator's tombstone: the document's alerts stay as they are
        headers = last_headers(record.headers)
        try:
            return memory.take(DecisionRecord(record.value, headers, record.timestamp_ms))
        except Exception as error:
            log.exception("alerting on a decision raised", source=record.source.text)
            named = headers.get(HEADER_DOCUMENT, b"").decode(errors="replace") or None
            return Refusal(ErrorCode.INTERNAL_ERROR, f"alerting raised {type(error).__name__}", named)

    def _too_large(self, batch: Batch, number: int, output: OutputRecord) -> Sequence[OutputRecord]:
        """Instead of an alert that its topic does not take: the decision in quarantine."""
        record = batch.records[number]
        message = f"the alert that follows from it has {output.size} bytes, more than {output.topic} takes"
        named = last_headers(record.headers).get(HEADER_DOCUMENT, b"").decode(errors="replace") or None
        refusal = Refusal(ErrorCode.OUTPUT_TOO_LARGE, message, named)
        metrics.quarantined(ErrorCode.OUTPUT_TOO_LARGE)
        return [quarantine_record(record, refusal, self._quarantine)]

    def _published(self, batch: Batch, taken: Sequence[Taken]) -> None:
        if refused := len(batch.records) - len(taken):
            metrics.quarantined(ErrorCode.INTERNAL_ERROR, refused)
        now = time.time()
        metrics.event_ages(self.service, [now - record.timestamp_ms / 1000 for record in batch.records])
        told = Counter(_label(change) for one in taken for change in one.news)
        for (kind, severity), count in told.items():
            metrics.alerted(kind, severity, count)

    async def _tell_held(self) -> None:
        while True:
            opened = sum(memory.open_alerts for memory in self._memories.values())
            held = sum(memory.alerts for memory in self._memories.values())
            metrics.alerts_held(opened, held - opened)
            await asyncio.sleep(HELD_SECONDS)

    # -- memory --------------------------------------------------------------------------------------------

    async def on_assigned(self, partitions: frozenset[TP]) -> None:
        turn, started = self._turn, time.monotonic()
        self._health.block(Reason.STATE_UNREAD)
        numbers = sorted(tp.partition for tp in partitions)
        while turn == self._turn:
            try:
                found = await self._read_back(numbers)
            except KafkaError as error:
                # Out of range: the log was shortened while we read it.
                if verdict(error) is not Verdict.RETRY and not isinstance(error, OffsetOutOfRangeError):
                    raise
                log.warning("reading the alerts back starts over", error=logs.harmless(error))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if turn == self._turn:
                self._install(found, time.monotonic() - started)
            return

    def _install(self, found: ReadBack, seconds: float) -> None:
        self._memories |= found.memories
        assert self._lane is not None
        for record in found.again:
            self._lane.note(record)
        self._health.clear(Reason.STATE_UNREAD)
        log.info(
            "alerts read back",
            partitions=len(found.memories),
            documents=sum(map(len, found.memories.values())),
            written_again=len(found.again),
            seconds=round(seconds, 3),
        )

    async def on_revoked(self, partitions: frozenset[TP]) -> None:
        self._turn += 1
        for tp in partitions:
            self._memories.pop(tp.partition, None)

    async def _read_back(self, partitions: Sequence[int]) -> ReadBack:
        found = ReadBack()
        async with log_reader(self._settings.kafka) as reader:
            restorations = await _restorations(reader, partitions)
            for number, restoration in restorations.items():
                late = self._late.setdefault(number, Late(self._new_window()))
                memory = found.memories[number] = PartitionMemory(self._rules, late.window)
                for alert in restoration.alerts():
                    memory.restore(alert)
                found.again += await _to_write_again(reader, number, restoration)
                if strangers := restoration.unreadable:
                    log.error("foreign records among the alerts", partition=number, records=strangers)
            if self._settings.late_window_seconds:
                await self._read_late(reader, found.memories)
        return found

    async def _read_late(self, reader: LogReader, memories: Mapping[int, PartitionMemory]) -> None:
        since_ms = int((time.time() - self._settings.late_window_seconds) * 1000)
        stretches = await reader.since([TP(DECISIONS, number) for number in memories], since_ms)
        done = await self._committed(frozenset(stretches))
        wanted = {tp: self._unread(tp, part, done[tp]) for tp, part in stretches.items()}
        async for run in reader.read(wanted):
            memory = memories[run[0].partition]
            for record in run:
                if record.value is not None:
                    memory.note(
                        DecisionRecord(record.value, last_headers(record.headers), record.timestamp_ms)
                    )

    async def _committed(self, partitions: frozenset[TP]) -> Mapping[TP, int]:
        """How far each is done with. What lies beyond comes anyway, and each of its changes is news."""
        assert self._lane is not None
        bounds = await self._lane.consumer.thread.bounds(partitions)
        return {tp: found.committed or 0 for tp, found in bounds.items()}

    def _unread(self, tp: TP, part: Stretch, committed: int) -> Stretch:
        end = min(part.end, committed)
        return Stretch(max(part.start, end - LATE_DOCUMENTS, self._late[tp.partition].read_to), end)

    def _new_window(self) -> LateWindow:
        return LateWindow(int(self._settings.late_window_seconds), LATE_DOCUMENTS)

    def gap_note(self, gap: Gap) -> OutputRecord | None:
        at = Source(gap.tp.topic, gap.tp.partition, gap.committed)
        facts = {"from": gap.committed, "to": gap.log_start}
        return marker_record(Marker.GAP, at, self._quarantine, facts)


async def _restorations(reader: LogReader, partitions: Sequence[int]) -> dict[int, Restoration]:
    found = {number: Restoration() for number in partitions}
    async for run in reader.read(await reader.whole(TP(ALERTS, number) for number in partitions)):
        restoration = found[run[0].partition]
        for record in run:
            restoration.note(record.offset, record.key, record.headers)
    return found


async def _to_write_again(reader: LogReader, number: int, restoration: Restoration) -> list[OutputRecord]:
    """Newest states that lie before older ones, as a worker that was cut off leaves them."""
    again = []
    for offset, revision in restoration.overtaken():
        async for run in reader.read({TP(ALERTS, number): Stretch(offset, offset + 1)}):
            for record in run:
                headers = tuple(last_headers(record.headers).items())
                alert = AlertRecord(record.key or b"", record.value or b"", headers)
                again.append(_output(written_again(alert, revision), number))
    return again


def _never_too_large(_: int, __: OutputRecord) -> Sequence[OutputRecord]:
    return ()


def _nothing() -> None:
    pass


def _output(alert: AlertRecord, partition: int) -> OutputRecord:
    return OutputRecord(ALERTS, partition, alert.key, alert.value, alert.headers)


def _label(change: Change) -> tuple[str, int]:
    return change.state.kind, change.draft.severity


def new_stage(settings: Settings, health: Health, counts: Mapping[str, int]) -> AlertingStage:
    return AlertingStage(settings, health, counts)


def main(settings: Settings) -> int:
    """Run an alerting worker in this process until it is told to stop; returns the exit status."""
    return run_worker(settings, metrics.Service.ALERTING, new_stage)
