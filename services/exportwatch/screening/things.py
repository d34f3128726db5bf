"""What each distinct thing is, remembered by its own facts.

ERP lines repeat: a classification depends on the item's facts and the rule pack alone, so equal facts have equal
answers. The memory is bounded; forgetting costs time, never a different answer.
"""

from operator import itemgetter
from typing import Any

import orjson

from exportwatch.classification.classify import Classification, Classifier
from exportwatch.classification.item import FIELDS, read_item
from exportwatch.classification.text import read_text
from exportwatch.law.subject import ItemKind
from exportwatch_events.documents import Item

MOST = 50_000  # remembered things
OF_DOCUMENT = "^"  # marks a path that begins at the document, not at the item

_facts_of = itemgetter(*FIELDS)


class Things:
    """A classifier with a memory."""

    def __init__(self, classifier: Classifier, most: int = MOST) -> None:
        self.classifier = classifier
        self._known: dict[bytes, Classification] = {}
        self._most = most
        self.asked = 0
        self.computed = 0

    def classify(
        self, item: Item, kind: ItemKind, chinese_code: bool, context: tuple[tuple[str, str], ...]
    ) -> Classification:
        """``kind`` is what the document makes of an item that states none; ``context`` names its technology."""
        fields = item.__dict__
        facts = _facts_of(fields)
        try:
            key = orjson.dumps((facts, kind, chinese_code, context))
        except TypeError:  # an integer beyond 64 bits among the facts
            return self._compute(fields, kind, chinese_code, context)
        self.asked += 1
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= self._most:
                for stale in list(self._known)[: self._most // 2]:
                    del self._known[stale]
            known = self._known[key] = self._compute(fields, kind, chinese_code, context)
        return known

    def _compute(
        self, fields: dict[str, Any], kind: ItemKind, chinese_code: bool, context: tuple[tuple[str, str], ...]
    ) -> Classification:
        self.computed += 1
        texts = tuple(read_text(OF_DOCUMENT + name, text) for name, text in context)
        return self.classifier.classify(read_item(fields, kind), chinese_code, texts)
