"""Why a record cannot be read: the value that says so, and the sentences in it.

A message names the field, what was found and what was expected. It shows no value of a record but
document versions, event types and event times: it goes into headers and logs, where payloads must not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from exportwatch_events.catalogue import DEFAULT_TENANT, MAX_DEPTH, MAX_VERSION, DocumentType, ErrorCode
from exportwatch_events.documents import DocumentRef, moment_of, utc_text
from exportwatch_events.jsontext import deeper_than, salvage
from exportwatch_events.keys import document_key

Json: TypeAlias = Mapping[str, Any]

NAMING_FIELDS: Final = (
    "tenant",
    "source",
    "event_type",
    "shipment_id",
    "contract_id",
    "version",
    "event_id",
    "event_time",
)
_SHOWN: Final = frozenset({"version", "event_type", "event_time"})
_SHOWN_LENGTH: Final = 60
_PREFIX_BYTES: Final = 5
_EXPECTED: Final[Mapping[str, str]] = {
    "string_type": "a string",
    "string_too_short": "a string that is not empty",
    "int_type": f"an integer from 0 to {MAX_VERSION}",
    "greater_than_equal": f"an integer from 0 to {MAX_VERSION}",
    "less_than_equal": f"an integer from 0 to {MAX_VERSION}",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "dict_type": "an object",
    "tuple_type": "a list",
    "bool_type": "true or false",
    "finite_number": "a finite number",
    "decimal_type": "a decimal number or a string of one",
    "decimal_parsing": "a decimal number or a string of one",
    "decimal_max_digits": "a decimal number of no more than 40 digits",
    "too_short": "at least one entry",
}
_DOCUMENT_TYPES: Final = frozenset(DocumentType)
_MISSING: Final = frozenset({"missing", "too_short"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a record, before anybody asked which document it names."""

    code: ErrorCode
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The outcome of a record that must go to quarantine. ``document`` where the record names one."""

    code: ErrorCode
    message: str
    field: str | None
    document: DocumentRef | None


def refuse(fault: Fault, named: Json) -> Unreadable:
    """``fault`` as an outcome, with the document that the fields of ``named`` name, if they do."""
    return Unreadable(fault.code, fault.message, fault.field, document_named(named))


def document_named(fields: Json) -> DocumentRef | None:
    """The document that a record names by ``source`` and a document number.

    A shipment's ``contract_id`` is the contract that it fulfils, not its number: what calls itself a
    shipment is named by ``shipment_id`` only, a contract by ``contract_id`` only. A tenant of the wrong
    type leaves the document unnamed, as does an empty part.
    """
    tenant = DEFAULT_TENANT if fields.get("tenant") is None else _text(fields["tenant"])
    source = _text(fields.get("source"))
    numbered = _numbered(fields)
    if numbered is None or tenant is None or source is None:
        return None
    document_type, document_id = numbered
    version = fields.get("version")
    event_time = _text(fields.get("event_time"))
    moment = moment_of(event_time) if event_time is not None else None
    return DocumentRef(
        key=document_key(tenant, source, document_type, document_id),
        type=document_type,
        id=document_id,
        tenant=tenant,
        source=source,
        version=version if type(version) is int and 0 <= version <= MAX_VERSION else None,
        event_id=_text(fields.get("event_id")),
        event_time=None if moment is None else utc_text(moment),
    )


def _numbered(fields: Json) -> tuple[DocumentType, str] | None:
    event_type = fields.get("event_type")
    said = event_type.partition(".")[0] if isinstance(event_type, str) else ""
    types = [DocumentType(said)] if said in _DOCUMENT_TYPES else list(DocumentType)
    numbers = ((document_type, _text(fields.get(f"{document_type}_id"))) for document_type in types)
    return next(((document_type, number) for document_type, number in numbers if number is not None), None)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value != "" else None


def without_prefix(value: bytes) -> bytes:
    """The value after a schema-registry prefix, if it has one. JSON text never begins with a zero byte."""
    return value[_PREFIX_BYTES:] if value[:1] == b"\0" else value


def parse(text: bytes) -> dict[str, Any] | Fault:
    """The JSON object in ``text``, or what is wrong with the text.

    NaN and infinities are let through (ERP systems write them); of a name given twice the later counts.
    """
    try:
        body = from_json(text)
    except ValueError as error:
        return _fault_of_text(text, str(error))
    if not isinstance(body, dict):
        return Fault(ErrorCode.NOT_JSON, f"the record is {found(body)}; expected a JSON object")
    if deeper_than(text, MAX_DEPTH):
        return Fault(ErrorCode.TOO_DEEP, f"objects and lists nest deeper than {MAX_DEPTH} levels")
    return body


def named_in_broken(text: bytes) -> dict[str, object]:
    """The naming fields that can still be read from text that is not JSON or nests too deep to parse."""
    return salvage(text, NAMING_FIELDS)


def _fault_of_text(text: bytes, said: str) -> Fault:
    if said.startswith("recursion limit"):
        return Fault(ErrorCode.TOO_DEEP, f"objects and lists nest deeper than {MAX_DEPTH} levels")
    if not text.strip():
        return Fault(ErrorCode.NOT_JSON, "the record is empty; expected a JSON object")
    if text.startswith(b"\xef\xbb\xbf"):
        return Fault(
            ErrorCode.NOT_JSON, "the record begins with a byte order mark; expected UTF-8 JSON without one"
        )
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return Fault(ErrorCode.NOT_JSON, f"the record is not UTF-8: {error.reason} at byte {error.start}")
    return Fault(ErrorCode.NOT_JSON, f"the record is not JSON: {said}")


def fault_of(error: ValidationError) -> Fault:
    """The first thing that a model found wrong, as a fault with the field's path."""
    detail = error.errors(include_url=False)[0]
    field = path_of(detail["loc"])
    if detail["type"] == "missing":
        return Fault(ErrorCode.FIELD_MISSING, f'required field "{field}" is missing', field)
    code = ErrorCode.FIELD_MISSING if detail["type"] in _MISSING else ErrorCode.FIELD_TYPE
    return Fault(code, f'field "{field}" is {_found_in(field, detail)}; expected {_expected(detail)}', field)


def path_of(loc: tuple[int | str, ...]) -> str:
    """``items[2].item_id`` for ``("items", 2, "item_id")``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
    return "".join(steps).removeprefix(".")


def found(value: object, shown: bool = False) -> str:
    """What JSON type a value has, in words; with the value itself where it may be ``shown``."""
    match value:
        case None:
            return "null"
        case bool():
            kind = "a boolean"
        case int():
            kind = "an integer"
        case float():
            kind = "a number"
        case "":
            return "an empty string"
        case str():
            kind = "a string"
        case dict():
            return "an object"
        case [] | ():
            return "an empty list"
        case _:
            return "a list"
    return f"{kind} ({_brief(value)})" if shown else kind


def _brief(value: object) -> str:
    text = str(value) if not isinstance(value, int) or value.bit_length() < 256 else "very large"
    text = "".join(mark if mark.isprintable() else "?" for mark in text)
    return text if len(text) <= _SHOWN_LENGTH else text[:_SHOWN_LENGTH] + "…"


def _found_in(field: str, detail: ErrorDetails) -> str:
    return found(detail["input"], shown=field in _SHOWN)


def _expected(detail: ErrorDetails) -> str:
    match detail["type"]:
        case "value_error":
            return str(detail["ctx"]["error"])
        case "enum" | "literal_error":
            return f"one of {detail['ctx']['expected']}"
        case known:
            return _EXPECTED.get(known, detail["msg"])
