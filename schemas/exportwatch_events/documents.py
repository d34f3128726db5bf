"""What an ERP publishes: shipments, contracts and their cancellations.

Required fields have strict JSON types. Every optional field is ``Any`` at run time: an unknown unit, a
date without offset or NaN is data to judge, never a reason to refuse the record; its documented type
stands in the JSON Schema only. ``None`` means unknown, and so does absence. Extra fields are ignored.
Numbers in ``Any`` fields are ``int`` or ``float`` (NaN and infinities included) as the JSON text has them.
Places, parties and items are no models but dictionaries of what is stated: they are read in two thirds of the time,
and written as they are. An event is frozen and they belong to it: nothing may change one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, Required

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, with_config
from typing_extensions import TypedDict  # pydantic takes typing's only from Python 3.12 on

from exportwatch_events import shapes
from exportwatch_events.catalogue import DEFAULT_TENANT, MAX_VERSION, DocumentType
from exportwatch_events.keys import document_key

Identifier = Annotated[str, Field(min_length=1)]
Version = Annotated[int, Field(ge=0, le=MAX_VERSION)]

OptionalText = Annotated[Any, WithJsonSchema({"type": ["string", "null"]})]
OptionalFlag = Annotated[Any, WithJsonSchema({"type": ["boolean", "null"]})]
OptionalDay = Annotated[Any, WithJsonSchema(shapes.DAY)]
_Country = Annotated[
    str, Field(json_schema_extra={"pattern": "^[A-Z]{2}$", "description": "ISO 3166-1 alpha-2"})
]
OptionalCountry = Annotated[Any, WithJsonSchema(shapes.COUNTRY)]

EARLIEST_YEAR = 1900
LATEST_YEAR = 2999
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
_EPOCH_IN_UTC = _EPOCH.replace(tzinfo=UTC)


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
    # By the distance from a fixed moment: `astimezone` and the offset's text take twice as long.
    return (_EPOCH + (moment - _EPOCH_IN_UTC)).isoformat("T", "microseconds") + "Z"


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


# The settings of all that is read from an ERP.
_TOLERANT = ConfigDict(frozen=True, extra="ignore", strict=True, populate_by_name=False)


@with_config(_TOLERANT)
class Place(TypedDict, total=False):
    """A country, and where in it. The country may be one that does not exist."""

    country: Required[_Country]
    unlocode: OptionalText
    zone: Annotated[Any, WithJsonSchema(shapes.PLACE["properties"]["zone"])]


@with_config(_TOLERANT)
class Party(TypedDict, total=False):
    """Who takes part, and as what. A role that is not known is data to judge."""

    role: Required[Annotated[str, Field(json_schema_extra=shapes.ROLE)]]
    name: Required[str]
    local_name: OptionalText
    aliases: Annotated[Any, WithJsonSchema(shapes.NAMES)]
    country: OptionalCountry
    id: OptionalText
    owners: Annotated[Any, WithJsonSchema(shapes.OWNERS)]


@with_config(_TOLERANT)
class Item(TypedDict, total=False):
    """One line of a shipment, or the goods or technology of a contract."""

    item_id: Required[Identifier]
    kind: Annotated[Any, WithJsonSchema(shapes.KIND)]
    description: Required[str]
    descriptions: Annotated[Any, WithJsonSchema(shapes.TEXTS)]
    material_no: OptionalText
    model: OptionalText
    grade: OptionalText
    brand: OptionalText
    hs_code: OptionalText
    hs_year: Annotated[Any, WithJsonSchema(shapes.HS_YEAR)]
    cas: Annotated[Any, WithJsonSchema(shapes.CAS)]
    composition: Annotated[Any, WithJsonSchema(shapes.COMPOSITION)]
    form: Annotated[Any, WithJsonSchema(shapes.FORM)]
    parameters: Annotated[Any, WithJsonSchema(shapes.PARAMETERS)]
    quantity: Annotated[Any, WithJsonSchema(shapes.QUANTITY)]
    net_mass: Annotated[Any, WithJsonSchema(shapes.QUANTITY)]
    value: Annotated[Any, WithJsonSchema(shapes.MONEY)]
    country_of_origin: OptionalCountry
    chinese_content_percent: Annotated[Any, WithJsonSchema(shapes.PERCENT)]
    uses_chinese_technology: OptionalFlag
    declared_control_code: OptionalText
    license: OptionalText
    customs_remark: OptionalText
    deliverables: Annotated[Any, WithJsonSchema(shapes.DELIVERABLES)]


class _Event(BaseModel):
    """What every ERP event has. ``event_time`` is the text as sent: see ``moment``."""

    model_config = _TOLERANT
    document_type: ClassVar[DocumentType]

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
    document_type: ClassVar = DocumentType.SHIPMENT

    shipment_id: Identifier

    @property
    def document_id(self) -> str:
        return self.shipment_id


class _OfContract(_Event):
    document_type: ClassVar = DocumentType.CONTRACT

    contract_id: Identifier

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
