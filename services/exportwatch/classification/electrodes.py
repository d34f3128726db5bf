"""Electrodes of tungsten for welding, which say by their name that they are far from the listed sizes (1C117.c)."""

import re

from exportwatch.classification.reading import Reading


def is_welding_electrode(reading: Reading) -> bool:
    """Whether a text names an electrode of tungsten for welding, and no size that no torch holds."""
    named = {m.path for m in reading.by_tag.get("gd:tungsten_electrode", ())}
    if not reading.has("gd:tig"):
        return False
    return any(not _THICK.search(reading.texts[path].plain) for path in named)


# A diameter from 20 mm on: no torch holds it.
_THICK = re.compile(
    r"(?<![\d.])[2-9]\d(?:\.\d+)?\s?(?:mm\s?)?[x×]|(?<![\d.])\d{3}(?:mm\s?)?[x×]|(?:dia|ø|ф)\s?(?:[2-9]\d|\d{3})\b"
)
