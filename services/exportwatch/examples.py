"""The example events as Kafka records: what an ERP, a license desk and a law desk would publish.

Read from `examples/` of the source tree, or from its copy in the wheel. Nothing is published here.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from exportwatch_events import catalogue
from exportwatch_events.keys import law_key, license_key, party_key

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class ExampleRecord:
    """One record to publish, and where it is described."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    origin: str = ""


def control_records(folder: Traversable | None = None) -> tuple[ExampleRecord, ...]:
    """Licenses, party lists and law: to be published before the documents that they bear on."""
    control = (folder or examples_folder()) / "control"
    return (
        *_control(catalogue.LAW, control / "law.jsonl", _law_key),
        *_control(catalogue.LICENSES, control / "licenses.jsonl", _license_key),
        *_control(catalogue.PARTIES, control / "parties.jsonl", _party_key),
    )


def document_records(folder: Traversable | None = None) -> tuple[ExampleRecord, ...]:
    """Contracts, shipments and raw records, in the order in which the ERP publishes them."""
    root = folder or examples_folder()
    contracts = _documents(catalogue.CONTRACTS, "contract_id", root / "contracts")
    shipments = _documents(catalogue.SHIPMENTS, "shipment_id", root / "shipments")
    return (*contracts, *shipments, *raw_records(root / "raw.yaml"))


def raw_records(file: Traversable) -> tuple[ExampleRecord, ...]:
    described = yaml.safe_load(file.read_text("utf-8"))
    return tuple(_raw(entry, f"{file.name}: {entry['what']}") for entry in described)


def raw_outcomes(file: Traversable) -> Mapping[str, str]:
    """What becomes of each raw record, by its description: `decided` or an error code."""
    return {entry["what"]: entry["outcome"] for entry in yaml.safe_load(file.read_text("utf-8"))}


def examples_folder() -> Traversable:
    sources = Path(__file__).parents[2] / "examples"
    return sources if sources.is_dir() else resources.files("exportwatch") / "example_files"


def _documents(topic: str, number: str, folder: Traversable) -> Iterator[ExampleRecord]:
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        for origin, line in _lines(file):
            body = json.loads(line)
            key = str(body.get("data", body)[number]).encode()
            envelope = "application/cloudevents+json" if "specversion" in body else "application/json"
            yield ExampleRecord(topic, key, line, (("content-type", envelope.encode()),), origin)


def _control(
    topic: str, file: Traversable, key_of: Callable[[Mapping[str, Any]], bytes]
) -> Iterator[ExampleRecord]:
    for origin, line in _lines(file):
        yield ExampleRecord(topic, key_of(json.loads(line)), line, (), origin)


def _law_key(body: Mapping[str, Any]) -> bytes:
    return law_key(body["instrument_id"], body.get("limb", "*"), body["announced_by"])


def _license_key(body: Mapping[str, Any]) -> bytes:
    return license_key(body["license_no"], body["version"])


def _party_key(body: Mapping[str, Any]) -> bytes:
    return party_key(body["list_id"], body["entry_id"], body.get("version", 0))


def _lines(file: Traversable) -> Iterator[tuple[str, bytes]]:
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        yield f"{file.name}:{number}", line


def _raw(entry: Mapping[str, Any], origin: str) -> ExampleRecord:
    value = None if entry["value"] is None else b"".join(map(_part, entry["value"]))
    headers = tuple((name, text.encode()) for name, text in entry.get("headers", {}).items())
    key = entry["key"].encode() if "key" in entry else None
    return ExampleRecord(entry["topic"], key, value, headers, origin)


def _part(part: Mapping[str, Any]) -> bytes:
    content = base64.b64decode(part["base64"]) if "base64" in part else part["text"].encode()
    return bytes(content * part.get("times", 1))
