"""Loading a pack: every check has a pack that breaks it, and says where."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from exportwatch.classification.item import valid_cas
from exportwatch.errors import ConfigError
from exportwatch.law import files
from exportwatch.law.entries import compile_entry
from exportwatch.law.lint import lint
from exportwatch.law.load import PACKAGED, load_pack, read_pack
from exportwatch.law.located import find_line, read_yaml
from exportwatch.screening.control import ControlContent, load_rules
from law_packs import DESCRIPTION, LIMBS, OXIDES, write_pack

TABLE = """\
Dy:
  names: [dysprosium, "1-2-3"]
  cas: {metal: [7429-91-6]}
"""
WritePack = Callable[..., Path]


@pytest.fixture
def pack(tmp_path: Path) -> WritePack:
    def write(instrument: str = OXIDES, table: str = TABLE, description: str = DESCRIPTION) -> Path:
        return write_pack(tmp_path, pack=description, cn__CN_2021_1=instrument, tables__elements=table)

    return write


def findings(root: Path) -> list[str]:
    problems = lint(read_pack(root), compile_entry, lambda number: valid_cas(number.replace("-", "")))
    return [str(problem).removeprefix(f"{root}/") for problem in problems]


def test_the_good_pack_of_these_tests_has_no_problem(pack: WritePack) -> None:
    assert findings(pack()) == []
    loaded = load_pack(pack(), compile_entry)
    assert loaded.version == "small 1"
    assert loaded.files[:3] == ("cn/CN-2021-1.yaml", "cn/CN-2021-2.yaml", "pack.yaml")
    assert set(loaded.tables) == set(load_pack().tables)
    assert list(loaded.tables["elements"]) == ["Dy"]
    assert [entry.control_code for entry in loaded.entries] == ["9X1", "9T1"]


def test_the_packaged_pack_has_no_problem() -> None:
    problems = lint(read_pack(), compile_entry, lambda number: valid_cas(number.replace("-", "")))
    assert [str(problem) for problem in problems] == []


BROKEN = [
    ("an unknown key", "scope:", "scoop:", 6, 'key "scoop" is not known', 'did you mean "scope"?'),
    (
        "an unknown status",
        "status: in_force",
        "status: in_froce",
        12,
        'status "in_froce"',
        'mean "in_force"?',
    ),
    (
        "an unquoted date",
        'published: "2021-01-01"',
        "published: 2021-01-01",
        4,
        "write the date in quotes",
        "",
    ),
    ("an unquoted date in a timeline", 'from: "2021-02-01"', "from: 2021-02-01", 12, "in quotes", ""),
    ("a day that does not exist", '"2021-02-01"', '"2021-02-30"', 12, "not a day of the calendar", ""),
    ("a day in another notation", '"2021-02-01"', '"01.02.2021"', 12, "expected a day", ""),
    ("an interval that is missing a first day", 'from: "2021-02-01"', "note: x", 12, "from is missing", ""),
    ("a missing source", "source: {cite", "notes: [x]\n#", 1, "source is missing", ""),
    ("a source without a tag", ', confidence: "V[S1]"}\nscope', "}\nscope", 5, "confidence is missing", ""),
    ("a tag that does not exist", '"V[S1]"}', '"sure"}', 5, 'found "sure"', ""),
    ("a source that nobody listed", '"V[S1]"}', '"V[S2]"}', 5, '"S2" is not in pack.yaml', ""),
    ("verified without a source", '"V[S1]"}', "V}", 5, "V means seen in a stored source", ""),
    ("an overlap", 'until: "2021-01-31"', 'until: "2021-02-01"', 12, "overlap", ""),
    ("a gap", 'until: "2021-01-31"', 'until: "2021-01-30"', 12, "nothing is said of 2021-01-31", ""),
    ("a gap after publication", 'from: "2021-01-01"', 'from: "2021-01-02"', 10, "gap or overlap", ""),
    ("intervals that are not sorted", 'from: "2021-02-01"', 'from: "2020-02-01"', 12, "not sorted", ""),
    ("an end before the beginning", 'until: "2021-12-31"', 'until: "2021-05-01"', 13, "before it begins", ""),
    ("a suspension by nobody", ", by: CN-2021-2", "", 13, "by is missing", ""),
    (
        "a suspension by an unknown announcement",
        "by: CN-2021-2",
        "by: CN-2021-7",
        0,
        "instrument",
        "CN-2021-1",
    ),
    ("an open end that counts", ', until: "2021-12-31"', ", until_inclusive: true", 13, "without until", ""),
    (
        "an hour on a suspension",
        "by: CN-2021-2",
        'by: CN-2021-2, in_force_time: "18:00"',
        13,
        "belongs to",
        "",
    ),
    (
        "an hour that does not exist",
        'from: "2021-02-01"',
        'from: "2021-02-01", in_force_time: "25:00"',
        12,
        "an hour",
        "",
    ),
    (
        "the unconfirmed without a reason",
        "status: in_force",
        "status: unconfirmed",
        12,
        "note is missing",
        "",
    ),
    (
        "the whole beside a part",
        'limbs:\n  "*":',
        'limbs:\n  "1": {timeline: [{status: in_force, from: "2021-01-01"}]}\n  "*":',
        9,
        "cannot stand beside",
        "",
    ),
    ("a key that stands twice", "scope:", "published: x\nscope:", 6, "stands twice", ""),
    ("text that is no YAML", "authority: [MOFCOM]", "authority: [MOFCOM", 4, "not YAML", ""),
    ("an id that is not the file's", "id: CN-2021-1", "id: CN-2021-9", 1, "CN-2021-9.yaml", ""),
    ("an id of another form", "id: CN-2021-1", "id: cn_2021", 1, "a name like CN-2025-18", ""),
    ("an entry of an unknown limb", "kind: goods", 'kind: goods\n    limb: "3"', 18, 'limb "3"', ""),
    (
        "an entry of an unknown kind",
        "kind: goods",
        "kind: godos",
        17,
        'kind "godos"',
        'did you mean "goods"?',
    ),
    ("an unknown predicate", "class: oxide}", "clas: oxide}", 20, "clas", ""),
    ("an entry that is no mapping", "entries:\n", "entries:\n  - 9X0\n", 15, "expected a mapping", ""),
]


@pytest.mark.parametrize(
    ("good", "bad", "line", "text", "hint"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_a_broken_instrument_is_found_with_its_line(
    pack: WritePack, good: str, bad: str, line: int, text: str, hint: str
) -> None:
    assert good in OXIDES
    root = pack(OXIDES.replace(good, bad))
    found = findings(root)
    place = f"cn/CN-2021-1.yaml:{line}:" if line else "cn/CN-2021-1.yaml:"
    assert [f for f in found if f.startswith(place) and text in f and hint in f], found


def test_a_code_that_stands_twice_is_found(pack: WritePack) -> None:
    entry = OXIDES[OXIDES.index("  - code") :]
    (found,) = findings(pack(OXIDES + entry))
    assert found == "cn/CN-2021-1.yaml:23: entry 9X1: this code stands twice in its limb (first at line 15)"


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        ("7429-91-7", "elements.yaml:3: CAS number 7429-91-7: the check digit is wrong"),
        ("'7429916'", 'elements.yaml:3: "7429916" does not have the form of a CAS number'),
        ("7429916", 'elements.yaml:3: "7429916" does not have the form of a CAS number'),
    ],
)
def test_a_wrong_cas_number_in_a_table_is_found(pack: WritePack, bad: str, text: str) -> None:
    (found,) = findings(pack(table=TABLE.replace("7429-91-6", bad)))
    assert found == f"tables/{text}"


def test_a_pack_with_problems_is_refused_with_all_of_them(pack: WritePack) -> None:
    root = pack(OXIDES.replace("scope:", "scoop:").replace("in_force", "in_froce"))
    with pytest.raises(ConfigError) as refused:
        load_pack(root)
    assert "scoop" in str(refused.value)
    assert "in_froce" in str(refused.value)


def test_an_entry_that_does_not_compile_stops_the_load(pack: WritePack) -> None:
    with pytest.raises(ConfigError, match=r"CN-2021-1\.yaml:17: entry 9X1: kind"):
        load_pack(pack(OXIDES.replace("kind: goods", "kind: godos")), compile_entry)


def test_a_folder_without_a_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no law pack: expected a folder with pack\.yaml"):
        load_pack(tmp_path)


def test_the_digest_changes_with_any_byte_of_any_file_and_with_nothing_else(pack: WritePack) -> None:
    first = load_pack(pack()).sha256
    assert load_pack(pack()).sha256 == first
    changed = {
        load_pack(pack(OXIDES + "#\n")).sha256,
        load_pack(pack(table=TABLE + "#\n")).sha256,
        load_pack(pack(description=DESCRIPTION + "#\n")).sha256,
    }
    assert len(changed | {first}) == 4


def test_hidden_folders_of_a_mounted_volume_are_not_read_twice(pack: WritePack) -> None:
    root = pack()
    hidden = root / "..2026_11_24" / "CN-2021-1.yaml"
    hidden.parent.mkdir()
    hidden.write_text(OXIDES, encoding="utf-8")
    assert findings(root) == []


def test_words_stay_words_and_cas_numbers_are_not_dates() -> None:
    value = read_yaml("on: no\nratio: 1:5\ncas: 7440-19-9\nlimit: 2.58\nopen: true\nnone:\n", "f")
    assert value == {
        "on": "no",
        "ratio": "1:5",
        "cas": "7440-19-9",
        "limit": 2.58,
        "open": True,
        "none": None,
    }


def test_the_line_of_a_name_is_found_at_any_depth() -> None:
    value = read_yaml("a:\n  b:\n    - x\n    - deep: y\n", "f")
    assert (find_line(value, "deep"), find_line(value, "y"), find_line(value, "z", 9)) == (4, 4, 9)


# -- what a folder of one's own takes from the packaged pack: only what it says ----------------------------


def refused(root: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_pack(root, compile_entry)
    return caught.value


def alone(text: str = DESCRIPTION) -> str:
    return text.replace("extends: tables\n", "")


def test_a_pack_without_tables_is_refused_and_told_how_to_take_the_packaged_ones(tmp_path: Path) -> None:
    error = refused(write_pack(tmp_path, pack=alone()))
    assert (error.file, error.key, error.found) == (str(tmp_path), "tables", "none")
    assert "tables/elements.yaml" in str(error.expected)
    assert 'write "extends: tables" in pack.yaml' in str(error.hint)


def test_a_pack_with_some_tables_is_told_which_it_lacks(tmp_path: Path) -> None:
    error = refused(write_pack(tmp_path, pack=alone(), tables__elements=TABLE))
    assert error.found == "tables/elements.yaml"
    assert "tables/elements.yaml" not in str(error.expected)
    assert "tables/end_use.yaml" in str(error.expected)


def test_a_pack_with_all_tables_stands_alone(tmp_path: Path) -> None:
    own = {
        f"tables__{file.stem}": file.read_text(encoding="utf-8")
        for file in (PACKAGED / "tables").glob("*.yaml")
    }
    assert set(own) >= {"tables__end_use", "tables__license_routes"}
    folder = write_pack(tmp_path, pack=alone())
    for name, text in own.items():
        file = folder / (name.replace("__", "/") + ".yaml")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    loaded = load_pack(folder, compile_entry)
    assert loaded.tables == load_pack().tables
    assert [i.id for i in loaded.instruments] == ["CN-2021-1", "CN-2021-2"]


def test_a_folder_over_the_packaged_law_replaces_files_of_the_same_name_and_adds_the_others(
    tmp_path: Path,
) -> None:
    text = (PACKAGED / "cn/CN-2025-57.yaml").read_text(encoding="utf-8")
    (tmp_path / "cn").mkdir()
    (tmp_path / "cn/CN-2025-57.yaml").write_text(text.replace("V[S9,S19]", "INF"), encoding="utf-8")
    (tmp_path / "cn/CN-2021-1.yaml").write_text(OXIDES.replace("CN-2021-2", "CN-2025-70"), encoding="utf-8")
    (tmp_path / "pack.yaml").write_text(DESCRIPTION.replace("tables", "packaged"), encoding="utf-8")
    packaged, loaded = load_pack(None, compile_entry), load_pack(tmp_path, compile_entry)
    assert {i.id for i in loaded.instruments} == {i.id for i in packaged.instruments} | {"CN-2021-1"}
    assert str(loaded.register.instruments["CN-2025-57"].source.confidence) == "INF"
    assert (
        loaded.register.instruments["CN-2025-18"].titles == packaged.register.instruments["CN-2025-18"].titles
    )
    assert (loaded.version, loaded.tables) == (f"small 1 on {packaged.version}", packaged.tables)
    assert loaded.sha256 != packaged.sha256


def test_the_packaged_tables_behind_a_folder_are_in_its_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_pack(tmp_path / "own")
    before = load_pack(folder).sha256
    later = tmp_path / "later"
    shutil.copytree(PACKAGED, later)
    (later / "tables/end_use.yaml").write_text("# another word\n", encoding="utf-8")
    monkeypatch.setattr(files, "PACKAGED", later)
    assert load_pack(folder).sha256 != before


@pytest.mark.parametrize("text", ["extends: packagd", "extends: [tables]", "extends: everything"])
def test_an_unknown_word_behind_extends_is_refused(tmp_path: Path, text: str) -> None:
    error = refused(write_pack(tmp_path, pack=alone() + text + "\n"))
    assert "extends" in str(error)
    assert str(error.file).endswith("pack.yaml:4")


def test_a_misspelt_table_is_named_and_not_passed_over(tmp_path: Path) -> None:
    error = refused(write_pack(tmp_path, tables__elments=TABLE))
    assert 'table "elments" is not known' in str(error)
    assert 'did you mean "elements"?' in str(error)


def test_a_pack_without_instruments_or_entries_is_refused_because_it_would_clear_everything(
    tmp_path: Path,
) -> None:
    (tmp_path / "pack.yaml").write_text(DESCRIPTION, encoding="utf-8")
    error = refused(tmp_path)
    assert (error.file, error.key, error.found) == (str(tmp_path), "cn", "none")
    bare = {text[text.index("entries:") :]: "" for text in (OXIDES, LIMBS)}
    error = refused(write_pack(tmp_path, bare))
    assert (error.file, error.key, error.found) == (str(tmp_path), "entries", "none in any instrument")
    assert "without entries" in str(error)
    assert "extends: packaged" in str(error.hint)


def test_screening_never_puts_the_packaged_law_in_the_place_of_a_pack_without_entries(
    tmp_path: Path,
) -> None:
    """Entries that nobody compiled are as good as none; it used to screen under the packaged law instead."""
    with pytest.raises(ValueError, match="without compiled entries"):
        ControlContent(load_pack(write_pack(tmp_path)))
    assert [e.instrument_id for e in load_rules(tmp_path).entries] == ["CN-2021-1", "CN-2021-2"]
