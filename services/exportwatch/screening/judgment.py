"""What is asked about an item and what is gathered for it, before the licence is looked at."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property

from exportwatch.classification.findings import Candidate
from exportwatch.law.model import ControlEntry, Effect, LimbStatus, LimbStatusName, Policy, PolicyEffect
from exportwatch.law.subject import Evidence, Missing, Truth, Verdict
from exportwatch.screening.catch_all import evidence_of
from exportwatch.screening.end_use import EndUser, MilitaryUse, end_user, nations, nations_on_the_way
from exportwatch.screening.facts import Facts, Movement, destinations
from exportwatch.screening.license_scope import Claim, cited_for
from exportwatch.screening.parties import CONTROL_LISTS, WATCH_LISTS, Hit
from exportwatch.screening.permits import Drawn, Permits
from exportwatch.screening.reasons import Reason
from exportwatch.screening.snapshot import Snapshot
from exportwatch_events.catalogue import Flag, LicenseNeed, Result, strictest
from exportwatch_events.documents import Item

_ON_MILITARY = frozenset([PolicyEffect.MILITARY_BARRED, PolicyEffect.PASSING_ON])
_LIVE = frozenset([LimbStatusName.IN_FORCE, LimbStatusName.UNCONFIRMED])


@dataclass(frozen=True)
class Situation:
    """What all items of a document share: its facts, list hits, what its licences say, and the end user.

    ``lines``: each item, and the entries that list it or may list it.
    """

    facts: Facts
    snapshot: Snapshot
    hits: tuple[Hit, ...]
    lines: tuple[tuple[Item, tuple[Candidate, ...]], ...] = ()
    _supposed: dict[Hashable, "Situation"] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def supposed(self, changed: Hashable, make: Callable[[], "Situation"]) -> "Situation":
        """This situation after a change, made once however many items ask for it."""
        if changed not in self._supposed:
            self._supposed[changed] = make()
        return self._supposed[changed]

    @cached_property
    def control_hits(self) -> tuple[Hit, ...]:
        """Parties that are on a control list beyond doubt."""
        return tuple(h for h in self.hits if h.exact and h.list_id in CONTROL_LISTS)

    @cached_property
    def watch_hits(self) -> tuple[Hit, ...]:
        """Parties that are on a watch list beyond doubt."""
        return tuple(h for h in self.hits if h.exact and h.list_id in WATCH_LISTS)

    @cached_property
    def possible_hits(self) -> tuple[Hit, ...]:
        """Names that are only alike, and lists whose meaning is not known here: a person looks."""
        return tuple(h for h in self.hits if not h.exact or h.list_id not in CONTROL_LISTS | WATCH_LISTS)

    @cached_property
    def end_user(self) -> EndUser:
        """Who uses it and whether the use is military, by fields and texts, those of the lines that may be listed
        among them."""
        lines = [(f"items[{at}]", item) for at, (item, listed) in enumerate(self.lines) if listed]
        return end_user(self.facts, self.snapshot.things.classifier.vocabulary.end_uses, lines)

    @cached_property
    def mass_destruction(self) -> tuple[Evidence, ...]:
        """What speaks of weapons of mass destruction or terrorism in a document of which something leaves."""
        return evidence_of(self.facts, self.snapshot.things.classifier.vocabulary.end_uses)

    @cached_property
    def permits(self) -> Permits:
        """What the licences on record say to the document, and what its lines draw of them."""
        facts = self.facts
        claim = Claim(
            need=LicenseNeed.DUAL_USE_LICENSE,
            control_code="",
            on=facts.legal_date.day,
            destinations=destinations(facts),
            deemed=facts.movement is Movement.DEEMED,
            parties=facts.parties,
            contract_id=facts.contract_id,
            individual_only=bool(self.watch_hits),
            purpose=facts.purpose,
        )
        drawn = [Drawn(item, self._controls(item, candidates)) for item, candidates in self.lines]
        return Permits(self.snapshot.licenses, claim, facts.cited_licenses, drawn)

    def _controls(self, item: Item, candidates: tuple[Candidate, ...]) -> tuple[tuple[str, Effect], ...]:
        """For which controls a line draws on licences. One that cites nothing and only may be listed is not known to:
        it waits for a person, and the whole document with it."""
        cites = bool(cited_for(item, self.facts.cited_licenses))
        return tuple(
            (c.entry.control_code, c.entry.effect)
            for c in candidates
            if (cites or c.verdict.truth is Truth.YES) and self.status_of(c.entry).status in _LIVE
        )

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """The policies for the nations that the document supplies, and those for every nation; then those on the
        military of a nation that only a text names, or of a party on the way to a use that nobody states as civil."""
        supplied = nations(self.facts)
        known = self.snapshot.policies(supplied)
        user, named = self.end_user, self.end_user.nations - supplied
        if user.use is not MilitaryUse.NONE:
            named |= nations_on_the_way(self.facts) - supplied
        if not named:
            return known
        barred = (p for p in self.snapshot.policies(named) if p.effect in _ON_MILITARY)
        return (*known, *(p for p in barred if p not in known))

    def only_named(self, policy: Policy) -> bool:
        """Whether no field says that the document supplies a nation of the policy: a text, or who buys, is a
        question."""
        return bool(policy.countries) and nations(self.facts).isdisjoint(policy.countries)

    def status_of(self, entry: ControlEntry) -> LimbStatus:
        """The status of the entry on the legal date: that of its limb, but for an entry that begins later."""
        when = self.facts.legal_date
        return self.snapshot.status_of(entry, when.day, when.hour)


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

    ``reached``: some entry reaches the item on its way, whatever its status. ``unsettled``: something beside the
    licence duty is open, which no licence settles.
    """

    judged: tuple[Judged, ...] = ()
    result: Result = Result.NOT_REQUIRED
    reasons: list[Reason] = field(default_factory=list)
    law: list[LimbStatus] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    asked: dict[Missing, list[ControlEntry]] = field(default_factory=dict)  # the entries that ask for a fact
    conflicting: set[str] = field(default_factory=set)  # fields of conflicts that nothing settles
    flags: set[Flag] = field(default_factory=set)
    unsettled: bool = False
    reached: bool = False

    @property
    def dual_use(self) -> list[Judged]:
        """The dual-use controls that need a licence or may need one."""
        wanted = (Result.LICENSE_REQUIRED, Result.REVIEW)
        return [j for j in self.judged if j.entry.effect is Effect.DUAL_USE_LICENSE and j.result in wanted]

    def note(self, status: LimbStatus) -> None:
        """A limb that is concerned, once."""
        if status not in self.law:
            self.law.append(status)

    def at_least(self, result: Result) -> None:
        """The result becomes this one, unless it is stricter already."""
        self.result = strictest((self.result, result))

    def ask(self) -> None:
        """A person looks, also where a licence covers."""
        self.unsettled = True
        self.at_least(Result.REVIEW)
