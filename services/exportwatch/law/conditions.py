"""The closed set of predicates in which control entries are written, compiled once into callables.

A condition in YAML is a mapping of exactly one predicate name to its argument; ``all``, ``any`` and ``not``
compose. Compiled, it takes a ``Subject`` and returns a ``Verdict`` (three-valued, with evidence and the missing
facts). An unknown predicate or argument is a ``ConditionError`` at load, which the pack loader turns into an
operator's error with file and line. Pure: no clock, no I/O.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from exportwatch.law.changes import Change, SetForm
from exportwatch.law.limits import parameter
from exportwatch.law.predicates import ConditionError, names_in
from exportwatch.law.subject import (
    NOT_MET,
    ClearedBy,
    Finding,
    ItemKind,
    Material,
    MaterialClass,
    Missing,
    Subject,
    Truth,
    Verdict,
)

T = TypeVar("T")
Condition = Callable[[Subject], Verdict]


def compile_condition(source: Any) -> Condition:
    """Compile one YAML condition. Raises ``ConditionError`` for anything not in the closed set."""
    if not isinstance(source, Mapping) or len(source) != 1:
        raise ConditionError("condition", source, [*PREDICATES, "(exactly one predicate in a mapping)"])
    ((name, argument),) = source.items()
    if name not in PREDICATES:
        raise ConditionError("predicate", name, list(PREDICATES))
    return PREDICATES[name](argument)


# -- composition -------------------------------------------------------------------------------------------


def _joined(truth: Truth, verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict from those that decided it: what does not bear on the outcome is left out."""
    bearing = [v for v in verdicts if (v.truth is Truth.NO if truth is Truth.NO else v.truth >= truth)]
    missing = [m for v in verdicts if v.truth is Truth.UNKNOWN for m in v.missing]
    return Verdict(
        truth,
        evidence=_unique([e for v in bearing for e in v.evidence]),
        missing=_unique(missing) if truth is Truth.UNKNOWN else (),
        near=truth is Truth.NO and any(v.near for v in verdicts),
        basis_mismatch=truth is Truth.UNKNOWN and any(v.basis_mismatch for v in verdicts),
        options=_unique([o for v in verdicts for o in v.options]) if truth is not Truth.NO else (),
        cleared_by=_unique([c for v in bearing for c in v.cleared_by]) if truth is Truth.NO else (),
    )


def _unique(values: Sequence[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))


def _sub_conditions(name: str, argument: Any) -> list[Condition]:
    if not isinstance(argument, list) or not argument:
        raise ConditionError(name, argument, ["a list of conditions"])
    return [compile_condition(item) for item in argument]


def _all(argument: Any) -> Condition:
    conditions = _sub_conditions("all", argument)

    def check(subject: Subject) -> Verdict:
        verdicts = []
        for condition in conditions:
            verdict = condition(subject)
            if verdict.truth is Truth.NO and not verdict.remark:
                return NOT_MET  # not this thing at all: no number can be near its limit
            verdicts.append(verdict)
        return _joined(min(v.truth for v in verdicts), verdicts)

    return check


def _any(argument: Any) -> Condition:
    conditions = _sub_conditions("any", argument)

    def check(subject: Subject) -> Verdict:
        verdicts = [condition(subject) for condition in conditions]
        return _joined(max(v.truth for v in verdicts), verdicts)

    return check


def _not(argument: Any) -> Condition:
    condition = compile_condition(argument)

    def check(subject: Subject) -> Verdict:
        verdict = condition(subject)
        return replace(verdict, truth=Truth(2 - verdict.truth), near=False, cleared_by=())

    return check


# -- what the item is --------------------------------------------------------------------------------------


def _kind(argument: Any) -> Condition:
    kinds = frozenset(ItemKind(k) for k in names_in("kind", argument, [k.value for k in ItemKind]))

    def check(subject: Subject) -> Verdict:
        if subject.kind is ItemKind.UNSTATED and kinds:
            return Verdict(
                Truth.UNKNOWN, missing=(Missing("kind", "goods, or the technology to make them?"),)
            )
        return Verdict(Truth.YES) if subject.kind in kinds else NOT_MET

    return check


def _form(argument: Any) -> Condition:
    forms = frozenset(names_in("form", argument))

    def check(subject: Subject) -> Verdict:
        if subject.form is None:
            missing = (Missing("form", f"one of {', '.join(sorted(forms))}?"),)
            return Verdict(Truth.UNKNOWN, missing=missing, options=tuple(SetForm(f) for f in sorted(forms)))
        evidence = (subject.form_evidence,) if subject.form_evidence else ()
        return Verdict(Truth.YES, evidence) if subject.form in forms else NOT_MET

    return check


def _finding_condition(name: str, argument: Any, attribute: str) -> Condition:
    names = names_in(name, argument)

    def check(subject: Subject) -> Verdict:
        known: Mapping[str, Finding] = getattr(subject, attribute)
        found = [known[n] for n in names if n in known]
        if not found:
            return NOT_MET
        best = max(found, key=lambda f: (f.truth, f.identity))
        return Verdict(best.truth, best.evidence, best.missing if best.truth is Truth.UNKNOWN else ())

    return check


