"""The Consolidated Screening List of the United States, as the trade administration publishes it: JSON or CSV.

One file holds many lists; all of it is one list of ours, whose entries say in ``source`` which of them it is. A party
of the Treasury's keeps its number on each of the Treasury's lists: its lines become one entry.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from exportwatch.party_lists.rows import (
    Gathering,
    Reading,
    csv_rows,
    day_behind,
    first_day,
    named,
    one_country,
)

DEFAULT_LIST = "us-csl"
_NEEDED = ("source", "name")
_MOST_OF_A_COUNTRY = 2  # letters of a country's code
_MOST_WORDS_OF_A_NUMBER = 4
_SUCCESSORS = re.compile(r";?\s*\band any successor,? sub-?unit,? or subsidiary thereof\b\.?", re.I)
_LAST_OF_SEVERAL = re.compile(r"^\s*and\s+", re.I)
_FORMER = re.compile(r"\((?:[afn]\.?k\.?a\.?|formerly|also known as)[,:]?\s+([^()]*)\)", re.I)
_OF_COUNTRY = re.compile(r",\s*[A-Z]{2}$")
# Kinds in the field of identifiers that identify nobody; those of remarks end in a colon or a dash.
_NO_IDENTIFIER = re.compile(
    r"[:-]\s*$|gender|web ?site|e-?mail|phone|fax|executive order|directive|sanctions|risk|date|prohibit",
    re.I,
)


def read_csl(content: bytes, list_id: str | None) -> Reading:
    """Entries of ``list_id`` (default: ``us-csl``). JSON where the file begins like it, else CSV."""
    gathering = Gathering()
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    rows = _of_json(content, gathering) if start in (b"{", b"[") else _of_csv(content, gathering)
    of_party: dict[object, list[tuple[str, dict[str, Any]]]] = {}
    for place, row in rows:
        fields = _fields(gathering, place, row, list_id or DEFAULT_LIST)
        of_party.setdefault(fields["entry_id"] or place, []).append((place, fields))
    for stated in of_party.values():
        distinct = [
            one for at, one in enumerate(stated) if one[1] not in [fields for _, fields in stated[:at]]
        ]
        if len({fields["source"] for _, fields in distinct}) == len(distinct) > 1:
            distinct = [(distinct[0][0], _one_party([fields for _, fields in distinct]))]
        for place, fields in distinct:
            gathering.add(place, fields)
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
    return csv_rows(content, _NEEDED, "a header with _id, source, name, alt_names …", gathering)


def _fields(gathering: Gathering, place: str, row: Mapping[str, Any], list_id: str) -> dict[str, Any]:
    number = row.get("id") or row.get("_id") or row.get("entity_number")
    return {
        "list_id": list_id,
        "entry_id": str(number) if number else None,
        **named(_names(row)),
        "ids": sorted({n for one in _several(row.get("ids")) if (n := _number(one))}),
        "country": one_country(c for c in _countries(row) if c and len(str(c)) <= _MOST_OF_A_COUNTRY),
        "listed_from": _day(gathering, place, row, "start_date"),
        "delisted_on": _day(gathering, place, row, "end_date"),
        "source": row.get("source"),
    }


def _names(row: Mapping[str, Any]) -> Iterator[str]:
    """The names without what the publisher writes beside them: a clause on successors, and brackets of former names."""
    stated = [row.get("name"), *(part for one in _several(row.get("alt_names")) for part in _several(one))]
    if row.get("type") == "Individual" and str(row.get("name")).count(",") == 1:
        surname, given = str(row.get("name")).split(",")
        stated.append(f"{given.strip()} {surname.strip()}")
    for text in stated:
        name = (
            _LAST_OF_SEVERAL.sub("", _SUCCESSORS.sub("", text)).strip(" ;,") if isinstance(text, str) else ""
        )
        yield name
        if brackets := _FORMER.findall(name):
            yield " ".join(_FORMER.sub(" ", name).split())
            yield from (one.strip() for inside in brackets for one in inside.split(";"))


def _countries(row: Mapping[str, Any]) -> list[Any]:
    addresses = row.get("addresses") or ()
    if isinstance(addresses, list):
        return [address.get("country") for address in addresses if isinstance(address, dict)]
    return [part.rsplit(",", 1)[-1].strip() for part in str(addresses).split(";") if part.strip()]


def _several(stated: Any) -> list[Any]:
    if isinstance(stated, list):
        return stated
    return [part.strip() for part in stated.split(";")] if isinstance(stated, str) else []


def _number(stated: Any) -> str | None:
    """The number of an identifier. The field also holds genders, addresses of the net and remarks: no identifiers.

    In CSV it stands behind its kind and before a country: ``Registration ID, C1234, CY``.
    """
    if isinstance(stated, dict):
        kind, number = str(stated.get("type") or ""), stated.get("number")
    else:
        kind, _, behind = str(stated).partition(", ")
        number = _OF_COUNTRY.sub("", behind)
    if not isinstance(number, str) or not number or _NO_IDENTIFIER.search(kind) or "@" in number:
        return None
    return (
        number if any(map(str.isdigit, number)) and len(number.split()) <= _MOST_WORDS_OF_A_NUMBER else None
    )


def _one_party(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One entry of the lines that one party has on several of the lists: it counts as long as one of them does."""
    first, *others = sorted(rows, key=lambda fields: str(fields["source"]))
    names = [name for row in (first, *others) for name in (row["name"], row["local_name"], *row["aliases"])]
    starts, ends = [row["listed_from"] for row in rows], [row["delisted_on"] for row in rows]
    return {
        **first,
        **named(names),
        "ids": sorted({number for row in rows for number in row["ids"]}),
        "country": one_country({row["country"] for row in rows if row["country"]}),
        "listed_from": min(starts) if all(starts) else None,
        "delisted_on": max(ends) if all(ends) else None,
        "source": "; ".join(sorted({str(row["source"]) for row in rows})),
    }


def _day(gathering: Gathering, place: str, row: Mapping[str, Any], name: str) -> Any:
    stated = row.get(name)
    if not stated:
        return None
    day = (day_behind if name == "end_date" else first_day)(str(stated))
    if day is None:
        gathering.fault(place, name, stated, "a date YYYY-MM-DD")
    return day
