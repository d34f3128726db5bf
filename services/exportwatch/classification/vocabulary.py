"""The words in which things are named, built once from the shared tables of a law pack.

A tag is ``group:name``: ``el`` element, ``me`` base metal, ``al`` named alloy, ``co`` common
chemical, ``no`` homonym, ``cl`` class word, ``pr`` processing word, ``dp`` device named after
its magnets, ``mag`` magnet family, ``un`` unsettled material, ``su`` substance, ``wo`` process
word, ``cx`` context of short names, ``pn`` full name of a process, ``tr`` transfer word.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from exportwatch.classification.statements import Labels, build_labels
from exportwatch.classification.text import TermIndex
from exportwatch.law.subject import MaterialClass

TABLES = (
    "elements", "metals", "alloys", "common", "homonyms", "classes", "processing", "magnets", "unsettled",
    "substances", "processes", "transfer", "customs", "parameters", "wording",
)  # fmt: skip

BATTERY_CONTEXT = "cx:battery"


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A material on which no official position is known, and the listed elements that it holds."""

    name: str
    elements: tuple[str, ...]
    material_class: MaterialClass


@dataclass(frozen=True, slots=True)
class Process:
    """How a process is recognised: groups of tags that must each be present, hints, and what excludes it."""

    name: str
    all_of: tuple[frozenset[str], ...]
    hint: tuple[frozenset[str], ...]
    exclude: frozenset[str]


@dataclass(frozen=True, slots=True)
class CustomsHint:
    """What a customs code may stand for: one of some elements in one class."""

    elements: tuple[str, ...]
    material_class: MaterialClass


@dataclass(frozen=True, slots=True)
class Vocabulary:
    terms: TermIndex
    elements: frozenset[str]
    element_cas: Mapping[str, tuple[str, MaterialClass]]  # CAS number -> element, class
    magnet_cas: Mapping[str, str]
    magnet_grades: tuple[tuple[str, re.Pattern[str]], ...]
    unsettled: Mapping[str, Unsettled]
    unsettled_cas: Mapping[str, str]
    substance_cas: Mapping[str, str]
    common_cas: Mapping[str, str]
    named_alloys: Mapping[str, frozenset[str]]
    short_names: frozenset[tuple[str, str]]  # (tag, word): counted only in context
    processes: tuple[Process, ...]
    customs_codes: Mapping[str, CustomsHint]
    customs_headings: Mapping[str, CustomsHint]
    labels: Labels


def build_vocabulary(tables: Mapping[str, Mapping[str, Any]]) -> Vocabulary:
    """``tables`` maps the names in ``TABLES`` to their parsed YAML."""
    terms = dict(_terms(tables))
    for group, names in tables["wording"].items():
        for name, words in names.items():
            terms[f"{group}:{name}"] = [*terms.get(f"{group}:{name}", ()), *words]
    forgiving = [t for t in terms if t.startswith(("el:", "su:spodumene", "su:lepidolite", "su:gallium"))]
    elements = tables["elements"]
    return Vocabulary(
        terms=TermIndex(terms, forgiving, tables["processes"]["spelled"]),
        elements=frozenset(elements),
        element_cas={
            cas: (symbol, MaterialClass(name))
            for symbol, entry in elements.items()
            for name, numbers in entry["cas"].items()
            for cas in numbers
        },
        magnet_cas={cas: family for family, entry in tables["magnets"].items() for cas in entry["cas"]},
        magnet_grades=tuple(
            (family, re.compile(rf"(?:{'|'.join(entry['grades'])})$"))
            for family, entry in tables["magnets"].items()
        ),
        unsettled={
            name: Unsettled(name, tuple(entry["elements"]), MaterialClass(entry["class"]))
            for name, entry in tables["unsettled"].items()
        },
        unsettled_cas={cas: name for name, entry in tables["unsettled"].items() for cas in entry["cas"]},
        substance_cas={cas: name for name, entry in tables["substances"].items() for cas in entry["cas"]},
        common_cas={cas: name for name, entry in tables["common"].items() for cas in entry["cas"]},
        named_alloys={name: frozenset(entry["elements"]) for name, entry in tables["alloys"].items()},
        short_names=frozenset(
            (f"su:{name}", word)
            for name, entry in tables["substances"].items()
            for word in entry.get("short", ())
        ),
        processes=tuple(_processes(tables)),
        customs_codes=_customs(tables["customs"]["codes"]),
        customs_headings=_customs(tables["customs"]["headings"]),
        labels=build_labels(tables["parameters"]),
    )


def _terms(tables: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    for symbol, entry in tables["elements"].items():
        yield f"el:{symbol}", entry["names"]
    for group, table in (("me", "metals"), ("cl", "classes"), ("pr", "processing"), ("tr", "transfer")):
        for name, words in tables[table].items():
            yield f"{'dp' if name == 'products' else group}:{name}", words
    yield "no:homonym", tables["homonyms"]["words"]
    for group, table in (
        ("mag", "magnets"), ("un", "unsettled"), ("al", "alloys"), ("co", "common"), ("su", "substances"),
    ):  # fmt: skip
        for name, entry in tables[table].items():
            yield f"{group}:{name}", [*entry["names"], *entry.get("short", ())]
    for name, words in tables["processes"]["words"].items():
        # Context is looked for beside every word, also inside a longer one ("preparation technology").
        yield (BATTERY_CONTEXT if name == "battery_context" else f"wo:{name}"), words
    for name, entry in tables["processes"]["processes"].items():
        yield f"pn:{name}", entry["names"]


def _processes(tables: Mapping[str, Mapping[str, Any]]) -> Iterator[Process]:
    words, substances = tables["processes"]["words"], tables["substances"]

    def tag(name: str) -> str:
        if name in words:
            return f"wo:{name}"
        if name in substances:
            return f"su:{name}"
        if name in ("listed_rare_earth", "listed_rare_earth_metal"):
            return f"is:{name}"
        raise KeyError(name)

    for name, entry in tables["processes"]["processes"].items():
        yield Process(
            name,
            tuple(frozenset(tag(n) for n in group) for group in entry["all_of"]),
            tuple(frozenset(tag(n) for n in group) for group in entry["hint"]),
            frozenset(tag(n) for n in entry["exclude"]),
        )


def _customs(table: Mapping[str, Any]) -> Mapping[str, CustomsHint]:
    return {
        code: CustomsHint(tuple(entry["elements"]), MaterialClass(entry["class"]))
        for code, entry in table.items()
    }
