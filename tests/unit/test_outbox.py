"""The outbox: order within an output partition, whatever the broker answers."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka import errors

from exportwatch.errors import ConfigError
from exportwatch.streaming import publish
from exportwatch.streaming.faults import Verdict, verdict
from exportwatch.streaming.partitions import TP
from exportwatch.streaming.publish import Delivery, Outbox, SequencesUsedError
from exportwatch.streaming.wire import OutputRecord

ONE, OTHER = TP("decisions", 0), TP("decisions", 1)
Answer = BaseException | int | None


@dataclass
class FakeBroker:
    """A writer whose answers are given: an error to raise, how many of the records to take, None for all."""

    answers: dict[TP, list[Answer]] = field(default_factory=dict)
    log: dict[TP, list[str]] = field(default_factory=dict)
    sends: list[tuple[TP, list[str]]] = field(default_factory=list)
    renewals: int = 0
    too_large: str = "-"
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def write(self, tp: TP, records: Sequence[OutputRecord]) -> int:
        await self.open.wait()
        names = [(record.key or b"").decode() for record in records]
        self.sends.append((tp, names))
        answer = self.answers.get(tp, [None]).pop(0) if self.answers.get(tp) else None
        if isinstance(answer, BaseException):
            raise answer
        if self.too_large in names:
            raise SequencesUsedError(errors.for_code(10)())
        taken = names[:answer]
        self.log.setdefault(tp, []).extend(taken)
        return len(taken)

    async def renew(self) -> None:
        self.renewals += 1


@dataclass
class Bench:
    """An outbox with its broker and what it told."""

    broker: FakeBroker
    limits: dict[str, int] = field(default_factory=dict)
    failures: list[BaseException] = field(default_factory=list)
    retries: int = 0

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.broker, self.limits, self.failures.append, self._retried)

    def _retried(self) -> None:
        self.retries += 1

    def submit(self, *names: str, tp: TP = ONE, owned: Callable[[], bool] = lambda: True) -> Delivery:
        async def is_owned() -> bool:
            return owned()

        delivery = Delivery(is_owned, quarantined)
        self.outbox.submit(delivery, [(number, record(name, tp)) for number, name in enumerate(names)])
        return delivery


def record(name: str, tp: TP = ONE, size: int = 0) -> OutputRecord:
    return OutputRecord(tp.topic, tp.partition, name.encode(), b" " * size, ())


def quarantined(number: int, output: OutputRecord) -> Sequence[OutputRecord]:
    return [OutputRecord("quarantine", 0, f"input {number}".encode(), None, ())]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "FIRST_PAUSE_SECONDS", 0.0)


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 5))


def test_a_batch_is_published_only_when_every_output_is_acknowledged() -> None:
    async def test() -> None:
        bench = Bench(FakeBroker())
        bench.broker.open.clear()
        delivery = bench.submit("a", "b")
        await asyncio.sleep(0.01)
        assert not delivery.done.done()
        bench.broker.open.set()
        assert await delivery.done

    run(test())


def test_a_batch_without_outputs_is_published_at_once() -> None:
    async def test() -> None:
        assert await Bench(FakeBroker()).submit().done

    run(test())


def test_after_a_time_out_everything_from_that_record_on_is_sent_again_in_order() -> None:
    async def test() -> None:
        bench = Bench(FakeBroker({ONE: [1, errors.KafkaTimeoutError()]}))
        first = bench.submit("a", "b", "c")
        second = bench.submit("d", "e")
        assert await first.done
        assert await second.done
        assert bench.broker.log[ONE] == ["a", "b", "c", "d", "e"]
        assert bench.broker.sends[2] == (ONE, ["b", "c", "d", "e"])
        assert bench.retries == 1
        assert bench.broker.renewals == 0, "the record was never numbered"

    run(test())


@pytest.mark.parametrize("code", [5, 6, 7, 19, 20, 56])
def test_a_retriable_error_is_retried_as_often_as_it_comes(code: int) -> None:
    async def test() -> None:
        bench = Bench(FakeBroker({ONE: [SequencesUsedError(errors.for_code(code)()) for _ in range(30)]}))
        assert await bench.submit("a", "b").done
        assert bench.broker.log[ONE] == ["a", "b"]
        assert (bench.retries, bench.broker.renewals) == (30, 30)
        assert bench.failures == []

    run(test())


def test_an_output_partition_that_fails_does_not_hold_up_the_others() -> None:
    async def test() -> None:
        bench = Bench(FakeBroker({ONE: [errors.KafkaConnectionError() for _ in range(50)]}))
        held, free = bench.submit("a"), bench.submit("b", tp=OTHER)
        assert await free.done
        assert not held.done.done()
        assert await held.done

    run(test())


@pytest.mark.parametrize("code", [45, 47, 59, 22, 87])
def test_sequence_and_fencing_errors_end_the_worker(code: int) -> None:
    async def test() -> None:
        bench = Bench(FakeBroker({ONE: [SequencesUsedError(errors.for_code(code)())]}))
        delivery = bench.submit("a")
        await asyncio.sleep(0.01)
        assert not delivery.done.done()
        [failure] = bench.failures
        assert isinstance(failure, errors.KafkaError)
        assert bench.broker.log == {}

    run(test())


@pytest.mark.parametrize("code", [29, 31, 53])
def test_a_missing_right_is_an_operators_error(code: int) -> None:
    async def test() -> None:
        bench = Bench(FakeBroker({ONE: [errors.for_code(code)()]}))
        delivery = bench.submit("a")
        await asyncio.sleep(0.01)
        assert not delivery.done.done()
        [failure] = bench.failures
        assert isinstance(failure, ConfigError)
        assert "Kafka refused to let us write our outputs" in str(failure)

    run(test())


def test_a_record_that_the_broker_finds_too_large_is_found_and_its_input_quarantined() -> None:
    async def test() -> None:
        bench = Bench(FakeBroker(too_large="c"))
        first, second = bench.submit("a", "b", "c", "d"), bench.submit("e")
        assert await first.done
        assert await second.done
        assert bench.broker.log == {ONE: ["a", "b", "d", "e"], TP("quarantine", 0): ["input 2"]}
        assert bench.broker.renewals == 2
        assert bench.failures == []

    run(test())


def test_a_record_over_its_topics_limit_is_never_sent() -> None:
    async def test() -> None:
        bench = Bench(FakeBroker(), limits={"decisions": 1000})
        delivery = Delivery(bench.submit().is_owned, quarantined)
        bench.outbox.submit(delivery, [(0, record("a")), (1, record("b", size=1000)), (2, record("c"))])
        assert await delivery.done
        assert bench.broker.log == {ONE: ["a", "c"], TP("quarantine", 0): ["input 1"]}

    run(test())


def test_a_record_too_large_even_for_quarantine_is_an_operators_error() -> None:
    async def test() -> None:
        bench = Bench(FakeBroker(), limits={"decisions": 200, "quarantine": 10})
        delivery = Delivery(bench.submit().is_owned, lambda _, __: [record("a", TP("quarantine", 0), 500)])
        with pytest.raises(ConfigError, match=r"topic quarantine: max\.message\.bytes"):
            bench.outbox.submit(delivery, [(0, record("a", size=500))])

    run(test())


def test_outputs_of_a_partition_that_is_no_longer_ours_are_dropped() -> None:
    async def test() -> None:
        bench = Bench(FakeBroker())
        bench.broker.open.clear()
        sending = bench.submit("a")
        await asyncio.sleep(0.01)
        lost, kept = bench.submit("b", "c", owned=lambda: False), bench.submit("d")
        bench.broker.open.set()
        assert await sending.done
        assert await lost.done is False
        assert await kept.done
        assert bench.broker.log[ONE] == ["a", "d"]

    run(test())


def test_ownership_is_asked_again_before_a_repetition() -> None:
    async def test() -> None:
        ours = [True, False]
        bench = Bench(FakeBroker({ONE: [errors.KafkaTimeoutError()]}))
        assert await bench.submit("a", owned=lambda: ours.pop(0)).done is False
        assert bench.broker.log == {}

    run(test())


def test_what_waits_goes_in_one_send() -> None:
    async def test() -> None:
        bench = Bench(FakeBroker())
        bench.broker.open.clear()
        deliveries = [bench.submit("a")]
        await asyncio.sleep(0.01)
        deliveries += [bench.submit("b"), bench.submit("c", "d")]
        bench.broker.open.set()
        await asyncio.gather(*(delivery.done for delivery in deliveries))
        assert bench.broker.sends == [(ONE, ["a"]), (ONE, ["b", "c", "d"])]

    run(test())


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.KafkaConnectionError(), Verdict.RETRY),
        (errors.NodeNotReadyError(), Verdict.RETRY),
        (errors.NotLeaderForPartitionError(), Verdict.RETRY),
        (TimeoutError(), Verdict.RETRY),
        (ConnectionResetError(), Verdict.RETRY),
        (errors.MessageSizeTooLargeError(), Verdict.TOO_LARGE),
        (errors.SaslAuthenticationFailed(), Verdict.OPERATOR),
        (errors.AuthenticationFailedError(), Verdict.OPERATOR),
        (errors.ProducerFenced(), Verdict.CRASH),
        (errors.ProducerClosed(), Verdict.CRASH),
        (errors.CorruptRecordException(), Verdict.CRASH),
        (ZeroDivisionError(), Verdict.CRASH),
    ],
)
def test_what_an_error_means(error: BaseException, expected: Verdict) -> None:
    assert verdict(error) is expected
