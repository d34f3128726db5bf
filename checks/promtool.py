"""Holds what a worker exposes against `promtool check metrics`. Installs promtool where it is missing.

It fails rather than skips. Debian's package `prometheus` has promtool; to install it takes root or sudo.
"""

import subprocess
import sys
from datetime import UTC, date, datetime

import debian

from exportwatch.streaming import canary_metrics, law_metrics, metrics
from exportwatch_events.catalogue import LAW, SHIPMENTS, ChangeKind, ErrorCode, Result

PACKAGE = "prometheus"


def main() -> int:
    promtool = debian.provide("promtool", PACKAGE)
    if promtool is None:
        sys.stderr.write(f"promtool is missing and could not be installed (Debian package `{PACKAGE}`)\n")
        return 1
    return check(promtool, everything())


def everything() -> bytes:
    """The exposition after each function of the catalogue was called, so that every series is in it."""
    for service in metrics.Service:
        metrics.worker_started(service)
        metrics.batches_in_progress(service, 2)
        metrics.processed(service, 0.02)
        metrics.publish_retried(service)
        metrics.event_ages(service, [0.02, 0.3])
    metrics.consumed(metrics.Service.SCREENING, SHIPMENTS, 500)
    metrics.decided(Result.REVIEW, 3)
    metrics.quarantined(ErrorCode.NOT_JSON)
    metrics.alerted(ChangeKind.OPENED, 5)
    metrics.lag(metrics.Service.SCREENING, SHIPMENTS, 12)
    metrics.partitions_paused(SHIPMENTS, 1)
    metrics.gap_accepted(SHIPMENTS, 40)
    metrics.control_read(LAW, at=0.0)
    metrics.control_problems(LAW, 1)
    metrics.law_pack("2026-10", "0" * 64)
    metrics.unanswered(metrics.Service.SCREENING, 0)
    metrics.rebalanced(metrics.Service.SCREENING, 3)
    metrics.alerts_held(2, 1)
    law_metrics.decided(["CN-2025-18"], Result.REVIEW, [("CN-2025-18", "1C905.b")])
    law_metrics.law_stands({"CN-2025-18": 1}, {"CN-2025-18": datetime.now(UTC)}, date(2026, 11, 1))
    law_metrics.licenses_stand([("good", 1)])
    canary_metrics.started(["screening", "alerting"])
    canary_metrics.published()
    canary_metrics.wrong()
    canary_metrics.came_through("screening", 0.1)
    canary_metrics.missing([("screening", 0)])
    return metrics.exposition()


def check(promtool: str, exposition: bytes) -> int:
    """promtool's status for a text in Prometheus' format; what it says goes to this process's output."""
    return subprocess.run([promtool, "check", "metrics"], input=exposition, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
