"""The register under amendments: what later announcements do to a timeline, in any order of arrival."""

from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exportwatch.errors import ConfigError
from exportwatch.law.load import load_pack
from exportwatch.law.model import ControlEntry, LimbStatusName, RawEntry, Text
from exportwatch.law.register import LawRegister
from exportwatch_events.catalogue import LimbStatusName as WireStatusName
from exportwatch_events.control import LawAmendment

DAY = timedelta(days=1)
PACK = load_pack()
REGISTER = PACK.register


def amendment(instrument: str, status: str, **fields: Any) -> LawAmendment:
    fields.setdefault("announced_by", "CN-2026-90")
    if "from_" in fields:
        fields["from"] = fields.pop("from_")
    return LawAmendment.model_validate_json(
        orjson.dumps({"instrument_id": instrument, "status": status, **fields})
    )


def compile_anything(raw: RawEntry) -> ControlEntry:
    code = raw.mapping.get("code")
    if code is None:
        raise ConfigError("an entry without a code", file=raw.file)
    return ControlEntry(code, raw.instrument_id, raw.limb, Text(code, code), lambda _: None, raw)  # type: ignore[arg-type,return-value]


def read(register: LawRegister, instrument: str, limb: str, *days: str) -> list[str]:
    return [register.status(instrument, limb, date.fromisoformat(day)).status.value for day in days]


EXTENDED = amendment(
    "CN-2025-57", "extended", from_="2026-11-10", until="2027-11-10", confirmed_at="2026-11-09"
)
LAPSED = amendment("CN-2025-57", "confirmed_lapsed", from_="2026-11-11", confirmed_at="2026-11-12")


def test_the_names_of_statuses_are_those_of_the_wire_and_not_published() -> None:
    assert {s.value for s in LimbStatusName} == {s.value for s in WireStatusName} | {"not_published"}


def test_an_extension_goes_on_to_its_own_end_and_its_open_last_day_is_unconfirmed() -> None:
    register = REGISTER.amended([EXTENDED])
    days = ("2026-11-09", "2026-11-10", "2026-11-11", "2027-11-09", "2027-11-10", "2027-11-11")
    found = read(register, "CN-2025-57", "*", *days)
    assert found == ["suspended"] * 4 + ["unconfirmed"] * 2
    status = register.status("CN-2025-57", "*", date(2026, 12, 1))
    assert (status.by, status.until) == ("CN-2026-90", date(2027, 11, 10))
    assert (status.confirmed_at, status.next_change) == (date(2026, 11, 9), date(2027, 11, 10))
    assert status.note == "never operated: suspended before it took effect"


@pytest.mark.parametrize(("inclusive", "last_day"), [(True, "suspended"), (False, "unconfirmed")])
def test_an_end_that_says_whether_its_day_counts_is_believed(inclusive: bool, last_day: str) -> None:
    event = amendment(
        "CN-2025-57", "extended", from_="2026-11-10", until="2027-11-10", until_inclusive=inclusive
    )
    found = read(REGISTER.amended([event]), "CN-2025-57", "*", "2027-11-09", "2027-11-10", "2027-11-11")
    assert found == ["suspended", last_day, "unconfirmed"]


def test_an_extension_without_a_first_day_goes_on_from_the_old_end() -> None:
    event = amendment("CN-2024-46", "extended", limb="2", until="2027-11-27", until_inclusive=True)
    days = ("2026-11-26", "2026-11-27", "2026-11-28", "2027-11-27", "2027-11-28")
    found = read(REGISTER.amended([event]), "CN-2024-46", "2", *days)
    assert found == ["suspended"] * 4 + ["unconfirmed"]


def test_extensions_without_a_first_day_follow_one_another() -> None:
    first = amendment(
        "CN-2025-57", "extended", until="2027-01-10", announced_by="A", confirmed_at="2026-11-09"
    )
    then = amendment(
        "CN-2025-57", "extended", until="2027-06-10", announced_by="B", confirmed_at="2027-01-05"
    )
    register = REGISTER.amended([then, first])
    assert register.status("CN-2025-57", "*", date(2026, 12, 1)).by == "A"
    assert register.status("CN-2025-57", "*", date(2027, 2, 1)).by == "B"
    assert read(register, "CN-2025-57", "*", "2027-01-10", "2027-06-10") == ["suspended", "unconfirmed"]


def test_an_extension_follows_a_suspension_that_was_recorded_without_a_day_of_confirmation() -> None:
    stop = amendment("CN-2025-18", "suspended", from_="2026-12-01", until="2027-12-01", announced_by="A")
    on = amendment("CN-2025-18", "extended", until="2028-12-01", announced_by="B", confirmed_at="2027-11-20")
    register = REGISTER.amended([on, stop])
    assert register.problems == ()
    assert read(register, "CN-2025-18", "*", "2027-12-01", "2028-11-30") == ["suspended", "suspended"]


