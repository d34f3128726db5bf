"""The consuming half of the batch lane: Faust's aiokafka consumer, with runs of records as its events.

One fetched run of one partition (at most 500 records) is one Faust event whose value is a `Batch`; every
topic of a lane app is read so. Offsets are committed from the lane's own watermarks and only for batches that
were acknowledged. Written against faust-streaming 0.15.3, whose private methods it replaces; the broker tests
guard an upgrade.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Protocol

from aiokafka.errors import KafkaError, OffsetOutOfRangeError
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import ConsumerMessage
from mode.utils.futures import notify

from exportwatch.streaming import logs
from exportwatch.streaming.client import LaneThread
from exportwatch.streaming.faults import Verdict, as_operators, verdict
from exportwatch.streaming.partitions import TP, Bounds, Gap, Ticket, Watermarks, start_of
from exportwatch.streaming.wire import InputRecord

log = logs.logger(__name__)

LONGEST_BATCH = 500
# Beyond it delivery waits: a backlog then makes the next fetch bigger instead of the queue longer.
MOST_UNFINISHED = 6
FETCH_SECONDS = 0.25
RETRY_SECONDS = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """A run of records of one partition, as delivered to one member of one generation of the group."""

    tp: TP
    records: tuple[InputRecord, ...]
    ticket: Ticket
    generation: int


class Hooks(Protocol):
    """What the lane asks of the app that it serves."""

    accepted_gaps: Mapping[tuple[str, int], int]
    paused: frozenset[TP]

    async def on_assigned(self, partitions: frozenset[TP]) -> None:
        """Awaited before the first batch of these partitions is delivered."""

    async def on_revoked(self, partitions: frozenset[TP]) -> None:
        """They belong to another worker, or will."""

    async def on_gap(self, gap: Gap) -> None:
        """The operator accepted that these records are missing."""

    def on_handed_out(self, partitions: int) -> None:
        """The group handed out partitions anew; so many are ours."""

    def fail(self, error: BaseException) -> None:
        """The worker cannot go on."""


class LaneConsumer(driver.Consumer):  # type: ignore[misc]  # Faust is untyped for mypy
    """Delivers batches, blocks at six unfinished ones, commits what is finished."""

    _thread: LaneThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hooks: Hooks = self.app.lane
        self.watermarks = Watermarks()
        self._epochs: dict[TP, int] = {}
        self._unplaced: set[TP] = set()
        self._round = 0
        self._freed = asyncio.Event()

    def _new_consumer_thread(self) -> LaneThread:
        return LaneThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def thread(self) -> LaneThread:
        return self._thread

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            while not (self.should_stop or fetcher.should_stop):
                async for message in self._messages():
                    await self.wait_first(self.callback(message), self.suspend_flow.wait())
        except self.consumer_stopped_errors:
            if not self.app.should_stop:
                raise
        except Exception as error:
            self.hooks.fail(as_operators(error, "read"))
            raise

    async def _messages(self) -> AsyncIterator[ConsumerMessage]:
        """Those of one fetch. Whatever is dropped here belongs to a partition that is placed anew first."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
            return
        await self._place_new()
        active = self._get_active_partitions()
        if not (self.flow_active and active):
            await self.sleep(FETCH_SECONDS)
            return
        try:
            runs = await self._thread.getmany(active, timeout=FETCH_SECONDS)
        except OffsetOutOfRangeError:
            # Retention overtook us, or the log was cut: placing anew finds out which.
            self._forget(self.watermarks.placed)
            return
        for tp, epoch, records in interleaved(runs):
            if not await self._has_room():
                return
            placed = self.watermarks.is_placed(tp) and self._epochs.get(tp) == epoch
            if placed and tp not in self.hooks.paused:
                yield self._message(tp, records)

    async def _has_room(self) -> bool:
        while self.flow_active and self.watermarks.unfinished >= MOST_UNFINISHED:
            self._freed.clear()
            await self.wait_first(self._freed.wait(), self.suspend_flow.wait())
            if self.should_stop:
                return False
        return bool(self.flow_active)

    def _message(self, tp: TP, records: list[Any]) -> ConsumerMessage:
        run = tuple(
            InputRecord(tp.topic, tp.partition, r.offset, r.timestamp, r.key, r.value, r.headers)
            for r in records
        )
        first, generation = run[0], self.app.consumer_generation_id
        ticket = self.watermarks.deliver(tp, run[-1].offset + 1)
        batch = Batch(tp, run, ticket, generation)
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            first.offset,
            first.timestamp_ms / 1000,
            records[0].timestamp_type,
            None,
            None,
            batch,
            None,
            tp=driver.TP(*tp),
            generation_id=generation,
        )

    async def _place_new(self) -> None:
        """Find out where newly assigned or resumed partitions begin, and seek there."""
        turn, waiting = self._round, frozenset(self._unplaced)
        if not waiting:
            return
        await self.hooks.on_assigned(waiting)
        bounds = await self._bounds(waiting)
        starts = {tp: start_of(tp, bounds[tp], self.hooks.accepted_gaps) for tp in bounds}
        begun = await self._thread.seek_all({tp: start.offset for tp, start in starts.items()})
        if turn != self._round or not self.flow_active:
            return  # the group rebalanced meanwhile: all of it is to be done again
        self._unplaced -= begun.keys()
        self._epochs |= begun
        for tp in begun.keys() & self.hooks.paused:
            self.pause(tp)
        for tp in begun.keys() - self.hooks.paused:
            self.watermarks.place(tp, starts[tp].offset, starts[tp].committed)
            if (gap := starts[tp].gap) is not None:
                await self.hooks.on_gap(gap)

    async def _bounds(self, partitions: frozenset[TP]) -> dict[TP, Bounds]:
        while partitions and self.flow_active and not self.should_stop:
            try:
                return await self._thread.bounds(partitions)
            except KafkaError as error:
                if verdict(error) is not Verdict.RETRY:
                    raise
                await self.sleep(RETRY_SECONDS)
        return {}

    def _forget(self, partitions: Iterable[TP]) -> None:
        partitions = frozenset(partitions)
        self.watermarks.clear(partitions)
        self._unplaced |= partitions
        self._freed.set()

    def lag(self) -> dict[str, int]:
        """Records published and not yet delivered, by topic, as far as offsets tell; without `paused_lag`."""
        behind: dict[str, int] = {}
        for tp, position in self.watermarks.delivered.items():
            if tp in self.hooks.paused:
                continue
            end = self._thread.log_end(tp) or position
            behind[tp.topic] = behind.get(tp.topic, 0) + max(0, end - position)
        return behind

    async def paused_lag(self) -> dict[str, int]:
        """The same of the partitions that stand still; they are not fetched, so the broker is asked."""
        if not self._thread.has_client:
            return {}
        assigned = {TP(*tp) for tp in self.assignment()}
        paused = self.hooks.paused & assigned
        if not paused:
            return {}
        try:
            bounds = await self._thread.bounds(paused)
        except KafkaError:
            return {}  # an outage shows elsewhere
        behind: dict[str, int] = {}
        for tp, found in bounds.items():
            done = found.log_start if found.committed is None else found.committed
            behind[tp.topic] = behind.get(tp.topic, 0) + max(0, found.log_end - done)
        return behind

    def pause(self, tp: TP) -> None:
        """Fetch nothing more of it. Batches on their way are finished; of others nothing is committed."""
        self.pause_partitions([driver.TP(*tp)])

    def resume(self, tp: TP) -> None:
        """Deliver it again, from the committed offset on."""
        if driver.TP(*tp) in self.assignment():
            self._forget([tp])
            self.resume_partitions([driver.TP(*tp)])

    async def perform_seek(self) -> None:
        self._round += 1
        assigned = frozenset(TP(*tp) for tp in self.assignment())
        self._forget(self.watermarks.placed)
        self._unplaced = set(assigned)
        self.hooks.on_handed_out(len(assigned))

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        # First Faust's part: it waits for what is running and commits.
        await super().on_partitions_revoked(revoked)
        gone = frozenset(TP(*tp) for tp in revoked)
        self._round += 1
        self._forget(self.watermarks.placed & gone)
        self._unplaced -= gone
        await self.hooks.on_revoked(gone)

    def ack(self, message: Any) -> bool:
        if message.acked:
            return False
        message.acked = True
        self.watermarks.finish(message.value.ticket)
        self._release(message)
        self._tell("batch done", message.value)
        return True

    def abandon(self, message: Any) -> None:
        """It is not worked on any more: its partition belongs to someone else, or stands still."""
        self.watermarks.give_up(message.value.ticket)
        self._release(message)
        self._tell("batch given up", message.value)

    @staticmethod
    def _tell(event: str, batch: Batch) -> None:
        if logs.is_debugging():
            first, count = batch.records[0], len(batch.records)
            log.debug(event, topic=first.topic, partition=first.partition, offset=first.offset, records=count)

    def _release(self, message: Any) -> None:
        self._unacked_messages.discard(message)
        notify(self._waiting_for_ack)
        self._freed.set()

    async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        assigned = self.assignment()
        offsets = {tp: at for tp, at in self.watermarks.committable().items() if tp in assigned}
        if not offsets or not await self._thread.commit(offsets):
            return False
        self.watermarks.committed(offsets)
        return True

    async def verify_all_partitions_active(self) -> None:
        """Faust would complain of every partition that has been quiet for a while."""


def interleaved(
    runs: Iterable[tuple[TP, int, list[Any]]],
) -> Iterable[tuple[TP, int, list[Any]]]:
    """Runs cut to the longest batch, one of each partition in turn, so that none waits behind another."""
    cut = [
        [(tp, epoch, records[at : at + LONGEST_BATCH]) for at in range(0, len(records), LONGEST_BATCH)]
        for tp, epoch, records in runs
    ]
    return (part for turn in zip_longest(*cut) for part in turn if part is not None)
