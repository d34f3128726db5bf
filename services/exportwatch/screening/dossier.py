"""One decision as the content of a case file: what a person needs to see of it, in order, as plain values.

``explain`` tells it in words, ``dossier_page`` sets it as a page. Says nothing that the decision and the law of the
register do not say. Pure: a decision as parsed JSON and the register in, values out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from exportwatch.law.changes import limb_in_words
from exportwatch.law.register import LawRegister
from exportwatch.screening.wording import FLAGS, HOLDS, SHORT
from exportwatch_events.catalogue import HOLD_RANK, Hold

Json = Mapping[str, Any]
Row = tuple[str, str]  # a label and what stands there

_STATED = (
    "kind", "grade", "model", "form", "hs_code", "hs_year", "cas", "declared_control_code", "quantity", "net_mass",
    "value", "country_of_origin", "chinese_content_percent", "license", "customs_remark",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listing:
    """A control entry that lists the item, or may list it. ``source`` cites the law, with its confidence."""

    control_code: str
    law: str
    en: str
    zh: str
    certain: bool
    source: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A fact of the document: where it stands, what it reads, what it says, and of which entries."""

    path: str
    value: str
    says: str
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of an instrument's timeline, from its first day on."""

    start: date
    status: str
    by: str | None


@dataclass(frozen=True, slots=True)
class LawLine:
    """A limb on the legal date, with its whole timeline. ``source`` cites the instrument, with its confidence."""

    law: str
    title_en: str
    title_zh: str
    status: str
    note: str
    source: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ItemDossier:
    item_id: str
    description: str
    result: str
    answer: str
    stated: tuple[Row, ...]
    listings: tuple[Listing, ...]
    proofs: tuple[Proof, ...]
    laws: tuple[LawLine, ...]
    reasons: tuple[Json, ...]
    license: str
    missing: tuple[Row, ...]
    options: tuple[Row, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """``legal_date`` None: a cancelled document, or a record that could not be read."""

    title: str
    result: str
    answer: str
    hold: str
    legal_date: str | None
    reassess_on: str | None
    document: tuple[Row, ...]
    parties: tuple[tuple[str, str, str], ...]
    items: tuple[ItemDossier, ...]
    reference: tuple[Row, ...]


def dossier_of(decision: Json, register: LawRegister) -> Dossier:
    """The content of a decision's case file."""
    document, facts = decision["document"], decision["facts"] or {}
    items = tuple(_item(item, facts, register) for item in decision["items"])
    return Dossier(
        title=f"{document['type']} {document['id']} version {document['version']} of {document['source']}",
        result=decision["result"],
        answer=_document_answer(decision, items),
        hold=decision["hold"],
        legal_date=decision["legal_date"],
        reassess_on=decision["reassess_on"],
        document=tuple(_document(document, facts)),
        parties=tuple(_parties(facts)),
        items=items,
        reference=tuple(
            (name.replace("_", " "), str(value)) for name, value in decision["reference"].items()
        ),
    )


def _document_answer(decision: Json, items: tuple[ItemDossier, ...]) -> str:
    if decision["document"]["state"] == "cancelled":
        return "Cancelled: nothing to screen."
    if not items:
        return " ".join(reason["text"]["en"] for reason in decision.get("reasons", ()))
    worst = min(decision["items"], key=lambda item: HOLD_RANK[Hold(item["hold"])])
    if len(items) == 1:
        return items[0].answer
    of_worst = next(item for item in items if item.item_id == worst["item_id"])
    return f"{len(items)} items; the strictest is item {of_worst.item_id}. {of_worst.answer}"


def _document(document: Json, facts: Json) -> Iterator[Row]:
    yield "document", document["key"]
    yield "event", f"{document['event_id']} of {document.get('event_time') or '?'}"
    for name in ("contract_type", "stage", "title", "contract_id", "customs_regime"):
        if facts.get(name):
            yield name.replace("_", " "), str(facts[name])
    if facts.get("from") and facts.get("to"):
        stops = (facts["from"], *(facts.get("via") or ()), facts["to"])
        yield "route", " → ".join(_place(stop) for stop in stops)
    if facts.get("end_use"):
        yield "end use", _plain(facts["end_use"])


def _place(place: Any) -> str:
    if not isinstance(place, Mapping):
        return str(place)
    return " ".join(str(place[key]) for key in ("country", "unlocode", "zone") if place.get(key))


def _plain(value: Any) -> str:
    """A JSON value as a person reads it, without the marks of JSON."""
    if isinstance(value, Mapping):
        if set(value) in ({"value", "unit"}, {"amount", "currency"}):
            return " ".join(str(part) for part in value.values())
        return ", ".join(f"{key}: {_plain(part)}" for key, part in value.items())
    if isinstance(value, list):
        return "; ".join(_plain(part) for part in value)
    return str(value)


def _parties(facts: Json) -> Iterator[tuple[str, str, str]]:
    for party in facts.get("parties", ()):
        names = [party.get("name"), party.get("local_name")]
        yield str(party["role"]), " / ".join(str(n) for n in names if n), str(party.get("country") or "?")


# -- one item ----------------------------------------------------------------------------------------------


def _item(item: Json, facts: Json, register: LawRegister) -> ItemDossier:
    stated: Json = next((i for i in facts.get("items", ()) if i["item_id"] == item["item_id"]), {})
    return ItemDossier(
        item_id=item["item_id"],
        description=str(stated.get("description", "")),
        result=item["result"],
        answer=_answer(item),
        stated=tuple(_stated(stated)),
        listings=tuple(_listings(item, register)),
        proofs=_proofs(item),
        laws=tuple(_law(status, register) for status in item["law"]),
        reasons=tuple(item["reasons"]),
        license=_license(item["license"]),
        missing=tuple((fact["fact"], fact["why"]) for fact in item["missing"]),
        options=tuple((option["change"], option["result"]) for option in item["clear_options"]),
        flags=tuple(FLAGS.get(flag, flag) for flag in item["flags"]),
    )


def _answer(item: Json) -> str:
    """What follows for the item, by which law, in one line."""
    named: dict[str, list[str]] = {}
    for found in item["classifications"]:
        law = limb_in_words(found["instrument_id"], found["limb"])
        named.setdefault(law, []).append(found["control_code"])
    by = "; ".join(f"{', '.join(codes)} of {law}" for law, codes in named.items())
    wanted = ", ".join(dict.fromkeys(fact["fact"].replace("_", " ") for fact in item["missing"]))
    parts = [
        SHORT[item["result"]] + (f" {_preposition(item)} {by}" if by else ""),
        f"open: {wanted}" if wanted and item["result"] != "not_required" else "",
        _license(item["license"]),
        HOLDS[item["hold"]],
    ]
    return "; ".join(part for part in parts if part) + "."


def _preposition(item: Json) -> str:
    """Whether it is the entry's doing, or only a question whether the entry lists the item."""
    return "by" if any(found["match"] == "yes" for found in item["classifications"]) else "whether it is"


def _stated(stated: Json) -> Iterator[Row]:
    for name in _STATED:
        if stated.get(name) not in (None, "", []):
            yield name.replace("_", " "), _plain(stated[name])
    for line in _lines(stated.get("composition")):
        evidence = f" ({line['evidence']})" if line.get("evidence") else ""
        yield f"composition {line.get('substance', '?')}", f"{line.get('percent', '?')} %{evidence}"
    for line in _lines(stated.get("parameters")):
        at = f" at {_plain(line['condition'])}" if line.get("condition") else ""
        yield (
            str(line.get("name", "?")).replace("_", " "),
            f"{line.get('value')} {line.get('unit') or ''}{at}",
        )


def _lines(value: Any) -> Iterator[Json]:
    yield from (line for line in value if isinstance(line, Mapping)) if isinstance(value, list) else ()


def _listings(item: Json, register: LawRegister) -> Iterator[Listing]:
    sources = {(e.instrument_id, e.limb, e.control_code): e.source for e in register.entries()}
    for found in item["classifications"]:
        key = found["instrument_id"], found["limb"], found["control_code"]
        yield Listing(
            found["control_code"],
            limb_in_words(found["instrument_id"], found["limb"]),
            found["name"]["en"],
            found["name"]["zh"],
            found["match"] == "yes",
            sources.get(key, ""),
        )


def _proofs(item: Json) -> tuple[Proof, ...]:
    """Each piece of evidence once, with the entries that it speaks of."""
    about: dict[tuple[str, str, str], list[str]] = {}
    for found in item["classifications"]:
        for proof in found["evidence"]:
            key = proof["path"], proof["value"], proof["says"]
            about.setdefault(key, []).append(found["control_code"])
    return tuple(Proof(*key, about=tuple(dict.fromkeys(codes))) for key, codes in about.items())


def _law(status: Json, register: LawRegister) -> LawLine:
    instrument = register.instrument(status["instrument_id"])
    stretches = register.calendar(status["instrument_id"], status["limb"]).segments()
    steps = [
        Step(day, one.status.value, one.by) for day, one in stretches if one.status.value != "not_published"
    ]
    before = [None, *steps]
    return LawLine(
        law=limb_in_words(status["instrument_id"], status["limb"]),
        title_en=instrument.titles.en if instrument else "",
        title_zh=instrument.titles.zh if instrument else "",
        status=status["status"],
        note=_since(status),
        source=f"{instrument.source.cite} ({instrument.source.confidence})" if instrument else "",
        steps=tuple(step for step, last in zip(steps, before, strict=False) if not _goes_on(last, step)),
    )


def _goes_on(last: Step | None, step: Step) -> bool:
    """Whether a stretch only goes on with what the one before it said."""
    return last is not None and (last.status, last.by) == (step.status, step.by)


def _since(status: Json) -> str:
    ended = "(announced end:" if status["status"] == "unconfirmed" else "(to"
    parts = [
        f"since {status['since']}" if status["since"] else "",
        f"{ended} {status['until']})" if status["until"] else "",
        f"by {status['by']}" if status["by"] else "",
        f"confirmed {status['confirmed_at']}" if status["confirmed_at"] else "",
        f"changes on {status['next_change']}" if status["next_change"] else "",
    ]
    return " ".join(part for part in parts if part) + (f"; {status['note']}" if status["note"] else "")


def _license(found: Json) -> str:
    if found["type_needed"] is None:
        return ""
    number = f" {found['license_no']}" if found["license_no"] else ""
    mismatch = f", not met: {', '.join(found['mismatch'])}" if found["mismatch"] else ""
    return f"{found['type_needed'].replace('_', ' ')} needed: {found['status']}{number}{mismatch}"
