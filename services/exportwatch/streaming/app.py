"""A worker from start to end: the topics are checked, the lane runs, and the process leaves with a status.

0 after SIGTERM or SIGINT, 2 for what an operator must put right, 70 for anything else. A Faust app that
crashed neither works nor exits for a minute; so the worker watches it and leaves by itself.
"""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError

from exportwatch.broker.door import why_closed
from exportwatch.broker.refusals import Right
from exportwatch.broker.topics import PartitionCount, load_registry
from exportwatch.errors import CRASH, OK, WRONG_USE, ConfigError
from exportwatch.settings import Settings
from exportwatch.streaming import logs, metrics
from exportwatch.streaming.collector import spare_the_collector
from exportwatch.streaming.faults import Verdict, as_operators, verdict
from exportwatch.streaming.health import Health, OpsAddress, OpsServer, Reason
from exportwatch.streaming.lane import Lane, Stage
from exportwatch.streaming.partitions import check_topics
from exportwatch_events.catalogue import QUARANTINE

WATCH_SECONDS = 0.25
WAIT_SECONDS = 2.0
GROUP_SECONDS = 1.0
LEAVE_SECONDS = 2.0
# Below the 30 s that orchestrators wait before they kill.
STOP_SECONDS = 25.0

log = logs.logger(__name__)
NewStage = Callable[[Settings, Health, Mapping[str, int]], Stage]


def run_worker(settings: Settings, service: metrics.Service, new_stage: NewStage) -> int:
    """Serve until told to stop: then returns OK. Anything else ends the process here.

    `new_stage` is given the settings, the health to report to and the partition counts of the cluster.
    Raises ConfigError for what is wrong before the worker runs.
    """
    return asyncio.run(Worker(settings, service, new_stage).serve())


def leave(status: int) -> NoReturn:
    """At once: the threads of a crashed client would hold an orderly exit up for a minute."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def leave_after(seconds: float, status: int) -> None:
    """Whatever hangs then; a thread, because it may be the event loop."""
    timer = threading.Timer(seconds, leave, [status])
    timer.daemon = True
    timer.start()


class Worker:
    """One service in this process."""

    def __init__(self, settings: Settings, service: metrics.Service, new_stage: NewStage) -> None:
        self._settings = settings
        self._new_stage = new_stage
        self._health = Health(Reason.NOT_ASSIGNED)
        address = OpsAddress(settings.ops_host, settings.worker_ops_port, settings.port_file(service))
        self._ops = OpsServer(address, self._health)
        metrics.worker_started(service)
        self._stop = asyncio.Event()
        self._companions: list[asyncio.Task[None]] = []

    async def serve(self) -> int:
        """The exit status. Raises ConfigError for what the operator must put right."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        logs.toggle_debug_by_signal(loop)
        self._ops.start()
        try:
            return await self._serve()
        finally:
            self._ops.stop()

    async def _serve(self) -> int:
        registry = load_registry()
        counts = await self._wait_for_brokers()
        if counts is None:
            return OK
        stage = self._new_stage(self._settings, self._health, counts)
        check_topics(
            counts,
            dict.fromkeys(stage.inputs, Right.READ) | dict.fromkeys(stage.outputs, Right.WRITE),
            {spec.name: spec.partitions for spec in registry if spec.partition_count is PartitionCount.FIXED},
            ",".join(self._settings.bootstrap_servers),
        )
        lane = Lane(
            self._settings,
            stage,
            self._health,
            # Compressed, a quarantined record may be smaller than its limit: there the broker says what fits.
            {spec.name: spec.max_message_bytes for spec in registry if spec.name != QUARANTINE},
        )
        for companion in (
            self._health.keep_beating(),
            lane.tell_lag(),
            watch_group(lane),
            *stage.companions(lane),
        ):
            task = asyncio.create_task(companion)
            task.add_done_callback(lambda done: self._companion_ended(lane, done))
            self._companions.append(task)
        spare_the_collector()
        starting = asyncio.create_task(lane.app.start())
        error = await self._watch(lane, starting)
        self._health.block(Reason.STOPPING)
        if error is not None:
            await self._crash(lane, error)
        starting.cancel()
        return await self._finish(lane)

    async def _wait_for_brokers(self) -> dict[str, int] | None:
        """The partition counts; None where we were told to stop first. An outage is waited out."""
        while not self._stop.is_set():
            try:
                return await partition_counts(self._settings)
            except (KafkaError, OSError) as error:
                if verdict(error) is not Verdict.RETRY:
                    raise as_operators(error, "ask for the topics") from error
                log.warning("no broker answers yet", error=logs.harmless(error))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), WAIT_SECONDS)
        return None

    def _companion_ended(self, lane: Lane, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            lane.fail(error)

    async def _watch(self, lane: Lane, starting: "asyncio.Task[Any]") -> BaseException | None:
        """Until we are told to stop (None) or cannot go on: why."""
        while not self._stop.is_set():
            # Not awaited: Faust sets its crash from another thread, which wakes nobody here.
            await asyncio.sleep(WATCH_SECONDS)
            if lane.failure.done():
                return lane.failure.result()
            if starting.done() and (error := starting.exception()) is not None:
                return error
            if lane.app.crashed:
                return lane.app.crash_reason or RuntimeError("Faust crashed without a reason")
        return None

    async def _crash(self, lane: Lane, error: BaseException) -> NoReturn:
        error = as_operators(error, "work")
        status = WRONG_USE if isinstance(error, ConfigError) else CRASH
        if status == WRONG_USE:
            log.critical("the worker cannot go on", error=logs.harmless(error))
        else:
            log.critical("the worker cannot go on", exc_info=error)
        leave_after(LEAVE_SECONDS * 2, status)
        # Others may have our partitions at once instead of after the session. Whether it works or not.
        leaving = asyncio.gather(lane.consumer.thread.leave(), return_exceptions=True)
        await asyncio.wait([leaving], timeout=LEAVE_SECONDS)
        if status == WRONG_USE:
            print(f"exportwatch: {error}", file=sys.stderr)  # noqa: T201 - for the person who started it
        leave(status)

    async def _finish(self, lane: Lane) -> int:
        """Finish what is running and commit it."""
        log.info("stopping")
        leave_after(STOP_SECONDS, CRASH)
        await lane.app.stop()
        for task in self._companions:
            task.cancel()
        await asyncio.gather(*self._companions, return_exceptions=True)
        log.info("stopped")
        return OK


async def watch_group(lane: Lane) -> None:
    """Runs until it is cancelled, or raises what the consumer group refuses us."""
    while True:
        await asyncio.sleep(GROUP_SECONDS)
        await lane.consumer.thread.check_group()


async def partition_counts(settings: Settings) -> dict[str, int]:
    """The topics of the cluster that we may see, and how many partitions each has.

    ConfigError where the cluster does not let us in.
    """
    options = settings.kafka.for_aiokafka()
    client = AIOKafkaAdminClient(**options, request_timeout_ms=int(settings.request_timeout_seconds * 1000))
    try:
        await client.start()
        return {topic["topic"]: len(topic["partitions"]) for topic in await client.describe_topics()}
    except KafkaConnectionError as error:
        raise await why_closed(options) or error from error
    finally:
        await client.close()
