"""What each distinct thing is, remembered by its own facts.

ERP lines repeat: a classification depends on the item's facts and the rule pack alone, so equal facts have equal
answers. The memory is bounded; forgetting costs time, never a different answer.
"""

import marshal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from exportwatch.classification.classify import Classifier
from exportwatch.classification.findings import Classification
from exportwatch.classification.item import FIELDS, read_item
from exportwatch.classification.text import read_text
from exportwatch.law.subject import ItemKind
from exportwatch_events.documents import Item

MOST = 50_000  # remembered things
OF_DOCUMENT = "^"  # marks a path that begins at the document, not at the item

_FIELDS = frozenset(FIELDS)

Line = tuple[Item, Mapping[str, Any]]  # an item, and what ``normal.stated`` makes of it


@dataclass(frozen=True, slots=True)
class Thing:
    """A classified thing. ``silent``: there is nothing to say about it, whatever the law of the day.

    ``technical``: it is no goods.
    """

    what: Classification
    silent: bool
    technical: bool


class Things:
    """A classifier with a memory."""

    def __init__(self, classifier: Classifier, most: int = MOST) -> None:
        self.classifier = classifier
        self._known: dict[bytes, Thing] = {}
        self._most = most
        self.asked = 0
        self.computed = 0

    def classify(
        self, lines: Iterable[Line], kind: ItemKind, chinese_code: bool, context: tuple[tuple[str, str], ...]
    ) -> list[Thing]:
        """``kind`` is what the document makes of an item that states none; ``context`` names its technology."""
        known, shared = self._known, orjson.dumps((kind, chinese_code, context))
        things = []
        for item, line in lines:
            key = shared + _facts_of(item, line)
            thing = known.get(key)
            if thing is None:
                thing = self._remember(key, self._compute(item, kind, chinese_code, context))
            things.append(thing)
        self.asked += len(things)
        return things

    def _remember(self, key: bytes, thing: Thing) -> Thing:
        if len(self._known) >= self._most:
            for stale in list(self._known)[: self._most // 2]:
                del self._known[stale]
        self._known[key] = thing
        return thing

    def _compute(
        self, item: Item, kind: ItemKind, chinese_code: bool, context: tuple[tuple[str, str], ...]
    ) -> Thing:
        self.computed += 1
        texts = tuple(read_text(OF_DOCUMENT + name, text) for name, text in context)
        what = self.classifier.classify(read_item(item, kind), chinese_code, texts)
        found = what.listed or what.cleared or what.conflicts or what.problems or what.ordinary_license
        technical = what.kind not in (ItemKind.GOODS, ItemKind.UNSTATED)
        return Thing(what, not (found or what.blank), technical)


def _facts_of(item: Item, line: Mapping[str, Any]) -> bytes:
    """The facts on which the classification of an item depends; items with different facts have different ones."""
    facts = {name: value for name, value in item.items() if name in _FIELDS}
    # orjson writes NaN as null and no integer of more than 64 bits: marshal does, but takes three times as long.
    return orjson.dumps(facts) if line is item else marshal.dumps((facts,), 2)
