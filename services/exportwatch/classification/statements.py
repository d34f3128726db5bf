"""Numbers with a unit in a text: which parameter each one is, and the test condition that belongs to it.

A unit settles most; where several parameters share one (``%``, ``g/cc``, ``MPa``) the words beside the number do.
What nothing tells is left out, never guessed. Looks only so far around each number: cost linear in the text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from exportwatch.classification.bounds import bound_before, bound_behind, signed
from exportwatch.classification.isotopes import is_enrichment, names_lithium_6
from exportwatch.classification.labels import Labels
from exportwatch.classification.text import Text, read_text
from exportwatch.classification.unclear import CLAUSE, Number, unclear
from exportwatch.classification.units import CONDITIONS, LATINIZED, PARAMETERS, BadValue, Interval, canonical

_DENSITY, _CAPACITY, _ENERGY, _PRESSURE = "density", "capacity", "energy", "pressure"
_PERCENT, _VOLTAGE, _LENGTH, _POWER, _FREQUENCY, _RATE = (
    "percent",
    "voltage",
    "length",
    "power",
    "frequency",
    "rate",
)
_UNITS = {
    _DENSITY: r"g/c(?:c|cm|m\^?3)|g\s?[·*]?\s?cm\^?[-−]3|g/ml|kg/m\^?3|kg/dm\^?3|kg/l|t/m\^?3|г/см3|克/立方厘米",
    _CAPACITY: r"mA[·.]?h/(?:g|kg)|A[·.]?h/k?g|mAh\s?g[-−]1|мА[·.]?ч/г|毫安时/克",
    _ENERGY: r"k?W[·.]?h/kg|Вт[·.]?ч/кг|瓦时/(?:千克|公斤)",
    _PRESSURE: r"[MGk]Pa|N/mm\^?2|МПа|ГПа|兆帕|bar|psi|kgf/cm2",
    _FREQUENCY: r"[MG]Hz|МГц|ГГц|兆赫",
    _POWER: r"kW|кВт|千瓦",
    _VOLTAGE: r"m?V|伏",
    _LENGTH: r"[µμu]m|nm|microns?|мкм|微米",
    _PERCENT: r"(?:at\.?|atom|atomic|ат\.?)[\s-]?%|%|percent|pct|prozent|процент",
    _RATE: r"C",
}
_NUMBER = r"\d{1,9}(?:[.,]\d{1,9}){0,3}"
_VALUE = re.compile(
    rf"(?<!\d)(?<!(?<![m^])\d[.,])(?:(?P<op>>=|<=|[≥≤><~≈≮≯])\s?)?(?P<number>{_NUMBER})"
    rf"(?:\s?(?:-|–|~|to|bis|至|到)\s?(?P<to>{_NUMBER}))?\s{{0,2}}"
    + "(?:"
    + "|".join(f"(?P<{family}>{pattern})" for family, pattern in _UNITS.items())
    + r")(?!(?<=[A-Za-z])[A-Za-z]|[/·^](?=[A-Za-z]))",
    re.IGNORECASE,
)
_NINES = re.compile(r"(?<![A-Za-z0-9.\-/])(?P<nines>[2-9])N(?P<further>[1-9])?(?![A-Za-z0-9\-/])")
_MAY_BE = {
    _DENSITY: frozenset(["compaction_density", "tap_density", "density"]),
    _CAPACITY: frozenset(["discharge_capacity"]),
    _ENERGY: frozenset(["energy_density"]),
    _PRESSURE: frozenset(["flexural_strength", "elastic_limit", "tensile_strength"]),
    _PERCENT: frozenset(
        ["first_coulombic_efficiency", "purity", "elongation", "enrichment", "transmittance"]
    ),
    _VOLTAGE: frozenset(["average_voltage"]),
    _LENGTH: frozenset(["particle_size"]),
}
_UNLABELED = {
    _DENSITY: "density", _CAPACITY: "discharge_capacity", _ENERGY: "energy_density", _PRESSURE: "pressure",
    _POWER: "power", _FREQUENCY: "frequency", _RATE: "c_rate",
}  # fmt: skip
_TESTED_AT = {
    "pressure": frozenset(["compaction_density", "density"]),
    "c_rate": frozenset(["discharge_capacity", "first_coulombic_efficiency"]),
}
_BY_ATOMS = ("a", "A", "а", "А")
_UPWARD = frozenset([">", ">="])
_PURE_FROM = Decimal(90)  # a percentage from here on that nothing else claims is a purity
_MOST_C_RATE = Decimal(20)  # ``25C`` is a temperature
MOST = 400  # numbers with a unit in a text
TOO_MANY = f"more than {MOST} numbers"
_BEFORE, _BEHIND, _LINK = 48, 32, 44  # characters looked at


@dataclass(frozen=True, slots=True)
class Statement:
    """A number that a text gives to a parameter, in its canonical unit; ``value`` is ``None`` if it cannot be right."""

    name: str
    value: Interval | None
    condition: Mapping[str, Decimal]
    path: str
    shown: str
    doubtful: bool = False  # the text speaks of other products' values, too: it may not be the item's
    open: bool = False  # beside it stands a bound or a number that is not understood: it clears nothing


@dataclass(slots=True)
class _Found:
    start: int
    end: int
    family: str
    shown: str
    unit: str = ""
    name: str = ""
    value: Interval | BadValue | None = None
    match: int = 0  # its place among the numbers of the text
    labeled: bool = False


def statements(text: Text, labels: Labels) -> Iterator[Statement]:
    """Every parameter that the text states, in its order. Of a text with more numbers than any data sheet of one
    item nobody knows which of them are the item's: each parameter is stated, and its value is not known."""
    matches = _matches(text.shown)
    if len(matches) > MOST:
        yield from (Statement(name, None, {}, text.path, TOO_MANY) for name in PARAMETERS)
        return
    found = list(_named(text.shown, matches, labels))
    doubtful = bool(found) and bool(labels.compared.mentions(text))
    conditions: dict[int, dict[str, Decimal]] = {}
    used: set[int] = set()  # a pressure at which something was tested is none that the item has
    for place, one in enumerate(found):
        if one.name in _TESTED_AT and isinstance(one.value, Interval):
            tested = _tested(found, place, text.shown, labels)
            if tested is not None:
                conditions.setdefault(tested, {})[one.name] = one.value.low
                used.add(place)
    numbers = list(_numbers(matches, found, conditions, used)) if found else []
    open_at = unclear(text.shown, numbers, labels.bounds)
    for place, one in enumerate(found):
        condition = conditions.get(place, {})
        name = "compaction_density" if one.name == "density" and "pressure" in condition else one.name
        if name in PARAMETERS and place not in used:
            value = one.value if isinstance(one.value, Interval) else None
            yield Statement(
                name,
                value,
                condition,
                text.path,
                one.shown,
                doubtful,
                one.match in open_at or _assumed(one, text),
            )


