"""The project's own cases: the files of a folder beside this one, read and expanded by ``exportwatch.evaluation``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from exportwatch.evaluation.format import ALLOWED, DEFAULTS, Case, case_files, cases_of, listed
from exportwatch.evaluation.wire import wire_controls, wire_event

__all__ = ["ALLOWED", "DEFAULTS", "Case", "cases_in", "listed", "wire_controls", "wire_event"]

HERE = Path(__file__).parent


def cases_in(folder: str) -> Iterator[tuple[str, Case]]:
    for path in case_files(HERE / folder):
        yield from ((path.stem, case) for case in cases_of(path))
