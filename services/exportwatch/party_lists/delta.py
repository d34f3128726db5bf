"""What a new edition of a list changes against what stands on the topic, as records with rising versions.

An entry that the edition no longer has is delisted from a day on, never removed: documents of earlier days are still
judged by it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import orjson

from exportwatch.party_lists.rows import Identity
from exportwatch.screening.parties import listed_on
from exportwatch_events.catalogue import PARTIES
from exportwatch_events.control import PartyListEntry, UnreadableControl, read_party
from exportwatch_events.keys import party_key, split_control_key

MAY_SHRINK = 0.1  # of a list's entries; more is likelier a broken file than a change of the law


class Kind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    DELISTED = "delisted"


@dataclass(frozen=True, slots=True)
class Change:
    """One entry as it is to stand. ``fields``: those that differ from what stood."""

    kind: Kind
    entry: PartyListEntry
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What the topic holds: the newest version of each entry, and the highest version that each ever had."""

    entries: Mapping[Identity, PartyListEntry]
    versions: Mapping[Identity, int]
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    """``before`` and ``after``: entries of each list that count on the day."""

    changes: tuple[Change, ...]
    unchanged: int
    before: Mapping[str, int]
    after: Mapping[str, int]

    def shrunk(self) -> tuple[str, ...]:
        """The lists that lose more than may be believed."""
        return tuple(
            name
            for name, count in sorted(self.before.items())
            if self.after.get(name, 0) < count * (1 - MAY_SHRINK)
        )


@dataclass(frozen=True, slots=True)
class PartyRecord:
    """A record of the topic, as a producer takes it."""

    key: bytes
    value: bytes
    topic: str = PARTIES
    headers: tuple[tuple[str, bytes], ...] = ()


def standing(records: Iterable[tuple[bytes | None, bytes | None]]) -> Standing:
    """The topic's content from its records in their order; a null value withdraws what stood under its key."""
    content: dict[bytes, PartyListEntry] = {}
    versions: Counter[Identity] = Counter()
    unreadable: dict[bytes, str] = {}
    for key, value in records:
        name = key or b""
        content.pop(name, None)
        unreadable.pop(name, None)
        (list_id, *entry_id), version = split_control_key(key)
        identity = (list_id, "/".join(entry_id))
        if value is not None:
            read = read_party(value, key)
            if isinstance(read, UnreadableControl):
                unreadable[name] = read.message
            else:
                content[name] = read
                identity, version = (read.list_id, read.entry_id), read.version
        versions[identity] = max(versions[identity], version or 0)
    newest: dict[Identity, PartyListEntry] = {}
    for entry in sorted(content.values(), key=lambda e: (e.version, e.model_dump_json())):
        newest[entry.list_id, entry.entry_id] = entry
    shown = tuple(sorted(f"{name.decode(errors='replace')}: {why}" for name, why in unreadable.items()))
    return Standing(newest, versions, shown)


def delta(stands: Standing, edition: Sequence[PartyListEntry], lists: Iterable[str], on: date) -> Delta:
    """What publishing ``edition`` as the whole of ``lists`` changes; what it has no longer is delisted from ``on``."""
    covered = {*lists, *(entry.list_id for entry in edition)}
    wanted = {(entry.list_id, entry.entry_id): entry for entry in edition}
    for identity, old in stands.entries.items():
        if old.list_id in covered and identity not in wanted:
            still = old.delisted_on is None or old.delisted_on > on
            wanted[identity] = old.model_copy(update={"delisted_on": on}) if still else old
    changes = [
        change for identity in sorted(wanted) if (change := _change(stands, identity, wanted[identity]))
    ]
    held = [entry for entry in stands.entries.values() if entry.list_id in covered]
    return Delta(
        tuple(changes), len(wanted) - len(changes), _counting(held, on), _counting(wanted.values(), on)
    )


def _change(stands: Standing, identity: Identity, entry: PartyListEntry) -> Change | None:
    old = stands.entries.get(identity)
    version = stands.versions.get(identity, 0) + 1
    if old is None:
        return Change(Kind.ADDED, entry.model_copy(update={"version": version}))
    differ = tuple(
        name
        for name in PartyListEntry.model_fields
        if name != "version" and (getattr(old, name) or None) != (getattr(entry, name) or None)
    )
    if not differ:
        return None
    ended = entry.delisted_on is not None and differ == ("delisted_on",)
    return Change(
        Kind.DELISTED if ended else Kind.CHANGED, entry.model_copy(update={"version": version}), differ
    )


def _counting(entries: Iterable[PartyListEntry], on: date) -> Mapping[str, int]:
    return Counter(entry.list_id for entry in entries if listed_on(entry, on))


def records(changes: Iterable[Change]) -> list[PartyRecord]:
    """The records that make the changes known, in the order of the entries."""
    return [
        PartyRecord(
            party_key(entry.list_id, entry.entry_id, entry.version),
            orjson.dumps(entry.model_dump(mode="json", by_alias=True, exclude_none=True)),
        )
        for entry in (change.entry for change in changes)
    ]
