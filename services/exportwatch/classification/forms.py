"""In which class an element is present: by form, formula, and the words that stand beside its name."""

import re
from collections.abc import Sequence

from exportwatch.classification.bare import says_no_more
from exportwatch.classification.devices import MAGNETS, is_device_with_magnet, names_its_magnet, of_devices
from exportwatch.classification.item import ItemFacts
from exportwatch.classification.places import by_path
from exportwatch.classification.presence import Sign
from exportwatch.classification.reading import Reading
from exportwatch.classification.text import Mention, Text
from exportwatch.law.subject import Identity, MaterialClass

C = MaterialClass
_BY_FORM: dict[str, frozenset[MaterialClass]] = {
    "metal": frozenset([C.METAL]),
    "alloy": frozenset([C.ALLOY]),
    "ingot": frozenset([C.METAL, C.ALLOY]),
    "oxide": frozenset([C.OXIDE]),
    "compound": frozenset([C.COMPOUND]),
    "target": frozenset([C.TARGET]),
    "magnet": frozenset([C.MAGNET]),
    "ore": frozenset([C.ORE]),
    "solution": frozenset([C.COMPOUND]),
    "assembly": frozenset([C.DEEP_PROCESSED]),
    "finished_product": frozenset([C.DEEP_PROCESSED]),
    "equipment": frozenset([C.DEEP_PROCESSED]),
}
_BY_WORD = {f"cl:{c.value}": c for c in (C.OXIDE, C.COMPOUND, C.ALLOY, C.TARGET, C.METAL, C.MAGNET, C.ORE)}
ANY_FORM = frozenset([C.METAL, C.OXIDE, C.COMPOUND])
NEARBY = 25  # characters
_PURPOSE = (
    " for ",
    " for the ",
    " fur ",
    " zur ",
    " pour ",
    " для ",
    " para ",
    " cho ",
    " per ",
    "for ",
    " dla ",
    " do ",
    " voor ",
)
_PURPOSE_AFTER = (
    "用", "向け", "용", "grade", " grade", " raw mat", " precursor", " industry", " use", " icin", "原料", "级",
)  # fmt: skip
_PROCESSED_FORMS = frozenset(["assembly", "finished_product", "equipment"])
_CHEMICAL_FORMS = frozenset(["magnet", "oxide", "metal", "alloy", "compound", "target", "ore", "ingot"])
_DEEP = frozenset([C.DEEP_PROCESSED])
_OPEN_MAGNET = frozenset([C.DEEP_PROCESSED, C.MAGNET])
_OPEN = frozenset([C.DEEP_PROCESSED, *ANY_FORM])


def processing(facts: ItemFacts, reading: Reading) -> frozenset[MaterialClass] | None:
    """``DEEP_PROCESSED`` alone, together with others where it cannot be told, or ``None``: not processed.

    FAQ IV: magnet steel, rings and blocks are magnets, whatever they are meant for; FAQ V: what is embedded or
    surface-mounted, moulded, calcined into a catalyst or a phosphor, is deep-processed.
    """
    if facts.form in _CHEMICAL_FORMS:
        return None
    devices = [m for tag in _MADE for m in reading.by_tag.get(tag, ()) if not _is_purpose(m, reading)]
    calcined = [m for m in reading.by_tag.get("pr:calcined", ()) if not _is_purpose(m, reading)]
    devices += [m for m in reading.of("dp:") if not _is_purpose(m, reading)]
    magnets = [m for tag in MAGNETS for m in reading.by_tag.get(tag, ())]
    if is_device_with_magnet(facts, reading, devices, magnets):
        return _DEEP
    if facts.form in _PROCESSED_FORMS:
        # The field alone does not turn a named magnet or chemical into a product: the text must say what it is.
        had = _with(devices, magnets, reading) or not names_its_magnet(devices, facts, reading)
        if magnets and (reading.has("pr:loose") or not had):
            return _OPEN_MAGNET
        if devices or calcined or reading.has("pr:embedded"):
            return _OPEN if _heads_the_text(facts, reading) else _DEEP
        if magnets:
            return _OPEN_MAGNET
        if reading.of("al:") or _chemical(facts, reading):
            return _OPEN
        return _OPEN if not of_devices(facts) and says_no_more(facts, reading) else _DEEP
    if not (devices or calcined or (reading.has("pr:container") and not _packed(facts))):
        made_of = [m for tag in _ARTICLES for m in reading.by_tag.get(tag, ()) if not _is_purpose(m, reading)]
        return _OPEN if made_of and not (magnets or facts.cas) else None
    if not magnets:
        return _chemical_depth(devices, calcined, facts, reading)
    if reading.has("pr:loose") or not (devices or calcined):
        return None
    if any(d.tag == "dp:products" for d in devices) or _embedded(reading) or _with(devices, magnets, reading):
        return _DEEP
    ends = {(d.path, d.end) for d in devices}
    if any((m.path, m.start - gap) in ends for m in magnets for gap in (0, 1)):
        return None  # "motor magnets": the magnet is the thing
    return _OPEN_MAGNET


