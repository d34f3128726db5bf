"""The work that a long text costs, counted in executed instructions and not on a clock: linear in its length.

Each text repeats something that was, or could be, looked at anew for every mention: denials, devices beside
magnets, formulas, typing errors, numbers with units.
"""

from typing import Any

import pytest

from counted_work import instructions_of
from exportwatch.classification.reading import LONGEST_TERM
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, screen
from law.case_events import wire_event

RULES = load_rules()
SNAPSHOT = ControlContent(RULES).snapshot()
SHORT, TIMES = 3_000, 6
REPEATED = {
    "ordinary goods": "wooden chair, 12 pcs; ",
    "names": "dysprosium oxide powder, ",
    "denials": "without dysprosium oxide, Tb free, ",
    "denied processes": "LFP preparation technology not including process ",
    "typing errors": "dysprosimu sreparation lithum ",
    "slips of a scan": "terb1um 0xide ",
    "formulas": "Dy2O3 SC203 (Dy,Tb)F3·xH2O ",
    "magnets beside devices": "motor with magnets SmCo rotor magnets ",
    "cells": "with lithium ion battery ",
    "shares": "Dy 2.5% dysprosium 3 % ",
    "materials without a position": "YAG crystal ysz ",
    "numbers": "LFP cathode powder 2.6 g/cc at 220 MPa 161 mAh/g ",
    "Chinese": "不含氧化镝的磁钢 电机用 ",
    "mark-up": "<b>Dy</b>&nbsp;<a href=x ",
    "letters apart": "d y s p r o s i u m ",
    "control characters": "\u202eDy\u200f\x00 ",
    "one long word": "dysprosium",
    "torn formulas": "Y 2 o 3 ",
    "joined symbols": "Dy+",
    "capitals": "DY AND TB OXIDE, SC 2 % MG-30Y TBDYFE DY(NO3)3 ",
    "capitals joined": "MG-",
    "small letters": "dy2o3 sc 2 % alloy (dy,tb)f3 ",
}


def work(text: str, kind: str) -> int:
    """Instructions of our own code that one decision takes."""
    item = {"item_id": "1", "kind": kind, "description": text}
    event = wire_event({"on": "2025-09-01", "document": "contract", "facts": {"item": item}})
    outcomes: list[object] = []
    # Once only: the second time the item would be remembered.
    count = instructions_of(lambda: outcomes.append(screen(event, (), SNAPSHOT)))
    assert isinstance(outcomes[0], Decided), outcomes
    return count


@pytest.mark.parametrize("kind", ["goods", "technology"])
@pytest.mark.parametrize("repeated", REPEATED.values(), ids=REPEATED)
def test_a_text_of_several_times_the_length_costs_at_most_as_many_times_the_work(
    repeated: str, kind: str
) -> None:
    short = work((repeated * SHORT)[:SHORT], kind)
    long = work((repeated * SHORT * TIMES)[: SHORT * TIMES], kind)
    assert long <= short * (TIMES + 0.5), long / short


@pytest.mark.parametrize("size", [100_000, 1_000_000])
def test_a_text_of_that_length_is_decided_and_its_listed_name_found(size: int) -> None:
    text = ("wooden chair, " * size)[:size] + " dysprosium oxide"
    item = {"item_id": "1", "kind": "goods", "description": text}
    outcome = screen(wire_event({"on": "2025-06-01", "facts": {"item": item}}), (), SNAPSHOT)
    assert isinstance(outcome, Decided)
    assert b'"1C905.b"' in outcome.value


def words(table: Any) -> list[str]:
    if isinstance(table, str):
        return [table]
    values = table.values() if isinstance(table, dict) else table if isinstance(table, list) else ()
    return [word for value in values for word in words(value)]


def test_no_term_is_longer_than_the_neighborhood_in_which_mentions_are_looked_up() -> None:
    tables = [table for name, table in RULES.tables.items() if name != "customs"]
    assert max(len(word) for table in tables for word in words(table)) <= LONGEST_TERM
