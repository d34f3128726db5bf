"""Decisions whose `reassess_on` has come, the newest version of each document only. Pure.

One for each partition of the decisions: all versions of a document lie in the same.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date

import orjson

from exportwatch.reconcile.report import Due
from exportwatch_events.catalogue import HEADER_DOCUMENT, HEADER_VERSION

# Asked first, because few decisions are due and parsing each would cost ten times the reading.
REASSESS = re.compile(rb'"reassess_on": ?"(\d{4}-\d\d-\d\d)"')


class DueSearch:
    """`take` every decision in the order of the log, then `check` every one again, then `result`."""

    def __init__(self, on: date) -> None:
        self._on = on
        self._last_day = on.isoformat().encode()
        self._found: dict[bytes, tuple[int, date]] = {}

    @property
    def found(self) -> bool:
        return bool(self._found)

    def take(self, headers: Mapping[str, bytes], value: bytes | None) -> None:
        document, version = named(headers)
        if document is None:
            return
        known = self._found.get(document)
        if known is not None and known[0] > version:
            return
        since = self._due_since(value)
        if since is not None:
            self._found[document] = (version, since)
        elif known is not None:
            # A newer version, or the same decided again: the one found no longer stands.
            del self._found[document]

    def check(self, headers: Mapping[str, bytes]) -> None:
        document, version = named(headers)
        if document is not None and document in self._found and self._found[document][0] < version:
            del self._found[document]

    def result(self) -> Iterator[Due]:
        for document, (version, since) in self._found.items():
            yield Due(document.decode(), version, since)

    def _due_since(self, value: bytes | None) -> date | None:
        if value is None or not any(day <= self._last_day for day in REASSESS.findall(value)):
            return None
        # The text may stand in a field of the document: only the decision's own counts.
        day = orjson.loads(value).get("reassess_on")
        since = date.fromisoformat(day) if day else None
        return since if since is not None and since <= self._on else None


def named(headers: Mapping[str, bytes]) -> tuple[bytes | None, int]:
    """Document key and version of a decision; None where it is no decision of ours."""
    document, version = headers.get(HEADER_DOCUMENT), headers.get(HEADER_VERSION, b"")
    return (document, int(version)) if document is not None and version.isdigit() else (None, 0)
