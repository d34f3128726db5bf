"""Whether a named substance is the thing itself, or what the thing is made of: gallium, or a lamp with gallium in it.

The lists beside the rare earths name substances in any form and no goods made with them (reference domain 3.3).
What a name means (an element's name alone, a name of several kinds, the words of goods) is in the tables.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from exportwatch.classification.constituents import mentioned, symbols_of
from exportwatch.classification.electrodes import is_welding_electrode
from exportwatch.classification.formulas import elements_of
from exportwatch.classification.item import Constituent, ItemFacts
from exportwatch.classification.lesser import as_lesser_part
from exportwatch.classification.purpose import FOR, but_purposes, is_purpose
from exportwatch.classification.reading import Reading
from exportwatch.classification.text import Mention
from exportwatch.classification.units import Interval
from exportwatch.classification.vocabulary import CustomsHint, NameRule, Vocabulary
from exportwatch.law.subject import Evidence, Finding, Identity, Measure, Missing, Truth

MAIN = Decimal(50)  # mass percent from which a constituent is the main one (reference domain 3.1, INF)
_PART, _WHOLE = (
    Decimal(1),
    Decimal(95),
)  # mass percent: less is an impurity; of less than this a part is not stated
_FEWEST = 2  # elements of a compound
_RAW_FORMS = frozenset("ore metal alloy ingot powder oxide compound target crystal wafer solution".split())
_PRODUCT_FORMS = frozenset(["assembly", "finished_product", "equipment"])
_MADE = ("pr:deep", "pr:finished", "dp:products", "su:li_ion_cell")
_COMPOUND = ("cl:oxide", "cl:compound")
_METAL = ("cl:metal", "cl:powder", "cl:scrap", "gd:raw")
_SOLID_TUNGSTEN = frozenset(["tungsten_rod", "tungsten_tube", "tungsten_block"])
_LONGEST_SYMBOL = 2  # letters: no name to look for
_BESIDE = 4  # characters: "molybdenum disulfide", "oxide of"
_WORD = re.compile(r"(?<![^\W\d_])(?!(?:pct|pos|min|max|mesh|purity|percent)(?![^\W\d_]))[^\W\d_]{3,}")
_TRACE = re.compile(r" (?:catalyst )?(?:residues?|residual) (?:max |[<≤] ?)?\d{1,4}(?:\.\d+)? ?ppm\b")
_APART = ("(", ",", ";", ":", "–", "（", "，", "；", "：")


def as_material(
    found: Mapping[str, Finding], facts: ItemFacts, reading: Reading, vocabulary: Vocabulary
) -> Mapping[str, Finding]:
    """The substances found, with those of the composition, without those that are only a part of the goods."""
    rules = vocabulary.name_rules
    composed = _composed(facts, vocabulary)
    if composed and not facts.measures and is_welding_electrode(reading):
        composed = {name: f for name, f in composed.items() if not name.startswith("tungsten")}
    if not composed and rules.keys().isdisjoint(found):
        return found
    settled: dict[str, Finding] = {}
    for name, finding in {**found, **composed}.items():
        rule = rules.get(name)
        if rule is None:
            settled[name] = finding
            continue
        mentions = reading.by_tag.get(f"su:{name}", ())
        truth = _neat(mentions, finding, rule, facts, reading)
        if truth is Truth.YES and finding.identity is Identity.NAME and rule.goods:
            truth = as_lesser_part(name, mentions, facts, reading)
        if truth is not Truth.NO:
            settled[name] = _doubted(finding, "is it the material, or goods made with it?", truth)
    return _open_names(settled, facts, reading, vocabulary)


def with_shares(facts: ItemFacts, vocabulary: Vocabulary) -> Mapping[str, tuple[Measure, ...]]:
    """The parameters, with the shares of the composition as ``share:Ag``; the main constituent's share is the
    ``purity`` where none is stated."""
    if not facts.composition:
        return facts.measures
    measures = dict(facts.measures)
    main: list[Measure] = []
    for line in facts.composition:
        if line.share is None:
            continue
        measure = Measure(line.share.low, line.share.high, {}, Evidence(line.path, line.shown, ""))
        measures.setdefault(f"share:{line.substance}", (measure,))
        if line.share.low >= MAIN and _named(line, vocabulary):
            main.append(measure)
    if main:
        measures.setdefault("purity", (main[0],))
    return measures


def held_against_code(
    substances: Mapping[str, Finding], hint: CustomsHint, evidence: Evidence, reading: Reading
) -> tuple[Mapping[str, Finding], list[Evidence]]:
    """What a customs code of listed substances adds: a question, where nothing names one of them. The evidence is
    returned where the code contradicts the text. An electrode for welding says what it is: none is near the sizes."""
    if not substances.keys().isdisjoint(hint.substances):
        return substances, []
    if _SOLID_TUNGSTEN.issuperset(hint.substances) and is_welding_electrode(reading):
        return substances, []
    missing = (
        Missing("identity", "the customs code is that of a listed item; nothing else says what this is"),
    )
    asked = {name: Finding(Truth.UNKNOWN, Identity.HS, (evidence,), missing) for name in hint.substances}
    return {**substances, **asked}, [evidence]


def disputed_names(
    found: Mapping[str, Finding], facts: ItemFacts, vocabulary: Vocabulary
) -> Iterator[tuple[Evidence, Evidence]]:
    """Each CAS number of something else beside the name of a substance: the number, and what names it."""
    named = {n: f for n, f in found.items() if f.identity is Identity.NAME and f.evidence}
    if not named:
        return
    for path, number in facts.cas:
        name = vocabulary.substance_cas.get(number) or vocabulary.common_cas.get(number)
        if name is None:
            continue
        kinds = vocabulary.name_rules.get(name, NameRule()).kinds
        if named.keys().isdisjoint((name, *kinds)) and found.keys().isdisjoint((*kinds,)):
            says = f"CAS number of {name.replace('_', ' ')}"
            yield Evidence(path, number, says), next(iter(named.values())).evidence[0]


# -- the substance or goods --------------------------------------------------------------------------------


def _neat(
    mentions: tuple[Mention, ...], finding: Finding, rule: NameRule, facts: ItemFacts, reading: Reading
) -> Truth:
    if facts.form in _RAW_FORMS or not rule.goods:
        return Truth.YES
    if rule.needs and not _of_material(mentions, finding, rule, facts, reading):
        return Truth.NO
    tags = (*_MADE, *rule.goods)
    aims = _aims(mentions, reading)
    named = [m for tag in tags for m in reading.by_tag.get(tag, ())]
    made = [m for m in but_purposes(named, reading) if not _aimed_at(m, aims)]
    # Of several CAS numbers beside a word of goods each is a constituent.
    numbered = finding.identity is Identity.CAS and len(facts.cas) == 1
    raw = numbered or reading.has("gd:raw", "cl:metal") or _stands_apart(mentions, facts)
    if facts.form in _PRODUCT_FORMS:
        plain = raw or (bool(mentions) and _nothing_else(mentions, facts))
        return Truth.UNKNOWN if plain and not made else Truth.NO
    if made:
        return Truth.UNKNOWN if raw else Truth.NO
    return Truth.YES


def _of_material(
    mentions: tuple[Mention, ...], finding: Finding, rule: NameRule, facts: ItemFacts, reading: Reading
) -> bool:
    """Whether a fact beside the name says that it is no colour: a word, a number, or that nothing else is said."""
    stated = finding.identity is Identity.CAS or bool(facts.measures)
    return stated or reading.has(*rule.needs) or _nothing_else(mentions, facts)


def _stands_apart(mentions: Sequence[Mention], facts: ItemFacts) -> bool:
    """Whether the name stands first and by itself, as the name of a chemical does: ``Gallium oxide, LED``."""
    shown = {t.path: t.shown.lstrip() for t in facts.texts}
    first = {(m.path, m.end) for m in mentions if m.start == 0}
    return any(shown.get(path, "")[end:].lstrip().startswith(_APART) for path, end in first)


def _aims(mentions: tuple[Mention, ...], reading: Reading) -> Mapping[str, int]:
    """Where each text has first said what the substance is for, behind its first name: the end of these words."""
    named: dict[str, int] = {}
    for m in mentions:
        named[m.path] = min(m.end, named.get(m.path, m.end))
    aims: dict[str, int] = {}
    for path, end in named.items():
        said = FOR.search(reading.texts[path].plain[end:])
        if said is not None:
            aims[path] = end + said.end()
    return aims


def _aimed_at(goods: Mention, aims: Mapping[str, int]) -> bool:
    """Whether the goods are only what the substance is for: ``GaAs wafers for mobile phones``."""
    return goods.path in aims and aims[goods.path] <= goods.start


# -- names that leave something open -----------------------------------------------------------------------


def _open_names(
    found: dict[str, Finding], facts: ItemFacts, reading: Reading, vocabulary: Vocabulary
) -> Mapping[str, Finding]:
    for name, finding in list(found.items()):
        rule = vocabulary.name_rules.get(name)
        if rule is None:
            continue
        if rule.metal is not None and rule.metal not in found:
            truth = _metal(reading.by_tag.get(f"su:{name}", ()), facts, reading)
            if truth is not Truth.NO:
                found[rule.metal] = _doubted(finding, "the metal itself, or what of it?", truth)
        if rule.kinds and found.keys().isdisjoint(rule.kinds):
            missing = (Missing("kind_of_material", rule.why),)
            for kind in rule.kinds:
                found[kind] = replace(finding, truth=Truth.UNKNOWN, missing=missing)
    return found


def _metal(mentions: tuple[Mention, ...], facts: ItemFacts, reading: Reading) -> Truth:
    """Whether the name of an element stands for the metal: alone, or beside a word of metal, but not in the name
    of a compound."""
    plain = {t.path: t.plain for t in facts.texts}
    alone = [m for m in mentions if not any(reading.beside(tag, m, _BESIDE) for tag in _COMPOUND)]
    alone = [m for m in alone if not _residue(m, plain.get(m.path, ""))]
    if not alone or facts.form in ("oxide", "compound", "solution"):
        return Truth.NO
    if facts.form == "alloy" or any(not is_purpose(m, reading) for m in reading.by_tag.get("cl:alloy", ())):
        return Truth.UNKNOWN
    if facts.form in ("metal", "ingot", "powder", "crystal", "target") or reading.has(*_METAL):
        return Truth.YES
    return Truth.YES if _nothing_else(alone, facts) else Truth.UNKNOWN


def _residue(mention: Mention, plain: str) -> bool:
    """Whether the text names no more than a trace left in something else: ``antimony catalyst residue 250 ppm``."""
    return bool(_TRACE.match(plain, mention.end))


def _nothing_else(mentions: Sequence[Mention], facts: ItemFacts) -> bool:
    """Whether the texts that name the substance have no other word in them: ``Gallium 6N``."""
    texts = {t.path: t.plain for t in facts.texts}
    # Each name once: a text that repeats one is read once, and one that has two has another word beside the first.
    named = dict.fromkeys((m.path, m.word) for m in mentions)
    return all(not _WORD.search(texts.get(path, "").replace(word, "")) for path, word in named)


def _doubted(finding: Finding, why: str, truth: Truth) -> Finding:
    if truth is Truth.YES or finding.truth is not Truth.YES:
        return finding
    return replace(finding, truth=truth, missing=(*finding.missing, Missing("form", why)))


# -- the composition ---------------------------------------------------------------------------------------


def _composed(facts: ItemFacts, vocabulary: Vocabulary) -> dict[str, Finding]:
    """The substances that are the main constituent by the composition; a question where no share is stated."""
    composed: dict[str, Finding] = {}
    for line in facts.composition:
        name = _named(line, vocabulary)
        share = line.share if line.share is not None else Interval(Decimal(0), Decimal(100))
        if name is None or share.high < MAIN:
            continue
        says = "composition, test report" if line.tested else "composition, declared"
        truth = Truth.YES if share.low >= MAIN else Truth.UNKNOWN
        missing = () if truth is Truth.YES else (Missing("composition", f"mass percent of {line.substance}"),)
        composed[name] = Finding(
            truth, Identity.COMPOSITION, (Evidence(line.path, line.shown, says),), missing
        )
    return {**composed, **_of_elements(facts, vocabulary)}


def _of_elements(facts: ItemFacts, vocabulary: Vocabulary) -> dict[str, Finding]:
    """The compound whose elements the composition gives one by one: Ga 48.2 %, As 51.8 %. A question where a share
    is not stated."""
    main = [c for c in facts.composition if c.share is None or c.share.high >= _PART]
    stated = [c.share.high for c in main if c.share]
    symbols = [symbols_of(c.substance, vocabulary) for c in main]
    elements = frozenset(e for s in symbols if s and len(s) == 1 for e in s)
    if len(elements) < _FEWEST or not all(s and len(s) == 1 for s in symbols):
        return {}
    known = len(stated) == len(main)
    if known and sum(stated, Decimal(0)) < _WHOLE:
        return {}
    missing = () if known else (Missing("composition", "mass percent of each element"),)
    evidence = tuple(Evidence(c.path, c.shown, "composition, by elements") for c in main)
    truth = Truth.YES if known else Truth.UNKNOWN
    return {
        name: Finding(truth, Identity.COMPOSITION, evidence, missing)
        for formula, name in vocabulary.written.items()
        if elements_of(formula) == elements
    }


def _named(line: Constituent, vocabulary: Vocabulary) -> str | None:
    written = vocabulary.written.get(line.substance)
    if written is not None or (line.substance.isascii() and len(line.substance) <= _LONGEST_SYMBOL):
        return written
    for mention in mentioned(line.substance, vocabulary.terms):
        name = mention.tag[3:]
        if mention.tag.startswith("su:") and name in vocabulary.name_rules:
            return vocabulary.name_rules[name].metal or name
    return None
