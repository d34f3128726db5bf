"""Files in the shapes that the publishers' exports really have, with invented content: columns, quotes, empty cells.

The shapes are those of ``consolidated.csv`` and ``consolidated.json`` of the Consolidated Screening List and of
``entities.ftm.json``, ``targets.nested.json`` and ``targets.simple.csv`` of OpenSanctions, looked up in
November 2026 in public descriptions and samples of them.
"""

import csv
import io
from datetime import date

import orjson
import pytest

from exportwatch.party_lists.csl import read_csl
from exportwatch.party_lists.opensanctions import read_opensanctions
from exportwatch.screening.parties import PartyLists
from exportwatch_events.documents import Party

CSL_COLUMNS = (
    "_id,source,entity_number,type,programs,name,title,addresses,federal_register_notice,start_date,end_date,"
    "standard_order,license_requirement,license_policy,call_sign,vessel_type,gross_tonnage,gross_registered_tonnage,"
    "vessel_flag,vessel_owner,remarks,source_list_url,alt_names,citizenships,dates_of_birth,nationalities,"
    "places_of_birth,source_information_url,ids"
).split(",")
ENTITY_LIST = "Entity List (EL) - Bureau of Industry and Security"
SDN = "Specially Designated Nationals (SDN) - Treasury Department"
SSI = "Sectoral Sanctions Identifications List (SSI) - Treasury Department"
MBS = "Non-SDN Menu-Based Sanctions List (NS-MBS List) - Treasury Department"
SIMPLE_COLUMNS = (
    "id,schema,name,aliases,birth_date,countries,addresses,identifiers,sanctions,phones,emails,program_ids,dataset,"
    "first_seen,last_seen,last_change"
).split(",")
ON = date(2026, 11, 1)


def table(columns: list[str], *rows: dict[str, str]) -> bytes:
    """Every cell in quotes, as the publishers write them; the header without."""
    text = io.StringIO()
    text.write(",".join(columns) + "\n")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return text.getvalue().encode()


# -- the Consolidated Screening List -----------------------------------------------------------------------

RESEARCH = {
    "_id": "99ed1b052fdb09695fae1ba8", "source": ENTITY_LIST, "name": "Invented Institute No. 13 (IIN 13)",
    "addresses": "113 Sample Road, Sampletown, China; and 21 Sample Street, Sampletown, China, Hebei Province, CN",
    "federal_register_notice": "83 FR 00000; 87 FR 00001", "start_date": "2018-08-01",
    "alt_names": "Sampletown Semiconductor Institute; SSI; and IIN Research Institute 13",
    "license_requirement": "For all items subject to the EAR. (See §§ 734.9(g),3 746.8(a)(3))",
    "source_list_url": "https://lists.example/entity-list",
}  # fmt: skip
SHIPPER = {
    "_id": "18300", "entity_number": "18300", "source": SSI, "type": "Entity", "programs": "SAMPLE-EO1; SAMPLE-EO2",
    "name": "INVENTED TRADE LIMITED", "addresses": "5 Sample Dervi, 2nd floor, Nicosia, 1066, CY",
    "ids": "Registration ID, C122790; V.A.T. Number, CHE-267.936.404, CH; Email Address, hr@invented.example; "
    "Executive Order 13662 Directive Determination -, Subject to Directive 2; "
    "Secondary sanctions risk:, Invented Regulations, 31 CFR 589.201; Website, invented.example; Gender, Male",
}  # fmt: skip


def test_a_csl_table_in_its_true_columns_is_read() -> None:
    reading = read_csl(table(CSL_COLUMNS, RESEARCH, SHIPPER), None)
    assert not reading.faults
    institute, shipper = reading.entries
    assert (institute.entry_id, institute.name, institute.country, institute.listed_from) == (
        "99ed1b052fdb09695fae1ba8", "Invented Institute No. 13 (IIN 13)", "CN", date(2018, 8, 1),
    )  # fmt: skip
    assert institute.aliases == ("IIN Research Institute 13", "SSI", "Sampletown Semiconductor Institute")
    assert institute.delisted_on is None
    assert (shipper.ids, shipper.country) == (("C122790", "CHE-267.936.404"), "CY")
    assert shipper.listed_from is None  # an empty cell


