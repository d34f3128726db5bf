"""Which alert is which: the subject that an alert is about, and the id that follows from it.

An item's control is one subject per item, instrument and control code; party, destination, end use and data
are one subject per document. Never part of it: versions, quantities, dates. An alert keeps its id for life.
"""

from typing import NamedTuple
from uuid import UUID, uuid5

from exportwatch_events.catalogue import ReasonFamily

NAMESPACE = UUID("5b0a7f0e-3c1d-5f7e-9d42-8a6c2e9b1f34")
_UNIT_SEPARATOR = "\x1f"


class Subject(NamedTuple):
    """What an alert is about, inside its document. Parts that do not apply are empty."""

    item_id: str
    family: ReasonFamily
    instrument_id: str
    control_code: str

    @classmethod
    def of_control(cls, item_id: str, instrument_id: str, control_code: str) -> "Subject":
        return cls(item_id, ReasonFamily.LEGAL_CONTROL, instrument_id, control_code)

    @classmethod
    def of_document(cls, family: ReasonFamily) -> "Subject":
        return cls("", family, "", "")

    @property
    def is_item(self) -> bool:
        return bool(self.item_id)


def alert_id(document_key: str, subject: Subject) -> str:
    """The UUIDv5 of document key, item id, family, instrument and control code joined by U+001F."""
    return str(uuid5(NAMESPACE, _UNIT_SEPARATOR.join((document_key, *subject))))
