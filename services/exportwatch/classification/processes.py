"""Which named substances an item is, and which processes its technology is about.

Goods are not technology: a process is only looked for where technology, a service or software is handed over, or
where the text of goods says that know-how goes with them. Words of praise in a goods line mean nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from exportwatch.classification.figures import by_figures
from exportwatch.classification.handed import Handed, is_something_else, told_by_figures
from exportwatch.classification.item import TECHNICAL, ItemFacts, hands_over_technology, sends_people
from exportwatch.classification.neat import as_material
from exportwatch.classification.negation import (
    denied,
    denied_as_part,
    denied_in_clause,
    plainly_denied,
)
from exportwatch.classification.ordinary_service import is_ordinary_service
from exportwatch.classification.presence import Sign
from exportwatch.classification.reading import Reading
from exportwatch.classification.text import Mention
from exportwatch.classification.vocabulary import Process, Vocabulary
from exportwatch.law.subject import (
    Evidence,
    Finding,
    Identity,
    ItemKind,
    MaterialClass,
    Missing,
    Truth,
)


def effective_kind(facts: ItemFacts, reading: Reading) -> ItemKind:
    """What is handed over, where the document leaves it open or the text contradicts it.

    ``UNSTATED`` remains where nothing tells, and for goods whose text offers know-how as well.
    """
    offers = any(not denied(m, reading) for m in reading.by_tag.get("tr:technology", ()))
    if facts.kind is ItemKind.GOODS and (hands_over_technology(facts) or offers or _is_paper(reading)):
        return ItemKind.UNSTATED
    if facts.kind is not ItemKind.UNSTATED:
        return facts.kind
    if offers or hands_over_technology(facts) or reading.of("pn:"):
        return ItemKind.TECHNOLOGY
    if (facts.form or facts.cas or facts.composition or facts.hs) and not _is_paper(reading):
        return ItemKind.GOODS
    return ItemKind.UNSTATED


_PROCESS_WORDS = tuple(
    f"wo:{name}"
    for name in (
        "preparation",
        "making",
        "separation",
        "extraction",
        "leaching",
        "smelting",
        "smelting_separation",
    )
)


def _is_paper(reading: Reading) -> bool:
    """Whether goods are said to be the flow sheets, drawings or manuals of a process."""
    if not reading.has("tr:carrier") or not (reading.of("pn:") or reading.has(*_PROCESS_WORDS)):
        return False
    return any(not denied(m, reading) for m in reading.by_tag["tr:carrier"])


def find_substances(facts: ItemFacts, reading: Reading, vocabulary: Vocabulary) -> Mapping[str, Finding]:
    """Named substances by CAS number, composition or name. What a denial may be about is a question."""
    found: dict[str, Finding] = {}
    doubted: dict[str, Finding] = {}
    for path, number in facts.cas:
        name = vocabulary.substance_cas.get(number)
        if name:
            evidence = Evidence(path, number, f"CAS number of {name}")
            found[name] = Finding(Truth.YES, Identity.CAS, (evidence,))
    cells = reading.by_tag.get("su:li_ion_cell", ())
    beside = _beside_cells(facts) if cells else {}
    described = {t.path: t.plain for t in facts.texts}
    for mention in reading.of("su:"):
        name = mention.tag[3:]
        said = beside.get(mention.path) if name == "li_ion_cell" else None
        if name in found or (said is not None and _is_accessory(mention, said, facts.form)):
            continue
        if name == "lfp" and _is_worked_on(mention, facts, described.get(mention.path, "")):
            continue
        evidence = Evidence(mention.path, mention.word, f"names {_worded(name)}")
        if not denied_in_clause(mention, reading):
            found[name] = Finding(Truth.YES, Identity.NAME, (evidence,))
        elif not (plainly_denied(mention, reading) or (name in _PARTS and denied_as_part(mention, reading))):
            missing = Missing("description", f"does the text deny {_worded(name)}, or something else?")
            doubted.setdefault(name, Finding(Truth.UNKNOWN, Identity.NAME, (evidence,), (missing,)))
    found = {**doubted, **found}
    if "lfp" in found and "li_ion_cell" not in found and _is_cell(facts, reading):
        found["li_ion_cell"] = found["lfp"]
    found |= by_figures(facts, reading, found)
    return as_material(found, facts, reading, vocabulary)


_PARTS = frozenset(["li_ion_cell"])  # with or without which goods are sold


def _worded(name: str) -> str:
    return name.replace("_", " ")


def _is_cell(facts: ItemFacts, reading: Reading) -> bool:
    """Whether a thing named after its cathode ("LiFePO4 cells") is the cell and not the cathode material."""
    named = reading.has("wo:cell_word") or (facts.hs or "").startswith("8507")
    return named and not reading.has("su:cathode_material", "cl:powder") and facts.form != "powder"


_WITH = re.compile(
    r"(?:\b(?:with|w|incl|including|includes|built in|integrated|for|mit|con|avec|с)|带|含|内置|配|搭載|内蔵)"
    r"\s?(?:(?:an?|one|two|rechargeable|removable|spare|built in|integrated|\d+(?:\.\d+)?\s?\w{0,3}|x)\s){0,4}$"
)
# What heads the text is the thing: a separator film is no cell, whatever cell it goes into.
_COMPONENT = re.compile(
    r"(?!.*\bthin\b)\s*(?:[\w.]+[ -]){0,2}(?:separator|film|foil|binder|housing|tab)s?\b[^,;(，；（]*[,;(，；（]",
    re.IGNORECASE,
)
_GOODS_FORMS = (None, "finished_product", "equipment", "component")
_NEARBY = 100  # characters before and behind a mention
_FOR_BATTERIES = re.compile(
    r"^\w*\s(?:powered|operated|charger|cordless|holder|case|compartment|tester)|^\s?(?:充电器|供电)"
)


class _Beside(NamedTuple):
    """What a text says beside the cells that it names: asked once, however often it names them."""

    plain: str
    stores: bool  # a storage system, which has its cells
    part_until: int | None  # where the name of a part ends that heads the text


def _beside_cells(facts: ItemFacts) -> Mapping[str, _Beside]:
    """By the path of the text; empty where no goods may come with a battery."""
    if facts.kind is not ItemKind.GOODS or facts.form not in _GOODS_FORMS:
        return {}
    storage = {t.path for t in facts.texts if "storage" in t.plain or "储能" in t.plain}
    found: dict[str, _Beside] = {}
    for text in facts.texts:
        part = None if facts.measures or "wh" in text.plain else _COMPONENT.match(text.shown)
        said = _Beside(text.plain, text.path in storage, part.end() if part else None)
        found.setdefault(text.path, said)
    return found


def _is_accessory(cell: Mention, beside: _Beside, form: str | None) -> bool:
    """Whether goods are said to come with a battery or to serve one: ``laptop with lithium battery`` is no battery."""
    if beside.part_until is not None and beside.part_until <= cell.start + 1:
        return True
    if form == "component":
        return False
    behind = beside.plain[cell.end : cell.end + _NEARBY]
    if cell.start == 0 or beside.stores:
        return bool(_FOR_BATTERIES.match(behind))
    before = beside.plain[max(0, cell.start - _NEARBY) : cell.start]
    return bool(_WITH.search(before) or _FOR_BATTERIES.match(behind))


_WORKS_ON = re.compile(r"\b(?:for|fur)\s(?:the\s|drying\s|coating\s){0,2}$|用于$")


def _is_worked_on(mention: Mention, facts: ItemFacts, plain: str) -> bool:
    """Whether equipment is said to be for the material: an oven for electrode sheets holds none."""
    if facts.kind is not ItemKind.GOODS or facts.form != "equipment" or facts.cas or facts.composition:
        return False
    return bool(_WORKS_ON.search(plain[max(0, mention.start - _NEARBY) : mention.start]))


def find_processes(
    kind: ItemKind, facts: ItemFacts, reading: Reading, signs: tuple[Sign, ...], vocabulary: Vocabulary
) -> Mapping[str, Finding]:
    """Each process that the item's technology is, or may be, about. ``facts.measures``: with those of the texts."""
    if kind not in TECHNICAL and kind is not ItemKind.UNSTATED:
        return {}
    if is_ordinary_service(kind, reading):
        return {}
    present = _present(reading, signs, denials=True)
    # In a technology contract "non-exclusive" or "without equipment" denies no process: what is recognised only
    # with the denied words is a question, not an answer.
    regardless = (
        _present(reading, signs, denials=False) if kind in TECHNICAL and reading.has("tr:negation") else {}
    )
    handed = Handed(kind, sends_people(facts), frozenset(facts.measures))
    found: dict[str, Finding] = {}
    for process in vocabulary.processes:
        finding = _recognise(process, present, handed)
        if finding is None and regardless:
            finding = _recognise(process, regardless, handed)
            if finding is not None:
                missing = (
                    Missing("transferred_technology", f"the text denies a part of {_label(process)}; which?"),
                )
                finding = replace(finding, truth=Truth.UNKNOWN, missing=missing)
        if finding is not None:
            found[process.name] = finding
    for process in vocabulary.processes:
        if process.name in found and _is_settled(process, found, present):
            del found[process.name]
    return found


