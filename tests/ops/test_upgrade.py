"""From one release to the next and back, under load: nothing is lost, and what the old one wrote is read."""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import released_log
from alerting_log import DecisionLog, wait_until_done
from click.testing import CliRunner
from harness import (
    Erp,
    Fleet,
    Reader,
    Record,
    Worker,
    ends_of,
    readiness,
    renew_topics,
    wait_for_all,
    wait_until,
)

from decision_builders import decision
from exportwatch.broker.local import LocalBroker
from exportwatch.cli import group
from exportwatch.feed import Feed
from exportwatch_events.catalogue import ALERTS, CONTRACTS, DECISIONS, QUARANTINE, SHIPMENTS

pytestmark = pytest.mark.broker
OLD_RELEASE = Path(__file__).with_name("old_release.py")
OLD = "0.0.9"
STEP_SECONDS = 3


@pytest.fixture
def fleet(own_broker: LocalBroker, tmp_path: Path) -> Iterator[Fleet]:
    renew_topics(own_broker.bootstrap)
    # Commits come with a rebalance or an orderly end only, so that a kill hits what was published and not committed.
    settings = {"commit_interval_seconds": "60"}
    fleet = Fleet(own_broker.bootstrap, tmp_path, settings=settings, standins=OLD_RELEASE)
    yield fleet
    fleet.end()


def newest_alerts(records: list[Record]) -> dict[bytes, Record]:
    """By alert id, as a consumer keeps them."""
    found: dict[bytes, Record] = {}
    for record in records:
        if int(record.headers["ew_revision"]) >= int(
            found.get(record.key or b"", record).headers["ew_revision"]
        ):
            found[record.key or b""] = record
    return found


@pytest.fixture(params=released_log.versions())
def released(fleet: Fleet, request: pytest.FixtureRequest) -> int:
    """The topics as that release left them; how many alert records there are."""
    records = list(released_log.kept(request.param))
    released_log.write(fleet.bootstrap, records)
    return sum(one.topic == ALERTS for one in records)


def test_alerting_reads_what_the_release_before_wrote_and_repeats_none_of_it(
    fleet: Fleet, released: int
) -> None:
    with DecisionLog(fleet.bootstrap) as log:
        log.ends = {at: end for at, end in ends_of(fleet.bootstrap, [DECISIONS]).items() if end}
        worker = fleet.start(service="alerting", commit_interval_seconds="1")
        wait_until_done(fleet, log)
        assert "foreign records" not in worker.log
        assert '"written_again": 0' in worker.log, worker.log[-2000:]
        alerts = log.read(ALERTS)
        assert len(alerts) == released > 40, "the same decisions lead to the same alerts"
        assert log.problems() == []


def test_alerts_that_the_release_before_opened_are_cleared_by_this_one(fleet: Fleet, released: int) -> None:
    with DecisionLog(fleet.bootstrap) as log:
        before = newest_alerts(log.read(ALERTS))
        opened = {key for key, one in before.items() if one.headers["ew_state"] == b"open"}
        assert opened
        fleet.start(service="alerting", commit_interval_seconds="1")
        documents = {before[key].headers["ew_document"].decode() for key in opened}
        log.write(decision(version=99, key=key, at="2027-01-01T08:00:00+08:00") for key in sorted(documents))
        wait_until_done(fleet, log)
        after = newest_alerts(log.read(ALERTS))
        assert [key for key in opened if after[key].headers["ew_state"] != b"cleared"] == []
        for key in opened:
            revisions = [int(one[key].headers["ew_revision"]) for one in (before, after)]
            assert revisions[1] == revisions[0] + 1
        assert log.problems() == []


