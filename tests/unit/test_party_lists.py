"""Editions of party lists: three formats read, what they change, and what stops an import. All parties are made up."""

from datetime import date
from pathlib import Path

import orjson
import pytest

from exportwatch.commands.parties import read_edition, refuse_shrinking
from exportwatch.errors import ConfigError
from exportwatch.party_lists.csl import read_csl
from exportwatch.party_lists.delta import Kind, delta, records, standing
from exportwatch.party_lists.opensanctions import read_opensanctions
from exportwatch.party_lists.rows import day_behind, first_day
from exportwatch.party_lists.table import read_table
from exportwatch_events.control import PartyListEntry

TODAY = date(2026, 3, 1)


def lines(*objects: object) -> bytes:
    return b"\n".join(orjson.dumps(one) for one in objects)


def company(number: int, **properties: list[str]) -> dict[str, object]:
    stated = {"name": [f"Made Up Works {number}"], **properties}
    return {
        "id": f"NK-{number}", "caption": f"Made Up Works {number}", "schema": "Company", "target": True,
        "datasets": ["made_up"], "properties": stated,
    }  # fmt: skip


def entry(number: int, **fields: object) -> PartyListEntry:
    stated = {"list_id": "made-up", "entry_id": str(number), "name": f"Made Up Works {number}", **fields}
    return PartyListEntry.model_validate(stated)


def on_topic(*entries: PartyListEntry) -> list[tuple[bytes | None, bytes | None]]:
    changes = delta(standing([]), entries, (), TODAY).changes
    return [(record.key, record.value) for record in records(changes)]


# -- formats -----------------------------------------------------------------------------------------------


def test_an_opensanctions_entity_is_an_entry_with_its_names_numbers_country_and_days() -> None:
    sanction = {
        "id": "s",
        "schema": "Sanction",
        "properties": {"startDate": ["2025-04"], "endDate": ["2026"]},
    }
    stated = company(
        1, name=["Made Up Works 1", "虚构制造一厂"], alias=["MUW Example"], weakAlias=["MUW"], country=["jp"],
        leiCode=["5299001MADEUP000000"],
    )  # fmt: skip
    stated["properties"]["sanctions"] = [sanction]  # type: ignore[index]
    (read,) = read_opensanctions(lines(stated), "made-up").entries
    assert (read.list_id, read.entry_id, read.name, read.local_name) == (
        "made-up", "NK-1", "Made Up Works 1", "虚构制造一厂",
    )  # fmt: skip
    assert (read.aliases, read.ids, read.country) == (("MUW Example",), ("5299001MADEUP000000",), "JP")
    assert (read.listed_from, read.delisted_on) == (date(2025, 4, 1), date(2027, 1, 1))


def test_sanctions_on_lines_of_their_own_date_the_entity_they_name() -> None:
    open_ended = {
        "id": "s",
        "schema": "Sanction",
        "properties": {"entity": ["NK-1"], "startDate": ["2025-04-09"]},
    }
    reading = read_opensanctions(lines(open_ended, company(1)), None)
    assert [(e.list_id, e.listed_from, e.delisted_on) for e in reading.entries] == [
        ("opensanctions", date(2025, 4, 9), None)
    ]
    assert reading.passed_over == 1


def test_what_is_no_listed_party_is_passed_over() -> None:
    address = {"id": "a", "schema": "Address", "properties": {"full": ["1 Example Street"]}}
    related = {**company(2), "target": False}
    reading = read_opensanctions(lines(address, related, company(1)), None)
    assert [e.entry_id for e in reading.entries] == ["NK-1"]
    assert (reading.passed_over, reading.faults) == (2, ())


CSL_ROW = {
    "id": "abc1", "source": "Entity List (EL)", "name": "Made Up Works 1", "alt_names": ["MUW Example", "虚构制造一厂"],
    "addresses": [{"country": "CN"}, {"country": "CN"}], "start_date": "2024-05-01", "end_date": None,
    "ids": [{"type": "Registration", "number": "91-3101", "country": "CN"}],
}  # fmt: skip


