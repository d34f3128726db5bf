"""The files of a law pack: those of its folder and, only where its ``pack.yaml`` says so, packaged ones behind them.

``extends: packaged``: every packaged file that the folder does not have under the same path. ``extends: tables``: the
packaged tables only, the law is the folder's alone. Without the key a pack stands alone and must be whole: what is
missing is never made up for silently, or a decision would rest on a law that nobody chose.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from exportwatch.errors import ConfigError
from exportwatch.law.located import Place, at, not_known

PACKAGED = Path(__file__).parent / "packs"
TABLES = "tables"
DESCRIPTION = "pack.yaml"
_HINT = (
    f'write "extends: {TABLES}" in {DESCRIPTION} for the tables that come with exportwatch, or "extends: packaged" '
    "to change single files of the packaged law"
)


class Extends(StrEnum):
    """What a pack takes from the packaged one where it has no file of its own."""

    PACKAGED = "packaged"
    TABLES = "tables"


@dataclass(frozen=True, slots=True)
class PackFiles:
    """Where each file of a pack stands, by its path inside the pack, in the order of paths."""

    root: Path
    places: Mapping[str, Path]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.places)

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(name for name in self.places if _is_table(name))

    @property
    def instruments(self) -> tuple[str, ...]:
        return tuple(name for name in self.places if name != DESCRIPTION and not _is_table(name))

    def shown(self, name: str) -> str:
        """How a file is named in messages: a packaged one without the place of installation."""
        place = self.places.get(name, self.root / name)
        return f"law/packs/{name}" if place.is_relative_to(PACKAGED) else str(place)

    def text(self, name: str) -> str:
        try:
            return self.places[name].read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise at(Place(self.shown(name), 0), f"not UTF-8: {error.reason} at byte {error.start}") from None

    def digest(self) -> str:
        """sha256 over the path and bytes of every file, the packaged ones behind the folder included."""
        digest = hashlib.sha256()
        for name, place in self.places.items():
            content = place.read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()


def own_files(root: Path) -> PackFiles:
    """The files of the folder itself. ``ConfigError`` if it is no pack at all."""
    if not (root / DESCRIPTION).is_file():
        raise at(Place(str(root), 0), f"no law pack: expected a folder with {DESCRIPTION} and cn/*.yaml")
    found = (root / DESCRIPTION, *root.glob("[!.]*/[!.]*.yaml"))
    return PackFiles(
        root, {name: root / name for name in sorted(p.relative_to(root).as_posix() for p in found)}
    )


def extended(own: PackFiles, extends: Extends | None) -> PackFiles:
    """With the packaged files that stand behind those of the folder."""
    behind = {
        name: place
        for name, place in own_files(PACKAGED).places.items()
        if extends is Extends.PACKAGED or (extends is Extends.TABLES and _is_table(name))
    }
    places = {**behind, **own.places}
    return PackFiles(own.root, {name: places[name] for name in sorted(places)})


def incomplete(files: PackFiles) -> Iterator[ConfigError]:
    """What a pack lacks to be screened under, and tables that nothing would read."""
    known = own_files(PACKAGED).tables
    for name in files.tables:
        if name not in known:
            yield not_known(
                Place(files.shown(name), 0), "table", Path(name).stem, [Path(n).stem for n in known]
            )
    lacking = [name for name in known if name not in files.places]
    if lacking:
        yield ConfigError(
            "the pack is not whole: tables are missing, and it does not say that it extends another pack",
            file=str(files.root),
            key=TABLES,
            found=", ".join(name for name in known if name in files.places) or "none",
            expected=", ".join(lacking),
            hint=_HINT,
        )
    if not files.instruments:
        yield ConfigError(
            "the pack is not whole: it has no instrument and would clear everything",
            file=str(files.root),
            key="cn",
            found="none",
            expected="cn/*.yaml, a file for each instrument",
            hint='write "extends: packaged" in pack.yaml to keep the packaged law',
        )


def _is_table(name: str) -> bool:
    return name.split("/")[0] == TABLES
