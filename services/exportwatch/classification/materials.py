"""What rare-earth material an item is: every listed element that it holds or may hold, and in which class.

Joins the signs of an element (``presence``) with the class it is in (``forms``), magnets (``magnets``) and the
materials on which no official position is known. A customs code alone only raises the question.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from exportwatch.classification.constituents import TRACE, mentioned, share_of, symbols_of
from exportwatch.classification.forms import ANY_FORM, classes, processing
from exportwatch.classification.item import ItemFacts
from exportwatch.classification.magnets import is_magnet, magnet_family, magnets
from exportwatch.classification.presence import Sign, signs
from exportwatch.classification.purpose import products_of
from exportwatch.classification.reading import Reading
from exportwatch.classification.text import Mention
from exportwatch.classification.vocabulary import CustomsHint, Unsettled, Vocabulary
from exportwatch.law.subject import Evidence, Identity, Material, MaterialClass, Missing, Truth

C = MaterialClass
ORDINARY = frozenset(["Nd", "Pr", "La", "Ce"])  # ordinary export licence, not dual-use (reference domain 3.1)
HEAVY = ("Sm", "Gd", "Tb", "Dy", "Lu", "Sc", "Y")  # Announcement 18/2025
_GENERIC_CLASSES = {
    "cl:oxide": C.OXIDE,
    "cl:powder": C.OXIDE,
    "cl:compound": C.COMPOUND,
    "cl:metal": C.METAL,
    "cl:alloy": C.ALLOY,
}
_ALLOY_FROM = Decimal("0.5")  # mass percent from which a constituent gives an alloy its name
_PURE, _NEARLY_PURE = 95, 90  # mass percent from which a target is of the one element, or may be
_COMPLETE = 95  # mass percent: of less than this a part is not stated


@dataclass(frozen=True, slots=True)
class Materials:
    """The listed materials found, the signs behind them, and the magnet family where one is stated."""

    found: tuple[Material, ...]
    signs: tuple[Sign, ...]
    family: str | None


def find_materials(facts: ItemFacts, reading: Reading, vocabulary: Vocabulary) -> Materials:
    """Every listed element that the item holds or may hold."""
    found = list(signs(facts, reading, vocabulary))
    family = magnet_family(facts, reading, vocabulary)
    depth = processing(facts, reading)
    name = family[0] if family else None
    listed: list[Material] = []
    products = products_of({s.element for s in found} & {*HEAVY}, facts, reading)
    unsettled = list(dict.fromkeys(_unsettled(facts, reading, vocabulary, products)))
    settled_elements = {e for u, _, _ in unsettled for e in u.elements}
    listed += [_unsettled_material(e, u, i, ev, depth) for u, i, ev in unsettled for e in u.elements]
    magnet = is_magnet(facts, reading, name) or (name is not None and depth is not None and C.MAGNET in depth)
    if magnet and name != "other":
        listed += magnets(facts, reading, vocabulary, found, depth or frozenset([C.MAGNET]))
    if family is not None and name == "smco" and not magnet and depth is None:
        found += _samarium_alloy(found, *family[1:])
    taken = settled_elements | ({m.element for m in listed} if magnet else set())
    for element in sorted({s.element for s in found} - taken - ORDINARY):
        own = [s for s in found if s.element == element]
        if magnet and name == "other" and max(s.identity for s in own) < Identity.COMPOSITION:
            continue
        listed.append(_element(element, own, facts, reading, vocabulary, depth))
    if not found and not listed:
        listed += _generic(reading, depth)
    return Materials(tuple(listed), tuple(found), name)


def _samarium_alloy(found: list[Sign], identity: Identity, evidence: Evidence) -> list[Sign]:
    """The alloy that is no magnet yet; the name of the family hides that of the element."""
    if any(s.element == "Sm" for s in found):
        return []
    return [Sign("Sm", identity, evidence, C.ALLOY, constituents=frozenset(["Sm", "Co"]))]


def _generic(reading: Reading, depth: frozenset[C] | None) -> Iterator[Material]:
    """ "Mixed rare earth oxide": any of the listed ones may be in it."""
    mentions = reading.by_tag.get("su:rare_earth", ())
    possible = frozenset(c for tag, c in _GENERIC_CLASSES.items() if tag in reading.by_tag)
    if not mentions or not possible or depth is not None or reading.of("mag:"):
        return
    evidence = Evidence(mentions[0].path, mentions[0].word, "names rare earths without saying which")
    missing = (Missing("composition", "which rare earths does it hold?"),)
    for element in HEAVY:
        yield Material(element, possible, Identity.NAME, (evidence,), Truth.UNKNOWN, missing=missing)


def _unsettled(
    facts: ItemFacts, reading: Reading, vocabulary: Vocabulary, products: frozenset[Mention]
) -> Iterator[tuple[Unsettled, Identity, Evidence]]:
    for path, number in facts.cas:
        if number in vocabulary.unsettled_cas:
            material = vocabulary.unsettled[vocabulary.unsettled_cas[number]]
            yield material, Identity.CAS, Evidence(path, number, f"CAS number of {material.name}")
    for line in facts.composition:
        if line.share is None or line.share.high > TRACE:
            for mention in mentioned(line.substance, vocabulary.terms):
                if mention.tag.startswith("un:"):
                    material = vocabulary.unsettled[mention.tag[3:]]
                    says = f"composition, {material.name}"
                    yield material, Identity.COMPOSITION, Evidence(line.path, line.shown, says)
    for mention in reading.of("un:"):
        if mention in products:
            continue
        material = vocabulary.unsettled[mention.tag[3:]]
        yield material, Identity.NAME, Evidence(mention.path, mention.word, f"names {material.name}")


def _unsettled_material(
    element: str, material: Unsettled, identity: Identity, evidence: Evidence, depth: frozenset[C] | None
) -> Material:
    missing = Missing("official_position", f"no official position on {material.name} was found")
    finished = depth is not None and depth == frozenset([C.DEEP_PROCESSED])
    return Material(
        element,
        depth if finished and depth else frozenset([material.material_class]),
        identity,
        (evidence,),
        settled=False,
        missing=(missing,),
    )


def _element(
    element: str,
    own: list[Sign],
    facts: ItemFacts,
    reading: Reading,
    vocabulary: Vocabulary,
    depth: frozenset[MaterialClass] | None,
) -> Material:
    possible = classes(element, own, facts, reading)
    if depth is not None:
        processed = frozenset([C.DEEP_PROCESSED])
        possible = processed if depth == processed else processed | (possible - processed or ANY_FORM)
    missing: tuple[Missing, ...] = ()
    presence = Truth.YES
    share = share_of(frozenset([element]), facts, reading, vocabulary)
    if share is not None and share.high <= TRACE and max(s.identity for s in own) <= Identity.COMPOSITION:
        named = any(s.identity is Identity.NAME and (s.mention or s.material_class) for s in own)
        presence = Truth.NO if share.tested and not named else Truth.UNKNOWN
        missing = (Missing("test_report", f"mass percent of {element} by a third-party test report"),)
    elif all(s.denied for s in own):
        presence = Truth.UNKNOWN
        missing = (Missing("test_report", f"a report that {element} is absent; the text alone says so"),)
    elif len(possible) > 1:
        choice = " or ".join(sorted(c.value for c in possible))
        missing = (Missing("form", f"{choice}?"),)
    made = _constituents(element, own, possible, facts, reading, vocabulary)
    return Material(
        element,
        possible,
        max(s.identity for s in own),
        tuple(dict.fromkeys(s.evidence for s in own)),
        presence,
        constituents=made.of,
        open=made.open,
        missing=missing,
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """The element symbols of an alloy or target; ``open`` as in ``Material``."""

    of: frozenset[str] | None
    open: bool = False


def _constituents(
    element: str,
    own: list[Sign],
    possible: frozenset[MaterialClass],
    facts: ItemFacts,
    reading: Reading,
    vocabulary: Vocabulary,
) -> _Made:
    """What something states that the alloy or target is made of."""
    if not possible & {C.ALLOY, C.TARGET}:
        return _Made(None)
    composed = _composed(element, C.ALLOY not in possible, facts, vocabulary)
    if composed is not None:
        return composed
    for sign in own:
        if sign.constituents:
            return _Made(sign.constituents)
    named = {m.tag[3:] for m in reading.mentions if m.tag.startswith(("el:", "me:"))}
    named |= {e for line in reading.shares for e in line.substance.split("+")}
    if len(named) > 1:
        # What stands apart may be the packing or the backing plate.
        return _Made(frozenset(named), open=named != _named_together(element, facts, reading))
    pure = C.TARGET in possible and C.ALLOY not in possible and named <= {element}
    return _Made(frozenset([element]) if pure else None)


def _composed(element: str, of_target: bool, facts: ItemFacts, vocabulary: Vocabulary) -> _Made | None:
    """The constituents by the composition; ``None`` where it does not tell them."""
    lines = [c for c in facts.composition if c.share is None or c.share.high >= _ALLOY_FROM]
    resolved = [symbols_of(c.substance, vocabulary) for c in lines]
    elements = frozenset(e for symbols in resolved if symbols for e in symbols)
    if element not in elements:
        return None
    most = max(
        (c.share.low for c, s in zip(lines, resolved, strict=True) if c.share and s == frozenset([element])),
        default=Decimal(0),
    )
    if of_target and most >= _PURE:
        return _Made(frozenset([element]))  # the rest gives a target no name
    if len(elements) == 1:
        return None
    stated = [c.share.high for c in lines if c.share]
    incomplete = len(stated) < len(lines) or sum(stated, Decimal(0)) < _COMPLETE
    return _Made(elements, open=None in resolved or incomplete or most >= _NEARLY_PURE)


def _named_together(element: str, facts: ItemFacts, reading: Reading) -> frozenset[str]:
    """The element and those named right beside it, one after the other: ``iron-cobalt-gadolinium``, ``镝镍``."""
    plain = {t.path: t.plain for t in (*facts.texts, *facts.grades)}
    named = sorted(
        (m for m in reading.mentions if m.tag.startswith(("el:", "me:"))), key=lambda m: (m.path, m.start)
    )
    together: set[str] = set()
    chain: set[str] = set()
    for before, mention in zip([None, *named], named, strict=False):
        joined = (
            before is not None
            and before.path == mention.path
            and _JOINING.fullmatch(plain[mention.path], before.end, max(before.end, mention.start))
        )
        chain = chain | {mention.tag[3:]} if joined else {mention.tag[3:]}
        if element in chain:
            together |= chain
    return frozenset(together)


_JOINING = re.compile(r"[\s\-/,+&]{0,3}(?:and |und |et |y |和|与)?")


def customs_hint(
    facts: ItemFacts, vocabulary: Vocabulary, chinese: bool
) -> tuple[CustomsHint, Evidence] | None:
    """What the customs code may stand for: the full Chinese code where it is one, else its heading."""
    if facts.hs is None:
        return None
    if chinese:
        for code in (facts.hs[:10],):
            if code in vocabulary.customs_codes:
                return vocabulary.customs_codes[code], Evidence(
                    "hs_code", facts.hs, "Chinese customs code of a listed item"
                )
    hint = vocabulary.customs_headings.get(facts.hs[:6])
    if hint is None:
        return None
    return hint, Evidence("hs_code", facts.hs, "heading that listed items share with others")


def hinted_materials(hint: CustomsHint, evidence: Evidence) -> tuple[Material, ...]:
    """The question that a customs code raises where nothing else says what the item is."""
    missing = (
        Missing("identity", "the customs code is that of a listed item; nothing else says what this is"),
    )
    return tuple(
        Material(
            element,
            frozenset([hint.material_class]),
            Identity.HS,
            (evidence,),
            Truth.UNKNOWN,
            missing=missing,
            family=None,
        )
        for element in hint.elements
    )
