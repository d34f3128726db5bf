"""The law as dated data: instruments, their limbs, what each announcement said about them and since when.

Values only; what follows from them on a date is in ``status``, amendments are folded in ``amendments``.
Days are read in Asia/Shanghai. An end date is kept as the announcement prints it: whether the day itself is
meant is a fact of its own (``until_inclusive``), which most announcements leave open. ``confirmed_at`` is the day on
which a statement was last held against its source, not one on which the ministry was asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

from exportwatch.law.conditions import Condition

WHOLE = "*"


class LimbStatusName(StrEnum):
    """The status of a limb on a day. ``not_published`` means that the law says nothing yet: ignore it."""

    NOT_PUBLISHED = "not_published"
    NOT_YET_EFFECTIVE = "not_yet_effective"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    UNCONFIRMED = "unconfirmed"
    REPEALED = "repealed"
    NEVER_OPERATED = "never_operated"


class ConfidenceLevel(StrEnum):
    """How a fact is known: seen in a stored source, from memory (high, medium, low), or inferred."""

    VERIFIED = "V"
    MEMORY_HIGH = "M-hi"
    MEMORY_MEDIUM = "M-md"
    MEMORY_LOW = "M-lo"
    INFERRED = "INF"


@dataclass(frozen=True, slots=True)
class Confidence:
    """A confidence tag; ``references`` are ids of the pack's list of sources."""

    level: ConfidenceLevel
    references: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.level}[{','.join(self.references)}]" if self.references else str(self.level)


@dataclass(frozen=True, slots=True)
class Source:
    """What is cited for a fact and how well it is known."""

    cite: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the two languages of a decision."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class StatusInterval:
    """One statement about a limb: from ``start`` on it has ``status``, to ``until`` where that is stated.

    ``until_inclusive`` None: nobody said whether the last day counts. ``in_force_time``: the hour (China)
    of the first day at which the text was posted. ``takes_effect``: the day on which a limb that is not yet
    effective is to take effect.
    """

    status: LimbStatusName
    start: date
    by: str
    until: date | None = None
    until_inclusive: bool | None = None
    confirmed_at: date | None = None
    in_force_time: time | None = None
    takes_effect: date | None = None
    note: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Limb:
    """A part of an instrument with a timeline of its own; ``*`` where the instrument has no parts."""

    id: str
    name: str
    timeline: tuple[StatusInterval, ...]


@dataclass(frozen=True, slots=True)
class RawEntry:
    """A control entry as written, before its conditions are compiled, and where it stands.

    ``effective_from`` is set where an amendment brought the entry. ``mapping`` may carry line numbers
    (``located.LocatedMapping``); ``line`` is the line of the entry itself, 0 in an event.
    """

    mapping: Mapping[str, Any]
    file: str
    line: int
    instrument_id: str
    limb: str = WHOLE
    effective_from: date | None = None


class EntryKind(StrEnum):
    """Whether an entry lists things or the technology to make them."""

    GOODS = "goods"
    TECHNOLOGY = "technology"


class Effect(StrEnum):
    """What a limb in force demands for a listed item or technology."""

    DUAL_USE_LICENSE = "dual_use_license"
    TECHNOLOGY_LICENSE = "technology_license"
    PROHIBITED = "prohibited"


class Jurisdiction(StrEnum):
    """On which movements an entry bites: leaving the mainland, or one of the extraterritorial limbs."""

    EXPORT = "export"
    FOREIGN_MADE_CONTENT = "foreign_made_content"
    FOREIGN_MADE_TECHNOLOGY = "foreign_made_technology"
    RE_EXPORT = "re_export"


@dataclass(frozen=True, slots=True)
class ControlEntry:
    """A controlled item or technology of one limb, its conditions compiled.

    ``keys`` are the elements, substances and processes without which the condition cannot hold: the index.
    ``content_floor``: percent of value from which foreign-made goods with Chinese content are reached.
    """

    control_code: str
    instrument_id: str
    limb: str
    name: Text
    condition: Condition
    raw: RawEntry = field(repr=False, compare=False)
    kind: EntryKind = EntryKind.GOODS
    effect: Effect = Effect.DUAL_USE_LICENSE
    jurisdiction: Jurisdiction = Jurisdiction.EXPORT
    keys: frozenset[str] = frozenset()
    source: str = ""
    content_floor: Decimal | None = None


class PolicyEffect(StrEnum):
    """What a policy does with an item that some list already controls."""

    MILITARY_BARRED = "military_barred"  # no dual-use item for military users or uses
    REFUSED_IN_PRINCIPLE = "refused_in_principle"  # a licence is needed, and the announced answer is no
    STRICTER_REVIEW = "stricter_review"  # a licence is needed, and its review is stricter
    PASSING_ON = "passing_on"  # persons of any country are liable who pass such items on
    CARVED_OUT = "carved_out"  # no licence for these purposes; a report instead


@dataclass(frozen=True, slots=True)
class Policy:
    """What a limb says of listed items, beyond listing any. An empty scope does not restrict.

    ``countries``: of destination or end user. ``codes``: a control code with its subitems, or all codes behind a
    prefix that ends in a slash; empty: every dual-use item. ``users`` and ``lists``: only where the end use is
    one of these, or a party stands on one of these lists. ``purposes``: of the end use, for a carve-out.
    """

    id: str
    instrument_id: str
    limb: str
    effect: PolicyEffect
    name: Text
    source: Source
    countries: frozenset[str] = frozenset()
    codes: tuple[str, ...] = ()
    users: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()

    def speaks_of(self, entry: ControlEntry) -> bool:
        """Whether the entry is in scope; an entry of the same instrument only where it is of the same limb."""
        if entry.instrument_id == self.instrument_id and entry.limb != self.limb:
            return False
        return not self.codes or f"{entry.control_code}.".startswith(_beginnings(self.codes))


@lru_cache(maxsize=1024)
def _beginnings(codes: tuple[str, ...]) -> tuple[str, ...]:
    """How a control code with a full stop behind it begins where it is one of these or a subitem of one."""
    return tuple(
        begin for code in codes for begin in ((code,) if code.endswith("/") else (f"{code}.", f"{code}/"))
    )


@dataclass(frozen=True, slots=True)
class Instrument:
    """An announcement, catalogue or list: who issued it, when, and the limbs that it consists of."""

    id: str
    titles: Text
    authority: tuple[str, ...]
    published: date
    source: Source
    scope: str
    limbs: tuple[Limb, ...]
    entries: tuple[RawEntry, ...] = ()
    notes: tuple[str, ...] = ()
    policies: tuple[Policy, ...] = ()

    def limb(self, limb_id: str) -> Limb | None:
        """The part of this id; None where the instrument has none."""
        return next((limb for limb in self.limbs if limb.id == limb_id), None)

    def announcements(self) -> Iterator[str]:
        """The ids of the instruments that made the statements of its timelines; one may come several times."""
        for limb in self.limbs:
            yield from (interval.by for interval in limb.timeline)


@dataclass(frozen=True, slots=True)
class LimbStatus:
    """What holds for a limb on a day, since when, by which announcement, and when that changes next.

    ``until`` is the end as printed. ``next_change`` is the first later day with another status, None if none
    is known; an end that nobody confirmed is such a day.
    """

    instrument_id: str
    limb: str
    status: LimbStatusName
    since: date | None = None
    until: date | None = None
    by: str | None = None
    confirmed_at: date | None = None
    note: str | None = None
    next_change: date | None = None
