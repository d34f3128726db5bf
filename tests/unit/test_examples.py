"""The example events: readable as the contract says, complete, and nobody's real name."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from exportwatch.examples import (
    ExampleRecord,
    control_records,
    document_records,
    examples_folder,
    raw_outcomes,
)
from exportwatch_events.envelope import Unreadable, read_document

FICTITIOUS = re.compile(
    "Example|Sample|Specimen|Placeholder|Fictional|Muster|Contoh|Ejemplo|Exemplo|Exemple|Esempio"
    "|Voorbeeld|Ví Dụ"
)


def outcomes() -> Mapping[str, Mapping[str, Any]]:
    content: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
        (examples_folder() / "outcomes.yaml").read_text()
    )
    return content


def document_id(record: ExampleRecord) -> str | None:
    event = read_document(record.value, record.headers)
    if isinstance(event, Unreadable):
        return event.document.id if event.document else None
    return event.document_id


@pytest.mark.parametrize("record", document_records(), ids=lambda record: record.origin)
def test_each_example_is_readable_or_broken_as_described(record: ExampleRecord) -> None:
    event = read_document(record.value, record.headers)
    described = raw_outcomes(examples_folder() / "raw.yaml").get(record.origin.removeprefix("raw.yaml: "))
    if described in (None, "decided"):
        assert not isinstance(event, Unreadable), event
    else:
        assert isinstance(event, Unreadable)
        assert event.code == described


def test_each_document_has_an_outcome_and_each_outcome_a_document() -> None:
    assert {document_id(record) for record in document_records()} - {None} == set(outcomes())


def test_an_unnamed_broken_record_is_among_them() -> None:
    assert None in {document_id(record) for record in document_records()}


def test_every_company_is_plainly_fictitious() -> None:
    for record in document_records() + control_records():
        text = (record.value or b"").decode(errors="replace")
        names = re.findall(r'"name": "([^"]{3,})", (?:"local_name"|"country"|"aliases")', text)
        assert all(FICTITIOUS.search(name) for name in names), (record.origin, names)


def test_control_records_are_keyed_as_the_contract_says() -> None:
    keys = {record.topic: record.key for record in control_records()}
    assert keys["compliance.law.v1"] == b"CN-2025-56/*/EXAMPLE-ANNOUNCEMENT-1"
    assert keys["compliance.licenses.v1"] == b"EX-TECH-2026-0008@1"
    assert keys["compliance.parties.v1"] == b"cn-watch-list/EX-101@1"
