"""The work that a long text costs, counted in executed instructions and not on a clock: linear in its length.

Each text repeats something that was, or could be, looked at anew for every mention: denials, devices beside
magnets, formulas, typing errors, numbers with units, words beside other words.
"""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from counted_work import instructions_of
from exportwatch.classification.places import LONGEST_TERM
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
    "formulas without their case": "wc ",
    "formulas in their case": "WC In2O3 WO3 ",
    "formulas beside material": "gap wafer ",
    "a metal": "gallium ",
    "a metal beside compounds": "gallium, x oxide ",
    "traces of a metal": "antimony residue 250 ppm ",
    "goods for which a metal is": "gallium lamp for ",
    "grades of a cathode": "ncm811 ",
    "grades of a cathode far from a hydroxide": "ncm811 for a later hydroxide and ",
    "grades of magnets": "n48sh n40m ",
    "enriched isotopes": "enriched li-7 ",
    "devices with cells": "laptop with lithium battery, ",
    "parts of cells": "thick film for lithium battery ",
    "devices of magnets": "magnet x speaker ",
    "magnets of devices": "speaker x magnet de x ",
    "services": "market study without technology of extraction ",
}


def repeating(words: str) -> Callable[[int], str]:
    """Whole repetitions only: a piece of a word at the end would make the short text say something else."""
    return lambda size: words * (size // len(words))


def mistyped(size: int) -> str:
    """Names of one element, each with other errors and a share."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return " ".join(f"d{a}spr{b}sium 1 %" for a, b in product(letters, letters))[:size]


TEXTS = {
    **{name: repeating(words) for name, words in REPEATED.items()},
    "goods behind a metal": lambda size: ("gallium " + "lamp " * size)[:size],
    "names mistyped in many ways": mistyped,
}


def work(text: str, kind: str, **fields: object) -> int:
    """Instructions of our own code that one decision takes."""
    item = {"item_id": "1", "kind": kind, "description": text, **fields}
    event = wire_event({"on": "2025-09-01", "document": "contract", "facts": {"item": item}})
    outcomes: list[object] = []
    # Once only: the second time the item would be remembered.
    count = instructions_of(lambda: outcomes.append(screen(event, (), SNAPSHOT)))
    assert isinstance(outcomes[0], Decided), outcomes
    return count


@pytest.mark.parametrize("kind", ["goods", "technology", "service"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_of_several_times_the_length_costs_at_most_as_many_times_the_work(
    text: Callable[[int], str], kind: str
) -> None:
    short, long = work(text(SHORT), kind), work(text(SHORT * TIMES), kind)
    assert long <= short * (TIMES + 0.5), long / short


@pytest.mark.parametrize(
    "said",
    [
        "magnet speaker gallium",
        "speaker with magnet",
        "lithium battery",
        "ncm811",
        "Dy 1 %",
        "without dysprosium",
        "gallium lamp",
        "wc powder",
        "ferrite magnet",
        "without Dy2O3",
    ],
)
def test_several_times_as_many_descriptions_cost_at_most_as_many_times_the_work(said: str) -> None:
    few, many = (
        work("bolts", "goods", descriptions={f"x{i}": f"{said} {i}" for i in range(number)})
        for number in (100, 100 * TIMES)
    )
    assert many <= few * (TIMES + 0.5), many / few


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
