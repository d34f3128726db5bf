"""Terms whose words are inflected or cut short: ``неодимов* магнит*``, ``celda* de litio``, ``dyspr. oxide``.

The index finds a term as it is written and lets only its end be open. So a star inside a term is written out: the
stem with each ending that an adjective or noun takes there. Pure; at load only.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

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


_SHORTEST = 4  # letters that are left of a name: ``germ.``, ``bism.``


def cut_short(tag: str, term: str, table: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The term with its first word, one of ``names``, cut short by a point; an element's name before each word of
    ``before``."""
    name, _, rest = term.rstrip("*").partition(" ")
    if name in table["names"]:
        behind = [rest] if rest else table["before"] if tag.startswith("el:") else []
        yield from (f"{name[:n]}. {word}" for n in range(_SHORTEST, len(name)) for word in behind)