def test_a_consolidated_screening_list_reads_alike_as_json_and_as_csv() -> None:
    (of_json,) = read_csl(orjson.dumps({"results": [CSL_ROW]}), None).entries
    header = "_id,source,name,alt_names,addresses,start_date,end_date,ids\n"
    row = (
        "abc1,Entity List (EL),Made Up Works 1,MUW Example; 虚构制造一厂,"
        '"1 Street, Town, CN; 2 Street, CN",2024-05-01,,\n'
    )
    (of_csv,) = read_csl((header + row).encode(), None).entries
    assert of_json.model_copy(update={"ids": None}) == of_csv
    assert (of_json.list_id, of_json.entry_id, of_json.country, of_json.ids) == (
        "us-csl",
        "abc1",
        "CN",
        ("91-3101",),
    )
    assert (of_json.name, of_json.local_name, of_json.aliases) == (
        "Made Up Works 1",
        "虚构制造一厂",
        ("MUW Example",),
    )
    assert (of_json.listed_from, of_json.source) == (date(2024, 5, 1), "Entity List (EL)")


def test_our_own_table_has_every_field_of_an_entry() -> None:
    content = (
        "list_id,entry_id,name,local_name,aliases,ids,country,listed_from,suspended,delisted_on,source\n"
        "made-up,1,Made Up Works,虚构,MUW; M.U.W.,AB 12345,JP,2025-01-01,"
        "2025-02-01/2025-03-01;2025-05-01,2026-01-01,x\n"
    )
    (read,) = read_table(content.encode("utf-8-sig"), None).entries
    assert (read.aliases, read.ids, read.country) == (("MUW", "M.U.W."), ("AB 12345",), "JP")
    assert [(s.from_, s.until) for s in read.suspended or ()] == [
        (date(2025, 2, 1), date(2025, 3, 1)), (date(2025, 5, 1), None),
    ]  # fmt: skip
    assert (read.listed_from, read.delisted_on) == (date(2025, 1, 1), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("text", "first", "behind"),
    [
        ("2025", date(2025, 1, 1), date(2026, 1, 1)), ("2025-12", date(2025, 12, 1), date(2026, 1, 1)),
        ("2025-02-28", date(2025, 2, 28), date(2025, 3, 1)), ("2025-13", None, None), ("soon", None, None),
    ],
)  # fmt: skip
def test_a_date_that_is_not_whole_counts_from_its_first_day_and_to_its_last(
    text: str, first: date | None, behind: date | None
) -> None:
    assert (first_day(text), day_behind(text)) == (first, behind)


# -- what stops an import ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "content", "said"),
    [
        ("csv", "entry_id,name\n1,A\n1,B\n",
         "list.csv:3: entry_id: cannot be read; found '1'; expected each id once; it stands in 2"),
        ("csv", "entry_id,name,colour\n1,A,red\n", "list.csv:1: header: cannot be read; found 'colour'"),
        ("csv", "name\nA\n", "expected a column entry_id"),
        ("csv", "entry_id,name\n1\n", "list.csv:2: line: cannot be read"),
        ("csv", "entry_id,name,country\n1,A,Japan\n", "list.csv:2: country: cannot be read; found 'Japan'"),
        ("csv", "entry_id,name,listed_from\n1,A,01.02.2025\n",
         "list.csv:2: listed_from: cannot be read; found '01.02"),
        ("csv", "entry_id,name\n1,\n", "list.csv:2: name: cannot be read"),
        ("csv", "entry_id,name,suspended\n1,A,then/2025-01-01\n", "list.csv:2: suspended"),
        ("opensanctions", "{\n", "list.csv:1: line: cannot be read; found '{'"),
        ("opensanctions", '{"id":"1","schema":"Company"}', "list.csv:1: properties"),
        ("opensanctions", '{"id":"1","schema":"Company","properties":{}}', "list.csv:1: name"),
        ("csl", '{"results": 1}', "list.csv:1: results"),
        ("csl", '{"results": [{"name": "A", "source": "x"}]}', "list.csv:results[0]: entry_id"),
        ("csl", '{"results": [{"id": "1", "name": "A", "start_date": "x"}]}', "list.csv:results[0]: start_date"),
        ("csl", "id;name\n", "list.csv:1: source"),
    ],
)  # fmt: skip
def test_a_fault_says_file_line_field_what_was_found_and_what_was_expected(
    tmp_path: Path, form: str, content: str, said: str
) -> None:
    file = tmp_path / "list.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        read_edition(file, form, "made-up")
    assert said in str(raised.value)
    assert "nothing was published" in str(raised.value)


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("entry_id,name\n" + ",A\n" * 30)
    with pytest.raises(ConfigError) as raised:
        read_edition(file, "csv", "made-up")
    assert str(raised.value).count("cannot be read") == 20
    assert "and 10 more faults" in str(raised.value)


