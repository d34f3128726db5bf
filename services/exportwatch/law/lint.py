"""What `law check` finds beyond the form of the files: entries that do not compile, tables, wrong CAS numbers.

The check of a CAS number is given by the caller: what a substance is, is not the law's knowledge.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from exportwatch.errors import ConfigError
from exportwatch.law.compiling import CompileEntry, compiled
from exportwatch.law.files import PackFiles
from exportwatch.law.load import PackReading
from exportwatch.law.located import LocatedList, LocatedMapping, Place, at, read_yaml
from exportwatch.law.routes import FILE, read_routes

ValidCas = Callable[[str], bool]

_CAS = re.compile(r"\d{2,7}-\d{2}-\d")


def lint(reading: PackReading, compile_entry: CompileEntry, valid_cas: ValidCas) -> list[ConfigError]:
    """Everything wrong with a pack, in the order of its files."""
    problems = list(reading.problems)
    codes: dict[tuple[str, str, str], str] = {}
    for instrument in reading.instruments:
        for raw in instrument.entries:
            place = Place(raw.file, raw.line, f"entry {raw.mapping.get('code', '?')}")
            try:
                entry = compiled(raw, instrument, compile_entry)
            except ConfigError as error:
                problems.append(error)
                continue
            key = (instrument.id, entry.limb, entry.control_code)
            if key in codes:
                problems.append(at(place, f"this code stands twice in its limb (first at {codes[key]})"))
            codes.setdefault(key, f"line {raw.line}")
    for name in reading.files.tables:
        problems += _table_problems(reading.files, name, valid_cas)
    return problems


def _table_problems(files: PackFiles, name: str, valid_cas: ValidCas) -> list[ConfigError]:
    file = files.shown(name)
    try:
        table = read_yaml(files.text(name), file)
    except ConfigError as error:
        return [error]
    problems = read_routes(table, file)[1] if file.endswith(FILE) else []
    for number, line, named in _numbers(table, 1, False):
        if not _CAS.fullmatch(number):
            if named:
                problems.append(at(Place(file, line), f'"{number}" does not have the form of a CAS number'))
        elif not valid_cas(number):
            problems.append(at(Place(file, line), f"CAS number {number}: the check digit is wrong"))
    return problems


def _numbers(value: Any, line: int, named: bool) -> Iterator[tuple[str, int, bool]]:
    """Each text of a table with its line, and whether it stands under a key `cas`."""
    match value:
        case LocatedMapping():
            for key, item in value.items():
                yield key, value.lines[key], False
                yield from _numbers(item, value.lines[key], named or key == "cas")
        case LocatedList():
            for item, at_line in zip(value, value.lines, strict=True):
                yield from _numbers(item, at_line, named)
        case str():
            yield value, line, named
        case _:
            if named and value is not None:
                yield str(value), line, True
