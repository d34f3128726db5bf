"""Loading a pack: every check has a pack that breaks it, and says where."""

from collections.abc import Callable
from pathlib import Path

import pytest

from exportwatch.classification.item import valid_cas
from exportwatch.errors import ConfigError
from exportwatch.law.entries import compile_entry
from exportwatch.law.lint import lint
from exportwatch.law.load import load_pack, read_pack
from exportwatch.law.located import find_line, read_yaml

DESCRIPTION = """\
name: test
version: "1"
sources: {S1: "a source"}
"""
INSTRUMENT = """\
id: CN-2099-1
titles: {en: "Test", zh: "测试"}
authority: [MOFCOM]
published: "2099-01-01"
source: {cite: "Announcement 1 of 2099", confidence: "V[S1]"}
scope: "a test"
limbs:
  "*":
    timeline:
      - {status: not_yet_effective, from: "2099-01-01", until: "2099-01-31", until_inclusive: true}
      - {status: in_force, from: "2099-02-01"}
      - {status: suspended, from: "2099-06-01", until: "2100-06-01", by: CN-2099-1}
entries:
  - code: 9X1
    name: {en: "Dysprosium oxide", zh: "氧化镝"}
    kind: goods
    effect: dual_use_license
    condition:
      material: {element: Dy, class: oxide}
    source: "Announcement 1 of 2099"
    confidence: "V[S1]"
"""
TABLE = """\
Dy:
  names: [dysprosium, "1-2-3"]
  cas: {metal: [7429-91-6]}
"""
WritePack = Callable[..., Path]


@pytest.fixture
def pack(tmp_path: Path) -> WritePack:
    def write(instrument: str = INSTRUMENT, table: str = TABLE, description: str = DESCRIPTION) -> Path:
        for name, text in (
            ("pack.yaml", description),
            ("cn/CN-2099-1.yaml", instrument),
            ("tables/elements.yaml", table),
        ):
            file = tmp_path / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def findings(root: Path) -> list[str]:
    problems = lint(read_pack(root), compile_entry, lambda number: valid_cas(number.replace("-", "")))
    return [str(problem).removeprefix(f"{root}/") for problem in problems]


def test_the_good_pack_of_these_tests_has_no_problem(pack: WritePack) -> None:
    assert findings(pack()) == []
    loaded = load_pack(pack(), compile_entry)
    assert loaded.version == "test 1"
    assert loaded.files == ("cn/CN-2099-1.yaml", "pack.yaml", "tables/elements.yaml")
    assert [entry.control_code for entry in loaded.entries] == ["9X1"]


def test_the_packaged_pack_has_no_problem() -> None:
    problems = lint(read_pack(), compile_entry, lambda number: valid_cas(number.replace("-", "")))
    assert [str(problem) for problem in problems] == []


