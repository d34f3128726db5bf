"""Case files are read strictly, run, and counted by what came out wrong."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from exportwatch.cli import group
from exportwatch.errors import ConfigError
from exportwatch.evaluation.format import cases_of
from exportwatch.evaluation.measure import Evaluator
from exportwatch.screening.control import load_rules

EVALUATOR = Evaluator(load_rules())
OXIDE = "{item: {description: Dysprosium oxide}}"
FLANGE = "{item: {description: steel flange DN50}}"


def case(facts: str, expect: str, name: str = "a case", more: str = "") -> str:
    return f'- {{name: "{name}", on: 2025-06-01, facts: {facts}, expect: {expect}, because: x, confidence: hi{more}}}\n'


def file_of(folder: Path, text: str, name: str = "set.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def kinds(folder: Path, facts: str, expect: str) -> set[str]:
    (found,) = cases_of(file_of(folder, case(facts, expect)))
    return set(EVALUATOR.run(found).kinds)


@pytest.mark.parametrize(
    ("facts", "expect", "wanted"),
    [
        (OXIDE, "{result: license_required}", set()),
        (FLANGE, "{result: license_required}", {"false_clears"}),
        (FLANGE, "{result: [review, license_required]}", {"false_clears"}),
        (FLANGE, "{result: suspended}", {"otherwise"}),
        (OXIDE, "{result: review}", {"over_alerts"}),
        (OXIDE, "{result: [review, not_required]}", {"over_alerts"}),
        (OXIDE, "{result: prohibited}", {"otherwise"}),
        (OXIDE, "{result: license_required, type_needed: technology_license}", {"wrong_license_type"}),
        (OXIDE, "{result: license_required, reasons: [CONFLICT_TEXT_CAS]}", {"conflicts_missed"}),
        (OXIDE, "{result: license_required, reasons: [PARAMETER_MISSING]}", {"otherwise"}),
        (OXIDE, "{items: {'1': not_required}}", {"over_alerts"}),
        (FLANGE, "{items: {'1': license_required}}", {"false_clears"}),
        (
            FLANGE,
            "{result: license_required, license_status: covered}",
            {"otherwise"},
        ),
    ],
)
def test_what_came_out_wrong_is_named_by_its_kind(
    tmp_path: Path, facts: str, expect: str, wanted: set[str]
) -> None:
    assert kinds(tmp_path, facts, expect) == wanted


def test_a_license_that_covers_what_it_should_not_is_a_false_clear(tmp_path: Path) -> None:
    days = "valid_from: 2025-01-01, valid_to: 2026-01-01"
    granted = f", licenses: [{{license_no: L-1, type: dual_use_individual, status: granted, {days}}}]"
    text = case(OXIDE, "{result: license_required, hold: hold}", more=granted)
    (found,) = cases_of(file_of(tmp_path, text))
    assert EVALUATOR.run(found).kinds == {"false_clears"}


def test_lines_of_event_and_expect_are_cases_too(tmp_path: Path) -> None:
    event = {
        "event_id": "E",
        "event_type": "shipment.created",
        "event_time": "2025-06-01T08:00:00+08:00",
        "source": "S",
        "shipment_id": "1",
        "version": 1,
        "from": {"country": "CN"},
        "to": {"country": "DE"},
        "parties": [{"role": "exporter", "name": "A"}],
        "items": [{"item_id": "1", "description": "Dysprosium oxide"}],
    }
    right = orjson.dumps({"event": event, "expect": {"result": "license_required"}})
    unreadable = orjson.dumps(
        {"name": "broken", "event": {"event_type": "x"}, "expect": {"result": "review"}}
    )
    path = file_of(tmp_path, f"{right.decode()}\n\n{unreadable.decode()}\n", "set.jsonl")
    (account,) = EVALUATOR.accounts([path])
    assert [(run.name, run.exact) for run in account.runs] == [("line 1", True), ("broken", False)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {name: a, on: 2025-06-01, expct: {result: review}}", "expct"),
        (case(OXIDE, "{reslt: review}"), "reslt"),
        (case(OXIDE, "{result: cleared}"), "cleared"),
        (case(OXIDE, "{}"), "expect"),
        ("- {on: 2025-06-01, expect: {result: review}}", "name"),
        ("[]", "no cases"),
        ("just a text", "no cases"),
        ("- 3", "is no case"),
        ("- {name: [", "cannot be read"),
    ],
)
def test_a_file_that_is_none_of_cases_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = file_of(tmp_path, text)
    with pytest.raises(ConfigError) as refused:
        cases_of(path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)


def test_facts_that_are_not_of_the_format_name_the_case(tmp_path: Path) -> None:
    (found,) = cases_of(
        file_of(tmp_path, case("{item: {parameters: {purity: [99]}}}", "{result: review}", "odd facts"))
    )
    with pytest.raises(ConfigError, match="odd facts"):
        EVALUATOR.run(found, "set.yaml")


def run(*arguments: str) -> Any:
    return CliRunner().invoke(group, ["evaluate", *arguments])


def test_the_command_counts_a_set_at_a_time_and_names_what_is_wrong(tmp_path: Path) -> None:
    good = file_of(tmp_path, case(OXIDE, "{result: license_required}"), "good.yaml")
    bad = case(FLANGE, "{result: license_required}", "missed") + case(
        OXIDE, "{result: review}", "known", ', wrong: "x"'
    )
    file_of(tmp_path, bad, "bad.yaml")
    assert run(str(good)).exit_code == 0
    done = run(str(tmp_path))
    assert done.exit_code == 1
    rows = [line.split() for line in done.output.splitlines()]
    assert ["bad", "2", "0", "1", "1", "0", "0", "0", "1"] in rows
    assert ["good", "1", "1", "0", "0", "0", "0", "0", "0"] in rows
    assert ["total", "3", "1", "1", "1", "0", "0", "0", "1"] in rows
    assert "bad: missed (false clears; confidence hi)" in done.output
    assert "bad: known (over-alerts; confidence hi, marked)" in done.output


def test_the_account_as_json_names_false_clears(tmp_path: Path) -> None:
    path = file_of(tmp_path, case(FLANGE, "{result: license_required}", "missed"))
    body = orjson.loads(run(str(path), "--json").output)
    (told,) = body["sets"]
    assert (told["name"], told["cases"], told["exact"]) == ("set", 1, 0)
    assert [found["name"] for found in told["false_clears"]] == ["missed"]
    assert body["total"]["false_clears"][0]["differences"]


def test_the_shared_tables_are_package_data() -> None:
    from importlib.resources import files

    assert {"defaults.yaml", "format.yaml"} <= {p.name for p in files("exportwatch.evaluation").iterdir()}
