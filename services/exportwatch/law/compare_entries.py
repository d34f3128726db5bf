"""The control entries of an instrument in two packs, compared in words: thresholds from what to what.

Entries as written, not compiled. An entry is known by its limb and code; within its condition a question is known by
its predicate and what it asks about (the parameter, the element and class), so that a moved limit is one change.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from exportwatch.law.compare_values import ADDED, REMOVED, from_to, said
from exportwatch.law.model import WHOLE, RawEntry

_COMPOSED = ("all", "any", "not")
_ABOUT = ("name", "element", "class", "fact", "family")


class _Question(NamedTuple):
    about: tuple[str, ...]
    text: str


def compare_entries(old: Sequence[RawEntry], new: Sequence[RawEntry]) -> Iterator[str]:
    """What is different in the second list, by limb and code."""
    before, after = _named(old), _named(new)
    for key in sorted({*before, *after}):
        name = _name(key)
        if key not in before:
            yield f"{ADDED} {name}: {_told(after[key])}"
        elif key not in after:
            yield f"{REMOVED} {name}: {_told(before[key])}"
        else:
            yield from (f"{name}: {text}" for text in _changes(before[key], after[key]))


def _named(entries: Sequence[RawEntry]) -> dict[tuple[str, str, int], Mapping[str, Any]]:
    """By limb, code, and place among those of one code (a fault that `law check` finds, and not ours)."""
    seen: Counter[tuple[str, str]] = Counter()
    named = {}
    for entry in entries:
        key = (entry.limb, str(entry.mapping.get("code", "?")))
        named[*key, seen[key]] = entry.mapping
        seen[key] += 1
    return named


def _name(key: tuple[str, str, int]) -> str:
    limb, code, place = key
    name = f"entry {code}" if limb == WHOLE else f"entry {code} of limb {limb}"
    return f"{name} ({place + 1})" if place else name


def _told(entry: Mapping[str, Any]) -> str:
    name = entry.get("name")
    title = name.get("en") if isinstance(name, Mapping) else name
    questions = [q.text for q in _questions(entry.get("condition"))]
    effect = said(entry.get("effect")).replace("_", " ")
    return f"{title} ({entry.get('kind')}, {effect}); {'; '.join(questions)}"


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, after = _flat(old), _flat(new)
    for key in dict.fromkeys([*before, *after]):
        left, right = before.get(key), after.get(key)
        if left != right:
            yield from_to(key, left, right)
    if old.get("condition") != new.get("condition"):
        yield from _conditions(old.get("condition"), new.get("condition"))


def _flat(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The fields beside the condition; of the name each language."""
    flat = {key: value for key, value in entry.items() if key not in ("code", "limb", "condition", "name")}
    name = entry.get("name")
    names = (
        {f"name ({key})": text for key, text in name.items()} if isinstance(name, Mapping) else {"name": name}
    )
    return names | flat


def _conditions(old: Any, new: Any) -> Iterator[str]:
    left, right = Counter(_questions(old)), Counter(_questions(new))
    gone, come = _by_subject(left - right), _by_subject(right - left)
    if not gone and not come:
        yield "the same conditions are put together otherwise"
    for about in dict.fromkeys([*gone, *come]):
        before, after = gone.get(about, []), come.get(about, [])
        paired = min(len(before), len(after))
        yield from (from_to("condition", *pair) for pair in zip(before, after, strict=False))
        yield from (f"{REMOVED} condition: {text}" for text in before[paired:])
        yield from (f"{ADDED} condition: {text}" for text in after[paired:])


def _by_subject(questions: Counter[_Question]) -> dict[tuple[str, ...], list[str]]:
    grouped: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for question in questions.elements():
        grouped[question.about].append(question.text)
    return grouped


def _questions(condition: Any, denied: str = "") -> Iterator[_Question]:
    """The questions of a condition in the order in which they are written."""
    if isinstance(condition, list):
        for part in condition:
            yield from _questions(part, denied)
        return
    if not isinstance(condition, Mapping):
        return
    for predicate, argument in condition.items():
        if predicate in _COMPOSED:
            yield from _questions(argument, "not " if predicate == "not" else denied)
            continue
        about = [str(argument.get(key, "")) for key in _ABOUT] if isinstance(argument, Mapping) else []
        yield _Question((denied, predicate, *about), denied + _asked(predicate, argument))


def _asked(predicate: str, argument: Any) -> str:
    """``compaction_density >= 2.58 g/cm3 at pressure 220``; else the predicate and its argument."""
    if predicate != "parameter" or not isinstance(argument, Mapping):
        return f"{predicate} {said(argument)}"
    text = " ".join(str(argument.get(key, "?")) for key in ("name", "op", "value", "unit"))
    tested = argument.get("condition")
    further = {k: v for k, v in argument.items() if k not in ("name", "op", "value", "unit", "condition")}
    return f"{text}{f' at {said(tested)}' if tested else ''}{f' ({said(further)})' if further else ''}"
