"""Writes the JSON Schema of every event to ``schemas/json``, or checks that what stands there is current.

``python -m exportwatch_events.export [--check] [--folder FOLDER]``: exit status 0, or 1 where a file is
missing, out of date or of no event. The files are for producers and consumers in other languages; nothing
here reads them.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from exportwatch_events.alerts import Alert
from exportwatch_events.control import Disposition, LawAmendment, License, PartyListEntry
from exportwatch_events.decisions import Decision
from exportwatch_events.documents import (
    ContractCancellation,
    ContractEvent,
    ShipmentCancellation,
    ShipmentEvent,
)
from exportwatch_events.quarantine import QuarantineHeaders

FOLDER: Final = Path(__file__).parents[1] / "json"
COMMAND: Final = "python -m exportwatch_events.export"
EVENTS: Final[Mapping[str, type[BaseModel]]] = {
    "shipment": ShipmentEvent,
    "shipment-cancellation": ShipmentCancellation,
    "contract": ContractEvent,
    "contract-cancellation": ContractCancellation,
    "license": License,
    "party-list-entry": PartyListEntry,
    "law-amendment": LawAmendment,
    "disposition": Disposition,
    "decision": Decision,
    "alert": Alert,
    "quarantine-headers": QuarantineHeaders,
}
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class _Untitled(GenerateJsonSchema):
    """Without a title for each field: it would only repeat the name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def files() -> dict[str, str]:
    """The text of every schema file by its name: what the models say now."""
    return {f"{name}.json": _text(model) for name, model in EVENTS.items()}


def _text(model: type[BaseModel]) -> str:
    schema = {"$schema": _DIALECT, **model.model_json_schema(schema_generator=_Untitled)}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def drift(folder: Path) -> list[str]:
    """One sentence for each file in ``folder`` that is not what the models say."""
    wanted = files()
    stand = {path.name for path in folder.glob("*")}
    missing = [f"{folder / name}: is missing" for name in wanted if name not in stand]
    strange = [f"{folder / name}: is the schema of no event" for name in sorted(stand - wanted.keys())]
    stale = [
        f"{folder / name}: is not what the models say"
        for name, text in wanted.items()
        if name in stand and (folder / name).read_text(encoding="utf-8") != text
    ]
    return missing + stale + strange


def write(folder: Path) -> None:
    """Make ``folder`` hold exactly the schema files."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = files()
    for path in folder.glob("*.json"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file differs")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="default: schemas/json")
    options = parser.parse_args(arguments)
    if not options.check:
        write(options.folder)
        return 0
    found = drift(options.folder)
    for sentence in found:
        sys.stderr.write(f"{sentence}; run `{COMMAND}` and commit the result\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
