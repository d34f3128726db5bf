"""Parameters of an item from its field and its texts, joined: the field is the stronger.

A parameter in a text counts where the field is silent, and where it agrees with the field it may supply the test
condition. Where the two exclude each other the field stands alone and the contradiction is returned.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from exportwatch.classification.dimensions import dimensions
from exportwatch.classification.item import ItemFacts
from exportwatch.classification.labels import Labels
from exportwatch.classification.problems import Problem
from exportwatch.classification.statements import TOO_MANY, Statement, statements
from exportwatch.classification.text import Text
from exportwatch.classification.units import PARAMETERS
from exportwatch.law.subject import Evidence, Measure

_CLEARED_BY_LESS = frozenset(["enrichment"])  # a small value clears: one that is open may be a large one
Measures = Mapping[str, tuple[Measure, ...]]


@dataclass(frozen=True, slots=True)
class Stated:
    """``measures``: what the conditions are asked with. ``against``: values in texts that the field excludes."""

    measures: Measures
    against: Measures
    problems: tuple[Problem, ...]


def join_texts(facts: ItemFacts, labels: Labels) -> Stated:
    joined = {name: list(values) for name, values in facts.measures.items()}
    against: dict[str, list[Measure]] = {}
    problems: list[Problem] = []
    for one in _statements(facts, labels):
        measure = _measure(one, problems)
        field = facts.measures.get(one.name, ())
        if not measure.readable and any(other.readable for other in field):
            continue  # named, but the field needs no such help
        excluded = any(_exclude(measure, other) for other in field)
        (against if excluded else joined).setdefault(one.name, []).append(measure)
        if one.open and measure.readable and not any(other.readable for other in field):
            joined[one.name].append(replace(measure, readable=False))  # it may convict, and clears nothing
    return Stated(_frozen(joined), _frozen(against), tuple(dict.fromkeys(problems)))


def _frozen(found: Mapping[str, Sequence[Measure]]) -> Measures:
    return {name: tuple(values) for name, values in found.items()}


def _statements(facts: ItemFacts, labels: Labels) -> Iterator[Statement]:
    for text in (*facts.texts, *facts.grades):
        if _may_state(text):
            yield from statements(text, labels)
            yield from dimensions(text, labels)


def _may_state(text: Text) -> bool:
    return text.path not in ("grade", "model") and any(map(str.isdigit, text.shown))


def _measure(one: Statement, problems: list[Problem]) -> Measure:
    at = "".join(f" at {name} {value:f}" for name, value in one.condition.items())
    evidence = Evidence(one.path, f"{one.name} {one.shown}{at}", "stated in the text")
    if one.value is not None:
        known = not (one.doubtful or (one.open and one.name in _CLEARED_BY_LESS))
        return Measure(one.value.low, one.value.high, one.condition, evidence, readable=known)
    canon = PARAMETERS[one.name]
    if one.shown == TOO_MANY:
        problems.append(Problem("UNREADABLE_FACT", one.path, TOO_MANY, "the numbers of one item"))
        return Measure(canon.low, canon.high, {}, evidence, readable=False)
    unit = canon.unit.replace("**", "")
    expected = f"between {canon.low} and {canon.high} {unit}"
    problems.append(Problem("IMPLAUSIBLE_VALUE", one.path, f"{one.name} {one.shown}", expected))
    return Measure(canon.low, canon.high, {}, evidence, readable=False)


def _exclude(text: Measure, field: Measure) -> bool:
    """Whether the two cannot both be right: disjoint, and not under different test conditions."""
    if not (text.readable and field.readable):
        return False
    shared = text.condition.keys() & field.condition.keys()
    same = all(text.condition[name] == field.condition[name] for name in shared)
    return same and (text.high < field.low or field.high < text.low)
