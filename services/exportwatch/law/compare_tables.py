"""The shared tables of two packs: which rows were added, removed or changed, and in what.

A row is what stands under one key of a table, or one item of a list.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from exportwatch.law.compare_values import ADDED, CHANGED, REMOVED, from_to, said

Row = tuple[str, str, tuple[str, ...]]


def compare_tables(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Row]:
    """Sign, ``table: row`` and what changed, by table and row."""
    for name in sorted({*old, *new}):
        if name not in old:
            yield ADDED, name, (f"{len(_rows(new[name]))} rows",)
        elif name not in new:
            yield REMOVED, name, (f"{len(_rows(old[name]))} rows",)
        else:
            yield from _table(name, _rows(old[name]), _rows(new[name]))


def _rows(table: Any) -> dict[str, Any]:
    if isinstance(table, Mapping):
        return {str(key): value for key, value in table.items()}
    if isinstance(table, list):
        return {_row_name(item, index): item for index, item in enumerate(table)}
    return {} if table is None else {"value": table}


def _row_name(item: Any, index: int) -> str:
    return f"row {index + 1}" if isinstance(item, Mapping | list) else str(item)


def _table(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Row]:
    for row in sorted({*old, *new}):
        where = f"{name}: {row}"
        if row not in old:
            yield ADDED, where, (said(new[row]),)
        elif row not in new:
            yield REMOVED, where, (said(old[row]),)
        elif old[row] != new[row]:
            yield CHANGED, where, tuple(_cells(old[row], new[row], ""))


def _cells(old: Any, new: Any, path: str) -> Iterator[str]:
    """What differs between two values that do differ; of lists of words the words that came and went."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            if old.get(key) != new.get(key):
                yield from _cells(old.get(key), new.get(key), f"{path} {key}".lstrip())
        return
    if not (isinstance(old, list) and isinstance(new, list)):
        yield from_to(path or "value", old, new)
        return
    come, gone = [v for v in new if v not in old], [v for v in old if v not in new]
    named = f"{path}: " if path else ""
    if come:
        yield f"{named}{ADDED} {said(come)}"
    if gone:
        yield f"{named}{REMOVED} {said(gone)}"
    if not come and not gone:
        yield f"{named}the same in another order or number"
