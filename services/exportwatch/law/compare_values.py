"""How a value of a law pack, and its change, is said to a person."""

from collections.abc import Mapping
from enum import StrEnum

from exportwatch.law.model import Source

ADDED, REMOVED, CHANGED = "+", "-", "~"
_LONGEST = 400


def from_to(name: str, old: object, new: object) -> str:
    return f"{name}: {said(old)} -> {said(new)}"


def said(value: object) -> str:
    """A value in one line; lists and mappings in the order in which they are written."""
    match value:
        case None | "" | () | []:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case StrEnum():
            return value.replace("_", " ")
        case Source(cite, confidence):
            return f"{cite} ({confidence})"
        case Mapping():
            text = ", ".join(f"{key} {said(item)}" for key, item in value.items())
        case list() | tuple():
            text = ", ".join(said(item) for item in value)
        case _:
            text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
