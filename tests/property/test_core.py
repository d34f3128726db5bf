"""What must hold of every decision, whatever the facts: the same bytes, no clearing by silence, no exception.

The positive cases of ``tests/law`` are the ground: what the law lists there must not be cleared by leaving a
qualifying fact away, by a typing error, by another script or by more law.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any

import opencc
import orjson
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from exportwatch.classification.reading import Reading
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.decide import Decided, Rejected, screen
from exportwatch_events.catalogue import RESULT_RANK, Result
from exportwatch_events.decisions import Decision
from law.case_events import DEFAULTS, Case, cases_in, wire_controls, wire_event

RULES = load_rules()
PLAIN = ControlContent(RULES).snapshot()
EVENTS = [(f"{theme}: {case['name']}", wire_event(case), case) for theme, case in cases_in("cases")]
FREE = [(name, event) for name, event, case in EVENTS if not list(wire_controls(case))]
BOUNDED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def decided(event: bytes, snapshot: Any = PLAIN) -> Case:
    outcome = screen(event, (), snapshot)
    assert isinstance(outcome, Decided), outcome
    return orjson.loads(outcome.value)


def results(event: bytes, snapshot: Any = PLAIN) -> list[Result]:
    return [Result(item["result"]) for item in decided(event, snapshot)["items"]]


def goods(text: str, **fields: Any) -> bytes:
    return wire_event(
        {"on": "2025-06-01", "facts": {"item": {"item_id": "1", "description": text, **fields}}}
    )


def technology(text: str) -> bytes:
    item = {**DEFAULTS["contract"]["item"], "description": text}
    return wire_event({"on": "2025-09-01", "document": "contract", "facts": {"item": item}})


# -- the same input, the same bytes ------------------------------------------------------------------------


def everything() -> list[str]:
    snapshot = ControlContent(RULES).snapshot()
    return [screen(event, (), snapshot).value.decode() for _, event in FREE]  # type: ignore[union-attr]


def test_cold_and_warm_memory_give_the_same_bytes() -> None:
    snapshot = ControlContent(RULES).snapshot()
    cold = [screen(event, (), snapshot) for _, event in FREE]
    assert cold == [screen(event, (), snapshot) for _, event in reversed(FREE)][::-1]
    small = ControlContent(RULES).snapshot()
    small.things._most = 2
    assert cold == [screen(event, (), small) for _, event in FREE]


def test_two_processes_with_other_hash_seeds_give_the_same_bytes() -> None:
    program = (
        "import hashlib, sys; sys.path.insert(0, 'tests')\n"
        "from property.test_core import everything\n"
        "print(hashlib.sha256('\\n'.join(everything()).encode()).hexdigest())"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "4242")
    ]
    assert said[0] == said[1]
    assert len(said[0].strip()) == 64


def test_the_short_way_past_lines_that_name_nothing_changes_no_decision(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick = everything()
    monkeypatch.setattr(Reading, "points_nowhere", property(lambda _self: False))
    assert everything() == quick


@BOUNDED
@given(st.lists(st.sampled_from(FREE), min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_items_does_not_matter_to_an_item(
    drawn: list[tuple[str, bytes]], rng: random.Random
) -> None:
    items = [item for _, event in drawn for item in orjson.loads(event)["items"]]
    for number, item in enumerate(items):
        item["item_id"] = str(number)
    whole = orjson.loads(goods("x"))
    shuffled = rng.sample(items, len(items))

    def by_item(order: list[Case]) -> Case:
        body = decided(orjson.dumps({**whole, "items": order}))
        for item in body["items"]:
            for found in item["classifications"]:
                for evidence in found["evidence"]:
                    evidence["path"] = evidence["path"].partition("]")[2]
        return {item["item_id"]: item for item in body["items"]}

    assert by_item(items) == by_item(shuffled)


CONTROLS = sorted({record for _, _, case in EVENTS for record in wire_controls(case)}, key=repr)


@BOUNDED
@given(st.lists(st.sampled_from(CONTROLS), min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_control_records_does_not_matter(
    drawn: list[tuple[str, bytes, bytes | None]], rng: random.Random
) -> None:
    newest = list({(topic, key): (topic, key, value) for topic, key, value in drawn}.values())
    references = []
    for order in (newest, rng.sample(newest, len(newest))):
        content = ControlContent(RULES)
        for record in order:
            content.fold(*record)
        snapshot = content.snapshot()
        references.append((snapshot.reference, [screen(e, (), snapshot) for _, e in FREE[::97]]))
    assert references[0] == references[1]


# -- unknown never clears ----------------------------------------------------------------------------------


def less(event: Case) -> Iterator[tuple[str, Case]]:
    """The event without one qualifying fact, for each of them. What names a thing stays."""
    for index, item in enumerate(event["items"]):
        for field in ("form", "country_of_origin", "chinese_content_percent", "parameters", "hs_year"):
            if field in item:
                copy = deepcopy(event)
                del copy["items"][index][field]
                yield field, copy
        for number, parameter in enumerate(item.get("parameters", ())):
            for gone in ("condition", "unit", "value"):
                if isinstance(parameter, dict) and gone in parameter:
                    copy = deepcopy(event)
                    del copy["items"][index]["parameters"][number][gone]
                    yield f"parameters.{gone}", copy
            if [p.get("name") for p in item["parameters"]].count(
                parameter.get("name")
            ) == 1:  # no contradiction
                copy = deepcopy(event)
                del copy["items"][index]["parameters"][number]
                yield "parameter", copy
        for number, line in enumerate(item.get("composition", ())):
            for gone in ("percent", "evidence"):
                if isinstance(line, dict) and gone in line:
                    copy = deepcopy(event)
                    del copy["items"][index]["composition"][number][gone]
                    yield f"composition.{gone}", copy
    for field in ("end_use", "stage", "consideration", "customs_regime"):
        if field in event and field != "stage":
            yield field, {name: value for name, value in event.items() if name != field}


def named(event: bytes) -> bool:
    """Whether no item is asked about for its end use or for its figures alone: there these are no qualifying facts of
    a thing that is named, but all that was found."""
    for item in decided(event)["items"]:
        evidence = [e["path"] for c in item["classifications"] for e in c["evidence"]]
        if not evidence and any(r["code"] == "CATCH_ALL_END_USE" for r in item["reasons"]):
            return False
        if evidence and all(".parameters[" in path for path in evidence):
            return False
    return True


NAMED = [(name, event) for name, event in FREE if named(event)]


def test_leaving_a_qualifying_fact_away_never_clears() -> None:
    tried, cleared = 0, []
    for name, event in NAMED:
        before = results(event)
        for fact, reduced in less(orjson.loads(event)):
            after = results(orjson.dumps(reduced))
            tried += 1
            for was, now in zip(before, after, strict=True):
                if was is not Result.NOT_REQUIRED and now is Result.NOT_REQUIRED:
                    cleared.append((name, fact))
    assert tried > 800
    assert not cleared


@BOUNDED
@given(st.data())
def test_several_facts_left_away_never_clear(data: st.DataObject) -> None:
    name, event = data.draw(st.sampled_from(NAMED))
    body = orjson.loads(event)
    before = results(event)
    for _ in range(data.draw(st.integers(1, 4))):
        smaller = [reduced for _, reduced in less(body)]
        if smaller:
            body = data.draw(st.sampled_from(smaller))
    for was, now in zip(before, results(orjson.dumps(body)), strict=True):
        assert was is Result.NOT_REQUIRED or now is not Result.NOT_REQUIRED, name


def test_the_report_that_a_decision_asks_for_clears_the_magnet() -> None:
    report = [{"substance": "Dy+Tb", "percent": "0.1", "evidence": "test_report"}]
    tried = 0
    for name, event in FREE:
        body = orjson.loads(event)
        asked = [
            item["item_id"]
            for item in decided(event)["items"]
            if item["result"] == "review" and any("test report" in o["change"] for o in item["clear_options"])
        ]
        for item in body["items"]:
            if item["item_id"] in asked:
                item["composition"] = report
        after = {item["item_id"]: item for item in decided(orjson.dumps(body))["items"]}
        tried += len(asked)
        assert all(after[item_id]["result"] == "not_required" for item_id in asked), name
    assert tried > 10


# -- typing errors, scripts, synonyms, units ---------------------------------------------------------------

NAMES = sorted(
    name.strip("*")
    for symbol in ("Sm", "Gd", "Tb", "Dy", "Lu", "Sc", "Y")
    for name in RULES.tables["elements"][symbol]["names"]
    if name.strip("*").isascii() and name.strip("*").isalpha() and len(name.strip("*")) >= 7
)
OTHERS = {name.strip("*") for entry in RULES.tables["elements"].values() for name in entry["names"]} - set(
    NAMES
)
TECHNOLOGIES = [
    "lithium iron phosphate preparation technology",
    "lithium carbonate production from spodumene, technology licence",
    "separation of dysprosium, process know-how",
    "neodymium iron boron sintering know-how",
]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def one_edit(word: str) -> st.SearchStrategy[str]:
    place, letter = st.integers(0, len(word) - 1), st.sampled_from(LETTERS)
    return st.one_of(
        place.map(lambda i: word[:i] + word[i + 1 :]),
        st.tuples(place, letter).map(lambda p: word[: p[0]] + p[1] + word[p[0] :]),
        st.tuples(place, letter).map(lambda p: word[: p[0]] + p[1] + word[p[0] + 1 :]),
        st.integers(0, len(word) - 2).map(lambda i: word[:i] + word[i + 1] + word[i] + word[i + 2 :]),
    )


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(NAMES).flatmap(one_edit).filter(lambda word: word not in OTHERS))
def test_one_typing_error_in_the_name_of_an_element_never_clears(word: str) -> None:
    for text in (f"{word} oxide 99.9 %", f"{word.capitalize()}oxid"):
        assert results(goods(text)) != [Result.NOT_REQUIRED]


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_one_typing_error_in_a_word_of_a_technology_never_clears(data: st.DataObject) -> None:
    words = data.draw(st.sampled_from(TECHNOLOGIES)).split()
    at = data.draw(st.sampled_from([i for i, w in enumerate(words) if len(w) >= 7 and w.isalpha()]))
    words[at] = data.draw(one_edit(words[at]))
    assert results(technology(" ".join(words))) != [Result.NOT_REQUIRED]


TO_TRADITIONAL = opencc.OpenCC("s2t")


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def test_other_widths_and_traditional_characters_clear_nothing_and_change_no_code() -> None:
    changed = []
    for name, event in FREE:
        before = decided(event)
        for vary in (full_width, TO_TRADITIONAL.convert):
            body = orjson.loads(event)
            for item in body["items"]:
                item["description"] = vary(item["description"])
            after = decided(orjson.dumps(body))
            if outcome(before) != outcome(after):
                changed.append((name, vary(body["items"][0]["description"]), outcome(before), outcome(after)))
    assert not changed


def outcome(decision: Case) -> list[Any]:
    return [
        (item["result"], sorted((c["control_code"], c["match"]) for c in item["classifications"]))
        for item in decision["items"]
    ]


@pytest.mark.parametrize("vary", [str.upper, str.lower, str.title, str.swapcase])
def test_the_case_of_names_and_formulas_never_clears(vary: Any) -> None:
    formulas = ["Dy2O3 99.5 %", "Tb4O7", "Gd2O3 powder", "YF3", "TbCl3", "Sm2O3", "Lu2O3", "ScF3"]
    named = [f"{name} oxide 99.9 %" for name in NAMES] + [f"{name} metal ingot" for name in NAMES]
    cleared = [text for text in formulas + named if results(goods(vary(text))) == [Result.NOT_REQUIRED]]
    assert not cleared


SPELLED = {
    "Dy": ["dysprosium oxide", "Dysprosiumoxid", "氧化镝", "氧化鏑", "酸化ジスプロシウム", "dysprosia", "Dy2O3"],
    "Tb": ["terbium oxide", "Terbiumoxid", "氧化铽", "酸化テルビウム", "оксид тербия", "Tb4O7"],
    "Y": ["yttrium oxide", "Yttriumoxid", "氧化钇", "酸化イットリウム", "оксид иттрия", "yttria", "Y2O3"],
    "Gd": ["gadolinium oxide", "Gadoliniumoxid", "氧化钆", "酸化ガドリニウム", "оксид гадолиния", "Gd2O3"],
}  # fmt: skip


@pytest.mark.parametrize("symbol", SPELLED)
def test_a_synonym_never_changes_the_result(symbol: str) -> None:
    found = {json.dumps(outcome(decided(goods(f"{text} 99.5 %")))) for text in SPELLED[symbol]}
    assert len(found) == 1, found


UNITS = {
    "compaction_density": [("g/cc", "1"), ("g/cm³", "1"), ("kg/m3", "1000"), ("t/m3", "1"), ("kg/l", "1")],
    "discharge_capacity": [("mAh/g", "1"), ("Ah/kg", "1"), ("mAh/kg", "1000")],
    "first_coulombic_efficiency": [("%", "1"), ("1", "0.01"), ("ppm", "10000")],
}


@BOUNDED
@given(
    st.decimals("2.3", "2.9", places=3),
    st.decimals("150", "170", places=2),
    st.decimals("95", "99", places=2),
    st.tuples(*[st.sampled_from(units) for units in UNITS.values()]),
)
def test_a_unit_never_changes_the_result(
    density: Decimal, capacity: Decimal, efficiency: Decimal, units: tuple[tuple[str, str], ...]
) -> None:
    def event(chosen: tuple[tuple[str, str], ...]) -> bytes:
        conditions = ({"pressure": {"value": 220, "unit": "MPa"}}, {"c_rate": 0.1}, None)
        stated = [
            {"name": name, "value": str(value * Decimal(times)), "unit": unit, "condition": condition}
            for name, value, (unit, times), condition in zip(
                UNITS, (density, capacity, efficiency), chosen, conditions, strict=True
            )
        ]
        body = orjson.loads(technology("lithium iron phosphate preparation technology"))
        body["items"][0]["parameters"] = stated
        return orjson.dumps(body)

    usual = tuple(choices[0] for choices in UNITS.values())
    assert outcome(decided(event(usual))) == outcome(decided(event(units)))


# -- what only a text states -------------------------------------------------------------------------------

LABELS = RULES.tables["parameters"]["labels"]
SAYS = {  # name: (value, its units with their factors, what follows it)
    "compaction_density": (
        "2.60",
        [("g/cc", "1"), ("g/cm3", "1"), ("g/cm³", "1"), ("kg/m3", "1000"), ("t/m3", "1")],
        "(220 MPa)",
    ),
    "discharge_capacity": ("161", [("mAh/g", "1"), ("Ah/kg", "1"), ("mAh/kg", "1000")], "(0.1C)"),
    "first_coulombic_efficiency": ("97.2", [("%", "1"), ("percent", "1")], ""),
}  # fmt: skip


def stated(value: str, times: str, unit: str) -> str:
    return f"{Decimal(value) * Decimal(times):f} {unit}"


def in_words(**changed: tuple[str, str]) -> bytes:
    """The technology of B1, its three values in the text alone; ``changed``: label and value of some."""
    said = []
    for name, (value, units, behind) in SAYS.items():
        label, number = changed.get(name, (LABELS[name][0], stated(value, units[0][1], units[0][0])))
        said.append(f"{label} {number} {behind}")
    return technology(f"lithium iron phosphate preparation technology; {'; '.join(said)}")


@pytest.mark.parametrize("name", SAYS)
def test_a_synonym_or_a_unit_of_a_parameter_in_a_text_never_changes_the_result(name: str) -> None:
    usual = outcome(decided(in_words()))
    assert usual == [("license_required", [("252604X/B1", "yes")])]
    value, units, _ = SAYS[name]
    changed = []
    for label in LABELS[name]:
        for unit, times in units:
            event = in_words(**{name: (label, stated(value, times, unit))})
            if outcome(decided(event)) != usual:
                changed.append((label, unit))
    assert not changed


@BOUNDED
@given(
    st.decimals("2.3", "2.9", places=2),
    st.decimals("150", "170", places=1),
    st.decimals("95", "99", places=1),
)
def test_a_parameter_in_the_text_alone_decides_as_it_does_in_its_field(
    density: Decimal, capacity: Decimal, efficiency: Decimal
) -> None:
    text = "lithium iron phosphate preparation technology"
    in_text = technology(
        f"{text}, compaction density {density} g/cc at 220 MPa, {capacity} mAh/g at 0.1C, ICE {efficiency} %"
    )
    body = orjson.loads(technology(text))
    body["items"][0]["parameters"] = [
        {"name": "compaction_density", "value": str(density), "unit": "g/cc",
         "condition": {"pressure": {"value": 220, "unit": "MPa"}}},
        {"name": "discharge_capacity", "value": str(capacity), "unit": "mAh/g", "condition": {"c_rate": 0.1}},
        {"name": "first_coulombic_efficiency", "value": str(efficiency), "unit": "%"},
    ]  # fmt: skip
    assert outcome(decided(in_text)) == outcome(decided(orjson.dumps(body)))


@BOUNDED
@given(
    st.decimals("2.3", "2.9", places=2), st.sampled_from(["2.50 g/cc at 220 MPa", "2.50 g/cc", "1.2 g/cc"])
)
def test_a_parameter_in_the_text_never_clears_what_the_field_leaves_open(density: Decimal, said: str) -> None:
    body = orjson.loads(technology("lithium iron phosphate preparation technology"))
    body["items"][0]["parameters"] = [
        {"name": "compaction_density", "value": str(density), "unit": "g/cc",
         "condition": {"pressure": {"value": 220, "unit": "MPa"}}},
    ]  # fmt: skip
    before = results(orjson.dumps(body))
    body["items"][0]["description"] += f", compaction density {said}"
    after = results(orjson.dumps(body))
    assert not (before == [Result.REVIEW] and after == [Result.NOT_REQUIRED])


# -- noise -------------------------------------------------------------------------------------------------

LONG = [
    name for name in NAMES if len(name) >= 9
]  # two edits are forgiven from nine letters on, but not in the first
SLIPS = {"o": "0", "i": "1", "l": "1"}  # letters that a scan reads as a digit


def noisy(word: str) -> list[str]:
    """One identity term as mark-up, scans and keyboards leave it."""
    half = len(word) // 2
    return [
        f"<b>{word[:half]}</b>{word[half:]}", f"&lt;p&gt;{word}&lt;/p&gt;", f"{word[:half]}\u200b{word[half:]}",
        f"{word[:half]}\xad{word[half:]}", f"\u202e{word}\u202c", full_width(word), word.upper(), " ".join(word),
        f"x_{word}_y", f"\x00{word}\x07",
        *(f"{word[:at]}{SLIPS[c]}{word[at + 1 :]}" for at, c in enumerate(word) if c in SLIPS),
    ]  # fmt: skip


@pytest.mark.parametrize("word", NAMES)
def test_noise_that_keeps_the_name_of_an_element_never_clears(word: str) -> None:
    cleared = [text for text in noisy(word) if results(goods(f"{text} oxide")) == [Result.NOT_REQUIRED]]
    assert not cleared


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(LONG).flatmap(
        lambda name: one_edit(name).flatmap(one_edit).map(lambda word: (name, word))
    )
)
def test_two_typing_errors_in_a_long_name_never_clear(drawn: tuple[str, str]) -> None:
    name, word = drawn
    assume(OSA.distance(name, word) <= 2 and word[:1] == name[0] and word not in OTHERS and len(word) >= 9)
    assert results(goods(f"{word} oxide 99.9 %")) != [Result.NOT_REQUIRED]


# -- more law, less clearing -------------------------------------------------------------------------------


@settings(deadline=None, max_examples=12)
@given(st.sampled_from([e.raw.mapping for e in RULES.register.entries()]))
def test_one_more_control_entry_never_clears(entry: Case) -> None:
    amendment = {
        "instrument_id": "CN-2027-1", "status": "in_force", "from": "2025-01-01", "announced_by": "CN-2027-1",
        "entries": [{**entry, "code": "9X999", "limb": "*"}],
    }  # fmt: skip
    content = ControlContent(RULES)
    content.fold("compliance.law.v1", b"CN-2027-1/*/CN-2027-1", orjson.dumps(amendment))
    assert not content.problems
    more = content.snapshot()
    for name, event in FREE[::7]:
        for was, now in zip(results(event), results(event, more), strict=True):
            assert RESULT_RANK[now] <= RESULT_RANK[was], name


# -- whatever is in the fields -----------------------------------------------------------------------------

TEXT = st.text(max_size=12) | st.sampled_from(
    ["Dy2O3", "镝", "%", "1C905.b", "CN", "NaN", "<3", "1,2.3", "N42SH"]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.sampled_from([1e400, float("nan"), 10**400, -1, 0])
)
DEEP = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["substance", "percent", "name", "value", "unit", "condition", "pressure", "from", "country"]
            )
            | TEXT,
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
ITEM_FIELDS = (
    "kind descriptions material_no model grade brand hs_code hs_year cas composition form parameters quantity net_mass "
    "value country_of_origin chinese_content_percent uses_chinese_technology declared_control_code license "
    "customs_remark deliverables"
).split()
SHIPMENT_FIELDS = "contract_id export_date via customs_regime end_use licenses tenant".split()
CONTRACT_FIELDS = (
    "transfer_date consideration title description recipient_location intra_group letter_of_intent license "
    "end_use licenses"
).split()
PARTY_FIELDS = "local_name aliases country id owners".split()
LISTED = ControlContent(RULES)
for record in CONTROLS:
    LISTED.fold(*record)
FULL = LISTED.snapshot()


@settings(deadline=None, max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.booleans(),
    st.dictionaries(st.sampled_from(ITEM_FIELDS), DEEP, max_size=4),
    st.dictionaries(st.sampled_from(SHIPMENT_FIELDS + CONTRACT_FIELDS), DEEP, max_size=3),
    st.dictionaries(st.sampled_from(PARTY_FIELDS), DEEP, max_size=2),
    TEXT | st.sampled_from(["Dysprosium oxide", "NdFeB magnet", "LFP technology", "wooden chair"]),
)
def test_whatever_the_optional_fields_hold_there_is_a_decision_as_the_contract_says(
    contract: bool, item: Case, document: Case, party: Case, text: str
) -> None:
    body = orjson.loads(technology(text) if contract else goods(text))
    body["items"][0].update(item)
    body.update(document)
    body["parties"][1].update(party)
    for snapshot in (PLAIN, FULL):
        answer = screen(json.dumps(body).encode(), (), snapshot)
        if isinstance(answer, Rejected):
            assert answer.message
            continue
        Decision.model_validate_json(answer.value)
        assert answer == screen(json.dumps(body).encode(), (), snapshot)
