"""The licence that an item needs, whether one covers it, and what that means for the stage of a contract.

Restricted technology needs a letter of intent before it is negotiated or promised and a licence before it is
transferred (Measures of 2009, reference domain 1.2). Dual-use items need a licence before they leave.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from exportwatch.law.model import Effect, Text
from exportwatch.law.subject import Missing
from exportwatch.screening import reasons
from exportwatch.screening.amounts import figures_of, is_readable
from exportwatch.screening.judgment import Judged, Judgment, Situation
from exportwatch.screening.licenses import Cover
from exportwatch.screening.lines import line_problems
from exportwatch.screening.waiting import pending
from exportwatch.screening.wording import NEEDS
from exportwatch_events.catalogue import Flag, LicenseNeed, LicenseStatus, ReasonCode, ReasonFamily, Result
from exportwatch_events.documents import Item

_CITING = frozenset(["licenses", "license", "letter_of_intent"])
_BEFORE_TRANSFER = frozenset(["negotiation", "signed"])


@dataclass(frozen=True, slots=True)
class Granted:
    """The licence part of an item's decision."""

    need: LicenseNeed | None
    cover: Cover
    needs: tuple[LicenseNeed, ...] = ()  # of the entries that no licence covers
    numbers: tuple[str, ...] = ()  # of the licences that cover entries, or would if granted for this contract

    @property
    def valid_to(self) -> date | None:
        return self.cover.valid_to


NOT_NEEDED = Granted(None, Cover(LicenseStatus.NOT_NEEDED))


def grant(situation: Situation, item: Item, found: Judgment) -> Granted:
    """The licence needed and what covers it; reasons and flags are added to ``found``."""
    if found.result is not Result.LICENSE_REQUIRED:
        return NOT_NEEDED
    needing = [j for j in found.judged if j.result is Result.LICENSE_REQUIRED]
    granted = [_covered(situation, item, one) for one in needing]
    worst = max(granted, key=lambda g: g.cover.distance)
    # The first licence to run out ends the cover of the item.
    worst = replace(worst, cover=replace(worst.cover, valid_to=earliest(g.valid_to for g in granted)))
    several = len({its.need for its in granted}) > 1
    for one, its in zip(needing, granted, strict=True):
        _explain(found, one, its, situation.facts.legal_date.day, several)
        if its.cover.status is LicenseStatus.COVERED:
            _ask_how_much(found, one, its.cover, item)
    for its in {g.need: g for g in sorted(granted, key=lambda g: g.cover.distance)}.values():
        _stage(found, situation, its)  # each need by its worst: an item may lack licences of two kinds
    if worst.cover.status is LicenseStatus.COVERED:
        for path in _unread_citations(situation, item):
            found.ask()
            found.missing.append(Missing(path, "which licence is cited? it cannot be read"))
        if found.unsettled or _may_need_another(situation, item, found):
            # The licence answers for the licence and not for the question that is open beside it.
            found.result = Result.REVIEW
        return worst
    if worst.cover.contract_open:
        found.result = Result.REVIEW  # perhaps it is the permit of this contract: neither covered nor missing
    return _with_what_is_open(worst, granted)


def _unread_citations(situation: Situation, item: Item) -> Iterator[str]:
    """Where a licence is cited that cannot be read: another one on record may not be the one that is meant."""
    for problem in (*situation.facts.problems, *line_problems(item)):
        if problem.path.partition("[")[0] in _CITING:
            yield problem.path


def _with_what_is_open(worst: Granted, granted: Sequence[Granted]) -> Granted:
    """The worst of what the entries are granted, with the needs that are open and the licences that are of use."""
    open_ones = [g for g in granted if g.cover.status is not LicenseStatus.COVERED]
    usable = [g.cover.license_no for g in granted if g.cover.contract_open or g not in open_ones]
    return replace(
        worst,
        needs=tuple(dict.fromkeys(g.need for g in open_ones if g.need is not None)),
        numbers=tuple(dict.fromkeys(number for number in usable if number is not None)),
    )


def _may_need_another(situation: Situation, item: Item, found: Judgment) -> bool:
    """Whether an entry that only may list the item asks for a licence that does not cover it."""
    open_ = (j for j in found.judged if j.result is Result.REVIEW)
    return any(_covered(situation, item, j).cover.status is not LicenseStatus.COVERED for j in open_)


