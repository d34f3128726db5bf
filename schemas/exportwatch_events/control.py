"""Control events: licenses, party lists, amendments of the law, and dispositions of alerts.

Read strictly, unlike ERP documents: control data fails closed, so a date or a status that cannot be read
makes the record unreadable. What it still says of *which* license, entry or instrument it is about is kept
(``ControlIdentity``), so that only that one has to be distrusted. An absent scope field does not restrict;
an empty list is kept apart from an absent one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    Field,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import to_json

from exportwatch_events import shapes
from exportwatch_events.catalogue import (
    MAX_VERSION,
    AmendmentStatus,
    ErrorCode,
    LicenseState,
    LicenseType,
    Verdict,
)
from exportwatch_events.control_fields import ControlModel, Day, Money, Quantity
from exportwatch_events.documents import Identifier, Version
from exportwatch_events.jsontext import salvage
from exportwatch_events.keys import split_control_key
from exportwatch_events.refusal import Fault, fault_of, parse, without_prefix

WHOLE_INSTRUMENT: Final = "*"
_PARTS_OF_LAW_KEY: Final = 3
_NAMES_OF_LICENSE: Final = ("license_no", "version")
_NAMES_OF_PARTY: Final = ("list_id", "entry_id", "version")
_NAMES_OF_LAW: Final = ("instrument_id", "limb")


class NamedParty(ControlModel):
    """A party that a license names. In the event it may also be a bare string, its name."""

    name: Identifier
    id: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_a_bare_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


Names = tuple[Identifier, ...]
Parties = Annotated[
    tuple[NamedParty, ...] | None,
    WithJsonSchema(
        {
            "type": ["array", "null"],
            "items": {
                "anyOf": [
                    {"type": "string", "minLength": 1},
                    shapes.record(
                        "a party", ("name",), name={"type": "string"}, id={"type": ["string", "null"]}
                    ),
                ]
            },
        }
    ),
]


class License(ControlModel):
    """A license, certificate or letter of intent, as it stands from ``status_from`` on.

    Validity days are inclusive. Either may be absent; a license without them covers nothing that needs them.
    """

    license_no: Identifier
    version: Version
    type: LicenseType
    status: LicenseState
    status_from: Day | None = None
    applied_on: Day | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    exporter: Identifier | None = None
    end_users: Parties = None
    consignees: Parties = None
    countries: Names | None = None
    control_codes: Names | None = None
    technology_entries: Names | None = None
    quantity: Quantity | None = None
    value: Money | None = None
    contract_id: Identifier | None = None


class ListSuspension(ControlModel):
    """A time during which a party's listing does not operate; open-ended without ``until``."""

    from_: Day = Field(alias="from")
    until: Day | None = None


class PartyListEntry(ControlModel):
    """A party on a list. At least one of ``name`` and ``local_name`` is there.

    ``ids``: its numbers in public registers (USCC, LEI, DUNS, registration number); a document's party has one.
    """

    list_id: Identifier
    entry_id: Identifier
    version: Version = 0
    name: Identifier | None = None
    local_name: Identifier | None = None
    aliases: Names | None = None
    ids: Names | None = None
    country: str | None = None
    listed_from: Day | None = None
    suspended: tuple[ListSuspension, ...] | None = None
    delisted_on: Day | None = None
    source: str | None = None


class LawAmendment(ControlModel):
    """An announcement that changes the status of an instrument's limb, or brings a new instrument.

    ``from`` may be absent only where the status is ``extended`` (then: the suspension's old end), and
    there ``until`` must be given. ``entries`` are as the packs write them; the law's loader reads them.
    """

    instrument_id: Identifier
    limb: Identifier = WHOLE_INSTRUMENT
    status: AmendmentStatus
    from_: Day | None = Field(default=None, alias="from")
    until: Day | None = None
    until_inclusive: bool | None = None
    announced_by: Identifier
    confirmed_at: Day | None = None
    source: str | None = None
    entries: tuple[dict[str, Any], ...] | None = None


