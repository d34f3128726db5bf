"""Both stages on a real broker, with the real core: whatever happens to workers, broker and topics, every version
of a document has its decision and the alerts end as the oracle says.
"""

import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from accounting import alert_problems, assert_reconciled
from alerting_log import offsets
from harness import (
    INPUTS,
    STANDINS,
    Account,
    Erp,
    Fleet,
    Reader,
    Worker,
    ends_of,
    renew_topics,
    shipment,
    wait_for_all,
    wait_until,
    wait_until_committed,
)
from input_cases import oxide

from exportwatch.broker.local import LocalBroker
from exportwatch_events.catalogue import ALERTS, DECISIONS, QUARANTINE, SHIPMENTS

pytestmark = [pytest.mark.broker, pytest.mark.outages]
TOPICS = (*INPUTS, DECISIONS, QUARANTINE, ALERTS)
QUICK = {
    "session_timeout_seconds": "3",
    "heartbeat_interval_seconds": "0.5",
    "request_timeout_seconds": "3",
    "commit_interval_seconds": "0.3",
}
# Numbers of documents of which every version is cut off.
CUT_OFF = 10**6
Key = Callable[[Any], bytes | None]


@pytest.fixture
def fleet(broker: LocalBroker, tmp_path: Path) -> Iterator[Fleet]:
    renew_topics(broker.bootstrap, TOPICS)
    fleet = Fleet(
        broker.bootstrap, tmp_path, settings=QUICK, standins=STANDINS.with_name("whole_standins.py")
    )
    yield fleet
    fleet.end()


def by_document(event: Any) -> bytes | None:
    return event["shipment_id"].encode() if isinstance(event, Mapping) else None


def keyless(_: Any) -> None:
    return None


@dataclass
class Story:
    """Documents whose versions say A, B, A, some of them cancelled at last, some records broken.

    Remembers what was published, and which documents must have an open alert in the end.
    """

    bootstrap: str
    key: Key = keyless
    published: list[tuple[str, int, int]] = field(default_factory=list)
    versions: set[str] = field(default_factory=set)
    told: int = 0

    def tell(self, documents: int) -> None:
        """Some more documents: a version of all, then the next."""
        first, self.told = self.told, self.told + documents
        for version in (1, 2, 3, 4):
            self.tell_version(range(first, first + documents), version)

    def tell_version(self, numbers: Sequence[int], version: int) -> None:
        if version == 4:
            numbers = [number for number in numbers if is_cancelled(number)]
        events: list[Mapping[str, Any] | bytes | None] = [version_of(number, version) for number in numbers]
        events += [
            json.dumps(version_of(number + CUT_OFF, version)).encode()[:-9] for number in numbers[::100]
        ]
        events += [b"\xff" for _ in numbers[::200]]
        self.publish(events)

    def publish(self, events: Sequence[Mapping[str, Any] | bytes | None]) -> None:
        # No client of ours is there when a test stops the broker.
        with Erp(self.bootstrap) as erp:
            erp.publish(events, key=self.key)
            self.published += erp.published
            self.versions |= erp.versions

    @property
    def open_documents(self) -> set[str]:
        return {f"default/ERP-P01/shipment/S{n}" for n in range(self.told) if not is_cancelled(n)}


def is_cancelled(number: int) -> bool:
    return number % 5 == 0


def version_of(number: int, version: int) -> dict[str, Any]:
    """1: needs a license; 2: needs none; 3: needs one again; 4: cancelled."""
    when = {"event_time": f"2026-03-02T08:00:0{version}+08:00"}
    match version:
        case 2:
            return shipment(number, version, **when)
        case 4:
            return oxide(number, version) | when | {"event_type": "shipment.cancelled"}
        case _:
            return oxide(number, version, quantity={"value": version, "unit": "KGM"}) | when


def start_both(fleet: Fleet, slowly: bool = True) -> tuple[Worker, Worker]:
    if slowly:
        return fleet.start("slow_screening"), fleet.start("slow_alerting")
    return fleet.start(), fleet.start(service="alerting")


def decisions(fleet: Fleet) -> int:
    return sum(ends_of(fleet.bootstrap, (DECISIONS,)).values())


