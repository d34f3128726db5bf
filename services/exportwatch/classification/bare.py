"""Whether a text names an element and says no more of it than its purity and shape: ``Terbium sponge``, ``镝块``.

Such a text names a raw material, whatever the field for the form makes of the item, unless the customs code too is
one of devices. Cost linear in the text.
"""

import re

from exportwatch.classification.item import ItemFacts
from exportwatch.classification.reading import Reading

_SHAPE = re.compile(
    r"\b(?:sponge|pieces?|rods?|lumps?|chunks?|bars?|wires?|foils?|sheets?|plates?|strips?|flakes?|chips?|turnings|"
    r"granules?|pellets?|ingots?|powders?|shot|distilled|sublimed|dendritic|high|ultra|pur(?:e|ity)|grade|min|max|pcs)\b|"
    r"[高纯度块棒条丝箔板片粒屑粉海绵]"
)
_WORD = re.compile(r"[^\W\d_]{3,}|[\u3040-\u9fff\uac00-\ud7a3]")


def says_no_more(facts: ItemFacts, reading: Reading) -> bool:
    """Whether one of the texts that name an element has no further word but those of shape and purity."""
    return _has_no_word_but(("el:",), facts, reading)


_OF_MATERIAL = ("el:", "su:", "co:", "cl:")


def names_only_a_material(facts: ItemFacts, reading: Reading) -> bool:
    """Whether a text names a material and nothing that somebody does with it: ``Gallium metal 6N 20 kg``."""
    return _has_no_word_but(_OF_MATERIAL, facts, reading)


def _has_no_word_but(kinds: tuple[str, ...], facts: ItemFacts, reading: Reading) -> bool:
    named: dict[str, list[tuple[int, int]]] = {}
    for mention in (m for kind in kinds for m in reading.of(kind)):
        named.setdefault(mention.path, []).append((mention.start, mention.end))
    return any(
        not _WORD.search(_SHAPE.sub(" ", _without(text.plain, named[text.path])))
        for text in facts.texts
        if text.path in named
    )


def _without(plain: str, places: list[tuple[int, int]]) -> str:
    kept, position = [], 0
    for start, end in sorted(places):
        kept.append(plain[position:start])
        position = max(position, end)
    return " ".join([*kept, plain[position:]])