class Disposition(ControlModel):
    """What the case-management system decided on an alert (reserved)."""

    alert_id: Identifier
    episode: Annotated[int, Field(ge=1, le=MAX_VERSION)]
    revision_seen: Annotated[int, Field(ge=1, le=MAX_VERSION)]
    verdict: Verdict
    by: Identifier
    until: Day | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ControlIdentity:
    """What an unreadable control record still says about itself; None where it does not.

    ``limb`` is never None where ``instrument_id`` is known: a limb that cannot be read is the whole
    instrument.
    """

    license_no: str | None = None
    list_id: str | None = None
    entry_id: str | None = None
    instrument_id: str | None = None
    limb: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class UnreadableControl:
    """The outcome of a control record that must be distrusted. ``message`` shows no value of it."""

    code: ErrorCode
    message: str
    field: str | None
    identity: ControlIdentity


_Model = TypeVar("_Model", bound=ControlModel)
Fields = Mapping[str, Any]


def read_license(value: bytes, key: bytes | None = None) -> License | UnreadableControl:
    """The license in a record. The record's ``key`` names it where the value does not."""
    event, fields = _read(License, value, _NAMES_OF_LICENSE)
    if not isinstance(event, Fault):
        return event
    number, version = split_control_key(key)
    return _unreadable(
        event,
        ControlIdentity(
            license_no=_text(fields, "license_no") or "/".join(number) or None,
            version=_version(fields, version),
        ),
    )


def read_party(value: bytes, key: bytes | None = None) -> PartyListEntry | UnreadableControl:
    """The party-list entry in a record. The record's ``key`` names it where the value does not."""
    event, fields = _read(PartyListEntry, value, _NAMES_OF_PARTY)
    if isinstance(event, PartyListEntry) and event.name is None and event.local_name is None:
        event = Fault(
            ErrorCode.FIELD_MISSING, 'one of the fields "name" and "local_name" is required', "name"
        )
    if not isinstance(event, Fault):
        return event
    (list_id, *entry_id), version = split_control_key(key)
    return _unreadable(
        event,
        ControlIdentity(
            list_id=_text(fields, "list_id") or list_id or None,
            entry_id=_text(fields, "entry_id") or "/".join(entry_id) or None,
            version=_version(fields, version),
        ),
    )


def read_law(value: bytes, key: bytes | None = None) -> LawAmendment | UnreadableControl:
    """The amendment in a record. The record's ``key`` names the instrument where the value does not."""
    event, fields = _read(LawAmendment, value, _NAMES_OF_LAW)
    if isinstance(event, LawAmendment):
        event = _fault_of_days(event) or event
    if not isinstance(event, Fault):
        return event
    of_key, _ = split_control_key(key)
    instrument_id, limb = _text(fields, "instrument_id"), _text(fields, "limb")
    if instrument_id is None and len(of_key) == _PARTS_OF_LAW_KEY:
        instrument_id, limb = of_key[0] or None, of_key[1] or None
    return _unreadable(
        event,
        ControlIdentity(
            instrument_id=instrument_id, limb=(limb or WHOLE_INSTRUMENT) if instrument_id else None
        ),
    )


def _read(model: type[_Model], value: bytes, names: tuple[str, ...]) -> tuple[_Model | Fault, Fields]:
    """The event, or what is wrong with it; and the fields that could be read."""
    text = without_prefix(value)
    fields = parse(text)
    if isinstance(fields, Fault):
        return fields, salvage(text, names)
    said = {
        name: value
        for name, value in fields.items()
        if value is not None or name not in model.model_fields or model.model_fields[name].is_required()
    }
    try:
        return model.model_validate_json(to_json(said, inf_nan_mode="constants")), fields
    except ValidationError as error:
        return fault_of(error), fields


def _fault_of_days(amendment: LawAmendment) -> Fault | None:
    """``until`` says how far a suspension was extended; every other status begins on a day."""
    field = "until" if amendment.status is AmendmentStatus.EXTENDED else "from"
    day = amendment.until if field == "until" else amendment.from_
    if day is not None:
        return None
    message = f'field "{field}" is missing; it is required where status is {amendment.status}'
    return Fault(ErrorCode.FIELD_MISSING, message, field)


def _unreadable(fault: Fault, identity: ControlIdentity) -> UnreadableControl:
    return UnreadableControl(fault.code, fault.message, fault.field, identity)


def _text(fields: Fields, name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and value != "" else None


def _version(fields: Fields, of_key: int | None) -> int | None:
    value = fields.get("version")
    return value if type(value) is int and 0 <= value <= MAX_VERSION else of_key
