"""Our own table of a party list: CSV, UTF-8, a header, one entry a line.

Columns: ``entry_id`` (required), ``name`` and ``local_name`` (one of them required), ``list_id`` (else ``--list``),
``aliases`` and ``ids`` (several by ``;``), ``country`` (ISO 3166-1 alpha-2), ``listed_from`` and ``delisted_on``
(YYYY-MM-DD), ``suspended`` (``2025-01-01/2025-06-30``, open-ended without the second, several by ``;``), ``source``.
"""

import csv
import io
from typing import Any

from exportwatch.party_lists.rows import Gathering, Reading
from exportwatch.screening.countries import known_country

COLUMNS = (
    "list_id", "entry_id", "name", "local_name", "aliases", "ids", "country", "listed_from", "suspended", "delisted_on",
    "source",
)  # fmt: skip


def read_table(content: bytes, list_id: str | None) -> Reading:
    """Entries of the lists that the file names; of ``list_id`` where it is given."""
    gathering = Gathering()
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        columns = reader.fieldnames or ()
        for name in (c for c in columns if c not in COLUMNS):
            gathering.fault("1", "header", name, f"one of {', '.join(COLUMNS)}")
        if "entry_id" not in columns:
            gathering.fault("1", "header", ",".join(columns), "a column entry_id")
        for row in reader if not gathering.faults else ():
            _add(gathering, str(reader.line_num), row, list_id)
    except UnicodeDecodeError as error:
        gathering.fault("1", "file", f"byte {error.start}", "UTF-8")
    except csv.Error as error:
        gathering.fault("1", "file", str(error), "CSV with commas and double quotes")
    return gathering.reading()


def _add(gathering: Gathering, line: str, row: dict[str | None, Any], list_id: str | None) -> None:
    if None in row or None in row.values():
        gathering.fault(line, "line", "another number of cells", "as many as the header has")
        return
    stated = {str(name): value.strip() for name, value in row.items()}
    named_list = stated.get("list_id") or list_id
    if not named_list:
        gathering.fault(line, "list_id", "", "the list of the entry, here or by --list")
        return
    if list_id and named_list != list_id:
        gathering.fault(line, "list_id", named_list, f"{list_id}, as --list says")
        return
    country = stated.get("country")
    if country and known_country(country) is None:
        gathering.fault(line, "country", country, "an ISO 3166-1 alpha-2 code")
        return
    fields: dict[str, Any] = {**stated, "list_id": named_list}
    for name in ("aliases", "ids"):
        fields[name] = [part.strip() for part in stated.get(name, "").split(";") if part.strip()]
    fields["suspended"] = [
        _suspension(part) for part in stated.get("suspended", "").split(";") if part.strip()
    ]
    gathering.add(line, fields)


def _suspension(text: str) -> dict[str, str]:
    start, _, end = (part.strip() for part in text.partition("/"))
    return {"from": start, **({"until": end} if end else {})}
