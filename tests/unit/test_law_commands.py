"""`exportwatch law`: what a person sees, and the exit status."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from exportwatch.commands.law import command
from exportwatch.errors import ConfigError
from exportwatch.law.load import PACKAGED


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def test_check_of_the_packaged_law_finds_nothing() -> None:
    result = run("check")
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "no problems")
    assert "25 instruments, 28 limbs" in result.output


def test_check_of_a_broken_pack_names_the_place_and_leaves_with_1(tmp_path: Path) -> None:
    for file in PACKAGED.rglob("*.yaml"):
        copy = tmp_path / file.relative_to(PACKAGED)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(file.read_text(encoding="utf-8").replace("by: CN-2025-72", "by: CN-2025-7"), "utf-8")
    result = run("check", "--pack", str(tmp_path))
    assert result.exit_code == 1
    assert 'by: instrument "CN-2025-7" is not known' in result.output
    assert "1 problems" in result.output


def test_show_lists_what_is_published_on_the_day_and_nothing_else() -> None:
    result = run("show", "--on", "2025-10-20")
    rows = {line[:24].strip(): line for line in result.output.splitlines()[2:]}
    assert "not yet effective  2025-10-09  2025-11-07" in rows["CN-2025-57"]
    assert "in force           2025-10-09  2025-11-07" in rows["CN-2025-61 limb 3"]
    assert "CN-2025-70" not in rows


def test_show_of_an_instrument_tells_its_days_and_points_at_the_one_asked_for() -> None:
    lines = run("show", "CN-2025-57", "--on", "2026-11-10").output.splitlines()
    assert lines[0].startswith("CN-2025-57  Export control of items")
    (marked,) = [line for line in lines if line.startswith("  > ")]
    assert marked.startswith("  > 2026-11-10                unconfirmed")
    assert any("never operated" in line for line in lines)
    assert any("V[S9,S19]" in line for line in lines)


def test_an_unknown_instrument_is_an_error_that_names_the_nearest() -> None:
    result = run("show", "CN-2025-81")
    assert isinstance(result.exception, ConfigError)
    assert "did you mean" in str(result.exception)


def test_the_timeline_shows_the_suspension_and_its_unconfirmed_end_in_100_columns() -> None:
    result = run("timeline", "--from", "2025-10-01", "--to", "2026-12-31", "--on", "2026-11-24")
    lines = result.output.splitlines()
    assert max(map(len, lines)) <= 100
    (row,) = [line for line in lines if line.startswith("CN-2025-58")]
    signs = row[24:]
    assert set(signs.strip()) == {".", "~", "?"}
    assert signs.index(".") < signs.index("~") < signs.index("?")
    mark = next(line for line in lines if line.strip() == "v").index("v")
    assert row[mark] == "?"


@pytest.mark.parametrize("arguments", [(), ("--from", "2020-01-01"), ("--to", "2035-01-01")])
def test_no_drawing_is_wider_than_100_columns(arguments: tuple[str, ...]) -> None:
    result = run("timeline", *arguments)
    assert result.exit_code == 0
    assert max(map(len, result.output.splitlines())) <= 100


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "--on", "24.11.2026"),
        ("timeline", "--from", "2026-01-01", "--to", "2025-01-01"),
        ("check", "--pack", "absent"),
    ],
)
def test_wrong_use_leaves_with_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2
