"""What a thing is: an item's own facts held against the control entries that could concern it.

Depends on the item and the rule pack only, never on route, date or parties, so that its answer may be
remembered by the item's facts. Candidates are found by index; cost does not grow with the number of entries.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from exportwatch.classification.item import ItemFacts
from exportwatch.classification.materials import (
    ORDINARY,
    Materials,
    customs_hint,
    find_materials,
    hinted_materials,
)
from exportwatch.classification.negation import denied
from exportwatch.classification.presence import TRACE
from exportwatch.classification.problems import Problem
from exportwatch.classification.processes import effective_kind, find_processes, find_substances
from exportwatch.classification.reading import Reading, read_texts
from exportwatch.classification.stated import Stated, join_texts
from exportwatch.classification.text import Text
from exportwatch.classification.vocabulary import Vocabulary
from exportwatch.law.model import ControlEntry
from exportwatch.law.subject import (
    Evidence,
    Identity,
    ItemKind,
    Material,
    MaterialClass,
    Subject,
    Truth,
    Verdict,
)

_TELLING_FORMS = frozenset(["magnet"])  # a magnet may be of a listed family without a word of it
_RARE_EARTH_CHAPTERS = (
    "2805",
    "2844",
    "2846",
    "28",
    "3824",
    "38",
    "8486",
    "8505",
    "72",
    "76",
    "81",
    "71",
    "25",
    "26",
)


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


class Classifier:
    """The control entries, indexed by the subjects that they speak of."""

    def __init__(self, entries: Iterable[ControlEntry], vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._by_key: dict[str, list[ControlEntry]] = {}
        self._codes: set[str] = set()
        for entry in entries:
            self._codes.add(entry.control_code.upper())
            for key in entry.keys:
                self._by_key.setdefault(key, []).append(entry)

    def classify(
        self, facts: ItemFacts, chinese_code: bool = True, context: tuple[Text, ...] = ()
    ) -> Classification:
        """``chinese_code``: whether the customs code is one of the Chinese tariff. ``context``: the texts of the
        contract, which may name the technology of an item; they say nothing of goods."""
        reading = read_texts(facts, self.vocabulary)
        kind = effective_kind(facts, reading)
        if context and kind is not ItemKind.GOODS:
            facts = replace(facts, texts=facts.texts + context)
            reading = read_texts(facts, self.vocabulary)
            kind = effective_kind(facts, reading)
        if kind is ItemKind.GOODS and reading.points_nowhere and self._states_nothing(facts, chinese_code):
            blank = _is_blank(facts)
            return Classification(kind, (), (), (), facts.problems, False, reading.has("tr:public"), blank)
        materials = find_materials(facts, reading, self.vocabulary)
        substances = find_substances(facts, reading, self.vocabulary)
        found, conflicts = self._against_customs_code(facts, reading, materials, chinese_code)
        subject = Subject(
            kind=kind,
            materials=found,
            substances=substances,
            processes=find_processes(kind, reading, materials.signs, self.vocabulary),
            measures=facts.measures,
            form=facts.form,
            form_evidence=Evidence("form", facts.form, "form") if facts.form else None,
        )
        entries = tuple(self._candidates(subject))
        stated = Stated(facts.measures, {}, ())
        if entries:
            stated = join_texts(facts, self.vocabulary.labels)
            subject = replace(subject, measures=stated.measures)
        judged = [Candidate(e, e.condition(subject)) for e in entries]
        listed = tuple(c for c in judged if c.verdict.truth is not Truth.NO)
        cleared = tuple(
            c for c in judged if c.verdict.truth is Truth.NO and (c.verdict.near or c.verdict.remark)
        )
        conflicts += list(self._other_conflicts(facts, reading, materials, listed))
        conflicts += _text_against_field(judged, subject, stated)
        conflicts += _text_against_composition(facts, reading)
        return Classification(
            kind,
            listed,
            cleared,
            tuple(conflicts),
            facts.problems + stated.problems,
            kind is ItemKind.GOODS and _is_ordinary(materials, listed),
            reading.has("tr:public"),
            _is_blank(facts),
            _made_in_china(reading),
        )

    def _states_nothing(self, facts: ItemFacts, chinese_code: bool) -> bool:
        """Whether the fields beside the texts name nothing either: the way of most lines of an ERP."""
        if facts.cas or facts.composition or facts.form in _TELLING_FORMS or any(_declared(facts)):
            return False
        return customs_hint(facts, self.vocabulary, chinese_code) is None

    def _candidates(self, subject: Subject) -> Iterator[ControlEntry]:
        keys = {f"el:{m.element}" for m in subject.materials}
        keys |= {f"su:{name}" for name in subject.substances}
        keys |= {f"pr:{name}" for name in subject.processes}
        seen: dict[str, ControlEntry] = {}
        for key in sorted(keys):
            for entry in self._by_key.get(key, ()):
                seen[f"{entry.instrument_id}|{entry.limb}|{entry.control_code}"] = entry
        return iter(sorted(seen.values(), key=lambda e: (e.instrument_id, e.limb, e.control_code)))

    def _against_customs_code(
        self, facts: ItemFacts, reading: Reading, materials: Materials, chinese_code: bool
    ) -> tuple[tuple[Material, ...], list[Conflict]]:
        hinted = customs_hint(facts, self.vocabulary, chinese_code)
        if hinted is None:
            return materials.found, list(_wrong_chapter(facts, materials))
        hint, evidence = hinted
        named = {s.element for s in materials.signs}
        if named & set(hint.elements) or materials.found or facts.kind is not ItemKind.GOODS:
            return materials.found, []
        if materials.family == "other" or reading.of("un:") or (named and len(hint.elements) > 1):
            return materials.found, []
        if named or reading.of("su:") or facts.cas:
            return hinted_materials(hint, evidence), [
                Conflict("CONFLICT_TEXT_HS", (evidence,), settles=False)
            ]
        return hinted_materials(hint, evidence), [Conflict("CONFLICT_TEXT_HS", (evidence,), settles=False)]

    def _other_conflicts(
        self, facts: ItemFacts, reading: Reading, materials: Materials, listed: tuple[Candidate, ...]
    ) -> Iterator[Conflict]:
        yield from _text_against_cas(facts, reading, materials, self.vocabulary)
        found = {c.entry.control_code.upper() for c in listed}
        for path, code in _declared(facts):
            declared = code.strip().upper()
            known = any(c == declared or c.startswith(f"{declared}.") for c in self._codes)
            agrees = any(c == declared or c.startswith((f"{declared}.", f"{declared}/")) for c in found)
            if known and not agrees:
                evidence = Evidence(path, code, "declared by the exporter")
                yield Conflict("CONFLICT_DECLARED_CODE", (evidence,), settles=bool(found))


_CONTROL_CODE = re.compile(r"\b\d[A-E]\d{3}(?:\.[a-z])?")
_NOT_CONTROLLED = ("不属于", "不是", "非两用", " not ", "nicht", "не ")


def _declared(facts: ItemFacts) -> Iterator[tuple[str, str]]:
    """The control codes that the exporter states: the field, and a remark that does not deny what it names."""
    if facts.declared_code:
        yield "declared_control_code", facts.declared_code
    for text in facts.grades:
        if text.path == "customs_remark" and not any(word in f" {text.plain}" for word in _NOT_CONTROLLED):
            for code in dict.fromkeys(_CONTROL_CODE.findall(text.shown)):
                yield text.path, code


def _made_in_china(reading: Reading) -> Evidence | None:
    for mention in reading.by_tag.get("tr:made_in_china", ()):
        if not denied(mention, reading):
            return Evidence(mention.path, mention.word, "says that it was made in China")
    return None


def _is_blank(facts: ItemFacts) -> bool:
    said = any(any(c.isalnum() for c in text.plain) for text in (*facts.texts, *facts.grades))
    return not (said or facts.cas or facts.composition)


def _is_ordinary(materials: Materials, listed: tuple[Candidate, ...]) -> bool:
    """Ordinary rare-earth products need an ordinary export licence, which is no dual-use licence."""
    elements = {s.element for s in materials.signs}
    return bool(elements & ORDINARY) and not listed and materials.family is None


def _wrong_chapter(facts: ItemFacts, materials: Materials) -> Iterator[Conflict]:
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


def _text_against_field(judged: list[Candidate], subject: Subject, stated: Stated) -> Iterator[Conflict]:
    """A parameter in the text that the field excludes: it convicts nothing alone, and clears nothing."""
    for name, values in stated.against.items():
        other = replace(subject, measures={**stated.measures, name: values})
        settles = all(c.entry.condition(other).truth is c.verdict.truth for c in judged)
        field = stated.measures[name][0].evidence
        yield Conflict("CONFLICT_TEXT_PARAMETER", (values[0].evidence, field), settles)


_ALIKE = Decimal("0.9")  # shares are rounded as people like


def _text_against_composition(facts: ItemFacts, reading: Reading) -> Iterator[Conflict]:
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


def _text_against_cas(
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
