"""What the lane tells of its lag and its unfinished batches: at any time, and each record once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from faust.transport.drivers import aiokafka as driver

from exportwatch.settings import load_settings
from exportwatch.streaming import lane as lanes
from exportwatch.streaming import metrics
from exportwatch.streaming.health import Health
from exportwatch.streaming.lane import Lane
from exportwatch.streaming.partitions import TP, Bounds
from exportwatch_events.catalogue import CONTRACTS, SHIPMENTS

ONE, STANDING, ELSEWHERE = TP(SHIPMENTS, 0), TP(SHIPMENTS, 1), TP(SHIPMENTS, 2)
SERVICE = metrics.Service.SCREENING


@dataclass
class FakeThread:
    """The client of a worker that has partitions, with what the broker says of them."""

    ends: Mapping[TP, int]
    committed: Mapping[TP, int]
    has_client: bool = True

    def assignment(self) -> set[Any]:
        return {driver.TP(*tp) for tp in self.ends}

    def log_end(self, tp: TP) -> int:
        return self.ends[tp]

    async def bounds(self, partitions: frozenset[TP]) -> dict[TP, Bounds]:
        return {tp: Bounds(self.committed[tp], 0, self.ends[tp]) for tp in partitions}


def with_lane(use: Callable[[Lane], Awaitable[None]], *paused: TP) -> None:
    """A lane as a worker makes it, not started."""

    async def run() -> None:
        stage: Any = SimpleNamespace(service=SERVICE, inputs=(SHIPMENTS, CONTRACTS), paused=frozenset(paused))
        lane = Lane(load_settings(), stage, Health(), {})
        threads_loop = lane.consumer.thread.thread_loop
        try:
            await use(lane)
        finally:
            threads_loop.close()

    asyncio.run(run())


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPORTWATCH_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setattr(lanes, "LAG_SECONDS", 0.001)


async def tell_for_a_while(lane: Lane) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(lane.tell_lag(), 0.1)


def told(name: str, **labels: str) -> float | None:
    return metrics.REGISTRY.get_sample_value(f"exportwatch_{name}", {"service": SERVICE, **labels})


@pytest.mark.parametrize("paused", [(), (STANDING,)])
def test_a_worker_whose_client_is_not_there_yet_tells_of_no_lag_and_goes_on(paused: tuple[TP, ...]) -> None:
    metrics.lag(SERVICE, SHIPMENTS, 7)

    async def use(lane: Lane) -> None:
        assert await lane.consumer.paused_lag() == {}
        await tell_for_a_while(lane)

    with_lane(use, *paused)
    assert told("consumer_lag_records", topic=SHIPMENTS) == 0


def test_what_waits_in_a_partition_that_stands_still_counts_once() -> None:
    """Whether it was paused while it was read (it has a place) or before (it has none)."""

    async def use(lane: Lane) -> None:
        lane.consumer._thread = FakeThread(
            ends={ONE: 130, STANDING: 1000, ELSEWHERE: 50}, committed={ONE: 90, STANDING: 400, ELSEWHERE: 20}
        )
        lane.consumer.watermarks.place(ONE, 100, 90)
        lane.consumer.watermarks.place(STANDING, 500, 400)
        assert lane.consumer.lag() == {SHIPMENTS: 30}
        assert await lane.consumer.paused_lag() == {SHIPMENTS: 600 + 30}
        await tell_for_a_while(lane)

    with_lane(use, STANDING, ELSEWHERE)
    assert told("consumer_lag_records", topic=SHIPMENTS) == 30 + 600 + 30
    assert told("consumer_lag_records", topic=CONTRACTS) == 0


def test_a_lag_that_was_worked_off_is_told_of_as_none() -> None:
    metrics.lag(SERVICE, SHIPMENTS, 7)

    async def use(lane: Lane) -> None:
        lane.consumer._thread = FakeThread(ends={ONE: 30}, committed={ONE: 30})
        lane.consumer.watermarks.place(ONE, 30, 30)
        await tell_for_a_while(lane)

    with_lane(use)
    assert told("consumer_lag_records", topic=SHIPMENTS) == 0


def test_batches_whose_outputs_hang_are_told_of() -> None:
    async def use(lane: Lane) -> None:
        lane.consumer._thread = FakeThread(ends={ONE: 30}, committed={ONE: 0})
        lane.consumer.watermarks.place(ONE, 0, None)
        for end in (10, 20, 30):
            lane.consumer.watermarks.deliver(ONE, end)
        await tell_for_a_while(lane)

    metrics.batches_in_progress(SERVICE, 0)
    with_lane(use)
    assert told("batches_in_progress") == 3
