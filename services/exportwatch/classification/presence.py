"""Which elements an item holds, by CAS number, composition, name, formula or symbol."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from exportwatch.classification.constituents import named_symbols, tracked_in
from exportwatch.classification.formulas import TRACKED, Formula, stated_formula
from exportwatch.classification.item import Constituent, ItemFacts
from exportwatch.classification.negation import denied, plainly_denied
from exportwatch.classification.reading import Reading, Symbol
from exportwatch.classification.text import Mention, comparable
from exportwatch.classification.vocabulary import Vocabulary
from exportwatch.law.subject import Evidence, Identity, MaterialClass


@dataclass(frozen=True, slots=True)
class Sign:
    """One piece of evidence that the item holds an element, and the class it shows, if it shows one."""

    element: str
    identity: Identity
    evidence: Evidence
    material_class: MaterialClass | None = None
    mention: Mention | None = None
    denied: bool = False
    constituents: frozenset[str] | None = None


_CHEMICAL_FORMS = frozenset(
    ["metal", "alloy", "ingot", "powder", "oxide", "compound", "target", "magnet", "solution"]
)
_CLASS_OF = {"oxide": MaterialClass.OXIDE, "compound": MaterialClass.COMPOUND, "alloy": MaterialClass.ALLOY}


def signs(facts: ItemFacts, reading: Reading, vocabulary: Vocabulary) -> Iterator[Sign]:
    """Every sign of a tracked element, strongest kind first. Denied names are left out."""
    for path, number in facts.cas:
        if number in vocabulary.element_cas:
            element, material_class = vocabulary.element_cas[number]
            says = f"CAS number of {element} ({material_class.value})"
            yield Sign(element, Identity.CAS, Evidence(path, number, says), material_class)
    for line in facts.composition:
        yield from _composition_signs(line, vocabulary)
    chemical = _in_chemistry(facts, reading) if reading.has("tr:negation", "tr:free") else False
    for mention in reading.of("el:"):
        if chemical or not plainly_denied(mention, reading):
            element = mention.tag[3:]
            says = f"names {element}" if mention.exact else f"reads like a name of {element}"
            evidence = Evidence(mention.path, mention.word, says)
            yield Sign(element, Identity.NAME, evidence, mention=mention, denied=denied(mention, reading))
    for mention in reading.of("al:"):
        if mention.word.endswith(" y") and _is_spanish(reading.texts[mention.path].shown):
            continue
        alloy = vocabulary.named_alloys[mention.tag[3:]]
        for element in sorted(alloy & TRACKED):
            evidence = Evidence(mention.path, mention.word, f"alloy of {', '.join(sorted(alloy))}")
            yield Sign(element, Identity.NAME, evidence, MaterialClass.ALLOY, mention, constituents=alloy)
    negated = reading.has("tr:negation", "tr:free")
    for symbol in reading.formulas:
        for element in sorted(symbol.formula.tracked):
            evidence = Evidence(symbol.path, symbol.formula.text, f"formula with {element}")
            sign = _formula_sign(element, symbol.formula, evidence, Identity.NAME)
            yield replace(sign, denied=True) if negated and _symbol_denied(symbol, reading) else sign
    for line in reading.shares:
        for element in named_symbols(line.substance):
            if line.share is None or line.share.high > 0:
                yield Sign(
                    element, Identity.NAME, Evidence(line.path, line.shown, f"states a share of {element}")
                )


_SPANISH_AND = re.compile(r"(?<![A-Za-z])(?:Al|Mg) y\s")


@lru_cache(maxsize=64)  # a text that repeats the name is searched once
def _is_spanish(shown: str) -> bool:
    """Whether the text says "and" behind a metal: ``adsorbente Al y membrana``. The alloy has a capital Y."""
    return bool(_SPANISH_AND.search(shown))


def _symbol_denied(symbol: Symbol, reading: Reading) -> bool:
    """Whether the text denies a symbol or formula: found again in the comparable text, near its place."""
    plain = reading.texts[symbol.path].plain
    written = comparable(symbol.formula.text)
    start = plain.find(written, max(0, symbol.start - _DRIFT), symbol.start + len(written) + _FURTHER)
    return start >= 0 and denied(Mention("el:", symbol.path, start, start + len(written), written), reading)


_DRIFT = 8  # characters by which dropped punctuation may have moved a place
_FURTHER = 80


def _in_chemistry(facts: ItemFacts, reading: Reading) -> bool:
    """Whether the item is of a kind in which a denied element would matter: then the denial needs a report."""
    chemical = reading.has(
        "cl:oxide", "cl:compound", "cl:alloy", "cl:target", "cl:metal", "cl:magnet", "cl:powder"
    )
    return chemical or bool(
        reading.of("mag:") or facts.cas or facts.composition or facts.form in _CHEMICAL_FORMS
    )


def _formula_sign(element: str, formula: Formula, evidence: Evidence, identity: Identity) -> Sign:
    if len(formula.elements) == 1:
        return Sign(element, identity, evidence)
    material_class = _CLASS_OF[formula.kind]
    alloy = formula.elements if material_class is MaterialClass.ALLOY else None
    return Sign(element, identity, evidence, material_class, constituents=alloy)


def _composition_signs(line: Constituent, vocabulary: Vocabulary) -> Iterator[Sign]:
    if line.share is not None and line.share.high == 0:
        return
    evidence_says = "composition, test report" if line.tested else "composition, declared"
    formula = stated_formula(line.substance)
    if formula is not None:
        for element in sorted(formula.tracked):
            evidence = Evidence(line.path, line.shown, evidence_says)
            yield _formula_sign(element, formula, evidence, Identity.COMPOSITION)
        return
    for element, material_class in tracked_in(line.substance, vocabulary):
        evidence = Evidence(line.path, line.shown, evidence_says)
        yield Sign(element, Identity.COMPOSITION, evidence, material_class)
