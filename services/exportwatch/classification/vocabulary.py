"""The words in which things are named, built once from the shared tables of a law pack.

A tag is ``group:name``: ``el`` element, ``me`` base metal, ``al`` named alloy, ``co`` common
chemical, ``no`` homonym, ``cl`` class word, ``pr`` processing word, ``dp`` device named after
its magnets, ``mag`` magnet family, ``un`` unsettled material, ``su`` substance, ``wo`` process
word, ``cx`` context of short names, ``pn`` full name of a process, ``tr`` transfer word, ``gd`` goods and
material (``raw``) words that tell a substance from what is made with it. End uses have terms of their own: ``eu``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from exportwatch.classification.endings import cut_short, written_out
from exportwatch.classification.labels import Labels, build_labels
from exportwatch.classification.spelling import SpelledTerms, Spelling
from exportwatch.classification.text import TermIndex, comparable
from exportwatch.law.subject import MaterialClass

TABLES = (
    "elements", "metals", "alloys", "common", "homonyms", "classes", "processing", "magnets", "unsettled",
    "substances", "neighbours", "goods", "processes", "transfer", "customs", "end_use", "parameters", "wording",
    "spelling",
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
    """How a process is recognised: groups of tags that must each be present, hints, and what excludes it.

    ``settled_by``: processes of which one that is recognised answers the question that this one only raises;
    ``figures``: parameters that, stated with the technology of the hinted material, answer it as well.
    """

    name: str
    all_of: tuple[frozenset[str], ...]
    hint: tuple[frozenset[str], ...]
    exclude: frozenset[str]
    settled_by: frozenset[str]
    figures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NameRule:
    """How the name of a substance is to be taken (``neighbours.yaml`` says what each key means).

    ``goods``: tags of words that make it a product; ``needs``: tags of which one must stand beside it; ``kinds``:
    what it may be; ``metal``: what an element's name alone stands for.
    """

    goods: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    why: str = ""
    metal: str | None = None


@dataclass(frozen=True, slots=True)
class CustomsHint:
    """What a customs code may stand for: one of some elements in one class, or one of some substances."""

    elements: tuple[str, ...]
    material_class: MaterialClass
    substances: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    terms: TermIndex
    spelling: Spelling
    end_uses: SpelledTerms
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
    name_rules: Mapping[str, NameRule]  # substance -> how its name is taken, where that is not plain
    formula_words: Mapping[
        tuple[str, str], str
    ]  # (tag, word) -> the formula or symbol as it is rightly written
    formula_tags: frozenset[str]  # those of ``formula_words``
    written: Mapping[str, str]  # formula or symbol, as a composition writes it -> substance
    processes: tuple[Process, ...]
    customs_codes: Mapping[str, CustomsHint]
    customs_headings: Mapping[str, CustomsHint]
    labels: Labels


def build_vocabulary(tables: Mapping[str, Mapping[str, Any]]) -> Vocabulary:
    """``tables`` maps the names in ``TABLES`` to their parsed YAML."""
    neighbours = tables["neighbours"]
    substances = {**tables["substances"], **neighbours}
    tables = {**tables, "substances": substances}
    cut = tables["spelling"]["shortened"]
    terms = {
        tag: [f for word in words for w in (word, *cut_short(tag, word, cut)) for f in written_out(w)]
        for tag, words in _all_terms(tables)
    }
    forgiving = [t for t in terms if t.startswith(("el:", "su:spodumene", "su:lepidolite", "su:gallium"))]
    forgiving += [f"su:{name}" for name, entry in neighbours.items() if entry.get("forgive")]
    elements = tables["elements"]
    return Vocabulary(
        terms=TermIndex(terms, forgiving, tables["processes"]["spelled"]),
        spelling=_spelling(terms, tables),
        end_uses=_end_uses(tables),
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
        substance_cas={cas: name for name, entry in substances.items() for cas in entry.get("cas", ())},
        common_cas={cas: name for name, entry in tables["common"].items() for cas in entry["cas"]},
        named_alloys={name: frozenset(entry["elements"]) for name, entry in tables["alloys"].items()},
        short_names=frozenset(
            (f"su:{name}", word) for name, entry in substances.items() for word in entry.get("short", ())
        ),
        name_rules={
            name: _name_rule(entry) for name, entry in neighbours.items() if _RULE_KEYS & entry.keys()
        },
        formula_words={
            (f"su:{name}", comparable(formula)): formula
            for name, entry in neighbours.items()
            for formula in (*entry.get("formulas", ()), *entry.get("symbols", ()))
        },
        formula_tags=frozenset(
            f"su:{name}"
            for name, entry in neighbours.items()
            if entry.get("formulas") or entry.get("symbols")
        ),
        written={
            text: name
            for name, entry in neighbours.items()
            for text in (*entry.get("formulas", ()), *((entry["symbol"],) if "symbol" in entry else ()))
        },
        processes=tuple(_processes(tables)),
        customs_codes=_customs(tables["customs"]["codes"]),
        customs_headings=_customs(tables["customs"]["headings"]),
        labels=build_labels(tables["parameters"]),
    )


def _spelling(terms: Mapping[str, list[str]], tables: Mapping[str, Mapping[str, Any]]) -> Spelling:
    """Every word by which a thing, a process or a parameter is named, and those that turn what is said."""
    named = [word for words in terms.values() for word in words]
    spelling = tables["spelling"]
    beside = [*_every(tables["parameters"]), *_in_all(spelling["further"])]
    return Spelling([*named, *beside], _in_all(spelling["ordinary"]), spelling["short"])


def _end_uses(tables: Mapping[str, Mapping[str, Any]]) -> SpelledTerms:
    terms = {f"eu:{name}": _in_all(by_language) for name, by_language in tables["end_use"].items()}
    spelling = Spelling(
        (word for words in terms.values() for word in words), _in_all(tables["spelling"]["ordinary"])
    )
    return SpelledTerms(TermIndex(terms), spelling)


def _every(value: Any) -> Iterator[str]:
    """Each word of a nested table."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _every(part)
    else:
        for part in value:
            yield from _every(part)