def test_an_account_of_what_the_release_before_decided_is_clean(
    fleet: Fleet, released: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert released
    monkeypatch.setenv("EXPORTWATCH_BOOTSTRAP_SERVERS", fleet.bootstrap)
    monkeypatch.setenv("EXPORTWATCH_GROUP_PREFIX", fleet.group_prefix)
    worker = fleet.start(service="screening", commit_interval_seconds="1")
    with closing(Reader(fleet.bootstrap, (DECISIONS, QUARANTINE))) as reader:
        recorded = {one.source for one in reader.read_to_end() if "ew_source" in one.headers}
        with Erp(fleet.bootstrap) as erp:
            new = erp.publish([Feed(1).document(0).value], partition=0)
        wait_for_all(reader, new)
    inputs = sum(ends_of(fleet.bootstrap, (SHIPMENTS, CONTRACTS)).values())
    assert len(recorded) == inputs - 1
    done = CliRunner().invoke(group, ["reconcile", "--json", "--grace", "0"], standalone_mode=False)
    assert done.return_value == 0, (done.output, done.exception, worker.log[-2000:])
    listed = CliRunner().invoke(group, ["quarantine", "status"], standalone_mode=False)
    assert "records in quarantine lately" in listed.output, listed.exception


class Load(threading.Thread):
    """Shipments without end, forty at a time."""

    def __init__(self, bootstrap: str) -> None:
        super().__init__(daemon=True)
        self._erp, self._halt = Erp(bootstrap), threading.Event()
        self.failed: BaseException | None = None

    def run(self) -> None:
        documents = Feed(7, controlled=0.3)
        number = 0
        try:
            while not self._halt.wait(0.1):
                self._erp.publish(one.value for one in documents.documents(40, number))
                number += 40
        except BaseException as error:
            self.failed = error
            raise

    def stop(self) -> list[tuple[str, int, int]]:
        self._halt.set()
        self.join(60)
        self._erp.close()
        assert self.failed is None
        return self._erp.published


def start(fleet: Fleet, release: str | None) -> Worker:
    """A screening worker that has its partitions."""
    worker, number = fleet.start(release), len(fleet.workers) - 1
    wait_until(lambda: readiness(fleet, number)[0] == 200, 60, lambda: worker.log[-3000:])
    return worker


def roll(fleet: Fleet, away: list[Worker], old: bool) -> list[Worker]:
    """Replace one worker after the other: the first is killed, the others are told to stop."""
    come = []
    for number, worker in enumerate(away):
        come.append(start(fleet, OLD if old else None))
        time.sleep(STEP_SECONDS)
        if number:
            assert worker.stop() == 0, worker.log[-3000:]
        else:
            worker.kill()
    return come


def content(record: Record) -> tuple[str, Any]:
    """The release that decided, and all else that the decision says."""
    value = json.loads(record.value or b"")
    return value["reference"].pop("engine"), value


def test_a_rolling_upgrade_and_the_way_back_lose_nothing_and_repeat_only_identical_bytes(
    fleet: Fleet,
) -> None:
    load = Load(fleet.bootstrap)
    alerting = fleet.start(service="alerting", commit_interval_seconds="1")
    old = [start(fleet, OLD), start(fleet, OLD)]
    load.start()
    with closing(Reader(fleet.bootstrap)) as reader:
        wait_until(lambda: len(reader.read()) > 500, 60, lambda: old[0].log[-3000:])
        new = roll(fleet, old, old=False)
        alerting_again = fleet.start(service="alerting", commit_interval_seconds="1")
        time.sleep(STEP_SECONDS)
        assert alerting.stop() == 0, alerting.log[-3000:]
        back = roll(fleet, new, old=True)
        published = load.stop()
        found = wait_for_all(reader, published, 120)
        assert not found.quarantined
        decided = [record for record in reader.records if record.topic == DECISIONS]
    written: dict[Any, dict[str, set[bytes]]] = defaultdict(lambda: defaultdict(set))
    said: dict[Any, list[Any]] = defaultdict(list)
    for record in decided:
        engine, rest = content(record)
        written[record.source][engine].add(record.value or b"")
        said[record.source].append(rest)
    assert len({engine for one in written.values() for engine in one}) == 2
    assert found.duplicates > 0, "nothing was interrupted"
    assert [at for at, one in written.items() if any(len(values) > 1 for values in one.values())] == []
    assert [at for at, all_said in said.items() if any(rest != all_said[0] for rest in all_said)] == []
    with DecisionLog(fleet.bootstrap) as log:
        log.ends = {at: end for at, end in ends_of(fleet.bootstrap, [DECISIONS]).items() if end}
        wait_until_done(fleet, log, 120)
        assert log.problems() == []
    for worker in (*back, alerting_again):
        assert worker.process.poll() is None, worker.log[-3000:]
