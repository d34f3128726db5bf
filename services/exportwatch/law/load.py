"""Load a law pack: a folder with ``pack.yaml``, a file for each instrument in ``cn/``, shared ``tables/``.

Which files these are, and when packaged ones stand behind those of the folder, is said in ``law.files``.
The same checks serve the start of a worker (``load_pack`` refuses a pack with any problem) and
``exportwatch law check`` (``read_pack`` lists them all). What an entry means is none of the loader's
business: it hands each to the compile function that it was given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from exportwatch.errors import ConfigError
from exportwatch.law.compiling import CompileEntry, compiled
from exportwatch.law.files import DESCRIPTION, PACKAGED, Extends, PackFiles, extended, incomplete, own_files
from exportwatch.law.instruments import PackSources, read_instrument, read_sources
from exportwatch.law.located import Place, at, not_known, read_yaml
from exportwatch.law.model import ControlEntry, Instrument
from exportwatch.law.register import LawRegister

__all__ = ["PACKAGED", "PackReading", "RulePack", "load_pack", "read_pack"]


@dataclass(frozen=True)
class RulePack:
    """A law pack as loaded. ``sha256`` covers the path and bytes of every file, tables and packaged files included."""

    instruments: tuple[Instrument, ...]
    sha256: str
    version: str
    files: tuple[str, ...]
    sources: Mapping[str, str]
    entries: tuple[ControlEntry, ...] = ()
    compile_entry: CompileEntry | None = field(default=None, repr=False)
    tables: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def register(self) -> LawRegister:
        """The register of the pack, without amendments."""
        return LawRegister(self.instruments, self.entries, self.compile_entry)


@dataclass(frozen=True, slots=True)
class PackReading:
    """Everything that a pack folder says, and everything that is wrong with it."""

    files: PackFiles
    instruments: tuple[Instrument, ...]
    sources: PackSources
    sha256: str
    problems: tuple[ConfigError, ...]


def load_pack(path: Path | None = None, compile_entry: CompileEntry | None = None) -> RulePack:
    """The pack in a folder, or the one that comes with exportwatch. ``ConfigError`` names every problem."""
    reading = read_pack(path)
    if reading.problems:
        first, *others = reading.problems
        raise ConfigError("\n".join(str(problem) for problem in reading.problems)) if others else first
    entries = tuple(
        compiled(raw, instrument, compile_entry)
        for instrument in reading.instruments
        for raw in instrument.entries
        if compile_entry is not None
    )
    return RulePack(
        instruments=reading.instruments,
        sha256=reading.sha256,
        version=reading.sources.version,
        files=reading.files.names,
        sources=reading.sources.cites,
        entries=entries,
        compile_entry=compile_entry,
        tables=_tables(reading.files),
    )


def _tables(files: PackFiles) -> Mapping[str, Any]:
    """The shared tables of a pack by name."""
    return {Path(name).stem: read_yaml(files.text(name), files.shown(name)) for name in files.tables}


def read_pack(path: Path | None = None) -> PackReading:
    """Read a pack folder; problems of its content are values. ``ConfigError`` if it is no pack at all."""
    own = own_files(PACKAGED if path is None else path)
    sources = _sources(own)
    files = extended(own, sources.extends)
    problems = list(incomplete(files))
    instruments: dict[str, Instrument] = {}
    for name in files.instruments:
        file = files.shown(name)
        try:
            instrument, wrong = read_instrument(read_yaml(files.text(name), file), file, sources)
        except ConfigError as error:
            problems.append(error)
            continue
        problems += wrong
        if instrument is None:
            continue
        if instrument.id in instruments:
            problems.append(at(Place(file, 1, instrument.id), "a second file with this instrument id"))
        elif Path(name).stem != instrument.id:
            problems.append(
                at(Place(file, 1, instrument.id), f"expected in a file named {instrument.id}.yaml")
            )
        instruments[instrument.id] = instrument
    ordered = tuple(instruments[key] for key in sorted(instruments))
    if ordered and not any(instrument.entries for instrument in ordered):
        problems.append(_no_entries(own))
    problems += _unknown_announcements(ordered, {i: files.shown(f"cn/{i}.yaml") for i in instruments})
    return PackReading(files, ordered, sources, files.digest(), tuple(problems))


def _sources(own: PackFiles) -> PackSources:
    """What ``pack.yaml`` says; a pack that extends the packaged one cites its sources, too, and names it."""
    sources = read_sources(read_yaml(own.text(DESCRIPTION), own.shown(DESCRIPTION)), own.shown(DESCRIPTION))
    if sources.extends is not Extends.PACKAGED:
        return sources
    packaged = _sources(own_files(PACKAGED))
    version = f"{sources.version} on {packaged.version}"
    return PackSources(version, {**packaged.cites, **sources.cites}, sources.extends)


def _no_entries(own: PackFiles) -> ConfigError:
    return ConfigError(
        "a law pack without entries screens nothing",
        file=str(own.root),
        key="entries",
        found="none in any instrument",
        expected="entries: with at least one control entry",
        hint=f'write "extends: packaged" in {DESCRIPTION} to keep the entries of the packaged law',
    )


def _unknown_announcements(instruments: Sequence[Instrument], files: Mapping[str, str]) -> list[ConfigError]:
    known = [instrument.id for instrument in instruments]
    return [
        not_known(Place(files[instrument.id], 0, instrument.id), "by: instrument", by, known)
        for instrument in instruments
        for by in sorted(set(instrument.announcements()) - set(known))
    ]