def wait_for_more(fleet: Fleet, story: Story, count: int, seconds: float = 40) -> None:
    """Until so many more decisions were written, or half of those that are left."""
    written = decisions(fleet)
    goal = written + min(count, max(0, len(story.versions) - written) // 2)
    wait_until(lambda: decisions(fleet) >= goal, seconds, lambda: fleet.workers[-2].log[-3000:])


def with_both_at_work(fleet: Fleet, story: Story, happens: Callable[[], None]) -> None:
    """While the last two workers, screening and alerting, are in the middle of batches.

    Where they have done everything already, they are told more, a few times.
    """
    for documents in (100, 200, 400, 0):
        wait_for_more(fleet, story, 100)
        for worker in fleet.workers[-2:]:
            worker.send(signal.SIGSTOP)
        idle = idle_ones(fleet, story)
        if not idle:
            break
        for worker in fleet.workers[-2:]:
            worker.send(signal.SIGCONT)
        story.tell(documents)
    assert not idle, f"{idle} has nothing to do"
    happens()
    for worker in fleet.workers[-2:]:
        worker.send(signal.SIGCONT)


def idle_ones(fleet: Fleet, story: Story) -> list[str]:
    """Which of the services may have done what there is for them. Asked quickly: both are frozen."""
    decided = decisions(fleet)
    left = {
        "screening": len(story.versions) - decided,
        "alerting": decided - sum(offsets(fleet).values()),
    }
    return [service for service, count in left.items() if count <= 0]


def assert_all_is_right(fleet: Fleet, story: Story) -> Account:
    """Waits until both stages have done everything, then holds all topics against each other."""
    with closing(Reader(fleet.bootstrap, (DECISIONS, QUARANTINE, ALERTS))) as reader:
        wait_for_all(reader, story.published)
        wait_until_committed(fleet, 30)
        ends = ends_of(fleet.bootstrap, (DECISIONS,))
        wait_until(
            lambda: {place: end for place, end in ends.items() if end}.items() <= offsets(fleet).items(),
            40,
            lambda: f"{offsets(fleet)} instead of {ends}\n{fleet.workers[-1].log[-3000:]}",
        )
        found = wait_for_all(reader, story.published)
        records = list(reader.records)
        assert alert_problems(reader) == []
    assert found.unequal == ()
    decided = {(one.key or b"").decode() for one in records if one.topic == DECISIONS}
    assert story.versions <= decided
    newest: dict[bytes, tuple[int, str, str]] = {}
    for one in records:
        if one.topic == ALERTS and one.key is not None:
            state = (
                int(one.headers["ew_revision"]),
                one.headers["ew_document"].decode(),
                one.headers["ew_state"].decode(),
            )
            newest[one.key] = max(newest.get(one.key, state), state)
    assert {document for _, document, state in newest.values() if state == "open"} >= story.open_documents
    assert_reconciled(fleet)
    return found


def test_killed_in_a_loop_both_stages_lose_nothing(fleet: Fleet) -> None:
    story = Story(fleet.bootstrap)
    for _ in range(3):
        workers = start_both(fleet)
        story.tell(300)
        wait_for_more(fleet, story, 200)
        for worker in workers:
            worker.kill()
    start_both(fleet, slowly=False)
    found = assert_all_is_right(fleet, story)
    assert found.duplicates > 0, "the kills hit nothing"


def test_members_of_both_groups_freeze_come_and_go(fleet: Fleet) -> None:
    story = Story(fleet.bootstrap)
    first = start_both(fleet)
    story.tell(200)
    wait_for_more(fleet, story, 100)
    second = start_both(fleet)
    wait_until(lambda: "alerts read back" in second[1].log, 30, lambda: second[1].log[-3000:])
    for worker in first:
        worker.send(signal.SIGSTOP)
    story.tell(200)
    wait_until(lambda: second[1].log.count("alerts read back") >= 2, 30, lambda: second[1].log[-3000:])
    wait_for_more(fleet, story, 300)
    for worker in first:
        worker.send(signal.SIGCONT)
    story.tell(100)
    wait_until(lambda: second[1].log.count("alerts read back") >= 3, 30, lambda: second[1].log[-3000:])
    for worker in second:
        assert worker.stop() == 0, worker.log[-3000:]
    assert_all_is_right(fleet, story)
    for worker in first:
        assert worker.process.poll() is None, worker.log[-3000:]


def test_a_broker_that_is_killed_and_then_away_longer_than_any_send_waits(
    broker: LocalBroker, fleet: Fleet
) -> None:
    story = Story(fleet.bootstrap)
    workers = start_both(fleet)
    story.tell(300)
    with_both_at_work(fleet, story, broker.kill)
    broker.start_again()
    story.tell(200)
    with_both_at_work(fleet, story, broker.stop)
    time.sleep(8)
    broker.start_again()
    story.tell(100)
    assert_all_is_right(fleet, story)
    for worker in workers:
        assert worker.process.poll() is None, worker.log[-3000:]
        # Who repeats a send is up to the client's knowledge of the leaders: itself, or after its time the outbox.
        # Alerting writes little: it may have been about to read when the broker went.
        said = ("Got error produce response", "a send failed and is repeated", "Failed fetch messages")
        assert any(one in worker.log for one in said), "the outages hit nothing"


@pytest.mark.parametrize(("partitions", "key"), [(3, by_document), (12, keyless)])
def test_alternating_versions_with_deaths_between_alert_and_commit(
    fleet: Fleet, partitions: int, key: Key
) -> None:
    """And an older version that comes after all that, to workers that know the document from topics only."""
    renew_topics(fleet.bootstrap, [SHIPMENTS], partitions)
    story, deaths = Story(fleet.bootstrap, key), 0
    screening = fleet.start()
    for version in (1, 2, 3, 4):
        story.tell_version(range(60), version)
        dying = fleet.start("dying_alerting")
        deaths += dying.wait(30) == -signal.SIGKILL
    story.told = 60
    alerting = fleet.start(service="alerting")
    late = random.Random(1).sample(range(60), 20)
    assert_all_is_right(fleet, story)
    assert deaths == 4
    for worker in (screening, alerting):
        worker.kill()
    start_both(fleet, slowly=False)
    written = Counter(ends_of(fleet.bootstrap, (ALERTS,)))
    story.publish([version_of(number, 2) for number in late])
    assert_all_is_right(fleet, story)
    assert Counter(ends_of(fleet.bootstrap, (ALERTS,))) == written, "an old version was told"


def test_a_slow_consumer_is_only_late(fleet: Fleet) -> None:
    story = Story(fleet.bootstrap, by_document)
    fleet.start()
    slow = fleet.start("slowest_alerting")
    wait_until(lambda: "alerts read back" in slow.log, 30, lambda: slow.log[-3000:])
    story.tell(600)
    with closing(Reader(fleet.bootstrap)) as reader:
        wait_for_all(reader, story.published)
    assert sum(offsets(fleet).values()) < decisions(fleet) / 2, "it kept up"
    assert_all_is_right(fleet, story)
