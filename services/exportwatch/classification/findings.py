"""What is found of an item before law, date and route, and which of its facts contradict each other.

Each conflict names both pieces of evidence; where one side is clearly the stronger it stands, and else it is open.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from exportwatch.classification.constituents import TRACE
from exportwatch.classification.item import ItemFacts
from exportwatch.classification.materials import Materials
from exportwatch.classification.problems import Problem
from exportwatch.classification.reading import Reading
from exportwatch.classification.stated import Stated
from exportwatch.classification.vocabulary import Vocabulary
from exportwatch.law.model import ControlEntry
from exportwatch.law.subject import Evidence, Identity, ItemKind, MaterialClass, Subject, Verdict

_RARE_EARTH_CHAPTERS = (
    "2805", "2844", "2846", "28", "3824", "38", "8486", "8505", "72", "76", "81", "71", "25", "26",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """A control entry that the item matches, may match, or fails by a number, a report or official guidance."""

    entry: ControlEntry
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two facts of one item that cannot both be right; ``code`` is the decision's reason code."""

    code: str
    evidence: tuple[Evidence, ...]
    settles: bool  # whether one side is clearly stronger, so that the conflict is named but decides nothing


@dataclass(frozen=True, slots=True)
class Classification:
    """All that is known of an item before law, date and route. ``listed``: yes and unknown; ``cleared``: by a fact."""

    kind: ItemKind
    listed: tuple[Candidate, ...]
    cleared: tuple[Candidate, ...]
    conflicts: tuple[Conflict, ...]
    problems: tuple[Problem, ...]
    ordinary_license: bool
    public_domain: bool
    blank: bool  # nothing that could be screened
    made_in_china: Evidence | None = None  # what a text says of the origin; the route is another matter


def wrong_chapter(facts: ItemFacts, materials: Materials) -> Iterator[Conflict]:
    """A clear name under a customs code of quite other goods: named, but the name stands."""
    if facts.hs is None or facts.hs.startswith(_RARE_EARTH_CHAPTERS):
        return
    for material in materials.found:
        if (
            material.classes != frozenset([MaterialClass.DEEP_PROCESSED])
            and material.identity >= Identity.NAME
        ):
            evidence = Evidence("hs_code", facts.hs, "a customs code of other goods")
            yield Conflict("CONFLICT_TEXT_HS", (*material.evidence[:1], evidence), settles=True)
            return


def text_against_field(judged: Sequence[Candidate], subject: Subject, stated: Stated) -> Iterator[Conflict]:
    """A parameter in the text that the field excludes: it convicts nothing alone, and clears nothing."""
    for name, values in stated.against.items():
        other = replace(subject, measures={**stated.measures, name: values})
        settles = all(c.entry.condition(other).truth is c.verdict.truth for c in judged)
        field = stated.measures[name][0].evidence
        yield Conflict("CONFLICT_TEXT_PARAMETER", (values[0].evidence, field), settles)


_ALIKE = Decimal("0.9")  # shares are rounded as people like


def text_against_composition(facts: ItemFacts, reading: Reading) -> Iterator[Conflict]:
    """A share in the text that the composition excludes. The field is the stronger, but where the text states
    more than a trace of what the field denies nothing is cleared."""
    fields = {line.substance: line for line in reversed(facts.composition) if line.share is not None}
    for said in reading.shares if fields else ():
        line = fields.get(said.substance)
        if line is None or line.share is None or said.share is None:
            continue
        if said.share.high < line.share.low * _ALIKE or line.share.high < said.share.low * _ALIKE:
            in_text = Evidence(said.path, said.shown, "stated in the text")
            in_field = Evidence(line.path, line.shown, "composition")
            hidden = line.share.high <= TRACE < said.share.low
            yield Conflict("CONFLICT_TEXT_COMPOSITION", (in_text, in_field), settles=not hidden)


def text_against_cas(
    facts: ItemFacts, reading: Reading, materials: Materials, vocabulary: Vocabulary
) -> Iterator[Conflict]:
    """The CAS number of one element beside the name of another."""
    by_cas = [s for s in materials.signs if s.identity is Identity.CAS]
    by_name = [s for s in materials.signs if s.identity is Identity.NAME and s.mention is not None]
    if not facts.cas:
        return
    common = reading.of("co:")
    if by_cas and common and not by_name:
        named = Evidence(common[0].path, common[0].word, f"names {common[0].tag[3:].replace('_', ' ')}")
        yield Conflict("CONFLICT_TEXT_CAS", (by_cas[0].evidence, named), settles=True)
        return
    if not by_name:
        return
    if by_cas and not {s.element for s in by_cas} & {s.element for s in by_name}:
        yield Conflict("CONFLICT_TEXT_CAS", (by_cas[0].evidence, by_name[0].evidence), settles=True)
        return
    others = {**vocabulary.substance_cas, **vocabulary.common_cas}
    foreign = [(p, n) for p, n in facts.cas if n in others]
    if not by_cas and foreign:
        path, number = foreign[0]
        evidence = Evidence(path, number, f"CAS number of {others[number].replace('_', ' ')}")
        yield Conflict("CONFLICT_TEXT_CAS", (evidence, by_name[0].evidence), settles=False)
