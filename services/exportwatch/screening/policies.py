"""What the policies of the law say of items that some list already controls: bans, refusals, passing on.

Announcements 46/2024 (United States), 1/2026 (Japan) and 61/2025 (items abroad). Each policy is judged by the status
of its limb on the day, whatever the status of the others; one that is unconfirmed is a question, never nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, assert_never

from exportwatch.classification.findings import Classification
from exportwatch.law.model import Effect, Jurisdiction, LimbStatus, LimbStatusName, Policy, PolicyEffect
from exportwatch.law.subject import Missing
from exportwatch.screening import reasons
from exportwatch.screening.countries import MAINLAND, known_country, nation_of
from exportwatch.screening.end_use import MilitaryUse
from exportwatch.screening.facts import Movement
from exportwatch.screening.judgment import Judged, Judgment, Situation
from exportwatch_events.catalogue import Flag, ReasonCode, ReasonFamily, Result
from exportwatch_events.documents import Item

_LIVE = frozenset([LimbStatusName.IN_FORCE, LimbStatusName.UNCONFIRMED])
_MILITARY = "military"
_USER_TYPE = "end_use.user_type"
_SPOKEN_OF = frozenset([MilitaryUse.STATED, MilitaryUse.SAID])


class _Ruling(NamedTuple):
    """A policy and the status of its limb on the day."""

    policy: Policy
    status: LimbStatus

    @property
    def in_force(self) -> bool:
        return self.status.status is LimbStatusName.IN_FORCE


def apply_policies(found: Judgment, situation: Situation, item: Item, thing: Classification) -> None:
    """Each policy for the nations that the document supplies, in the order of the pack."""
    if not thing.listed:
        return
    when, controls = situation.facts.legal_date, found.dual_use
    abroad = situation.facts.movement is Movement.FOREIGN
    for policy in situation.policies:
        listed = [one for one in controls if policy.speaks_of(one.entry)]
        if not (abroad if policy.effect is PolicyEffect.PASSING_ON else listed):
            continue
        status = situation.snapshot.status(policy.instrument_id, policy.limb, when.day, when.hour)
        ruling = _Ruling(policy, status)
        if status.status is LimbStatusName.SUSPENDED and listed:
            found.note(status)
        if status.status not in _LIVE:
            continue
        match policy.effect:
            case PolicyEffect.MILITARY_BARRED:
                _bar_military(found, situation, ruling, listed)
            case PolicyEffect.REFUSED_IN_PRINCIPLE | PolicyEffect.STRICTER_REVIEW:
                _restrict(found, situation, ruling, listed)
            case PolicyEffect.PASSING_ON:
                reached = tuple(_reached(ruling, situation, item, thing))
                _question_passing_on(found, situation, ruling, reached)
            case PolicyEffect.CARVED_OUT:
                continue  # decided where the entry is judged
            case _:
                assert_never(policy.effect)


def _licensed(listed: Sequence[Judged]) -> bool:
    """Whether one of them certainly needs a licence, so that the item is a dual-use item beyond doubt."""
    return any(one.result is Result.LICENSE_REQUIRED for one in listed)


def _bar_military(found: Judgment, situation: Situation, ruling: _Ruling, listed: Sequence[Judged]) -> None:
    """Military users and uses. Where nobody says who uses it, the field is asked for."""
    use, policy = situation.end_user.use, ruling.policy
    if use is MilitaryUse.NONE:
        return
    if use is not MilitaryUse.STATED:
        found.missing.append(Missing(_USER_TYPE, f"{policy.instrument_id} bars military users and uses"))
    if use is MilitaryUse.UNKNOWN:
        return
    found.note(ruling.status)
    found.reasons.append(_military_reason(ruling, situation))
    if situation.only_named(policy):
        countries = ", ".join(policy.countries)
        found.missing.append(
            Missing("end_use", f"does it go on to {countries}? a text says so, or a party is there")
        )
        use = MilitaryUse.SAID
    if use is MilitaryUse.STATED:
        found.reasons.append(_says(ruling, ReasonFamily.DESTINATION, ReasonCode.DESTINATION_RESTRICTED))
    if use is MilitaryUse.STATED and ruling.in_force and _licensed(listed):
        found.at_least(Result.PROHIBITED)
    else:
        found.ask()
    _unconfirmed(found, ruling)


def _restrict(found: Judgment, situation: Situation, ruling: _Ruling, listed: Sequence[Judged]) -> None:
    """A licence that is refused in principle, or reviewed more strictly. The licence duty itself is the list's."""
    if not concerns(ruling.policy, situation):
        return
    found.note(ruling.status)
    if ruling.policy.countries:
        found.reasons.append(_says(ruling, ReasonFamily.DESTINATION, ReasonCode.DESTINATION_RESTRICTED))
    if _MILITARY in ruling.policy.users and situation.end_user.use in _SPOKEN_OF:
        found.reasons.append(_military_reason(ruling, situation))
    _unconfirmed(found, ruling)
    if not ruling.in_force:
        found.ask()
    elif not _certainly_concerns(ruling.policy, situation):
        found.ask()
        found.missing.append(Missing(_USER_TYPE, ruling.policy.name.en))
    elif ruling.policy.effect is PolicyEffect.REFUSED_IN_PRINCIPLE and _licensed(listed):
        found.flags.add(Flag.PRESUMED_DENIAL)


