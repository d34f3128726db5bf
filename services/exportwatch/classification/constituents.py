"""What the lines of a composition are of, and what share of an element they state together.

Several lines may be of one element (the metal and its oxide, a report and a declaration): they are joined so that
none of them hides another. A line that cannot be resolved (``TRE``, ``others``) may be of anything, and excludes
nothing. The composition field goes before the texts.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from exportwatch.classification.capitals import in_own_case
from exportwatch.classification.formulas import ELEMENT_NAMES, SYMBOLS, TRACKED, elements_of, stated_formula
from exportwatch.classification.item import Constituent, ItemFacts
from exportwatch.classification.reading import Reading
from exportwatch.classification.text import Mention, TermIndex, comparable, read_text
from exportwatch.classification.units import Interval
from exportwatch.classification.vocabulary import Vocabulary
from exportwatch.law.subject import MaterialClass

# Trade practice with a third-party report, not in the text of the law (reference domain 3.1, [S15], M-md).
TRACE = Decimal("0.1")
_ANY = Interval(Decimal(0), Decimal(100))
# Words of a line that sums up what it does not name.
_COLLECTIVE = re.compile(
    r"\bothers?\b|\btotal|\bsum\b|\brare.?earth|\bt?re[o0]?s?\b|\bmisch|impurit|\bmisc|稀土|其他|其它|杂质|总",
    re.IGNORECASE,
)
_BALANCE = re.compile(r"[\s(,]*(?:\bbal|\brest\b|\bremainder|余量).*$", re.IGNORECASE)
_SHARED_ANIONS = frozenset("O F Cl N C H S".split())  # in several lines without being counted twice
_TRACKED_SYMBOL = re.compile(
    rf"(?<![A-Za-z])(?:{'|'.join(sorted(s for s in TRACKED if len(s) == 2))})(?![a-z])"
)


@dataclass(frozen=True, slots=True)
class Share:
    """Mass percent of an element: closed interval, and whether a test report supports it."""

    low: Decimal
    high: Decimal
    tested: bool


def named_symbols(substance: str) -> list[str]:
    """The element symbols of ``Dy`` or ``Dy+Tb``; empty for anything else."""
    parts = [p.strip() for p in substance.replace("/", "+").replace("&", "+").split("+")]
    return parts if all(p in SYMBOLS for p in parts) else []


@lru_cache(maxsize=4096)
def mentioned(substance: str, terms: TermIndex) -> tuple[Mention, ...]:
    """What the words of a line name; the same few substances come again and again."""
    return tuple(terms.mentions(read_text("", substance)))


def tracked_in(substance: str, vocabulary: Vocabulary) -> list[tuple[str, MaterialClass | None]]:
    """The tracked elements that a line names, each with the class that its words show."""
    named = named_symbols(substance)
    if named:
        return [(element, None) for element in named if element in TRACKED]
    mentions = mentioned(substance, vocabulary.terms)
    words = {m.tag for m in mentions}
    material_class = (
        MaterialClass.OXIDE
        if "cl:oxide" in words
        else MaterialClass.COMPOUND
        if "cl:compound" in words
        else None
    )
    named = [m.tag[3:] for m in mentions if m.tag.startswith("el:")]
    if not named:
        shown = in_own_case(read_text("", substance)).shown if substance.isupper() else substance
        named = _TRACKED_SYMBOL.findall(shown)
    return [(element, material_class) for element in dict.fromkeys(named)]


def symbols_of(substance: str, vocabulary: Vocabulary) -> frozenset[str] | None:
    """All elements of a line, by symbol, formula or name; ``None`` where it may be of anything."""
    substance = _BALANCE.sub("", substance)
    # Re is written for "rare earths" oftener than for rhenium.
    if not substance or _COLLECTIVE.search(substance):
        return None
    formula = stated_formula(substance)
    elements = frozenset(named_symbols(substance)) or (
        formula.elements if formula else elements_of(substance)
    )
    if elements:
        return elements
    mentions = mentioned(substance, vocabulary.terms)
    named = {m.tag[3:] for m in mentions if m.tag.startswith(("el:", "me:"))}
    for mention in mentions:
        named |= vocabulary.named_alloys[mention.tag[3:]] if mention.tag.startswith("al:") else frozenset()
    named |= {ELEMENT_NAMES[word] for word in comparable(substance).split() if word in ELEMENT_NAMES}
    return frozenset(named) or None


def share_of(
    elements: frozenset[str], facts: ItemFacts, reading: Reading, vocabulary: Vocabulary
) -> Share | None:
    """The stated share of the sum of ``elements``; the composition field first, the texts where it is silent.

    ``None`` where a share of one of them is not stated. A tested composition of other things that adds up to at
    least 99.9 % bounds an element's share by the rest.
    """
    for lines in (facts.composition, reading.shares):
        joint = _joint(elements, lines) if len(elements) > 1 else None
        own = [_own(element, lines, vocabulary, joint is not None) for element in sorted(elements)]
        if joint is not None:
            return _beside(joint, own)
        single = [o or _bounded(e, lines, vocabulary) for o, e in zip(own, sorted(elements), strict=True)]
        if all(s is not None for s in single) and single:
            return _sum(s for s in single if s is not None)
    return None


def _joint(elements: frozenset[str], lines: tuple[Constituent, ...]) -> Share | None:
    return _joined([c for c in lines if set(named_symbols(c.substance)) == elements])


def _beside(joint: Share, own: list[Share | None]) -> Share:
    """A joint line beside lines of its elements: whichever says more counts."""
    known = [s for s in own if s is not None]
    if not known:
        return joint
    parts = _sum(known)
    low = min(joint.low, parts.low) if len(known) == len(own) else joint.low
    return Share(low, max(joint.high, parts.high), joint.tested and parts.tested)


def _own(element: str, lines: tuple[Constituent, ...], vocabulary: Vocabulary, known: bool) -> Share | None:
    """What the lines of this element alone state together, with mixtures that hold it besides. ``known``: something
    else states a share of it, so that a line without one may be of anything."""
    named = [(line, _tracked(line.substance, vocabulary)) for line in lines]
    alone = [line for line, elements in named if elements == [element]]
    own = _joined(alone)
    if own is None:
        return Share(_ANY.low, _ANY.high, False) if alone and known else None
    mixtures = [
        line
        for line, elements in named
        if element in elements and len(elements) > 1 and not named_symbols(line.substance)
    ]
    return _sum([own, _up_to(mixtures)]) if mixtures else own


def _up_to(lines: list[Constituent]) -> Share:
    """What lines that hold the element among others may hold of it: at most all."""
    joined = _joined(lines)
    return Share(_ANY.low, joined.high, joined.tested) if joined else Share(_ANY.low, _ANY.high, False)


def _tracked(substance: str, vocabulary: Vocabulary) -> list[str]:
    formula = stated_formula(substance)
    return sorted(formula.tracked) if formula else [e for e, _ in tracked_in(substance, vocabulary)]


def _bounded(element: str, lines: tuple[Constituent, ...], vocabulary: Vocabulary) -> Share | None:
    """What joint lines (Dy+Tb < 0.05 %), or lines of everything else, leave for an element without its own."""
    joint = _joined([c for c in lines if element in _tracked(c.substance, vocabulary)])
    if joint is not None:
        return Share(Decimal(0), joint.high, joint.tested)
    if not lines or not all(c.tested for c in lines):
        return None
    total = _total_of_others(element, lines, vocabulary)
    return Share(Decimal(0), max(100 - total, Decimal(0)), True) if total >= 100 - TRACE else None


def _total_of_others(element: str, lines: tuple[Constituent, ...], vocabulary: Vocabulary) -> Decimal:
    """At least so much is something else. Of lines that hold the same only the smaller counts."""
    total, seen = Decimal(0), set[str]()
    for share, line in sorted(((c.share.low, c) for c in lines if c.share), key=lambda pair: pair[0]):
        elements = symbols_of(line.substance, vocabulary)
        if elements is None or element in elements or elements & seen:
            continue
        total += share
        seen |= elements - _SHARED_ANIONS
    return total


def _joined(lines: list[Constituent]) -> Share | None:
    """Lines of one element: the least that one of them states; the most of each substance, added up."""
    if not any(line.share for line in lines):
        return None
    most: dict[object, Decimal] = {}
    for line in lines:
        substance = frozenset(named_symbols(line.substance)) or line.substance
        most[substance] = max(most.get(substance, Decimal(0)), (line.share or _ANY).high)
    low = min((line.share or _ANY).low for line in lines)
    high = min(sum(most.values(), Decimal(0)), Decimal(100))
    return Share(low, high, all(line.tested and line.share is not None for line in lines))


def _sum(shares: Iterable[Share]) -> Share:
    known = list(shares)
    return Share(
        sum((s.low for s in known), Decimal(0)),
        sum((s.high for s in known), Decimal(0)),
        all(s.tested for s in known),
    )
