"""In which class an element is present: by form, formula, and the words that stand beside its name."""

from exportwatch.classification.item import ItemFacts
from exportwatch.classification.presence import Sign
from exportwatch.classification.reading import Reading
from exportwatch.classification.text import Mention
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
_PURPOSE = (" for ", " for the ", " fur ", " zur ", " pour ", " для ", " para ", " cho ", " per ", "for ")
_PURPOSE_AFTER = ("用", "向け", "용", "grade", " grade")


def processing(facts: ItemFacts, reading: Reading) -> frozenset[MaterialClass] | None:
    """``DEEP_PROCESSED`` alone, together with ``MAGNET`` where it cannot be told, or ``None``: not processed.

    FAQ IV: magnet steel, rings and blocks are magnets, whatever they are meant for; FAQ V: what is embedded or
    surface-mounted, moulded, calcined into a catalyst or a phosphor, is deep-processed.
    """
    if facts.form in ("assembly", "finished_product", "equipment"):
        return frozenset([C.DEEP_PROCESSED])
    if facts.form in ("magnet", "oxide", "metal", "alloy", "compound", "target", "ore", "ingot"):
        return None
    made = reading.by_tag.get("pr:deep", ()) + reading.by_tag.get("pr:finished", ())
    deep = [m for m in made if not _is_purpose(m, facts)]
    if not deep:
        return None
    magnets = (
        reading.by_tag.get("cl:magnet", ())
        + reading.by_tag.get("mag:smco", ())
        + reading.by_tag.get("mag:ndfeb", ())
    )
    if not magnets:
        chemical = (
            reading.has("cl:oxide", "cl:metal", "cl:target", "cl:compound", "cl:alloy")
            and facts.form != "powder"
        )
        return frozenset([C.DEEP_PROCESSED, *ANY_FORM]) if chemical else frozenset([C.DEEP_PROCESSED])
    if reading.has("pr:loose"):
        return None
    if reading.has("pr:embedded") or any(_with(d, m, facts) for d in deep for m in magnets):
        return frozenset([C.DEEP_PROCESSED])
    if any(0 <= m.start - d.end <= 1 for d in deep for m in magnets if m.path == d.path):
        return None  # "motor magnets": the magnet is the thing
    return frozenset([C.DEEP_PROCESSED, C.MAGNET])


def _is_purpose(mention: Mention, facts: ItemFacts) -> bool:
    plain = next(t.plain for t in (*facts.texts, *facts.grades) if t.path == mention.path)
    before = plain[max(0, mention.start - 14) : mention.start]
    behind = plain[mention.end : mention.end + 7]
    return any(p in f" {before}" for p in _PURPOSE) or behind.startswith(_PURPOSE_AFTER)


def _with(deep: Mention, magnet: Mention, facts: ItemFacts) -> bool:
    if deep.path != magnet.path or magnet.start < deep.end:
        return False
    plain = next(t.plain for t in (*facts.texts, *facts.grades) if t.path == deep.path)
    between = f" {plain[deep.end : magnet.start]} "
    return any(
        word in between
        for word in (" with ", " mit ", " including ", " containing ", " incl ", "含", "带", " с ")
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
            material_class
            for sign in found
            if sign.mention is not None
            for tag, material_class in _BY_WORD.items()
            for word in reading.by_tag.get(tag, ())
            if word.path == sign.mention.path and _gap(word, sign.mention) <= reach
        }
        if near:
            return _narrowed(frozenset(near))
    return frozenset()


def _gap(one: Mention, other: Mention) -> int:
    return max(one.start - other.end, other.start - one.end, 0)


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
