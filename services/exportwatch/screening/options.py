"""What would settle an item, and what would come out then: each option is screened again before it is offered.

A change is offered only where the item, with the change applied and under the same snapshot, comes out otherwise:
cleared, released, or decided where it was open. Smallest change first, then the least strict outcome. The number
of runs an item is bounded, and one with a long text gets fewer, so that a line costs bounded time. Pure.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from exportwatch.law.changes import (
    Change,
    CiteLicenses,
    ConfirmStatus,
    DismissMatches,
    GrantLicenses,
    LimbFrom,
    ListMatch,
    ReportComposition,
    SetChineseContent,
    SetKind,
    SetParameter,
    Withdraw,
    in_words,
    size_of,
)
from exportwatch.law.model import LimbStatusName
from exportwatch.law.subject import ItemKind, Truth
from exportwatch.screening import normal
from exportwatch.screening.applied import Supposed, applied
from exportwatch.screening.countries import MAINLAND
from exportwatch.screening.grant import Granted, grant
from exportwatch.screening.judge import judge
from exportwatch.screening.judgment import Judged, Judgment
from exportwatch_events.catalogue import HOLD_RANK, RESULT_RANK, Hold, LicenseStatus, Result, hold_for

MOST_RUNS = 6
MOST_OFFERED = 3
FEW_ENTRIES = 2
LONG_TEXT = 10_000  # characters of text from which an item gets one run only
_DECLARED = ("hs_code", "declared_control_code", "customs_remark")  # what a declarant may have got wrong
_OF_COMPOSITION = frozenset(["composition", "test_report", "constituents"])
_BELOW = Decimal("0.9")  # of the floor of an entry: a share that is certainly below it


@dataclass(frozen=True, slots=True)
class Option:
    """Changes that belong together, and the outcome that a run with them gave."""

    changes: tuple[Change, ...]
    result: Result
    hold: Hold

    @property
    def size(self) -> int:
        return sum(size_of(change) for change in self.changes)

    @property
    def change(self) -> str:
        """The changes in words."""
        return "; and ".join(in_words(change) for change in self.changes)


def options_for(stated: Supposed, found: Judgment, granted: Granted) -> tuple[Option, ...]:
    """The options of an item that was judged so, each verified; none where nothing needs settling."""
    hold = hold_for(found.result, granted.cover.status)
    if found.result is Result.NOT_REQUIRED or granted.cover.status is LicenseStatus.COVERED:
        return ()
    offered: list[Option] = []
    for changes in _bounded(stated, found, granted):
        option = Option(changes, *rescreened(changes, stated))
        if _settles(option, found.result, hold):
            offered.append(option)
    offered.sort(key=lambda o: (o.size, -HOLD_RANK[o.hold], -RESULT_RANK[o.result]))
    return tuple(offered[:MOST_OFFERED])


def rescreened(changes: Iterable[Change], stated: Supposed) -> tuple[Result, Hold]:
    """What comes out for the item with the changes applied, by the same steps as the decision itself."""
    supposed = stated
    for change in changes:
        supposed = applied(change, supposed)
    item, situation = supposed.item, supposed.situation
    facts = situation.facts
    (thing,) = situation.snapshot.things.classify(
        ((item, normal.stated(item)),), facts.default_kind, facts.origin == MAINLAND, facts.context
    )
    found = judge(situation, item, thing.what)
    granted = grant(situation, item, found)
    return found.result, hold_for(found.result, granted.cover.status)


def _settles(option: Option, result: Result, hold: Hold) -> bool:
    """Whether it clears, releases, or decides what was open."""
    if (option.result, option.hold) == (result, hold) or option.result is Result.REVIEW:
        return False
    return (
        result is Result.REVIEW
        or HOLD_RANK[option.hold] > HOLD_RANK[hold]
        or RESULT_RANK[option.result] > RESULT_RANK[result]
    )


def _bounded(stated: Supposed, found: Judgment, granted: Granted) -> list[tuple[Change, ...]]:
    """Single changes first, each once; at last the one that brings for every open entry what it asks first."""
    singles = list(dict.fromkeys(_proposals(stated, found, granted)))
    together = _together(stated, found)
    most = 1 if _length(stated) > LONG_TEXT else MOST_RUNS
    if not together or (len(together) == 1 and together[0] in singles):
        return [(change,) for change in singles[:most]]
    return [*((change,) for change in singles[: most - 1]), together]


def _length(stated: Supposed) -> int:
    """Characters that each run reads again."""
    item = stated.item
    descriptions = item.get("descriptions")
    further = descriptions.values() if isinstance(descriptions, dict) else ()
    texts = (item["description"], *further, *(text for _, text in stated.situation.facts.context))
    return sum(len(text) for text in texts if isinstance(text, str))


def _proposals(stated: Supposed, found: Judgment, granted: Granted) -> Iterator[Change]:
    """Each change that may settle something, the facts of the item first. Nothing here is promised yet."""
    yield from _of_entries([one for one in found.judged if one.verdict.truth is Truth.UNKNOWN])
    yield from (Withdraw(field) for field in _DECLARED if field in found.conflicting)
    matches = _matches(stated)
    yield from (DismissMatches((match,)) for match in matches)
    if len(matches) > 1:
        yield DismissMatches(matches)
    yield from _confirmations(found)
    if granted.cover.contract_open:
        yield CiteLicenses(granted.numbers)
    if granted.needs:
        yield GrantLicenses(tuple(need.value for need in granted.needs))


def _of_entries(still_open: list[Judged]) -> Iterator[Change]:
    """What the open entries ask for. Of many, only what all of them ask for: no other single change settles them."""
    asked = [tuple(_of_entry(one)) for one in still_open]
    for changes in asked:
        yield from (c for c in changes if len(asked) <= FEW_ENTRIES or all(c in others for others in asked))


def _of_entry(one: Judged) -> Iterator[Change]:
    """What would answer the entry's open question."""
    yield from one.verdict.options
    asked = {missing.fact for missing in one.verdict.missing}
    reported = any(isinstance(option, ReportComposition) for option in one.verdict.options)
    elements = tuple(sorted(key[3:] for key in one.entry.keys if key.startswith("el:")))
    if asked & _OF_COMPOSITION and elements and not reported:
        yield ReportComposition(elements, Decimal(0))
    if "kind" in asked:
        yield from (SetKind(ItemKind.GOODS.value), SetKind(ItemKind.TECHNOLOGY.value))
    if "chinese_content_percent" in asked and one.entry.content_floor:
        yield SetChineseContent(one.entry.content_floor * _BELOW)


