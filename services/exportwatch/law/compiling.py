"""The seam between the loader and whoever gives entries a meaning: errors get their file and line here."""

from collections.abc import Callable, Sequence

from exportwatch.errors import ConfigError
from exportwatch.law.located import Place, find_line, not_known
from exportwatch.law.model import ControlEntry, Instrument, RawEntry
from exportwatch.law.predicates import ConditionError

CompileEntry = Callable[[RawEntry], ControlEntry]


def compiled(raw: RawEntry, instrument: Instrument, compile_entry: CompileEntry) -> ControlEntry:
    """Compile an entry of an instrument. ``ConfigError`` with the place of what is wrong with it."""
    if instrument.limb(raw.limb) is None:
        raise entry_error(raw, "limb", raw.limb, [limb.id for limb in instrument.limbs])
    try:
        return compile_entry(raw)
    except ConditionError as error:
        raise entry_error(raw, error.key, error.found, error.known) from None


def entry_error(raw: RawEntry, what: str, found: object, known: Sequence[str]) -> ConfigError:
    """An error about something in an entry, at the line where it stands."""
    subject = f"entry {raw.mapping.get('code', '?')}"
    if isinstance(found, str):
        line = find_line(raw.mapping, found, find_line(raw.mapping, what, raw.line))
        return not_known(Place(raw.file, line, subject), what, found, known)
    place = Place(raw.file, find_line(raw.mapping, what, raw.line), subject)
    value = "nothing" if found is None else repr(found)
    return place.error(f"{what}: found {value}", expected=", ".join(known))
