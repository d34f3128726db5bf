"""One decision, told to a person: what it is, which law on which day, why, what is missing, what would settle it.

Pure: a decision as parsed JSON and the register in, lines of text out. Says what the dossier says, in words.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from exportwatch.law.register import LawRegister
from exportwatch.screening.dossier import Dossier, ItemDossier, LawLine, dossier_of
from exportwatch.screening.wording import HOLDS, RESULTS

WIDTH = 100


def explain(decision: Mapping[str, Any], register: LawRegister) -> Iterator[str]:
    """The lines of the explanation."""
    dossier = dossier_of(decision, register)
    yield dossier.title
    if decision["document"]["state"] == "cancelled":
        yield "  cancelled: nothing to screen"
        return
    yield from _document(dossier)
    for item in dossier.items:
        yield ""
        yield from _item(item, dossier.legal_date)
    yield ""
    reference = decision["reference"]
    yield f"Law pack {reference['rule_pack']}, sha256 {reference['rule_pack_sha256'][:16]}…, {reference['engine']}."
    digests = (
        f"{name.replace('_', ' ')} {reference[name][:16]}…" for name in ("law_version", "lists", "licenses")
    )
    yield f"Control data: {', '.join(digests)}"
    yield "This is a screening result, not legal advice."


def _document(dossier: Dossier) -> Iterator[str]:
    yield from _wrapped(dossier.answer, "  ")
    yield f"  result      {RESULTS[dossier.result]}"
    yield f"  advice      {HOLDS[dossier.hold]}"
    yield f"  legal date  {dossier.legal_date} (Asia/Shanghai)"
    for name, value in dossier.document:
        if name in ("route", "end use", "stage"):
            yield f"  {name:<11} {value}"
    if dossier.reassess_on:
        yield f"  look again  on {dossier.reassess_on}, when the law or a licence changes"


def _item(item: ItemDossier, on: str | None) -> Iterator[str]:
    yield f"Item {item.item_id}: {item.description[:120]}"
    yield f"  {RESULTS[item.result]}"
    for found in item.listings:
        sure = "is" if found.certain else "may be"
        yield from _wrapped(f"{sure} {found.control_code} of {found.law}: {found.en}", "  ")
        yield f"      {found.zh}"
        if found.source:
            yield from _wrapped(f"source: {found.source}", "      ")
    proofs = [f"{p.path} = {p.value!r}: {p.says} ({', '.join(p.about)})" for p in item.proofs]
    yield from _section("Evidence", proofs)
    yield from _section("Why", [_why(r) for r in item.reasons])
    yield from _law(item.laws, on)
    if item.license:
        yield f"  Licence: {item.license}"
    yield from _section("Missing", [f"{fact}: {why}" for fact, why in item.missing])
    options = [f"{change} → {result}" for change, result in item.options]
    yield from _section("What would settle it (each was screened before it is offered)", options)
    yield from _section("Mind", list(item.flags))


def _why(reason: Mapping[str, Any]) -> str:
    source = f" [{reason['source']}]" if reason["source"] else ""
    return f"{reason['code']}: {reason['text']['en']}{source}"


def _law(laws: Sequence[LawLine], on: str | None) -> Iterator[str]:
    if not laws:
        return
    yield f"  Law on {on}"
    for line in laws:
        title = f" ({line.title_en})" if line.title_en else ""
        yield from _wrapped(f"{line.law}{title}: {line.status.replace('_', ' ')}", "    ")
        yield from _wrapped(f"{line.note}; source: {line.source}", "      ")
        steps = [
            f"{step.start} {step.status.replace('_', ' ')}" + (f" by {step.by}" if step.by else "")
            for step in line.steps
        ]
        yield from _wrapped("timeline: " + "; ".join(steps), "      ")


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"  {title}"
        for line in lines:
            yield from _wrapped(line, "    - ")


def _wrapped(text: str, lead: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead), break_long_words=False
    ) or [lead]
