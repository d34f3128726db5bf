"""Following the quarantine topic over lost connections: each resume is told once, and no pause is forgotten."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from exportwatch.streaming import quarantine_tail
from exportwatch.streaming.partitions import TP
from exportwatch.streaming.quarantine import FADING_RECORDS, TAIL_RECORDS
from exportwatch.streaming.quarantine_tail import Tail
from exportwatch.streaming.wire import (
    InputRecord,
    Marker,
    OutputRecord,
    Refusal,
    Source,
    marker_record,
    quarantine_record,
)
from exportwatch_events.catalogue import QUARANTINE, ErrorCode

ONE, OTHER = TP("erp.shipments.v1", 3), TP("erp.shipments.v1", 4)
HERE = TopicPartition(QUARANTINE, 0)


def marked(marker: Marker, offset: int = 0, until: int = 0, tp: TP = ONE) -> OutputRecord:
    return marker_record(marker, Source(*tp, offset), 1, {"until": until})


def bad(offset: int, tp: TP = OTHER) -> OutputRecord:
    record = InputRecord(*tp, offset, 0, None, b"{", ())
    return quarantine_record(record, Refusal(ErrorCode.NOT_JSON, "not JSON"), 1)


class FakeTopic:
    """A quarantine topic of one partition. Its connections end when `cut` is called."""

    def __init__(self) -> None:
        self.log: list[OutputRecord] = []
        self.connections = 0
        self.is_cut = False

    def cut(self) -> None:
        self.is_cut = True

    @asynccontextmanager
    async def connect(self) -> AsyncIterator["FakeConsumer"]:
        self.connections += 1
        self.is_cut = False
        yield FakeConsumer(self)


class FakeConsumer:
    def __init__(self, topic: FakeTopic) -> None:
        self._topic, self._at = topic, 0

    async def beginning_offsets(self, _: object) -> Mapping[TopicPartition, int]:
        return {HERE: 0}

    async def end_offsets(self, _: object) -> Mapping[TopicPartition, int]:
        return {HERE: len(self._topic.log)}

    def assign(self, _: object) -> None:
        pass

    def seek(self, _: TopicPartition, offset: int) -> None:
        self._at = offset

    async def position(self, _: TopicPartition) -> int:
        return self._at

    async def getmany(self, timeout_ms: int, max_records: int) -> Mapping[TopicPartition, list[Any]]:
        await asyncio.sleep(0)
        if self._topic.is_cut:
            raise KafkaConnectionError
        start, self._at = self._at, min(len(self._topic.log), self._at + max_records)
        found = [
            SimpleNamespace(offset=offset, headers=one.headers, value=one.value, timestamp=0)
            for offset, one in enumerate(self._topic.log[start : self._at], start)
        ]
        return {HERE: found} if found else {}


class Followed:
    """A tail that runs on a fake topic, and what it told."""

    def __init__(self) -> None:
        self.topic = FakeTopic()
        self.resumed: list[tuple[TP, int]] = []
        self.tail = Tail(self.topic.connect, 1, lambda tp, until: self.resumed.append((tp, until)))

    async def paused_at(self, tp: TP) -> int | None:
        found = (await self.tail.histories()).get(tp)
        return found.paused_at if found else None

    async def connect_anew(self) -> None:
        before = self.topic.connections
        self.topic.cut()
        while self.topic.connections == before:
            await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine_tail, "RETRY_SECONDS", 0)


def follow(use: Callable[[Followed], Any]) -> None:
    async def run() -> None:
        followed = Followed()
        running = asyncio.create_task(followed.tail.run())
        try:
            await asyncio.wait_for(use(followed), 20)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())


def test_a_new_connection_tells_of_no_resume_again_and_of_every_new_one() -> None:
    async def use(followed: Followed) -> None:
        log = followed.topic.log
        log += [marked(Marker.PAUSED, 5), marked(Marker.RESUMED, until=9)]
        await followed.tail.histories()
        await followed.connect_anew()
        assert await followed.paused_at(ONE) is None
        assert followed.resumed == [(ONE, 9)]
        log.append(marked(Marker.RESUMED, until=20))
        await followed.tail.histories()
        assert followed.resumed == [(ONE, 9), (ONE, 20)]

    follow(use)


def test_what_was_written_while_the_connection_was_lost_is_read_however_much_it_is() -> None:
    async def use(followed: Followed) -> None:
        log = followed.topic.log
        log += [marked(Marker.PAUSED, 5), marked(Marker.PAUSED, 6, tp=OTHER)]
        await followed.tail.histories()
        log += [marked(Marker.RESUMED, until=9), *(bad(n) for n in range(TAIL_RECORDS + 10))]
        await followed.connect_anew()
        assert await followed.paused_at(ONE) is None
        assert await followed.paused_at(OTHER) == 6, "it was read before"
        assert followed.resumed == [(ONE, 9)]

    follow(use)


def test_a_topic_that_was_made_anew_is_read_from_its_own_start() -> None:
    async def use(followed: Followed) -> None:
        log = followed.topic.log
        log += [bad(n) for n in range(10)] + [marked(Marker.PAUSED, 5)]
        assert await followed.paused_at(ONE) == 5
        log[:] = [marked(Marker.PAUSED, 2, tp=OTHER)]
        await followed.connect_anew()
        assert await followed.paused_at(OTHER) == 2
        assert await followed.paused_at(ONE) is None

    follow(use)


def test_a_pause_is_to_be_written_again_when_newer_records_lie_behind_it_and_then_stays() -> None:
    async def use(followed: Followed) -> None:
        log = followed.topic.log
        log += [marked(Marker.PAUSED, 5), *(bad(n) for n in range(FADING_RECORDS - 1))]
        await followed.tail.histories()
        assert not followed.tail.is_fading(ONE, 0.0)
        log.append(bad(FADING_RECORDS))
        await followed.tail.histories()
        assert followed.tail.is_fading(ONE, 0.0)
        log.append(marked(Marker.PAUSED, 5))
        await followed.tail.histories()
        assert not followed.tail.is_fading(ONE, 0.0)
        log += [bad(n) for n in range(TAIL_RECORDS - 1)]
        later = Followed()
        later.topic.log = log
        reading = asyncio.create_task(later.tail.run())
        assert await later.paused_at(ONE) == 5
        reading.cancel()

    follow(use)


def test_a_pause_of_which_no_marker_is_known_is_to_be_written() -> None:
    async def use(followed: Followed) -> None:
        followed.topic.log += [marked(Marker.PAUSED, 5), marked(Marker.RESUMED, until=9)]
        await followed.tail.histories()
        assert followed.tail.is_fading(ONE, 0.0)

    follow(use)
