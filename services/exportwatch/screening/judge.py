"""What follows for one item: each candidate entry under the law of the day, the strictest of them, the licence.

Instruments are judged independently (a suspended one frees nothing that another forbids); all are reported.
Pure: the document's facts, the item's classification and the snapshot are all that it knows.
"""

from collections.abc import Iterator
from typing import assert_never

from exportwatch.classification.findings import Classification, Conflict
from exportwatch.classification.item import TECHNICAL
from exportwatch.classification.problems import Problem
from exportwatch.law.model import ControlEntry, Effect, EntryKind, Jurisdiction, LimbStatusName
from exportwatch.law.subject import Evidence, Missing, Truth
from exportwatch.screening import reasons
from exportwatch.screening.catch_all import end_use_reason
from exportwatch.screening.countries import MAINLAND, known_country
from exportwatch.screening.facts import Facts, Movement
from exportwatch.screening.judgment import Judged, Judgment, Situation
from exportwatch.screening.lines import line_problems
from exportwatch.screening.policies import apply_policies
from exportwatch.screening.providers import law_status
from exportwatch.screening.reach import carved_out, disclosed, on_this_movement
from exportwatch_events.catalogue import Flag, ReasonCode, ReasonFamily, Result
from exportwatch_events.documents import Item

_KNOWN = frozenset(
    [
        LimbStatusName.IN_FORCE,
        LimbStatusName.SUSPENDED,
        LimbStatusName.NOT_YET_EFFECTIVE,
        LimbStatusName.UNCONFIRMED,
    ]
)
_NOT_ASKED = frozenset(
    [Movement.IMPORT, Movement.DOMESTIC]
)  # no list of China reaches what comes in or stays


def judge(situation: Situation, item: Item, thing: Classification) -> Judgment:
    """Every candidate's outcome, joined. The licence is decided in ``grant``."""
    found = Judgment()
    facts = situation.facts
    if facts.movement not in _NOT_ASKED:
        found.judged = tuple(_judged(found, situation, item, thing))
        _join(found)
        apply_policies(found, situation, item, thing)
        _consistency(found, thing)
        _origin(found, thing, facts, item)
        _flags(found, situation, thing)
        _catch_all(found, situation)
    _parties(found, situation)
    _data(found, (*facts.problems, *line_problems(item), *thing.problems), thing, facts)
    if found.result is Result.NOT_REQUIRED and facts.movement is Movement.EXPORT:
        _cleared(found, situation, thing)
    return found


def _cleared(found: Judgment, situation: Situation, thing: Classification) -> None:
    """Each entry in force that speaks of the item and does not list it, with the reason."""
    for candidate in thing.cleared:
        entry = candidate.entry
        if entry.jurisdiction is not Jurisdiction.EXPORT:
            continue
        if situation.status_of(entry).status is LimbStatusName.IN_FORCE:
            found.reasons.append(reasons.not_met(entry, candidate.verdict))


def _judged(found: Judgment, situation: Situation, item: Item, thing: Classification) -> Iterator[Judged]:
    for candidate in thing.listed:
        verdict = disclosed(on_this_movement(candidate, situation.facts, item), situation.facts)
        if verdict.truth is Truth.NO:
            continue
        found.reached = True
        status = situation.status_of(candidate.entry)
        effect = candidate.entry.effect
        result = outcome(verdict.truth, status.status, effect)
        if result is Result.LICENSE_REQUIRED and carved_out(candidate.entry, situation):
            result = Result.NOT_REQUIRED
        if result is not None:
            yield Judged(candidate.entry, verdict, status, result)


def outcome(match: Truth, status: LimbStatusName, effect: Effect) -> Result | None:
    """The table of the wire contract: match × status. ``None``: nothing follows."""
    match status:
        case LimbStatusName.IN_FORCE if match is Truth.YES:
            return Result.PROHIBITED if effect is Effect.PROHIBITED else Result.LICENSE_REQUIRED
        case LimbStatusName.IN_FORCE | LimbStatusName.UNCONFIRMED:
            return Result.REVIEW
        case LimbStatusName.SUSPENDED:
            return Result.SUSPENDED
        case LimbStatusName.NOT_YET_EFFECTIVE:
            return Result.NOT_YET_EFFECTIVE
        case LimbStatusName.REPEALED | LimbStatusName.NEVER_OPERATED | LimbStatusName.NOT_PUBLISHED:
            return None
        case _:
            assert_never(status)


