"""What an ERP publishes: shipments, contracts and their cancellations.

Required fields have strict JSON types. Every optional field is ``Any`` at run time: an unknown unit, a
date without offset or NaN is data to judge, never a reason to refuse the record; its documented type
stands in the JSON Schema only. ``None`` means unknown, and so does absence. Extra fields are ignored.
Numbers in ``Any`` fields are ``int`` or ``float`` (NaN and infinities included) as the JSON text has them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from exportwatch_events import shapes
from exportwatch_events.catalogue import DEFAULT_TENANT, MAX_VERSION, DocumentType
from exportwatch_events.keys import document_key

Identifier = Annotated[str, Field(min_length=1)]
Version = Annotated[int, Field(ge=0, le=MAX_VERSION)]

OptionalText = Annotated[Any, WithJsonSchema({"type": ["string", "null"]})]
OptionalFlag = Annotated[Any, WithJsonSchema({"type": ["boolean", "null"]})]
OptionalDay = Annotated[Any, WithJsonSchema(shapes.DAY)]
OptionalCountry = Annotated[Any, WithJsonSchema(shapes.COUNTRY)]

EARLIEST_YEAR = 1900
LATEST_YEAR = 2999


@lru_cache(maxsize=4096)
def moment_of(text: str) -> datetime | None:
    """The moment that an ISO 8601 date-time with offset names; None if it is not one, or of no use.

    Years outside 1900 to 2999 (the null dates of ERP systems) are not accepted: they cannot be moved to
    another offset safely. Digits beyond microseconds are cut off.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None or not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        return None
    return moment


def utc_text(moment: datetime) -> str:
    """``YYYY-MM-DDTHH:MM:SS.ffffffZ``: fixed in width, so that texts sort as the moments do."""
    return moment.astimezone(UTC).isoformat("T", "microseconds")[:26] + "Z"


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """Names one version of a document. ``event_time`` is as ``utc_text`` writes it.

    Of an unreadable record ``version``, ``event_id`` and ``event_time`` may be unknown.
    """

    key: str
    type: DocumentType
    id: str
    tenant: str
    source: str
    version: int | None
    event_id: str | None
    event_time: str | None


