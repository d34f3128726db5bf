"""Symbols and formulas of a line that is written in one case: ``GDFE SPUTTERING TARGET``, ``NDFEB MAGNET, DY 2 %``.

An ERP holds most descriptions in capitals, in which ``SC`` is a connector, ``TB`` a terminal block and ``SM`` a size
as often as an element. A symbol is read only beside a word that leaves one reading. What is read is written back in
its own case at its own place, so that everything that looks for symbols finds it. Pure; cost linear in the line.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from exportwatch.classification.formulas import SYMBOLS, TRACKED, cased, own_case
from exportwatch.classification.text import Mention, Text

# Without one of these tags or signs nothing in the line says that a symbol may be meant.
_CHEMICAL = frozenset(["cl:", "al:", "mag", "su:"])
_TELLING = frozenset(["gd:raw", "wo:separation", "wo:extraction", "tr:technology"])
_SMALL_SIGNS = re.compile(
    r"-on-|ppm|\bthf\b|(?<![a-z\d])\(?(?:sm|gd|tb|dy|sc|lu|ho|er|tm|eu|yb|nd|pr|y)(?:[\d(,]|dy|fe|co)|\b(?:gdb6|wo3)\b"
)
_MIXED = re.compile(r"[a-z]{3}")  # small units (``50mm``) leave a line one of capitals
# Words of other languages that a line in small letters holds oftener than the element.
_SPOKEN = frozenset(["Y", "LA", "CE", "ER", "EU", "HO", "PR", "LU", "TM"])

_TWO = "|".join(sorted(s.upper() for s in TRACKED if len(s) == 2))
_ONE = rf"(?:{_TWO}|Y)"
_NONMETALS = frozenset("H He B C N O F Ne P S Cl Ar Se Br Kr I Xe V U K W".split())
_METAL = "|".join(sorted((s.upper() for s in SYMBOLS - _NONMETALS), key=len, reverse=True))
_COLOR = "(?:RED|YELLOW|BROWN|BLACK|PRIMER|PAINT)"  # "OXIDE RED" is a paint
_START = r"(?<![A-Z0-9\-/.])"
_END = r"(?![A-Z0-9\-/])"
_AND = r"\s?(?:/|,|、|&|\+|\bAND\b|\bUND\b|和|与|與|及)\s?"
_LIST = rf"(?:{_TWO}|Y)(?:{_AND}(?:{_TWO}|Y)){{0,6}}"
_NUMBER = r"\d[\d.,]*(?:\s?(?:-|–|~|TO|至)\s?\d[\d.,]*)?"
_UNIT = r"\s?(?:(?:WT|MASS|AT|MOL)\.?)?[\s-]?(?:%|PPM|MG/KG|G/T)"
_BOUND = r"(?:\s?(?:CONTENT|MAX|MIN|LESS THAN|NOT MORE THAN|UP TO|ABOUT|BELOW|UNDER|OVER|ABOVE)\b\.?){0,2}"
_AS_CALLED = rf"(?:(?:{_TWO}|FE|CO|AL|MG|ZR|NI|CU|MN|GA){{2,5}}[BN]?|Y(?:ZR|AL|MG|FE|NI|CU)|(?:ZR|AL|MG)Y)"
_ASSAY = re.compile(
    r"(?<![\d.])(?:99(?:[.,]\d+)?|9\d[.,]\d+)\s?%|(?<![A-Z0-9])[2-7]N\d?(?![A-Z0-9])|PURITY|\bOHM|高纯|纯度"
)
_ALLOYED = re.compile(
    r"MAGNET|ALLOY|INGOT|CASTING|MASTER|OXIDE|CONCENTRATE|\bREO\b|RARE.?EARTH|NEODYM|DIDYMIUM|NDFEB|SMCO|磁|合金|氧化|"
    r"稀土|锭|矿|(?<![A-Z])(?:AL|MG|FE|CO|ND)[\s:=]{0,3}(?:BAL|\d+(?:\.\d+)?\s?%)"
)
_PARTED = re.compile(
    r"(?:SEPARATION|EXTRACTION|PURIFICATION) OF|SOLVENT EXTRACT|RARE.?EARTH|\bREO\b|CONCENTRATE|OXIDE|"
    r"CARBONATE|CHLORIDE|FLUORIDE|MONAZITE|"
    r"SPUTTER|分离|萃取|提纯|稀土|氧化|靶"
)
_JOINING = re.compile(r"ALLOY|CONCENTRATE|CARBONATE|OXIDE|CHLORIDE|INGOT|SPUTTER|合金|靶|稀土|氧化")


_STEP = r"(?:SEPARATION|EXTRACTION|PURIFICATION|REDUCTION|REFINING|ELECTROLYSIS)\b"


def _each(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(p) for p in patterns)


# ``s`` is what stands for symbols. These leave one reading wherever they stand.
_PLAIN = _each(
    rf"{_START}(?P<s>{_ONE})[\s-]{{1,2}}(?=(?:SPUTTER(?:ING)?|OXIDE(?! {_COLOR})|FLUORIDE|"
    r"CHLORIDE|NITRATE|CARBONATE)\b|靶|溅射)",
    rf"{_START}(?P<s>DY|GD|TB)[\s-]{{1,2}}(?=(?:TARGETS?|TGTS?|INGOT)\b)",
    rf"{_START}(?P<s>DY|TB|GD|LU|SC)\s(?=(?:SPONGE|DISTILLED|SUBLIMED|TURNINGS)\b)",
    rf"(?:SPUTTERING TARGETS?|靶材?)[\s,:]{{1,2}}(?P<s>{_TWO}){_END}",
    rf"高纯\s(?P<s>{_TWO}){_END}",
    rf"^\s*(?P<s>{_ONE})[\s-](?:METAL|TARGETS?|INGOT|ALLOY|POWDER|金属|合金|粉末?)(?:\s(?:INGOT|POWDER|TARGET))?\s*$",
    rf"{_START}(?P<s>{_AS_CALLED})[\s-]{{1,2}}(?=(?:\w+ )?(?:ALLOY|TARGETS?|SPUTTERING|MAGNETOSTRICTIVE)\b|合金|靶)",
    rf"(?:ALLOY|TARGETS?|合金|靶材?)[\s,:]{{1,2}}(?P<s>{_AS_CALLED}){_END}",
    r"(?<![A-Z0-9])(?P<s>WO3)(?![A-Z0-9])",  # for a line in small letters
    # What is parted, reduced or refined: of one symbol only where the metal or oxide is named behind it.
    rf"{_START}(?P<s>(?:{_TWO})(?:{_AND}(?:{_TWO})){{1,5}})\s(?=(?:OXIDES? |METAL )?{_STEP})",
    rf"{_START}(?P<s>{_TWO})\s(?=(?:OXIDE|METAL) {_STEP})",
    rf"{_START}(?P<s>NDPR|PRND|SMCO)\s(?=(?:OXIDES?|METAL|ALLOY)\b)",
    # Compounds that are written like part numbers (``SMI2``, ``SMB6``).
    rf"{_START}(?P<s>(?:{_TWO})(?:I[23]|BR[23]|B(?:4|6|12)|N|P|S|H[23]|SI2))\s(?=(?:POWDER|SOLUTION|SINGLE CRYSTAL|"
    r"SPUTTERING|TARGET|CATHODE|ANHYDROUS|BEADS)\b|粉|靶|晶体|99|IN THF\b)",
    rf"{_START}(?P<s>{_TWO}) (?=[2L4] ?O ?[37]\s?(?:POWDER\b|OXIDE\b|粉|,? ?99))",
    r"(?<![A-Z0-9])(?P<s>GAN|GAAS|INP|GASB|INSB|INGAAS|GA2O3)(?=[\s-]ON[\s-](?:SI|SAPPHIRE|SIC|GAN|GAAS|INP|INSULATOR)\b)",
    r"(?<![A-Z0-9\-/.])(?P<s>GA|GE|SB|TE|BI)[\s-](?=(?:ZONE[\s-]REFINED|INGOTS?|SHOT|BOULES?|LUMPS?|GRANULES?)\b)",
)
# These need an assay besides.
_ASSAYED = _each(
    rf"{_START}(?P<s>{_ONE})[\s-]{{1,2}}(?=(?:METAL|TARGETS?|TGTS?|INGOT|ALLOY|POWDER|PELLET)\b|金属|合金|粉)",
    rf"{_START}(?P<s>DY|TB|GD|LU|SC)\s(?=(?:GRANULES?|FOIL|RODS?|WIRE|LUMPS?)\b)",
    rf"(?:METAL|OXIDE|INGOT|金属|纯)\s(?P<s>{_ONE}){_END}",
    rf"TARGETS?[\s,:]{{1,2}}(?P<s>{_TWO}){_END}",
    r"(?<![A-Z0-9\-/.])(?P<s>GA|GE|SB|TE|BI)[\s-](?=METAL\b)",
)
_SHARED = _each(
    rf"(?<![A-Z])(?P<s>{_LIST})(?={_BOUND}[\s:=(≥≤<>~≈-]{{0,4}}{_NUMBER}{_UNIT}(?!\s?(?:OFF|DISCOUNT|SALE|RABATT)))",
    rf"(?<![A-Z])(?P<s>{_LIST})(?=\s?[:=]\s?(?:0(?![\d.,%]|\s%)|NIL\b|NONE\b))",
    rf"\d\s?(?:%|PPM|MG/KG|G/T)\s*(?:OF\s)?(?P<s>{_LIST})(?![A-Z])",
    r"(?<![A-Z])(?P<s>(?:AL|MG|FE|NI|CO|CU|ZR|TI)[\s:=]{0,3}BAL)\b",
)
_PAIRED = _each(rf"{_START}(?P<s>(?:{_TWO}){_AND}(?:{_TWO})(?:{_AND}(?:{_TWO})){{0,5}})(?![A-Z0-9\-])")
_DIGITS = r"(?:\d+(?:\.\d+)?)?"
_JOINED = _each(
    rf"(?<![A-Z0-9\-])(?P<s>(?:{_METAL}){_DIGITS}(?:[-–]{_DIGITS}(?:{_METAL}){_DIGITS})+)(?![A-Z0-9])"
)
_TOKEN = re.compile(r"(?<![A-Z0-9])\(?[A-Z][A-Z0-9().,·\[\]]{1,40}")
_HEADED = re.compile(rf"\s*(?P<s>{_TWO})\s(?=(?:[Ss]puttering\s)?[Tt]argets?\b)")  # in a line of both cases
# What every pattern above needs: most lines of ordinary goods have none, and are left after one look.
_CANDIDATE = re.compile(
    rf"(?<![A-Z])(?:(?:{_METAL}|Y)(?![A-Z])|(?:GAN|GAAS|INP|GASB|INSB|INGAAS|{_AS_CALLED}|(?:{_TWO})(?:I|BR|B|N|P|S|H|SI))"
    r"(?![A-Z])|WO3)"
)
_LOWERED = {"AND": "and", "UND": "und", "BAL": "bal"}


def own_cases(texts: tuple[Text, ...], mentions: list[Mention]) -> tuple[Text, ...]:
    """The texts with their symbols and formulas in their own case; the same ones where none is written in one case or
    nothing in them says that symbols may be meant. ``mentions``: those of all texts."""
    if not any(_in_one_case(text.shown) for text in texts):
        return tuple(map(_headed, texts)) if any(_HEADED.match(text.shown) for text in texts) else texts
    chemical = _chemical(mentions)
    return tuple(
        in_own_case(text) if _in_one_case(text.shown) and (chemical or _has_signs(text.shown)) else text
        for text in texts
    )


def _headed(text: Text) -> Text:
    """A text that is headed by a symbol in capitals, as the article number of a target."""
    match = _HEADED.match(text.shown)
    if match is None:
        return text
    return replace(
        text, shown=text.shown[: match.start("s")] + cased(match["s"]) + text.shown[match.end("s") :]
    )


def _chemical(mentions: list[Mention]) -> bool:
    return any(mention[0][:3] in _CHEMICAL or mention[0] in _TELLING for mention in mentions)


def _has_signs(shown: str) -> bool:
    if "%" in shown:
        return True
    if shown.islower():
        return bool(_SMALL_SIGNS.search(shown))
    return "PPM" in shown or "-ON-" in shown or " THF" in shown


def _in_one_case(shown: str) -> bool:
    return shown.isupper() or shown.islower() or not _MIXED.search(shown)


def in_own_case(text: Text) -> Text:
    """A text that is written in one case with its symbols and formulas in their own, each at its place."""
    shown, line = text.shown, text.shown.upper()
    if len(line) != len(shown):
        return text
    small = shown.islower()
    if not small and not _CANDIDATE.search(line):
        return text
    written = list(shown)
    for start, right in _found(line, small):
        written[start : start + len(right)] = right
    own = "".join(written)
    return text if own == shown else replace(text, shown=own)


def _found(line: str, small: bool) -> Iterator[tuple[int, str]]:
    """The symbols and formulas of a line in capitals, with their places. ``small``: it was in small letters."""
    for pattern in _asked(line):
        for match in pattern.finditer(line):
            symbols = match["s"]
            if small and symbols in _SPOKEN:
                continue
            yield match.start("s"), _in_case(symbols)
    if small:  # a formula that begins with a small letter is not looked for elsewhere
        for match in _TOKEN.finditer(line):
            right = own_case(match.group().rstrip(".,·("))
            if right is not None:
                yield match.start(), right


def _asked(line: str) -> Iterator[re.Pattern[str]]:
    yield from _PLAIN
    if _ASSAY.search(line):
        yield from _ASSAYED
    if _ALLOYED.search(line):
        yield from _SHARED
    if _PARTED.search(line):
        yield from _PAIRED
    if "-" in line and _JOINING.search(line):
        yield from _JOINED


def _in_case(symbols: str) -> str:
    """``DY AND TB`` as ``Dy and Tb``, ``TBDYFE`` as ``TbDyFe``."""
    return "".join(_LOWERED.get(word) or cased(word) for word in _WORDS.findall(symbols))


_WORDS = re.compile(r"[A-Z]+|[^A-Z]+")