def test_a_file_that_is_not_text_and_one_without_an_entry_or_a_list_are_told(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(b"entry_id,name\n1,\xff\n")
    with pytest.raises(ConfigError, match="UTF-8"):
        read_edition(file, "csv", "made-up")
    file.write_text("entry_id,name\n")
    with pytest.raises(ConfigError, match="--list"):
        read_edition(file, "csv", None)
    assert read_edition(file, "csv", "made-up")[1] == ("made-up",)


# -- what an edition changes -------------------------------------------------------------------------------


def test_the_first_edition_adds_every_entry_as_version_1() -> None:
    changed = delta(standing([]), [entry(1), entry(2)], (), TODAY)
    assert [(c.kind, c.entry.entry_id, c.entry.version) for c in changed.changes] == [
        (Kind.ADDED, "1", 1), (Kind.ADDED, "2", 1),
    ]  # fmt: skip
    assert [record.key for record in records(changed.changes)] == [b"made-up/1@1", b"made-up/2@1"]


def test_the_same_edition_again_changes_nothing() -> None:
    edition = [entry(1, aliases=()), entry(2, country="JP")]
    assert delta(standing(on_topic(*edition)), edition, (), TODAY).changes == ()


def test_a_changed_entry_rises_by_a_version_and_says_what_differs() -> None:
    changed = delta(standing(on_topic(entry(1))), [entry(1, country="JP", source="x")], (), TODAY)
    assert [(c.kind, c.entry.version, c.fields) for c in changed.changes] == [
        (Kind.CHANGED, 2, ("country", "source"))
    ]


def test_an_entry_that_the_edition_lost_is_delisted_from_the_day_and_stays_so() -> None:
    before = on_topic(entry(1), entry(2))
    changed = delta(standing(before), [entry(1)], (), TODAY)
    (gone,) = changed.changes
    assert (gone.kind, gone.entry.version, gone.entry.delisted_on) == (Kind.DELISTED, 2, TODAY)
    after = [*before, *((r.key, r.value) for r in records(changed.changes))]
    assert delta(standing(after), [entry(1)], (), date(2026, 4, 1)).changes == ()
    (back,) = delta(standing(after), [entry(1), entry(2)], (), date(2026, 4, 1)).changes
    assert (back.kind, back.entry.version, back.entry.delisted_on) == (Kind.CHANGED, 3, None)


def test_other_lists_are_left_alone() -> None:
    other = PartyListEntry(list_id="other", entry_id="1", name="Somebody")
    changed = delta(standing(on_topic(entry(1), other)), [entry(1)], ("made-up",), TODAY)
    assert (changed.changes, changed.before) == ((), {"made-up": 1})


def test_versions_rise_above_withdrawn_and_unreadable_ones() -> None:
    stands = standing(
        [*on_topic(entry(1)), (b"made-up/1@7", b"{}"), (b"made-up/2@4", b"x"), (b"made-up/2@4", None)]
    )
    changed = delta(stands, [entry(1, country="JP"), entry(2)], (), TODAY)
    assert [(c.entry.entry_id, c.entry.version) for c in changed.changes] == [("1", 8), ("2", 5)]
    assert stands.unreadable[0].startswith("made-up/1@7: ")


@pytest.mark.parametrize(("left", "refused"), [(20, False), (18, False), (17, True), (0, True)])
def test_a_list_that_loses_more_than_a_tenth_is_refused_unless_forced(left: int, refused: bool) -> None:
    everything = [entry(number) for number in range(20)]
    changed = delta(standing(on_topic(*everything)), everything[:left], ("made-up",), TODAY)
    assert bool(changed.shrunk()) is refused
    refuse_shrinking(changed, force=True)
    if refused:
        with pytest.raises(ConfigError, match=rf"made-up: .* found {left} entries; expected about 20"):
            refuse_shrinking(changed, force=False)


def test_entries_that_the_edition_itself_delists_count_as_lost() -> None:
    everything = [entry(number) for number in range(10)]
    ended = [one.model_copy(update={"delisted_on": TODAY}) for one in everything]
    changed = delta(standing(on_topic(*everything)), ended, (), TODAY)
    assert {change.kind for change in changed.changes} == {Kind.DELISTED}
    assert changed.shrunk() == ("made-up",)
