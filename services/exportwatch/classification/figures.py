"""What figures tell of a thing whose name says nothing: only a cell has so many watt-hours in a kilogram, only a
cathode powder a discharge capacity beside a compaction density.

Figures raise a question and answer none; the entries hold them against their limits.
"""

from collections.abc import Mapping

from exportwatch.classification.item import TECHNICAL, ItemFacts
from exportwatch.classification.reading import Reading
from exportwatch.law.subject import Evidence, Finding, Identity, Missing, Subject, Truth

_CELL = "energy_density"
_POWDER = ("compaction_density", "discharge_capacity")
_CATHODE = "cathode_preparation_unspecified"
_CATHODE_FIGURES = (*_POWDER, "first_coulombic_efficiency")
_GRAPHITE = ("purity", "flexural_strength", "density")
_GRAPHITE_NAMES = ("su:graphite", "su:graphite_other", "su:artificial_graphite")
_GRAPHITES = ("artificial_graphite", "flake_graphite", "graphite")
_NO_PHOSPHATE = ("wo:ternary", "wo:other_magnet", "su:graphite_anode")
_OTHER_CHEMISTRY = (*_NO_PHOSPHATE, "wo:cell_level", "su:li_ion_cell")


def has_figures(facts: ItemFacts, reading: Reading) -> bool:
    """Whether the item states figures that name it, in its fields or, of a cell, in a text."""
    return _CELL in facts.measures or reading.has("wo:cell_figure") or _POWDER[1] in facts.measures


def by_figures(facts: ItemFacts, reading: Reading, found: Mapping[str, Finding]) -> Mapping[str, Finding]:
    """The substances that goods may be by their figures, where no name says so."""
    if facts.kind in TECHNICAL or not has_figures(facts, reading):
        return {}
    asked: dict[str, Finding] = {}
    if "li_ion_cell" not in found:
        evidence = tuple(m.evidence for m in facts.measures.get(_CELL, ()))
        evidence += tuple(
            Evidence(m.path, m.word, "a figure of cells")
            for m in reading.by_tag.get("wo:cell_figure", ())[:1]
        )
        if evidence:
            asked["li_ion_cell"] = _asked(
                evidence, "its energy density is that of a cell; is it a lithium-ion one?"
            )
    measures = [facts.measures.get(name) for name in _POWDER]
    if all(measures) and found.keys().isdisjoint(("lfp", "li_ion_cell")) and not reading.has(*_NO_PHOSPHATE):
        evidence = tuple(m[0].evidence for m in measures if m)
        asked["lfp"] = _asked(evidence, "the figures are those of a cathode powder; which material is it?")
    return asked


def graphite_by_figures(
    facts: ItemFacts, reading: Reading, found: Mapping[str, Finding]
) -> Mapping[str, Finding]:
    """Goods of graphite, such as electrodes, that state all the figures of the listed one: Announcement 39/2023 lists
    products of it."""
    figures = [facts.measures.get(name) for name in _GRAPHITE]
    if not all(figures) or not reading.has(*_GRAPHITE_NAMES) or not found.keys().isdisjoint(_GRAPHITES):
        return {}
    evidence = tuple(measures[0].evidence for measures in figures if measures)
    return {
        "artificial_graphite": _asked(
            evidence, "the figures are asked of artificial graphite; is it of that?"
        )
    }


def _asked(evidence: tuple[Evidence, ...], why: str) -> Finding:
    return Finding(Truth.UNKNOWN, Identity.NAME, evidence, (Missing("kind_of_material", why),))


def with_figures(subject: Subject, reading: Reading) -> Mapping[str, Finding]:
    """The processes, and a cathode's where technology that names none states all the figures of a cathode powder:
    the entries hold the figures against their limits."""
    found = subject.processes
    figures = [subject.measures.get(name) for name in _CATHODE_FIGURES]
    if found or subject.kind not in TECHNICAL or not all(figures) or reading.has(*_OTHER_CHEMISTRY):
        return found
    evidence = tuple(measures[0].evidence for measures in figures if measures)
    missing = (
        Missing("transferred_technology", "the figures are those of a cathode powder; which material is it?"),
    )
    return {**found, _CATHODE: Finding(Truth.UNKNOWN, Identity.NAME, evidence, missing)}
