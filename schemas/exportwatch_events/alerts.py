"""The Alert event (topic ``compliance.alerts.v1``): what a person must see, as it stands after each change.

Every event is the whole alert; ``cleared`` too. The envelope (CloudEvents, binary mode) is in the headers.
"""

from datetime import date
from typing import Annotated, Any

from pydantic import UUID5, Field, Strict, WithJsonSchema

from exportwatch_events.catalogue import ChangeKind, ClearedReason, HoldAdvice, ReasonFamily, Result
from exportwatch_events.decisions import (
    ClearOption,
    DecidedDocument,
    Evidence,
    LawStatus,
    LicenseFinding,
    MissingFact,
    OutputModel,
    Reason,
    Reference,
)

AlertId = Annotated[UUID5, Strict(False), WithJsonSchema({"type": "string", "format": "uuid"})]
Count = Annotated[int, Field(ge=1)]


class AlertItem(OutputModel):
    """The item that an item's alert is about."""

    item_id: str
    description: str | None


class AlertParty(OutputModel):
    """A party of the document, as the document names it."""

    role: Any
    name: Any
    local_name: Any
    country: Any
    id: Any


class Route(OutputModel):
    """The places of the document, as the document names them; null where it does not."""

    from_: Any = Field(alias="from")
    to: Any
    via: Any


class Clocks(OutputModel):
    """The day that decides, the moment it became true, and the day by which a person must have acted."""

    legal_date: date | None
    fact_time: str | None
    act_before: date | None


class Change(OutputModel):
    """What this event changed: by which trigger, in which parts of the fingerprint, why it was cleared."""

    kind: ChangeKind
    trigger: str
    changed: tuple[str, ...]
    cleared_reason: ClearedReason | None


class Alert(OutputModel):
    """An alert: of an item's control, or (``item`` null) of a document's party, destination, end use or data.

    ``instrument_id`` and ``control_code`` are null for the latter. ``revision`` counts over all episodes.
    """

    alert_id: AlertId
    episode: Count
    revision: Count
    fingerprint: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    document: DecidedDocument
    item: AlertItem | None
    family: ReasonFamily
    instrument_id: str | None
    control_code: str | None
    parties: tuple[AlertParty, ...]
    route: Route
    result: Result
    severity: Annotated[int, Field(ge=1, le=5)]
    hold_advice: HoldAdvice
    reasons: tuple[Reason, ...]
    law: tuple[LawStatus, ...]
    license: LicenseFinding | None
    missing: tuple[MissingFact, ...]
    clear_options: tuple[ClearOption, ...]
    evidence: tuple[Evidence, ...]
    reference: Reference | None
    clocks: Clocks
    change: Change
