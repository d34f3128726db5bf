"""Things that trade names by two words near each other: ``NCM811 precursor``, ``enriched in Li-6``, ``N48SH blocks``.

Neither word alone says what the thing is, and grades and salts stand between them, so that no fixed term can hold
both. Knows the words by their tags (wording.yaml, ``te``) and yields mentions of the substances.
"""

import re
from collections.abc import Iterator, Sequence

from exportwatch.classification.places import Places, by_path
from exportwatch.classification.text import Mention, Text

# Without one of these a text names nothing by two words.
LEADING = frozenset(
    ["te:ncm", "te:nca", "te:pcam", "te:enriched", "te:magnet_grade", "te:lfp_cell", "te:flake"]
)
_NEAR = 40  # characters: "三元正极材料前驱体", "NCM 8-series cathode precursor"
_BESIDE = 8  # characters: "NMC622 hydroxide", but not "NCM cathode from lithium hydroxide"
_REACHES = {"te:precursor": _NEAR, "te:hydroxide": _BESIDE}
_PRECURSORS = {"te:ncm": "su:ncm_precursor", "te:nca": "su:nca_precursor"}
# A hydroxide of nickel, cobalt and manganese or aluminium, in any order; with lithium it is a cathode material.
_HYDROXIDE = re.compile(
    r"(?<![A-Za-z0-9])[(\[]?(?P<metals>(?:(?:Ni|Co|Mn|Al)[\d.,xyz+\-]*){3,4})[)\]]?\(OH\)_?2",
    re.IGNORECASE,
)
_TOUCHING, _APART = 2, 24  # characters: "Flake Graphit", "GRAPHITE NATURAL CRYSTALLINE FLAKE"
_FULL = 5  # characters: ``N48SH``
_GOODS = frozenset(["pr:deep", "pr:finished", "dp:products"])  # with a grade in them, they are no magnets
# Graphite in cast iron has the same shapes; and what is said to be artificial is not natural.
_NO_FLAKE = frozenset(["gd:graphite_goods", "su:artificial_graphite", "su:flake_graphite", "gd:castings"])
_METAL = re.compile(r"Ni|Co|Mn|Al", re.IGNORECASE)


def partnered(mentions: Sequence[Mention]) -> Iterator[Mention]:
    """The ternary precursors, the enriched lithium-6, the magnets and the LFP cells of each text."""
    in_goods = not _GOODS.isdisjoint(m.tag for m in mentions)
    if not any(m.tag in _NO_FLAKE for m in mentions):
        yield from _flakes(mentions)
    for own in by_path(m for m in mentions if m.tag.startswith("te:")).values():
        yield from dict.fromkeys(_precursors(own))
        yield from _enriched(own)
        yield from _graded(own, in_goods)
        # Not a name of its own among the substances: it would hide the one of the cathode, which a technology may
        # be of.
        yield from (m._replace(tag="su:li_ion_cell") for m in own if m.tag == "te:lfp_cell")


def hydroxides(text: Text) -> Iterator[Mention]:
    """The ternary precursors that a formula writes: ``Ni0.8Co0.1Mn0.1(OH)2``."""
    for match in _HYDROXIDE.finditer(text.shown):
        metals = {metal.capitalize() for metal in _METAL.findall(match["metals"])}
        if {"Ni", "Co"} < metals:
            tag = "su:ncm_precursor" if "Mn" in metals else "su:nca_precursor"
            yield Mention(tag, text.path, 0, 0, match.group())


def _precursors(own: Sequence[Mention]) -> Iterator[Mention]:
    named = [(m, _PRECURSORS[m.tag]) for m in own if m.tag in _PRECURSORS]
    partners = [(Places(m for m in own if m.tag == tag), reach) for tag, reach in _REACHES.items()]
    for mention, tag in named:
        if any(places.within(reach, mention) for places, reach in partners):
            yield Mention(tag, mention.path, mention.start, mention.end, mention.word)
            return
    for mention in own:
        if mention.tag == "te:pcam":  # the abbreviation itself says precursor
            tag = named[0][1] if named else "su:ncm_precursor"
            yield Mention(tag, mention.path, mention.start, mention.end, mention.word)
            return


def _enriched(own: Sequence[Mention]) -> Iterator[Mention]:
    """Lithium is enriched in the isotope whose name stands nearest to the word."""
    isotopes = Places(m for m in own if m.tag in ("te:lithium_6", "te:lithium_7"))
    for word in own:
        if word.tag == "te:enriched":
            nearest = isotopes.nearest(word)
            if nearest is not None and nearest.tag == "te:lithium_6":
                yield Mention("su:li6_enriched", word.path, nearest.start, nearest.end, nearest.word)
                return


def _flakes(mentions: Sequence[Mention]) -> Iterator[Mention]:
    """Graphite beside a word of flake, spheroidised or expandable graphite. What does not touch it may speak of
    something else, such as a color, but for a word of natural graphite or of its mesh."""
    flakes = by_path(m for m in mentions if m.tag == "te:flake")
    signs = {path: Places(found) for path, found in flakes.items()}
    material = {m.path for m in mentions if m.tag in ("te:natural", "te:mesh", "gd:raw")}
    for mention in mentions:
        if mention.tag in ("su:graphite", "te:graph") and mention.path in signs:
            reach = _APART if mention.path in material else _TOUCHING
            if signs[mention.path].within(reach, mention):
                yield mention._replace(tag="su:flake_graphite")


def _graded(own: Sequence[Mention], in_goods: bool) -> Iterator[Mention]:
    """A magnet by its full grade: in the field for it, or beside a shape in which magnets are sold."""
    shaped = any(m.tag == "te:magnet_shape" for m in own)
    for mention in own:
        if mention.tag != "te:magnet_grade":
            continue
        alone = mention.path == "grade" and not in_goods
        # In a text ``N40M`` or ``45SH`` may be the number of a terminal block or a steel.
        full = mention.word.startswith("n") and len(mention.word) == _FULL
        if alone or (full and shaped):
            yield Mention("mag:ndfeb", *mention[1:])
            return
