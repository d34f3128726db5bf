"""Holds every input record against the decisions and the quarantine.

In this order, so that work going on meanwhile raises no false alarm: the committed offsets and the ends of
the inputs; then the outputs, to where they end after that, so that whatever was committed is in them; then
the inputs.
Decisions are keyed by document and version, so compaction removes those of records that repeat a version: a
record that nothing points to is read, and its version looked for among the decisions that are left.
Memory: two bits for each input offset, a bounded number of records that are being looked for, and the due
decisions of one partition.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import orjson

from exportwatch.connection import KafkaConnection
from exportwatch.reconcile.cluster import INPUTS, Cluster, observe
from exportwatch.reconcile.due import DueSearch
from exportwatch.reconcile.marks import (
    Fate,
    Marks,
    Terms,
    Unmarked,
    fate_of_committed,
    fate_of_uncommitted,
)
from exportwatch.reconcile.report import LostStretch, NamedRecord, Report
from exportwatch.streaming.partitions import TP
from exportwatch.streaming.readback import LogReader, Stretch, log_reader
from exportwatch.streaming.wire import InputRecord, Marker, Source, last_headers, marker_of
from exportwatch_events.catalogue import DECISIONS, HEADER_SOURCE, QUARANTINE
from exportwatch_events.envelope import read_document
from exportwatch_events.keys import decision_key, partition_of
from exportwatch_events.refusal import Unreadable

LOOKED_FOR_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class Question:
    """What to account for: `group` is screening's; `on` is the day for which decisions must still hold."""

    group: str
    on: date
    now_ms: int
    grace_seconds: float


class Wanted(NamedTuple):
    record: Unmarked
    partition: int


async def reconcile(connection: KafkaConnection, question: Question) -> Report:
    """Reads all four topics. ConfigError where there is nothing to ask; errors of Kafka are the caller's."""
    cluster = await observe(connection, question.group)
    async with log_reader(connection) as reader, log_reader(connection) as second:
        return await Accounting(question, cluster, reader, second).run()


class Accounting:
    def __init__(self, question: Question, cluster: Cluster, reader: LogReader, second: LogReader) -> None:
        self._cluster = cluster
        self._reader = reader
        self._second = second
        self._terms = Terms(question.now_ms, question.grace_seconds, cluster.compaction_lag_ms)
        self._report = Report(question.on)
        self._wanted: list[Wanted] = []

    async def run(self) -> Report:
        inputs = await self._reader.whole(self._cluster.of(*INPUTS))
        outputs = await self._reader.whole(self._cluster.of(DECISIONS, QUARANTINE))
        self._find_gaps(inputs)
        marks = Marks(inputs)
        await self._read_quarantine(marks, outputs)
        for tp, stretch in outputs.items():
            if tp.topic == DECISIONS:
                await self._read_decisions(marks, tp, stretch)
        await self._read_inputs(marks, inputs, outputs)
        return self._report

    def _find_gaps(self, inputs: Mapping[TP, Stretch]) -> None:
        for tp, stretch in inputs.items():
            committed = self._cluster.committed.get(tp)
            if committed is not None and committed < stretch.start:
                self._report.lost.append(LostStretch(tp, committed, stretch.start, accepted=False))

    async def _read_quarantine(self, marks: Marks, outputs: Mapping[TP, Stretch]) -> None:
        quarantine = {tp: stretch for tp, stretch in outputs.items() if tp.topic == QUARANTINE}
        async for run in self._reader.read(quarantine):
            for record in run:
                source = Source.read(last_headers(record.headers).get(HEADER_SOURCE))
                marker = marker_of(record.headers)
                if source is not None and marker is None:
                    marks.quarantined(source)
                elif source is not None and marker == Marker.GAP.encode():
                    self._note_accepted(source, record.value)

    def _note_accepted(self, source: Source, value: bytes | None) -> None:
        # Anybody may write to a topic: what is no note of ours says nothing.
        with suppress(ValueError, KeyError, TypeError):
            facts = orjson.loads(value or b"")
            tp = TP(source.topic, source.partition)
            lost = LostStretch(tp, int(facts["from"]), int(facts["to"]), accepted=True)
            if lost not in self._report.lost:
                self._report.lost.append(lost)

    async def _read_decisions(self, marks: Marks, tp: TP, stretch: Stretch) -> None:
        due = DueSearch(self._report.on)
        async for run in self._reader.read({tp: stretch}):
            for record in run:
                headers = last_headers(record.headers)
                source = Source.read(headers.get(HEADER_SOURCE))
                if source is not None:
                    marks.decided(source)
                due.take(headers, record.value)
        if due.found:
            # A higher version may lie before the one found.
            async for run in self._reader.read({tp: stretch}):
                for record in run:
                    due.check(last_headers(record.headers))
        for one in due.result():
            self._report.find_due(one)

    async def _read_inputs(
        self, marks: Marks, inputs: Mapping[TP, Stretch], outputs: Mapping[TP, Stretch]
    ) -> None:
        async for run in self._reader.read(inputs):
            for record in run:
                self._judge(marks, record)
            if len(self._wanted) >= LOOKED_FOR_AT_ONCE:
                await self._look_for_versions(outputs)
        await self._look_for_versions(outputs)

    def _judge(self, marks: Marks, record: InputRecord) -> None:
        tp = TP(record.topic, record.partition)
        fate = marks.of(tp, record.offset)
        if fate is not None:
            self._report.count(tp, fate)
        elif record.offset < self._cluster.committed.get(tp, 0):
            self._want(record)
        else:
            fate = fate_of_uncommitted(record.timestamp_ms, self._terms)
            if fate is Fate.IN_FLIGHT:
                self._report.count(tp, fate)
            else:
                self._report.find(NamedRecord(record.source, fate, "screening has not come to it yet"))

    def _want(self, record: InputRecord) -> None:
        event = read_document(record.value, record.headers)
        if isinstance(event, Unreadable):
            unmarked, partition = Unmarked(record.source, record.timestamp_ms, None), 0
        else:
            key = decision_key(event.document_key, event.version)
            unmarked = Unmarked(record.source, record.timestamp_ms, key)
            partition = partition_of(event.document_key, self._cluster.partitions[DECISIONS])
        self._wanted.append(Wanted(unmarked, partition))

    async def _look_for_versions(self, outputs: Mapping[TP, Stretch]) -> None:
        """Judges what is wanted and forgets it."""
        keys = {wanted.record.key for wanted in self._wanted if wanted.record.key is not None}
        places = {TP(DECISIONS, wanted.partition) for wanted in self._wanted if wanted.record.key is not None}
        survivors: set[bytes] = set()
        if keys:
            async for run in self._second.read({tp: outputs[tp] for tp in places}):
                survivors.update(key for key in map(key_of_decision, run) if key in keys)
        for record, _ in self._wanted:
            fate, why = fate_of_committed(record, survivors, self._terms)
            if fate is Fate.SUPERSEDED:
                self._report.count(TP(record.source.topic, record.source.partition), fate)
            else:
                decision = record.key.decode() if record.key is not None else None
                self._report.find(NamedRecord(record.source, fate, why, decision))
        self._wanted.clear()


def key_of_decision(record: InputRecord) -> bytes:
    """Empty for a deleted decision, which accounts for nothing."""
    return record.key or b"" if record.value is not None else b""
