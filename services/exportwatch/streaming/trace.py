"""W3C Trace Context in Kafka headers: what a record carries is carried on to what follows from it. Pure.

Source: W3C Trace Context (Recommendation, 2021), sections 3.2 and 3.3; CloudEvents' distributed tracing extension.
Nothing is started or sampled here: the identifiers go on unchanged, and invalid ones are left out.
"""

import re
from typing import Any

import orjson

from exportwatch_events.catalogue import HEADER_TRACE_PARENT, HEADER_TRACE_STATE

Headers = tuple[tuple[str, bytes | None], ...]

NAMES = (HEADER_TRACE_PARENT, HEADER_TRACE_STATE)
PREFIX = "ce_"
CONTENT_TYPE = "content-type"
LOOKED_AT = frozenset((*NAMES, *(PREFIX + name for name in NAMES), CONTENT_TYPE))
STRUCTURED = b"application/cloudevents+json"
# Version 00 is exactly this; a later version may be followed by more. ff is no version; zeros are no ids.
PARENT = re.compile(
    rb"(?!ff)(?P<version>[0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?P<more>-[ -~]*)?"
)
LONGEST_PARENT = 256
KEY = rb"(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})"
# No comma and no equals sign; the last character is no space.
MEMBER = re.compile(rb"[ \t]*(?:" + KEY + rb"=[ -+\--<>-~]{0,255}[!-+\--<>-~])?[ \t]*")
MOST_MEMBERS = 32
LONGEST_STATE = 512


def trace_headers(headers: Headers, value: bytes | None) -> Headers:
    """`traceparent` and `tracestate` of a record, as headers for what follows from it; none where it has no valid
    `traceparent`.

    The plain headers come before CloudEvents' `ce_` ones and these before the attributes of a structured event, which
    is looked into only where `content-type` says that it is one. Of a header given twice the last counts.
    """
    found = {}
    for name, content in headers:
        lowered = name.lower()
        if lowered in LOOKED_AT and content:
            found[lowered] = content
    if not found:
        return ()
    for prefix in ("", PREFIX):
        if traced := _traced(found.get(prefix + HEADER_TRACE_PARENT), found.get(prefix + HEADER_TRACE_STATE)):
            return traced
    if found.get(CONTENT_TYPE, b"").lower().startswith(STRUCTURED) and b'"traceparent"' in (value or b""):
        return _of_event(value or b"")
    return ()


def _of_event(value: bytes) -> Headers:
    try:
        event: Any = orjson.loads(value)
    except orjson.JSONDecodeError:
        return ()
    if not isinstance(event, dict):
        return ()
    parent, state = (event.get(name) for name in NAMES)
    if not isinstance(parent, str):
        return ()
    return _traced(parent.encode(), state.encode() if isinstance(state, str) else None)


def _traced(parent: bytes | None, state: bytes | None) -> Headers:
    if parent is None or not is_parent(parent):
        return ()
    if state is None or not is_state(state):
        return ((HEADER_TRACE_PARENT, parent),)
    return ((HEADER_TRACE_PARENT, parent), (HEADER_TRACE_STATE, state))


def is_parent(value: bytes) -> bool:
    """Whether it is a valid `traceparent`."""
    if len(value) > LONGEST_PARENT:
        return False
    found = PARENT.fullmatch(value)
    return found is not None and not (found["version"] == b"00" and found["more"])


def is_state(value: bytes) -> bool:
    """Whether it is a valid, not empty `tracestate` of no more than 512 bytes, which every party must pass on."""
    members = value.split(b",")
    if len(value) > LONGEST_STATE or len(members) > MOST_MEMBERS:
        return False
    keys = [member.partition(b"=")[0].strip() for member in members if member.strip()]
    return bool(keys) and len(set(keys)) == len(keys) and all(map(MEMBER.fullmatch, members))
