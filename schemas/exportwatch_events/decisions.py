"""The Decision event (topic ``compliance.decisions.v1``): what the law says of one version of a document.

exportwatch's own output, so nothing is tolerated here: further fields are refused. Key order is the order
of the fields. Decimals inside ``facts`` are strings.
"""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from exportwatch_events.catalogue import (
    MAX_VERSION,
    DocumentState,
    DocumentType,
    Flag,
    Hold,
    LicenseNeed,
    LicenseStatus,
    LimbStatusName,
    Match,
    ReasonCode,
    ReasonFamily,
    Result,
)

Digest = Annotated[str, Field(min_length=1)]
Version = Annotated[int, Field(ge=0, le=MAX_VERSION)]


class OutputModel(BaseModel):
    """Settings of every event that exportwatch writes."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Words(OutputModel):
    """A text in English and Chinese."""

    en: str
    zh: str


class DecidedDocument(OutputModel):
    """The version of the document decided on. Of an unreadable record the event may be unknown.

    ``event_time`` is in UTC, fixed in width: decisions of a document are ordered by version and by it.
    """

    key: Digest
    type: DocumentType
    id: Digest
    version: Version
    event_id: str | None
    event_time: str | None
    source: str
    state: DocumentState


class Evidence(OutputModel):
    """A fact of the document: its path (``items[0].cas[0]``), how it reads, and what it says."""

    path: str
    value: str
    says: str


class Classification(OutputModel):
    """An entry of the law that an item meets, or may meet."""

    control_code: Digest
    instrument_id: Digest
    limb: str
    name: Words
    match: Match
    evidence: tuple[Evidence, ...]


class Reason(OutputModel):
    """Why the result is what it is, and on which authority. ``evidence``: of parties and end uses, what says so."""

    family: ReasonFamily
    code: ReasonCode
    instrument_id: str | None
    control_code: str | None
    text: Words
    source: str | None
    evidence: tuple[Evidence, ...] = ()


class LawStatus(OutputModel):
    """Where a limb of an instrument stands on the legal date, since when, and by which announcement."""

    instrument_id: Digest
    limb: str
    status: LimbStatusName
    since: date | None = None
    until: date | None = None
    by: str | None = None
    confirmed_at: date | None = None
    note: str | None = None
    next_change: date | None = None


class LicenseFinding(OutputModel):
    """Which license is needed, and whether one covers the item."""

    type_needed: LicenseNeed | None
    status: LicenseStatus
    license_no: str | None
    mismatch: tuple[str, ...]


class MissingFact(OutputModel):
    """A fact that nobody stated, and why it matters."""

    fact: str
    why: str


class ClearOption(OutputModel):
    """A change that would settle the item, and the result it would have then."""

    change: str
    result: Result


class ItemDecision(OutputModel):
    """What follows for one item."""

    item_id: Digest
    result: Result
    hold: Hold
    classifications: tuple[Classification, ...]
    reasons: tuple[Reason, ...]
    law: tuple[LawStatus, ...]
    license: LicenseFinding
    missing: tuple[MissingFact, ...]
    clear_options: tuple[ClearOption, ...]
    flags: tuple[Flag, ...]


class Reference(OutputModel):
    """Digests of the content that the decision was made with; no positions."""

    rule_pack: Digest
    rule_pack_sha256: Digest
    law_version: Digest
    lists: Digest
    licenses: Digest
    engine: Digest


class Decision(OutputModel):
    """The decision on one version of a document, also where nothing is controlled.

    ``reasons`` stands only where the record could not be read: there are no items to carry them. Then, and
    for a cancelled document, ``items`` is empty and ``facts`` may be null.
    """

    document: DecidedDocument
    result: Result
    hold: Hold
    legal_date: date | None
    items: tuple[ItemDecision, ...]
    reference: Reference
    reassess_on: date | None
    facts: dict[str, Any] | None
    reasons: tuple[Reason, ...] = ()
