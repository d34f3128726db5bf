"""Whether a named substance is only what something else is doped or coated with: ``GeO2-doped core``, ``dopado con
germanio``, ``掺镓硅片``, ``WC coated``.

A dopant is a trace in another material, and a coating a skin on other goods; no list beside the rare earths names
either. What is doped is still the thing: ``Si-doped GaAs wafer``. Looks so many characters around each name.
"""

import re
from functools import lru_cache

from exportwatch.classification.text import Mention, Text

_NEAR = 24  # characters
# A word that stands behind the dopant: ``GeO2 doped silica``; not ``GaAs doped with silicon``, ``GaAs doped n-type``.
_BEHIND = re.compile(
    r"\s?(?:(?:co\s?)?doped(?=\s[^\W\d_]{3,})(?!\s(?:with|by|type|wafers?|substrates?|crystals?|ingots?|powders?|epi\w*|semi\w*|"
    r"single|poly|grade))|掺杂|摻雜|(?:を)?(?:トーフ|添加)|\s?(?:을|를)?\s?도핑|\s?도프|katkılı|dotowan\w*)"
)
# A word that stands in front of it: ``doped with GeO2``, ``dopado con germanio``, ``掺镓``.
_BEFORE = re.compile(
    r"(?:(?<![\w])(?:doped (?:with|by)|dotiert\w{0,2} mit|dope\w{0,2}(?: (?:au|aux|a l|avec|en|de|par))?|"
    r"dopa[dt][oa]s?(?: (?:con|com|de|en|al|ao|a))?|droga[t][oaie](?: (?:con|al|di))?|легирован\w+|допирован\w+|"
    r"domieszkowan\w+|dotowan\w+|pha tap|gedoteerd met)\s|(?<!杂)[掺摻])(?:\d+(?:\.\d+)? )?$"
)
_HYPHENED = r"[-‐‑–](?:doped|dotiert\w*|dope\w?|легирован\w+|dotowan\w+|domieszkowan\w+)(?!\w)"
# The compounds with which things are doped; the others of the lists are doped themselves.
_DOPANTS = ("geo2", "ga2o3", "antimony_oxide", "bismuth_oxide")
_ALSO_NAMED = re.compile(
    r"(?:^|\s)[a-z]{1,2} (?:dope\w*|dopa\w*|droga\w*)\s$"
)  # "Si-dopé GaAs": the host follows
_COATED = re.compile(
    r"\s?(?:(?:thin )?(?:coated|beschichtet\w*|plated|涂层|镀层|コーティンク|コート|코팅|kaplamalı|kaplı))"
)
_COATED_WITH = re.compile(
    r"(?<![\w])(?:coated with|beschichtet mit|revetu\w* (?:de|d|en|au)|recubiert[oa]s? (?:de|con)|"
    r"revestid[oa]s? (?:de|com|con)|"
    r"rivestit[oaie] (?:in|di|con)|с покрытием(?: из)?|powlekan\w+|покрыт\w+)\s$"
)
_NOT_COATING = frozenset(
    ["graphite", "flake_graphite", "artificial_graphite", "gan", "gaas", "inp", "ingaas"]
)


def is_dopant(mention: Mention, text: Text) -> bool:
    """Whether the words right beside the name say that something else is doped with it. A dopant is an element or its
    oxide: ``dopé GaAs`` is gallium arsenide."""
    name, plain = mention.tag[3:], text.plain
    if not name.endswith(("_element", "_metal")) and name not in _DOPANTS:
        return False
    before = plain[max(0, mention.start - _NEAR) : mention.start]
    if _BEFORE.search(before) and not _ALSO_NAMED.search(before):
        return True
    if _BEHIND.match(plain, mention.end):
        return True
    return _is_hyphened(mention.word, text.shown)


@lru_cache(maxsize=64)  # a text that repeats a name is searched for it once
def _is_hyphened(word: str, shown: str) -> bool:
    return bool(re.search(re.escape(word) + _HYPHENED, shown, re.IGNORECASE))


def is_coating(mention: Mention, text: Text) -> bool:
    """Whether the words right beside the name say that other goods are coated with it. A layer grown on a wafer is the
    listed wafer, and coated graphite a product of graphite."""
    if mention.tag[3:] in _NOT_COATING:
        return False
    plain = text.plain
    before = plain[max(0, mention.start - _NEAR) : mention.start]
    return bool(_COATED_WITH.search(before) or _COATED.match(plain, mention.end))