def test_an_end_at_the_end_of_the_calendar_is_an_end_like_any_other() -> None:
    event = amendment("CN-2025-57", "extended", from_="2026-11-10", until="9999-12-31", until_inclusive=True)
    register = REGISTER.amended([event])
    assert read(register, "CN-2025-57", "*", "9999-12-31") == ["suspended"]


def test_a_confirmed_lapse_is_in_force_from_its_day_and_leaves_the_open_boundary_day_open() -> None:
    days = ("2026-11-09", "2026-11-10", "2026-11-11", "2030-01-01")
    found = read(REGISTER.amended([LAPSED]), "CN-2025-57", "*", *days)
    assert found == ["suspended", "unconfirmed", "in_force", "in_force"]


def test_a_whole_instrument_lapse_or_extension_leaves_limbs_that_were_never_suspended_alone() -> None:
    for status, until in (("confirmed_lapsed", None), ("extended", "2027-11-27")):
        register = REGISTER.amended([amendment("CN-2024-46", status, from_="2026-11-27", until=until)])
        assert read(register, "CN-2024-46", "1", "2026-11-26", "2026-11-28") == ["in_force", "in_force"]
        assert read(register, "CN-2024-46", "2", "2026-11-28") != ["unconfirmed"]
        assert register.problems == ()


def test_an_amendment_of_one_limb_leaves_the_others_alone() -> None:
    event = amendment("CN-2025-61", "confirmed_lapsed", limb="3", from_="2026-11-11")
    register = REGISTER.amended([event])
    assert read(register, "CN-2025-61", "3", "2026-11-12") == ["in_force"]
    assert read(register, "CN-2025-61", "1", "2026-11-12") == ["unconfirmed"]


def test_what_an_announcement_says_of_one_limb_prevails_over_what_it_says_of_the_whole() -> None:
    whole = amendment("CN-2025-61", "extended", from_="2026-11-10", until="2027-11-10")
    limb = amendment("CN-2025-61", "confirmed_lapsed", limb="3", from_="2026-11-10")
    register = REGISTER.amended([whole, limb])
    assert read(register, "CN-2025-61", "3", "2026-11-12") == ["in_force"]
    assert read(register, "CN-2025-61", "1", "2026-11-12") == ["suspended"]


def test_a_repeal_ends_an_instrument_for_good() -> None:
    event = amendment("CN-2025-18", "repealed", from_="2026-12-01")
    register = REGISTER.amended([event])
    assert read(register, "CN-2025-18", "*", "2026-11-30", "2026-12-01") == ["in_force", "repealed"]


def test_an_instrument_repealed_before_it_took_effect_never_operated() -> None:
    event = amendment("CN-2025-57", "repealed", from_="2026-11-10")
    register = REGISTER.amended([event])
    assert read(register, "CN-2025-57", "*", "2026-11-09", "2026-11-10") == ["suspended", "never_operated"]


def test_a_suspension_of_an_instrument_in_force_ends_unconfirmed_and_never_by_itself() -> None:
    event = amendment("CN-2025-18", "suspended", from_="2026-12-01", until="2027-12-01")
    days = ("2026-11-30", "2026-12-01", "2027-11-30", "2027-12-01", "2027-12-02", "2035-01-01")
    found = read(REGISTER.amended([event]), "CN-2025-18", "*", *days)
    assert found == ["in_force", "suspended", "suspended", "unconfirmed", "unconfirmed", "unconfirmed"]
    assert REGISTER.status("CN-2025-18", "*", date(2026, 12, 5)).status == "in_force"


def test_a_suspension_announced_before_the_day_of_effect_prevails_on_that_day() -> None:
    event = amendment(
        "CN-2099-1", "in_force", from_="2026-12-15", confirmed_at="2026-12-01", entries=[{"code": "X"}]
    )
    stopped = amendment(
        "CN-2099-1",
        "suspended",
        from_="2026-12-14",
        until="2027-12-14",
        confirmed_at="2026-12-10",
        announced_by="CN-2099-2",
    )
    found = read(
        REGISTER.amended([stopped, event]), "CN-2099-1", "*", "2026-12-13", "2026-12-16", "2027-12-15"
    )
    assert found == ["not_yet_effective", "suspended", "unconfirmed"]


def test_a_late_record_of_a_past_suspension_does_not_undo_what_the_pack_knows_since() -> None:
    event = amendment(
        "CN-2025-21",
        "suspended",
        from_="2025-05-14",
        until="2025-11-09",
        until_inclusive=True,
        confirmed_at="2026-11-24",
    )
    found = read(
        REGISTER.amended([event]), "CN-2025-21", "*", "2025-05-13", "2025-11-09", "2025-11-10", "2026-11-11"
    )
    assert found == ["in_force", "suspended", "suspended", "unconfirmed"]


