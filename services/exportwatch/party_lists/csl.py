"""The Consolidated Screening List of the United States, as the trade administration publishes it: JSON or CSV.

One file holds many lists; all of it is one list of ours, whose entries say in ``source`` which of them it is.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from exportwatch.party_lists.rows import Gathering, Reading, day_behind, first_day, named, one_country

DEFAULT_LIST = "us-csl"
_NEEDED = ("source", "name")
_MOST_OF_A_COUNTRY = 2  # letters of a country's code


def read_csl(content: bytes, list_id: str | None) -> Reading:
    """Entries of ``list_id`` (default: ``us-csl``). JSON where the file begins like it, else CSV."""
    gathering = Gathering()
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    rows = _of_json(content, gathering) if start in (b"{", b"[") else _of_csv(content, gathering)
    for place, row in rows:
        _add(gathering, place, row, list_id or DEFAULT_LIST)
    return gathering.reading()


def _of_json(content: bytes, gathering: Gathering) -> Iterable[tuple[str, Mapping[str, Any]]]:
    try:
        whole = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        gathering.fault(str(error.lineno), "file", "no JSON", f"one JSON object with results[]: {error.msg}")
        return
    results = whole.get("results") if isinstance(whole, dict) else whole
    if not isinstance(results, list):
        gathering.fault("1", "results", results, "a list of entries")
        return
    for at, row in enumerate(results):
        if isinstance(row, dict):
            yield f"results[{at}]", row
        else:
            gathering.fault(f"results[{at}]", "entry", row, "a JSON object")


def _of_csv(content: bytes, gathering: Gathering) -> Iterable[tuple[str, Mapping[str, Any]]]:
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        missing = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
        if missing:
            gathering.fault(
                "1", missing[0], reader.fieldnames, "a header with _id, source, name, alt_names …"
            )
            return
        for row in reader:
            if None in row or None in row.values():
                gathering.fault(
                    str(reader.line_num), "line", "another number of cells", "as many as the header has"
                )
            else:
                yield str(reader.line_num), row
    except UnicodeDecodeError as error:
        gathering.fault("1", "file", f"byte {error.start}", "UTF-8")
    except csv.Error as error:
        gathering.fault("1", "file", str(error), "CSV with commas and double quotes")


def _add(gathering: Gathering, place: str, row: Mapping[str, Any], list_id: str) -> None:
    number = row.get("id") or row.get("_id") or row.get("entity_number")
    addresses = row.get("addresses") or ()
    countries = (
        [a.get("country") for a in addresses if isinstance(a, dict)]
        if isinstance(addresses, list)
        else [part.rsplit(",", 1)[-1].strip() for part in str(addresses).split(";") if part.strip()]
    )
    fields = {
        "list_id": list_id,
        "entry_id": str(number) if number else None,
        **named([row.get("name"), *_several(row.get("alt_names"))]),
        "ids": sorted({n for one in _several(row.get("ids")) if (n := _number(one))}),
        "country": one_country(c for c in countries if c and len(str(c)) <= _MOST_OF_A_COUNTRY),
        "listed_from": _day(gathering, place, row, "start_date"),
        "delisted_on": _day(gathering, place, row, "end_date"),
        "source": row.get("source"),
    }
    gathering.add(place, fields)


def _several(stated: Any) -> list[Any]:
    if isinstance(stated, list):
        return stated
    return [part.strip() for part in stated.split(";")] if isinstance(stated, str) else []


def _number(stated: Any) -> str | None:
    """The number of an identifier: a field in JSON; in CSV it stands behind its kind and country, so not certain."""
    number = stated.get("number") if isinstance(stated, dict) else None
    return number if isinstance(number, str) and number else None


def _day(gathering: Gathering, place: str, row: Mapping[str, Any], name: str) -> Any:
    stated = row.get(name)
    if not stated:
        return None
    day = (day_behind if name == "end_date" else first_day)(str(stated))
    if day is None:
        gathering.fault(place, name, stated, "a date YYYY-MM-DD")
    return day
