"""Magnets: which family, and whether dysprosium or terbium is in it.

Announcement 18/2025 lists SmCo permanent-magnet material and NdFeB permanent-magnet material containing Tb or Dy,
as magnet or magnet powder, without a threshold. Release at up to 0.1 % with a third-party report is trade
practice (reference domain 3.1, [S15], M-md): without the report the question stays open.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from exportwatch.classification.constituents import TRACE, Share, named_symbols, share_of, symbols_of
from exportwatch.classification.item import ItemFacts
from exportwatch.classification.negation import REACH, denied
from exportwatch.classification.presence import Sign
from exportwatch.classification.reading import Reading
from exportwatch.classification.text import Mention
from exportwatch.classification.vocabulary import Vocabulary
from exportwatch.law.changes import NameMaterial, ReportComposition
from exportwatch.law.subject import (
    Evidence,
    Identity,
    Material,
    MaterialClass,
    Missing,
    Truth,
)

REPORT = ReportComposition(("Dy", "Tb"), Decimal("0.05"))  # together at most a trace
OTHER_FAMILY = NameMaterial("ferrite or AlNiCo magnets")


def magnet_family(
    facts: ItemFacts, reading: Reading, vocabulary: Vocabulary
) -> tuple[str, Identity, Evidence] | None:
    """``ndfeb``, ``smco`` or ``other`` with its evidence; ``None`` where no family is stated."""
    for path, number in facts.cas:
        family = vocabulary.magnet_cas.get(number)
        if family:
            return family, Identity.CAS, Evidence(path, number, f"CAS number of {family}")
    named = reading.of("mag:")
    refused = {m for m in named if m.tag == "mag:other" and _refused(m, reading)}
    named = [m for m in named if m not in refused]
    listed = [m for m in named if m.tag != "mag:other" and not denied(m, reading)]
    for mention in listed or named:  # "ferrite and NdFeB magnets" are both
        family = mention.tag[4:]
        if mention.word in {m.word for m in reading.by_tag.get("te:magnet_grade", ())}:
            return family, Identity.GRADE, Evidence(mention.path, mention.word, f"grade of {family}")
        return family, Identity.NAME, Evidence(mention.path, mention.word, f"names {family}")
    for symbol in reading.formulas:
        family = _by_elements(symbol.formula.elements)
        if family and not reading.around("no:homonym", symbol.path, symbol.start, symbol.start + 1):
            evidence = Evidence(symbol.path, symbol.formula.text, f"formula of {family}")
            return family, Identity.NAME, evidence
    named_after = _by_element_beside(reading)
    if named_after is not None:
        return named_after
    resolved = [symbols_of(c.substance, vocabulary) for c in facts.composition]
    composed = frozenset(e for symbols in resolved if symbols and len(symbols) == 1 for e in symbols)
    family = _by_elements(composed)
    if family and (facts.form == "magnet" or reading.has("cl:magnet")):
        return (
            family,
            Identity.COMPOSITION,
            Evidence("composition", ", ".join(sorted(composed)), f"holds {family}"),
        )
    return _by_grade(facts, reading, vocabulary, frozenset(m.word for m in refused))


def _refused(mention: Mention, reading: Reading) -> bool:
    """Whether the text says that the family is not this one: ``not ferrite``, ``neither alnico nor ferrite``; but
    ``without hole, ferrite`` denies the hole."""
    if reading.around("tr:free", mention.path, mention.end, mention.end + 2):
        return denied(mention, reading)
    plain = reading.texts[mention.path].plain
    ends = [m.end for m in reading.around("tr:negation", mention.path, mention.start - REACH, mention.start)]
    ends += [m.end() for m in _NOT.finditer(plain, max(0, mention.start - REACH), mention.start)]
    return any(_UP_TO_NAME.fullmatch(plain, min(end, mention.start), mention.start) for end in ends)


_NOT = re.compile(
    r"(?<![a-z])(?:non?|not|nor|neither|nicht|kein\w{0,2}|pas|не|except|other than|instead of)(?![a-z])|非|不是"
)
_UP_TO_NAME = re.compile(
    r"\s?(?:(?:an?|any|de|from|made|of|hard|sintered|alnico|ferrite|铁氧体|铝镍钴|ceramic|or|nor|and|oder|[或和、/,])\s?){0,4}"
)


_AFTER_ELEMENT = {"el:Nd": "ndfeb", "me:Nd": "ndfeb", "el:Sm": "smco"}


def _by_element_beside(reading: Reading) -> tuple[str, Identity, Evidence] | None:
    """The family of a magnet beside whose word its element stands: ``imanes de motor, neodimio``."""
    if not reading.has("cl:magnet"):
        return None
    for tag, family in _AFTER_ELEMENT.items():
        for mention in reading.by_tag.get(tag, ()):
            if not denied(mention, reading):
                return family, Identity.NAME, Evidence(mention.path, mention.word, f"names {family}")
    return None


def _by_elements(elements: frozenset[str]) -> str | None:
    if {"Nd", "Fe"} <= elements and ("B" in elements or len(elements) > 2):
        return "ndfeb"
    return "smco" if {"Sm", "Co"} <= elements else None


def _by_grade(
    facts: ItemFacts, reading: Reading, vocabulary: Vocabulary, refused: frozenset[str]
) -> tuple[str, Identity, Evidence] | None:
    if facts.form != "magnet" and not reading.has("cl:magnet"):
        return None
    words = [(t.path, t.shown, False) for t in facts.grades]
    words += [(t.path, w.strip(",;()"), True) for t in facts.texts for w in t.shown.split()[:200]]
    for path, word, in_text in words:
        if in_text and facts.form != "magnet" and _LIKE_A_MODEL.fullmatch(word):
            continue
        for family, pattern in vocabulary.magnet_grades:
            if pattern.match(word.upper().replace(" ", "")) and word.lower() not in refused:
                return family, Identity.GRADE, Evidence(path, word, f"grade of {family}")
    return None


# In a text without the form a telephone (``for S24``) is as likely as a samarium-cobalt grade.
_LIKE_A_MODEL = re.compile(r"[SR]\d\d")


def is_magnet(facts: ItemFacts, reading: Reading, family: str | None) -> bool:
    """Whether the item itself is a magnet or magnet powder (not: something that has one)."""
    if facts.form is not None and facts.form not in ("powder", "ingot", "alloy", "component", "metal"):
        return facts.form == "magnet"
    if family is not None and facts.form in (None, "powder", "component"):
        return True
    return reading.has("cl:magnet", "pr:permanent_magnet") and (
        family is not None or _plain_magnet(facts, reading)
    )


def _plain_magnet(facts: ItemFacts, reading: Reading) -> bool:
    return (
        facts.form == "magnet"
        or reading.has("pr:permanent_magnet", "dp:products")  # "magnets for permanent magnet motors"
        or (facts.hs or "").startswith("850511")
        or _of_a_drive(reading)
    )


def _of_a_drive(reading: Reading) -> bool:
    """``rotor magnets``: the magnet is the thing, and a permanent one, whatever it is made of."""
    ends = {(m.path, m.end) for m in reading.by_tag.get("pr:drive", ())}
    return bool(ends) and any(
        (m.path, m.start - gap) in ends for m in reading.by_tag.get("cl:magnet", ()) for gap in (0, 1)
    )


def magnets(
    facts: ItemFacts,
    reading: Reading,
    vocabulary: Vocabulary,
    found: list[Sign],
    classes: frozenset[MaterialClass],
) -> Iterator[Material]:
    """The listed materials that the magnet is, or may be. ``classes``: magnet, or also deep-processed."""
    known = magnet_family(facts, reading, vocabulary)
    if known is None:
        yield from _unknown_family(facts, reading, found, classes)
        return
    family, identity, evidence = known
    match family:
        case "smco":
            yield Material("Sm", classes, identity, (evidence,), family=family)
        case "ndfeb":
            case = _Case(facts, reading, vocabulary, found)
            pair = [_neodymium_magnet(e, case, (identity, evidence), classes) for e in ("Tb", "Dy")]
            # Once one of the two convicts the magnet, the other is not asked after where nobody named it.
            convicted = any(m.presence is Truth.YES for m in pair)
            named = {s.element for s in found}
            yield from (
                m for m in pair if m.presence is not Truth.UNKNOWN or not convicted or m.element in named
            )
        case _:
            return


class _Case:
    """The item's facts, reading and signs, together."""

    __slots__ = ("facts", "found", "reading", "vocabulary")

    def __init__(self, facts: ItemFacts, reading: Reading, vocabulary: Vocabulary, found: list[Sign]) -> None:
        self.facts, self.reading, self.vocabulary, self.found = facts, reading, vocabulary, found

    def text_states(self, element: str) -> bool:
        """Whether the text gives a share of the element above a trace, whatever the composition says."""
        return any(
            line.share is not None and line.share.low > TRACE and element in named_symbols(line.substance)
            for line in self.reading.shares
        )

    def share(self, *elements: str) -> Share | None:
        return share_of(frozenset(elements), self.facts, self.reading, self.vocabulary)


