"""Terms of several words whose first words are inflected: ``неодимов* магнит*``, ``celda* de litio``.

The index finds a term as it is written and lets only its end be open. So a star inside a term is written out: the
stem with each ending that an adjective or noun takes there. Pure; at load only.
"""

import re
from collections.abc import Iterator

_INNER_STAR = re.compile(r"(\w)\*(?= )")
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")
# Adjectives and nouns of Russian and Ukrainian, all cases and both numbers.
_SLAVIC = (
    "", "а", "у", "ы", "и", "е", "ю", "я", "ом", "ем", "ой", "ей", "ый", "ий", "ая", "яя", "ое", "ее", "ые", "ие",
    "ого", "его", "ому", "ему", "ым", "им", "ую", "юю", "ых", "их", "ыми", "ими", "ов", "ам", "ами", "ах",
    "ка", "ки", "ку",
    "і", "ї", "ої", "ій", "ою", "ів", "іх",
)  # fmt: skip
# German, Spanish, French and Italian.
_LATIN = ("", "s", "es", "n", "en", "e", "er", "em", "a", "o", "as", "os", "i")


def written_out(term: str) -> Iterator[str]:
    """The term with each ending in the place of a star inside it; a term without one as it is."""
    found = _INNER_STAR.search(term)
    if found is None:
        yield term
        return
    stem, rest = term[: found.end(1)], term[found.end() :]
    for ending in _SLAVIC if _CYRILLIC.match(found[1]) else _LATIN:
        yield from written_out(f"{stem}{ending}{rest}")
