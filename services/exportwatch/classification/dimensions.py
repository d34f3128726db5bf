"""Sizes in a text: ``150 x 150 x 60 mm``, ``Φ130×60``, ``缸径850mm``, ``length 100 mm``.

Three numbers are a block, largest first (it is what can be machined from it); a diameter sign before two makes them
a rod. Without a unit they are taken for millimetres, and such a size may convict but never clears. Where nothing
tells which number is what (two numbers, three behind a diameter), every size that it may be is not known.
Cost: linear in the text.
"""

import re
from collections.abc import Iterator

from exportwatch.classification.bounds import bound_before, bound_behind, signed
from exportwatch.classification.labels import Labels
from exportwatch.classification.statements import MOST, Statement
from exportwatch.classification.text import Text
from exportwatch.classification.unclear import CLAUSE
from exportwatch.classification.units import GROUPED_IN_TEXT, PARAMETERS, BadValue, Interval, canonical

_N = r"\d{1,6}(?:[.,]\d{1,4})?"
_U = r"(?:mm|cm|dm|inch(?:es)?|in(?=[\s.,;)]|$)|″|′′|\"|''|毫米|厘米|公分|英寸|吋|мм|см)(?![A-Za-z/2²3³])"
_X = r"\s?[x×*хX✕╳]\s?"
_DIAMETER = r"[ΦφϕØø⌀∅]"
_LETTER = r"(?:[LWHTlwht]\s?)?"
_SIZE = re.compile(
    rf"(?<![A-Za-z\d.,])(?P<sign>{_DIAMETER}|[Dd]ia\.?|OD|直[径徑]|外[径徑])?\s?[:=]?\s?{_LETTER}(?P<a>{_N})\s?(?P<ua>{_U})?"
    rf"{_X}(?:{_DIAMETER})?\s?{_LETTER}(?P<b>{_N})\s?(?P<ub>{_U})?(?:{_X}{_LETTER}(?P<c>{_N})\s?(?P<uc>{_U})?)?(?!\d)"
)
_LABELS = {
    "cylinder_diameter": r"油缸直[径徑]|油缸缸[径徑]|液[压壓]缸直[径徑]"
    r"|缸[径徑]|油缸|cylinder (?:bore |inner )?dia(?:meter|\.)?"
    r"|bore diameter|cylinder bore|zylinderdurchmesser|диаметр цилиндра",
    "inner_diameter": r"inner dia(?:meter|\.)?|inside dia(?:meter|\.)?|\bi\.?d\.?(?![a-z])"
    r"|[内內][径徑]|孔[径徑]|innendurchmesser",
    "diameter": rf"{_DIAMETER}|outer dia(?:meter|\.)?|outside dia(?:meter|\.)?|\bdiameter|\bdia(?![a-z])\.?"
    r"|\bo\.?d\.?(?![a-z])|直[径徑]|外[径徑]|durchmesser|diam[eè]tre|di[aá]metro|диаметр",
    "wall_thickness": r"wall thickness|\bwall|壁厚|wandst[aä]rke",
    "length": r"\blength|\blong(?![a-z])|[长長]度|[总總][长長]|[长長]|l[aä]nge|longueur|longitud|длина",
    "width": r"\bwidth|\bwide(?![a-z])|[宽寬]度|[宽寬]|breite|largeur|ширина",
    "thickness": r"\bthickness|\bthick(?![a-z])|\bheight|\bhigh(?![a-z])|厚度|厚|高度|高|dicke|h[oö]he|толщина|высота",
}
_NAMES = "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
_BEHIND = re.compile(rf"\s?(?:in\s)?(?:{_NAMES})", re.IGNORECASE)
_ONE = re.compile(
    rf"(?:(?:{_NAMES})(?P<sign>\s?{_DIAMETER})?(?:\s?(?:of|[:=为是约]))?[^\S\n]{{0,2}})?"
    rf"(?<![A-Za-z\d.,])(?P<op>[≥≤><~≈])?\s?(?P<number>{_N})(?:\s?[-–~]\s?(?P<to>{_N}))?\s?(?P<unit>{_U})?(?!\d)",
    re.IGNORECASE,
)
_MM = {"毫米": "mm", "мм": "mm", "厘米": "cm", "公分": "cm", "см": "cm", "inches": "inch", "in": "inch"}
_INCHES = frozenset(["″", "′′", '"', "''", "英寸", "吋"])
_BLOCK = ("length", "width", "thickness")
_EVERY = ("diameter", "inner_diameter", "wall_thickness", *_BLOCK)
_LOOKED = 32  # characters before and behind a size in which a bound may stand


