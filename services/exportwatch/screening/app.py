"""The screening service: batches of events in, decisions and quarantined records out.

The only module of screening that knows the streams; what a document means is `decide`'s.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, assert_never

from exportwatch.broker.topics import load_registry
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, Rejected, refused, screen
from exportwatch.screening.legal_date import CHINA
from exportwatch.screening.standing import last_confirmed, law_standing, license_standings
from exportwatch.settings import Settings
from exportwatch.streaming import law_metrics, logs, metrics
from exportwatch.streaming.app import run_worker
from exportwatch.streaming.batches import Batch
from exportwatch.streaming.control import ControlReader
from exportwatch.streaming.health import Health, Reason
from exportwatch.streaming.lane import Lane, Outcome, Standstill
from exportwatch.streaming.log_consumer import log_consumer
from exportwatch.streaming.partitions import TP, Gap
from exportwatch.streaming.quarantine import Guard, Limit
from exportwatch.streaming.quarantine_tail import Tail
from exportwatch.streaming.spans import spans_of
from exportwatch.streaming.wire import (
    InputRecord,
    Marker,
    OutputRecord,
    Refusal,
    Source,
    control_header,
    decided_record,
    marker_record,
    quarantine_record,
)
from exportwatch_events.catalogue import (
    CONTRACTS,
    DECISIONS,
    QUARANTINE,
    SHIPMENTS,
    ErrorCode,
)

STANDING_SECONDS = 30.0
KEEP_SECONDS = 0.5

log = logs.logger(__name__)


Screen = Callable[[bytes | None, Sequence[tuple[str, bytes | None]], Any, int | None], Decided | Rejected]

Refuse = Callable[[bytes | None, Sequence[tuple[str, bytes | None]], Any, ErrorCode, str], Rejected]


class ScreeningStage:
    """What the lane asks of screening. `screen` is the pure call, once for each record."""

    service = metrics.Service.SCREENING
    inputs = (SHIPMENTS, CONTRACTS)
    outputs = (DECISIONS, QUARANTINE)
    answers_all = True

    def __init__(
        self,
        settings: Settings,
        health: Health,
        counts: Mapping[str, int],
        screen: Screen,
        control: ControlReader[Any],
        refuse: Refuse = refused,
    ) -> None:
        self._health = health
        self._decisions = counts.get(DECISIONS, 1)
        self._quarantine = counts.get(QUARANTINE, 1)
        self._screen = screen
        self._refuse = refuse
        # The broker holds back what is larger only after compression.
        self._largest = {spec.name: spec.max_message_bytes for spec in load_registry()}
        self._control = control
        self._lane: Lane | None = None
        self._guard = Guard(
            Limit(
                settings.quarantine_max_records,
                settings.quarantine_max_share,
                settings.quarantine_window_seconds,
            )
        )
        self._spans = spans_of(settings, self.service)
        self._tail = Tail(partial(log_consumer, settings.kafka), self._quarantine, self._resume)
        health.block(Reason.CONTROL_UNREAD)

    def companions(self, lane: Lane) -> Iterable[Coroutine[Any, Any, None]]:
        self._lane = lane
        return (self._control.run(), self._tail.run(), self._tell_standing(), self._keep_pauses())

    async def ready(self) -> None:
        await self._control.ready.wait()
        self._health.clear(Reason.CONTROL_UNREAD)

    def work(self, batch: Batch) -> Outcome | Standstill:
        view, acknowledged = self._control.view, self._spans.begin(batch.records)
        judged = [self._judge(record, view.snapshot) for record in batch.records]
        offsets = [record.offset for record in batch.records]
        bad = [offset for offset, one in zip(offsets, judged, strict=True) if isinstance(one, Rejected)]
        if not self._guard.admit(batch.tp, time.time(), offsets, bad):
            return self._stand_still(batch)
        control = control_header(view.positions)
        outputs = [
            (number, output)
            for number, (record, one) in enumerate(zip(batch.records, judged, strict=True))
            for output in self._outputs(record, one, control)
        ]
        published = acknowledged(partial(self._published, batch, judged))
        return Outcome(outputs, partial(self._too_large, batch, judged), published)

    def _judge(self, record: InputRecord, snapshot: Any) -> Decided | Rejected:
        try:
            return self._screen(record.value, record.headers, snapshot, self._largest.get(record.topic))
        except Exception as error:
            log.exception("screening a record raised", source=record.source.text)
            message = f"screening raised {type(error).__name__}"
            return self._refused(record, ErrorCode.INTERNAL_ERROR, message, snapshot)

    def _refused(self, record: InputRecord, code: ErrorCode, message: str, snapshot: Any) -> Rejected:
        """A readable record that is not decided; where even reading it is what raises, without its document."""
        try:
            return self._refuse(record.value, record.headers, snapshot, code, message)
        except Exception:
            log.exception("reading a record raised", source=record.source.text)
            return Rejected(code, message, None, None)

    def _outputs(
        self, record: InputRecord, judged: Decided | Rejected, control: bytes
    ) -> Iterator[OutputRecord]:
        match judged:
            case Decided():
                yield decided_record(record, judged, control, self._decisions)
            case Rejected(code, message, document, decision):
                refusal = Refusal(code, message, document.key if document else None)
                yield quarantine_record(record, refusal, self._quarantine)
                if decision is not None:
                    yield decided_record(record, decision, control, self._decisions, code)
            case never:
                assert_never(never)

    def _too_large(
        self, batch: Batch, judged: list[Decided | Rejected], number: int, output: OutputRecord
    ) -> list[OutputRecord]:
        """Instead of a decision that its topic does not take: the input in quarantine, its document in review."""
        record, view = batch.records[number], self._control.view
        message = f"what follows from it has {output.size} bytes, more than {output.topic} takes"
        judged[number] = refusal = self._refused(record, ErrorCode.OUTPUT_TOO_LARGE, message, view.snapshot)
        return list(self._outputs(record, refusal, control_header(view.positions)))

    def _published(self, batch: Batch, judged: Sequence[Decided | Rejected]) -> None:
        now = time.time()
        metrics.event_ages(self.service, [now - record.timestamp_ms / 1000 for record in batch.records])
        decided = [one for one in judged if isinstance(one, Decided)]
        for result, count in Counter(one.result for one in decided).items():
            metrics.decided(result, count)
        found = Counter((one.touches, one.result, one.entries) for one in decided if one.touches)
        for (touches, result, entries), count in found.items():
            law_metrics.decided(touches, result, entries, count)
        rejected = [one for one in judged if isinstance(one, Rejected)]
        for code, count in Counter(one.code for one in rejected).items():
            metrics.quarantined(code, count)
        for one in rejected:
            if one.decision is not None:
                metrics.decided(one.decision.result)

    async def _tell_standing(self) -> None:
        """How the law and the licences stand, again and again: it changes with the day, too."""
        await self._control.ready.wait()
        while True:
            self.tell_standing(self._control.view.snapshot)
            await asyncio.sleep(STANDING_SECONDS)

    def tell_standing(self, snapshot: Any) -> None:
        today = datetime.now(CHINA).date()
        told = law_standing(snapshot.register, today)
        law_metrics.law_stands(
            {name: one.unconfirmed for name, one in told.items()},
            {name: _begins(one.next_change) for name, one in told.items() if one.next_change},
            last_confirmed(snapshot.register),
        )
        law_metrics.licenses_stand(license_standings(snapshot.licenses, today).items())

    # -- standing still ------------------------------------------------------------------------------------

    def _stand_still(self, batch: Batch) -> Standstill:
        offset = self._guard.paused[batch.tp]
        log.error("too much quarantine: the partition stands still", at=f"{batch.tp}/{offset}")
        self._tell_pauses()
        return Standstill(self._pause_note(batch.tp, offset))

    def _pause_note(self, tp: TP, offset: int) -> OutputRecord:
        at = Source(tp.topic, tp.partition, offset)
        return marker_record(Marker.PAUSED, at, self._quarantine, {"offset": offset})

    async def _keep_pauses(self) -> None:
        """Write a pause again before newer records hide it from a worker that starts."""
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            for tp, offset in self._guard.paused.items():
                if self._lane is not None and self._tail.is_fading(tp, time.time()):
                    await self._lane.note(self._pause_note(tp, offset))

    def _resume(self, tp: TP, until: int) -> None:
        if self._guard.resume(tp, until):
            log.warning("the partition goes on", topic=tp.topic, partition=tp.partition, until=until)
            self._tell_pauses()
            if self._lane is not None:
                self._lane.consumer.resume(tp)

    def _tell_pauses(self) -> None:
        paused = self._guard.paused
        for topic in self.inputs:
            metrics.partitions_paused(topic, sum(tp.topic == topic for tp in paused))
        if paused:
            detail = ", ".join(f"{tp}/{offset}" for tp, offset in sorted(paused.items()))
            self._health.block(Reason.QUARANTINE_LIMIT, detail)
        else:
            self._health.clear(Reason.QUARANTINE_LIMIT)

    @property
    def paused(self) -> frozenset[TP]:
        return frozenset(self._guard.paused)

    async def on_assigned(self, partitions: frozenset[TP]) -> None:
        histories = await self._tail.histories()
        for tp in partitions:
            self._guard.begin(tp, histories.get(tp))
        self._tell_pauses()

    async def on_revoked(self, partitions: frozenset[TP]) -> None:
        for tp in partitions:
            self._guard.end(tp)
        self._tell_pauses()

    def gap_note(self, gap: Gap) -> OutputRecord | None:
        at = Source(gap.tp.topic, gap.tp.partition, gap.committed)
        facts = {"from": gap.committed, "to": gap.log_start}
        return marker_record(Marker.GAP, at, self._quarantine, facts)


def _begins(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)


def new_stage(settings: Settings, health: Health, counts: Mapping[str, int]) -> ScreeningStage:
    # The ops port is open already, and a large pack takes a while.
    health.block(Reason.LAW_UNLOADED)
    pack = load_rules(settings.law_pack)
    health.clear(Reason.LAW_UNLOADED)
    metrics.law_pack(pack.version, pack.sha256)
    control = ControlReader(settings.kafka, partial(ControlContent, pack))
    return ScreeningStage(settings, health, counts, screen, control)


def main(settings: Settings) -> int:
    """Run a screening worker in this process until it is told to stop; returns the exit status."""
    return run_worker(settings, metrics.Service.SCREENING, new_stage)
