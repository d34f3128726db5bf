"""One item's own facts, judged: what can be used, and what was stated but cannot be read.

The record's optional fields arrive as raw JSON. Nothing here rejects an item: an unreadable value is *unknown*
and becomes a ``Problem`` that the decision names. Paths are relative to the item.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from exportwatch.classification.exclusions import without_exclusions
from exportwatch.classification.formulas import SYMBOLS
from exportwatch.classification.measures import read_measures
from exportwatch.classification.prefixes import without_prefix
from exportwatch.classification.problems import Problem, list_of, wrong
from exportwatch.classification.text import Text, comparable, read_text, readable
from exportwatch.classification.units import (
    PARAMETERS,
    Interval,
    percent,
)
from exportwatch.law.subject import ItemKind, Measure

FORMS = frozenset(
    "ore metal alloy ingot powder oxide compound target magnet crystal wafer solution component assembly "
    "finished_product equipment".split()
)
_MATERIAL_FORMS = FORMS - {"component", "assembly", "finished_product", "equipment"}
# The fields on which classification depends; everything else of an item may differ between equal things.
FIELDS = (
    "description", "descriptions", "model", "grade", "hs_code", "cas", "composition", "form",
    "parameters", "declared_control_code", "customs_remark", "kind", "deliverables",
)  # fmt: skip
TECHNICAL = frozenset([ItemKind.TECHNOLOGY, ItemKind.SERVICE, ItemKind.SOFTWARE])
_TECHNICAL_DELIVERABLES = frozenset(
    ["documents", "software", "training", "on_site_engineers", "remote_access"]
)
_PEOPLE = frozenset(["training", "on_site_engineers", "remote_access"])
_CODE = re.compile(r"[^0-9]")


@dataclass(frozen=True, slots=True)
class Constituent:
    """One line of a composition. ``substance`` is as written; ``share`` in mass percent, ``None`` if unstated."""

    path: str
    substance: str
    share: Interval | None
    tested: bool
    shown: str


@dataclass(frozen=True, slots=True)
class ItemFacts:
    kind: ItemKind
    texts: tuple[Text, ...]
    grades: tuple[Text, ...]
    cas: tuple[tuple[str, str], ...]  # (path, number with hyphens), valid check digits only
    composition: tuple[Constituent, ...]
    measures: Mapping[str, tuple[Measure, ...]]
    form: str | None
    hs: str | None  # digits only
    declared_code: str | None
    deliverables: frozenset[str]
    problems: tuple[Problem, ...]


def read_item(raw: Mapping[str, Any], kind: ItemKind) -> ItemFacts:
    """Judge an item's raw fields. ``kind`` is what the document makes of an item that states none."""
    problems: list[Problem] = []
    of_goods = (
        kind is ItemKind.GOODS and raw.get("kind") in (None, "goods") and raw.get("hs_code") is not None
    )
    texts = [_described("description", raw["description"], of_goods)]
    further = _mapping(raw, "descriptions", problems)
    texts += [
        _described(f"descriptions.{tag}", t, of_goods)
        for tag, t in sorted(further.items())
        if isinstance(t, str)
    ]
    texts += _misplaced(raw)
    grades = [read_text(f, raw[f]) for f in ("grade", "model") if isinstance(raw.get(f), str) and raw[f]]
    remark = raw.get("customs_remark")
    if isinstance(remark, str) and remark:
        grades.append(read_text("customs_remark", remark))
    return ItemFacts(
        kind=_kind(raw, kind, problems),
        texts=tuple(texts),
        grades=tuple(grades),
        cas=_cas(raw, problems) + _cas_in_texts(texts),
        composition=_composition(raw, problems),
        measures=read_measures(raw, problems),
        form=_form(raw, problems),
        hs=_hs(raw, problems),
        declared_code=_text(raw, "declared_control_code", problems)
        or "; ".join(_words(raw.get("declared_control_code"), True)),
        deliverables=frozenset(
            _folded(d) for d in list_of(raw, "deliverables", problems) if isinstance(d, str)
        ),
        problems=tuple(problems),
    )


