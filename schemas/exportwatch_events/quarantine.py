"""The headers of a quarantined record (topic ``compliance.quarantine.v1``).

Key, value and the record's own headers are the original ones, unchanged; these are added. All are text.
"""

from typing import Annotated

from pydantic import ConfigDict, Field

from exportwatch_events.catalogue import ErrorCode
from exportwatch_events.decisions import OutputModel


class QuarantineHeaders(OutputModel):
    """Why a record went to quarantine, and where it came from.

    Names as in the record: ``ew_source`` is ``topic/partition/offset``, ``ew_source_timestamp`` is in
    milliseconds since 1970; ``ew_document`` is there where the record names its document.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    ew_error_code: ErrorCode
    ew_error: str
    ew_source: Annotated[str, Field(pattern=r"^[^/]+/\d+/\d+$")]
    ew_source_timestamp: Annotated[str, Field(pattern=r"^-?\d+$")]
    ew_document: str | None = None
