"""The form of an instrument's file: identity, source, limbs with their timelines, policies, entries left as written.

A timeline is read as the announcements print it, and must account for every day from publication on: sorted,
without overlap, without gap. Days of which nobody knows are written down as ``unconfirmed``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from exportwatch.errors import ConfigError
from exportwatch.law.fields import Fields
from exportwatch.law.files import Extends
from exportwatch.law.located import LocatedMapping, Place, at
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
from exportwatch.law.policies import read_policies

_KEYS = ["id", "titles", "authority", "published", "source", "scope", "notes", "limbs", "policies", "entries"]
_INTERVAL_KEYS = [
    "status",
    "from",
    "until",
    "until_inclusive",
    "by",
    "confirmed_at",
    "in_force_time",
    "takes_effect",
    "note",
    "source",
]
_WRITTEN = [
    LimbStatusName.NOT_YET_EFFECTIVE,
    LimbStatusName.IN_FORCE,
    LimbStatusName.SUSPENDED,
    LimbStatusName.REPEALED,
    LimbStatusName.UNCONFIRMED,
]
_TAG = re.compile(r"(V|M-hi|M-md|M-lo|INF)(?:\[([^\]]+)\])?")
_ID = re.compile(r"[A-Z]{2}(-[A-Z0-9]+)+")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PackSources:
    """The version of a pack, what its source ids stand for, and what it extends."""

    version: str
    cites: Mapping[str, str]
    extends: Extends | None = None


def read_sources(document: Any, file: str) -> PackSources:
    """Read ``pack.yaml``. ``ConfigError`` for the first thing wrong with it."""
    problems: list[ConfigError] = []
    fields = Fields(document, Place(file, 1, "pack"), problems)
    fields.only(["name", "version", "sources", "extends"])
    name, version = fields.text("name"), fields.text("version")
    extends = fields.choice("extends", Extends) if fields.has("extends") else None
    listed = fields.nested("sources")
    cites = {key: listed.text(key) or "" for key in listed.keys()}  # noqa: SIM118 (not a dict)
    if problems:
        raise problems[0]
    return PackSources(f"{name} {version}", cites, Extends(extends) if extends else None)


def read_instrument(
    document: Any, file: str, sources: PackSources
) -> tuple[Instrument | None, list[ConfigError]]:
    """An instrument and what is wrong with its file; None where too much is wrong to make one."""
    problems: list[ConfigError] = []
    name = document.get("id") if isinstance(document, LocatedMapping) else None
    fields = Fields(document, Place(file, 1, str(name or "instrument")), problems)
    fields.only(_KEYS)
    instrument_id = fields.text("id")
    if instrument_id is not None and not _ID.fullmatch(instrument_id):
        fields.problem("id", f'id: expected a name like CN-2025-18, found "{instrument_id}"')
    titles = fields.nested("titles")
    titles.only(["en", "zh"])
    text = Text(titles.text("en") or "", titles.text("zh") or "")
    published = fields.day("published")
    source = _source(fields, sources, required=True)
    authority, scope, notes = fields.texts("authority"), fields.text("scope"), fields.texts("notes", False)
    if instrument_id is None or published is None:
        return None, problems
    reader = _Limbs(instrument_id, published, sources, problems)
    limbs = reader.read(fields.nested("limbs"))
    entries = tuple(_entries(fields, instrument_id, file, problems))
    names = [limb.id for limb in limbs]
    policies = tuple(
        read_policies(
            fields, instrument_id, names, lambda own: _source(own, sources, required=True), problems
        )
    )
    if problems or source is None or scope is None:
        return None, problems
    return (
        Instrument(instrument_id, text, authority, published, source, scope, limbs, entries, notes, policies),
        problems,
    )


def _source(fields: Fields, sources: PackSources, required: bool) -> Source | None:
    if not fields.has("source"):
        if required:
            fields.problem("source", "source is missing: expected {cite, confidence}")
        return None
    own = fields.nested("source")
    own.only(["cite", "confidence"])
    cite, tag = own.text("cite"), own.text("confidence")
    match = _TAG.fullmatch(tag or "")
    if tag is not None and match is None:
        own.problem("confidence", f'confidence: expected V[S1,...], M-hi, M-md, M-lo or INF, found "{tag}"')
    if cite is None or match is None:
        return None
    references = tuple(r.strip() for r in (match[2] or "").split(",") if r.strip())
    for reference in references:
        if reference not in sources.cites:
            own.problem("confidence", f'source "{reference}" is not in pack.yaml')
    if match[1] == ConfidenceLevel.VERIFIED and not references:
        own.problem("confidence", "V means seen in a stored source: expected V[...] with its id")
    return Source(cite, Confidence(ConfidenceLevel(match[1]), references))


def _entries(fields: Fields, instrument_id: str, file: str, problems: list[ConfigError]) -> list[RawEntry]:
    entries = []
    for item, line in fields.items("entries", required=False):
        if not isinstance(item, LocatedMapping):
            problems.append(at(Place(file, line, instrument_id), "entries: expected a mapping"))
            continue
        entries.append(RawEntry(item, file, line, instrument_id, str(item.get("limb", WHOLE))))
    return entries


@dataclass(frozen=True, slots=True)
class _Limbs:
    """Reads the limbs of one instrument and checks that their timelines account for every day."""

    instrument_id: str
    published: date
    sources: PackSources
    problems: list[ConfigError]

    def read(self, fields: Fields) -> tuple[Limb, ...]:
        names = fields.keys()
        if not names:
            fields.problem(None, 'limbs: expected at least one ("*" for an instrument without parts)')
        if WHOLE in names and len(names) > 1:
            fields.problem(WHOLE, 'limb "*" is the whole instrument and cannot stand beside others')
        return tuple(
            self._limb(name, fields.nested(name, f"{self.instrument_id} limb {name}")) for name in names
        )

    def _limb(self, name: str, fields: Fields) -> Limb:
        fields.only(["name", "timeline"])
        title = fields.text("name", required=False) or ""
        intervals: list[StatusInterval] = []
        for item, line in fields.items("timeline"):
            place = Place(fields.place().file, line, fields.place().subject)
            own = Fields(item, place, self.problems)
            interval = self._interval(own)
            if interval is not None:
                self._joins(own, interval, intervals)
                intervals.append(interval)
        return Limb(name, title, tuple(intervals))

    def _interval(self, fields: Fields) -> StatusInterval | None:
        fields.only(_INTERVAL_KEYS)
        status = fields.choice("status", [s.value for s in _WRITTEN])
        start, until = fields.day("from"), fields.day("until", required=False)
        by = fields.text("by", required=status in (LimbStatusName.SUSPENDED, LimbStatusName.REPEALED))
        interval_note = fields.text("note", required=status == LimbStatusName.UNCONFIRMED)
        inclusive, hour = fields.flag("until_inclusive"), fields.hour("in_force_time")
        takes_effect = fields.day("takes_effect", required=False)
        if inclusive is not None and not fields.has("until"):
            fields.problem("until_inclusive", "until_inclusive without until")
        if hour is not None and status != LimbStatusName.IN_FORCE:
            fields.problem("in_force_time", "in_force_time belongs to in_force")
        if takes_effect is not None and status != LimbStatusName.NOT_YET_EFFECTIVE:
            fields.problem("takes_effect", "takes_effect belongs to not_yet_effective")
        if status is None or start is None:
            return None
        if until is not None and until < start:
            fields.problem("until", f"ends on {until}, before it begins on {start}")
        return StatusInterval(
            status=LimbStatusName(status),
            start=start,
            by=by or self.instrument_id,
            until=until,
            until_inclusive=inclusive,
            confirmed_at=fields.day("confirmed_at", required=False),
            in_force_time=hour,
            takes_effect=takes_effect,
            note=interval_note,
            source=_source(fields, self.sources, required=False),
        )

    def _joins(self, fields: Fields, interval: StatusInterval, before: Sequence[StatusInterval]) -> None:
        """Check that an interval begins where the one before it ends."""
        if not before:
            if interval.start != self.published:
                gap = f"the first interval begins on {interval.start}, publication was on {self.published}"
                fields.problem("from", f"gap or overlap: {gap}")
            return
        last = before[-1]
        if interval.start <= last.start:
            fields.problem("from", f"not sorted: {interval.start} stands behind {last.start}")
            return
        if last.until is None:
            return
        free = last.until if last.until_inclusive is False else last.until + _DAY
        if interval.start < free:
            fields.problem("from", f"overlap: the interval before ends on {last.until}")
        elif interval.start > free:
            missing = f"{free} to {interval.start - _DAY}"
            fields.problem("from", f"gap: nothing is said of {missing} (write them as unconfirmed)")