def _covered(situation: Situation, item: Item, one: Judged) -> Granted:
    if one.entry.effect is Effect.DUAL_USE_LICENSE:
        need = LicenseNeed.DUAL_USE_LICENSE
        return Granted(need, _ask(situation, item, one, need))
    letter = _ask(situation, item, one, LicenseNeed.LETTER_OF_INTENT)
    if situation.facts.stage in _BEFORE_TRANSFER:
        if letter.status is not LicenseStatus.COVERED:
            return Granted(LicenseNeed.LETTER_OF_INTENT, letter)
        # With the letter in hand the parties may negotiate and sign; the transfer itself comes later.
        final = _ask(situation, item, one, LicenseNeed.TECHNOLOGY_LICENSE)
        return Granted(
            LicenseNeed.TECHNOLOGY_LICENSE, final if final.status is LicenseStatus.COVERED else letter
        )
    return Granted(LicenseNeed.TECHNOLOGY_LICENSE, _ask(situation, item, one, LicenseNeed.TECHNOLOGY_LICENSE))


def _ask(situation: Situation, item: Item, one: Judged, need: LicenseNeed) -> Cover:
    cover = situation.permits.cover(need, one.entry.control_code, item)
    # A number cited for the other permit of the same contract does not speak against this one.
    if cover.mismatch == ("type",) and need is not LicenseNeed.DUAL_USE_LICENSE:
        return Cover(LicenseStatus.MISSING)
    return cover


def _explain(found: Judgment, one: Judged, its: Granted, on: date, several: bool) -> None:
    """What the licences say of one entry. ``several``: the item needs permits of more than one kind, and as
    ``type_needed`` has room for one, each sentence names the kind that it speaks of."""
    cover = its.cover
    needed = NEEDS[its.need or LicenseNeed.DUAL_USE_LICENSE]
    lead = Text(f"{needed.en}: ", f"{needed.zh}：") if several else Text("", "")
    match cover.status:
        case LicenseStatus.COVERED:
            if cover.balance_unknown:
                _add(found, one, ReasonCode.LICENSE_BALANCE_UNKNOWN, _balance(cover))
            _beyond_its_route(found, one, cover)
            _received_elsewhere(found, one, cover)
            _unplaced(found, one, cover)
        case LicenseStatus.PENDING:
            en, zh = pending(cover, on)
            _add(found, one, ReasonCode.LICENSE_MISSING, (lead.en + en, lead.zh + zh))
        case LicenseStatus.INSUFFICIENT if cover.contract_open:
            _ask_for_the_contract(found, one, cover, needed)
        case LicenseStatus.INSUFFICIENT:
            named = ", ".join(cover.mismatch)
            code = ReasonCode.LICENSE_NOT_VALID if cover.not_valid else ReasonCode.LICENSE_SCOPE
            text = (
                f"{lead.en}licence {cover.license_no} does not cover this: {named}",
                f"{lead.zh}许可证 {cover.license_no} 不涵盖：{named}",
            )
            _add(found, one, code, text)
        case _:
            number = cover.license_no
            en = f"{needed.en} is needed" + (f" (licence {number} is not on record)" if number else "")
            zh = f"需要{needed.zh}" + (f"（许可证 {number} 无记录）" if number else "")
            _add(found, one, ReasonCode.LICENSE_MISSING, (en, zh))


def _ask_for_the_contract(found: Judgment, one: Judged, cover: Cover, needed: Text) -> None:
    number = cover.license_no
    text = (
        f"{needed.en}: licence {number} names no contract, and the document does not cite it",
        f"{needed.zh}：许可证 {number} 未载明合同，单据亦未引用该许可证",
    )
    _add(found, one, ReasonCode.LICENSE_SCOPE, text)
    missing = Missing("license.contract_id", f"for which contract was licence {number} granted?")
    found.missing.append(missing)
    found.asked.setdefault(missing, []).append(one.entry)


def _ask_how_much(found: Judgment, one: Judged, cover: Cover, item: Item) -> None:
    """A limit of which the line states nothing that can be read: whether it is within it, nobody knows."""
    stated = (
        {measure.name for measure in figures_of(item) if is_readable(measure)} if cover.uncompared else ()
    )
    for limit in cover.uncompared:
        if limit in stated:
            continue
        _open(found, one, Missing(limit, f"licence {cover.license_no} is limited in {limit}"))


