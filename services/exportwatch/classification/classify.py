"""What a thing is: an item's own facts held against the control entries that could concern it.

Depends on the item and the rule pack only, never on route, date or parties, so that its answer may be
remembered by the item's facts. Candidates are found by index; cost does not grow with the number of entries.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from exportwatch.classification.bare import names_only_a_material
from exportwatch.classification.figures import has_figures, with_figures
from exportwatch.classification.findings import (
    Candidate,
    Classification,
    Conflict,
    text_against_cas,
    text_against_composition,
    text_against_field,
    wrong_chapter,
)
from exportwatch.classification.item import ItemFacts, is_material
from exportwatch.classification.materials import (
    ORDINARY,
    Materials,
    customs_hint,
    find_materials,
    hinted_materials,
)
from exportwatch.classification.neat import disputed_names, held_against_code, with_shares
from exportwatch.classification.negation import denied
from exportwatch.classification.ordinary_service import is_ordinary_service
from exportwatch.classification.presence import signs
from exportwatch.classification.processes import effective_kind, find_processes, find_substances
from exportwatch.classification.reading import Reading, read_texts
from exportwatch.classification.spelling import is_mistyped, put_right
from exportwatch.classification.stated import Stated, join_texts
from exportwatch.classification.text import Text
from exportwatch.classification.vocabulary import CustomsHint, Vocabulary
from exportwatch.law.model import ControlEntry
from exportwatch.law.subject import Evidence, Finding, Identity, ItemKind, Material, Subject, Truth

_NOTHING = ItemFacts(ItemKind.UNSTATED, (), (), (), (), {}, None, None, None, frozenset(), ())
_TELLING_FORMS = frozenset(["magnet"])  # a magnet may be of a listed family without a word of it


class Classifier:
    """The control entries, indexed by the subjects that they speak of."""

    def __init__(self, entries: Iterable[ControlEntry], vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._numbered = frozenset(vocabulary.substance_cas.values())
        self._by_key: dict[str, list[ControlEntry]] = {}
        self._codes: set[str] = set()
        for entry in entries:
            self._codes |= _written(entry.control_code)
            for key in entry.keys:
                self._by_key.setdefault(key, []).append(entry)

    def classify(
        self, facts: ItemFacts, chinese_code: bool = True, context: tuple[Text, ...] = ()
    ) -> Classification:
        """``chinese_code``: whether the customs code is one of the Chinese tariff. ``context``: the texts of the
        contract, which may name the technology of an item; they say nothing of goods."""
        facts = self._put_right(facts)
        reading = read_texts(facts, self.vocabulary)
        kind = effective_kind(facts, reading)
        if context and kind is not ItemKind.GOODS:
            facts = self._put_right(replace(facts, texts=facts.texts + context))
            reading = read_texts(facts, self.vocabulary)
            kind = effective_kind(facts, reading)
        what = self._judged_as(kind, facts, reading, chinese_code)
        if what.listed or kind is ItemKind.UNSTATED:
            return what
        if kind is ItemKind.GOODS and facts.kind is ItemKind.UNSTATED and self._is_process(context):
            facts = self._put_right(replace(facts, texts=facts.texts + context))
            reading = read_texts(facts, self.vocabulary)
        elif (
            kind is ItemKind.GOODS
            or is_ordinary_service(kind, reading)
            or (not is_material(facts) and not names_only_a_material(facts, reading))
        ):
            return what
        # Cleared as the one, by facts that speak for the other: it may be either.
        either = self._judged_as(ItemKind.UNSTATED, facts, reading, chinese_code)
        return either if either.listed else what

    def _judged_as(
        self, kind: ItemKind, facts: ItemFacts, reading: Reading, chinese_code: bool
    ) -> Classification:
        if (
            kind is ItemKind.GOODS
            and reading.points_nowhere
            and self._states_nothing(facts, reading, chinese_code)
        ):
            blank = _is_blank(facts)
            return Classification(kind, (), (), (), facts.problems, False, reading.has("tr:public"), blank)
        materials = find_materials(facts, reading, self.vocabulary)
        substances = find_substances(facts, reading, self.vocabulary)
        hint = customs_hint(facts, self.vocabulary, chinese_code)
        found, conflicts = self._against_customs_code(facts, reading, materials, hint)
        if hint is not None and hint[0].substances and kind is ItemKind.GOODS:
            substances, disputed = held_against_code(substances, *hint, reading)
            conflicts += [Conflict("CONFLICT_TEXT_HS", (evidence,), settles=False) for evidence in disputed]
        facts = replace(facts, measures=with_shares(facts, self.vocabulary)) if facts.composition else facts
        told = facts if kind is ItemKind.GOODS else self._with_texts(facts)
        subject = Subject(
            kind=kind,
            materials=found,
            substances=substances,
            processes=find_processes(kind, told, reading, materials.signs, self.vocabulary),
            measures=facts.measures,
            form=facts.form,
            form_evidence=Evidence("form", facts.form, "form") if facts.form else None,
        )
        if kind is not ItemKind.GOODS and facts.measures:
            subject = replace(subject, processes=with_figures(subject, reading))
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
        conflicts += self._disputed(facts, reading, substances) if facts.cas else ()
        conflicts += text_against_field(judged, subject, stated)
        conflicts += text_against_composition(facts, reading)
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

    def _is_process(self, context: tuple[Text, ...]) -> bool:
        """Whether the contract's own texts hand over the technology of a process."""
        if not context:
            return False
        facts = self._put_right(replace(_NOTHING, texts=context))
        reading = read_texts(facts, self.vocabulary)
        kind = effective_kind(facts, reading)
        named = tuple(signs(facts, reading, self.vocabulary))
        found = find_processes(kind, self._with_texts(facts), reading, named, self.vocabulary)
        return kind is ItemKind.TECHNOLOGY and bool(found)

    def _with_texts(self, facts: ItemFacts) -> ItemFacts:
        return replace(facts, measures=join_texts(facts, self.vocabulary.labels).measures)

    def _put_right(self, facts: ItemFacts) -> ItemFacts:
        """The facts with the typing and scanning errors of their texts put right."""
        spelling = self.vocabulary.spelling
        for text in facts.texts + facts.grades:
            if is_mistyped(text, spelling):
                texts = tuple(put_right(text, spelling) for text in facts.texts)
                grades = tuple(put_right(text, spelling) for text in facts.grades)
                return replace(facts, texts=texts, grades=grades)
        return facts

    def _states_nothing(self, facts: ItemFacts, reading: Reading, chinese_code: bool) -> bool:
        """Whether fields and figures name nothing either: the way of most lines of an ERP."""
        if facts.cas or facts.composition or facts.form in _TELLING_FORMS or any(_declared(facts)):
            return False
        if has_figures(facts, reading):
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

    def _disputed(
        self, facts: ItemFacts, reading: Reading, substances: Mapping[str, Finding]
    ) -> Iterator[Conflict]:
        """The CAS number of one substance beside the name of another, where an entry asks about one of them."""
        asked = {n: f for n, f in substances.items() if n in self._numbered and f"su:{n}" in self._by_key}
        for evidence in disputed_names(asked, facts, self.vocabulary):
            yield Conflict("CONFLICT_TEXT_CAS", evidence, settles=False)
        common = reading.of("co:")
        if common and asked and all(f.identity is Identity.CAS for f in asked.values()):
            named = Evidence(common[0].path, common[0].word, f"names {common[0].tag[3:].replace('_', ' ')}")
            number = next(iter(asked.values())).evidence[0]
            yield Conflict("CONFLICT_TEXT_CAS", (number, named), settles=True)

    def _against_customs_code(
        self,
        facts: ItemFacts,
        reading: Reading,
        materials: Materials,
        hinted: tuple[CustomsHint, Evidence] | None,
    ) -> tuple[tuple[Material, ...], list[Conflict]]:
        if hinted is None:
            return materials.found, list(wrong_chapter(facts, materials))
        hint, evidence = hinted
        if hint.substances:
            return materials.found, []
        named = {s.element for s in materials.signs}
        if named & set(hint.elements) or materials.found or facts.kind is not ItemKind.GOODS:
            return materials.found, []
        if materials.family == "other" or reading.of("un:") or (named and len(hint.elements) > 1):
            return materials.found, []
        return hinted_materials(hint, evidence), [Conflict("CONFLICT_TEXT_HS", (evidence,), settles=False)]

    def _other_conflicts(
        self, facts: ItemFacts, reading: Reading, materials: Materials, listed: tuple[Candidate, ...]
    ) -> Iterator[Conflict]:
        yield from text_against_cas(facts, reading, materials, self.vocabulary)
        found = frozenset(name for c in listed for name in _written(c.entry.control_code))
        for path, code in _declared(facts):
            declared = _bare(code)
            if declared in self._codes and declared not in found:
                evidence = Evidence(path, code, "declared by the exporter")
                yield Conflict("CONFLICT_DECLARED_CODE", (evidence,), settles=bool(found))