def _substance(argument: Any) -> Condition:
    return _finding_condition("substance", argument, "substances")


def _process(argument: Any) -> Condition:
    return _finding_condition("process", argument, "processes")


def _incomplete(argument: Any) -> Condition:
    if not isinstance(argument, Mapping) or set(argument) != {"fact", "why"}:
        raise ConditionError("incomplete", argument, ["fact", "why"])
    missing = (Missing(str(argument["fact"]), str(argument["why"])),)
    return lambda _subject: Verdict(Truth.UNKNOWN, missing=missing)


# -- material of a controlled element ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _MaterialQuestion:
    element: str
    material_class: MaterialClass
    constituents: tuple[frozenset[str], ...] | None
    family: str | None


def _material(argument: Any) -> Condition:
    known = ["element", "class", "constituents", "family"]
    if not isinstance(argument, Mapping) or "element" not in argument or "class" not in argument:
        raise ConditionError("material", argument, known)
    for key in argument:
        if key not in known:
            raise ConditionError("material", key, known)
    classes = [c.value for c in MaterialClass]
    (material_class,) = names_in("class", argument["class"], classes)
    closed = argument.get("constituents")
    question = _MaterialQuestion(
        element=str(argument["element"]),
        material_class=MaterialClass(material_class),
        constituents=None if closed is None else tuple(symbols(c) for c in names_in("constituents", closed)),
        family=argument.get("family"),
    )

    def check(subject: Subject) -> Verdict:
        verdicts = [_answer(question, m) for m in subject.materials if m.element == question.element]
        if not verdicts:
            return NOT_MET
        return _joined(max(v.truth for v in verdicts), verdicts)

    return check


def symbols(compact: str) -> frozenset[str]:
    """The element symbols of a compact name as the lists print it: ``TbDyFe`` gives Tb, Dy, Fe."""
    parts, rest = [], compact
    while rest:
        size = 2 if rest[1:2].islower() else 1
        if not rest[0].isupper():
            raise ConditionError("constituents", compact, ["element symbols such as TbDyFe"])
        parts.append(rest[:size])
        rest = rest[size:]
    return frozenset(parts)


def _answer(question: _MaterialQuestion, material: Material) -> Verdict:
    deep = material.classes == frozenset([MaterialClass.DEEP_PROCESSED])
    if deep and question.material_class is not MaterialClass.DEEP_PROCESSED:
        return Verdict(Truth.NO, material.evidence, cleared_by=(ClearedBy.GUIDANCE,))
    if question.material_class not in material.classes and not _may_be_alloy(question, material):
        return NOT_MET
    truth = min(material.presence, _specific(question, material))
    if truth is Truth.NO:
        # A report that excludes the element is worth a remark; a composition outside a closed list as well.
        by = ClearedBy.REPORT if material.presence is Truth.NO else ClearedBy.CLOSED_LIST
        return Verdict(Truth.NO, material.evidence, cleared_by=(by,))
    if len(material.classes) > 1 or not material.settled:
        truth = Truth.UNKNOWN
    missing = material.missing
    if truth is Truth.UNKNOWN and not missing:
        missing = (Missing("constituents", f"which {question.material_class.value} of {question.element}?"),)
    return Verdict(
        truth,
        material.evidence,
        missing if truth is Truth.UNKNOWN else (),
        options=(*material.options, *_forms(material.classes)),
    )


def _forms(classes: frozenset[MaterialClass]) -> tuple[Change, ...]:
    """Where several classes are possible: the form stated as each of them, what is outside the list first."""
    if len(classes) == 1:
        return ()
    order = sorted(classes, key=lambda c: (c is not MaterialClass.DEEP_PROCESSED, c.value))
    return tuple(SetForm("finished_product" if c is MaterialClass.DEEP_PROCESSED else c.value) for c in order)


def _may_be_alloy(question: _MaterialQuestion, material: Material) -> bool:
    return question.material_class is MaterialClass.ALLOY and material.classes == frozenset(
        [MaterialClass.TARGET]
    )


def _specific(question: _MaterialQuestion, material: Material) -> Truth:
    """Whether the material is one of those that a closed list names (alloys, targets, magnet families)."""
    if question.family is not None:
        if material.family is None:
            return Truth.UNKNOWN
        return Truth.YES if material.family == question.family else Truth.NO
    if question.constituents is None:
        return Truth.YES
    if material.constituents is None:
        return Truth.UNKNOWN
    if material.constituents in question.constituents:
        # A target made of a listed alloy: the list names targets apart, and not this one.
        of_alloy = (
            question.material_class is MaterialClass.ALLOY and MaterialClass.ALLOY not in material.classes
        )
        return Truth.UNKNOWN if of_alloy else Truth.YES
    # More than the list names (a magnesium alloy with Y, Nd and Zr): nobody says which name it goes by.
    if material.open or any(len(c) > 1 and c < material.constituents for c in question.constituents):
        return Truth.UNKNOWN
    return Truth.NO


PREDICATES: Mapping[str, Callable[[Any], Condition]] = {
    "all": _all,
    "any": _any,
    "not": _not,
    "kind": _kind,
    "form": _form,
    "substance": _substance,
    "process": _process,
    "material": _material,
    "parameter": parameter,
    "incomplete": _incomplete,
}
