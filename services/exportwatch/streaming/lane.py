"""A Faust app on the batch lane: its settings, each with the reason, and the way of a batch through it.

A stage says what follows from a batch; the lane delivers batches to it, publishes what follows and
acknowledges. Up to four batches are on their way at a time.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import faust
from faust.transport.drivers import aiokafka as driver
from mode.supervisors import CrashingSupervisor

from exportwatch.settings import Settings
from exportwatch.streaming import logs, metrics
from exportwatch.streaming.batches import Batch, LaneConsumer
from exportwatch.streaming.health import Health, Reason
from exportwatch.streaming.partitions import TP, Gap
from exportwatch.streaming.producer import LaneProducer
from exportwatch.streaming.publish import Delivery, Numbered, Outbox
from exportwatch.streaming.wire import OutputRecord

MOST_IN_FLIGHT = 4
RETRY_SECONDS = 0.5
LAG_SECONDS = 2.0

log = logs.logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from a batch: outputs, each with the number of its input in the batch.

    `refused` gives what to publish instead of one that is too large for its topic; `published` is called
    when everything was acknowledged.
    """

    outputs: Sequence[Numbered]
    refused: Callable[[int, OutputRecord], Sequence[OutputRecord]]
    published: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Standstill:
    """The batch must not be processed now: its partition pauses, uncommitted, and `note` is published."""

    note: OutputRecord


class Stage(Protocol):
    """A service as the lane sees it."""

    @property
    def service(self) -> metrics.Service: ...
    @property
    def inputs(self) -> tuple[str, ...]: ...
    @property
    def outputs(self) -> tuple[str, ...]: ...
    @property
    def answers_all(self) -> bool:
        """Whether something is written for every record, so that one without an answer is a loss."""

    def companions(self, lane: "Lane") -> Iterable[Coroutine[Any, Any, None]]:
        """What runs beside the agent until the worker ends; an error of one ends the worker."""

    async def ready(self) -> None:
        """Returns when batches may be processed."""

    def work(self, batch: Batch) -> Outcome | Standstill:
        """Pure but for logs: what follows from the batch. An exception is a bug and ends the worker."""

    @property
    def paused(self) -> frozenset[TP]:
        """Partitions of which nothing is to be delivered."""

    async def on_assigned(self, partitions: frozenset[TP]) -> None:
        """Awaited before the first batch of these partitions is delivered."""

    async def on_revoked(self, partitions: frozenset[TP]) -> None:
        """They belong to another worker, or will."""

    def gap_note(self, gap: Gap) -> OutputRecord | None:
        """What records a gap that the operator accepted."""


class Lane:
    """One worker's lane; the hooks of its consumer."""

    def __init__(self, settings: Settings, stage: Stage, health: Health, limits: Mapping[str, int]) -> None:
        self.stage = stage
        self._health = health
        self.settings = settings
        self.accepted_gaps = settings.accepted_gaps
        self.failure: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        self.app = LaneApp(self)
        self._slots = asyncio.Semaphore(MOST_IN_FLIGHT)
        self._heard_at = 0.0
        retried = partial(metrics.publish_retried, stage.service)
        self._outbox = Outbox(self.producer, limits, self.fail, retried)

    @property
    def consumer(self) -> LaneConsumer:
        return self.app.consumer  # type: ignore[no-any-return]

    @property
    def producer(self) -> LaneProducer:
        return self.app.producer  # type: ignore[no-any-return]

    @property
    def paused(self) -> frozenset[TP]:
        return self.stage.paused

    async def run(self, stream: Any) -> None:
        """The agent."""
        await self.stage.ready()
        async for event in stream.noack().events():
            await self._carry(event)

    async def _carry(self, event: Any) -> None:
        batch: Batch = event.value
        if batch.tp in self.stage.paused or not self.consumer.watermarks.is_current(batch.ticket):
            self.consumer.abandon(event.message)
            return
        started = time.monotonic()
        metrics.consumed(self.stage.service, batch.tp.topic, len(batch.records))
        match self.stage.work(batch):
            case Standstill(note):
                self.consumer.pause(batch.tp)
                self.consumer.abandon(event.message)
                self.note(note)
            case Outcome() as outcome:
                await self._slots.acquire()
                delivery = Delivery(partial(self._owns, batch), outcome.refused)
                delivery.done.add_done_callback(partial(self._settled, event, outcome, started))
                self._outbox.submit(delivery, outcome.outputs)

    def _settled(self, event: Any, outcome: Outcome, started: float, done: "asyncio.Future[bool]") -> None:
        self._slots.release()
        if done.result():
            outcome.published()
            self._count_unanswered(event.value, outcome)
            self.consumer.ack(event.message)
            metrics.processed(self.stage.service, time.monotonic() - started)
        else:
            self.consumer.abandon(event.message)
        metrics.batches_in_progress(self.stage.service, self.consumer.watermarks.unfinished)

    def _count_unanswered(self, batch: Batch, outcome: Outcome) -> None:
        """Counted here and not by the stage: a record that a stage forgot, it would not count either."""
        if self.stage.answers_all:
            answered = len({number for number, _ in outcome.outputs})
            metrics.unanswered(self.stage.service, len(batch.records) - answered)

    def note(self, record: OutputRecord) -> "asyncio.Future[bool]":
        """Publish something that does not follow from a batch; done when that is acknowledged."""
        delivery = Delivery(_always, _nothing)
        self._outbox.submit(delivery, [(0, record)])
        return delivery.done

    async def _owns(self, batch: Batch) -> bool:
        """Whether the batch's partition is still ours, asking the group where we have not heard for long.

        A process that was stopped for a while may have lost it without knowing.
        """
        thread, limit = self.consumer.thread, self.settings.session_timeout_seconds / 2
        while self._is_current(batch) and time.monotonic() - self._heard_at > limit:
            asked_at = time.monotonic()
            if await thread.heartbeat():
                self._heard_at = asked_at
            else:
                await asyncio.sleep(RETRY_SECONDS)
        return self._is_current(batch)

    def _is_current(self, batch: Batch) -> bool:
        consumer = self.consumer
        return consumer.watermarks.is_current(batch.ticket) and consumer.thread.generation == batch.generation

    async def tell_lag(self) -> None:
        """And of batches in progress: none settles while outputs hang. Runs until it is cancelled."""
        while True:
            await asyncio.sleep(LAG_SECONDS)
            metrics.batches_in_progress(self.stage.service, self.consumer.watermarks.unfinished)
            known = Counter(dict.fromkeys(self.stage.inputs, 0) | self.consumer.lag())
            known.update(await self.consumer.paused_lag())
            for topic, records in known.items():
                metrics.lag(self.stage.service, topic, records)

    async def on_assigned(self, partitions: frozenset[TP]) -> None:
        await self.stage.on_assigned(partitions)
        self._health.clear(Reason.NOT_ASSIGNED)

    async def on_revoked(self, partitions: frozenset[TP]) -> None:
        self._health.block(Reason.NOT_ASSIGNED)
        await self.stage.on_revoked(partitions)

    async def on_gap(self, gap: Gap) -> None:
        log.warning("going on without deleted records, as accepted", **gap.tp._asdict(), records=gap.records)
        metrics.gap_accepted(gap.tp.topic, gap.records)
        if (record := self.stage.gap_note(gap)) is not None:
            self.note(record)

    def on_handed_out(self, partitions: int) -> None:
        metrics.rebalanced(self.stage.service, partitions)

    def fail(self, error: BaseException) -> None:
        if not self.failure.done():
            self.failure.set_result(error)