BROKEN = [
    ("an unknown key", "scope:", "scoop:", 6, 'key "scoop" is not known', 'did you mean "scope"?'),
    (
        "an unknown status",
        "status: in_force",
        "status: in_froce",
        11,
        'status "in_froce"',
        'mean "in_force"?',
    ),
    (
        "an unquoted date",
        'published: "2099-01-01"',
        "published: 2099-01-01",
        4,
        "write the date in quotes",
        "",
    ),
    ("an unquoted date in a timeline", 'from: "2099-02-01"', "from: 2099-02-01", 11, "in quotes", ""),
    ("a day that does not exist", '"2099-02-01"', '"2099-02-30"', 11, "not a day of the calendar", ""),
    ("a day in another notation", '"2099-02-01"', '"01.02.2099"', 11, "expected a day", ""),
    ("an interval that is missing a first day", 'from: "2099-02-01"', "note: x", 11, "from is missing", ""),
    ("a missing source", "source: {cite", "notes: [x]\n#", 1, "source is missing", ""),
    ("a source without a tag", ', confidence: "V[S1]"}\nscope', "}\nscope", 5, "confidence is missing", ""),
    ("a tag that does not exist", '"V[S1]"}', '"sure"}', 5, 'found "sure"', ""),
    ("a source that nobody listed", '"V[S1]"}', '"V[S2]"}', 5, '"S2" is not in pack.yaml', ""),
    ("verified without a source", '"V[S1]"}', "V}", 5, "V means seen in a stored source", ""),
    ("an overlap", 'until: "2099-01-31"', 'until: "2099-02-01"', 11, "overlap", ""),
    ("a gap", 'until: "2099-01-31"', 'until: "2099-01-30"', 11, "nothing is said of 2099-01-31", ""),
    ("a gap after publication", 'from: "2099-01-01"', 'from: "2099-01-02"', 10, "gap or overlap", ""),
    ("intervals that are not sorted", 'from: "2099-02-01"', 'from: "2098-02-01"', 11, "not sorted", ""),
    ("an end before the beginning", 'until: "2100-06-01"', 'until: "2099-05-01"', 12, "before it begins", ""),
    ("a suspension by nobody", ", by: CN-2099-1", "", 12, "by is missing", ""),
    (
        "a suspension by an unknown announcement",
        "by: CN-2099-1",
        "by: CN-2099-2",
        0,
        "instrument",
        "CN-2099-1",
    ),
    ("an open end that counts", ', until: "2100-06-01"', ", until_inclusive: true", 12, "without until", ""),
    (
        "an hour on a suspension",
        "by: CN-2099-1",
        'by: CN-2099-1, in_force_time: "18:00"',
        12,
        "belongs to",
        "",
    ),
    (
        "an hour that does not exist",
        'from: "2099-02-01"',
        'from: "2099-02-01", in_force_time: "25:00"',
        11,
        "an hour",
        "",
    ),
    (
        "the unconfirmed without a reason",
        "status: in_force",
        "status: unconfirmed",
        11,
        "note is missing",
        "",
    ),
    (
        "the whole beside a part",
        'limbs:\n  "*":',
        'limbs:\n  "1": {timeline: [{status: in_force, from: "2099-01-01"}]}\n  "*":',
        9,
        "cannot stand beside",
        "",
    ),
    ("a key that stands twice", "scope:", "published: x\nscope:", 6, "stands twice", ""),
    ("text that is no YAML", "authority: [MOFCOM]", "authority: [MOFCOM", 4, "not YAML", ""),
    ("an id that is not the file's", "id: CN-2099-1", "id: CN-2099-9", 1, "CN-2099-9.yaml", ""),
    ("an id of another form", "id: CN-2099-1", "id: cn_2099", 1, "a name like CN-2025-18", ""),
    ("an entry of an unknown limb", "kind: goods", 'kind: goods\n    limb: "3"', 17, 'limb "3"', ""),
    (
        "an entry of an unknown kind",
        "kind: goods",
        "kind: godos",
        16,
        'kind "godos"',
        'did you mean "goods"?',
    ),
    ("an unknown predicate", "class: oxide}", "clas: oxide}", 19, "clas", ""),
    ("an entry that is no mapping", "entries:\n", "entries:\n  - 9X0\n", 14, "expected a mapping", ""),
]


@pytest.mark.parametrize(
    ("good", "bad", "line", "text", "hint"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_a_broken_instrument_is_found_with_its_line(
    pack: WritePack, good: str, bad: str, line: int, text: str, hint: str
) -> None:
    assert good in INSTRUMENT
    root = pack(INSTRUMENT.replace(good, bad))
    found = findings(root)
    place = f"cn/CN-2099-1.yaml:{line}:" if line else "cn/CN-2099-1.yaml:"
    assert [f for f in found if f.startswith(place) and text in f and hint in f], found


def test_a_code_that_stands_twice_is_found(pack: WritePack) -> None:
    entry = INSTRUMENT[INSTRUMENT.index("  - code") :]
    (found,) = findings(pack(INSTRUMENT + entry))
    assert found == "cn/CN-2099-1.yaml:22: entry 9X1: this code stands twice in its limb (first at line 14)"


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
    root = pack(INSTRUMENT.replace("scope:", "scoop:").replace("in_force", "in_froce"))
    with pytest.raises(ConfigError) as refused:
        load_pack(root)
    assert "scoop" in str(refused.value)
    assert "in_froce" in str(refused.value)


def test_an_entry_that_does_not_compile_stops_the_load(pack: WritePack) -> None:
    with pytest.raises(ConfigError, match=r"CN-2099-1\.yaml:16: entry 9X1: kind"):
        load_pack(pack(INSTRUMENT.replace("kind: goods", "kind: godos")), compile_entry)


def test_a_folder_without_a_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no law pack: expected a folder with pack\.yaml"):
        load_pack(tmp_path)


def test_the_digest_changes_with_any_byte_of_any_file_and_with_nothing_else(pack: WritePack) -> None:
    first = load_pack(pack()).sha256
    assert load_pack(pack()).sha256 == first
    changed = {
        load_pack(pack(INSTRUMENT + "#\n")).sha256,
        load_pack(pack(table=TABLE + "#\n")).sha256,
        load_pack(pack(description=DESCRIPTION + "#\n")).sha256,
    }
    assert len(changed | {first}) == 4


def test_hidden_folders_of_a_mounted_volume_are_not_read_twice(pack: WritePack) -> None:
    root = pack()
    hidden = root / "..2026_11_24" / "CN-2099-1.yaml"
    hidden.parent.mkdir()
    hidden.write_text(INSTRUMENT, encoding="utf-8")
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
