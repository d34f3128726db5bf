"""Chemical formulas in trade text: ``Dy2O3``, ``(Dy,Tb)F3·xH2O``, ``Nd2Fe14B``, ``TbDyFe``, ``TB(OH)3``, and OCR slips.

A formula is counted only when it names a tracked element beside another one; part numbers such as ``ER11`` or
``M8Y12`` are not formulas. Pure functions of the token.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# Symbols of all elements that occur in the trade of metals, oxides and salts (IUPAC).
SYMBOLS = frozenset(
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr "
    "Nb Mo Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au "
    "Hg Tl Pb Bi Th U".split()
)
TRACKED = frozenset(
    ["Sm", "Gd", "Tb", "Dy", "Lu", "Sc", "Y", "Ho", "Er", "Tm", "Eu", "Yb", "Nd", "Pr", "La", "Ce"]
)
# Names of elements that stand beside the tracked ones in magnets, alloys and targets, as a composition writes them.
ELEMENT_NAMES = {
    name: symbol
    for symbol, *names in (
        words.split()
        for words in (
            "Al aluminium aluminum/As arsenic/B boron 硼/Bi bismuth/C carbon 碳/Cd cadmium/Co cobalt/Cr chromium 铬/"
            "Cu copper/Fe iron/Ga gallium 镓/Ge germanium/H hydrogen/Hg mercury/In indium/Mg magnesium/Mn manganese 锰/"
            "Mo molybdenum/N nitrogen 氮/Nb niobium 铌/Ni nickel/O oxygen 氧/P phosphorus/Sb antimony/Se selenium/"
            "Si silicon 硅/Sn tin/Ta tantalum/Te tellurium/Ti titanium 钛/V vanadium/W tungsten/Zn zinc/Zr zirconium"
        ).split("/")
    )
    for name in names
}
_ANIONS = frozenset("O F Cl Br I N S C P H Se Te Si B".split())
_TOKEN = re.compile(r"(?<![A-Za-z])\(?[A-Z][A-Za-z0-9().,·\[\]]{1,40}")
_PART = re.compile(r"([A-Z][a-z]?)|(\d+(?:\.\d+)?|[xyn])|([().,·\[\]])")
_SIMPLE = re.compile(r"([A-Z][a-z]?)(\d{0,2})")
_OCR_OXIDE = re.compile(r"^(Sm|Gd|Tb|Dy|Lu|Sc|Y|Ho|Er|Tm|Eu|Yb|Nd|La)[2l4][0O][37]$", re.IGNORECASE)
# Binary compounds and oxides in any case, as people type them (``dy2o3``, ``TBF3``).
_TYPED = re.compile(
    r"(?<![A-Za-z0-9])([A-Za-z]{1,2})(?:[2l][O0]3|4[O0]7|6[O0]11|F3|CL3)(?![A-Za-z0-9])", re.IGNORECASE
)
_TYPED_END = re.compile(r"[Oo0](?:[37]|11)|[FfLl]3")  # how each of them ends: sooner looked for than they are
# An oxide torn apart by a scan or by mark-up: ``Dy 2 O 3``.
_TORN = re.compile(
    rf"(?<![A-Za-z0-9])({'|'.join(sorted(TRACKED, key=len, reverse=True))}) ?([2l4]|6) ?[Oo] ?(3|7|11)(?![A-Za-z0-9])"
)
# Ligands that trade names abbreviate; what counts is that they make a compound of the element.
_ORGANIC = "OTF|OTS|OAC|OIPR|OME|OET|ACAC|HFAC|TMHD|THD|DPM|TFA|CP|EDTA"
_LIGAND = re.compile(rf"\((?:{_ORGANIC}|N\(SiMe3\)2)\)", re.IGNORECASE)
# A slip with zeros only, such as ``SC203``, is a part number as often: it needs chemistry beside it.
_PART_NUMBER = re.compile(r"^(?:Y|[A-Z]{2})[2l4]0[37]$")
# Yttrium's symbol is one letter: only the formulas that are really written count.
_YTTRIUM = frozenset(
    "Y2O3 YF3 YCl3 Y2(CO3)3 Y(NO3)3 Y2(SO4)3 Y(OH)3 Y2(C2O4)3 YAl YFe YMg YNi YCu YZr YN YH2 YH3 Y2S3 YB6 YPO4 YBO3 "
    "YSi2".split()
)
# Its other compounds are known by their valences (``Y5O4F7``), which those of a part number (``Y3F2``) seldom meet.
_VALENCES = {"Y": 3, "Al": 3, "Fe": 3, "B": 3, "Si": 4, "V": 5, "P": 5, "N": -3}
_VALENCES |= {"O": -2, "S": -2, "Se": -2, "Te": -2, "F": -1, "Cl": -1, "Br": -1, "I": -1}
_HYDRATE = re.compile(r"[·.](?:\d{1,2}|[XxNn])?H2O$")
# Formulas in capitals that leave one reading; what could be a part number (``SMB6``) is asked for beside chemistry.
_PIECE = re.compile("|".join(sorted((s.upper() for s in SYMBOLS), key=len, reverse=True)))
_TWO = "|".join(sorted(s.upper() for s in TRACKED if len(s) == 2))
_LIST = rf"\((?:{_PIECE.pattern})(?:,(?:{_PIECE.pattern}))+\)"
_SHARE = rf"(?:{_PIECE.pattern})\d*(?:\.\d+)?"
# An alloy in capitals where only a substance can stand: ``DYFE``.
_STATED_ALLOY = re.compile(
    r"(?=(?:[A-Z]{2})*?(?:SM|GD|TB|DY|LU|SC|HO|ER|TM|EU|YB))"
    rf"(?:{_TWO}|FE|CO|AL|MG|CU|ZR|NI|MN|GA){{2,5}}[BN]?|Y(?:FE|AL|MG|CU|ZR|NI)|(?:AL|MG|ZR)Y"
)
# Alloys by their symbols alone: six letters and more are no abbreviation of anything else.
_ALLOY = (
    r"(?=(?:[A-Z]{2})*?(?:FE|CO))(?=(?:[A-Z]{2})*?(?:SM|GD|TB|DY))"
    r"(?:SM|GD|TB|DY|HO|ND|PR|FE|CO|CU|ZR|AL){3,5}[BN]?|SMCO|SMFEN|(?:ND|PR|DY|TB|CE){1,4}FEB"
)
_WRITTEN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:{_TWO}|Y|{_LIST})\d?\((?:NO3|OH|SO4|CO3|C2O4|PO4|CLO4|CH3COO|CF3SO3|C+|{_ORGANIC})\)\d",
        rf"(?:{_TWO}|{_LIST})\d?(?:O\d{{1,2}}|F\d|CL\d)",
        rf"(?:{_TWO}|{_LIST})(?:PO4|VO4|BO3|ALO3|SCO3|FEO3|MNO3)",
        rf"(?:{_TWO}|{_LIST})(?:2(?:S3|SE3|TE3|O2S|SIO5|SI2O7|ZR2O7|TI2O7)|3(?:AL|GA|SC)5O12|5(?:SI|GE)4)|Y2S3",
        r"(?:GD|DY)B6",
        r"(?:SM|GD|TB|DY|LU|SC)OF",
        rf"(?:{_TWO}|{_LIST})1?(?:CO5|FE2|{_LIST}5)",
        rf"(?:{_TWO}|{_LIST})2(?:CO17|FE17(?:N3)?|FE14B|{_LIST}(?:17|14B))",
        rf"(?=.*\d\.\d.*\d\.\d)(?:{_SHARE}){{2,8}}",  # shares with decimals: ``TB0.3DY0.7FE1.92``
        _ALLOY,
    )
)
# In capitals every word begins like a formula: those of letters only are passed over, apart from the alloys.
_IN_CAPITALS = re.compile(
    rf"(?<![A-Z])(?=[A-Z(])(?:\(?[A-Z]+(?:[0-9(\[]|[.,·](?=[A-Z0-9]))[A-Z0-9().,·\[\]]{{0,40}}"
    rf"|(?=[SGTDHNPFCZA][A-Z]{{3}})(?:{_ALLOY})(?![A-Z])"
    r"|(?:YN|(?:SM|GD|TB|DY|LU|SC|Y)OF)(?=\s(?:POWDER|SPUTTERING|TARGET|99)))"
)
# A count behind one of these: ``KYF4`` and ``YVO4`` are written so, ``HYUNY``, ``SKY`` and ``Y9UB`` are not.
_COUNTED = re.compile(r"[OFNSCPHB][2-9x]")


@dataclass(frozen=True, slots=True)
class Formula:
    """The elements of a formula, and what kind of substance it writes."""

    text: str
    elements: frozenset[str]

    @property
    def tracked(self) -> frozenset[str]:
        return self.elements & TRACKED

    @property
    def kind(self) -> str:
        """``oxide``, ``compound`` or ``alloy``, by what stands beside the tracked elements."""
        others = self.elements - TRACKED
        if others == {"O"}:
            return "oxide"
        if "B" in others and others & {"Fe", "Co"}:
            return "alloy"
        return "compound" if others & _ANIONS else "alloy"


def formulas(shown: str) -> Iterator[tuple[Formula, int, int]]:
    """Each formula of a text (case kept) with its place."""
    if "(" in shown:
        shown = _LIGAND.sub(lambda m: f"({'C' * (len(m.group()) - 2)})", shown)  # places stay the same
    found = set()
    for match in (_IN_CAPITALS if shown.isupper() else _TOKEN).finditer(shown):
        formula = parse_formula(match.group().rstrip(".,·("))
        if formula is not None:
            found.add(match.start())
            yield formula, match.start(), match.start() + len(formula.text)
    if not ("3" in shown or "7" in shown or "O11" in shown) or not _TYPED_END.search(shown):
        return
    for match in _TYPED.finditer(shown):
        formula = parse_formula(match.group())
        if formula is not None and match.start() not in found:
            yield formula, match.start(), match.end()


def torn_oxides(shown: str) -> Iterator[tuple[Formula, int]]:
    """Oxides with spaces inside, which ``formulas`` does not see."""
    for match in _TORN.finditer(shown):
        if " " in match.group():
            yield Formula(match.group(), frozenset([match.group(1), "O"])), match.start()


def like_a_part_number(formula: Formula) -> bool:
    """Whether the token is an oxide only if a zero is taken for an O (``SC203``), or one of yttrium by its valences
    alone."""
    return bool(_PART_NUMBER.match(formula.text)) or _doubtful_yttrium(formula.text, formula.elements)


@lru_cache(maxsize=65536)
def parse_formula(token: str) -> Formula | None:
    """The formula that a token writes, or ``None``. Forgives any case, and 0 for O in the oxides."""
    formula = _read(token)
    if formula is None or _OCR_OXIDE.match(token):
        return formula
    written, elements = formula.text, formula.elements
    if _doubtful_yttrium(written, elements) and not _balanced(written):
        return None
    if (
        all(len(element) == 1 for element in elements)
        and written not in _YTTRIUM
        and not _COUNTED.search(written)
        and not _balanced(written)
    ):
        return None  # a word in capitals; of the tracked symbols only yttrium's has one letter
    return formula


@lru_cache(maxsize=4096)
def stated_formula(substance: str) -> Formula | None:
    """The formula that a line of a composition writes: no part number stands there."""
    if _STATED_ALLOY.fullmatch(substance):
        return Formula(substance, _elements(cased(substance)) or frozenset())
    return _read(substance) if substance.startswith("Y") else parse_formula(substance)


@lru_cache(maxsize=4096)
def elements_of(token: str) -> frozenset[str]:
    """The elements of a formula of any of them (``Fe2O3``, ``FeB``); none where the token is no formula."""
    return _elements(token) or frozenset()


def _read(token: str) -> Formula | None:
    """The formula of a token, where it can be one at all."""
    slip = _OCR_OXIDE.match(token)
    if slip:
        symbol = slip.group(1).capitalize()
        return Formula(token, frozenset([symbol, "O"]))
    typed = _TYPED.fullmatch(token)
    if typed and typed.group(1).capitalize() in TRACKED:
        token = _typed(typed)
    elif token.isupper() and token not in _YTTRIUM:
        token = own_case(token) or token
        if token.isupper() and token.isalpha() and not _balanced(token):
            return None  # ``WHISKY`` is made of symbols, too
    elements = _elements(token)
    if elements is None or len(elements) < 2 or not elements & TRACKED:
        return None
    return Formula(token, elements)


def _doubtful_yttrium(token: str, elements: frozenset[str]) -> bool:
    """Whether yttrium's letter beside common ones may as well be a part number's."""
    return (
        elements & TRACKED == {"Y"}
        and not _OCR_OXIDE.match(token)
        and _HYDRATE.sub("", token) not in _YTTRIUM
        and elements - {"Y"} <= _ANIONS | {"Al", "V", "Fe"}
    )


def _balanced(token: str) -> bool:
    """Whether the token is a salt or mixed oxide of yttrium by its valences."""
    parts = _SIMPLE.findall(token) if token.startswith("Y") else []
    if "".join(symbol + count for symbol, count in parts) != token or not parts:
        return False
    return sum(_VALENCES.get(symbol, 99) * int(count or 1) for symbol, count in parts) == 0


def cathode_formula(token: str) -> str | None:
    """``lfp`` or ``lmfp`` for a formula of a lithium iron (manganese) phosphate, however its shares are written."""
    token = cased(token) if token.isupper() else token
    if not token.startswith("Li") or "PO4" not in token:
        return None
    elements = _elements(token)
    if elements is None or "Fe" not in elements:
        return None
    return "lmfp" if "Mn" in elements else "lfp"


def _elements(token: str) -> frozenset[str] | None:
    found: set[str] = set()
    position = 0
    while position < len(token):
        part = _PART.match(token, position)
        if part is None:
            return None
        symbol = part.group(1)
        if symbol is not None:
            if symbol not in SYMBOLS:
                return None
            found.add(symbol)
        position = part.end()
    return frozenset(found)


def _typed(match: re.Match[str]) -> str:
    """``dy2o3`` as ``Dy2O3``, ``TBCL3`` as ``TbCl3``."""
    rest = match.group()[match.end(1) :].upper()
    return match.group(1).capitalize() + rest.replace("0", "O").replace("CL", "Cl")


@lru_cache(maxsize=65536)
def own_case(token: str) -> str | None:
    """A formula in capitals as it is rightly written: ``TB2(SO4)3`` as ``Tb2(SO4)3``; ``None`` where the capitals
    may as well be a part number or a word."""
    water = _HYDRATE.search(token)
    core = token[: water.start()] if water else token
    if not any(pattern.fullmatch(core) for pattern in _WRITTEN):
        return None
    return cased(core) + (water.group().replace("X", "x").replace("N", "n") if water else "")


def cased(capitals: str) -> str:
    """Capitals as symbols: two letters before one, but ``(CO3)`` is no cobalt."""
    return "(CO3)".join(
        _PIECE.sub(lambda m: m.group().capitalize(), part) for part in capitals.split("(CO3)")
    )
