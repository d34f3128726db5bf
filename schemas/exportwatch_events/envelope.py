"""From a Kafka record to a document event, or to the reason why it cannot be read.

Plain JSON, CloudEvents 1.0 in structured and in binary mode, each with or without a schema-registry
prefix (one zero byte, four bytes of id). The topic is not asked: ``event_type`` decides what a record is.
Never raises for what a record holds.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Annotated, Any, Final, get_args

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from exportwatch_events.catalogue import EVENT_TYPES, MAX_DEPTH, ErrorCode
from exportwatch_events.documents import (
    ContractCancellation,
    ContractEvent,
    DocumentEvent,
    DocumentRef,
    Item,
    ShipmentCancellation,
    ShipmentEvent,
    moment_of,
)
from exportwatch_events.jsontext import deeper_than
from exportwatch_events.refusal import (
    Fault,
    Unreadable,
    fault_of,
    found,
    named_in_broken,
    parse,
    refuse,
    without_prefix,
)

__all__ = ["DocumentEvent", "DocumentRef", "Headers", "Unreadable", "read_document"]

Headers = Sequence[tuple[str, bytes | None]]

_AnyEvent = ShipmentEvent | ContractEvent | ShipmentCancellation | ContractCancellation
_MODELS: Final[tuple[type[_AnyEvent], ...]] = get_args(_AnyEvent)
_MODEL_OF: Final = {
    event_type: model
    for model in _MODELS
    for event_type in get_args(model.model_fields["event_type"].annotation)
}
_EVENT: Final = TypeAdapter[_AnyEvent](Annotated[_AnyEvent, Field(discriminator="event_type")]).validator
_FIELD_OF_ATTRIBUTE: Final[Mapping[str, str]] = {
    "id": "event_id",
    "time": "event_time",
    "source": "source",
    "type": "event_type",
}
_ITEM_ID: Final = itemgetter("item_id")
_STRUCTURED: Final = b"application/cloudevents+json"


def read_document(
    value: bytes | None, headers: Headers = (), max_bytes: int | None = None
) -> DocumentEvent | Unreadable:
    """The document event in a record's value; its headers are asked only for what the value lacks.

    ``max_bytes``: the largest value allowed; None: any. Of several faults the first counts: size, JSON,
    depth, event type, fields in the models' order, item ids.
    """
    if value is None:
        return refuse(Fault(ErrorCode.NOT_JSON, "the record has a null value; expected a JSON object"), {})
    if max_bytes is not None and len(value) > max_bytes:
        fault = Fault(ErrorCode.TOO_LARGE, f"the record has {len(value)} bytes; {max_bytes} are allowed")
        return refuse(fault, _fields(without_prefix(value), headers)[0])
    text = without_prefix(value)
    try:
        event: DocumentEvent = _EVENT.validate_json(text)
    except ValidationError:
        return _read_in_detail(text, headers)
    return _examined(event, text)


def _examined(event: DocumentEvent, text: bytes) -> DocumentEvent | Unreadable:
    """The event, if it also passes what a model cannot check. ``text`` is what it was read from."""
    fault = None
    if deeper_than(text, MAX_DEPTH):
        fault = Fault(ErrorCode.TOO_DEEP, f"objects and lists nest deeper than {MAX_DEPTH} levels")
    elif moment_of(event.event_time) is None:
        fault = Fault(
            ErrorCode.FIELD_TYPE,
            f'field "event_time" is {found(event.event_time, shown=True)}; expected an ISO 8601 date-time'
            " with offset, between 1900 and 2999",
            "event_time",
        )
    elif type(event) is ShipmentEvent or type(event) is ContractEvent:
        # isinstance of a pydantic model would cost as much as the rest of this.
        fault = _repeated_item(event.items)
    return event if fault is None else refuse(fault, dict(event))


def _repeated_item(items: Sequence[Item]) -> Fault | None:
    seen = set(map(_ITEM_ID, items))
    if len(seen) == len(items):
        return None
    for index, item in enumerate(items):
        if item["item_id"] not in seen:
            return Fault(
                ErrorCode.DUPLICATE_ITEM,
                f'field "items[{index}].item_id" repeats the id of an earlier item; expected unique ids',
                f"items[{index}].item_id",
            )
        seen.remove(item["item_id"])
    return None


def _read_in_detail(text: bytes, headers: Headers) -> DocumentEvent | Unreadable:
    """The slower way: unwraps CloudEvents, fills what is missing, and finds out what is wrong."""
    body, fault = _fields(text, headers)
    if fault is None:
        fault = _fault_of_type(body)
    if fault is not None:
        return refuse(fault, body)
    merged = to_json(body, inf_nan_mode="constants")
    try:
        event: DocumentEvent = _MODEL_OF[body["event_type"]].__pydantic_validator__.validate_json(merged)
    except ValidationError as error:
        return refuse(fault_of(error), body)
    return _examined(event, merged)


def _fields(text: bytes, headers: Headers) -> tuple[dict[str, Any], Fault | None]:
    """The document's fields with CloudEvents attributes filled in.

    Together with a fault: those fields that can be read all the same.
    """
    attributes = _attributes(headers)
    body = parse(text)
    if isinstance(body, Fault):
        return attributes | named_in_broken(text), body
    if _is_structured(body, headers):
        attributes |= _present({_FIELD_OF_ATTRIBUTE[name]: body.get(name) for name in _FIELD_OF_ATTRIBUTE})
        body = _data_of(body)
        if isinstance(body, Fault):
            return attributes, body
    return _filled(body, attributes), None


def _filled(body: dict[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The body, with attributes for what it does not say. Null says nothing."""
    filled = body | {field: value for field, value in attributes.items() if body.get(field) is None}
    if body.get("event_type") is None and (event_type := _event_type_in(attributes.get("event_type"))):
        filled["event_type"] = event_type
    if body.get("tenant", "") is None:
        del filled["tenant"]
    return filled