def _described(path: str, raw: str, of_goods: bool) -> Text:
    """A description without the numbers and labels that an ERP wrote in front of it, nor what goods under a customs
    code are said not to be."""
    shown = without_prefix(readable(raw).lstrip())
    shown = without_exclusions(shown) if of_goods and "(" in shown else shown
    return Text(path, shown, comparable(shown))


def hands_over_technology(facts: ItemFacts) -> bool:
    return bool(facts.deliverables & _TECHNICAL_DELIVERABLES)


def sends_people(facts: ItemFacts) -> bool:
    """Whether people teach, build or look in from afar, whatever goods they come with."""
    return bool(facts.deliverables & _PEOPLE)


def is_material(facts: ItemFacts) -> bool:
    """Whether the fields beside the texts are those of a material: no service or software has any of them."""
    return bool(facts.cas or facts.composition or facts.form in _MATERIAL_FORMS)


def _misplaced(raw: Mapping[str, Any]) -> list[Text]:
    """Words in fields whose form cannot be read: what they name still counts (``composition: "Dy 2 %"``)."""
    found: list[Text] = []
    descriptions, composition = raw.get("descriptions"), raw.get("composition")
    if isinstance(descriptions, dict):
        descriptions = [value for value in descriptions.values() if not isinstance(value, str)]
    if isinstance(composition, list):
        composition = [line for line in composition if not _has_substance(line)]
    for path, value in (("descriptions", descriptions), ("composition", composition)):
        found += [read_text(path, words) for words in _words(value)][:_MOST_MISPLACED]
    found += [
        read_text(f, words)
        for f in ("grade", "model", "customs_remark")
        for words in _words(raw.get(f), True)
    ]
    return found


_MOST_MISPLACED = 50


def _has_substance(line: Any) -> bool:
    return (
        isinstance(line, dict) and isinstance(line.get("substance"), str) and bool(line["substance"].strip())
    )


def _words(value: Any, inside: bool = False) -> list[str]:
    """Every text in a JSON value, in order; ``inside``: only those in lists and objects."""
    if isinstance(value, str):
        return [] if inside else [value]
    if isinstance(value, dict):  # JSON has no other mapping, and asking for one takes ten times as long
        return [w for key, v in value.items() for w in (str(key), *_words(v))]
    return [w for v in value for w in _words(v)] if isinstance(value, list) else []


_CAS_IN_TEXT = re.compile(r"(?<![\d\-])(\d{2,7})-(\d\d)-(\d)(?![\d\-])")


def _cas_in_texts(texts: list[Text]) -> tuple[tuple[str, str], ...]:
    """CAS registry numbers written into a description behind the letters CAS."""
    return tuple(
        dict.fromkeys(
            (text.path, "-".join(match.groups()))
            for text in texts
            if "cas" in text.plain
            for match in _CAS_IN_TEXT.finditer(text.shown)
            if valid_cas("".join(match.groups()))
        )
    )


def _text(raw: Mapping[str, Any], key: str, problems: list[Problem]) -> str | None:
    value = raw.get(key)
    if value is None or isinstance(value, str):
        return value or None
    problems.append(wrong(key, value, "text"))
    return None


def _mapping(raw: Mapping[str, Any], key: str, problems: list[Problem]) -> Mapping[str, Any]:
    value = raw.get(key)
    if value is None or isinstance(value, Mapping):
        return value or {}
    problems.append(wrong(key, value, "an object"))
    return {}


def _folded(value: Any) -> str:
    """One of a closed list of words as it is written there: ``Finished product`` is ``finished_product``."""
    return "_".join(value.lower().replace("-", " ").split()) if isinstance(value, str) else ""