class EventModel(BaseModel):
    """Settings of every model that is read from an ERP."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, populate_by_name=False)


class Place(EventModel):
    """A country, and where in it. The country may be one that does not exist."""

    country: str = Field(json_schema_extra={"pattern": "^[A-Z]{2}$", "description": "ISO 3166-1 alpha-2"})
    unlocode: OptionalText = None
    zone: Annotated[Any, WithJsonSchema(shapes.PLACE["properties"]["zone"])] = None


class Party(EventModel):
    """Who takes part, and as what. A role that is not known is data to judge."""

    role: str = Field(json_schema_extra=shapes.ROLE)
    name: str
    local_name: OptionalText = None
    aliases: Annotated[Any, WithJsonSchema(shapes.NAMES)] = None
    country: OptionalCountry = None
    id: OptionalText = None
    owners: Annotated[Any, WithJsonSchema(shapes.OWNERS)] = None


class Item(EventModel):
    """One line of a shipment, or the goods or technology of a contract."""

    item_id: Identifier
    kind: Annotated[Any, WithJsonSchema(shapes.KIND)] = None
    description: str
    descriptions: Annotated[Any, WithJsonSchema(shapes.TEXTS)] = None
    material_no: OptionalText = None
    model: OptionalText = None
    grade: OptionalText = None
    brand: OptionalText = None
    hs_code: OptionalText = None
    hs_year: Annotated[Any, WithJsonSchema(shapes.HS_YEAR)] = None
    cas: Annotated[Any, WithJsonSchema(shapes.CAS)] = None
    composition: Annotated[Any, WithJsonSchema(shapes.COMPOSITION)] = None
    form: Annotated[Any, WithJsonSchema(shapes.FORM)] = None
    parameters: Annotated[Any, WithJsonSchema(shapes.PARAMETERS)] = None
    quantity: Annotated[Any, WithJsonSchema(shapes.QUANTITY)] = None
    net_mass: Annotated[Any, WithJsonSchema(shapes.QUANTITY)] = None
    value: Annotated[Any, WithJsonSchema(shapes.MONEY)] = None
    country_of_origin: OptionalCountry = None
    chinese_content_percent: Annotated[Any, WithJsonSchema(shapes.PERCENT)] = None
    uses_chinese_technology: OptionalFlag = None
    declared_control_code: OptionalText = None
    license: OptionalText = None
    customs_remark: OptionalText = None
    deliverables: Annotated[Any, WithJsonSchema(shapes.DELIVERABLES)] = None


class _Event(EventModel):
    """What every ERP event has. ``event_time`` is the text as sent: see ``moment``."""

    event_id: Identifier
    event_time: str = Field(json_schema_extra={"format": "date-time"})
    source: Identifier
    tenant: Identifier = DEFAULT_TENANT
    version: Version

    @property
    def moment(self) -> datetime:
        """``event_time`` as an aware date-time. ``read_document`` hands out no event without one."""
        moment = moment_of(self.event_time)
        if moment is None:
            raise ValueError("event_time is not a date-time with offset between 1900 and 2999")
        return moment

    @property
    def document_type(self) -> DocumentType:
        raise NotImplementedError

    @property
    def document_id(self) -> str:
        raise NotImplementedError

    @property
    def document_key(self) -> str:
        return document_key(self.tenant, self.source, self.document_type, self.document_id)

    @property
    def document(self) -> DocumentRef:
        """The version of the document that this event states."""
        return DocumentRef(
            self.document_key,
            self.document_type,
            self.document_id,
            self.tenant,
            self.source,
            self.version,
            self.event_id,
            utc_text(self.moment),
        )


class _OfShipment(_Event):
    shipment_id: Identifier

    @property
    def document_type(self) -> DocumentType:
        return DocumentType.SHIPMENT

    @property
    def document_id(self) -> str:
        return self.shipment_id


class _OfContract(_Event):
    contract_id: Identifier

    @property
    def document_type(self) -> DocumentType:
        return DocumentType.CONTRACT

    @property
    def document_id(self) -> str:
        return self.contract_id


class _Transaction(_Event):
    """What shipments and contracts have in common. Tuples may be empty, but never ``items``."""

    from_: Place = Field(alias="from")
    to: Place
    parties: tuple[Party, ...]
    end_use: Annotated[Any, WithJsonSchema(shapes.END_USE)] = None
    licenses: Annotated[Any, WithJsonSchema(shapes.LICENSES)] = None
    items: Annotated[tuple[Item, ...], Field(min_length=1)]


class ShipmentEvent(_Transaction, _OfShipment):
    """A shipment was created, changed or has departed (topic ``erp.shipments.v1``)."""

    event_type: Literal["shipment.created", "shipment.changed", "shipment.departed"]
    contract_id: OptionalText = None
    export_date: OptionalDay = None
    via: Annotated[Any, WithJsonSchema(shapes.VIA)] = None
    customs_regime: OptionalText = None


class ContractEvent(_Transaction, _OfContract):
    """A contract was created or changed (topic ``erp.contracts.v1``)."""

    event_type: Literal["contract.created", "contract.changed"]
    contract_type: str = Field(json_schema_extra=shapes.CONTRACT_TYPE)
    stage: str = Field(json_schema_extra=shapes.STAGE)
    transfer_date: OptionalDay = None
    consideration: Annotated[Any, WithJsonSchema(shapes.CONSIDERATION)] = None
    title: OptionalText = None
    description: OptionalText = None
    recipient_location: Annotated[Any, WithJsonSchema(shapes.RECIPIENT_LOCATION)] = None
    intra_group: OptionalFlag = None
    letter_of_intent: OptionalText = None
    license: OptionalText = None


class Cancellation(_Event):
    """A document is off. Whatever else the event says is ignored."""


class ShipmentCancellation(Cancellation, _OfShipment):
    """A shipment will not take place."""

    event_type: Literal["shipment.cancelled"]


class ContractCancellation(Cancellation, _OfContract):
    """A contract will not be performed."""

    event_type: Literal["contract.cancelled"]


DocumentEvent = ShipmentEvent | ContractEvent | Cancellation
