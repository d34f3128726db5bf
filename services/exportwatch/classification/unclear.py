"""Values of a text that are not the whole story: a bound word or a further number beside them is not understood.

A bound word of a clause that no number took up leaves every number of the clause open: a minimum that is read as an
exact value would clear. So does a second number that may be the same parameter's. Such a value may convict and never
clears. Cost: so many characters on both sides of each number.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from exportwatch.classification.bounds import Bounds, bound_before, bound_behind
from exportwatch.classification.text import read_text

CLAUSE = re.compile(r"[,;。、\n]")
_SENTENCE = re.compile(r"[;。\n]|[.!?](?=\s+[A-Z])")
_NEAR = 64  # characters looked at


@dataclass(frozen=True, slots=True)
class Number:
    """A number with a unit in a text. ``name``: its parameter (empty: none that is asked for), by a label beside it or
    by its unit alone; ``tested``: it is the test condition of another; ``condition``: what it was tested at."""

    start: int
    end: int
    family: str = ""
    name: str = ""
    labeled: bool = True
    bounded: bool = True  # a bound beside it counts: not so with a pressure or a rate
    signed: bool = False  # ... and it has one
    tested: bool = False
    condition: Mapping[str, Decimal] = field(default_factory=dict)


def unclear(shown: str, numbers: Sequence[Number], bounds: Bounds) -> frozenset[int]:
    """Which of the numbers are open."""
    clauses, open_clauses = _clauses(shown, numbers, bounds)
    open_clauses |= {clauses[place] for place, one in enumerate(numbers) if one.signed and not one.bounded}
    found = {place for place, clause in enumerate(clauses) if clause in open_clauses}
    last: dict[str, int] = {}
    for place, one in enumerate(numbers):
        if not one.name or one.tested:
            continue
        before = last.get(one.family)
        if before is not None and _further(numbers[before], one, clauses[place] - clauses[before]):
            found |= {before, place}
        last[one.family] = place
    return frozenset(found)


def _further(one: Number, other: Number, apart: int) -> bool:
    """Whether the later number may be another value of the same parameter (``apart``: clauses between them)."""
    if one.condition and other.condition and one.condition != other.condition:
        return False
    return (apart < 2 and not other.labeled) or (apart == 0 and one.name == other.name)


def _clauses(shown: str, numbers: Sequence[Number], bounds: Bounds) -> tuple[list[int], set[int]]:
    """The clause of each number, and the clauses that hold a bound word which no number took up.

    What stands in a clause without a number belongs to the number before it (``1.70 g/cc, guaranteed minimum``).
    """
    places: list[int] = []
    holding: set[int] = set()
    last, behind = 0, False  # behind: a bound that follows the number is its own
    for one in numbers:
        between = shown[last : one.start]
        said, near = _parted(bound_behind(between, bounds)[1] if behind else between)
        clause = places[-1] if places else 0
        if places and said is not None:
            if _holds(said, bounds):
                holding.add(clause)
            clause += 1
        if _holds(bound_before(near, bounds)[1] if one.bounded else near, bounds):
            holding.add(clause)
        places.append(clause)
        last, behind = one.end, one.bounded
    rest = _SENTENCE.split(shown[last : last + _NEAR])[0]
    if places and _holds(bound_behind(rest, bounds)[1] if behind else rest, bounds):
        holding.add(places[-1])
    return places, holding


def _parted(between: str) -> tuple[str | None, str]:
    """What stands between two numbers: what the first still says (``None``: they share a clause), the second's own."""
    if not CLAUSE.search(between):
        return None, between if len(between) <= 2 * _NEAR else f"{between[:_NEAR]} {between[-_NEAR:]}"
    near = CLAUSE.split(between)[-1]
    return _SENTENCE.split(between[: len(between) - len(near)][:_NEAR])[0], near[-_NEAR:]


def _holds(text: str, bounds: Bounds) -> bool:
    return any(c.isalpha() for c in text) and bool(bounds.words.mentions(read_text("", text)))