def _together(stated: Supposed, found: Judgment) -> tuple[Change, ...]:
    """For each open entry the first change that it asks for; reports on several elements are one report."""
    still_open = [one for one in found.judged if one.verdict.truth is Truth.UNKNOWN]
    firsts = tuple(dict.fromkeys(change for one in still_open for change in list(_of_entry(one))[:1]))
    matches = _matches(stated)
    dismissed = (DismissMatches(matches),) if firsts and matches else ()
    return (*_one_report(_one_value(firsts)), *dismissed)


def _one_value(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Of several values of one parameter the lowest: most limits are lower ones, and the run tells."""
    lowest: dict[tuple[str, tuple[tuple[str, Decimal], ...]], SetParameter] = {}
    for change in changes:
        if isinstance(change, SetParameter):
            known = lowest.setdefault((change.name, change.condition), change)
            lowest[change.name, change.condition] = min(known, change, key=lambda c: c.value)
    return tuple(c for c in changes if not isinstance(c, SetParameter) or c in lowest.values())


def _one_report(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    reports = [change for change in changes if isinstance(change, ReportComposition)]
    if len(reports) < 2 or len({report.percent for report in reports}) > 1:
        return changes
    elements = tuple(sorted({element for report in reports for element in report.elements}))
    others = (change for change in changes if not isinstance(change, ReportComposition))
    return (ReportComposition(elements, reports[0].percent), *others)


def _matches(stated: Supposed) -> tuple[ListMatch, ...]:
    hits = stated.situation.possible_hits
    return tuple(dict.fromkeys(ListMatch(h.path, h.list_id, h.entry_id) for h in hits if not h.exact))


def _confirmations(found: Judgment) -> Iterator[Change]:
    """The status of each limb that is open, confirmed either way; of several, at last all of them."""
    limbs = tuple(
        LimbFrom(s.instrument_id, s.limb, s.since)
        for s in found.law
        if s.status is LimbStatusName.UNCONFIRMED and s.since is not None
    )
    for suspended in (True, False):
        yield from (ConfirmStatus((limb,), suspended) for limb in limbs)
    if len(limbs) > 1:
        yield from (ConfirmStatus(limbs, suspended) for suspended in (True, False))
