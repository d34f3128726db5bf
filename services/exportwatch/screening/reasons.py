"""Reasons, in the closed list of codes, with a sentence for a person in English and Chinese."""

from collections.abc import Iterable
from typing import Any

from exportwatch.classification.findings import Conflict
from exportwatch.classification.problems import Problem
from exportwatch.law.changes import limb_in_words
from exportwatch.law.model import ControlEntry, LimbStatus, Policy
from exportwatch.law.subject import ClearedBy, Evidence, Verdict
from exportwatch.screening.parties import Hit
from exportwatch.screening.things import OF_DOCUMENT
from exportwatch_events.catalogue import ReasonCode, ReasonFamily

Reason = dict[str, Any]
_SHOWN = 2  # pieces of evidence in a sentence

_STATUS_TEXT = {
    ReasonCode.LAW_SUSPENDED: (
        "{i} is suspended from {since} to {until} by {by}",
        "{i}自{since}至{until}暂停实施（{by}）",
    ),
    ReasonCode.LAW_NOT_YET_EFFECTIVE: (
        "{i} is published and not in force on this day",
        "{i}已公布，当日尚未生效",
    ),
    ReasonCode.LAW_UNCONFIRMED: (
        "the status of {i} on this day is not confirmed: {note}",
        "{i}当日的效力状态未经确认",
    ),
}


def reason(family: ReasonFamily, code: str, en: str, zh: str, **of: str | None) -> Reason:
    """``of``: instrument_id, control_code, source."""
    return {
        "family": family.value,
        "code": str(code),
        "instrument_id": of.get("instrument_id"),
        "control_code": of.get("control_code"),
        "text": {"en": en, "zh": zh},
        "source": of.get("source"),
    }


def of_entry(entry: ControlEntry, family: ReasonFamily, code: ReasonCode, texts: tuple[str, str]) -> Reason:
    """A reason that belongs to a control entry and cites its sentence of law; ``texts`` in English and Chinese."""
    return reason(
        family,
        code,
        *texts,
        instrument_id=entry.instrument_id,
        control_code=entry.control_code,
        source=entry.source,
    )


def of_policy(
    policy: Policy, family: ReasonFamily, code: ReasonCode, control_code: str | None = None
) -> Reason:
    """What a policy says of a listed item, in its own words."""
    return reason(
        family,
        code,
        policy.name.en,
        policy.name.zh,
        instrument_id=policy.instrument_id,
        control_code=control_code,
        source=_cited(policy),
    )


def policy_unconfirmed(policy: Policy, limb: LimbStatus) -> Reason:
    """That nobody knows whether the policy holds on the day. It belongs to the destination, as the policy does."""
    words = {"i": policy.instrument_id, "note": limb.note or "no announcement is known"}
    en, zh = (text.format(**words) for text in _STATUS_TEXT[ReasonCode.LAW_UNCONFIRMED])
    family = ReasonFamily.DESTINATION if policy.countries else ReasonFamily.LAW_STATUS
    named = {"instrument_id": policy.instrument_id, "source": _cited(policy)}
    return reason(
        family, ReasonCode.LAW_UNCONFIRMED, f"{en} ({policy.name.en})", f"{zh}（{policy.name.zh}）", **named
    )


def _cited(policy: Policy) -> str:
    return f"{policy.source.cite} ({policy.source.confidence})"


def listed(entry: ControlEntry, verdict: Verdict, code: ReasonCode) -> Reason:
    """Which sentence of law lists it, and on what evidence."""
    limb = limb_in_words(entry.instrument_id, entry.limb)
    seen = _seen(verdict.evidence)
    en = f"{entry.control_code} of {limb} lists {entry.name.en}{seen and f': {seen}'}"
    zh = f"{entry.instrument_id} {entry.control_code}：{entry.name.zh}{seen and f'（{seen}）'}"
    return of_entry(entry, ReasonFamily.LEGAL_CONTROL, code, (en, zh))


def _seen(evidence: tuple[Evidence, ...]) -> str:
    """The first pieces of evidence with their place; all of them stand in the classification."""
    shown = [f"{e.path.removeprefix(OF_DOCUMENT)} {e.value!r:.60}" for e in evidence[:_SHOWN]]
    return ", ".join(dict.fromkeys(shown))


def status(entry: ControlEntry, code: ReasonCode, limb: LimbStatus) -> Reason:
    """That the entry's limb is suspended, not yet in force, or unconfirmed on the day."""
    words = {
        "i": limb_in_words(entry.instrument_id, entry.limb), "since": limb.since, "until": limb.until, "by": limb.by,
        "note": limb.note or f"its end of {limb.until} passed without an announcement",
    }  # fmt: skip
    en, zh = _STATUS_TEXT[code]
    return of_entry(entry, ReasonFamily.LAW_STATUS, code, (en.format(**words), zh.format(**words)))