def test_the_same_party_in_json_has_the_same_entry() -> None:
    row = {
        **{name: None for name in CSL_COLUMNS if name != "_id"}, "id": "18300", "entity_number": "18300", "source": SSI,
        "type": "Entity", "programs": ["SAMPLE-EO1", "SAMPLE-EO2"], "name": "INVENTED TRADE LIMITED", "alt_names": [],
        "addresses": [
            {"address": "5 Sample Dervi, 2nd floor", "city": "Nicosia", "state": None, "postal_code": "1066",
             "country": "CY"}
        ],
        "ids": [
            {"type": "Registration ID", "number": "C122790", "country": None, "issue_date": None},
            {"type": "V.A.T. Number", "number": "CHE-267.936.404", "country": "CH", "issue_date": None},
            {"type": "Email Address", "number": "hr@invented.example", "country": None},
            {"type": "Executive Order 13662 Directive Determination -", "number": "Subject to Directive 2"},
            {"type": "Secondary sanctions risk:", "number": "Invented Regulations, 31 CFR 589.201"},
            {"type": "Website", "number": "invented.example"},
            {"type": "Gender", "number": "Male"},
        ],
    }  # fmt: skip
    (of_json,) = read_csl(orjson.dumps({"sources_used": [], "total": 1, "results": [row]}), None).entries
    (of_csv,) = read_csl(table(CSL_COLUMNS, SHIPPER), None).entries
    assert of_json == of_csv


@pytest.mark.parametrize(
    ("published", "kind", "asked"),
    [
        ("Invented Import Company; and any successor, sub-unit, or subsidiary thereof", "", "Invented Import Company"),
        ("OAO Invented Mash (f.k.a. Sample Mash Holding)", "", "Sample Mash Holding"),
        ("OAO Invented Mash (f.k.a. Sample Mash Holding)", "", "Invented Mash"),
        ("SAMPLEMAN, Ryonginvent", "Individual", "Ryonginvent Sampleman"),
    ],
)  # fmt: skip
def test_what_the_publisher_writes_beside_a_name_is_no_part_of_it(
    published: str, kind: str, asked: str
) -> None:
    reading = read_csl(
        table(CSL_COLUMNS, {"_id": "a1", "source": SDN, "name": published, "type": kind}), None
    )
    (hit,) = PartyLists(reading.entries).hits((Party(role="buyer", name=asked),), ON)
    assert hit.exact, hit


def test_a_party_on_two_of_the_treasurys_lists_is_one_entry_while_one_of_them_counts() -> None:
    ended = {**SHIPPER, "start_date": "2014-07-16", "end_date": "2020-01-01"}
    other = {
        "_id": "18300", "entity_number": "18300", "source": MBS, "name": "INVENTED TRADE LIMITED",
        "alt_names": "ITL Example", "start_date": "2022-02-24",
    }  # fmt: skip
    for rows in ((ended, other), (other, ended)):
        reading = read_csl(table(CSL_COLUMNS, *rows), None)
        assert not reading.faults
        (entry,) = reading.entries
        assert entry.source == f"{MBS}; {SSI}"
        assert (entry.listed_from, entry.delisted_on, entry.country) == (date(2014, 7, 16), None, "CY")
        assert (entry.aliases, entry.ids) == (("ITL Example",), ("C122790", "CHE-267.936.404"))


def test_one_line_twice_is_one_entry_and_two_lines_of_one_list_are_a_fault() -> None:
    assert len(read_csl(table(CSL_COLUMNS, SHIPPER, SHIPPER), None).entries) == 1
    (fault,) = read_csl(table(CSL_COLUMNS, SHIPPER, {**SHIPPER, "name": "ANOTHER"}), None).faults
    assert (fault.field, fault.place) == ("entry_id", "3")


def test_a_denial_of_fifty_years_ends_behind_its_last_day() -> None:
    denied = {"_id": "b6", "source": "Denied Persons List (DPL) - Bureau of Industry and Security",
              "name": "I. SAMPLEMAN", "addresses": "605 SAMPLE DRIVE, SAMPLETOWN, TX, 75081, US",
              "start_date": "2002-03-04", "end_date": "2056-06-29", "standard_order": "Y"}  # fmt: skip
    (entry,) = read_csl(table(CSL_COLUMNS, denied), None).entries
    assert (entry.delisted_on, entry.country) == (date(2056, 6, 30), "US")


# -- OpenSanctions -----------------------------------------------------------------------------------------

