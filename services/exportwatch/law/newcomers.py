"""Instruments that only amendments know: announced after the pack was written, in the pack's own terms.

Source: the wire contract of ``compliance.law.v1`` (``entries`` of a new instrument, as in the packs). It has no field
for policies: what a new announcement says of listed items beyond listing them takes a pack (``extends: packaged``).
"""

from collections.abc import Sequence
from datetime import date

from exportwatch.law.amendments import Amendment, LawProblem
from exportwatch.law.model import (
    WHOLE,
    Confidence,
    ConfidenceLevel,
    Instrument,
    Limb,
    LimbStatusName,
    RawEntry,
    Source,
    StatusInterval,
    Text,
)


def amendment_entries(item: Amendment) -> list[RawEntry]:
    """The entries of an amendment; the file of each is the key of its record."""
    record = "compliance.law.v1 " + "/".join(item.key)
    return [
        RawEntry(mapping, record, 0, item.instrument_id, str(mapping.get("limb", item.limb)), item.start)
        for mapping in item.entries
    ]


def new_instrument(
    instrument_id: str, items: Sequence[Amendment], entries: Sequence[RawEntry]
) -> Instrument | LawProblem:
    """The instrument that amendments announce; a problem where they bring no entries or no day."""
    first = items[0]
    if not entries:
        text = "the instrument is not in the pack and the amendment brings no entries"
        return LawProblem(instrument_id, first.limb, first.announced_by, text)
    days = [day for item in items for day in (item.start, item.confirmed_at) if day is not None]
    if not days:
        text = "the instrument is not in the pack and no amendment says from which day it holds"
        return LawProblem(instrument_id, first.limb, first.announced_by, text)
    limbs = {item.limb for item in items if item.limb != WHOLE} | {entry.limb for entry in entries}
    level = ConfidenceLevel.VERIFIED if first.confirmed_at else ConfidenceLevel.INFERRED
    return Instrument(
        id=instrument_id,
        titles=Text(instrument_id, instrument_id),
        authority=(),
        published=min(days),
        source=Source(first.announced_by, Confidence(level)),
        scope="announced by an amendment",
        limbs=tuple(Limb(limb, "", _expected(limb, items, min(days))) for limb in sorted(limbs)),
        entries=tuple(entries),
    )


def _expected(limb: str, items: Sequence[Amendment], published: date) -> tuple[StatusInterval, ...]:
    """Published and not yet effective, where the first amendment of a limb begins later than it was known."""
    starts = [(i.start, i.announced_by) for i in items if i.start and i.limb in (WHOLE, limb)]
    if not starts or min(starts)[0] <= published:
        return ()
    start, by = min(starts)
    return (StatusInterval(LimbStatusName.NOT_YET_EFFECTIVE, published, by, takes_effect=start),)
