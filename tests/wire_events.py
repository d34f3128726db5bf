"""A shipment and the licence that covers it, in the form of the wire: where tests of commands begin."""

import json
from pathlib import Path
from typing import Any

SHIPMENT: dict[str, Any] = {
    "event_id": "EV-1",
    "event_type": "shipment.created",
    "event_time": "2025-09-01T08:00:00+08:00",
    "source": "ERP-TEST",
    "shipment_id": "S-1",
    "version": 1,
    "export_date": "2025-09-02",
    "from": {"country": "CN"},
    "to": {"country": "DE"},
    "parties": [
        {"role": "exporter", "name": "Example Exporter Co Ltd"},
        {"role": "end_user", "name": "Example Industries GmbH", "country": "DE"},
    ],
    "items": [{"item_id": "1", "description": "Dysprosium oxide 99.5 %", "form": "oxide"}],
}
LICENSE: dict[str, Any] = {
    "license_no": "L-1",
    "version": 1,
    "type": "dual_use_individual",
    "status": "granted",
    "valid_from": "2025-08-01",
    "valid_to": "2026-07-31",
    "control_codes": ["1C905"],
    "countries": ["DE"],
}


def lines(*events: object) -> bytes:
    """One event a line; text and bytes as they are."""
    return b"".join(_line(event) + b"\n" for event in events)


def written(folder: Path, name: str, *events: object) -> str:
    """The path of a file with these lines."""
    path = folder / name
    path.write_bytes(lines(*events))
    return str(path)


def _line(event: object) -> bytes:
    match event:
        case bytes():
            return event
        case str():
            return event.encode()
        case _:
            return json.dumps(event).encode()