def _neodymium_magnet(
    element: str, case: _Case, family: tuple[Identity, Evidence], classes: frozenset[MaterialClass]
) -> Material:
    identity, evidence = family
    signs = [s for s in case.found if s.element == element]
    seen = (evidence, *(s.evidence for s in signs))
    presence, missing = _presence(element, case, any(not s.denied for s in signs))
    return Material(
        element,
        classes,
        max([identity, *(s.identity for s in signs)]),
        seen,
        presence=presence,
        family="ndfeb",
        missing=missing,
        options=() if presence is Truth.NO or case.text_states(element) else (REPORT,),
    )


def _presence(element: str, case: _Case, signed: bool) -> tuple[Truth, tuple[Missing, ...]]:
    own, total = case.share(element), case.share("Dy", "Tb")
    if case.text_states(element) and own is not None and own.high <= TRACE:
        return Truth.UNKNOWN, (
            Missing("test_report", f"the text states {element}, the composition does not"),
        )
    if total is not None and total.high <= TRACE and total.tested:
        return Truth.NO, ()
    if own is not None and own.high == 0 and own.tested:
        return Truth.NO, ()
    if own is not None and own.low > TRACE:
        return Truth.YES, ()
    if own is not None and own.low > 0 and total is not None and total.low > TRACE:
        return Truth.YES, ()
    if own is not None and own.high <= TRACE and own.tested and total is None and not signed:
        return Truth.NO, ()
    if signed and own is None:
        return Truth.YES, ()  # named as containing it; the list has no threshold
    fact = "composition" if own is None else "test_report"
    return Truth.UNKNOWN, (Missing(fact, "mass percent of Dy and Tb by a third-party test report"),)


def _unknown_family(
    facts: ItemFacts, reading: Reading, found: list[Sign], classes: frozenset[MaterialClass]
) -> Iterator[Material]:
    evidence = next(
        (
            Evidence(m.path, m.word, "names a permanent magnet")
            for m in reading.of("cl:magnet") + reading.of("pr:permanent_magnet")
        ),
        Evidence("form", "magnet", "form is magnet"),
    )
    missing = (Missing("magnet_material", "NdFeB, SmCo, ferrite or AlNiCo?"),)
    named = {s.element for s in found}
    for element in ("Sm", "Tb", "Dy"):
        seen = (evidence, *(s.evidence for s in found if s.element == element))
        presence = Truth.YES if element in named else Truth.UNKNOWN
        yield Material(
            element,
            classes,
            Identity.NAME,
            seen,
            presence,
            family=None,
            missing=missing,
            options=(OTHER_FAMILY,),
        )
