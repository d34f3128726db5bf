"""The canary service: publishes a canary to every input partition, waits for the decisions, watches alerting.

It proves from outside what the workers say of themselves. It has no state: canaries of before a restart are not
waited for. That alerting is done with a decision is read off the offsets that it committed, which it does only
after everything that follows was acknowledged; an alert is not written, so that nobody has to look away from it.
"""

import asyncio
import contextlib
import signal
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError

from exportwatch.broker.refusals import Right, lacks_right
from exportwatch.canary.rounds import Leg, Place, Rounds
from exportwatch.errors import OK
from exportwatch.settings import Settings
from exportwatch.streaming import canary_metrics, logs, metrics
from exportwatch.streaming.app import partition_counts
from exportwatch.streaming.faults import Verdict, as_operators, verdict
from exportwatch.streaming.health import Health, OpsAddress, OpsServer, Reason
from exportwatch.streaming.partitions import TP, check_topics
from exportwatch.streaming.wire import last_headers
from exportwatch_events.canary import CANARY_HOLD, CANARY_KEY_PREFIX, CANARY_RESULT, canary_event
from exportwatch_events.catalogue import CONTRACTS, DECISIONS, HEADER_DOCUMENT, SHIPMENTS

POLL_SECONDS = 0.5
RETRY_SECONDS = 2.0
INPUTS = (SHIPMENTS, CONTRACTS)
RIGHTS = dict.fromkeys(INPUTS, Right.WRITE) | {DECISIONS: Right.READ}

log = logs.logger(__name__)


class Canary:
    """One canary service in this process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rounds = Rounds()
        self._read_to: dict[TopicPartition, int] = {}
        self._health = Health(Reason.NOT_ASSIGNED)
        address = OpsAddress(settings.ops_host, settings.worker_ops_port, settings.port_file("canary"))
        self._ops = OpsServer(address, self._health)
        metrics.worker_started(metrics.Service.CANARY)
        canary_metrics.started(Leg)

    async def serve(self) -> int:
        """Until SIGTERM or SIGINT. Raises ConfigError for what the operator must put right."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        logs.toggle_debug_by_signal(loop)
        self._ops.start()
        beating = asyncio.create_task(self._health.keep_beating())
        running = asyncio.create_task(self._run())
        try:
            await asyncio.wait({running, asyncio.create_task(stop.wait())}, return_when="FIRST_COMPLETED")
            if running.done():
                running.result()
        finally:
            for task in (running, beating):
                task.cancel()
            await asyncio.gather(running, beating, return_exceptions=True)
            self._ops.stop()
        return OK

    async def _run(self) -> None:
        """An outage of the broker is waited out: meanwhile canaries go missing, which is the truth."""
        while True:
            try:
                await self._fly()
            except (KafkaError, OSError) as error:
                if verdict(error) is not Verdict.RETRY:
                    raise as_operators(error, "publish canaries", Right.WRITE) from error
                log.warning("the canary starts over", error=logs.harmless(error))
                self._tell_missing()
                await asyncio.sleep(RETRY_SECONDS)

    async def _fly(self) -> None:
        counts = await partition_counts(self._settings)
        check_topics(counts, RIGHTS, {}, ",".join(self._settings.bootstrap_servers))
        kafka = self._settings.kafka.for_aiokafka()
        producer = AIOKafkaProducer(**kafka, acks="all")
        consumer = AIOKafkaConsumer(**kafka, group_id=None, enable_auto_commit=False)
        admin = AIOKafkaAdminClient(**kafka)
        async with contextlib.AsyncExitStack() as stack:
            for client, close in ((producer, producer.stop), (consumer, consumer.stop), (admin, admin.close)):
                stack.push_async_callback(close)
                await client.start()
            await self._take_up(consumer, [TopicPartition(DECISIONS, n) for n in range(counts[DECISIONS])])
            self._health.clear(Reason.NOT_ASSIGNED)
            publishing = asyncio.create_task(self._publish(producer, counts))
            stack.callback(publishing.cancel)
            while not publishing.done():
                await self._listen(consumer)
                await self._watch_alerting(admin)
                self._tell_missing()
            publishing.result()

    async def _take_up(self, consumer: AIOKafkaConsumer, decisions: list[TopicPartition]) -> None:
        """Go on where we were before an outage, or the canaries of that time would be missing for ever."""
        consumer.assign(decisions)
        await consumer.seek_to_end(*(tp for tp in decisions if tp not in self._read_to))
        for tp, offset in self._read_to.items():
            consumer.seek(tp, offset)
        for tp in decisions:
            self._read_to[tp] = await consumer.position(tp)

    async def _publish(self, producer: AIOKafkaProducer, counts: Mapping[str, int]) -> None:
        while True:
            for topic in INPUTS:
                for partition in range(counts[topic]):
                    event_id, now = uuid.uuid4().hex, datetime.now(UTC).isoformat()
                    event = canary_event(topic, partition, event_id, now)
                    # Before the send is acknowledged: the decision may be there sooner.
                    self._rounds.sent(event_id, TP(topic, partition), time.monotonic())
                    await producer.send_and_wait(
                        topic, orjson.dumps(event), f"CANARY-{partition}".encode(), partition
                    )
                    self._rounds.written(event_id)
                    canary_metrics.published()
            await asyncio.sleep(self._settings.canary_interval_seconds)

    async def _listen(self, consumer: AIOKafkaConsumer) -> None:
        fetched = await consumer.getmany(timeout_ms=int(POLL_SECONDS * 1000))
        for tp, records in fetched.items():
            self._read_to[tp] = records[-1].offset + 1
            for record in records:
                named = last_headers(record.headers).get(HEADER_DOCUMENT, b"")
                if record.value is not None and named.startswith(CANARY_KEY_PREFIX.encode()):
                    self._answered(Place(tp.partition, record.offset), orjson.loads(record.value))

    def _answered(self, place: Place, decision: Mapping[str, Any]) -> None:
        seconds = self._rounds.decided(decision["document"]["event_id"], place, time.monotonic())
        if seconds is None:
            return
        canary_metrics.came_through(Leg.SCREENING, seconds)
        if (decision["result"], decision["hold"]) != (CANARY_RESULT, CANARY_HOLD):
            canary_metrics.wrong()
            log.error("a canary was decided otherwise", result=decision["result"], hold=decision["hold"])

    async def _watch_alerting(self, admin: AIOKafkaAdminClient) -> None:
        group = self._settings.group("alerting")
        try:
            found = await admin.list_consumer_group_offsets(group)
        except GroupAuthorizationFailedError as error:
            raise lacks_right("group", [group], Right.DESCRIBE, "see how far alerting is") from error
        offsets = {tp.partition: done.offset for tp, done in found.items() if tp.topic == DECISIONS}
        for seconds in self._rounds.committed(offsets, time.monotonic()):
            canary_metrics.came_through(Leg.ALERTING, seconds)

    def _tell_missing(self) -> None:
        limit = self._settings.canary_timeout_seconds
        canary_metrics.missing(self._rounds.missing(time.monotonic(), limit).items())


def main(settings: Settings) -> int:
    """Run the canary in this process until it is told to stop; returns the exit status."""
    return asyncio.run(Canary(settings).serve())