def _assumed(one: _Found, text: Text) -> bool:
    """Whether the number may be another than it is taken for: a coating's, or a transmission of other light."""
    if one.name == "transmittance":
        return "visib" not in text.plain and "可见" not in text.plain
    return one.name == "particle_size" and not one.labeled


def _matches(shown: str) -> list[re.Match[str]]:
    matches = list(_VALUE.finditer(shown))
    return sorted([*matches, *_NINES.finditer(shown)], key=_place) if "N" in shown else matches


def _place(match: re.Match[str]) -> int:
    return match.start()


def _named(shown: str, matches: list[re.Match[str]], labels: Labels) -> Iterator[_Found]:
    taken = 0
    for place, match in enumerate(matches):
        start = match.start()
        following = matches[place + 1].start() if place + 1 < len(matches) else len(shown)
        if match.re is _NINES:
            bound = bound_before(shown[max(taken, start - _BEFORE) : start], labels.bounds)[0]
            bound = (
                ">=" if shown[max(0, start - 3) : start].rstrip().endswith((">", "≥", ">=", "≮")) else bound
            )
            yield _Found(
                start,
                match.end(),
                _PERCENT,
                match.group(),
                "%",
                "purity",
                _nines(match, bound),
                place,
                labeled=True,
            )
            taken = match.end()
            continue
        before = shown[max(taken, start - _BEFORE) : start]
        behind = CLAUSE.split(shown[match.end() : min(following, match.end() + _BEHIND)])[0]
        one = _Found(start, match.end(), str(match.lastgroup), match.group().strip())
        one.match, one.unit = place, str(match[one.family])
        one.name, taken = _name(one, before, behind, labels)
        if one.family == _LENGTH and not (one.name or one.labeled):
            beside = shown[max(0, start - _BEFORE) : match.end() + _BEHIND]
            one.name = "particle_size" if labels.powder.mentions(read_text("", beside)) else ""
        one.value = _value(match, one, (before, behind), labels)
        if one.name == "purity" and isinstance(one.value, Interval) and one.value.high < _PURE_FROM / 2:
            continue  # a share of something, not a purity
        if one.name:
            yield one


