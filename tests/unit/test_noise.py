"""A text under noise says the same, the same way each time; and what noise does to cases is counted."""

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from exportwatch.cli import group
from exportwatch.evaluation import under_noise as measured
from exportwatch.evaluation.measure import Evaluator
from exportwatch.evaluation.noise import WAYS, rewritten
from exportwatch.law.load import RulePack
from exportwatch.screening.control import load_rules

PACK: RulePack = load_rules()
TEXT = "Sintered magnet <N42SH>, dysprosium oxide 2.5 % & 0.125 mm, part DY203-1.5, HS 8505.11"


@pytest.mark.parametrize(
    ("way", "text", "wanted"),
    [
        ("full width", "Dy 2%", "Ｄｙ ２％"),
        ("HTML with hard spaces", "Dy < 2 & Tb", "<p>Dy&nbsp;&lt;&nbsp;2&nbsp;&amp;&nbsp;Tb</p>"),
        ("three spaces between words", "a b", "a   b"),
        ("capitals", "Dy metal", "DY METAL"),
        ("lower case", "Dy Metal", "dy metal"),
        ("two letters swapped in a long word", "abbbbcd Dy2O3", "abbbcbd Dy2O3"),
        ("o read as 0 or l as 1 in a long word", "sputtering dioxide", "sputtering di0xide"),
        ("o read as 0 or l as 1 in a long word", "chlorid", "ch1orid"),
        ("decimal comma", "2.5 % of 0.125", "2,5 % of 0,125"),
    ],
)
def test_each_way_of_writing_does_what_its_name_says(way: str, text: str, wanted: str) -> None:
    outcomes = {rewritten(text, way, str(seed)) for seed in range(8)}
    assert wanted in outcomes


@pytest.mark.parametrize(
    "text", ["1.2.3", "v1.5", "1.234", "8505.11", "01.06.2025", "1308-87-8", "1.5,2.5", "end. 5"]
)
def test_a_point_that_is_no_decimal_one_stays(text: str) -> None:
    assert rewritten(text, "decimal comma", "s") == text


@pytest.mark.parametrize("way", [way for way in WAYS if "long word" in way])
@pytest.mark.parametrize("text", ["SmCo Dy2O3 12% magnet", "GdCoFeBOl203 oxide", "NCM-hydroxid-811", ""])
def test_formulas_short_words_and_part_numbers_are_never_misspelt(way: str, text: str) -> None:
    assert rewritten(text, way, "s") == text


@pytest.mark.parametrize("way", list(WAYS))
def test_the_same_text_way_and_seed_give_the_same_text(way: str) -> None:
    assert rewritten(TEXT, way, "a case") == rewritten(TEXT, way, "a case")
    assert rewritten(TEXT, way, "a case") != TEXT


def test_the_seed_decides_where_a_word_is_misspelt() -> None:
    way = "two letters swapped in a long word"
    assert len({rewritten(TEXT, way, str(seed)) for seed in range(20)}) > 3


def file_of(folder: Path, *descriptions: str, more: str = "") -> Path:
    path = folder / "set.yaml"
    form = '- {{name: "{0}", on: 2025-06-01, facts: {{item: {{description: "{0}"}}}}, expect: {{result: review}}{1}}}\n'
    path.write_text("".join(form.format(text, more) for text in descriptions), encoding="utf-8")
    return path


def test_what_noise_changes_and_lets_go_is_counted_by_the_way_of_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways = {"erased": lambda text, seed: "goods", "said twice": lambda text, seed: f"{text}; {text}"}
    monkeypatch.setattr(measured, "WAYS", ways)
    monkeypatch.setattr(measured, "rewritten", lambda text, way, seed: ways[way](text, seed))
    accounts = measured.under_noise(Evaluator(PACK), [file_of(tmp_path, "Dysprosium oxide", "goods")])
    erased, twice = accounts
    assert (erased.way, erased.varied) == ("erased", 1)
    assert [change.case for change in erased.let_go] == ["set: Dysprosium oxide"]
    assert (erased.changes[0].before, erased.changes[0].after) == (("license_required",), ("not_required",))
    assert (twice.varied, twice.changes) == (2, ())


def test_what_becomes_stricter_is_changed_and_not_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measured, "WAYS", {"named": None})
    monkeypatch.setattr(measured, "rewritten", lambda text, way, seed: "Dysprosium oxide")
    (account,) = measured.under_noise(Evaluator(PACK), [file_of(tmp_path, "goods")])
    assert len(account.changes) == 1
    assert account.let_go == ()


def test_cases_with_control_data_are_left_out(tmp_path: Path) -> None:
    more = ", parties: [{list_id: L, entry_id: E, name: A}]"
    accounts = measured.under_noise(Evaluator(PACK), [file_of(tmp_path, "Dysprosium oxide", more=more)])
    assert {account.varied for account in accounts} == {0}


def test_the_command_prints_the_table_and_names_what_was_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measured, "WAYS", {"erased": None})
    monkeypatch.setattr(measured, "rewritten", lambda text, way, seed: "goods")
    path = str(file_of(tmp_path, "Dysprosium oxide"))
    done = CliRunner().invoke(group, ["evaluate", path, "--noise"])
    assert done.exit_code == 1
    assert ["erased", "1", "1", "100.0", "1"] in [line.split() for line in done.output.splitlines()]
    assert "erased: set: Dysprosium oxide (license_required became not_required)" in done.output
    (told,) = orjson.loads(CliRunner().invoke(group, ["evaluate", path, "--noise", "--json"]).output)["noise"]
    assert (told["way"], told["varied"], told["changed"]) == ("erased", 1, 1)
    assert told["changes"][0]["let_go"] is True


def test_without_the_option_no_noise_is_made(tmp_path: Path) -> None:
    path = str(file_of(tmp_path, "Dysprosium oxide"))
    assert "noise" not in orjson.loads(CliRunner().invoke(group, ["evaluate", path, "--json"]).output)
