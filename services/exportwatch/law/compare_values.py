"""How a value of a law pack, and its change, is said to a person."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum

from exportwatch.law.model import Source, Text

ADDED, REMOVED, CHANGED = "+", "-", "~"
_LONGEST = 400
_NOTHING: tuple[object, ...] = (None, "", (), [], frozenset())


def from_to(name: str, old: object, new: object) -> str:
    return f"{name}: {said(old)} -> {said(new)}"


def said(value: object) -> str:
    """A value in one line; lists and mappings in the order in which they are written."""
    match value:
        case _ if value in _NOTHING:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case StrEnum():
            return value.replace("_", " ")
        case Source(cite, confidence):
            return f"{cite} ({confidence})"
        case Text(en, zh):
            text = f"{en} / {zh}"
        case frozenset():
            text = ", ".join(sorted(map(said, value)))
        case _ if is_dataclass(value):
            parts = ((one.name.replace("_", " "), getattr(value, one.name)) for one in fields(value))
            text = "; ".join(f"{name}: {said(part)}" for name, part in parts if part not in _NOTHING)
        case Mapping():
            text = ", ".join(f"{key} {said(item)}" for key, item in value.items())
        case list() | tuple():
            text = ", ".join(said(item) for item in value)
        case _:
            text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
