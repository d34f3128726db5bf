"""What a line of a customs nomenclature says that it is not: ``Moulds for glass (excl. moulds of graphite)``.

Only a whole parenthesis that begins with the word of exclusion, and not where the line of a seller leaves out a tax, a
freight or a packing (``excl. VAT``) or says what is included. Knows no law and no chemistry.
"""

import re

_EXCLUDED = re.compile(
    r"\((?:excl\.|excluding |other than |ausg\.|ausgen\.|ausgenommen |sauf |(?:à|a) l'excl\.|(?:à|a) l'exclusion |"
    r"exkl\.|m\.u\.v\.|escl\.|excepto |exc\.)(?:[^():]|\([^():]{0,200}\)){0,800}\)",
    re.IGNORECASE,
)
_OF_PRICE = re.compile(
    r"\b(?:vat|tax(?:es)?|mwst|ust|tva|iva|btw|gst|freight|fracht|fret|flete|shipping|postage|packing|packaging|pallets?|palette|"
    r"verpackung|box|boxes|drums?|bags?|duty|duties|transport|delivery|insurance|price|cost|incl\w*|included|plus|with)\b",
    re.IGNORECASE,
)


def without_exclusions(shown: str) -> str:
    """The text without the parentheses in which it says what it is not."""
    return _EXCLUDED.sub(lambda m: m.group() if _OF_PRICE.search(m.group()) else " ", shown)
