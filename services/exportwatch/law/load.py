"""Load a law pack: a folder with ``pack.yaml``, a file for each instrument in ``cn/``, shared ``tables/``.

The same checks serve the start of a worker (``load_pack`` refuses a pack with any problem) and
``exportwatch law check`` (``read_pack`` lists them all). What an entry means is none of the loader's
business: it hands each to the compile function that it was given.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from exportwatch.errors import ConfigError
from exportwatch.law.compiling import CompileEntry, compiled
from exportwatch.law.instruments import PackSources, read_instrument, read_sources
from exportwatch.law.located import Place, at, not_known, read_yaml
from exportwatch.law.model import ControlEntry, Instrument
from exportwatch.law.register import LawRegister

PACKAGED = Path(__file__).parent / "packs"
TABLES = "tables"
DESCRIPTION = "pack.yaml"


@dataclass(frozen=True)
class RulePack:
    """A law pack as loaded. ``sha256`` covers the name and bytes of every file, tables included."""

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

    root: Path
    instruments: tuple[Instrument, ...]
    sources: PackSources
    sha256: str
    files: tuple[str, ...]
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
        files=reading.files,
        sources=reading.sources.cites,
        entries=entries,
        compile_entry=compile_entry,
        tables=_tables(reading.root),
    )


def _tables(root: Path) -> Mapping[str, Any]:
    """The shared tables of a pack by name; a pack without its own has those that come with exportwatch."""
    folder = root / TABLES if (root / TABLES).is_dir() else PACKAGED / TABLES
    return {
        path.stem: read_yaml(path.read_text(encoding="utf-8"), f"{TABLES}/{path.name}")
        for path in sorted(folder.glob("*.yaml"))
    }


def read_pack(path: Path | None = None) -> PackReading:
    """Read a pack folder; problems of its content are values. ``ConfigError`` if it is no pack at all."""
    root = PACKAGED if path is None else path
    if not (root / DESCRIPTION).is_file():
        raise at(Place(str(root), 0), f"no law pack: expected a folder with {DESCRIPTION} and cn/*.yaml")
    found = [root / DESCRIPTION, *root.glob("[!.]*/[!.]*.yaml")]
    files = sorted(p.relative_to(root).as_posix() for p in found)
    problems: list[ConfigError] = []
    sources = read_sources(
        read_yaml(_text(root, DESCRIPTION), shown(root, DESCRIPTION)), shown(root, DESCRIPTION)
    )
    instruments: dict[str, Instrument] = {}
    for name in files:
        if name == DESCRIPTION or name.split("/")[0] == TABLES:
            continue
        file = shown(root, name)
        try:
            instrument, wrong = read_instrument(read_yaml(_text(root, name), file), file, sources)
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
    problems += _unknown_announcements(ordered, {i: shown(root, f"cn/{i}.yaml") for i in instruments})
    return PackReading(root, ordered, sources, _digest(root, files), tuple(files), tuple(problems))


def shown(root: Path, name: str) -> str:
    """How a file of a pack is named in messages: the packaged one without the place of installation."""
    return f"law/packs/{name}" if root == PACKAGED else str(root / name)


def _unknown_announcements(instruments: Sequence[Instrument], files: Mapping[str, str]) -> list[ConfigError]:
    known = [instrument.id for instrument in instruments]
    return [
        not_known(Place(files[instrument.id], 0, instrument.id), "by: instrument", by, known)
        for instrument in instruments
        for by in sorted(set(instrument.announcements()) - set(known))
    ]


def _text(root: Path, name: str) -> str:
    try:
        return (root / name).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise at(Place(shown(root, name), 0), f"not UTF-8: {error.reason} at byte {error.start}") from None


def _digest(root: Path, files: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for name in files:
        content = (root / name).read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