# -- what is gathered --------------------------------------------------------------------------------------

_STATUS_REASON = {
    LimbStatusName.SUSPENDED: ReasonCode.LAW_SUSPENDED,
    LimbStatusName.NOT_YET_EFFECTIVE: ReasonCode.LAW_NOT_YET_EFFECTIVE,
    LimbStatusName.UNCONFIRMED: ReasonCode.LAW_UNCONFIRMED,
}


def _join(found: Judgment) -> None:
    for one in found.judged:
        found.at_least(one.result)
        found.note(one.status)
        about_status = _STATUS_REASON.get(one.status.status)
        if about_status is not None:
            found.reasons.append(reasons.status(one.entry, about_status, one.status))
            if about_status is ReasonCode.LAW_UNCONFIRMED:
                found.missing.append(law_status(one.status))
        elif one.verdict.truth is Truth.YES:
            found.reasons.append(reasons.listed(one.entry, one.verdict, _listed_code(one.entry)))
        if one.entry.jurisdiction is not Jurisdiction.EXPORT:
            text = ("reaches goods that are outside China", "适用于境外物项")
            found.reasons.append(
                reasons.of_entry(one.entry, ReasonFamily.TRANSFER, ReasonCode.EXTRATERRITORIAL, text)
            )
        if one.verdict.truth is Truth.UNKNOWN:
            found.reasons.append(reasons.open_question(one.entry, one.verdict))
            found.missing += one.verdict.missing
            for missing in one.verdict.missing:
                found.asked.setdefault(missing, []).append(one.entry)


def _listed_code(entry: ControlEntry) -> ReasonCode:
    if entry.effect is Effect.PROHIBITED:
        return ReasonCode.PROHIBITED_TECHNOLOGY
    return ReasonCode.LISTED_TECHNOLOGY if entry.kind is EntryKind.TECHNOLOGY else ReasonCode.LISTED_ITEM


def _parties(found: Judgment, situation: Situation) -> None:
    """Control list: no dealing in dual-use items. Watch list: no general licence. A likeness: a person looks."""
    if situation.facts.movement in _NOT_ASKED:
        return
    listed = found.dual_use
    for hit in situation.control_hits:
        found.reasons.append(reasons.party(hit, ReasonCode.PARTY_CONTROL_LISTED))
        if any(j.result is Result.LICENSE_REQUIRED for j in listed):
            found.at_least(Result.PROHIBITED)
        else:
            found.ask()
    for hit in situation.watch_hits:
        found.reasons.append(reasons.party(hit, ReasonCode.PARTY_WATCH_LISTED))
        if listed:
            found.flags.add(Flag.GENERAL_LICENSE_BARRED)
    for hit in situation.possible_hits:
        found.reasons.append(reasons.party(hit, ReasonCode.PARTY_POSSIBLE_MATCH))
        found.ask()
        asked = "what does this list bar?" if hit.exact else f"is it entry {hit.entry_id} of {hit.list_id}?"
        found.missing.append(Missing(hit.path, asked))
    if situation.snapshot.lists.incomplete and listed:
        found.ask()
        found.missing.append(Missing("party_list", "a party list has a record that cannot be read"))


def _consistency(found: Judgment, thing: Classification) -> None:
    for conflict in thing.conflicts:
        found.reasons.append(reasons.conflict(conflict))
        if not conflict.settles:
            found.ask()
            found.conflicting.update(e.path for e in conflict.evidence)
    if thing.public_domain and any(j.entry.kind is EntryKind.TECHNOLOGY for j in found.judged):
        found.missing.append(
            Missing("publication", "a claim that it is public is no exemption; was it published before?")
        )


