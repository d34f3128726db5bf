"""Two law packs compared in words: what a person must know before one takes the place of the other.

Pure, and in a fixed order: the pack itself, its sources, instruments by id, tables by name. Files that differ in
comments or layout only are equal.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from exportwatch.law.compare_entries import compare_entries
from exportwatch.law.compare_tables import compare_tables
from exportwatch.law.compare_values import ADDED, CHANGED, REMOVED, from_to, said
from exportwatch.law.load import RulePack
from exportwatch.law.model import WHOLE, Instrument, Limb, StatusInterval

_LABELS = {
    "status": "status",
    "until": "until",
    "until_inclusive": "last day included",
    "by": "announced by",
    "confirmed_at": "confirmed",
    "in_force_time": "hour of posting",
    "takes_effect": "takes effect",
    "note": "note",
    "source": "source",
}
_TOLD = ("id", "titles", "authority", "published", "source", "scope", "notes", "limbs", "entries")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that was added (+), removed (-) or changed (~), and in which respects."""

    sign: str
    subject: str
    details: tuple[str, ...] = ()


def compare(old: RulePack, new: RulePack) -> tuple[Difference, ...]:
    """What is different in the second pack; empty where the packs say the same."""
    found: list[Difference] = []
    if old.version != new.version:
        found.append(Difference(CHANGED, "pack", (from_to("version", old.version, new.version),)))
    for sign, name, before, after in _paired(old.sources, new.sources):
        details = (from_to("cites", before, after),) if sign == CHANGED else (str(before or after),)
        found.append(Difference(sign, f"source {name}", details))
    instruments = ({i.id: i for i in old.instruments}, {i.id: i for i in new.instruments})
    for _, _, before, after in _paired(*instruments):
        found += _instrument(before, after)
    found += [
        Difference(sign, f"table {row}", details)
        for sign, row, details in compare_tables(old.tables, new.tables)
    ]
    return tuple(found)


def _paired(
    old: Mapping[str, object], new: Mapping[str, object]
) -> Iterator[tuple[str, str, object, object]]:
    """Names that differ, in order: how, the name, what stands on either side (None: nothing)."""
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before != after:
            yield ADDED if before is None else REMOVED if after is None else CHANGED, name, before, after


def _instrument(before: object, after: object) -> Iterator[Difference]:
    match before, after:
        case Instrument(), Instrument():
            details = (
                *_identity(before, after),
                *_limbs(before, after),
                *_further(before, after),
                *compare_entries(before.entries, after.entries),
            )
            if details:
                yield Difference(CHANGED, f"{after.id} {after.titles.en}", details)
        case None, Instrument():
            yield Difference(ADDED, f"{after.id} {after.titles.en}", tuple(_whole(after)))
        case Instrument(), _:
            yield Difference(REMOVED, f"{before.id} {before.titles.en}", tuple(_whole(before)))
        case _:
            return


def _whole(instrument: Instrument) -> Iterator[str]:
    yield f"published {instrument.published}; {said(instrument.source)}"
    for limb in instrument.limbs:
        yield from (f"{_limb(limb)}: {_stated(interval)}" for interval in limb.timeline)
    if instrument.entries:
        codes = [str(entry.mapping.get("code", "?")) for entry in instrument.entries]
        yield f"{len(codes)} entries: {', '.join(codes)}"


def _identity(before: Instrument, after: Instrument) -> Iterator[str]:
    pairs: Sequence[tuple[str, object, object]] = (
        ("title (en)", before.titles.en, after.titles.en),
        ("title (zh)", before.titles.zh, after.titles.zh),
        ("authority", ", ".join(before.authority), ", ".join(after.authority)),
        ("published", before.published, after.published),
        ("source", before.source, after.source),
        ("scope", before.scope, after.scope),
    )
    yield from (from_to(name, old, new) for name, old, new in pairs if old != new)
    yield from (f"{ADDED} note: {note}" for note in after.notes if note not in before.notes)
    yield from (f"{REMOVED} note: {note}" for note in before.notes if note not in after.notes)
    if before.notes != after.notes and set(before.notes) == set(after.notes):
        yield "the same notes in another order or number"


def _further(before: Instrument, after: Instrument) -> Iterator[str]:
    """Fields that have no words of their own here: nothing that differs may pass as equal."""
    for one in fields(after):
        old, new = getattr(before, one.name, None), getattr(after, one.name)
        if one.name not in _TOLD and old != new:
            yield from _named_parts(one.name, old, new)


def _named_parts(name: str, old: object, new: object) -> Iterator[str]:
    """Parts that have an id are compared one by one, anything else as a whole."""
    left, right = _by_id(old), _by_id(new)
    if left is None or right is None:
        yield from_to(name, old, new)
        return
    for sign, part_id, before, after in _paired(left, right):
        label = f"{name} {part_id}"
        yield from_to(label, before, after) if sign == CHANGED else f"{sign} {label}: {said(before or after)}"


def _by_id(parts: object) -> dict[str, object] | None:
    if not isinstance(parts, tuple) or not all(hasattr(part, "id") for part in parts):
        return None
    return {str(part.id): part for part in parts}


def _limbs(before: Instrument, after: Instrument) -> Iterator[str]:
    for limb_id in sorted({*(b.id for b in before.limbs), *(b.id for b in after.limbs)}):
        old, new = before.limb(limb_id), after.limb(limb_id)
        if old and new:
            yield from _timeline(old, new)
            continue
        sign, limb = (ADDED, new) if new else (REMOVED, old)
        assert limb is not None
        yield f"{sign} {_limb(limb)}: {limb.name or 'without a name'}"
        yield from (f"{sign} {_limb(limb)}: {_stated(interval)}" for interval in limb.timeline)


def _timeline(old: Limb, new: Limb) -> Iterator[str]:
    """The statements by their first day, which stands once in a timeline."""
    name = _limb(new)
    if old.name != new.name:
        yield from_to(f"{name}: name", old.name, new.name)
    before, after = ({i.start: i for i in limb.timeline} for limb in (old, new))
    for start in sorted({*before, *after}):
        left, right = before.get(start), after.get(start)
        if left is None or right is None:
            sign, stated = (ADDED, right) if left is None else (REMOVED, left)
            assert stated is not None
            yield f"{sign} {name}: {_stated(stated)}"
        elif left != right:
            yield f"{name}: from {start}: {'; '.join(_differing(left, right))}"


def _differing(left: StatusInterval, right: StatusInterval) -> Iterator[str]:
    for one in fields(StatusInterval):
        old, new = getattr(left, one.name), getattr(right, one.name)
        if old != new:
            yield from_to(_LABELS.get(one.name, one.name), old, new)


def _stated(interval: StatusInterval) -> str:
    """A statement in words: ``suspended from 2025-11-07 to 2026-11-10 by CN-2025-70; confirmed 2025-11-07``."""
    words = f"{said(interval.status)} from {interval.start}"
    if interval.until:
        included = {None: "", True: " (included)", False: " (not included)"}[interval.until_inclusive]
        words += f" to {interval.until}{included}"
    words += f" by {interval.by}"
    further: Sequence[tuple[str, object]] = (
        ("confirmed", interval.confirmed_at),
        ("posted at", interval.in_force_time),
        ("takes effect", interval.takes_effect),
        ("note:", interval.note),
        ("source:", interval.source),
    )
    return "; ".join([words, *(f"{label} {said(value)}" for label, value in further if value is not None)])


def _limb(limb: Limb) -> str:
    return "whole instrument" if limb.id == WHOLE else f"limb {limb.id}"