def _is_settled(process: Process, found: Mapping[str, Finding], present: Mapping[str, Mention]) -> bool:
    """Whether the text says which process it is, so that an unspecific one is no question beside it."""
    if f"pn:{process.name}" in present:
        return False
    return any(name in found and found[name].truth is Truth.YES for name in process.settled_by)


def _label(process: Process) -> str:
    return _worded(process.name)


def _present(reading: Reading, signs: tuple[Sign, ...], denials: bool) -> Mapping[str, Mention]:
    present: dict[str, Mention] = {}
    for tag, mentions in reading.by_tag.items():
        stated = next((m for m in mentions if not denials or not _is_denied(tag, m, reading)), None)
        if stated is not None:
            present[tag] = stated
    of_magnets = bool(reading.of("mag:"))
    for sign in signs:
        mention = sign.mention or Mention("is:sign", sign.evidence.path, 0, 0, sign.evidence.value)
        present.setdefault("is:listed_rare_earth", mention)
        metallic = sign.material_class in (MaterialClass.METAL, MaterialClass.ALLOY) and not of_magnets
        if metallic or "cl:metal" in present or "cl:alloy" in present:
            present.setdefault("is:listed_rare_earth_metal", mention)
    return present


# What closes a question may be denied from behind as well: ``LFP cathode; BMS excluded``.
_CLOSING = frozenset(
    [
        "wo:about_it",
        "wo:cell_level",
        "wo:storage",
        "wo:ternary",
        "wo:other_magnet",
        "wo:upkeep",
        "su:li_ion_cell",
    ]
)
_RIGHT_BEHIND = 14  # characters: "BMS technology is excluded"


