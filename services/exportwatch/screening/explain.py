"""One decision, told to a person: what it is, which law on which day, why, what is missing, what would settle it.

Pure: a decision as parsed JSON and the register in, lines of text out. Says nothing that the decision does not.
"""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from exportwatch.law.register import LawRegister

WIDTH = 100
_RESULTS = {
    "prohibited": "PROHIBITED: it may not be exported, or no dealing with that party is allowed",
    "license_required": "LICENCE REQUIRED",
    "review": "REVIEW: a fact or the status of the law is open; a person decides",
    "suspended": "SUSPENDED: listed, and the instrument is suspended on this day",
    "not_yet_effective": "NOT YET EFFECTIVE: published, not in force on this day",
    "not_required": "NOT REQUIRED: screened, nothing found",
}
_HOLDS = {"hold": "hold the goods or the transfer", "person": "ask a person", "release": "release"}


def explain(decision: Mapping[str, Any], register: LawRegister) -> Iterator[str]:
    """The lines of the explanation."""
    document = decision["document"]
    yield f"{document['type']} {document['id']} version {document['version']} of {document['source']}"
    if document["state"] == "cancelled":
        yield "  cancelled: nothing to screen"
        return
    yield f"  result      {_RESULTS[decision['result']]}"
    yield f"  advice      {_HOLDS[decision['hold']]}"
    yield f"  legal date  {decision['legal_date']} (Asia/Shanghai)"
    if decision["reassess_on"]:
        yield f"  look again  on {decision['reassess_on']}, when the law or a licence changes"
    for item in decision["items"]:
        yield ""
        yield from _item(item, decision, register)
    yield ""
    reference = decision["reference"]
    yield f"Law pack {reference['rule_pack']}, sha256 {reference['rule_pack_sha256'][:16]}…, {reference['engine']}."
    yield "This is a screening result, not legal advice."


def _item(item: Mapping[str, Any], decision: Mapping[str, Any], register: LawRegister) -> Iterator[str]:
    described: Mapping[str, Any] = next(
        (i for i in decision["facts"]["items"] if i["item_id"] == item["item_id"]), {}
    )
    yield f"Item {item['item_id']}: {described.get('description', '')[:120]}"
    yield f"  {_RESULTS[item['result']]}"
    for found in item["classifications"]:
        sure = "is" if found["match"] == "yes" else "may be"
        yield from _wrapped(
            f"{sure} {found['control_code']} of {found['instrument_id']}: {found['name']['en']}", "  "
        )
        yield f"      {found['name']['zh']}"
        for evidence in found["evidence"]:
            yield from _wrapped(f"{evidence['path']} = {evidence['value']!r}: {evidence['says']}", "      - ")
    yield from _section("Why", [_why(r) for r in item["reasons"]])
    yield from _law(item, decision["legal_date"], register)
    yield from _license(item["license"])
    yield from _section("Missing", [f"{m['fact']}: {m['why']}" for m in item["missing"]])
    yield from _section(
        "What would settle it", [f"{o['change']} → {o['result']}" for o in item["clear_options"]]
    )
    yield from _section("Mind", [_FLAGS.get(flag, flag) for flag in item["flags"]])


_FLAGS = {
    "presumed_denial": "refusal is the announced policy",
    "general_license_barred": "a watch-listed party: an individual licence only",
    "contract_registration": "technology that needs no licence still has its contract registered",
    "ordinary_export_license": "not dual-use, but an ordinary export licence is needed",
    "near_threshold": "a value lies within 10 % of a limit of the law",
    "customs_remark": "say in the declaration's remark why it is not controlled (不属于管制物项)",
    "deemed_export": "technology for a foreign person inside China",
    "report_within_10_working_days": "report to the ministry within 10 working days",
    "hold_negotiation": "stop negotiating until the letter of intent is granted",
    "hold_transfer": "stop the transfer until the licence is granted",
}


def _why(reason: Mapping[str, Any]) -> str:
    source = f" [{reason['source']}]" if reason["source"] else ""
    return f"{reason['code']}: {reason['text']['en']}{source}"


def _law(item: Mapping[str, Any], on: str, register: LawRegister) -> Iterator[str]:
    if not item["law"]:
        return
    yield f"  Law on {on}"
    for status in item["law"]:
        limb = "" if status["limb"] == "*" else f" limb {status['limb']}"
        instrument = register.instrument(status["instrument_id"])
        title = f" ({instrument.titles.en})" if instrument else ""
        yield from _wrapped(
            f"{status['instrument_id']}{limb}{title}: {status['status'].replace('_', ' ')}", "    "
        )
        steps = [
            f"{day} {segment.status.value.replace('_', ' ')}" + (f" by {segment.by}" if segment.by else "")
            for day, segment in register.calendar(status["instrument_id"], status["limb"]).segments()
            if segment.status.value != "not_published"
        ]
        yield from _wrapped("timeline: " + "; ".join(steps), "      ")


def _license(found: Mapping[str, Any]) -> Iterator[str]:
    if found["type_needed"] is None:
        return
    number = f" {found['license_no']}" if found["license_no"] else ""
    mismatch = f"; not met: {', '.join(found['mismatch'])}" if found["mismatch"] else ""
    yield f"  Licence: {found['type_needed'].replace('_', ' ')} needed; {found['status']}{number}{mismatch}"


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"  {title}"
        for line in lines:
            yield from _wrapped(line, "    - ")


def _wrapped(text: str, lead: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead), break_long_words=False
    ) or [lead]