def _embedded(reading: Reading) -> bool:
    """Whether a word says that the magnet is built in; not ``磁路用磁钢``, magnets for a circuit."""
    return any(not _is_purpose(m, reading) for m in reading.by_tag.get("pr:embedded", ()))


_ARTICLES = ("pr:coated", "pr:article")
_MADE = ("pr:deep", "pr:finished")
_CLASS_WORDS = ("cl:oxide", "cl:metal", "cl:target", "cl:compound", "cl:alloy")


def _chemical_depth(
    devices: list[Mention], calcined: list[Mention], facts: ItemFacts, reading: Reading
) -> frozenset[MaterialClass]:
    """A product, or a chemical beside the name of one: ``Dy2O3, drones`` is not known to be a drone."""
    if calcined and facts.form == "powder" and not reading.formulas:
        return _DEEP
    if calcined and facts.form in (None, "powder") and any(_FIRED.search(t.plain) for t in facts.texts):
        return _DEEP  # FAQ V: calcined catalyst powders, whatever oxides they are made of
    activated = bool(calcined) and any(_ACTIVATED.search(t.shown) for t in facts.texts)
    if _chemical(facts, reading) or (reading.of("un:") and reading.has("gd:raw") and not activated):
        return _OPEN
    ends = {len(t.plain): t.path for t in facts.texts}
    if reading.of("al:") and not any(ends.get(d.end) == d.path for d in devices):
        return _OPEN  # "Terfenol-D actuator rods" are rods; a "scandium aluminium bat" is a bat
    return _DEEP


def _chemical(facts: ItemFacts, reading: Reading) -> bool:
    """Whether something beside a name says that a chemical is meant: a class word, a formula, a CAS number, or a
    name that stands first and by itself."""
    if facts.cas or (reading.has(*_CLASS_WORDS) and facts.form != "powder"):
        return True
    shown = {t.path: t.shown for t in (*facts.texts, *facts.grades)}
    if any(not shown[s.path].startswith(":", s.start + len(s.formula.text)) for s in reading.formulas):
        return True  # a host written with its activator (``Y2O3:Eu``) is a phosphor
    return any(
        m.start == 0 and shown[m.path].lstrip()[m.end - m.start :].lstrip().startswith(_APART)
        for m in reading.of("el:")
    )


def _heads_the_text(facts: ItemFacts, reading: Reading) -> bool:
    """Whether the full name of a chemical stands first and by itself: ``Dysprosium oxide, toys``."""
    shown = {t.path: t.shown.lstrip() for t in (*facts.texts, *facts.grades)}
    named = reading.of("el:")
    classed = [m for tag in _CLASS_WORDS for m in reading.by_tag.get(tag, ())]
    ends: set[tuple[str, int]] = {(s.path, len(s.formula.text)) for s in reading.formulas if s.start == 0}
    for first, second in ((named, classed), (classed, named)):  # "氧化镝" names the class before the element
        begun = {(m.path, m.end) for m in first if m.start == 0}
        ends |= {(m.path, m.end) for m in second if {(m.path, m.start), (m.path, m.start - 1)} & begun}
    return any(shown[path][end:].lstrip().startswith(_APART) for path, end in ends)


_FIRED = re.compile(r"\bcalcined (?:[a-z]{2,14} ){0,2}catalyst\b|焙烧后?的?催化剂|焙烧后\w{0,6}催化剂")
_ACTIVATED = re.compile(r"[A-Za-z0-9)]\s?:\s?(?:Ce|Eu|Mn|Cr)\b")  # a phosphor: ``YAG:Ce``
_APART = ("(", ",", ";", ":", "–", "（", "，", "；", "：")
_AMOUNT = re.compile(
    r"\d\s?(?:kg|g|mg|t|lb|oz|ml|l|pcs|x)?\s?/?\s?(?:[a-z]+\s)?(?:bag|bottle)"
    r"|\d\s?(?:kg|g|mg|lb|oz)\b|\bin \w*\s?(?:bag|bottle)",
    re.IGNORECASE,
)


def _packed(facts: ItemFacts) -> bool:
    """Whether a bag or bottle is what the thing comes in: an amount stands in the text, or ``in bags``."""
    return any(_AMOUNT.search(t.shown) for t in facts.texts)


