"""Whether a text gives a named metal or material a share that is not the main one: ``lead antimony ingots, Sb 1.6 %``.

An entry's "metal and products" means that the metal is the main constituent (reference domain 3.1, INF). Ore, scrap and
residues are raw material at any share. Looks so many characters around each name.
"""

import re
from collections.abc import Sequence

from exportwatch.classification.item import ItemFacts
from exportwatch.classification.reading import Reading
from exportwatch.classification.text import Mention
from exportwatch.law.subject import Truth

_MAIN = 50  # mass percent
_SYMBOLS = {"antimony": "sb", "bismuth": "bi", "tellurium": "te", "gallium": "ga", "germanium": "ge"}
_NUMBER = r"(?P<whole>\d{1,3})(?:(?P<gap>[. ])(?P<part>\d{1,3}))?\s?%"
# What is said of a purity or an impurity stands behind its number: ``antimony 2 % ash``.
_OF_ELSE = r"(?!\s?(?:max|min|ash|moist|water|purity|pure|off|discount|impurit|loss|vat|duty|tax))"
_BEHIND = re.compile(rf"\s?(?:content\s|gehalt\s)?[<≤~≈]?\s?{_NUMBER}{_OF_ELSE}")
_BEFORE = re.compile(rf"(?<![\d.]){_NUMBER}\s?(?:of\s|de\s|di\s|d\s)?$")
_NEAR = 18  # characters
_BASE = re.compile(
    r"\b(?:lead|pb|pbsb\d*|blei\w*|plomb|plomo|piombo|chumbo|ołow\w*|kursun|kurşun|свин\w+|tin|zinn\w*|sn\d*|stagno|estano|etain|"
    r"copper|kupfer\w*|cuivre|cobre|rame|brass|bronze|steel|stahl|acier|brick|bricks|magnesia|mgo|alumina|pvc|pp|pe|abs|"
    r"polyester|masterbatch|catalyst)\b|铅|鉛|锡|铜|砖|납|주석"
)
_UNWROUGHT = ("cl:ore", "cl:scrap")
_MOST = 20  # names looked at: a line of goods has no more


def as_lesser_part(name: str, mentions: Sequence[Mention], facts: ItemFacts, reading: Reading) -> Truth:
    """``NO`` where the only shares that composition or text give the material are below half and the text says what it
    is in; ``UNKNOWN`` where it does not say that (``30 % in advance``); else ``YES``."""
    if not mentions or facts.cas or reading.has(*_UNWROUGHT):
        return Truth.YES
    if _composed_of_less(name, facts) and any(_BASE.search(text.plain) for text in facts.texts):
        return Truth.NO
    if facts.form is not None:
        return Truth.YES
    if all(_is_contained(m, reading.texts[m.path].plain) for m in mentions):
        return Truth.NO
    paths = {m.path for m in mentions}
    if len(paths) > 1 or not any("%" in reading.texts[path].plain for path in paths):
        return Truth.YES
    plain = reading.texts[mentions[0].path].plain
    places = [(m.start, m.end) for m in mentions[:_MOST]]
    symbol = _SYMBOLS.get(name.split("_")[0])
    if symbol:
        found = re.finditer(rf"(?<![a-z0-9]){symbol}(?![a-z])", plain)
        places += [m.span() for m, _ in zip(found, range(_MOST), strict=False)]
    shares = [share for start, end in places for share in _shares(plain, start, end)]
    if not shares or max(shares) >= _MAIN:
        return Truth.YES
    return Truth.NO if _BASE.search(plain) and not plain.startswith(mentions[0].word) else Truth.UNKNOWN


_CONTAINED = re.compile(r"\b(?:containing|enthaltend\w*|contenant|conteniendo|contenente)\s(?:by weight\s)?$")
_HEADED_BY_LEAD = re.compile(
    r"(?:unwrought |refined )?(?:lead|tin|copper|brass|steel|plomb|blei|plomo|piombo)\b"
)


def _is_contained(mention: Mention, plain: str) -> bool:
    """``Unwrought lead, containing by weight antimony as the principal other element``."""
    near = plain[max(0, mention.start - _REACH) : mention.start]
    return bool(_CONTAINED.search(near) and _HEADED_BY_LEAD.match(plain))


_REACH = 32


def _composed_of_less(name: str, facts: ItemFacts) -> bool:
    """Whether the composition gives the metal a share below half, and none above."""
    symbol = _SYMBOLS.get(name.split("_")[0])
    shares = [line.share for line in facts.composition if symbol and line.substance.casefold() == symbol]
    return bool(shares) and all(share is not None and share.high < _MAIN for share in shares)


def _shares(plain: str, start: int, end: int) -> list[float]:
    found = [_BEHIND.match(plain, end), _BEFORE.search(plain[max(0, start - _NEAR) : start])]
    return [share for match in found if match for share in _readings(match)]


def _readings(match: re.Match[str]) -> list[float]:
    """The number as it may be meant: in the comparable text a decimal comma is a space."""
    whole, part = float(match["whole"]), match["part"]
    if part is None:
        return [whole]
    return [float(f"{match['whole']}.{part}")] + ([float(part)] if match["gap"] == " " else [])
