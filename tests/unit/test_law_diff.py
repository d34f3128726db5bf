"""`exportwatch law diff`: every kind of change is said in words, in one order, and nothing else is."""

from dataclasses import dataclass, fields, replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from exportwatch.commands.law import command
from exportwatch.law.compare import Difference, compare
from exportwatch.law.load import RulePack, load_pack
from exportwatch.law.model import Instrument, Text
from law_packs import LIMBS, write_pack

TABLES = {
    "tables__metals": "Fe: [iron, eisen]\nCo: [cobalt]\nNi: [nickel]\n",
    "tables__goods": "words:\n  making: [prepare, make]\n  taking: [take]\n",
}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, ["diff", *map(str, arguments)])


def differences(folder: Path, changes: dict[str, str], **files: str) -> tuple[Difference, ...]:
    old = write_pack(folder / "old", **TABLES)
    new = write_pack(folder / "new", changes, **{**TABLES, **files})
    return compare(load_pack(old), load_pack(new))


def details(folder: Path, old: str, new: str) -> list[str]:
    (found,) = differences(folder, {old: new})
    assert found.sign == "~"
    return list(found.details)


def test_a_pack_is_equal_to_itself() -> None:
    result = run("packaged", "packaged")
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "the packs are equal")


def test_comments_and_layout_are_no_difference(tmp_path: Path) -> None:
    new = write_pack(tmp_path / "new", {"authority: [MOFCOM]": "authority:\n  - MOFCOM  # the ministry"})
    result = run(write_pack(tmp_path / "old"), new)
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "the packs say the same; only comments or layout differ"


