"""Whether an entry reaches a movement: leaving the mainland, a foreign person inside China, or goods outside China.

An entry that does not reach the movement says nothing; where the facts leave it open, its match is unknown.
"""

from decimal import Decimal
from typing import assert_never

from exportwatch.classification.findings import Candidate
from exportwatch.classification.units import Interval, percent
from exportwatch.law.model import ControlEntry, Effect, EntryKind, Jurisdiction, Policy, PolicyEffect
from exportwatch.law.subject import Missing, Truth, Verdict
from exportwatch.screening.countries import MAINLAND, known_country
from exportwatch.screening.facts import Facts, Movement
from exportwatch.screening.judgment import Situation
from exportwatch.screening.policies import concerns
from exportwatch_events.documents import Item

_TRACK_A = frozenset([Effect.TECHNOLOGY_LICENSE, Effect.PROHIBITED])


def disclosed(verdict: Verdict, facts: Facts) -> Verdict:
    """A disclosure to the public: whether what is already public may be said again is for a person to decide."""
    if facts.contract_type != "public_disclosure" or verdict.truth is not Truth.YES:
        return verdict
    missing = Missing("publication", "a claim that it is public is no exemption; was it published before?")
    return Verdict(Truth.UNKNOWN, verdict.evidence, (missing,))


def carved_out(entry: ControlEntry, situation: Situation) -> bool:
    """A purpose for which the entry's own limb asks for no licence but for a report within 10 working days.

    Never for a user or a party that the same limb may refuse in principle.
    """
    of_entry = [policy for policy in situation.policies if policy.speaks_of(entry)]
    return any(
        policy.effect is PolicyEffect.CARVED_OUT
        and situation.facts.purpose in policy.purposes
        and not any(_may_refuse(other, policy, situation) for other in of_entry)
        for policy in of_entry
    )


def _may_refuse(policy: Policy, carving: Policy, situation: Situation) -> bool:
    """Whether a refusal in principle of the limb that carves out may be about this end use and these parties."""
    same = (policy.instrument_id, policy.limb) == (carving.instrument_id, carving.limb)
    return same and policy.effect is PolicyEffect.REFUSED_IN_PRINCIPLE and concerns(policy, situation)


def on_this_movement(candidate: Candidate, facts: Facts, item: Item) -> Verdict:
    """The match of a candidate, as far as its entry reaches the movement: no match where it does not, an unknown one
    with the missing fact where that is open."""
    entry, verdict = candidate.entry, candidate.verdict
    bites, why = _bites(entry, facts, item)
    if bites is Truth.NO:
        return Verdict(Truth.NO)
    if bites is Truth.UNKNOWN:
        missing = (*verdict.missing, *((why,) if why else ()))
        return Verdict(Truth.UNKNOWN, verdict.evidence, missing, options=verdict.options)
    return verdict


def _bites(entry: ControlEntry, facts: Facts, item: Item) -> tuple[Truth, Missing | None]:
    movement = facts.movement
    match entry.jurisdiction:
        case Jurisdiction.EXPORT:
            return _export_bites(entry, movement)
        case Jurisdiction.FOREIGN_MADE_CONTENT:
            return _content_bites(facts, item, entry.content_floor)
        case Jurisdiction.FOREIGN_MADE_TECHNOLOGY:
            return _technology_bites(movement, item.get("uses_chinese_technology"))
        case Jurisdiction.RE_EXPORT:
            return _re_export_bites(facts, item)
        case _:
            assert_never(entry.jurisdiction)


def _export_bites(entry: ControlEntry, movement: Movement) -> tuple[Truth, Missing | None]:
    if movement is Movement.EXPORT:
        return Truth.YES, None
    if movement is Movement.UNKNOWN:
        return Truth.UNKNOWN, Missing("route", "does it leave the mainland's customs territory?")
    if movement is Movement.DEEMED and entry.kind is EntryKind.TECHNOLOGY:
        # Track A does not speak of foreign persons inside China (INF): a person decides. Track B does.
        if entry.effect in _TRACK_A:
            return Truth.UNKNOWN, Missing(
                "deemed_export", "the catalogue does not state whether this is an export"
            )
        return Truth.YES, None
    return Truth.NO, None


def _content_bites(facts: Facts, item: Item, floor: Decimal | None) -> tuple[Truth, Missing | None]:
    origin = known_country(item.get("country_of_origin"))
    if facts.movement is not Movement.FOREIGN or origin == MAINLAND:
        return Truth.NO, None
    share: Interval | None = percent(item.get("chinese_content_percent"))
    if share is None or share.low < 0 or floor is None:
        return Truth.UNKNOWN, Missing(
            "chinese_content_percent", "share of Chinese listed material in the value"
        )
    if origin is None:
        return Truth.UNKNOWN, Missing("country_of_origin", "made in China or abroad?")
    return (Truth.YES if share.low >= floor else Truth.UNKNOWN if share.high >= floor else Truth.NO), None


def _technology_bites(movement: Movement, stated: object) -> tuple[Truth, Missing | None]:
    if movement is not Movement.FOREIGN or stated is None or stated is False:
        return Truth.NO, None
    if stated is True:
        return Truth.YES, None
    return Truth.UNKNOWN, Missing("uses_chinese_technology", "made with Chinese technology: true or false?")


def _re_export_bites(facts: Facts, item: Item) -> tuple[Truth, Missing | None]:
    if facts.movement is not Movement.FOREIGN:
        return Truth.NO, None
    origin = known_country(item.get("country_of_origin"))
    if origin is None:
        return Truth.UNKNOWN, Missing("country_of_origin", "of Chinese origin?")
    return (Truth.YES if origin == MAINLAND else Truth.NO), None