def test_announcements_of_one_day_that_contradict_each_other_are_unconfirmed() -> None:
    events = [
        amendment("CN-2025-57", "extended", from_="2026-11-10", until="2027-11-10", announced_by="A"),
        amendment("CN-2025-57", "confirmed_lapsed", from_="2026-11-10", announced_by="B"),
    ]
    status = REGISTER.amended(events).status("CN-2025-57", "*", date(2026, 11, 15))
    assert (status.status, status.note) == ("unconfirmed", "A and B contradict each other")


def test_of_several_records_of_one_announcement_the_one_confirmed_last_counts() -> None:
    draft = amendment(
        "CN-2025-57", "extended", from_="2026-11-10", until="2027-11-10", confirmed_at="2026-11-01"
    )
    final = amendment(
        "CN-2025-57", "extended", from_="2026-11-10", until="2027-01-10", confirmed_at="2026-11-09"
    )
    for events in ([draft, final], [final, draft], [final]):
        register = REGISTER.amended(events)
        assert read(register, "CN-2025-57", "*", "2027-02-01") == ["unconfirmed"]
        assert register.law_version == REGISTER.amended([final]).law_version


# -- what cannot be applied --------------------------------------------------------------------------------


def test_an_unknown_instrument_without_entries_is_a_problem_and_nothing_else() -> None:
    register = REGISTER.amended([amendment("CN-2099-9", "in_force", from_="2026-12-01")])
    assert register.instrument("CN-2099-9") is None
    (problem,) = register.problems
    assert (problem.instrument_id, problem.announced_by) == ("CN-2099-9", "CN-2026-90")
    assert "brings no entries" in problem.text
    assert read(register, "CN-2025-18", "*", "2026-12-02") == ["in_force"]


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (amendment("CN-2025-18", "extended", limb="7", from_="2026-12-01", until="2027-01-01"), 'limb "7"'),
        (amendment("CN-2025-18", "in_force"), "without the day"),
        (amendment("CN-2024-46", "extended", limb="1", until="2027-01-01"), "was never suspended"),
        (amendment("CN-2025-18", "suspended", from_="2026-12-01", until="2026-11-01"), "before it begins"),
    ],
)
def test_an_amendment_that_cannot_be_applied_leaves_its_instrument_unconfirmed(
    event: LawAmendment, text: str
) -> None:
    register = REGISTER.amended([event])
    assert [text in problem.text for problem in register.problems] == [True]
    for limb in register.instruments[event.instrument_id].limbs:
        status = register.status(event.instrument_id, limb.id, date(2025, 12, 1))
        assert status.status == "unconfirmed"
        assert text in (status.note or "")
    assert read(register, "CN-2025-28", "*", "2025-12-01") == ["in_force"]


def test_an_unreadable_record_makes_the_named_instrument_unconfirmed_and_no_other() -> None:
    register = REGISTER.amended([], unreadable=["CN-2025-18"])
    assert read(register, "CN-2025-18", "*", "2025-04-03", "2025-06-01") == ["not_published", "unconfirmed"]
    assert read(register, "CN-2025-28", "*", "2025-12-01") == ["in_force"]
    assert register.status("CN-2025-18", "*", date(2025, 6, 1)).next_change is None


def test_an_unreadable_record_of_nobody_knows_which_instrument_makes_all_unconfirmed() -> None:
    register = REGISTER.amended([EXTENDED], unreadable=[None])
    found = {
        register.status(i.id, b.id, date(2026, 12, 1)).status
        for i in register.instruments.values()
        for b in i.limbs
    }
    assert found == {LimbStatusName.UNCONFIRMED}


def test_an_entry_that_does_not_compile_leaves_its_instrument_unconfirmed() -> None:
    base = LawRegister(PACK.instruments, (), compile_anything)
    good = amendment("CN-2099-1", "in_force", from_="2026-12-01", entries=[{"code": "X"}])
    bad = amendment("CN-2099-2", "in_force", from_="2026-12-01", entries=[{"name": "X"}])
    register = base.amended([good, bad])
    assert [entry.control_code for entry in register.entries()] == ["X"]
    assert read(register, "CN-2099-1", "*", "2026-12-02") == ["in_force"]
    assert read(register, "CN-2099-2", "*", "2026-12-02") == ["unconfirmed"]
    assert "compliance.law.v1 CN-2099-2/*/CN-2026-90" in register.problems[0].text


def test_a_question_about_a_limb_that_does_not_exist_is_a_bug_of_the_caller() -> None:
    with pytest.raises(LookupError):
        REGISTER.status("CN-2025-18", "1", date(2026, 1, 1))


