"""What a thing is only for: ``Lutetium oxide for growing LYSO``, ``氧化镥 LYSO生长原料``, ``LED用衬底``.

A listed material stays what it is, whatever is made of it: the product that a text names as a purpose is not the item.
Knows the words before a purpose and behind it, and those of making that may stand between. Cost does not grow with the
text: so many characters on both sides of a mention.
"""

import re
from collections.abc import Iterable, Sequence, Set

from exportwatch.classification.clause_ends import ends_within
from exportwatch.classification.item import ItemFacts
from exportwatch.classification.reading import Reading
from exportwatch.classification.text import Mention, comparable

FOR = re.compile(
    r"(?:^|\s)(?:for|fur|zur|pour|para|для|per|cho|used in|used as|to make|to produce)\s|用于|用作|供|用来"
)
# Between a product and the word that says that something is for it: ``激光器外延用``, ``LYSO 결정성장용``.
_MAKING = "|".join(
    comparable(word)
    for word in (
        "外延 生长 成长 育成 结晶 单晶 晶体 制备 制造 製造 生产 加工 合成 成膜 镀膜 蒸镀 蒸着 溅射 焊料 板栅 合金 "
        "エピタキシャル エピ スパッタ 에피택시 에피 결정 단결정 성장 육성 생산 제조 증착"
    ).split()
)
_AFTER = re.compile(  # behind a word of goods: what it is for, or what it is packed in
    rf"[a-z]{{0,2}}\s?(?:(?:{_MAKING})\s?){{0,3}}"
    r"(?:用|級|级|向け|용|原料|原材料|원료|制造|生产|行业|阻燃|添加剂|grade|industr|manufactur|production|making|growth|growing|epitax"
    r"|raw material|feedstock|precursor|applications?\b"
    r"|additiv|catalyst|flame retard|bags?\b|bottles?\b|drums?\b|box|containers?\b|pails?\b|jars?\b|袋|瓶|桶|箱)"
)
_BEFORE = 48  # characters: "для выращивания монокристаллов "


def said_behind(mention: Mention, reading: Reading) -> bool:
    """Whether the words right behind say that something is for it, or packed in it."""
    return bool(_AFTER.match(reading.texts[mention.path].plain, mention.end))


def is_purpose(mention: Mention, reading: Reading) -> bool:
    """Whether the text says, right behind the thing or before it in its clause, that something is for it."""
    if said_behind(mention, reading):
        return True
    text = reading.texts[mention.path]
    said = [m.end() for m in FOR.finditer(text.plain, max(0, mention.start - _BEFORE), mention.start)]
    return bool(said) and not ends_within(text, said[-1], mention.start - 1)


def but_purposes(found: Iterable[Mention], reading: Reading) -> Sequence[Mention]:
    """The mentions of goods without those that the words behind them make a purpose, and without those that lead on
    to one: ``热电 制冷片用`` is one purpose."""
    kept: list[Mention] = []
    reaches: dict[str, int] = {}  # by path: where a purpose begins
    for mention in sorted(found, key=lambda m: (m.path, -m.end, -m.start)):
        begins = reaches.get(mention.path, -1)
        if said_behind(mention, reading) or 0 <= begins <= mention.end + 1:
            reaches[mention.path] = min(mention.start, begins) if begins >= 0 else mention.start
        else:
            kept.append(mention)
    return kept


def products_of(elements: Set[str], facts: ItemFacts, reading: Reading) -> frozenset[Mention]:
    """The unsettled materials that a listed one of these elements is only for: ``氧化镥 LYSO生长原料``.

    None beside another oxide or metal, or where the element is stated to be the lesser part: then the text may tell
    what the mixed material is made of.
    """
    mixed = any(tag.startswith(("co:", "me:")) for tag in reading.by_tag) or any(
        mention.tag[3:] not in elements for mention in reading.of("el:")
    )
    mixed = mixed or any(_MATRIX.search(text.shown) for text in facts.texts)
    lesser = any(line.share is not None and line.share.low < _MAIN for line in reading.shares)
    if not elements or mixed or lesser or facts.composition:
        return frozenset()
    return frozenset(mention for mention in reading.of("un:") if is_purpose(mention, reading))


_MAIN = 50  # mass percent
_MATRIX = re.compile(
    r"ZrO2|CeO2|Al2O3|SiO2|(?<![a-z])(?:doped|stabili[sz]ed)(?![a-z])|掺杂|稳定", re.IGNORECASE
)