def _name(one: _Found, before: str, behind: str, labels: Labels) -> tuple[str, int]:
    """The parameter's name (empty: none that is asked for), and up to where the text is used up by it."""
    may_be = _MAY_BE.get(one.family, frozenset())
    near = CLAUSE.split(before)[-1]
    for words, last in ((near, True), (behind, False), (before, True)):
        mentions = labels.index.mentions(read_text("", words)) if may_be and words.strip() else []
        said = [m for m in mentions if m.tag[3:] in may_be or m.tag == "pa:other"]
        if said:
            one.labeled = True
            label = (max if last else min)(said, key=lambda m: (m.end, m.start)).tag[3:]
            return ("" if label == "other" else label), one.end if last else one.end + len(words)
    if one.family == _PERCENT:
        by_atoms = one.unit.startswith(_BY_ATOMS)
        if is_enrichment(near, behind) or (by_atoms and names_lithium_6(f"{before} {behind}")):
            one.labeled = True
            return "enrichment", one.end
        return "purity?", one.end
    return _UNLABELED.get(one.family, ""), one.end


def _value(
    match: re.Match[str], one: _Found, around: tuple[str, str], labels: Labels
) -> Interval | BadValue | None:
    canon = CONDITIONS.get(one.name) or PARAMETERS.get(one.name.rstrip("?"))
    if canon is None:
        return None
    unit = str(match[one.family])
    if one.family == _PERCENT and unit.startswith(_BY_ATOMS):  # isotopes have no other, a purity is by mass
        one.name, unit = "enrichment" if one.name == "enrichment" else "", "%"
    unit = LATINIZED.get(unit.lower().replace("·", "").replace(".", ""), unit).replace("−", "-")
    if one.name in CONDITIONS:  # "under 220 MPa" is no bound
        at = canonical(canon, match["number"], "1" if one.family == _RATE else unit)
        hot = one.family == _RATE and isinstance(at, Interval) and at.low > _MOST_C_RATE
        if not isinstance(at, Interval) or hot or match["to"]:
            one.name = ""
        return at
    number = f"{match['number']}-{match['to']}" if match["to"] else match["number"]
    sign = signed(match["op"], around[0], labels.bounds) if match["op"] else ""
    bound = sign or ("" if match["to"] else _bound(around, labels))
    value = canonical(canon, f"{bound}{number}", unit)
    if one.name == "purity?":
        pure = isinstance(value, Interval) and value.low >= _PURE_FROM
        one.name = "purity" if pure else ""
    return value


def _bound(around: tuple[str, str], labels: Labels) -> str:
    return bound_before(around[0], labels.bounds)[0] or bound_behind(around[1], labels.bounds)[0]


def _numbers(
    matches: list[re.Match[str]],
    found: list[_Found],
    conditions: Mapping[int, Mapping[str, Decimal]],
    used: set[int],
) -> Iterator[Number]:
    named = {one.match: place for place, one in enumerate(found)}
    for at, match in enumerate(matches):
        place = named.get(at)
        if place is None:
            yield Number(match.start(), match.end())
            continue
        one, condition = found[place], conditions.get(place, {})
        bounded = one.name not in CONDITIONS
        signed_at = not bounded and bool(match["op"])
        yield Number(
            one.start,
            one.end,
            one.family,
            one.name,
            one.labeled,
            bounded,
            signed_at,
            place in used,
            condition,
        )


def _nines(match: re.Match[str], bound: str) -> Interval:
    """``4N`` is at least 99.99 % and less than ``4N5``'s next nine, ``2N5`` is 99.5 %; ``min. 4N`` has no next."""
    nines, further = int(match["nines"]), match["further"]
    low = Decimal(100) - Decimal(10) ** (2 - nines)
    step = Decimal(10) ** (1 - nines)
    if further:
        low += step * int(further)
    high = low + step - step / 1000 if further else Decimal(100) - step - step / 1000
    return Interval(low, Decimal(100) if bound in _UPWARD else high)


def _tested(found: list[_Found], place: int, shown: str, labels: Labels) -> int | None:
    """The value that was tested under the condition at ``place``: behind ``@``/``at``/``(`` the one before."""
    one, fits = found[place], _TESTED_AT[found[place].name]
    earlier = later = None
    linked = False
    if place and found[place - 1].name in fits:
        between = shown[found[place - 1].end : one.start]
        if len(between) <= _LINK and not CLAUSE.search(between):
            earlier, linked = place - 1, _links(between, labels)
    if place + 1 < len(found) and found[place + 1].name in fits:
        between = shown[one.end : found[place + 1].start]
        if len(between) <= _LINK and not CLAUSE.search(between):
            later = place + 1
    return earlier if linked or later is None else later


def _links(between: str, labels: Labels) -> bool:
    words = between.lower().replace("(", " ( ").replace("@", " @ ").split()
    return any(word in labels.at for word in words)
