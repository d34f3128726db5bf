"""`--law FILE`: announcements that came after the pack settle a status, or are named and leave it to a person."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import wire_events
from exportwatch.commands.law import command as law
from exportwatch.commands.screen import command as screen
from exportwatch.errors import ConfigError
from law_packs import write_pack

SHIPMENT = {**wire_events.SHIPMENT, "event_time": "2022-03-01T08:00:00+08:00", "export_date": "2022-03-02"}
TERBIUM = {**SHIPMENT, "items": [{"item_id": "1", "description": "Terbium oxide 99.5 %", "form": "oxide"}]}
CELLS = {
    **SHIPMENT,
    "items": [
        {
            "item_id": "1",
            "description": "Lithium-ion battery cells",
            "parameters": [{"name": "energy_density", "value": 310, "unit": "Wh/kg"}],
        }
    ],
}
ENTRY: dict[str, Any] = {
    "code": "9X2",
    "name": {"en": "Terbium oxide", "zh": "氧化铽"},
    "kind": "goods",
    "effect": "dual_use_license",
    "condition": {"material": {"element": "Tb", "class": "oxide"}},
    "source": "Announcement 1 of 2022",
    "confidence": "V[S1]",
}
CELL_ENTRY = {
    **ENTRY,
    "code": "9X3",
    "condition": {
        "all": [
            {"substance": "li_ion_cell"},
            {"parameter": {"name": "energy_density", "op": ">=", "value": "300", "unit": "Wh/kg"}},
        ]
    },
}


def said(status: str, **fields: Any) -> dict[str, Any]:
    """An amendment of the suspended instrument whose end passed unconfirmed on 2021-12-31."""
    start = {"from": fields.pop("start")} if "start" in fields else {}
    return {"instrument_id": "CN-2021-1", "status": status, "announced_by": "CN-2022-1", **start, **fields}


class Law:
    """The small pack and a file of amendments."""

    def __init__(self, folder: Path, *amendments: object) -> None:
        self.folder = folder
        self.options = ["--pack", str(write_pack(folder / "pack"))]
        if amendments:
            self.options += ["--law", self.file("law.jsonl", *amendments)]

    def file(self, name: str, *events: object) -> str:
        path = self.folder / name
        text = "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in events)
        path.write_text(text, encoding="utf-8")
        return str(path)

    def screened(self, event: dict[str, Any] = SHIPMENT) -> tuple[Result, dict[str, Any]]:
        result = CliRunner().invoke(screen, [self.file("event.jsonl", event), *self.options])
        answer: dict[str, Any] = json.loads(result.stdout)
        return result, answer

    def result(self, event: dict[str, Any] = SHIPMENT) -> str:
        return str(self.screened(event)[1]["result"])

    def shown(self, *arguments: str) -> Result:
        return CliRunner().invoke(law, ["show", *arguments, *self.options])


# -- what an amendment settles -----------------------------------------------------------------------------


def test_without_an_amendment_the_end_that_passed_is_for_a_person(tmp_path: Path) -> None:
    _, decision = Law(tmp_path).screened()
    assert decision["result"] == "review"
    assert "LAW_UNCONFIRMED" in [r["code"] for r in decision["items"][0]["reasons"]]


@pytest.mark.parametrize(
    ("amendment", "result", "status"),
    [
        (said("extended", until="2022-12-31", confirmed_at="2021-12-30"), "suspended", "suspended"),
        (
            said("confirmed_lapsed", start="2022-01-01", confirmed_at="2022-01-02"),
            "license_required",
            "in force",
        ),
        (said("repealed", start="2022-01-01", confirmed_at="2021-12-20"), "not_required", "repealed"),
    ],
)
def test_an_announcement_settles_the_status_and_is_shown_as_the_last_confirmation(
    tmp_path: Path, amendment: dict[str, Any], result: str, status: str
) -> None:
    under = Law(tmp_path, amendment)
    assert under.result() == result
    told = under.shown("CN-2021-1", "--on", "2022-03-02")
    (now,) = [line for line in told.output.splitlines() if line.startswith("  > ")]
    assert status in now
    assert "by CN-2022-1" in now
    assert f"last confirmed: {amendment['confirmed_at']}" in told.output
    assert told.exit_code == 0


def test_a_new_instrument_with_its_entries_decides_from_its_day_on(tmp_path: Path) -> None:
    new = {
        **said("in_force", start="2022-03-02", confirmed_at="2022-02-20"),
        "instrument_id": "CN-2022-1",
        "entries": [ENTRY, CELL_ENTRY],
    }
    under = Law(tmp_path, new)
    assert under.result(TERBIUM) == "license_required"
    assert under.result({**TERBIUM, "export_date": "2022-03-01"}) == "not_yet_effective"
    assert under.result({**TERBIUM, "export_date": "2022-02-01"}) == "not_required"
    assert under.result(CELLS) == "license_required"
    assert Law(tmp_path).result(TERBIUM) == "not_required"
    assert "entries: 9X2, 9X3" in under.shown("CN-2022-1").output


def test_the_drawing_and_the_page_show_amendments_too(tmp_path: Path) -> None:
    under = Law(tmp_path, said("extended", until="2022-12-31", confirmed_at="2021-12-30"))
    drawn = CliRunner().invoke(law, ["timeline", "--on", "2022-03-02", *under.options])
    assert "last confirmed 2021-12-30: CN-2021-1" in drawn.output
    file = tmp_path / "page.html"
    CliRunner().invoke(law, ["timeline", "--on", "2022-03-02", "--html", str(file), *under.options])
    page = file.read_text(encoding="utf-8")
    assert "by CN-2022-1" in page
    assert "with the amendments of law.jsonl; " in page


# -- what cannot be used -----------------------------------------------------------------------------------


def test_an_amendment_for_an_unknown_instrument_is_named_and_changes_nothing_else(tmp_path: Path) -> None:
    under = Law(tmp_path, {**said("in_force", start="2022-01-01"), "instrument_id": "CN-2021-9"})
    result, decision = under.screened()
    assert result.exit_code == 1
    assert "CN-2021-9: the instrument is not in the pack and the amendment brings no entries" in result.stderr
    assert decision["result"] == "review"
    shown = under.shown("--on", "2022-03-02")
    assert shown.exit_code == 1
    assert "CN-2021-9: the instrument is not in the pack" in shown.stderr
    assert "CN-2021-2 limb 1        in force" in shown.stdout


def test_statements_of_one_day_that_overlap_and_contradict_each_other_are_for_a_person(
    tmp_path: Path,
) -> None:
    under = Law(
        tmp_path,
        said("suspended", start="2022-02-01", until="2022-12-31", confirmed_at="2022-01-15"),
        {**said("in_force", start="2022-02-01", confirmed_at="2022-01-15"), "announced_by": "CN-2022-2"},
    )
    _, decision = under.screened()
    assert decision["result"] == "review"
    (reason,) = [r for r in decision["items"][0]["reasons"] if r["code"] == "LAW_UNCONFIRMED"]
    assert "CN-2022-1 and CN-2022-2 contradict each other" in reason["text"]["en"]


def test_of_overlapping_statements_the_one_announced_last_counts_from_its_first_day_on(
    tmp_path: Path,
) -> None:
    under = Law(
        tmp_path,
        said("suspended", start="2022-01-01", until="2022-12-31", confirmed_at="2021-12-15"),
        {**said("in_force", start="2022-03-01", confirmed_at="2022-02-15"), "announced_by": "CN-2022-2"},
    )
    assert under.result() == "license_required"
    assert under.result({**SHIPMENT, "export_date": "2022-02-28"}) == "suspended"


@pytest.mark.parametrize(
    ("amendment", "text"),
    [
        (said("in_force", start="2022-02-30"), 'field "from"'),
        (said("in_force", start="01.02.2022"), 'field "from"'),
        (said("in_forse", start="2022-02-01"), 'field "status"'),
        (said("extended"), 'field "until" is missing'),
        (said("suspended", start="2022-02-01", until="2022-01-01"), "ends on 2022-01-01, before it begins"),
        (said("in_force", start="2022-02-01", limb="7"), 'limb "7" is not known; known: *'),
        ("{not json", "law.jsonl:1"),
    ],
)
def test_a_typing_error_in_an_amendment_is_named_and_puts_the_instrument_up_for_review(
    tmp_path: Path, amendment: object, text: str
) -> None:
    under = Law(tmp_path, amendment)
    result, decision = under.screened()
    assert (result.exit_code, decision["result"]) == (1, "review")
    assert text in result.stderr
    assert under.result({**SHIPMENT, "export_date": "2021-03-01"}) == "review"
    shown = under.shown("CN-2021-1", "--on", "2022-03-02")
    assert shown.exit_code == 1
    assert text in shown.stderr
    assert "amendment" in shown.stdout


def changed(entry: dict[str, Any], **fields: str) -> dict[str, Any]:
    """The cell entry with other words in its threshold."""
    cell, limit = entry["condition"]["all"]
    return {**entry, "condition": {"all": [cell, {"parameter": {**limit["parameter"], **fields}}]}}


BROKEN_ENTRIES = [
    ({**ENTRY, "condition": {"materiel": {"element": "Tb"}}}, 'predicate "materiel" is not known'),
    (changed(CELL_ENTRY, name="energy_densty"), 'parameter "energy_densty" is not known'),
    (changed(CELL_ENTRY, value="3OO"), 'value "3OO" is not known'),
    (changed(CELL_ENTRY, value="300000"), '"300000 Wh/kg" is not known'),
    (changed(CELL_ENTRY, unit="kWh/kg", value="0.3"), 'unit "kWh/kg" is not known'),
    (changed(CELL_ENTRY, unit="Wh/l"), '"300 Wh/l" is not known'),
    (changed(CELL_ENTRY, op="=>"), 'op "=>" is not known'),
]


@pytest.mark.parametrize(("entry", "text"), BROKEN_ENTRIES)
def test_an_entry_that_cannot_be_read_leaves_its_new_instrument_unconfirmed(
    tmp_path: Path, entry: dict[str, Any], text: str
) -> None:
    new = {**said("in_force", start="2022-03-02"), "instrument_id": "CN-2022-1", "entries": [ENTRY, entry]}
    under = Law(tmp_path, new)
    result, decision = under.screened(TERBIUM)
    assert (result.exit_code, decision["result"]) == (1, "review")
    assert text in result.stderr


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("- process: lfp", "- proces: lfp", 'predicate "proces" is not known'),
        ("name: compaction_density", "name: compaction_densty", 'did you mean "compaction_density"?'),
        ('value: "2.58"', 'value: "2580"', '"2580 g/cm3" is not known'),
        ('value: "2.58"', 'value: "2,5,8"', '"2,5,8'),
        ("unit: g/cm3", "unit: kg/m3", '"2.58 kg/m3" is not known'),
        ("{pressure:", "{presure:", 'did you mean "pressure"?'),
        ('pressure: "220"', 'pressure: "22O"', 'pressure "22O" is not known'),
    ],
)
def test_a_pack_with_a_typing_error_in_a_condition_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, text: str
) -> None:
    folder = write_pack(tmp_path / "pack", {old: new})
    for arguments in (["check"], ["show"], ["timeline"]):
        result = CliRunner().invoke(law, [*arguments, "--pack", str(folder)])
        told = result.output + (str(result.exception) if isinstance(result.exception, ConfigError) else "")
        assert "CN-2021-2.yaml:2" in told
        assert "entry 9T1" in told
        assert text in told


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ('from: "2021-06-01", until: "2021-12-31"', 'from: "2021-06-31", until: "2021-12-31"', "not a day"),
        ('from: "2021-02-01"}', "from: 2021-02-01}", "write the date in quotes"),
        ('from: "2021-02-01"}', 'from: "2021-01-20"}', "overlap: the interval before ends on 2021-01-31"),
        ('from: "2021-02-01"}', 'from: "2021-02-02"}', "gap: nothing is said of 2021-02-01"),
    ],
)
def test_a_pack_with_a_wrong_or_overlapping_date_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, text: str
) -> None:
    folder = write_pack(tmp_path / "pack", {old: new})
    result = CliRunner().invoke(law, ["show", "--pack", str(folder)])
    assert isinstance(result.exception, ConfigError)
    assert "CN-2021-1.yaml:" in str(result.exception)
    assert text in str(result.exception)


def test_an_entry_of_a_later_day_does_not_settle_an_instrument_that_is_unconfirmed_before(
    tmp_path: Path,
) -> None:
    later = said("in_force", start="2023-01-01", confirmed_at="2022-12-01", entries=[ENTRY])
    assert Law(tmp_path, later).result(TERBIUM) == "review"
