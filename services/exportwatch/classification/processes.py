"""Which named substances an item is, and which processes its technology is about.

Goods are not technology: a process is only looked for where technology, a service or software is handed over, or
where the text of goods says that know-how goes with them. Words of praise in a goods line mean nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from exportwatch.classification.accessories import beside_cells, is_accessory, is_charger, of_other_chemistry
from exportwatch.classification.dopants import is_coating, is_dopant
from exportwatch.classification.figures import by_figures, graphite_by_figures
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
    beside = beside_cells(facts) if cells else {}
    described = {t.path: t.plain for t in facts.texts}
    charger = reading.has("su:lfp") and is_charger(facts)
    other_cells = {t.path for t in facts.texts if of_other_chemistry(t.plain)} if cells else ()
    for mention in reading.of("su:"):
        name = mention.tag[3:]
        said = beside.get(mention.path) if name == "li_ion_cell" else None
        if name in found or (said is not None and is_accessory(mention, said, facts.form)):
            continue
        if name == "li_ion_cell" and mention.path in other_cells:
            continue
        if name == "lfp" and (charger or _is_worked_on(mention, facts, described.get(mention.path, ""))):
            continue
        if name in vocabulary.name_rules and _is_part_of_another(mention, reading):
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
    settled = as_material(found, facts, reading, vocabulary)
    return {**settled, **graphite_by_figures(facts, reading, settled)}


def _is_part_of_another(mention: Mention, reading: Reading) -> bool:
    """Whether the text says that something else is doped or coated with it."""
    text = reading.texts[mention.path]
    if not text.plain.startswith(mention.word, mention.start):
        return False
    return is_dopant(mention, text) or (is_coating(mention, text) and not reading.has("gd:raw"))


_PARTS = frozenset(["li_ion_cell"])  # with or without which goods are sold


def _worded(name: str) -> str:
    return name.replace("_", " ")


def _is_cell(facts: ItemFacts, reading: Reading) -> bool:
    """Whether a thing named after its cathode ("LiFePO4 cells") is the cell and not the cathode material."""
    if is_charger(facts):
        return False
    named = reading.has("wo:cell_word") or (facts.hs or "").startswith("8507")
    return named and not reading.has("su:cathode_material", "cl:powder") and facts.form != "powder"


_NEARBY = 100  # characters before a mention
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
