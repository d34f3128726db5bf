"""The producing half of the batch lane: an ordered outbox for each agent.

Each output partition has one request under way at a time, and what waits for it goes with the next one. A
record leaves the queue only when it is acknowledged, so that after a failed send everything from that record
on is sent again, in order, later batches included. An outage is waited out.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple, Protocol, assert_never

from aiokafka.errors import KafkaError

from exportwatch.broker.refusals import Right
from exportwatch.errors import ConfigError
from exportwatch.streaming import logs
from exportwatch.streaming.faults import Verdict, as_operators, verdict
from exportwatch.streaming.partitions import TP
from exportwatch.streaming.wire import OutputRecord

MOST_AT_ONCE = 1000
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0

log = logs.logger(__name__)
Numbered = tuple[int, OutputRecord]


class SequencesUsedError(Exception):
    """A request failed after the producer had numbered its records; `cause` is what Kafka said.

    The broker would refuse whatever this producer sends to that partition next (error 45).
    """

    def __init__(self, cause: BaseException) -> None:
        super().__init__(type(cause).__name__)
        self.cause = cause


class Writer(Protocol):
    """Sends records of one partition, in order, all or none."""

    async def write(self, tp: TP, records: Sequence[OutputRecord]) -> int:
        """How many of the first records fitted into one request: these are acknowledged.

        Raises what the client raises, or SequencesUsedError.
        """

    async def renew(self) -> None:
        """Go on with new sequence numbers, once nothing is under way."""


@dataclass(eq=False, slots=True)
class Delivery:
    """The outputs of one input batch on their way; `done` says whether they were published or dropped.

    `is_owned` asks whether the input's partition is still ours. `refused` gives what to publish instead of
    an output that is too large, from the number of its input in the batch and the output.
    """

    is_owned: Callable[[], Awaitable[bool]]
    refused: Callable[[int, OutputRecord], Sequence[OutputRecord]]
    done: "asyncio.Future[bool]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    waiting: int = 0

    def settle(self) -> None:
        """One more of its records is acknowledged."""
        self.waiting -= 1
        if self.waiting == 0 and not self.done.done():
            self.done.set_result(True)

    def drop(self) -> None:
        """Another worker owns the batch now."""
        if not self.done.done():
            self.done.set_result(False)


class Piece(NamedTuple):
    """A record in a queue; `number` is that of its input in the batch."""

    delivery: Delivery
    number: int
    record: OutputRecord


@dataclass(eq=False, slots=True)
class Line:
    """What waits for one output partition. `one_by_one`: some record in it is too large, unknown which."""

    tp: TP
    queue: deque[Piece] = field(default_factory=deque)
    one_by_one: bool = False
    served: bool = False


class Outbox:
    """Takes the outputs of batches in order; each output partition goes at its own speed.

    `limits` are the largest records of the topics, `failed` is told of an error that ends the worker and
    `retried` of each send that must be repeated.
    """

    def __init__(
        self,
        writer: Writer,
        limits: Mapping[str, int],
        failed: Callable[[BaseException], None],
        retried: Callable[[], None] = lambda: None,
    ) -> None:
        self._writer = writer
        self._limits = limits
        self._failed = failed
        self._retried = retried
        self._lines: dict[tuple[str, int], Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, delivery: Delivery, outputs: Sequence[Numbered]) -> None:
        """Queue outputs, each with the number of its input, behind everything submitted before."""
        pieces = [
            Piece(delivery, number, record)
            for number, output in outputs
            for record in self._fitting(delivery, number, output)
        ]
        delivery.waiting = len(pieces)
        if not pieces:
            delivery.done.set_result(True)
        self._queue(pieces)

    async def close(self) -> None:
        """Stop at once; what was not acknowledged stays undone."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _queue(self, pieces: Sequence[Piece]) -> None:
        for piece in pieces:
            tp = (piece.record.topic, piece.record.partition)
            line = self._lines.get(tp)
            if line is None:
                line = self._lines[tp] = Line(TP(*tp))
            line.queue.append(piece)
            if not line.served:
                line.served = True
                task = asyncio.create_task(self._serve(line), name=f"outbox {line.tp}")
                task.add_done_callback(self._served)
                self._tasks.add(task)

    def _served(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(as_operators(error, "write our outputs", Right.WRITE))

    def _fitting(self, delivery: Delivery, number: int, output: OutputRecord) -> Sequence[OutputRecord]:
        return (output,) if self._fits(output) else self._instead(delivery, number, output)

    def _fits(self, record: OutputRecord) -> bool:
        limit = self._limits.get(record.topic)
        # Counting headers costs more than the rest of the lane; where they are that large, the broker says so.
        return limit is None or 2 * len(record.value or b"") < limit or record.size <= limit

    def _instead(self, delivery: Delivery, number: int, output: OutputRecord) -> Sequence[OutputRecord]:
        instead = delivery.refused(number, output)
        for record in instead:
            if record.topic == output.topic or not self._fits(record):
                raise ConfigError(
                    "a record is too large even for quarantine",
                    file=f"topic {record.topic}",
                    key="max.message.bytes",
                    found=f"a record of {record.size} bytes",
                    hint="raise the topic's limit; nothing of the record's batch is committed before that",
                )
        return instead

    async def _serve(self, line: Line) -> None:
        """Until the queue of this output partition is empty."""
        pause = FIRST_PAUSE_SECONDS
        try:
            while line.queue:
                head = await self._owned_head(line)
                if not head:
                    continue
                try:
                    sent = await self._writer.write(line.tp, [piece.record for piece in head])
                except (KafkaError, SequencesUsedError, OSError, TimeoutError) as error:
                    self._judge(error, line, len(head))
                    if isinstance(error, SequencesUsedError):
                        await self._writer.renew()
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                else:
                    for _ in range(sent):
                        line.queue.popleft().delivery.settle()
                    pause = FIRST_PAUSE_SECONDS
        finally:
            line.served = False

    async def _owned_head(self, line: Line) -> list[Piece]:
        """The first pieces, without those whose batches belong to others by now; these are dropped."""
        owned: dict[Delivery, bool] = {}
        head: list[Piece] = []
        for piece in list(islice(line.queue, 1 if line.one_by_one else MOST_AT_ONCE)):
            delivery = piece.delivery
            if delivery not in owned:
                owned[delivery] = await delivery.is_owned()
            if owned[delivery]:
                head.append(piece)
            else:
                delivery.drop()
                line.queue.remove(piece)
        return head

    def _judge(self, error: BaseException, line: Line, records: int) -> None:
        """What a failed send of the first records means; raises to end the worker."""
        cause = error.cause if isinstance(error, SequencesUsedError) else error
        match verdict(cause):
            case Verdict.RETRY:
                log.warning("a send failed and is repeated", error=logs.harmless(cause))
                self._retried()
            case Verdict.TOO_LARGE if records == 1:
                self._refuse(line)
            case Verdict.TOO_LARGE:
                line.one_by_one = True
            case Verdict.OPERATOR | Verdict.CRASH:
                raise cause
            case never:
                assert_never(never)

    def _refuse(self, line: Line) -> None:
        """The broker does not take the first record, whatever the registry says of the topic."""
        delivery, number, output = line.queue[0]
        instead = self._instead(delivery, number, output)
        delivery.waiting += len(instead)
        self._queue([Piece(delivery, number, record) for record in instead])
        line.queue.popleft()
        line.one_by_one = False
        delivery.settle()
