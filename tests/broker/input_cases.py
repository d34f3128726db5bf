"""Records as ERP systems send them, good, odd and broken, and what must become of each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Producer
from harness import shipment
from kafka.admin import ConfigResource, ConfigResourceType

from exportwatch.broker.provision import admin_client
from exportwatch_events.catalogue import CONTRACTS, SHIPMENTS

Place = tuple[str, int, int]
Headers = Sequence[tuple[str, bytes | None]]
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Sent:
    """A record as it is published. `number` is that of its shipment."""

    number: int
    value: bytes | None
    headers: Headers = ()
    key: bytes | None = None
    topic: str = SHIPMENTS


@dataclass(frozen=True)
class Refused:
    """A record for quarantine. `version`: of the decision that its document gets; None: it names none."""

    sent: Sent
    code: str
    says: str
    version: int | None = None


def oxide(number: int, version: int = 1, **changes: Any) -> dict[str, Any]:
    """A shipment of dysprosium oxide to Germany, which needs a license; `changes` are to its item."""
    item = {"item_id": "1", "description": "dysprosium oxide", "cas": ["1308-87-8"], "form": "oxide"}
    return shipment(number, version, items=[item | changes])


def dump(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event).encode()


def lacking(number: int, *fields: str) -> bytes:
    return dump({name: value for name, value in oxide(number).items() if name not in fields})


def nested(levels: int) -> list[Any]:
    return [nested(levels - 1)] if levels else []


def binary(number: int, event_type: str = "shipment.created") -> Sent:
    """CloudEvents attributes in headers; the body does not repeat them."""
    return Sent(
        number,
        lacking(number, "event_id", "event_type", "event_time", "source"),
        (
            ("ce_specversion", b"1.0"),
            ("ce_id", b"e-ce"),
            ("ce_type", f"com.example.erp.{event_type}.v1".encode()),
            ("ce_time", b"2026-03-02T08:00:00+08:00"),
            ("ce_source", b"ERP-P01"),
            ("content-type", b"application/json"),
        ),
    )


def structured(number: int) -> Sent:
    envelope = {
        "specversion": "1.0",
        "id": "e-ce",
        "type": "com.example.erp.shipment.created.v1",
        "time": "2026-03-02T08:00:00+08:00",
        "source": "ERP-P01",
        "datacontenttype": "application/json",
        "data": json.loads(lacking(number, "event_id", "event_type", "event_time", "source")),
    }
    return Sent(number, dump(envelope), (("content-type", b"application/cloudevents+json; charset=UTF-8"),))


# Forms of one and the same shipment: each must be read and found to need a license.
FORMS = {
    "plain, keyless": Sent(1, dump(oxide(1))),
    "plain, keyed": Sent(2, dump(oxide(2)), key=b"S2"),
    "an empty key": Sent(3, dump(oxide(3)), key=b""),
    "CloudEvents, binary": binary(4),
    "CloudEvents, structured": structured(5),
    "a schema-registry prefix": Sent(6, b"\x00\x00\x00\x00\x2a" + dump(oxide(6))),
    "headers of others, one null": Sent(7, dump(oxide(7)), (("traceparent", b"00-aa"), ("x", None))),
    "escapes and spaces": Sent(
        8, json.dumps(oxide(8), indent=4).replace("dysprosium", "\\u0064ysprosium").encode()
    ),
    "a shipment in the topic of contracts": Sent(9, dump(oxide(9)), topic=CONTRACTS),
}
# Odd data in a readable record: the fact that is read as unknown and named in a reason.
ODD = {
    "a CAS number with a bad check digit": (oxide(21, cas=["1308-87-9"]), "cas[0]"),
    "a date-time without offset": (oxide(22) | {"export_date": "2026-03-10T08:00:00"}, "export_date"),
    "an unknown country": (oxide(23) | {"to": {"country": "XX"}}, "to.country"),
    "a negative quantity": (oxide(24, quantity={"value": -5, "unit": "KGM"}), "quantity"),
    "a quantity that is not a number": (
        oxide(25, quantity={"value": float("nan"), "unit": "KGM"}),
        "quantity",
    ),
}
BAD = {
    "not JSON": Refused(
        Sent(41, b"{'shipment'}", key=b"k", headers=[("h", b"1"), ("h", None)]), "NOT_JSON", "not JSON"
    ),
    "cut off, its document still readable": Refused(
        Sent(42, dump(oxide(42))[:-20]), "NOT_JSON", "not JSON", 1
    ),
    "UTF-16": Refused(Sent(43, json.dumps(oxide(43)).encode("utf-16-le")), "NOT_JSON", "not"),
    "Latin-1": Refused(
        Sent(44, json.dumps(oxide(44, brand="Händler"), ensure_ascii=False).encode("latin-1")),
        "NOT_JSON",
        "not UTF-8",
        1,
    ),
    "a null value": Refused(Sent(45, None, key=b"S45"), "NOT_JSON", "null value"),
    "neither key nor value": Refused(Sent(46, None), "NOT_JSON", "null value"),
    "an empty value": Refused(Sent(47, b""), "NOT_JSON", "empty"),
    "a list": Refused(Sent(48, b"[{}]"), "NOT_JSON", "a list"),
    "a missing required field": Refused(Sent(49, lacking(49, "parties")), "FIELD_MISSING", "parties", 1),
    "a missing version": Refused(Sent(50, lacking(50, "version")), "FIELD_MISSING", "version", 0),
    "an unknown event type": Refused(
        Sent(51, dump(oxide(51) | {"event_type": "shipment.teleported"})),
        "UNKNOWN_TYPE",
        "shipment.teleported",
        1,
    ),
    "an unknown CloudEvents type": Refused(binary(52, "delivery.posted"), "UNKNOWN_TYPE", "event_type", 1),
    "an event time without offset": Refused(
        Sent(53, dump(oxide(53) | {"event_time": "2026-03-02T08:00:00"})), "FIELD_TYPE", "event_time", 1
    ),
    "a negative version": Refused(Sent(54, dump(oxide(54) | {"version": -1})), "FIELD_TYPE", "version", 0),
    "a version that is not a number": Refused(
        Sent(55, dump(oxide(55) | {"version": float("nan")})), "FIELD_TYPE", "version", 0
    ),
    "two items with one id": Refused(
        Sent(56, dump(oxide(56) | {"items": oxide(56)["items"] * 2})), "DUPLICATE_ITEM", "items[1].item_id", 1
    ),
    "nested 100 deep": Refused(Sent(57, dump(oxide(57) | {"remarks": nested(100)})), "TOO_DEEP", "64", 1),
    "nested 100,000 deep": Refused(Sent(58, b"[" * 100_000), "TOO_DEEP", "64"),
}
FIVE_MEGABYTES = oxide(60, description="dysprosium oxide " + "x" * 5 * MEGABYTE)
CODECS = ("snappy", "lz4", "zstd", "gzip")


class Sender:
    """Publishes named records and keeps where each was put."""

    def __init__(self, bootstrap: str, places: dict[str, Place], **options: Any) -> None:
        common = {"bootstrap.servers": bootstrap, "message.max.bytes": 20 * MEGABYTE, "linger.ms": 5}
        self._producer = Producer(common | options)
        self._places = places

    def send(self, name: str, sent: Sent) -> None:
        def placed(error: Any, done: Any) -> None:
            assert error is None, f"{name}: {error}"
            self._places[name] = (done.topic(), done.partition(), done.offset())

        self._producer.produce(
            sent.topic, sent.value, key=sent.key, headers=list(sent.headers), on_delivery=placed
        )
        self._producer.flush()


def allow(bootstrap: str, topic: str, size: int) -> None:
    with admin_client(bootstrap) as admin:
        admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic, configs={"max.message.bytes": str(size)})]
        )