def _is_denied(tag: str, mention: Mention, reading: Reading) -> bool:
    if denied(mention, reading):
        return True
    reach = mention.end + _RIGHT_BEHIND
    return tag in _CLOSING and any(reading.around("tr:refused", mention.path, mention.end, reach))


_OF_CELLS = frozenset(["su:li_ion_cell", "wo:cell_level"])


def _excused(present: Mapping[str, Mention]) -> frozenset[str]:
    """What excludes no process here: a cell is only what the cathode goes into, where the text speaks of that."""
    if "su:cathode_material" in present:
        return _OF_CELLS
    cell = present.get("su:li_ion_cell")
    named_by_cathode = cell is not None and cell.word.startswith("lfp")
    return frozenset(["su:li_ion_cell"]) if named_by_cathode else frozenset()


def _recognise(process: Process, present: Mapping[str, Mention], handed: Handed) -> Finding | None:
    label = _label(process)
    full = present.get(f"pn:{process.name}")
    if full is not None:
        return Finding(Truth.YES, Identity.NAME, (Evidence(full.path, full.word, f"names {label}"),))
    excluded = bool((process.exclude - _excused(present)) & present.keys())
    groups = [next((present[t] for t in sorted(group) if t in present), None) for group in process.all_of]
    evidence = tuple(dict.fromkeys(Evidence(m.path, m.word, f"part of {label}") for m in groups if m))
    missing = (Missing("transferred_technology", f"is it the technology of {label}?"),)
    if groups and all(groups):
        truth = Truth.UNKNOWN if excluded else Truth.YES
        return Finding(truth, Identity.NAME, evidence, missing)
    hinted = process.hint and all(group & present.keys() for group in process.hint)
    if not hinted or excluded or is_something_else(process, present, handed):
        return None
    if told_by_figures(process, present, handed):
        return Finding(Truth.YES, Identity.NAME, evidence)
    return Finding(Truth.UNKNOWN, Identity.NAME, evidence, missing)
