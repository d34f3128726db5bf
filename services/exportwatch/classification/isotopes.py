"""Lithium-6 and the share of it that a text states: ``95 AT% 6LI``, ``Li-6: 95 %``, ``6LiF 95% enriched``.

A share of the isotope names enriched lithium without a word of enrichment; the entry holds it against its limit, which
natural lithium does not reach. Looks only right beside a number: cost linear in the text.
"""

import re
from collections.abc import Iterator

from exportwatch.classification.text import Mention, Text

_NAME = (
    r"(?:6\s?Li(?![a-z])|(?<![a-z])Li[-\s]?6(?!\d)|lithium[-\s]?6(?!\d)|litio[-\s]?6(?!\d)|лит\w{1,3}[-\s]?6(?!\d)"
    r"|літі\w{1,2}[-\s]?6(?!\d)|[锂鋰][-\s]?6(?!\d)|リチウム[-\s]?6(?!\d)|리튬[-\s]?6(?!\d))"
)
_ENRICHED = (
    r"(?:enriched|enr\.|enrichment|angereichert|anreicherung|enrichie?|enriquecid[oa]|arricchit[oa]|обогащ\w*"
    r"|збагач\w*|富集度?|浓缩|濃縮度?|丰度|豐度|농축도?)"
)
_TO = r"\s*(?:to|at|of|auf|zu|à|a|al|до|[:=≥>]|>=)?\s*"
_NUMBER = r"\d{1,3}(?:[.,]\d{1,6})?\s?(?:(?:at|atom|atomic|ат)?\.?[\s-]?%)"
_BEFORE = re.compile(rf"(?<![a-z0-9])(?:{_NAME}|{_ENRICHED}){_TO}$", re.IGNORECASE)
_BEHIND = re.compile(rf"\s*(?:of\s|in\s|isotopically\s)?(?:{_NAME}|{_ENRICHED})", re.IGNORECASE)
_OTHER = re.compile(
    r"(?<![a-z0-9])(?:7\s?Li(?![a-z])|(?:Li|lithium|litio|лит\w{1,3})[-\s]?7(?!\d))", re.IGNORECASE
)
_NAMED = re.compile(rf"(?<![a-z0-9]){_NAME}", re.IGNORECASE)
_NEXT = re.compile(rf"(?<![a-z0-9]){_NAME}{_TO}$|^\s*(?:of\s)?{_NAME}", re.IGNORECASE)
_SHARE = re.compile(
    rf"(?<![\d.,]){_NUMBER}\s*(?:of\s)?(?P<behind>{_NAME})|(?<![a-z0-9])(?P<before>{_NAME}){_TO}{_NUMBER}",
    re.IGNORECASE,
)


def is_enrichment(before: str, behind: str) -> bool:
    """Whether the words on both sides of a percentage say that it is the share of the isotope."""
    if _OTHER.search(f"{before} {behind}") and not (_NEXT.search(before) or _NEXT.search(behind)):
        return False  # "7Li enriched 99.9%"
    return bool(_BEFORE.search(before) or _BEHIND.match(behind))


def names_lithium_6(text: str) -> bool:
    return bool(_NAMED.search(text))


def isotope_shares(text: Text) -> Iterator[Mention]:
    """The lithium of which the text states a share of the isotope."""
    for match in _SHARE.finditer(text.shown):
        word = match["behind"] or match["before"]
        yield Mention("su:li6_enriched", text.path, 0, 0, word)