def open_question(entry: ControlEntry, verdict: Verdict) -> Reason:
    """Why it is unknown whether the entry lists the item: by the kind of fact that is missing."""
    facts = {m.fact for m in verdict.missing}
    if verdict.basis_mismatch:
        code = ReasonCode.PARAMETER_BASIS_MISMATCH
    elif facts & {"composition", "test_report", "constituents", "magnet_material"}:
        code = ReasonCode.COMPOSITION_MISSING
    elif facts & {"form", "identity", "kind", "official_position", "process", "transferred_technology"}:
        code = ReasonCode.UNCLASSIFIABLE
    else:
        code = ReasonCode.PARAMETER_MISSING
    named = ", ".join(dict.fromkeys(m.fact for m in verdict.missing)) or "contradictory evidence"
    limb, seen = limb_in_words(entry.instrument_id, entry.limb), _seen(verdict.evidence)
    en = f"whether {entry.control_code} of {limb} ({entry.name.en}) lists it is unknown: {named}"
    en += seen and f"; seen: {seen}"
    return of_entry(
        entry,
        ReasonFamily.CLASSIFICATION,
        code,
        (en, f"是否属于{entry.control_code}（{entry.name.zh}）不明：{named}"),
    )


_CLEARED = {
    ClearedBy.PARAMETER: ("a value lies outside its limit", "参数未达到管制标准"),
    ClearedBy.REPORT: ("a test report excludes it", "检测报告排除"),
    ClearedBy.CLOSED_LIST: ("its list is closed and does not name this one", "不在列举范围之内"),
    ClearedBy.GUIDANCE: (
        "official guidance puts deep-processed goods outside",
        "官方解释：深加工产品一般不在管制范围之内",
    ),
}


def not_met(entry: ControlEntry, verdict: Verdict) -> Reason:
    """Against which entry the item was cleared, and why: what a remark in the declaration can be written from."""
    facts = "; ".join(dict.fromkeys(f"{e.value} ({e.says})" for e in verdict.evidence))
    ways = [_CLEARED[by] for by in verdict.cleared_by] or [("not met", "不符合")]
    en = f"not {entry.control_code} ({entry.name.en}): {'; '.join(way[0] for way in ways)}: {facts}"
    zh = f"不属于{entry.control_code}（{entry.name.zh}）：{'；'.join(way[1] for way in ways)}：{facts}"
    return of_entry(entry, ReasonFamily.CLASSIFICATION, ReasonCode.NOT_MET, (en, zh))


def conflict(found: Conflict) -> Reason:
    """Which facts contradict each other, each with its place."""
    sides = " against ".join(f"{e.path} {e.value!r}" for e in found.evidence)
    return reason(
        ReasonFamily.CONSISTENCY,
        found.code,
        f"facts contradict each other: {sides}",
        f"申报要素相互矛盾：{sides}",
    )


def problem(found: Problem) -> Reason:
    """What was stated and cannot be used, and what was expected in its place."""
    en = f"{found.path}: found {found.found}, expected {found.expected}; read as unknown"
    return reason(ReasonFamily.DATA, found.code, en, f"{found.path}：{found.found} 无法识别，按未知处理")


# What a listing of a party does; a list that is not named here works by another mechanism, or the name is only alike.
_LISTING = {
    ReasonCode.PARTY_CONTROL_LISTED: (": no dealing in dual-use items", "：禁止两用物项交易"),
    ReasonCode.PARTY_WATCH_LISTED: (
        ": no general licence, no registration certificate; an individual licence with risk report and undertaking",
        "：不得申请通用许可或者登记填报；申请单项许可须提交风险评估报告和承诺书",
    ),
}


def party(hit: Hit, code: ReasonCode) -> Reason:
    """Which entry of which list in which version, how surely, and what can be seen of it."""
    more = _LISTING.get(code, ("", ""))
    if code is ReasonCode.PARTY_POSSIBLE_MATCH and hit.exact:
        more = (": a list of another mechanism than export control", "：该清单属于出口管制以外的其他机制")
    is_, zh_is = ("matches", "相符") if hit.exact else ("may be", "相似，待核实")
    seen, entry = "; ".join(hit.why), f"{hit.entry_id} (version {hit.version})"
    known = f"{hit.path} {is_} entry {entry} of {hit.list_id}, {hit.listed_name!r}"
    en = f"{known}{more[0]}; score {hit.score:.2f}: {seen}"
    listed = f"{hit.list_id} 第 {hit.entry_id} 项（第 {hit.version} 版，{hit.listed_name}）"
    zh = f"{hit.path} 与 {listed}{zh_is}{more[1]}；得分 {hit.score:.2f}"
    proof = Evidence(hit.path, hit.name, f"{is_} {hit.list_id} entry {entry}, score {hit.score:.2f}: {seen}")
    return {**reason(ReasonFamily.PARTY, code, en, zh, source=hit.list_id), "evidence": proofs((proof,))}


def proofs(evidence: Iterable[Evidence]) -> list[dict[str, str]]:
    """Evidence of the document in the form of the wire; paths begin at the document."""
    return [{"path": e.path, "value": e.value, "says": e.says} for e in evidence]
