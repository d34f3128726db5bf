"""What a log line may hold, as a model and a JSON Schema for those who collect them. Nothing at run time asks it.

Text stands only in fields that are known not to hold any of a record; a new field is a number, true or false,
a count by topic, or is added here after someone has thought about it.

``python -m exportwatch.streaming.log_line`` writes ``docs/log-line.schema.json``.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

COMMAND = "python -m exportwatch.streaming.log_line"
SCHEMA = Path(__file__).parents[3] / "docs" / "log-line.schema.json"

Place = Annotated[str, Field(pattern=r"^[a-z0-9._-]+/\d+/\d+$", description="Topic, partition, offset.")]
CodePlace = Annotated[str, Field(pattern=r"^\S.*:\d+ \S+$", description="File, line, function.")]
Word = Annotated[str, Field(pattern=r"^[a-z0-9._-]+$")]


class LogLine(BaseModel):
    """One line of stderr of a worker or of the parent of workers. Fields beyond these hold no text."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    __pydantic_extra__: dict[str, bool | int | float | dict[Word, int] | None]

    timestamp: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")]
    level: Literal["debug", "info", "warning", "error", "critical"]
    service: Literal["screening", "alerting", "canary", "supervisor", "cli"]
    logger: str
    event: Annotated[str, Field(min_length=1, description="What happened; a library's own words.")]
    error: Annotated[
        str, Field(description="Type of an error; its text only where it speaks of files, settings, Kafka.")
    ] = ""
    error_at: list[CodePlace] = []
    source: Place = ""
    at: Place = ""
    topic: Word = ""
    worker: Word = ""
    host: Annotated[str, Field(pattern=r"^[0-9A-Za-z.:_-]+$")] = ""
    result: Word = ""
    hold: Word = ""


def read_line(text: str) -> LogLine:
    """The line; raises pydantic's ValidationError where it is against the schema."""
    return LogLine.model_validate_json(text)


def schema_text() -> str:
    """The schema file: what the model says now."""
    schema: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= LogLine.model_json_schema()
    for field in schema["properties"].values():
        # A default here says only that the field may be absent.
        field.pop("default", None)
        field.pop("title", None)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
