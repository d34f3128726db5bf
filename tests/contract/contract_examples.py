"""The examples of the wire contract, read and held against the models.

``valid/EVENT/*.json`` is an event as it is published. ``valid/EVENT/*.yaml`` and ``invalid/EVENT/*.yaml``
describe a record: a ``base`` (a valid JSON example of the same event) with ``set`` and ``drop``, or ``text``;
``hex`` bytes before it; ``headers``; ``max_bytes``; and what is ``expect``-ed of it. ``complaints`` is pure:
a folder in, sentences out.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from exportwatch_events.control import UnreadableControl, read_law, read_license, read_party
from exportwatch_events.envelope import Unreadable, read_document
from exportwatch_events.export import EVENTS
from exportwatch_events.refusal import fault_of

DOCUMENTS = ("shipment", "shipment-cancellation", "contract", "contract-cancellation")
CONTROL = {"license": read_license, "party-list-entry": read_party, "law-amendment": read_law}
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_EXPECTED = frozenset({"code", "field", "document"})


@dataclass(frozen=True)
class Described:
    """A record that a YAML example describes. Unknown keys are a ``TypeError``."""

    why: str
    expect: Mapping[str, str | None]
    base: str | None = None
    set: Mapping[str, Any] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    text: str | None = None
    hex: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    max_bytes: int | None = None

    def value(self, folder: Path) -> bytes:
        prefix = bytes.fromhex(self.hex)
        if self.base is None:
            return prefix + (self.text or "").encode()
        body = json.loads((folder / f"{self.base}.json").read_text("utf-8"))
        for path, new in self.set.items():
            place, last = _place(body, path)
            place[last] = new
        for path in self.drop:
            place, last = _place(body, path)
            del place[last]
        return prefix + json.dumps(body).encode()


@dataclass(frozen=True)
class Outcome:
    """What a reader said: the model's name, or error code and field; and the document that it named."""

    read_as: str | None
    code: str | None = None
    field: str | None = None
    document: str | None = None


def complaints(folder: Path) -> list[str]:
    """One sentence for everything that is wrong with the examples in ``folder``; none: all is well."""
    return sorted(
        [
            *_strangers(folder),
            *_gaps(folder),
            *(sentence for path in _valid_json(folder) for sentence in _judge_event(path)),
            *(sentence for path in _described(folder) for sentence in _judge_record(folder, path)),
        ]
    )


def _valid_json(folder: Path) -> Iterator[Path]:
    return (path for event in EVENTS for path in (folder / "valid" / event).glob("*.json"))


def _described(folder: Path) -> Iterator[Path]:
    return (
        path
        for kind in ("valid", "invalid")
        for event in EVENTS
        for path in (folder / kind / event).glob("*.yaml")
    )


def _strangers(folder: Path) -> Iterator[str]:
    known = {*_valid_json(folder), *_described(folder)}
    for path in folder.rglob("*"):
        if path.is_file() and path not in known:
            yield f"{path.relative_to(folder)}: is no example of a known event, and nothing checks it"


def _gaps(folder: Path) -> Iterator[str]:
    for event in EVENTS:
        if not list((folder / "valid" / event).glob("*.json")):
            yield f"valid/{event}: has no example"
        if not list((folder / "invalid" / event).glob("*.yaml")):
            yield f"invalid/{event}: has no example"


def _judge_event(path: Path) -> Iterator[str]:
    name, event = f"valid/{path.parent.name}/{path.name}", path.parent.name
    try:
        outcome = read(event, path.read_bytes())
    except ValueError as error:
        yield f"{name}: {error}"
        return
    if outcome.read_as != EVENTS[event].__name__:
        yield f"{name}: expected {EVENTS[event].__name__}, got {outcome}"


def _judge_record(folder: Path, path: Path) -> Iterator[str]:
    kind, event = path.parent.parent.name, path.parent.name
    name = f"{kind}/{event}/{path.name}"
    try:
        record = Described(**yaml.safe_load(path.read_text("utf-8")))
        value = record.value(folder / "valid" / event)
    except (TypeError, ValueError, KeyError, IndexError, OSError, yaml.YAMLError) as error:
        yield f"{name}: cannot be used: {error}"
        return
    outcome = read(event, value, record.headers, record.max_bytes)
    if unknown := record.expect.keys() - _EXPECTED:
        yield f"{name}: expects what is not known: {', '.join(sorted(unknown))}"
    if (outcome.code is None) != (kind == "valid"):
        yield f"{name}: is not {kind}: {outcome}"
    required = {"code", "field"} if kind == "invalid" else {"document"}
    if lacking := required - record.expect.keys():
        yield f"{name}: must expect {', '.join(sorted(lacking))}"
    for expected, wanted in record.expect.items():
        if (got := getattr(outcome, expected, None)) != wanted:
            yield f"{name}: expected {expected} {wanted}, got {got}"


def read(
    event: str, value: bytes, headers: Mapping[str, str] | None = None, max_bytes: int | None = None
) -> Outcome:
    """What the reader of an event makes of a record's value."""
    if event in DOCUMENTS:
        sent = [(name, text.encode()) for name, text in (headers or {}).items()]
        return _of_document(read_document(value, sent, max_bytes))
    if event in CONTROL:
        return _of_control(CONTROL[event](value))
    try:
        return Outcome(type(EVENTS[event].model_validate_json(value)).__name__)
    except ValidationError as error:
        fault = fault_of(error)
        return Outcome(None, fault.code, fault.field)


def _of_document(outcome: Any) -> Outcome:
    document = outcome.document
    named = None if document is None else f"{document.key}@{document.version}"
    if isinstance(outcome, Unreadable):
        return Outcome(None, outcome.code, outcome.field, named)
    return Outcome(type(outcome).__name__, document=named)


def _of_control(outcome: Any) -> Outcome:
    if not isinstance(outcome, UnreadableControl):
        return Outcome(type(outcome).__name__)
    told = outcome.identity
    parts = (told.license_no, told.list_id, told.entry_id, told.instrument_id, told.limb)
    named = "/".join(part for part in parts if part is not None) or None
    return Outcome(None, outcome.code, outcome.field, named)


def _place(body: Any, path: str) -> tuple[Any, Any]:
    """The container and the last step of a path such as ``items[0].item_id``."""
    steps = [int(index) if index else name for name, index in _STEP.findall(path)]
    for step in steps[:-1]:
        body = body[step]
    return body, steps[-1]
