"""An article master is read line by line, and the lines that would raise an alert are named with why."""

from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from exportwatch.cli import group
from exportwatch.errors import ConfigError
from exportwatch.evaluation.articles import Screener, articles_of
from exportwatch.screening.control import load_rules

SCREENER = Screener(load_rules(), date(2025, 12, 1))


def file_of(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def items(path: Path) -> list[tuple[int, dict[str, Any]]]:
    return [(article.line, dict(article.item)) for article in articles_of(path)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read_by_its_header_whatever_parts_its_cells(tmp_path: Path, delimiter: str) -> None:
    rows = [
        ["Article", "Description", "HS code", "Stock", "CAS"],
        ["A-1", "Oxide", "284690", "3", "1308-87-8 1-2"],
    ]
    path = file_of(tmp_path, "master.csv", "\ufeff" + "\n".join(delimiter.join(row) for row in rows))
    item = {"material_no": "A-1", "description": "Oxide", "hs_code": "284690", "cas": ["1308-87-8", "1-2"]}
    assert items(path) == [(2, item)]


def test_a_line_without_a_description_is_no_article(tmp_path: Path) -> None:
    path = file_of(tmp_path, "master.csv", "description,hs\n,850511\nflange\n")
    assert items(path) == [(3, {"description": "flange"})]


def test_objects_and_plain_lines_are_articles_too(tmp_path: Path) -> None:
    objects = file_of(
        tmp_path, "a.jsonl", '{"description": "flange", "hs": 730791, "price": 3}\n\n{"description": " "}'
    )
    assert items(objects) == [(1, {"description": "flange", "hs_code": "730791"})]
    assert items(file_of(tmp_path, "a.txt", "flange\n\n valve, DN50\n")) == [
        (1, {"description": "flange"}),
        (3, {"description": "valve, DN50"}),
    ]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "text,hs\nflange,1\n", "description"),
        ("a.csv", 'description\n"' + "x" * 200_000 + '"\n', "a.csv:"),
        ("a.jsonl", "{", "a.jsonl:1"),
        ("a.jsonl", '{"description": "flange"}\n{"text": "flange"}', "a.jsonl:2"),
    ],
)
def test_a_file_that_is_none_of_articles_is_refused_with_its_place(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        list(articles_of(file_of(tmp_path, name, text)))


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Gehäuse".encode("latin-1"))
    with pytest.raises(ConfigError, match="UTF-8"):
        list(articles_of(path))


MASTER = "description,hs,id\nsteel flange,730791,A\ncylindrical cells,850650,B\nDysprosium oxide,284690,C\n"


def test_flagged_lines_are_counted_inside_and_outside_the_headings_that_lists_name(tmp_path: Path) -> None:
    account = SCREENER.account(file_of(tmp_path, "master.csv", MASTER))
    assert dict(account.lines) == {False: 2, True: 1}
    assert [(f.article.line, f.result.value, f.listed_heading) for f in account.flagged] == [
        (4, "license_required", True),
        (3, "suspended", False),
    ]
    assert account.flagged[0].codes == ("1C905.b",)
    assert account.flagged[0].found == ("dysprosium",)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["articles", *arguments, "--on", "2025-12-01"])


def test_the_command_says_which_lines_would_raise_an_alert_and_why(tmp_path: Path) -> None:
    done = run(str(file_of(tmp_path, "master.csv", MASTER)))
    assert done.exit_code == 1
    counted = "2 lines, licence or prohibited 0 (0.00 %), review 0 (0.00 %), monitor 1 (50.00 %)"
    assert counted in done.output
    assert 'master.csv:4 C 284690: license_required as 1C905.b, by "dysprosium"' in done.output
    assert "CN-2025-58 is suspended" in done.output
    assert "flange" not in done.output


def test_a_master_that_needs_neither_licence_nor_person_is_no_finding(tmp_path: Path) -> None:
    done = run(str(file_of(tmp_path, "master.txt", "steel flange\ncylindrical cells\n")))
    assert done.exit_code == 0


def test_the_account_as_json_adds_up_the_files(tmp_path: Path) -> None:
    path = str(file_of(tmp_path, "master.csv", MASTER))
    body = orjson.loads(run(path, path, "--json").output)
    assert [told["name"] for told in body["sets"]] == ["master.csv", "master.csv"]
    assert body["total"]["outside_listed_headings"] == {
        "lines": 4,
        "licence_or_prohibited": 0,
        "review": 0,
        "monitor": 2,
    }
    (first, _) = body["sets"][0]["flagged"]
    assert first["item"]["material_no"] == "C"
    assert first["why"]
