"""What an item's texts say: mentions by tag, formulas, symbols in chemical context, and percentages in text.

A reading joins no facts and draws no conclusions; ``materials`` and ``processes`` do.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from exportwatch.classification.capitals import own_cases
from exportwatch.classification.formulas import (
    SYMBOLS,
    TRACKED,
    Formula,
    cathode_formula,
    formulas,
    like_a_part_number,
    torn_oxides,
)
from exportwatch.classification.isotopes import isotope_shares
from exportwatch.classification.item import (
    TECHNICAL,
    Constituent,
    ItemFacts,
    hands_over_technology,
    sends_people,
)
from exportwatch.classification.partners import LEADING, hydroxides, partnered
from exportwatch.classification.places import NOWHERE, Places, by_path, places
from exportwatch.classification.shares import WORD_LIKE, context, shares
from exportwatch.classification.text import Mention, Text
from exportwatch.classification.vocabulary import BATTERY_CONTEXT, Vocabulary
from exportwatch.law.subject import ItemKind

_SYMBOL = "|".join(sorted(TRACKED, key=len, reverse=True))
_TWO = "|".join(sorted(s for s in TRACKED if len(s) == 2))
# A bare symbol is chemistry only beside one of these; Y, Sc, Lu, In are words and part numbers otherwise.
_BARE = re.compile(
    rf"(?<![A-Za-z0-9\-/.])(?P<symbol>{_SYMBOL})(?:[\s-]{{1,2}}(?=(?i:metall?|targets?|tgts?|sputter(?:ing)?|oxide?|ingot|alloy|powder|pellet|"
    rf"(?:chlor|fluor|hydrox)ide?|(?:nitr|[ck]arbon|acet|oxal|sul(?:f|ph))ate?|oxyde?|legierung|pulver|barren)\b)"
    rf"|[\s-]{{0,2}}(?=靶|金属|合金|溅射|氧化|酸化|산화|금속|粉\b))"
    rf"|(?i:metal|oxide|ingot|金属|纯|高纯)\s(?P<after>{_SYMBOL})(?![A-Za-z0-9\-/])"
    # Two letters are rarer as words, so that more beside them counts.
    rf"|(?i:targets?|tgts?|靶材?)[\s,:]{{1,2}}(?P<aimed>{_TWO})(?![A-Za-z0-9\-/])"
    rf"|(?<![A-Za-z0-9\-/.])(?P<shaped>Dy|Tb|Gd|Lu|Sc)\s(?=(?i:sponge|distilled|sublimed|turnings|granules?|foil|rods?|wire|lumps?)\b)"
)
# Two elements named side by side: ``Dy and Tb``, ``Nd/Pr``, ``镝`` need no such help.
_AND = r"\s?(?:/|,|、|&|\+|\band\b|\bund\b|和|与|與|及)\s?"
_PAIR = re.compile(rf"(?<![A-Za-z0-9\-/.])(?:{_TWO})(?:{_AND}(?:{_TWO})){{1,9}}(?![A-Za-z0-9\-])")
# Symbols joined by hyphens, shares between them: ``Mg-30Y``, ``Al-Sc10``, ``Sm-Eu-Gd``.
_ANY = "|".join(sorted(SYMBOLS, key=len, reverse=True))
_DIGITS = r"(?:\d+(?:\.\d+)?)?"
_JOINED = re.compile(
    rf"(?<![A-Za-z0-9\-])(?:{_ANY}){_DIGITS}(?:[-–]{_DIGITS}(?:{_ANY}){_DIGITS})+(?![A-Za-z0-9])"
)
_SHORT = re.compile(r"(?<![A-Za-z])[A-Z][a-z]?(?![a-z])")  # what may be a symbol: most texts have none
_CHEMISTRY = re.compile(
    r"oxid|alloy|metal|master|target|ingot|concentrate|carbonate|chloride|fluoride|powder|pur(?:e|ity)|assay|"
    r"9\d(?:\.\d+)?\s?%|\b[2-6]N\b|rare.earth|氧化|酸化|合金|金属|靶|粉|纯|稀土|富集|REO",
    re.IGNORECASE,
)


_ELEMENT = re.compile(_ANY)


@dataclass(frozen=True, slots=True)
class Symbol:
    """An element symbol or formula in a text, with its place in the shown text."""

    formula: Formula
    path: str
    start: int


# Without one of these, a chemical or a technical fact, no entry can concern the item.
_POINTING = ("el:", "un:", "mag:", "al:", "su:", "pn:", "tr:technology", "cl:magnet", "pr:permanent_magnet")


class Reading:
    """All that the texts of one item say. ``texts``: each by its path, the first of those that share one."""

    __slots__ = ("_places", "by_tag", "formulas", "mentions", "shares", "texts")

    def __init__(
        self,
        texts: Sequence[Text],
        mentions: tuple[Mention, ...],
        formulas: tuple[Symbol, ...] = (),
        shares: tuple[Constituent, ...] = (),
    ) -> None:
        self.mentions, self.formulas, self.shares = mentions, formulas, shares
        self.texts: Mapping[str, Text] = {text.path: text for text in reversed(texts)}
        grouped: dict[str, list[Mention]] = {}
        for mention in mentions:
            grouped.setdefault(mention.tag, []).append(mention)
        self.by_tag: Mapping[str, tuple[Mention, ...]] = {t: tuple(found) for t, found in grouped.items()}
        self._places: dict[str, Mapping[str, Places]] = {}

    @property
    def points_nowhere(self) -> bool:
        """Whether the texts name no element, substance, magnet, alloy, process or transfer of technology."""
        return not (self.formulas or self.shares or any(t.startswith(_POINTING) for t in self.by_tag))

    def of(self, group: str) -> list[Mention]:
        return [m for m in self.mentions if m.tag.startswith(group)]

    def around(self, tags: str, path: str, begin: int, end: int) -> Sequence[Mention]:
        """The mentions of a tag or a group (``el:``) in one text that lie in or reach into ``begin`` to ``end``,
        in the order of the text. Cost does not grow with the number of mentions elsewhere."""
        return self._of_text(tags, path).around(begin, end)

    def beside(self, tags: str, mention: Mention, reach: int) -> Sequence[Mention]:
        """The mentions of a tag or a group with at most ``reach`` characters between them and the mention."""
        return self._of_text(tags, mention.path).within(reach, mention)

    def _of_text(self, tags: str, path: str) -> Places:
        known = self._places.get(tags)
        if known is None:
            known = places(self.of(tags) if tags.endswith(":") else self.by_tag.get(tags, ()))
            self._places[tags] = known
        return known.get(path, NOWHERE)

    def has(self, *tags: str) -> bool:
        return any(tag in self.by_tag for tag in tags)


def read_texts(facts: ItemFacts, vocabulary: Vocabulary) -> Reading:
    """Read descriptions, grade and model; cost linear in their length."""
    texts = facts.texts + facts.grades
    mentions = [m for text in texts for m in vocabulary.terms.mentions(text)]
    if any(text.typed for text in texts):
        typed = {text.path: text.typed for text in texts if text.typed}
        mentions = [m._replace(exact=m.exact and _as_typed(m, typed)) for m in mentions]
    texts = own_cases(texts, mentions)
    if not (any(m.tag == BATTERY_CONTEXT for m in mentions) or _short_names_count(facts)):
        mentions = [m for m in mentions if (m.tag, m.word) not in vocabulary.short_names]
    if any(m.tag in vocabulary.formula_tags for m in mentions):
        mentions = list(_rightly_written(Reading(texts, tuple(mentions)), vocabulary))
    mentions += [m for text in texts if "PO4" in text.shown for m in _cathodes(text)]
    mentions += [
        m for text in texts if "(OH)" in text.shown or "(oh)" in text.shown for m in hydroxides(text)
    ]
    mentions += [m for text in texts if "6" in text.shown and "%" in text.shown for m in isotope_shares(text)]
    if any(m.tag in LEADING for m in mentions):
        mentions = [*mentions, *partnered(mentions)]
    return Reading(
        facts.texts + facts.grades,
        tuple(mentions),
        tuple(s for text in texts for s in _symbols(text)),
        tuple(dict.fromkeys(_shares(texts, mentions, vocabulary))),
    )


def _short_names_count(facts: ItemFacts) -> bool:
    """Whether ``LFP`` can only be meant as the material: beside its figures, and where technology is handed over, of
    which a word that we cannot read is no reason to drop the name."""
    if "discharge_capacity" in facts.measures or facts.kind in TECHNICAL or sends_people(facts):
        return True
    return facts.kind is ItemKind.UNSTATED and hands_over_technology(facts)


def _as_typed(mention: Mention, typed: Mapping[str, str]) -> bool:
    return mention.path not in typed or typed[mention.path][mention.start : mention.end] == mention.word


def _rightly_written(said: Reading, vocabulary: Vocabulary) -> Iterable[Mention]:
    """The mentions without the formulas that are not written in their own case: ``GaP`` is a phosphide, ``gap`` and
    ``WC`` are mostly not. Right beside a word of material (``WC powder``) any case will do; a symbol (``Ge ingot``)
    needs both. Each text is searched once for a formula, however often it stands there."""
    known: dict[tuple[str, str], _Written] = {}
    raw = {m.path for m in said.by_tag.get("gd:raw", ())}
    for mention in said.mentions:
        formula = vocabulary.formula_words.get((mention.tag, mention.word))
        if formula is None:
            yield mention
            continue
        text, place = said.texts[mention.path], (mention.path, formula)
        if place not in known:
            rightly = bool(_alone(formula).search(text.shown))
            rightly = rightly or (formula in _NO_WORDS and bool(_alone(formula.upper()).search(text.shown)))
            known[place] = _Written(formula, rightly, text.shown.strip() == formula, text.path in raw)
        if not _in_longer_one(mention, text.plain) and _is_meant(mention, known[place], said):
            yield mention


class _Written(NamedTuple):
    """How a text has a formula. ``rightly``: in its own case, or in capitals that are no word; ``raw``: with a
    word of raw material in the text."""

    formula: str
    rightly: bool
    alone: bool
    raw: bool


def _is_meant(mention: Mention, written: _Written, said: Reading) -> bool:
    if len(written.formula) >= _TELLING_LENGTH and not written.formula.isalpha():
        return True
    own_case = not written.formula.isupper() and written.rightly
    symbol = len(written.formula) == _SYMBOL_LENGTH and not written.formula.isupper()
    if own_case and not symbol:
        return True
    if symbol:
        return own_case and written.raw and any(said.beside(t, mention, _RIGHT_BESIDE) for t in _MATERIAL)
    if written.rightly and not written.formula.isalpha():
        # ``WO3`` alone is an oxide; among other words it needs one of material, wherever that stands.
        return written.raw or written.alone
    return bool(said.beside("gd:raw", mention, _RIGHT_BESIDE))


def _in_longer_one(mention: Mention, plain: str) -> bool:
    """Whether a formula is only a part of what is written: ``Ga`` of ``Gd3Ga5O12``, ``GeO2`` of ``Bi12GeO20``."""
    around = plain[mention.start - 1 : mention.start] + plain[mention.end : mention.end + 1]
    return any(c.isascii() and c.isalnum() for c in around)


@lru_cache(maxsize=256)
def _alone(formula: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9.]){re.escape(formula)}(?![A-Za-z0-9])")


_MATERIAL = ("gd:raw", "cl:metal")
_SYMBOL_LENGTH = 2
_TELLING_LENGTH = 5  # characters, digits among them: ``BI4GE3O12`` is nothing else, in whatever case
# In capitals these are no words.
_NO_WORDS = frozenset(["GaAs", "InGaAs", "GaInAs", "GeO2", "CdZnTe", "HgCdTe", "CdHgTe"])
_RIGHT_BESIDE = 5  # characters: "GAAS 4N wafer", "InP epi wafer"


def _cathodes(text: Text) -> Iterable[Mention]:
    for word in text.shown.split():
        name = cathode_formula(word.strip(",;.()"))
        if name:
            yield Mention(f"su:{name}", text.path, 0, 0, word)


def _symbols(text: Text) -> Iterable[Symbol]:
    chemical: bool | None = None
    for formula, start, _end in formulas(text.shown):
        if like_a_part_number(formula):
            chemical = bool(_CHEMISTRY.search(text.shown)) if chemical is None else chemical
            if not chemical:
                continue
        yield Symbol(formula, text.path, start)
    if TRACKED.isdisjoint(_SHORT.findall(text.shown)):
        return
    torn = list(torn_oxides(text.shown))
    chemical = bool(torn) and bool(_CHEMISTRY.search(text.shown))
    for formula, start in torn:
        if chemical or formula.elements - WORD_LIKE != {"O"}:  # "Y 2 o 3 cajas" is Spanish
            yield Symbol(formula, text.path, start)
    for match in _BARE.finditer(text.shown):
        symbol = match["symbol"] or match["after"] or match["aimed"] or match["shaped"]
        yield Symbol(Formula(symbol, frozenset([symbol])), text.path, match.start())
    for match in _PAIR.finditer(text.shown):
        named = dict.fromkeys(_ELEMENT.findall(match.group()))
        for symbol in named if len(named) > 1 else ():
            yield Symbol(Formula(symbol, frozenset([symbol])), text.path, match.start())
    if "-" in text.shown and _CHEMISTRY.search(text.shown):
        yield from _joined(text)


def _joined(text: Text) -> Iterable[Symbol]:
    for match in _JOINED.finditer(text.shown):
        elements = frozenset(_ELEMENT.findall(match.group()))
        if len(elements) > 1 and elements & TRACKED and any(len(e) == 2 for e in elements):
            # Rare earths alone make no alloy's name: ``Sm-Eu-Gd`` is a fraction, in whatever form the words say.
            each = [frozenset([e]) for e in sorted(elements)] if elements <= TRACKED else [elements]
            for parts in each:
                yield Symbol(Formula(match.group(), parts), text.path, match.start())


def _may_share(shown: str) -> bool:
    """Whether the text has a sign that a share is written with; every ordinary line is asked this."""
    return (
        "%" in shown
        or "=" in shown
        or "ppm" in shown
        or "PPM" in shown
        or "g/t" in shown
        or "G/T" in shown
        or "mg/kg" in shown
        or "MG/KG" in shown
    )


def _shares(
    texts: Sequence[Text], mentions: Sequence[Mention], vocabulary: Vocabulary
) -> Iterable[Constituent]:
    if not any(_may_share(text.shown) for text in texts):
        return
    elements = by_path(m for m in mentions if m.tag.startswith("el:"))
    for text in texts:
        if _may_share(text.shown):
            chemical = bool(_CHEMISTRY.search(text.shown))
            yield from shares(text, context(text, elements.get(text.path, ()), chemical), vocabulary.labels)