# -- new instruments ---------------------------------------------------------------------------------------


def test_a_new_instrument_is_published_when_confirmed_and_effective_from_its_day() -> None:
    event = amendment(
        "CN-2099-1", "in_force", from_="2026-12-15", confirmed_at="2026-12-01", entries=[{"code": "9X1"}]
    )
    register = LawRegister(PACK.instruments, (), compile_anything).amended([event])
    days = ("2026-11-30", "2026-12-01", "2026-12-14", "2026-12-15")
    found = read(register, "CN-2099-1", "*", *days)
    assert found == ["not_published", "not_yet_effective", "not_yet_effective", "in_force"]
    assert register.status("CN-2099-1", "*", date(2026, 12, 2)).next_change == date(2026, 12, 15)
    (entry,) = register.entries()
    assert (entry.instrument_id, entry.limb, entry.raw.effective_from) == (
        "CN-2099-1",
        "*",
        date(2026, 12, 15),
    )


def test_a_new_instrument_may_have_limbs_of_its_own() -> None:
    events = [
        amendment("CN-2099-1", "in_force", limb="1", from_="2026-12-01", entries=[{"code": "A"}]),
        amendment("CN-2099-1", "in_force", limb="2", from_="2027-03-01", entries=[{"code": "B"}]),
    ]
    register = LawRegister(PACK.instruments, (), compile_anything).amended(events)
    assert read(register, "CN-2099-1", "1", "2026-12-02") == ["in_force"]
    assert read(register, "CN-2099-1", "2", "2026-12-02", "2027-03-01") == ["not_yet_effective", "in_force"]
    assert [(e.control_code, e.limb) for e in register.entries()] == [("A", "1"), ("B", "2")]


# -- order of arrival --------------------------------------------------------------------------------------

_days = st.dates(date(2025, 9, 1), date(2028, 1, 1)).map(str)
_events = st.builds(
    lambda instrument, limb, status, start, until, inclusive, by, confirmed: amendment(
        instrument,
        status,
        limb=limb,
        from_=start,
        until=until,
        until_inclusive=inclusive,
        announced_by=by,
        confirmed_at=confirmed,
    ),
    st.sampled_from(["CN-2025-57", "CN-2025-61", "CN-2024-46", "CN-2099-9"]),
    st.sampled_from(["*", "1", "2", "3"]),
    st.sampled_from(["in_force", "suspended", "repealed", "extended", "confirmed_lapsed"]),
    st.none() | _days,
    st.none() | _days,
    st.none() | st.booleans(),
    st.sampled_from(["A", "B", "C", "CN-2025-70"]),
    st.none() | _days,
)


def content(register: LawRegister) -> dict[str, Any]:
    return {
        f"{instrument.id}/{limb.id}": register.calendar(instrument.id, limb.id).segments()
        for instrument in register.instruments.values()
        for limb in instrument.limbs
    }


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_same_amendments_in_any_order_and_in_any_portions_give_the_same_law(data: st.DataObject) -> None:
    events = data.draw(st.lists(_events, max_size=6))
    shuffled = (
        data.draw(st.permutations(events)) + data.draw(st.lists(st.sampled_from(events), max_size=2))
        if events
        else []
    )
    cut = data.draw(st.integers(0, len(shuffled)))
    once = REGISTER.amended(events)
    portions = REGISTER.amended(shuffled[:cut]).amended(shuffled[cut:])
    assert content(portions) == content(once)
    assert portions.law_version == once.law_version
    assert portions.problems == once.problems


@settings(max_examples=60, deadline=None)
@given(st.lists(_events, max_size=5))
def test_every_day_has_a_status_and_the_next_change_is_the_first_day_on_which_it_differs(
    events: list[LawAmendment],
) -> None:
    register = REGISTER.amended(events)
    calendar = register.calendar("CN-2025-61", "3")
    for day in (date(2025, 10, 9) + n * 17 * DAY for n in range(60)):
        now = calendar.on(day)
        if now.next_change is None:
            assert calendar.on(date(2040, 1, 1)).status == now.status
        else:
            assert now.next_change > day
            assert calendar.on(now.next_change).status != now.status
            assert calendar.on(now.next_change - DAY).status == now.status


def test_the_law_version_is_of_the_content_alone() -> None:
    assert REGISTER.law_version == load_pack().register.law_version
    assert REGISTER.amended([EXTENDED]).law_version != REGISTER.law_version
    assert (
        REGISTER.amended([EXTENDED, LAPSED]).law_version == REGISTER.amended([LAPSED, EXTENDED]).law_version
    )
    assert REGISTER.amended([], [None]).law_version != REGISTER.amended([], ["CN-2025-18"]).law_version
