"""OpenSanctions' exports: one FollowTheMoney entity a JSON line, flat (``entities.ftm.json``) or with nested sanctions
(``targets.nested.json``), and the table ``targets.simple.csv``, which has no days of listing: its entries always count.

Taken are entities that can take part in a document and are targets; ``weakAlias`` is left out, because a word like it
names many. Dates of listing come from the sanctions of the entity, nested or on lines of their own.
"""

import csv
from collections.abc import Iterator, Mapping
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

DEFAULT_LIST = "opensanctions"
_TAKE_PART = frozenset(
    ["Person", "Organization", "Company", "LegalEntity", "PublicBody", "Vessel", "Airplane", "Vehicle"]
)
_NAMES = ("name", "alias", "previousName", "abbreviation")
_NUMBERS = (
    "registrationNumber", "leiCode", "uscCode", "dunsCode", "taxNumber", "innCode", "ogrnCode", "vatCode", "imoNumber",
    "idNumber", "cageCode", "uniqueEntityId", "okpoCode", "swiftBic",
)  # fmt: skip
_COUNTRIES = ("jurisdiction", "country", "mainCountry", "nationality")
_NEEDED = ("id", "schema", "name", "aliases", "countries", "identifiers", "dataset")
Entity = Mapping[str, Any]


def read_opensanctions(content: bytes, list_id: str | None) -> Reading:
    """Entries of ``list_id`` (default: ``opensanctions``), their ids the publisher's."""
    gathering = Gathering()
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b""):
        for line, row in csv_rows(
            content, _NEEDED, "JSON lines, or a header with id, schema, name …", gathering
        ):
            _add_target(gathering, line, row, list_id or DEFAULT_LIST)
        return gathering.reading()
    entities = list(_entities(content, gathering))
    sanctions: dict[str, list[Entity]] = {}
    for _line, entity in entities:
        if entity["schema"] == "Sanction":
            for owner in _values(entity, "entity"):
                sanctions.setdefault(str(owner), []).append(entity)
    for line, entity in entities:
        if entity["schema"] not in _TAKE_PART or entity.get("target") is False:
            gathering.passed_over += 1
            continue
        nested = [s for s in _values(entity, "sanctions") if isinstance(s, dict)]
        _add(gathering, line, entity, list_id or DEFAULT_LIST, [*nested, *sanctions.get(entity["id"], ())])
    return gathering.reading()


def _entities(content: bytes, gathering: Gathering) -> Iterator[tuple[str, Entity]]:
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entity = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            gathering.fault(
                str(number), "line", line[:60].decode(errors="replace"), f"a JSON object: {error.msg}"
            )
            continue
        wrong = _wrong(entity)
        if wrong:
            gathering.fault(str(number), *wrong)
        else:
            yield str(number), entity


def _wrong(entity: Any) -> tuple[str, object, str] | None:
    if not isinstance(entity, dict):
        return "line", entity, "a JSON object"
    for name in ("id", "schema"):
        if not isinstance(entity.get(name), str) or not entity[name]:
            return name, entity.get(name), "text"
    if not isinstance(entity.get("properties"), dict):
        return "properties", entity.get("properties"), "an object of lists"
    return None


def _values(entity: Entity, *names: str) -> list[Any]:
    properties = entity.get("properties")
    stated = [properties.get(name) for name in names] if isinstance(properties, dict) else []
    return [value for values in stated if isinstance(values, list) for value in values]


def _add(gathering: Gathering, line: str, entity: Entity, list_id: str, sanctions: list[Entity]) -> None:
    names = [entity.get("caption"), *_values(entity, *_NAMES)]
    starts = _days(gathering, line, sanctions, ("listingDate", "startDate"))
    ends = [_values(sanction, "endDate") for sanction in sanctions]
    ended = ends and all(ends)
    fields = {
        "list_id": list_id,
        "entry_id": entity["id"],
        **named(names),
        "ids": sorted({str(n) for n in _values(entity, *_NUMBERS) if n}),
        "country": one_country(next((c for name in _COUNTRIES if (c := _values(entity, name))), ())),
        "listed_from": min(starts, default=None),
        "delisted_on": max(_days(gathering, line, sanctions, ("endDate",)), default=None) if ended else None,
        "source": ", ".join(sorted(str(d) for d in entity.get("datasets") or ())) or None,
    }
    gathering.add(line, fields)


def _add_target(gathering: Gathering, line: str, row: Mapping[str, str], list_id: str) -> None:
    if row["schema"] not in _TAKE_PART:
        gathering.passed_over += 1
        return
    fields = {
        "list_id": list_id,
        "entry_id": row["id"],
        **named([row["name"], *_cell(row["aliases"])]),
        "ids": sorted(set(_cell(row["identifiers"]))),
        "country": one_country(_cell(row["countries"])),
        "source": ", ".join(sorted(_cell(row["dataset"]))) or None,
    }
    gathering.add(line, fields)


def _cell(text: str) -> list[str]:
    """The values of one cell: parted by semicolons, one that holds a semicolon in double quotes."""
    (values,) = csv.reader([" ".join(text.split())], delimiter=";") if text.strip() else ((),)
    return [value.strip() for value in values if value.strip()]


def _days(gathering: Gathering, line: str, sanctions: list[Entity], names: tuple[str, ...]) -> list[Any]:
    read = day_behind if names == ("endDate",) else first_day
    found = []
    for stated in (value for sanction in sanctions for value in _values(sanction, *names)):
        day = read(stated) if isinstance(stated, str) else None
        if day is None:
            gathering.fault(line, names[-1], stated, "a date such as 2025, 2025-01 or 2025-01-31")
        else:
            found.append(day)
    return found