def _origin(found: Judgment, thing: Classification, facts: Facts, item: Item) -> None:
    """A text that says China beside a field that says another country: on a route outside China that decides
    whether goods of Chinese origin are re-exported, so nothing that is listed is cleared by the field."""
    said, stated = thing.made_in_china, known_country(item.get("country_of_origin"))
    if said is None or stated in (None, MAINLAND):
        return
    field = Evidence("country_of_origin", str(stated), "origin")
    found.reasons.append(reasons.conflict(Conflict("CONFLICT_ORIGIN", (said, field), settles=False)))
    if facts.movement is Movement.FOREIGN and thing.listed:
        found.ask()


def _catch_all(found: Judgment, situation: Situation) -> None:
    """A person looks at whatever item leaves, also where a licence covers it."""
    if not situation.mass_destruction:
        return
    found.reasons.append(end_use_reason(situation.mass_destruction))
    found.missing.append(Missing("end_use", "what is it used for, and by whom?"))
    found.ask()


def _data(found: Judgment, problems: tuple[Problem, ...], thing: Classification, facts: Facts) -> None:
    for problem in problems:
        found.reasons.append(reasons.problem(problem))
    if thing.blank and facts.movement not in _NOT_ASKED:
        found.ask()
        found.missing.append(Missing("description", "nothing says what the item is"))
        text = "the item says nothing that could be screened", "商品信息为空，无法筛查"
        found.reasons.append(reasons.reason(ReasonFamily.DATA, ReasonCode.UNCLASSIFIABLE, *text))
    if facts.movement not in _NOT_ASKED:
        for missing in (*_unreadable_identity(thing.problems), *_unreadable_day(found, facts)):
            found.ask()
            found.missing.append(missing)


def _unreadable_identity(problems: tuple[Problem, ...]) -> Iterator[Missing]:
    """What would say what the item is, and cannot be read: nothing else clears it then."""
    if any(p.path.startswith("cas") for p in problems):
        yield Missing("cas", "a CAS registry number with a right check digit")
    if any(p.path.startswith("composition") and p.path.endswith(".substance") for p in problems):
        yield Missing("composition", "lines of a substance and its mass percent")


def _unreadable_day(found: Judgment, facts: Facts) -> Iterator[Missing]:
    """The day that decides, stated and not readable: the day of the event stands in its place and is no fact."""
    unread = {p.path for p in facts.problems} & {"export_date", "transfer_date"} if found.reached else ()
    yield from (
        Missing(path, "the day that decides: YYYY-MM-DD, or a date-time with offset") for path in unread
    )


def _flags(found: Judgment, situation: Situation, thing: Classification) -> None:
    facts = situation.facts
    for candidate in thing.cleared:
        if candidate.entry.jurisdiction is not Jurisdiction.EXPORT:
            continue
        status = situation.status_of(candidate.entry).status
        if candidate.verdict.near and status in _KNOWN:
            found.flags.add(Flag.NEAR_THRESHOLD)
        if status is not LimbStatusName.IN_FORCE:
            continue
        if candidate.entry.kind is EntryKind.GOODS and found.result is Result.NOT_REQUIRED:
            found.flags.add(Flag.CUSTOMS_REMARK)
    if facts.movement is Movement.EXPORT:
        if thing.kind in TECHNICAL and found.result is Result.NOT_REQUIRED:
            found.flags.add(Flag.CONTRACT_REGISTRATION)
        if thing.ordinary_license:
            found.flags.add(Flag.ORDINARY_EXPORT_LICENSE)
    if any(j.result is Result.NOT_REQUIRED for j in found.judged):
        found.flags.add(Flag.REPORT_WITHIN_10_WORKING_DAYS)
    if facts.movement is Movement.DEEMED and found.judged:
        found.flags.add(Flag.DEEMED_EXPORT)
        text = "technology for a foreign person inside China", "向境内外国人提供技术"
        found.reasons.append(reasons.reason(ReasonFamily.TRANSFER, ReasonCode.DEEMED_EXPORT, *text))
