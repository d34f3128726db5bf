"""Shares of elements that a text states: ``Dy 2.5 %``, ``Dy+Tb < 0.05 %``, ``2.1 wt% Dy``, ``含镝0.5-1%``, ``500 ppm``.

Only a number with a unit counts, and only beside the symbol or name of a tracked element. Looks so far around each
number and no further: cost linear in the text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from exportwatch.classification.bounds import bound_before, signed
from exportwatch.classification.formulas import TRACKED
from exportwatch.classification.item import Constituent
from exportwatch.classification.labels import Labels
from exportwatch.classification.text import Mention, Text, comparable
from exportwatch.classification.units import PARAMETERS, BadValue, Interval, canonical

_SYMBOL = "|".join(sorted(TRACKED, key=len, reverse=True))
_SYMBOLS = rf"(?:{_SYMBOL})(?:\s?(?:[+/&、]|and|und|和|及)\s?(?:{_SYMBOL})){{0,6}}"
_NUMBER = r"\d{1,9}(?:[.,]\d{1,9}){0,2}"
_SHARE = re.compile(
    rf"(?<!\d)(?<!\d[.,])(?:(?P<op>>=|<=|[≥≤><~≈≮≯])\s?)?(?P<number>{_NUMBER})\s?"
    rf"(?:(?:-|–|~|to|bis|至|到)\s?(?P<to>{_NUMBER})\s?)?"
    r"(?P<unit>(?P<basis>wt|mass|gew|mas|at|mol|vol|m|w)?\.?[\s-]?%|ppmw?|mg/kg|g/t)",
    re.IGNORECASE,
)
_AT_END = re.compile(rf"(?<![A-Za-z])(?P<names>{_SYMBOLS})$")
_AT_START = re.compile(rf"\s*(?:(?:of|an|de)\s)?(?P<names>{_SYMBOLS})(?![A-Za-z])")
# A zero needs no unit: ``Dy+Tb=0``.
_NONE = re.compile(rf"(?<![A-Za-z])(?P<names>{_SYMBOLS})\s?[:=]\s?(?:0(?![\d.,%]|\s%)|nil\b|none\b)")
_ONE = re.compile(_SYMBOL)
_BEFORE, _BEHIND = 48, 40  # characters looked at
_OTHER_BASIS = frozenset(["at", "mol", "vol"])
# Between a share by atoms or volume and one by mass lies the ratio of the masses: at most about this much.
_BASES_APART = 5
# Words of several languages as well as symbols: they count beside chemistry only.
WORD_LIKE = frozenset(["Y", "La", "Er", "Ho", "Ce", "Eu", "Pr", "Sc", "Tm", "Lu"])
# Another metal with its share (``Al bal.``, ``Mg 2 %``) is chemistry too.
_METALS = re.compile(r"(?<![A-Za-z])(?:Al|Mg|Fe|Ni|Co|Cu|Zr|Ti|Cr|Mn|Zn|Nd|Gd|Dy|Tb)[\s:=]{0,3}(?:\d|bal)")


@dataclass(frozen=True, slots=True)
class Context:
    """``named``: the names of elements in this text, by word; ``sizes``: the lengths of these words, the longest
    first; ``chemical``: whether its words are chemistry's."""

    named: Mapping[str, str]
    sizes: tuple[int, ...]
    chemical: bool


def context(text: Text, elements: Iterable[Mention], chemical: bool) -> Context:
    """``elements``: the mentions of elements in this text."""
    named = {m.word: m.tag[3:] for m in elements}
    sizes = tuple(sorted({len(word) for word in named}, reverse=True))
    return Context(named, sizes, chemical or bool(named) or bool(_METALS.search(text.shown)))


def shares(text: Text, within: Context, labels: Labels) -> Iterator[Constituent]:
    """Every share that the text states, in its order; two names joined (``Dy+Tb``) share one bound."""
    shown, taken = text.shown, 0
    yield from _absent(shown, text.path)
    for match in _SHARE.finditer(shown):
        before = shown[max(taken, match.start() - _BEFORE) : match.start()]
        taken = match.end()
        bound, named = bound_before(before.rstrip(" :=(["), labels.bounds)
        elements = _ending(named.rstrip(" :=([-"), within, labels)
        if not elements:
            behind = shown[match.end() : match.end() + _BEHIND]
            elements, used = _starting(behind, within)
            taken += used
        share = _interval(match, signed(match["op"], before, labels.bounds) if match["op"] else bound)
        if share is None or not elements or not (within.chemical or set(elements) - WORD_LIKE):
            continue
        yield Constituent(text.path, "+".join(elements), share, False, _quoted(elements, match))


def _absent(shown: str, path: str) -> Iterator[Constituent]:
    for match in _NONE.finditer(shown):
        elements = "+".join(dict.fromkeys(_ONE.findall(match["names"])))
        yield Constituent(path, elements, Interval(Decimal(0), Decimal(0)), False, match.group())


def _quoted(elements: tuple[str, ...], match: re.Match[str]) -> str:
    return f"{'+'.join(elements)} {match.group().strip()}"


def _ending(before: str, within: Context, labels: Labels) -> tuple[str, ...]:
    """The elements whose names end the text before the number."""
    content = max((w for w in labels.content if before.lower().endswith(w)), key=len, default="")
    before = before[: len(before) - len(content)].rstrip(" :=([-")
    match = _AT_END.search(before)
    if match:
        return tuple(dict.fromkeys(_ONE.findall(match["names"])))
    plain, found = comparable(before[-_BEFORE:]) if within.named else "", []
    while word := _last_name(plain, within):
        found.append(within.named[word])
        plain = plain[: -len(word)].removesuffix(" and ").removesuffix(" und ").removesuffix("和").rstrip()
    return tuple(dict.fromkeys(reversed(found)))


def _last_name(plain: str, within: Context) -> str:
    """The name in which the text ends; empty where it ends in none. Looked up by its length: a text may hold
    thousands of names, each mistyped otherwise."""
    return next((word for n in within.sizes if _ends_in(plain, word := plain[-n:], within)), "")


def _ends_in(plain: str, word: str, within: Context) -> bool:
    """Whether the end of the text is a whole name: ``terbium`` does not end in ``erbium``."""
    before = plain[-len(word) - 1 : -len(word)]
    return word in within.named and not (before.isalpha() and word[0].isascii())


def _starting(behind: str, within: Context) -> tuple[tuple[str, ...], int]:
    """The elements whose names stand right behind the number, and how much of the text they take."""
    match = _AT_START.match(behind)
    if match:
        return tuple(dict.fromkeys(_ONE.findall(match["names"]))), match.end()
    plain = comparable(behind).removeprefix("of ") if within.named else ""
    word = next((plain[:n] for n in within.sizes if plain[:n] in within.named), "")
    # "2 % dysprosium oxide" states a share of the oxide, which is one of the element too.
    return ((within.named[word],), len(word)) if word else ((), 0)


def _interval(match: re.Match[str], bound: str) -> Interval | None:
    number = f"{match['number']}-{match['to']}" if match["to"] else match["number"]
    basis = (match["basis"] or "").lower()
    unit = "%" if match["unit"].endswith("%") else "ppm" if match["unit"].lower() == "g/t" else match["unit"]
    value = canonical(PARAMETERS["purity"], number if match["to"] else f"{bound}{number}", unit)
    if isinstance(value, BadValue):
        return None
    if basis in _OTHER_BASIS:
        return Interval(value.low / _BASES_APART, min(value.high * _BASES_APART, Decimal(100)))
    return value