def _balance(cover: Cover) -> tuple[str, str]:
    en = f"licence {cover.license_no} is limited in quantity or value; its balance is not known here"
    zh = f"许可证 {cover.license_no} 有数量或金额限制，余额不明"
    if not cover.uncompared:
        return en, zh
    named = ", ".join(cover.uncompared)
    return f"{en}; no figure of the line can be held against its {named}", f"{zh}；无法与其限额比较：{named}"


def _beyond_its_route(found: Judgment, one: Judged, cover: Cover) -> None:
    """A covering licence that its type cannot be, which a person looks at, or is not mainly meant for, a remark."""
    if cover.beyond:
        found.ask()
        named = ", ".join(cover.beyond)
        text = (f"licence {cover.license_no} goes beyond what its type allows: {named}",
                f"许可证 {cover.license_no} 超出该类许可的法定范围：{named}")  # fmt: skip
        code = ReasonCode.LICENSE_NOT_VALID if "valid_to" in cover.beyond else ReasonCode.LICENSE_SCOPE
        _add(found, one, code, text)
    if cover.unusual:
        text = (f"licence {cover.license_no} is of a type that is mainly meant for other purposes",
                f"许可证 {cover.license_no} 的类型主要适用于其他用途")  # fmt: skip
        _add(found, one, ReasonCode.LICENSE_SCOPE, text)


def _received_elsewhere(found: Judgment, one: Judged, cover: Cover) -> None:
    """Somebody whom the licence does not name receives outside its countries, perhaps only on the way to the user."""
    if not cover.elsewhere:
        return
    named = ", ".join(cover.elsewhere)
    text = (f"licence {cover.license_no} is not for {named}, where a consignee or end user is",
            f"许可证 {cover.license_no} 不含收货人或最终用户所在国家：{named}")  # fmt: skip
    _add(found, one, ReasonCode.LICENSE_SCOPE, text)
    _open(
        found,
        one,
        Missing("end_use", f"does the item stay in {named}, outside the countries of the licence?"),
    )


def _unplaced(found: Judgment, one: Judged, cover: Cover) -> None:
    """What is open about who receives, and about which licence a line draws on."""
    if cover.unplaced:
        named = ", ".join(cover.unplaced)
        _open(
            found,
            one,
            Missing("parties.role", f"who receives? licence {cover.license_no} does not name {named}"),
        )
    if cover.undivided:
        text = ("the lines are within their licences together, but no division of whole lines among them was found",
                "各行合计未超出许可证，但未能将各行整行分配至许可证")  # fmt: skip
        _add(found, one, ReasonCode.LICENSE_SCOPE, text)
        _open(found, one, Missing("license", "which licence does this line draw on?"))


def _open(found: Judgment, one: Judged, missing: Missing) -> None:
    found.ask()
    found.missing.append(missing)
    found.asked.setdefault(missing, []).append(one.entry)


def _add(found: Judgment, one: Judged, code: ReasonCode, text: tuple[str, str]) -> None:
    found.reasons.append(reasons.of_entry(one.entry, ReasonFamily.LICENSE, code, text))


def _stage(found: Judgment, situation: Situation, its: Granted) -> None:
    if its.cover.contract_open:
        return
    if its.need is LicenseNeed.LETTER_OF_INTENT and situation.facts.stage == "negotiation":
        found.flags.add(Flag.HOLD_NEGOTIATION)
        text = (
            "restricted technology may not be negotiated before the letter of intent is granted",
            "未取得技术出口许可意向书，不得进行实质性谈判",
        )
        found.reasons.append(reasons.reason(ReasonFamily.TRANSFER, ReasonCode.STAGE_NOT_ALLOWED, *text))
    elif its.need is LicenseNeed.LETTER_OF_INTENT:
        text = (
            "restricted technology was promised without a letter of intent",
            "未取得技术出口许可意向书即已签约",
        )
        found.reasons.append(reasons.reason(ReasonFamily.TRANSFER, ReasonCode.STAGE_NOT_ALLOWED, *text))
    elif its.need is LicenseNeed.TECHNOLOGY_LICENSE and its.cover.status is not LicenseStatus.COVERED:
        found.flags.add(Flag.HOLD_TRANSFER)


def earliest(days: Iterable[date | None]) -> date | None:
    """The first of the days that are known; None where none is."""
    return min((d for d in days if d is not None), default=None)
