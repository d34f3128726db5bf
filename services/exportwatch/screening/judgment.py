"""What is asked about an item and what is gathered for it, before the licence is looked at."""

from dataclasses import dataclass, field
from functools import cached_property

from exportwatch.law.model import ControlEntry, LimbStatus
from exportwatch.law.subject import ClearOption, Missing, Verdict
from exportwatch.screening.end_use import EndUser, end_user
from exportwatch.screening.facts import Facts
from exportwatch.screening.parties import CONTROL_LISTS, WATCH_LISTS, Hit
from exportwatch.screening.reasons import Reason
from exportwatch.screening.snapshot import Snapshot
from exportwatch_events.catalogue import Flag, Result, strictest


@dataclass(frozen=True)
class Situation:
    """What all items of a document share: its facts, list hits, and what is known of the end user."""

    facts: Facts
    snapshot: Snapshot
    hits: tuple[Hit, ...]

    @cached_property
    def control_hits(self) -> tuple[Hit, ...]:
        return tuple(h for h in self.hits if h.exact and h.list_id in CONTROL_LISTS)

    @cached_property
    def watch_hits(self) -> tuple[Hit, ...]:
        return tuple(h for h in self.hits if h.exact and h.list_id in WATCH_LISTS)

    @cached_property
    def possible_hits(self) -> tuple[Hit, ...]:
        """Names that are only alike, and lists whose meaning is not known here: a person looks."""
        return tuple(h for h in self.hits if not h.exact or h.list_id not in CONTROL_LISTS | WATCH_LISTS)

    @cached_property
    def end_user(self) -> EndUser:
        return end_user(self.facts, self.snapshot.things.classifier.vocabulary.end_uses)


@dataclass(frozen=True, slots=True)
class Judged:
    """One candidate under the law of the day."""

    entry: ControlEntry
    verdict: Verdict
    status: LimbStatus
    result: Result


@dataclass(slots=True)
class Judgment:
    """What was gathered for one item before the licence is looked at.

    ``asks_of_a_person``: a question about a party or the end use is open, which no licence answers.
    """

    judged: tuple[Judged, ...] = ()
    result: Result = Result.NOT_REQUIRED
    reasons: list[Reason] = field(default_factory=list)
    law: list[LimbStatus] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    options: list[ClearOption] = field(default_factory=list)
    flags: set[Flag] = field(default_factory=set)
    asks_of_a_person: bool = False

    def at_least(self, result: Result) -> None:
        self.result = strictest((self.result, result))
