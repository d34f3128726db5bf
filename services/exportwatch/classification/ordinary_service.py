"""Whether a service or software serves the people around a plant and hands over nothing of its process.

A market study of spodumene or an audit of a lithium company names what the catalogue names and teaches none of it.
The service must head the text, and one word of a process anywhere else takes the answer back: then it is a question
or a listed technology like any other.
"""

from exportwatch.classification.reading import Reading
from exportwatch.classification.text import Mention
from exportwatch.law.subject import ItemKind

_SERVING = frozenset([ItemKind.SERVICE, ItemKind.SOFTWARE])
_ORDINARY = ("wo:about_it", "wo:ordinary_service")
_HEAD = 40  # characters in which the service is named, a date or a number before it
_OF_A_PROCESS = (
    "tr:technology",
    "tr:carrier",
    "wo:process_talk",
    "wo:preparation",
    "wo:making",
    "wo:extraction",
    "wo:separation",
    "wo:leaching",
    "wo:smelting",
    "wo:smelting_separation",
    "wo:impurity_removal",
    "wo:resin_route",
    "wo:pyro",
    "wo:stock",
    "wo:lithium_chemistry",
    "su:anode_process",
)
_SMALL = 4  # characters of a small word between two words: "technology of extraction"


def is_ordinary_service(kind: ItemKind, reading: Reading) -> bool:
    """Whether the text is headed by an ordinary service and says no word of a process but to deny technology."""
    if kind not in _SERVING or reading.of("pn:"):
        return False
    named = (m for tag in _ORDINARY for m in reading.by_tag.get(tag, ()))
    if not any(m.start <= _HEAD for m in named):
        return False
    said = [m for tag in _OF_A_PROCESS for m in reading.by_tag.get(tag, ())]
    refused = {m for m in said if _directly_denied(m, reading)}
    ends = {(m.path, m.end) for m in refused}
    return all(m in refused or _continues(m, ends) for m in said)


def _directly_denied(mention: Mention, reading: Reading) -> bool:
    """``without technology``: the denial stands right before the word. A denial further off may mean another."""
    before = reading.around("tr:negation", mention.path, mention.start - _SMALL, mention.start + 1)
    return any(0 <= mention.start - negation.end <= 1 for negation in before)


def _continues(mention: Mention, ends: set[tuple[str, int]]) -> bool:
    """``without technology of extraction``: the process belongs to the technology that is denied. ``ends``: those of
    what is denied."""
    return any((mention.path, mention.start - gap) in ends for gap in range(_SMALL + 1))