def _kind(raw: Mapping[str, Any], default: ItemKind, problems: list[Problem]) -> ItemKind:
    value = raw.get("kind")
    if value is None or value == ItemKind.UNSTATED:
        return default
    try:
        return ItemKind(_folded(value))
    except ValueError:
        problems.append(wrong("kind", value, "goods, technology, service or software"))
        return ItemKind.UNSTATED


def _form(raw: Mapping[str, Any], problems: list[Problem]) -> str | None:
    value = raw.get("form")
    if value is None:
        return None
    form = _folded(value)
    if form in FORMS:
        return form
    problems.append(wrong("form", value, f"one of {', '.join(sorted(FORMS))}"))
    return None


def _hs(raw: Mapping[str, Any], problems: list[Problem]) -> str | None:
    value = raw.get("hs_code")
    if value is None:
        return None
    digits = _CODE.sub("", value) if isinstance(value, str) else str(value) if isinstance(value, int) else ""
    if 6 <= len(digits) <= 13:
        return digits
    problems.append(wrong("hs_code", value, "6 to 13 digits"))
    # A code in a list is named as wrong, and is one all the same.
    inside = (_CODE.sub("", word) for word in _words(value, True))
    return next((digits for digits in inside if 6 <= len(digits) <= 13), None)


def _cas(raw: Mapping[str, Any], problems: list[Problem]) -> tuple[tuple[str, str], ...]:
    value = raw.get("cas")
    numbers = [value] if isinstance(value, str) else list_of(raw, "cas", problems)
    read = []
    for index, number in enumerate(numbers):
        digits = _CODE.sub("", number) if isinstance(number, str) else ""
        if valid_cas(digits):
            read.append((f"cas[{index}]", f"{int(digits[:-3])}-{digits[-3:-1]}-{digits[-1]}"))
        else:
            problems.append(wrong(f"cas[{index}]", number, "a CAS registry number with a right check digit"))
    return tuple(read)


def valid_cas(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (CAS registry's rule)."""
    if not 5 <= len(digits) <= 10 or not digits.isdigit():
        return False
    return sum(i * int(d) for i, d in enumerate(reversed(digits[:-1]), start=1)) % 10 == int(digits[-1])


_PERCENT = PARAMETERS["purity"]


def _composition(raw: Mapping[str, Any], problems: list[Problem]) -> tuple[Constituent, ...]:
    """What is no text has ``.substance`` in the path of its problem: a text is read as one (``_misplaced``)."""
    read = []
    if isinstance(raw.get("composition"), Mapping):
        problems.append(wrong("composition.substance", raw["composition"], "a list of objects"))
        return ()
    for index, line in enumerate(list_of(raw, "composition", problems)):
        path = f"composition[{index}]"
        substance = line.get("substance") if isinstance(line, Mapping) else None
        if not isinstance(substance, str) or not substance.strip():
            within = path if isinstance(line, str) else f"{path}.substance"
            problems.append(wrong(within, line, "an object with a substance"))
            continue
        stated = line.get("percent")
        share = percent(stated)
        if share is not None and (share.low < 0 or (share.low > 100)):
            share = None
        if share is None and stated is not None:
            problems.append(
                Problem("IMPLAUSIBLE_VALUE", f"{path}.percent", f"{stated!r:.40}", "0 to 100 mass percent")
            )
        shown = f"{substance} {stated} %" if stated is not None else substance
        tested = line.get("evidence") == "test_report"
        read.append(Constituent(path, _symbol(substance.strip()), share, tested, shown))
    if sum((c.share.low for c in read if c.share), Decimal(0)) > 102:
        problems.append(
            Problem("IMPLAUSIBLE_VALUE", "composition", "a sum above 100 %", "at most 100 mass percent")
        )
        read = [replace(c, tested=False) for c in read]  # a report that cannot be right excludes nothing
    return tuple(read)


def _symbol(substance: str) -> str:
    """An element's symbol in its usual case: ``DY`` and ``dy`` are Dy. Other substances stay as written."""
    usual = substance.capitalize()
    return usual if len(substance) <= 2 and usual in SYMBOLS else substance
