"""A publisher, as the integration of an ERP would be: a delivery as the ERP holds it becomes a shipment event.

    python publisher.py --bootstrap HOST:PORT [--options FILE.json] DELIVERY.json …

Each file holds one delivery in the fields of an SAP-like document (see docs/publishing.md). FILE.json
holds further options of kafka-python: protocol, user and password, certificates. Needs kafka-python.
"""

import argparse
import json
import sys
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

TOPIC = "erp.shipments.v1"
ROLES = {"AG": "buyer", "WE": "consignee", "EU": "end_user", "SP": "freight_forwarder"}
UNITS = {"KG": "KGM", "G": "GRM", "TO": "TNE", "ST": "C62", "PC": "C62"}


def shipment_event(delivery: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The event of a delivery. What the ERP does not know is left out: it is never filled with a guess."""
    return _stated(
        {
            "event_id": str(uuid.uuid4()),
            "event_type": "shipment.created" if delivery["CHANGE"] == 0 else "shipment.changed",
            "event_time": now.isoformat(),
            "source": delivery["SYSTEM"],
            "shipment_id": delivery["VBELN"],
            # Grows with every change of the document; exportwatch counts the newest, in whatever order they arrive.
            "version": delivery["CHANGE"],
            "contract_id": delivery.get("VGBEL"),
            "export_date": _day(delivery.get("WADAT")),
            "from": {"country": delivery["LAND_FROM"]},
            "to": {"country": delivery["LAND_TO"]},
            "parties": list(_parties(delivery)),
            "items": [_item(line) for line in delivery["ITEMS"]],
        }
    )


def _parties(delivery: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"role": "exporter", "name": delivery["COMPANY"], "country": delivery["LAND_FROM"]}
    for partner in delivery["PARTNERS"]:
        if partner["PARVW"] in ROLES:
            role = ROLES[partner["PARVW"]]
            yield _stated({"role": role, "name": partner["NAME1"], "country": partner.get("LAND1")})


def _item(line: Mapping[str, Any]) -> dict[str, Any]:
    unit = UNITS.get(line.get("GEWEI", ""), line.get("GEWEI"))
    mass = {"value": line["NTGEW"], "unit": unit} if line.get("NTGEW") is not None else None
    return _stated(
        {
            "item_id": line["POSNR"],
            "material_no": line.get("MATNR"),
            "description": line["ARKTX"],
            "hs_code": line.get("STAWN"),
            "cas": line.get("CAS"),
            "net_mass": mass,
            "country_of_origin": line.get("HERKL"),
            "license": line.get("LICENSE"),
        }
    )


def _stated(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def _day(sap_date: str | None) -> str | None:
    """``20260310`` as ``2026-03-10``; eight zeros are how SAP writes no date."""
    if not sap_date or sap_date == "00000000":
        return None
    return f"{sap_date[:4]}-{sap_date[4:6]}-{sap_date[6:]}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--options", type=Path, help="JSON file with further options of KafkaProducer")
    parser.add_argument("deliveries", nargs="+", type=Path)
    options = parser.parse_args()
    # acks=all and idempotence: an event that is not acknowledged by the cluster was not published.
    more = json.loads(options.options.read_text()) if options.options else {}
    producer = KafkaProducer(bootstrap_servers=options.bootstrap, acks="all", enable_idempotence=True, **more)
    for file in options.deliveries:
        event = shipment_event(json.loads(file.read_text(encoding="utf-8")), datetime.now(UTC))
        sent = producer.send(
            TOPIC, json.dumps(event, ensure_ascii=False).encode(), event["shipment_id"].encode()
        )
        try:
            placed = sent.get(30)
        except KafkaError as refused:
            needed = f"the right Write on topic {TOPIC}"
            print(f"publisher: not published, which needs {needed}: {refused}", file=sys.stderr)  # noqa: T201
            sys.exit(2)
        where = f"{TOPIC}/{placed.partition}/{placed.offset}"
        print(f"{event['shipment_id']} version {event['version']}: {where}")  # noqa: T201 - the program's output
    producer.close()


if __name__ == "__main__":
    main()
