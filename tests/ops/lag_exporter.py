"""Stands in for kafka_exporter: `python lag_exporter.py PORT BOOTSTRAP GROUP_PREFIX` serves the groups' lag.

The metric's name and labels are kafka_exporter's; the numbers are the broker's. A process of its own, because clients
that find no broker leave sockets behind.
"""

import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "broker"))

from harness import INPUTS, committed, ends_of
from kafka.errors import KafkaError

from exportwatch_events.catalogue import DECISIONS

PORT, BOOTSTRAP, PREFIX = int(sys.argv[1]), sys.argv[2], sys.argv[3]


def lags() -> Iterator[str]:
    for service, topics in {"screening": INPUTS, "alerting": (DECISIONS,)}.items():
        group = f"{PREFIX}-{service}"
        done = committed(BOOTSTRAP, group)
        for (topic, partition), end in ends_of(BOOTSTRAP, topics).items():
            labels = f'consumergroup="{group}",topic="{topic}",partition="{partition}"'
            yield f"kafka_consumergroup_lag{{{labels}}} {end - done.get((topic, partition), 0)}\n"


class Exporter(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        try:
            body = "".join(lags()).encode()
        except (KafkaError, OSError, KeyError):  # the broker is away, or no group yet: a scrape that fails
            self.send_error(503)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)


HTTPServer(("127.0.0.1", PORT), Exporter).serve_forever()