def test_the_whole_comparison_reads_like_this(tmp_path: Path) -> None:
    old = write_pack(tmp_path / "old", **TABLES)
    changes = {
        'version: "1"': 'version: "2"',
        'until: "2021-12-31"': 'until: "2022-12-31"',
        '"2.58"': '"2.60"',
    }
    new = write_pack(
        tmp_path / "new",
        changes,
        **{**TABLES, "tables__metals": "Fe: [iron, fer]\nCo: [cobalt]\nZn: [zinc]\n"},
    )
    result = run(old, new)
    lines = result.output.splitlines()
    assert lines[0].startswith("A  law pack small 1, sha256 ")
    assert lines[1].startswith("B  law pack small 2, sha256 ")
    assert lines[2:] == [
        "",
        "~ pack",
        "    version: small 1 -> small 2",
        "~ CN-2021-1 Control of dysprosium",
        "    whole instrument: from 2021-06-01: until: 2021-12-31 -> 2022-12-31",
        "~ CN-2021-2 Two paragraphs <of one & another>",
        "    entry 9T1 of limb 1: condition: compaction_density >= 2.58 g/cm3 at pressure 220 ->",
        "      compaction_density >= 2.60 g/cm3 at pressure 220",
        "~ table metals: Fe",
        "    + fer",
        "    - eisen",
        "- table metals: Ni",
        "    nickel",
        "+ table metals: Zn",
        "    zinc",
        "",
        "6 differences",
    ]
    assert result.exit_code == 1
    assert result.output == run(old, new).output


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('scope: "dysprosium oxide"', 'scope: "dysprosium"', "scope: dysprosium oxide -> dysprosium"),
        ('"Control of dysprosium"', '"Dysprosium"', "title (en): Control of dysprosium -> Dysprosium"),
        ('Announcement 2 of 2021", confidence: "M-md"', 'Announcement 2 of 2021", confidence: "M-hi"',
         "source: Announcement 2 of 2021 (M-md) -> Announcement 2 of 2021 (M-hi)"),
        ('{status: in_force, from: "2021-02-01"}', '{status: in_force, from: "2021-02-01", confirmed_at: "2021-02-02"}',
         "whole instrument: from 2021-02-01: confirmed: nothing -> 2021-02-02"),
        ('until: "2021-08-31", until_inclusive: true', 'until: "2021-09-01", until_inclusive: false',
         "limb 2: from 2021-06-01: until: 2021-08-31 -> 2021-09-01; last day included: yes -> no"),
        ('name: "paragraph 1"', 'name: "the first"', "limb 1: name: paragraph 1 -> the first"),
        ('zh: "氧化镝"', 'zh: "三氧化二镝"', "entry 9X1: name (zh): 氧化镝 -> 三氧化二镝"),
        ("effect: technology_license", "effect: prohibited",
         "entry 9T1 of limb 1: effect: technology_license -> prohibited"),
        ("class: oxide}", "class: metal}", "entry 9X1: - condition: material element Dy, class oxide"),
        ("process: lfp_preparation", "process: [lfp_preparation, lmfp_preparation]",
         "entry 9T1 of limb 1: condition: process lfp_preparation -> process lfp_preparation, lmfp_preparation"),
        ("      all:\n        - process", "      any:\n        - process",
         "entry 9T1 of limb 1: the same conditions are put together otherwise"),
    ],
)  # fmt: skip
def test_a_change_of_an_instrument_is_said_from_what_to_what(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert said in details(tmp_path, old, new)


def test_statements_and_entries_that_came_or_went_are_told_whole(tmp_path: Path) -> None:
    repeal = '      - {status: repealed, from: "2021-09-01", by: CN-2021-2, confirmed_at: "2021-09-02"}\n'
    (found,) = differences(tmp_path, {repeal: "", "code: 9T1": "code: 9T2"})
    threshold = "process lfp_preparation; compaction_density >= 2.58 g/cm3 at pressure 220"
    assert found.details == (
        "- limb 2: repealed from 2021-09-01 by CN-2021-2; confirmed 2021-09-02",
        f"- entry 9T1 of limb 1: Preparation of LFP (technology, technology license); {threshold}",
        f"+ entry 9T2 of limb 1: Preparation of LFP (technology, technology license); {threshold}",
    )


def test_a_threshold_that_moves_is_one_change_beside_another_that_came(tmp_path: Path) -> None:
    limit = '        - parameter: {name: compaction_density, op: ">=", value: "2.58"'
    further = '        - parameter: {name: average_voltage, op: ">", value: "3", unit: V}\n'
    said = details(tmp_path, limit, further + limit.replace("2.58", "2.4"))
    assert said == [
        "entry 9T1 of limb 1: condition: compaction_density >= 2.58 g/cm3 at pressure 220 -> "
        "compaction_density >= 2.4 g/cm3 at pressure 220",
        "entry 9T1 of limb 1: + condition: average_voltage > 3 V",
    ]


def test_instruments_limbs_and_sources_that_came_or_went_are_told(tmp_path: Path) -> None:
    third = LIMBS.replace("CN-2021-2", "CN-2021-3").replace('"2":', '"3":')
    old = write_pack(tmp_path / "old")
    new = write_pack(tmp_path / "new", {"a source": "a copy"}, cn__CN_2021_3=third)
    source, instrument = compare(load_pack(old), load_pack(new))
    assert (source.subject, source.details) == ("source S1", ("cites: a source -> a copy",))
    assert (instrument.sign, instrument.subject) == ("+", "CN-2021-3 Two paragraphs <of one & another>")
    assert instrument.details == (
        "published 2021-06-01; Announcement 2 of 2021 (M-md)",
        "limb 1: in force from 2021-06-01 by CN-2021-3",
        "limb 3: in force from 2021-06-01 to 2021-08-31 (included) by CN-2021-3",
        "limb 3: repealed from 2021-09-01 by CN-2021-3; confirmed 2021-09-02",
        "1 entries: 9T1",
    )
    back = compare(load_pack(new), load_pack(old))
    assert [d.sign for d in back] == ["~", "-"]
    assert back[1].details == instrument.details


def test_a_limb_that_came_is_told_with_its_timeline(tmp_path: Path) -> None:
    limb = '  "3":\n    name: "paragraph 3"\n    timeline:\n      - {status: in_force, from: "2021-06-01"}\n'
    said = details(tmp_path, '  "1":\n    name', limb + '  "1":\n    name')
    assert said == ["+ limb 3: paragraph 3", "+ limb 3: in force from 2021-06-01 by CN-2021-2"]


def test_a_changed_row_inside_a_row_is_named_by_its_path(tmp_path: Path) -> None:
    words = TABLES["tables__goods"].replace("[prepare, make]", "[make, prepare]").replace("[take]", "take")
    (found,) = differences(tmp_path, {}, tables__goods=words)
    assert (found.sign, found.subject) == ("~", "table goods: words")
    assert found.details == ("making: the same in another order or number", "taking: take -> take")


def test_the_order_of_files_and_keys_does_not_matter(tmp_path: Path) -> None:
    turned = "\n".join(reversed(TABLES["tables__metals"].splitlines())) + "\n"
    assert differences(tmp_path, {}, tables__metals=turned) == ()


def test_a_folder_that_is_no_pack_is_wrong_use(tmp_path: Path) -> None:
    assert run("packaged", "absent").exit_code == 2
    assert "no law pack" in str(run("packaged", tmp_path).exception)


def test_the_packaged_pack_can_be_compared_with_any(tmp_path: Path) -> None:
    result = run("packaged", write_pack(tmp_path))
    assert result.exit_code == 1
    assert "+ CN-2021-1 Control of dysprosium" in result.output
    assert max(map(len, result.output.splitlines())) <= 100


TITLE = Text("a policy", "政策")


@dataclass(frozen=True, slots=True)
class Clause:
    id: str
    countries: frozenset[str]
    name: Text = TITLE
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LaterInstrument(Instrument):
    """An instrument as a later version of the model may have it."""

    clauses: tuple[Clause, ...] = ()
    series: str = "one"


def test_a_field_without_words_of_its_own_does_not_pass_as_equal(tmp_path: Path) -> None:
    pack = load_pack(write_pack(tmp_path))
    first = {one.name: getattr(pack.instruments[0], one.name) for one in fields(Instrument)}

    def with_clauses(*clauses: Clause, series: str = "one") -> RulePack:
        later = LaterInstrument(**first, clauses=clauses, series=series)
        return replace(pack, instruments=(later, *pack.instruments[1:]))

    old = with_clauses(Clause("A", frozenset({"US", "JP"})), Clause("B", frozenset()))
    new = with_clauses(
        Clause("A", frozenset({"US"})), Clause("C", frozenset(), users=("military",)), series="two"
    )
    assert compare(old, old) == ()
    (found,) = compare(old, new)
    assert found.details == (
        "clauses A: id: A; countries: JP, US; name: a policy / 政策 -> id: A; countries: US; name: a policy / 政策",
        "- clauses B: id: B; name: a policy / 政策",
        "+ clauses C: id: C; name: a policy / 政策; users: military",
        "series: one -> two",
    )


def test_a_table_that_came_or_went_is_told_with_its_number_of_rows(tmp_path: Path) -> None:
    """Packs of two editions: one edition reads a table that the other does not know."""
    old = load_pack(write_pack(tmp_path))
    new = replace(old, tables={**old.tables, "routes": {"a": {"years": 1}, "b": {"years": 3}}})
    (came,) = compare(old, new)
    assert (came.sign, came.subject, came.details) == ("+", "table routes", ("2 rows",))


def test_notes_that_came_and_went_are_told(tmp_path: Path) -> None:
    said = details(tmp_path, 'scope: "dysprosium oxide"', 'scope: "dysprosium oxide"\nnotes: ["from memory"]')
    assert said == ["+ note: from memory"]