def _in_all(words: Mapping[str, list[str]]) -> list[str]:
    """The words of every language."""
    return [word for of_language in words.values() for word in of_language]


def _all_terms(tables: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    """Each tag once, with the words of its own table and those of ``wording.yaml``."""
    further = {
        f"{group}:{name}": words
        for group, names in tables["wording"].items()
        for name, words in names.items()
    }
    for tag, words in _terms(tables):
        yield tag, [*words, *further.pop(tag, ())]
    yield from further.items()


def _terms(tables: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    for symbol, entry in tables["elements"].items():
        yield f"el:{symbol}", entry["names"]
    for group, table in (
        ("me", "metals"),
        ("cl", "classes"),
        ("pr", "processing"),
        ("tr", "transfer"),
        ("gd", "goods"),
    ):
        for name, words in tables[table].items():
            yield f"{'dp' if name == 'products' else group}:{name}", words
    yield "no:homonym", tables["homonyms"]["words"]
    for group, table in (
        ("mag", "magnets"), ("un", "unsettled"), ("al", "alloys"), ("co", "common"), ("su", "substances"),
    ):  # fmt: skip
        for name, entry in tables[table].items():
            yield f"{group}:{name}", [w for key in _NAMES for w in entry.get(key, ())]
    for name, words in tables["processes"]["words"].items():
        # Context is looked for beside every word, also inside a longer one ("preparation technology").
        yield (BATTERY_CONTEXT if name == "battery_context" else f"wo:{name}"), words
    for name, entry in tables["processes"]["processes"].items():
        yield f"pn:{name}", entry["names"]


_NAMES = ("names", "short", "formulas", "symbols")
_RULE_KEYS = frozenset(["goods", "kinds", "metal"])


def _name_rule(entry: Mapping[str, Any]) -> NameRule:
    return NameRule(
        goods=tuple(f"gd:{name}" for name in entry.get("goods", ())),
        needs=tuple(f"gd:{name}" for name in entry.get("needs", ())),
        kinds=tuple(entry.get("kinds", ())),
        why=entry.get("why", ""),
        metal=entry.get("metal"),
    )


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
            frozenset(_known(n, tables["processes"]["processes"]) for n in entry.get("settled_by", ())),
            tuple(entry.get("figures", ())),
        )


def _known(name: str, processes: Mapping[str, Any]) -> str:
    if name not in processes:
        raise KeyError(name)
    return name


def _customs(table: Mapping[str, Any]) -> Mapping[str, CustomsHint]:
    return {
        code: CustomsHint(
            tuple(entry.get("elements", ())),
            MaterialClass(entry.get("class", "compound")),
            tuple(entry.get("substances", ())),
        )
        for code, entry in table.items()
    }