async def _always() -> bool:
    return True


def _nothing(_: int, __: OutputRecord) -> Sequence[OutputRecord]:
    return ()


class Transport(driver.Transport):  # type: ignore[misc]  # Faust is untyped for mypy
    Consumer = LaneConsumer
    Producer = LaneProducer


class RawRecords(faust.Schema):  # type: ignore[misc]
    """Hands the consumer's batches through as they are."""

    def compile(self, app: Any, **_: Any) -> Any:
        create_event = app.create_event

        async def decode(message: Any, *, propagate: bool = False) -> Any:
            return create_event(message.key, message.value, message.headers, message)

        return decode


class LaneApp(faust.App):  # type: ignore[misc]
    """Faust with our transport."""

    def __init__(self, lane: Lane) -> None:
        stage, settings = lane.stage, lane.settings
        self.lane = lane
        super().__init__(settings.group(stage.service), **app_settings(settings))
        topic = self.topic(*stage.inputs, schema=RawRecords())
        self.agent(topic, name=stage.service.value)(lane.run)

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> Transport:
        return Transport(self.conf.broker_producer, self)


def app_settings(settings: Settings) -> dict[str, Any]:
    """Keyword arguments of `faust.App`, beside its id."""
    return {
        **settings.kafka.for_faust(),
        # Faust's default of 60 s is how long a killed worker's partitions would stand still.
        "broker_session_timeout": settings.session_timeout_seconds,
        "broker_heartbeat_interval": settings.heartbeat_interval_seconds,
        # Not below the session: Faust refuses to start.
        "broker_request_timeout": settings.request_timeout_seconds,
        "producer_request_timeout": settings.request_timeout_seconds,
        # What a crash makes us do again.
        "broker_commit_interval": settings.commit_interval_seconds,
        # Several full batches in one fetch: a backlog is worked off in large steps.
        "broker_max_poll_records": 4000,
        "consumer_max_fetch_size": 1024 * 1024,
        # How long a group may stand still whose leader knew no topics when it handed out partitions.
        "consumer_metadata_max_age_ms": 10_000,
        "producer_acks": -1,
        # An outbox hands over complete requests, which do not wait for more.
        "producer_linger": 0,
        "producer_max_batch_size": 256 * 1024,
        # Sizes are checked against each topic's own limit.
        "producer_max_request_size": 16 * 1024 * 1024,
        # No topic of Faust's own, and none made in passing: `topics apply` makes topics.
        "topic_disable_leader": True,
        "topic_allow_declare": False,
        # A bug ends the process; the agent is not quietly started again in it.
        "agent_supervisor": CrashingSupervisor,
        # Before partitions are given up, what is running is finished and committed.
        "stream_wait_empty": True,
        # The ops port is ours (`health`); Faust's would listen on every address.
        "web_enabled": False,
        "web_tables_enabled": False,
        "web_router_enabled": False,
        "web_bind": "127.0.0.1",
        # Otherwise a folder in the working directory.
        "datadir": settings.datadir / "faust",
        # There is nothing to recover; each rebalance would wait for it.
        "stream_recovery_delay": 0.0,
        "autodiscover": False,
    }
