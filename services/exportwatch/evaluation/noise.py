"""A text written another way that says the same: width, mark-up, spaces, capitals, slips of the hand and of a scan.

Pure and repeatable: the same text, way and seed give the same bytes. No way of writing may make another statement of a
text: digits never change, formulas and short words are never misspelt, and a point becomes a comma only where a comma
between these digits can be nothing but a decimal one.
"""

import html
import random
import re
from collections.abc import Callable, Mapping

Seed = random.Random
Way = Callable[[str, Seed], str]

_LONG = re.compile(r"(?<![\w-])[^\W\d_]{7,}(?![\w-])")  # whole words; a part of a part number is none
# Not ``1.2.3``, ``v1.5``, ``8505.11`` or ``1.234``, which a comma would turn into other things. Three digits after a
# zero are no thousands: ``0.125``.
_DECIMAL = re.compile(r"(?<![\w.,])(?:\d{1,3}\.(?:\d{1,2}|\d{4,})|0\.\d{3})(?![\w.,]\d|\d|[A-Za-z]+\d)")
_SLIPS = {"o": "0", "O": "0", "l": "1"}


def _full_width(text: str, seed: Seed) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _mark_up(text: str, seed: Seed) -> str:
    return "<p>" + html.escape(text).replace(" ", "&nbsp;") + "</p>"


def _three_spaces(text: str, seed: Seed) -> str:
    return text.replace(" ", "   ")


def _behind_numbers(text: str, seed: Seed) -> str:
    return f"ITEM {10 * seed.randrange(1, 100):04d} PO 45{seed.randrange(10**8):08d} {text}"


def _capitals(text: str, seed: Seed) -> str:
    return text.upper()


def _lower_case(text: str, seed: Seed) -> str:
    return text.lower()


def _swapped(text: str, seed: Seed) -> str:
    """Two neighbours inside one long word change places; its first and last letter stand."""
    places = [
        place
        for word in _LONG.finditer(text)
        if word.group().isascii()
        for place in range(word.start() + 1, word.end() - 2)
        if text[place] != text[place + 1]
    ]
    if not places:
        return text
    place = seed.choice(places)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _slipped(text: str, seed: Seed) -> str:
    """One o or l inside a long word is read as a digit."""
    places = [
        place
        for word in _LONG.finditer(text)
        for place in range(word.start() + 1, word.end())
        if text[place] in _SLIPS
    ]
    if not places:
        return text
    place = seed.choice(places)
    return text[:place] + _SLIPS[text[place]] + text[place + 1 :]


def _decimal_commas(text: str, seed: Seed) -> str:
    return _DECIMAL.sub(lambda number: number.group().replace(".", ","), text)


WAYS: Mapping[str, Way] = {
    "full width": _full_width,
    "HTML with hard spaces": _mark_up,
    "three spaces between words": _three_spaces,
    "behind an item and order number": _behind_numbers,
    "capitals": _capitals,
    "lower case": _lower_case,
    "two letters swapped in a long word": _swapped,
    "o read as 0 or l as 1 in a long word": _slipped,
    "decimal comma": _decimal_commas,
}


def rewritten(text: str, way: str, seed: str) -> str:
    """The text written in one of ``WAYS``; itself where that way has nothing to change in it."""
    return WAYS[way](text, Seed(seed))
