"""A consumer of alerts, as a case-management system would have one: it keeps one row for each alert in SQLite.

    python case_table.py --bootstrap HOST:PORT --database cases.sqlite [--group NAME] [--once]
        [--options FILE.json]

Records may repeat and a process may die at any moment. A row is written only by a revision that is higher than its
own, and offsets are committed only after the row: what is read twice changes nothing. FILE.json holds
further options of kafka-python: protocol, user and password, certificates. Needs kafka-python.
"""

import argparse
import json
import sqlite3
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer
from kafka.errors import AuthorizationError, TopicAuthorizationFailedError

TOPIC = "compliance.alerts.v1"
IDLE_MS = 5000
SCHEMA = """
CREATE TABLE IF NOT EXISTS cases (
    alert_id TEXT PRIMARY KEY, revision INTEGER NOT NULL, episode INTEGER NOT NULL, state TEXT NOT NULL,
    document TEXT NOT NULL, version INTEGER NOT NULL, item_id TEXT, control_code TEXT, result TEXT NOT NULL,
    severity INTEGER NOT NULL, hold_advice TEXT NOT NULL, act_before TEXT, cleared_reason TEXT, alert TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS history (
    alert_id TEXT NOT NULL, revision INTEGER NOT NULL, episode INTEGER NOT NULL, kind TEXT NOT NULL,
    PRIMARY KEY (alert_id, revision)
);
"""
UPSERT = """
INSERT INTO cases VALUES (:alert_id, :revision, :episode, :state, :document, :version, :item_id, :control_code,
    :result, :severity, :hold_advice, :act_before, :cleared_reason, :alert)
ON CONFLICT (alert_id) DO UPDATE SET
    revision = excluded.revision, episode = excluded.episode, state = excluded.state, version = excluded.version,
    result = excluded.result, severity = excluded.severity, hold_advice = excluded.hold_advice,
    act_before = excluded.act_before, cleared_reason = excluded.cleared_reason, alert = excluded.alert
WHERE excluded.revision > cases.revision
"""


def opened(path: str) -> sqlite3.Connection:
    """The database with its tables; every change is on disk when its transaction ends."""
    database = sqlite3.connect(path)
    database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" + SCHEMA)
    return database


def row_of(alert: Mapping[str, Any]) -> dict[str, Any]:
    """What a clerk sorts and filters by, and the alert whole."""
    kind = alert["change"]["kind"]
    return {
        "alert_id": alert["alert_id"],
        "revision": alert["revision"],
        "episode": alert["episode"],
        "kind": kind,
        "state": "cleared" if kind == "cleared" else "open",
        "document": alert["document"]["key"],
        "version": alert["document"]["version"],
        "item_id": alert["item"]["item_id"] if alert["item"] else None,
        "control_code": alert["control_code"],
        "result": alert["result"],
        "severity": alert["severity"],
        "hold_advice": alert["hold_advice"],
        "act_before": alert["clocks"]["act_before"],
        "cleared_reason": alert["change"]["cleared_reason"],
        "alert": json.dumps(alert, ensure_ascii=False),
    }


def take(database: sqlite3.Connection, values: Iterable[bytes | None]) -> int:
    """Take alerts in one transaction; how many changed a row. A null value is no alert and is passed over."""
    changed = 0
    with database:
        for value in values:
            if value is None:
                continue
            row = row_of(json.loads(value))
            if database.execute(UPSERT, row).rowcount:
                changed += 1
                database.execute(
                    "INSERT OR IGNORE INTO history VALUES (:alert_id, :revision, :episode, :kind)", row
                )
    return changed


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--group", default="case-management")
    parser.add_argument("--once", action="store_true", help="leave when nothing came for five seconds")
    parser.add_argument("--options", type=Path, help="JSON file with further options of KafkaConsumer")
    options = parser.parse_args()
    try:
        follow(options)
    except AuthorizationError as refused:
        # A topic that this user may not use is one that it is not shown.
        needed = f"Read on topic {TOPIC} and on group {options.group}"
        print(f"case_table: Kafka refuses this user a right: {refused}; needed: {needed}", file=sys.stderr)  # noqa: T201
        sys.exit(2)


def follow(options: argparse.Namespace) -> None:
    """Until nothing more comes, where that was asked for."""
    database = opened(options.database)
    consumer = KafkaConsumer(
        TOPIC,
        bootstrap_servers=options.bootstrap,
        group_id=options.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        # How long the partitions of a killed consumer wait for the next one.
        session_timeout_ms=6000,
        heartbeat_interval_ms=1500,
        **(json.loads(options.options.read_text()) if options.options else {}),
    )
    if not consumer.partitions_for_topic(TOPIC):
        raise TopicAuthorizationFailedError(TOPIC)
    while True:
        fetched = consumer.poll(timeout_ms=IDLE_MS, max_records=100)
        if fetched:
            take(database, (record.value for records in fetched.values() for record in records))
            consumer.commit()
        elif options.once and consumer.assignment():
            break
    consumer.close()


if __name__ == "__main__":
    main()
