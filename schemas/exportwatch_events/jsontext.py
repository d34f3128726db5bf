"""Questions to JSON text that no parser answers: how deep is it, and what does broken text still name?

Never recursive, so that no nesting can bring it down; linear in the length of the text.
"""

import re
from collections.abc import Collection
from typing import Final

from pydantic_core import from_json

_STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
# A lone quote is matched last, so that an unterminated string ends the search instead of restarting it.
_TOKEN: Final = re.compile(_STRING + rb'|[\[{]++|[\]}]++|"', re.DOTALL)
_MEMBER: Final = re.compile(rb"\s*:\s*(" + _STRING + rb"|-?\d{1,19}(?=[\s,}]))", re.DOTALL)
_ALL_BUT_OPENERS: Final = bytes(set(range(256)) - set(b"{["))
_ALL_BUT_BRACKETS_AND_QUOTES: Final = bytes(set(range(256)) - set(b'{}[]"'))
_SALVAGE_BYTES: Final = 1 << 20


def deeper_than(text: bytes, limit: int) -> bool:
    """Whether valid JSON text nests objects and lists more than ``limit`` levels deep.

    The outermost object is level 1. Cheapest proof first: few brackets; then brackets that cancel out
    soon; at last a scan.
    """
    if len(text.translate(None, _ALL_BUT_OPENERS)) <= limit:
        return False
    return not _cancels_within(text, limit) and _deepest(text) > limit


def _cancels_within(text: bytes, limit: int) -> bool:
    """True proves that the depth is at most ``limit``; False proves nothing.

    Where all quotes stand in pairs side by side, no string holds a bracket (escaped quotes would spoil
    that argument). Then each round takes away one or two levels.
    """
    if b'\\"' in text:
        return False
    brackets = text.translate(None, _ALL_BUT_BRACKETS_AND_QUOTES).replace(b'""', b"")
    if b'"' in brackets:
        return False
    for _ in range(limit // 2):
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if not brackets:
            return True
    return False


def _deepest(text: bytes) -> int:
    depth = deepest = 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token[0] in b"{[":
            depth += len(token)
            deepest = max(deepest, depth)
        elif token[0] in b"}]":
            depth -= len(token)
    return deepest


def salvage(text: bytes, names: Collection[str]) -> dict[str, object]:
    """The strings and integers that broken JSON text gives for ``names`` in its outermost object.

    Reads up to the end of that object, the first unterminated string or the first MiB, whichever comes
    first. Of a name given twice the later value counts, as in whole JSON.
    """
    found: dict[str, object] = {}
    depth = at = 0
    while match := _TOKEN.search(text, at, _SALVAGE_BYTES):
        token, at = match[0], match.end()
        if token == b'"':
            break
        if token[0] in b"{[":
            depth += len(token)
        elif token[0] in b"}]":
            depth -= len(token)
            if depth <= 0:
                break
        elif depth == 1 and (member := _MEMBER.match(text, at, _SALVAGE_BYTES)):
            at = member.end()
            name = _scalar(token)
            if name in names:
                found[str(name)] = _scalar(member[1])
    return found


def _scalar(token: bytes) -> object:
    try:
        return from_json(token)
    except ValueError:
        return None
