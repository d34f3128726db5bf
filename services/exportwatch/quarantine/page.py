"""Entries and records as text for a terminal. Pure.

What producers sent is shown so that it can do nothing to the terminal: control characters and those that turn
the direction of text are escaped.
"""

import json
from collections.abc import Iterator, Sequence

from exportwatch.quarantine.entries import Entry
from exportwatch.streaming.trace import Headers
from exportwatch.streaming.wire import InputRecord, parted_headers

MESSAGE_CHARACTERS = 100
BYTES_A_LINE = 16


def table(entries: Sequence[Entry], *, with_state: bool) -> Iterator[str]:
    """A heading and a line each, in columns; the message last."""
    rows = [("id", "when", "source", "code", "document", "message"), *map(_row, entries)]
    if with_state:
        states = ["state", *(entry.state for entry in entries)]
        rows = [(id_, state, *rest) for (id_, *rest), state in zip(rows, states, strict=True)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()


def _row(entry: Entry) -> tuple[str, ...]:
    message = visible(entry.message).replace("\n", " ")
    if len(message) > MESSAGE_CHARACTERS:
        message = message[: MESSAGE_CHARACTERS - 1] + "…"
    document = visible(entry.document or "-").replace("\n", " ")
    return (str(entry.ids[0]), entry.when, entry.source.text, entry.code, document, message)


def whole(entry: Entry, record: InputRecord) -> Iterator[str]:
    """All that there is to see of a record: what is wrong with it, what was done, its headers, key and value."""
    theirs, _ = parted_headers(record.headers)
    yield f"{entry.ids[0]}  {entry.code}  {entry.state}"
    yield f"what is wrong: {visible(entry.message)}"
    yield f"quarantined:   {entry.when}"
    yield f"came from:     {entry.source.text}"
    if entry.ids[1:]:
        yield f"copies:        {', '.join(map(str, entry.ids[1:]))}"
    if entry.document is not None:
        yield f"document:      {visible(entry.document)}"
    if entry.replay_of is not None:
        yield f"replay of:     {visible(entry.replay_of)}"
    if entry.done is not None:
        reason = f": {visible(entry.done.reason)}" if entry.done.reason else ""
        done = f"by {entry.done.by} at {entry.done.at} with `{entry.done.command}`"
        yield f"{entry.state}:      {visible(done)}{reason}"
    yield from _headers(theirs)
    yield f"key: {'none' if record.key is None else readable(record.key)}"
    if record.value is None:
        yield "value: none"
    else:
        yield f"value ({len(record.value)} bytes):"
        yield readable(record.value)


def _headers(headers: Headers) -> Iterator[str]:
    yield "headers: none" if not headers else "headers:"
    for name, value in headers:
        yield f"  {visible(name)}: {'none' if value is None else readable(value)}"


def readable(data: bytes) -> str:
    """JSON objects and lists indented, other text as it is, and what is not UTF-8 as a hex dump."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return "\n".join(_dump(data))
    if text.lstrip()[:1] in ("{", "["):
        try:
            return visible(json.dumps(json.loads(text), indent=2, ensure_ascii=False))
        except (ValueError, RecursionError):
            pass
    return visible(text)


def visible(text: str) -> str:
    """With what does not print escaped, line ends excepted."""
    return "".join(
        one if one.isprintable() or one == "\n" else one.encode("unicode_escape").decode() for one in text
    )


def _dump(data: bytes) -> Iterator[str]:
    yield "not UTF-8:"
    for start in range(0, len(data), BYTES_A_LINE):
        part = data[start : start + BYTES_A_LINE]
        text = "".join(chr(one) if 32 <= one < 127 else "." for one in part)
        yield f"  {start:08x}  {part.hex(' ').ljust(BYTES_A_LINE * 3 - 1)}  {text}"