TARGET = {
    "id": "NK-invented1", "schema": "Company", "name": "Invented Alumina Works",
    "aliases": 'АО Выдуманный глинозем;Invented Works;"Works; Invented, Branch";虚构铝业有限公司',
    "countries": "ru", "identifiers": "1027700000000;7700000000", "sanctions": "2022-02-24;Article 3s(2)",
    "program_ids": "EU-RUS;GB-RUS", "dataset": "Invented Sanctions List;Another Invented List",
    "first_seen": "2023-04-20T10:12:11", "last_seen": "2026-10-15T13:11:55", "last_change": "2026-09-15T09:48:57",
}  # fmt: skip


def test_a_table_of_targets_in_its_true_columns_is_read() -> None:
    person = {"id": "NK-2", "schema": "Person", "name": "Jane Fictional", "countries": "ru;ua-cri;suhh",
              "birth_date": "1970-01-02"}  # fmt: skip
    wallet = {"id": "NK-3", "schema": "CryptoWallet", "name": "0xinvented"}
    reading = read_opensanctions(table(SIMPLE_COLUMNS, TARGET, person, wallet), None)
    assert (reading.faults, reading.passed_over) == ((), 1)
    works, jane = reading.entries
    assert (works.list_id, works.entry_id, works.name, works.local_name) == (
        "opensanctions", "NK-invented1", "Invented Alumina Works", "АО Выдуманный глинозем",
    )  # fmt: skip
    assert works.aliases == ("Invented Works", "Works; Invented, Branch", "虚构铝业有限公司")
    assert (works.ids, works.country) == (("1027700000000", "7700000000"), "RU")
    assert works.listed_from is None  # first_seen is the publisher's day, not the list's
    assert works.source == "Another Invented List, Invented Sanctions List"
    assert (jane.name, jane.country, jane.aliases) == ("Jane Fictional", None, None)


def test_a_line_break_and_a_lone_quote_in_a_cell_keep_no_name_away() -> None:
    odd = {**TARGET, "aliases": 'Invented\nWorks;Works "North";', "identifiers": "", "countries": " "}
    reading = read_opensanctions(table(SIMPLE_COLUMNS, odd), None)
    assert not reading.faults
    (entry,) = reading.entries
    assert (entry.aliases, entry.ids, entry.country) == (("Invented Works", 'Works "North"'), None, None)


def test_a_table_of_targets_of_an_older_edition_or_with_a_column_missing() -> None:
    older = [column for column in SIMPLE_COLUMNS if column != "program_ids"]
    assert len(read_opensanctions(table(older, TARGET), None).entries) == 1
    short = [column for column in SIMPLE_COLUMNS if column != "aliases"]
    (fault,) = read_opensanctions(table(short, TARGET), None).faults
    assert (fault.place, fault.field) == ("1", "aliases")


def test_a_line_of_nested_targets_in_its_true_form_is_read() -> None:
    line = {
        "id": "NK-invented1", "caption": "Invented Alumina Works", "schema": "Company", "target": True,
        "referents": ["ofac-00000", "eu-fsf-invented"], "datasets": ["invented_list"],
        "first_seen": "2023-04-20T10:12:11", "last_seen": "2026-10-15T13:11:55", "last_change": "2026-09-15T09:48:57",
        "properties": {
            "name": ["Invented Alumina Works", "虚构铝业有限公司"], "country": ["cn"], "topics": ["sanction"],
            "registrationNumber": ["91310000MA00000000"], "cageCode": ["0INV0"], "weakAlias": ["IAW"],
            "addressEntity": [{"id": "addr-1", "schema": "Address", "properties": {"full": ["1 Sample Road"]}}],
            "sanctions": [
                {"id": "s-1", "schema": "Sanction", "datasets": ["invented_list"], "referents": [], "target": False,
                 "properties": {"entity": ["NK-invented1"], "authority": ["Invented"],
                                "startDate": ["2022-02-24"], "program": ["X"]}},
                {"id": "s-2", "schema": "Sanction", "datasets": ["invented_list"], "referents": [], "target": False,
                 "properties": {"entity": ["NK-invented1"], "listingDate": ["2021-01-14T00:00:00"],
                                "endDate": ["2023-01-01"]}},
            ],
        },
    }  # fmt: skip
    (entry,) = read_opensanctions(orjson.dumps(line) + b"\n", None).entries
    assert (entry.name, entry.local_name, entry.country) == (
        "Invented Alumina Works",
        "虚构铝业有限公司",
        "CN",
    )
    assert (entry.aliases, entry.ids) == (None, ("0INV0", "91310000MA00000000"))
    assert (entry.listed_from, entry.delisted_on) == (date(2021, 1, 14), None)
