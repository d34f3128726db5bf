"""Control entries: from the YAML mapping of a pack or an amendment to a compiled ``ControlEntry``.

The form of an entry (all keys but the last three are required):

    code, name {en, zh}, kind (goods | technology), effect, condition, source, confidence, jurisdiction, limb, notes

An entry of the jurisdiction ``foreign_made_content`` also states its ``content_floor_percent``.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from exportwatch.law.conditions import compile_condition
from exportwatch.law.model import ControlEntry, Effect, EntryKind, Jurisdiction, RawEntry, Text
from exportwatch.law.predicates import ConditionError

KEYS = (
    "code",
    "name",
    "kind",
    "effect",
    "condition",
    "source",
    "confidence",
    "jurisdiction",
    "limb",
    "notes",
    "content_floor_percent",
)
REQUIRED = KEYS[:7]
_KINDS = {
    EntryKind.GOODS: ["goods"],
    EntryKind.TECHNOLOGY: ["technology", "service", "software"],
}


def compile_entry(raw: RawEntry) -> ControlEntry:
    """Compile one entry. Raises ``ConditionError`` naming key, what was found and what is known."""
    entry = raw.mapping
    for key in entry:
        if key not in KEYS:
            raise ConditionError("key", key, KEYS)
    for key in REQUIRED:
        if entry.get(key) in (None, ""):
            raise ConditionError(key, entry.get(key), ["a value: the key is required"])
    kind = EntryKind(_one_of("kind", entry["kind"], [k.value for k in EntryKind]))
    name = entry["name"]
    if not isinstance(name, Mapping) or set(name) != {"en", "zh"}:
        raise ConditionError("name", name, ["en", "zh"])
    # Compiled first: an unknown predicate is named as such, and not as a condition without a subject.
    condition = compile_condition({"all": [{"kind": _KINDS[kind]}, entry["condition"]]})
    keys = frozenset(index_keys(entry["condition"]))
    if not keys:
        raise ConditionError("condition", entry["condition"], ["a material, a substance or a process"])
    jurisdiction = Jurisdiction(
        _one_of("jurisdiction", entry.get("jurisdiction", "export"), [j.value for j in Jurisdiction])
    )
    return ControlEntry(
        control_code=str(entry["code"]),
        instrument_id=raw.instrument_id,
        limb=raw.limb,
        name=Text(str(name["en"]), str(name["zh"])),
        condition=condition,
        raw=raw,
        kind=kind,
        effect=Effect(_one_of("effect", entry["effect"], [e.value for e in Effect])),
        jurisdiction=jurisdiction,
        keys=keys,
        source=f"{entry['source']} ({entry['confidence']})",
        content_floor=_content_floor(entry, jurisdiction),
    )


def _content_floor(entry: Mapping[str, Any], jurisdiction: Jurisdiction) -> Decimal | None:
    """The percent of value from which foreign-made goods are reached: stated where it decides, and nowhere else."""
    stated = entry.get("content_floor_percent")
    if jurisdiction is not Jurisdiction.FOREIGN_MADE_CONTENT:
        if stated is not None:
            raise ConditionError("content_floor_percent", stated, ["nothing: for foreign_made_content only"])
        return None
    try:
        floor = Decimal(str(stated))
    except InvalidOperation:
        floor = Decimal(-1)
    if not Decimal(0) <= floor <= Decimal(100):
        raise ConditionError("content_floor_percent", stated, ["a percentage: 0 to 100"])
    return floor


def _one_of(key: str, value: Any, known: list[str]) -> str:
    if value not in known:
        raise ConditionError(key, value, known)
    return str(value)


def index_keys(condition: Any) -> Iterator[str]:
    """The subjects that a condition speaks of: ``el:Dy``, ``su:lfp``, ``pr:lfp_preparation``."""
    if isinstance(condition, list):
        for part in condition:
            yield from index_keys(part)
        return
    if not isinstance(condition, Mapping):
        return
    for name, argument in condition.items():
        match name:
            case "material":
                if isinstance(argument, Mapping):
                    yield f"el:{argument.get('element')}"
            case "substance" | "process":
                prefix = "su" if name == "substance" else "pr"
                for value in [argument] if isinstance(argument, str) else argument:
                    yield f"{prefix}:{value}"
            case "all" | "any" | "not":
                yield from index_keys(argument)
            case _:
                pass
