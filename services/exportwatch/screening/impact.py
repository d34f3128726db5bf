"""What a change of the law changes for documents: decisions under two law packs, held against each other.

Pure: two decisions of one event, as parsed JSON, in; the items whose result or advice differs out, with the control
codes and reasons that came or went.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Body = Mapping[str, Any]
_WHOLE_DOCUMENT = "document"
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Changed:
    """An item (or, without items, the document) whose result or hold is another one under the second pack.

    Each side of ``results`` reads ``license_required (hold)``; ``came`` and ``went`` name control codes with their
    match, and reasons with what they are about, in the order of the decision.
    """

    document: str
    version: int
    item_id: str
    description: str
    results: tuple[str, str]
    came: tuple[str, ...]
    went: tuple[str, ...]


@dataclass
class Impact:
    """The account of a file of events. ``otherwise``: items with the same result for other reasons or codes."""

    documents: int = 0
    items: int = 0
    changed_documents: int = 0
    changed_items: int = 0
    otherwise: int = 0
    unreadable: int = 0
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self, before: Body, after: Body) -> tuple[Changed, ...]:
        """Take the two decisions of one event; gives what differs."""
        changed = []
        for old, new in zip(_parts(before), _parts(after), strict=True):
            self.items += 1
            found = _changed(before, old, new)
            if found is not None:
                changed.append(found)
                self.moves[found.results] += 1
            elif _whys(old) != _whys(new):
                self.otherwise += 1
        self.documents += 1
        self.changed_documents += bool(changed)
        self.changed_items += len(changed)
        return tuple(changed)

    def told(self) -> Iterator[str]:
        """The counts for a person."""
        yield (
            f"{self.changed_items} of {self.items} items in {self.changed_documents} of {self.documents} documents "
            f"change; {self.otherwise} keep their result for other reasons"
        )
        for (before, after), number in sorted(self.moves.items()):
            yield f"  {number:>6}  {before} -> {after}"
        if self.unreadable:
            yield f"{self.unreadable} lines could not be read, and nothing is known of them"

    def as_json(self) -> dict[str, Any]:
        moves = [
            {"from": before, "to": after, "items": number}
            for (before, after), number in sorted(self.moves.items())
        ]
        return {
            "documents": self.documents, "items": self.items, "changed_documents": self.changed_documents,
            "changed_items": self.changed_items, "otherwise": self.otherwise, "unreadable": self.unreadable,
            "moves": moves,
        }  # fmt: skip


def told(changed: Changed) -> Iterator[str]:
    """One changed item for a person."""
    yield f"{changed.document} version {changed.version}, {changed.item_id}{_quoted(changed.description)}"
    yield f"    {changed.results[0]} -> {changed.results[1]}"
    yield from (f"    + {why}" for why in changed.came)
    yield from (f"    - {why}" for why in changed.went)


def as_json(changed: Changed) -> dict[str, Any]:
    return {
        "document": changed.document, "version": changed.version, "item": changed.item_id,
        "from": changed.results[0], "to": changed.results[1], "came": changed.came, "went": changed.went,
    }  # fmt: skip


def _parts(decision: Body) -> Sequence[Body]:
    """The items of a decision; the decision itself where it has none (cancelled, unreadable)."""
    return decision["items"] or (decision,)


def _changed(decision: Body, old: Body, new: Body) -> Changed | None:
    if (old["result"], old["hold"]) == (new["result"], new["hold"]):
        return None
    before, after = _whys(old), _whys(new)
    document = decision["document"]
    item_id = old.get("item_id")
    return Changed(
        document["key"],
        document["version"],
        _WHOLE_DOCUMENT if item_id is None else f"item {item_id}",
        _description(decision, item_id),
        (_result(old), _result(new)),
        tuple(why for why in after if why not in before),
        tuple(why for why in before if why not in after),
    )


def _result(part: Body) -> str:
    return f"{part['result']} ({part['hold']})"


def _whys(part: Body) -> tuple[str, ...]:
    """The control codes with their match and the reasons, each once."""
    codes = [
        f"{c['control_code']} of {c['instrument_id']}{'' if c['match'] == 'yes' else ' (unknown)'}"
        for c in part.get("classifications", ())
    ]
    return tuple(dict.fromkeys([*codes, *(_why(r) for r in part.get("reasons", ()))]))


def _why(reason: Body) -> str:
    about = " ".join(text for text in (reason["control_code"], reason["instrument_id"]) if text)
    return f"{reason['code']} {about}".rstrip()


def _description(decision: Body, item_id: str | None) -> str:
    items = (decision.get("facts") or {}).get("items", ())
    found: Body = next((item for item in items if item["item_id"] == item_id), {})
    return str(found.get("description") or "")


def _quoted(description: str) -> str:
    line = " ".join(description[: 2 * _LONGEST].split())
    cut = line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."
    return f': "{cut}"' if line else ""