def dimensions(text: Text, labels: Labels) -> Iterator[Statement]:
    """Every size that the text states; one that is not understood leaves all of the text's sizes open."""
    if len(text.shown) < 4 or not _may_have(text.shown):
        return
    found = list(_sizes(text, labels))
    open_sizes = bool(labels.compared.mentions(text)) or any(s.name == "" for s in found)
    for one in found:
        if one.name:
            yield Statement(
                one.name, one.value, {}, one.path, one.shown, one.doubtful, one.open or open_sizes
            )


def _may_have(shown: str) -> bool:
    return bool(re.search(rf"{_DIAMETER}|\d\s?(?:{_U})|\d{_X}\d|[径徑长長宽寬厚]", shown, re.IGNORECASE))


def _sizes(text: Text, labels: Labels) -> Iterator[Statement]:
    shown, end = text.shown, 0
    groups = list(_SIZE.finditer(shown))[:MOST]
    for match in groups:
        yield from _single(text, shown[end : match.start()], labels)
        yield from _group(text, match, _bound(shown, match, end, labels))
        end = match.end()
    yield from _single(text, shown[end:], labels)


def _group(text: Text, match: re.Match[str], bound: str) -> Iterator[Statement]:
    units = [match[u] for u in ("ua", "ub", "uc") if match[u]]
    values = [match[n] for n in "abc" if match[n]]
    last = match["uc"] if match["c"] else match["ub"]
    if (
        _in_groups(text.shown, match.start("a"))
        or bound
        or len(set(units)) > 1
        or (units and not last)
        or (len(values) == 3 and match["sign"])
    ):
        yield from (_unknown(text, name, match.group()) for name in _EVERY)
        return
    read = [_read(value, last or "mm") for value in values]
    sizes = sorted((v for v in read if v is not None), key=lambda v: v.low, reverse=True)
    if len(sizes) < len(values) or (len(values) == 2 and not match["sign"]):
        yield from (_unknown(text, name, match.group()) for name in _EVERY)
        return
    names = _BLOCK if len(values) == 3 else ("diameter", "length")
    named = zip(names, sizes if len(values) == 3 else read, strict=True)
    for name, value in named:
        yield Statement(name, value, {}, text.path, match.group().strip(), False, not units)


def _single(text: Text, part: str, labels: Labels) -> Iterator[Statement]:
    for match in _ONE.finditer(part):
        name = next((n for n in _LABELS if match[n]), "")
        behind = None if name or not match["unit"] else _BEHIND.match(part, match.end())
        name = name or next((n for n in _LABELS if behind and behind[n]), "")
        if not name:
            if match["unit"]:
                yield _unknown(text, "", match.group())
            continue
        sign = bool(match["diameter"]) and bool(re.fullmatch(_DIAMETER, match["diameter"]))
        if name and not match["unit"] and not (sign or match["sign"]):
            yield _unknown(text, name, match.group())
            continue
        bound = _bound(part, match, 0, labels)
        number = f"{match['number']}-{match['to']}" if match["to"] else f"{bound}{match['number']}"
        value = _read(number, match["unit"] or "mm")
        if value is None or _in_groups(part, match.start("number")):
            yield _unknown(text, name, match.group())
            continue
        shown, is_open = match.group().strip(), not match["unit"]
        yield Statement(name, value, {}, text.path, shown, False, is_open)
        if sign:  # of a press it is the cylinder's
            yield Statement("cylinder_diameter", value, {}, text.path, shown, False, True)


def _unknown(text: Text, name: str, shown: str) -> Statement:
    canon = PARAMETERS.get(name)
    whole = Interval(canon.low, canon.high) if canon else None
    return Statement(name, whole, {}, text.path, shown.strip(), doubtful=True)


def _bound(shown: str, match: re.Match[str], start: int, labels: Labels) -> str:
    """The sign or word by which the size is a bound: before it, no further back than ``start``, or behind it."""
    before = CLAUSE.split(shown[max(start, match.start() - _LOOKED) : match.start()])[-1]
    op = match.groupdict().get("op")
    if op:
        return signed(op, before, labels.bounds)
    behind = CLAUSE.split(shown[match.end() : match.end() + _LOOKED])[0]
    return bound_before(before, labels.bounds)[0] or bound_behind(behind, labels.bounds)[0]


def _in_groups(shown: str, start: int) -> bool:
    """Whether the number is the rest of another: ``1 200 mm``, ``1/2 inch``."""
    return bool(re.search(r"\d\s$|/\s?$", shown[max(0, start - 2) : start]))


def _read(number: str, unit: str) -> Interval | None:
    if GROUPED_IN_TEXT.search(number):
        return None
    spelled = _MM.get(unit.lower(), "inch" if unit in _INCHES else unit)
    value = canonical(PARAMETERS["length"], number, spelled)
    return None if isinstance(value, BadValue) else value