_CONTROL_CODE = re.compile(r"\b\d[A-E]\d{3}(?:\.[a-z])?")
_BETWEEN_CODES = re.compile(r"[,;，；、|\s]+")
_NOT_CONTROLLED = ("不属于", "不是", "非两用", " not ", "nicht", "не ")
# Lists of others use the same numbers for other things: 3C004 of the European list is arsine.
_OF_OTHERS = (" eu ", " european", " annex i", "2021 821", " eccn", " ear ", " ausfuhrliste", "欧盟")
_NOT_CHINESE = _NOT_CONTROLLED + _OF_OTHERS


def _bare(code: str) -> str:
    """A control code without case and separators: ``1c905-b`` is ``1C905.b``."""
    return "".join(c for c in code.upper() if c.isalnum())


def _written(code: str) -> frozenset[str]:
    """How a code may be declared: itself, or what it is a sub-item of, without separators."""
    ends = (at for at, sign in enumerate(code) if sign in "./")
    return frozenset(_bare(one) for one in (code, *(code[:at] for at in ends)))


def _declared(facts: ItemFacts) -> Iterator[tuple[str, str]]:
    """The control codes that the exporter states: the field, and a remark that neither denies what it names nor
    speaks of the list of another country."""
    if facts.declared_code:
        codes = (facts.declared_code, *_BETWEEN_CODES.split(facts.declared_code))
        yield from (("declared_control_code", code) for code in dict.fromkeys(codes) if code)
    for text in (*facts.grades, *facts.texts):
        if text.path == "customs_remark" and not any(w in f" {text.plain}" for w in _NOT_CHINESE):
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