def concerns(policy: Policy, situation: Situation) -> bool:
    """Whether the policy may be about this end use and these parties."""
    said = _MILITARY in policy.users and situation.end_user.use is MilitaryUse.SAID
    return said or _certainly_concerns(policy, situation)


def _certainly_concerns(policy: Policy, situation: Situation) -> bool:
    if not policy.users and not policy.lists:
        return True
    if _MILITARY in policy.users and situation.end_user.use is MilitaryUse.STATED:
        return True
    return any(hit.exact and hit.list_id in policy.lists for hit in situation.hits)


def _reached(ruling: _Ruling, situation: Situation, item: Item, thing: Classification) -> Iterator[Judged]:
    """The listed items of Chinese, or unknown, origin that go from a third country to the policy's country.

    Goods that are in that country already are not passed on to it.
    """
    policy = ruling.policy
    if nation_of(situation.facts.origin) in policy.countries:
        return
    if known_country(item.get("country_of_origin")) not in (None, MAINLAND):
        return
    if _MILITARY in policy.users and situation.end_user.use is MilitaryUse.NONE:
        return
    for candidate in thing.listed:
        entry = candidate.entry
        if entry.jurisdiction is not Jurisdiction.EXPORT or entry.effect is not Effect.DUAL_USE_LICENSE:
            continue
        status = situation.status_of(entry)
        if policy.speaks_of(entry) and status.status in _LIVE:
            missing = (*candidate.verdict.missing, *_of_origin(item))
            yield Judged(entry, replace(candidate.verdict, missing=missing), status, Result.REVIEW)


def _of_origin(item: Item) -> tuple[Missing, ...]:
    known = known_country(item.get("country_of_origin")) is not None
    return () if known else (Missing("country_of_origin", "of Chinese origin?"),)


def _question_passing_on(
    found: Judgment, situation: Situation, ruling: _Ruling, reached: Sequence[Judged]
) -> None:
    """Whether passing it on breaks the announcement is for a person: no Chinese licence is asked for abroad."""
    if not reached:
        return
    for one in reached:
        if all(one.entry is not known.entry for known in found.judged):
            found.judged = (*found.judged, one)
        found.note(one.status)
        code, family = ReasonCode.EXTRATERRITORIAL, ReasonFamily.TRANSFER
        found.reasons.append(_says(ruling, family, code, one.entry.control_code))
        found.missing += one.verdict.missing
    found.note(ruling.status)
    if situation.end_user.use in _SPOKEN_OF:
        found.reasons.append(_military_reason(ruling, situation))
    if situation.end_user.use is not MilitaryUse.STATED:
        found.missing.append(Missing(_USER_TYPE, ruling.policy.name.en))
    _unconfirmed(found, ruling)
    found.ask()


def _unconfirmed(found: Judgment, ruling: _Ruling) -> None:
    if not ruling.in_force:
        found.reasons.append(reasons.policy_unconfirmed(ruling.policy, ruling.status))


def _military_reason(ruling: _Ruling, situation: Situation) -> reasons.Reason:
    """The policy, and which places of the document speak of a military user or use, or of a government body."""
    user = situation.end_user
    government = user.use is MilitaryUse.GOVERNMENT
    code = ReasonCode.GOVERNMENT_END_USER if government else ReasonCode.MILITARY_END_USE
    said = _says(ruling, ReasonFamily.END_USE, code)
    places = ", ".join(e.path for e in user.evidence)
    texts = {"en": f"{said['text']['en']}: {places}", "zh": f"{said['text']['zh']}：{places}"}
    return {**said, "text": texts, "evidence": reasons.proofs(user.evidence)}


def _says(
    ruling: _Ruling, family: ReasonFamily, code: ReasonCode, control_code: str | None = None
) -> reasons.Reason:
    return reasons.of_policy(ruling.policy, family, code, control_code)