def _is_purpose(mention: Mention, reading: Reading) -> bool:
    plain = reading.texts[mention.path].plain
    before = plain[max(0, mention.start - 14) : mention.start]
    behind = plain[mention.end : mention.end + 12]
    return any(p in f" {before}" for p in _PURPOSE) or behind.startswith(_PURPOSE_AFTER)


_HAVING = (
    " with ",
    " mit ",
    " including ",
    " containing ",
    " incl ",
    "含",
    "带",
    " с ",
    " з ",
    " avec ",
    " con ",
    " com ",
    " m. ",
    " z ",
    " met ",
)
_HAD_BY = ("的", "を使用した", "を内蔵した", "を搭載した", "付き", "付", "が内蔵された")


def _with(devices: list[Mention], magnets: list[Mention], reading: Reading) -> bool:
    """Whether a device is said to have the magnet: ``speaker with magnet``, ``含磁铁的扬声器``."""
    magnets_of = by_path(magnets)
    return any(
        _has(devices_of, magnets_of.get(path, ()), reading.texts[path])
        for path, devices_of in by_path(devices).items()
    )


def _has(devices: Sequence[Mention], magnets: Sequence[Mention], text: Text) -> bool:
    first = min(d.end for d in devices)
    last = max((m.start for m in magnets), default=0)
    if first <= last and any(word in f" {text.plain[first:last]} " for word in _HAVING):
        return True
    if first <= last and " w/" in text.shown and " w " in text.plain[first:last]:
        return True  # "earbuds w/ NdFeB driver", but not "motor 5 W, NdFeB"
    starts = {d.start for d in devices}
    return any(
        text.plain.startswith(word, m.end) and m.end + len(word) in starts
        for m in magnets
        for word in _HAD_BY
    )


def classes(element: str, found: list[Sign], facts: ItemFacts, reading: Reading) -> frozenset[MaterialClass]:
    """The classes in which ``element`` may be present; several where the document leaves it open."""
    strongest = [s.material_class for s in found if s.identity is Identity.CAS and s.material_class]
    if strongest:
        by_form = _BY_FORM.get(facts.form or "", frozenset())
        # A CAS number of the metal leaves open whether it is a target or an alloy of it.
        if strongest[0] is C.METAL and by_form & {C.TARGET, C.ALLOY} and C.METAL not in by_form:
            return by_form
        return frozenset(strongest)
    by_form = _BY_FORM.get(facts.form or "", frozenset())
    formula = frozenset(s.material_class for s in found if s.material_class)
    words = _words_beside(found, reading) or _any_words(reading)
    stated = formula or words
    if by_form:
        return _with_form(by_form, stated, _pure(element, facts))
    if facts.form is None and C.TARGET in words:
        return frozenset([C.TARGET])
    return _narrowed(stated) or ANY_FORM


def _with_form(
    by_form: frozenset[MaterialClass], stated: frozenset[MaterialClass], pure: bool
) -> frozenset[MaterialClass]:
    """The form field, narrowed by what the text says too; a contradiction leaves both open."""
    if pure and C.METAL in by_form:
        return frozenset([C.METAL])
    if not stated or by_form & {C.TARGET, C.MAGNET}:
        return by_form
    return by_form & stated or by_form | stated


def _pure(element: str, facts: ItemFacts) -> bool:
    return any(
        c.substance == element and c.share is not None and c.share.low >= 95 for c in facts.composition
    )


def _words_beside(found: list[Sign], reading: Reading) -> frozenset[MaterialClass]:
    """Classes of the words right beside the element's name, else of those in its neighbourhood."""
    for reach in (1, NEARBY):
        near = {
            (material_class, word)
            for sign in found
            if sign.mention is not None
            for tag, material_class in _BY_WORD.items()
            if tag in reading.by_tag
            for word in reading.beside(tag, sign.mention, reach)
        }
        if near:
            # An "alloy target" is a target: the last word of the compound tells.
            ends = {(w.path, w.end + gap) for _, w in near for gap in (0, 1)}
            named = {material_class for material_class, _ in near}
            if any((word.path, word.start) in ends for word in reading.by_tag.get("cl:target", ())):
                named.add(C.TARGET)
            return _narrowed(frozenset(named))
    return frozenset()


def _any_words(reading: Reading) -> frozenset[MaterialClass]:
    return _narrowed(frozenset(c for tag, c in _BY_WORD.items() if tag in reading.by_tag))


def _narrowed(found: frozenset[MaterialClass]) -> frozenset[MaterialClass]:
    """A metal target is a target, an alloy ingot an alloy; other pairs stay open."""
    for stronger, weaker in (
        (C.TARGET, C.METAL),
        (C.TARGET, C.ALLOY),
        (C.ALLOY, C.METAL),
        (C.MAGNET, C.METAL),
        (C.MAGNET, C.ALLOY),
    ):
        if stronger in found:
            found = found - {weaker}
    return found
