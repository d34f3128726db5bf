"""Holds the schemas of the events against those of the last release: what changed, whom it breaks, who goes first.

``python checks/compatibility.py [--new FOLDER] [--old FOLDER]``; exit status 1 where a change breaks somebody. What
breaks depends on who reads: of the events that we read (shipments, contracts, control events) a publisher may have
relied on what was allowed; of those that we write (decisions, alerts, quarantine) a consumer on what was promised.
Such a change needs a new version of the topic. Folders of releases are never changed; a release adds one.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parents[1] / "schemas"
WRITTEN = ("alert", "decision", "quarantine-headers")
Schema = Mapping[str, Any]
# Whatever else says which values are allowed: a change is narrower or wider, and only a person can tell which.
LIMITS = (
    "pattern", "format", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength",
    "maxLength", "minItems", "maxItems", "additionalProperties",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``allows_less`` and ``allows_more``: whether a value may now be absent that was, or new."""

    schema: str
    path: str
    what: str
    allows_less: bool = False
    allows_more: bool = False

    @property
    def breaks(self) -> str | None:
        """Who must be changed before this can be released; None where nobody is."""
        if self.schema in WRITTEN:
            return "consumers" if self.allows_more else None
        return "publishers" if self.allows_less else None

    def __str__(self) -> str:
        told = f"{self.breaks} must change first" if self.breaks else "breaks nobody"
        return f"{self.schema}: {self.path or 'the whole'}: {self.what}; {told}"


def changes(name: str, old: Schema, new: Schema) -> list[Change]:
    """Every difference between two versions of one schema."""
    return list(_Comparison(name, old, new).of(old, new, ""))


class _Comparison:
    def __init__(self, name: str, old: Schema, new: Schema) -> None:
        self._name = name
        self._old, self._new = old.get("$defs", {}), new.get("$defs", {})
        self._seen: set[tuple[str, str]] = set()

    def of(self, old: Any, new: Any, path: str) -> Iterator[Change]:
        pair = (str(old.get("$ref")), str(new.get("$ref")))
        if pair in self._seen:
            return
        if pair != ("None", "None"):
            self._seen.add(pair)
        old, new = _resolved(old, self._old), _resolved(new, self._new)
        yield from self._kinds(old, new, path)
        if "anyOf" in old or "anyOf" in new:
            return
        yield from self._values(old, new, path)
        yield from self._properties(old, new, path)
        if "items" in old and "items" in new:
            yield from self.of(old["items"], new["items"], f"{path}[]")

    def _kinds(self, old: Schema, new: Schema, path: str) -> Iterator[Change]:
        """Alternatives, told apart by their JSON type."""
        before, after = _alternatives(old, self._old), _alternatives(new, self._new)
        for kind in sorted(before.keys() - after.keys()):
            yield Change(self._name, path, f"may not be {kind} any more", allows_less=True)
        for kind in sorted(after.keys() - before.keys()):
            yield Change(self._name, path, f"may now be {kind}", allows_more=True)
        if "anyOf" in old or "anyOf" in new:
            for kind in sorted(before.keys() & after.keys()):
                yield from self.of(before[kind], after[kind], path)

    def _values(self, old: Schema, new: Schema, path: str) -> Iterator[Change]:
        if "enum" in old or "enum" in new:
            before, after = set(map(str, old.get("enum", ()))), set(map(str, new.get("enum", ())))
            if removed := sorted(before - after):
                yield Change(self._name, path, f"may not be {', '.join(removed)} any more", allows_less=True)
            if added := sorted(after - before):
                yield Change(self._name, path, f"may now be {', '.join(added)}", allows_more=True)
        for limit in LIMITS:
            if not isinstance(old.get(limit), dict) and old.get(limit) != new.get(limit):
                told = f"{limit} was {old.get(limit)!r} and is {new.get(limit)!r}"
                yield Change(self._name, path, told, allows_less=True, allows_more=True)

    def _properties(self, old: Schema, new: Schema, path: str) -> Iterator[Change]:
        before, after = old.get("properties", {}), new.get("properties", {})
        needed, needs = set(old.get("required", ())), set(new.get("required", ()))
        for field in sorted(before.keys() - after.keys()):
            # Whoever writes it may go on, it is ignored; whoever reads it finds it no more.
            yield Change(self._name, f"{path}.{field}", "is gone", allows_more=True)
        for field in sorted(after.keys() - before.keys()):
            if field in needs:
                yield Change(self._name, f"{path}.{field}", "is new and required", allows_less=True)
            else:
                yield Change(self._name, f"{path}.{field}", "is new and optional")
        for field in sorted(before.keys() & after.keys()):
            if field in needs - needed:
                yield Change(self._name, f"{path}.{field}", "is required now", allows_less=True)
            if field in needed - needs:
                yield Change(self._name, f"{path}.{field}", "is not required any more", allows_more=True)
            yield from self.of(before[field], after[field], f"{path}.{field}")


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    while "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix("#/$defs/")]
    return schema


def _alternatives(schema: Schema, definitions: Schema) -> dict[str, Schema]:
    """The JSON types that a value may have, each with the schema that says so."""
    found: dict[str, Schema] = {}
    for one in schema.get("anyOf", [schema]):
        resolved = _resolved(one, definitions)
        kinds = resolved.get("type", "anything")
        for kind in kinds if isinstance(kinds, list) else [kinds]:
            found.setdefault(kind, resolved)
    return found


def compared(old: Path, new: Path) -> list[Change]:
    """Every difference between two folders of schemas."""
    before, after = (
        {file.stem: json.loads(file.read_text()) for file in f.glob("*.json")} for f in (old, new)
    )
    gone = [
        Change(name, "", "is gone", allows_less=True, allows_more=True)
        for name in sorted(before.keys() - after.keys())
    ]
    both = sorted(before.keys() & after.keys())
    return gone + [change for name in both for change in changes(name, before[name], after[name])]


def last_release(folder: Path = SCHEMAS / "released") -> Path:
    """The folder of the newest release."""
    return max(folder.iterdir(), key=lambda f: tuple(int(part) for part in f.name.split(".")))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--old", type=Path, default=last_release(), help="default: the last release")
    parser.add_argument("--new", type=Path, default=SCHEMAS / "json", help="default: schemas/json")
    options = parser.parse_args(arguments)
    found = compared(options.old, options.new)
    for change in found:
        sys.stdout.write(f"{change}\n")
    return 1 if any(change.breaks for change in found) else 0


if __name__ == "__main__":
    sys.exit(main())