def _event_type_in(attribute: object) -> str | None:
    """The event type that a CloudEvents ``type`` ends in, with or without ``.vN``."""
    if not isinstance(attribute, str):
        return None
    name, mark, version = attribute.rpartition(".v")
    bare = name if mark and version.isdecimal() else attribute
    return next((known for known in EVENT_TYPES if bare.endswith(known)), None)


def _attributes(headers: Headers) -> dict[str, Any]:
    """What the ``ce_`` headers say for the document's fields; of a header given twice, the last."""
    attributes: dict[str, Any] = {}
    for name, value in headers:
        field = _FIELD_OF_ATTRIBUTE.get(name[3:].lower()) if name[:3].lower() == "ce_" else None
        if field is not None and value:
            attributes[field] = value.decode(errors="replace")
    return attributes


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _is_structured(body: Mapping[str, Any], headers: Headers) -> bool:
    if "data" not in body and "data_base64" not in body:
        return False
    declared = any(
        name.lower() == "content-type" and value and value.lower().startswith(_STRUCTURED)
        for name, value in headers
    )
    return declared or ("specversion" in body and "event_type" not in body)


def _data_of(body: Mapping[str, Any]) -> dict[str, Any] | Fault:
    """The document in a structured CloudEvent."""
    data = body.get("data")
    if data is None and (encoded := body.get("data_base64")) is not None:
        return _decoded(encoded)
    if isinstance(data, dict):
        return data
    return Fault(ErrorCode.FIELD_TYPE, f'field "data" is {found(data)}; expected an object', "data")


def _decoded(encoded: object) -> dict[str, Any] | Fault:
    expected = "expected base64 of a JSON object"
    if not isinstance(encoded, str):
        return Fault(
            ErrorCode.FIELD_TYPE, f'field "data_base64" is {found(encoded)}; {expected}', "data_base64"
        )
    try:
        return parse(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        return Fault(ErrorCode.FIELD_TYPE, f'field "data_base64" is not base64; {expected}', "data_base64")


def _fault_of_type(body: Mapping[str, Any]) -> Fault | None:
    if "event_type" not in body:
        return Fault(ErrorCode.FIELD_MISSING, 'required field "event_type" is missing', "event_type")
    said = body["event_type"]
    if isinstance(said, str) and said in _MODEL_OF:
        return None
    expected = "expected one of " + ", ".join(EVENT_TYPES)
    code = ErrorCode.UNKNOWN_TYPE if isinstance(said, str) else ErrorCode.FIELD_TYPE
    return Fault(code, f'field "event_type" is {found(said, shown=True)}; {expected}', "event_type")
