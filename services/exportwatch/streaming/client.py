"""The Kafka client of a lane consumer, in its own thread and event loop, as Faust runs it.

Written against aiokafka 0.14.0 and faust-streaming 0.15.3, whose private methods it uses; the broker tests
guard an upgrade.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import aiokafka
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError, NoOffsetForPartitionError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers import aiokafka as driver

from exportwatch.streaming.faults import Verdict, verdict
from exportwatch.streaming.partitions import TP, Bounds


class LaneThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust is untyped for mypy
    """An epoch per partition tells what was fetched before a seek from what came after it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.epochs: dict[TP, int] = {}

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        conf = self.app.conf
        self._assignor = RoundRobinPartitionAssignor
        return aiokafka.AIOKafkaConsumer(
            client_id=conf.broker_client_id,
            group_id=conf.id,
            bootstrap_servers=driver.server_list(transport.url, transport.default_port),
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            enable_auto_commit=False,
            # Every start is an explicit seek; "earliest" would jump over what retention deleted, unseen.
            auto_offset_reset="none",
            # What a transactional producer took back must not be screened.
            isolation_level="read_committed",
            max_poll_records=conf.broker_max_poll_records,
            max_poll_interval_ms=int(conf.broker_max_poll_interval * 1000),
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            request_timeout_ms=int(conf.broker_request_timeout * 1000),
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            metadata_max_age_ms=conf.consumer_metadata_max_age_ms,
            **driver.credentials_to_aiokafka_auth(conf.broker_credentials, conf.ssl_context),
        )

    async def on_partitions_assigned(self, assigned: set[Any], generation_id: int = 0) -> None:
        if not assigned:
            # After an outage the group's leader may know no topics yet and hand out nothing. It asks again
            # only when its metadata are old, and notices then.
            self._ensure_consumer()._client.force_metadata_update()
        await super().on_partitions_assigned(assigned, generation_id)

    async def _fetch_records(
        self,
        consumer: aiokafka.AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,
        max_records: int | None = None,
    ) -> list[tuple[TP, int, list[Any]]]:
        try:
            fetched = await super()._fetch_records(consumer, active_partitions, timeout, max_records)
        except NoOffsetForPartitionError:
            # Between assignment and our seek the client finds no offset of a new group.
            return []
        # No await since the client moved its positions: the epochs are those of that moment.
        return [(TP(*tp), self.epochs.get(TP(*tp), 0), records) for tp, records in fetched.items()]

    async def bounds(self, partitions: Iterable[TP]) -> dict[TP, Bounds]:
        return await self.call_thread(self._bounds, [TopicPartition(*tp) for tp in partitions])  # type: ignore[no-any-return]

    async def _bounds(self, partitions: list[TopicPartition]) -> dict[TP, Bounds]:
        consumer = self._ensure_consumer()
        committed = await consumer._coordinator.fetch_committed_offsets(partitions)
        starts = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
        return {
            TP(*tp): Bounds(committed[tp].offset if tp in committed else None, starts[tp], ends[tp])
            for tp in partitions
        }

    async def seek_all(self, offsets: Mapping[TP, int]) -> dict[TP, int]:
        """Seek; returns the epochs that begin with it. Partitions no longer assigned are left out."""
        return await self.call_thread(self._seek_all, offsets)  # type: ignore[no-any-return]

    def _seek_all(self, offsets: Mapping[TP, int]) -> dict[TP, int]:
        consumer, begun = self._ensure_consumer(), {}
        assigned = consumer.assignment()
        for tp, offset in offsets.items():
            if TopicPartition(*tp) in assigned:
                consumer.seek(TopicPartition(*tp), offset)
                begun[tp] = self.epochs[tp] = self.epochs.get(tp, 0) + 1
        return begun

    async def heartbeat(self) -> bool:
        """Ask the group's coordinator whether it still knows us; False where it did not say so."""
        return bool(await self.call_thread(self._ensure_consumer()._coordinator._do_heartbeat))

    async def leave(self) -> None:
        """Tell the group that we go, so that others need not wait for the session to end."""
        await self.call_thread(self._ensure_consumer()._coordinator._maybe_leave_group)

    async def check_group(self) -> None:
        """Raises what the group refuses us. Fetching does, too, but begins only with the first assignment."""
        await self.call_thread(self._check_group)

    def _check_group(self) -> None:
        coordinator = self._consumer._coordinator if self.has_client else None
        if coordinator is None:
            return
        try:
            coordinator.check_errors()
        except KafkaError as error:
            if verdict(error) is not Verdict.RETRY:
                raise

    @property
    def has_client(self) -> bool:
        """False until the thread has connected: nobody may ask for assignments before that."""
        return self._consumer is not None

    def log_end(self, tp: TP) -> int | None:
        """Where the partition's committed records end, as the last fetch knew; None before the first."""
        subscription = self._ensure_consumer()._subscription.subscription
        assignment = subscription.assignment if subscription is not None else None
        if assignment is None or TopicPartition(*tp) not in assignment.tps:
            return None
        end = assignment.state_value(TopicPartition(*tp)).lso
        return None if end is None else int(end)

    @property
    def generation(self) -> int:
        """Of the group, as last heard; negative once the group has dropped us."""
        return int(self._ensure_consumer()._coordinator.generation)

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        consumer = self._ensure_consumer()
        wanted = {TopicPartition(*tp): OffsetAndMetadata(offset, "") for tp, offset in offsets.items()}
        try:
            await consumer.commit(wanted)
        except (CommitFailedError, IllegalStateError):
            return False  # the group is rebalancing; what was not committed is delivered again
        except KafkaError as error:
            if verdict(error) is not Verdict.RETRY:
                raise
            return False
        return True
