"""Workers of both stages with the real core, made slow or made to die: `python whole_standins.py NAME`."""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from aiokafka.errors import NotEnoughReplicasError

from exportwatch.alerting.app import AlertingStage
from exportwatch.alerting.partition import Taken
from exportwatch.screening.app import ScreeningStage
from exportwatch.screening.app import new_stage as screening_stage
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, Rejected, screen
from exportwatch.settings import Settings, load_settings
from exportwatch.streaming import logs, metrics
from exportwatch.streaming.app import NewStage, run_worker
from exportwatch.streaming.batches import Batch
from exportwatch.streaming.control import ControlReader
from exportwatch.streaming.health import Health
from exportwatch.streaming.lane import Outcome, Standstill, Transport
from exportwatch.streaming.partitions import TP
from exportwatch.streaming.producer import LaneProducer
from exportwatch.streaming.wire import OutputRecord

SECONDS_A_DOCUMENT = 0.003
# Far longer, so that alerting has always something to do, also where screening has to wait for a core.
SECONDS_A_DECISION = 0.01
SECONDS_A_DECISION_AT_MOST = 0.025


def screen_slowly(*arguments: Any) -> Decided | Rejected:
    time.sleep(SECONDS_A_DOCUMENT)
    return screen(*arguments)


class SlowAlerting(AlertingStage):
    """Takes its time over each decision."""

    seconds = SECONDS_A_DECISION

    def work(self, batch: Batch) -> Outcome | Standstill:
        time.sleep(self.seconds * len(batch.records))
        return super().work(batch)


class SlowestAlerting(SlowAlerting):
    """Cannot keep up with any screening."""

    seconds = SECONDS_A_DECISION_AT_MOST


class DyingAlerting(AlertingStage):
    """Dies when the alerts of a batch are acknowledged and before anything of the batch is committed."""

    def _published(self, batch: Batch, taken: Sequence[Taken]) -> None:
        super()._published(batch, taken)
        if any(one.news for one in taken):
            os.kill(os.getpid(), signal.SIGKILL)


def slow_screening(settings: Settings, health: Health, counts: Mapping[str, int]) -> ScreeningStage:
    content = partial(ControlContent, load_rules())
    return ScreeningStage(settings, health, counts, screen_slowly, ControlReader(settings.kafka, content))


def run(service: metrics.Service, new_stage: NewStage) -> int:
    settings = load_settings()
    logs.configure(settings.log_level, service)
    return run_worker(settings, service, new_stage)


class RefusedProducer(LaneProducer):
    """Every send fails while there is a file `refuse` in the worker's folder."""

    async def write(self, tp: TP, records: Sequence[OutputRecord]) -> int:
        if (load_settings().datadir / "refuse").exists():
            raise NotEnoughReplicasError
        return await super().write(tp, records)


def refused_screening() -> int:
    Transport.Producer = RefusedProducer
    return run(metrics.Service.SCREENING, screening_stage)


STANDINS: Mapping[str, Callable[[], int]] = {
    "refused_screening": refused_screening,
    "slow_screening": partial(run, metrics.Service.SCREENING, slow_screening),
    "slow_alerting": partial(run, metrics.Service.ALERTING, SlowAlerting),
    "slowest_alerting": partial(run, metrics.Service.ALERTING, SlowestAlerting),
    "dying_alerting": partial(run, metrics.Service.ALERTING, DyingAlerting),
}

if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))
    sys.exit(STANDINS[sys.argv[1]]())
