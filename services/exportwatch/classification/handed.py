"""What a named material means where technology is handed over and no word of its process is read.

It is a question, in whatever language the rest is written, unless the text says that it is something else: a study or
a test of the thing, or the upkeep of the battery that is named after its cathode. Figures that only the product of
the process has answer the question.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from exportwatch.classification.item import TECHNICAL
from exportwatch.classification.text import Mention
from exportwatch.classification.vocabulary import Process
from exportwatch.law.subject import ItemKind

_HEAD = 40  # characters in which a service is named, a date or a number before it
_OF_BATTERIES = "wo:cell_level"  # what excludes a process of battery materials
_BATTERY = frozenset(["wo:cell_word", "su:li_ion_cell", "wo:storage"])
_OF_A_WORKS = frozenset(["wo:works", "su:cathode_material"])
_OF_A_PROCESS = ("wo:works", "wo:process_talk")
_OTHER_STEPS = frozenset(
    [
        "wo:about_it",
        "wo:other_step",
        "wo:cell_level",
        "wo:upkeep",
        "wo:recycling",
        "wo:ternary",
        "wo:anode_word",
    ]
)


@dataclass(frozen=True, slots=True)
class Handed:
    """What is handed over. ``people``: training, engineers or remote access; ``stated``: the parameters stated."""

    kind: ItemKind
    people: bool
    stated: frozenset[str]

    @property
    def technical(self) -> bool:
        """Whether a material that is only named raises the question: goods that people come with do, too."""
        return self.kind in TECHNICAL or (self.kind is ItemKind.UNSTATED and self.people)


def is_something_else(process: Process, present: Mapping[str, Mention], handed: Handed) -> bool:
    """Whether goods alone are handed over, or the text says what else than the process, and nothing of know-how."""
    if not handed.technical:
        return True
    if "tr:technology" in present:
        return False
    return _is_about_it(present) or (_OF_BATTERIES in process.exclude and _is_of_the_battery(present))


def _is_about_it(present: Mapping[str, Mention]) -> bool:
    """A service about a thing or a trade in it (a market study, forwarding). A word of a works or of teaching makes it
    a question unless the service is named before it, at the head."""
    about = present.get("wo:about_it")
    if about is None:
        return False
    process = [present[tag] for tag in _OF_A_PROCESS if tag in present]
    return not process or (about.start <= _HEAD and all(about.start <= m.start for m in process))


def _is_of_the_battery(present: Mapping[str, Mention]) -> bool:
    """Upkeep of batteries or stores of energy, or such a store itself: ``LFP`` is then the kind of battery."""
    if present.keys() & _OF_A_WORKS:
        return False
    if "wo:upkeep" in present and present.keys() & _BATTERY:
        return True
    return "wo:storage" in present and "wo:process_talk" not in present


def told_by_figures(process: Process, present: Mapping[str, Mention], handed: Handed) -> bool:
    """Whether technology of the named material states all figures of what the process makes and names no other step:
    ``LFP know-how, annex 3`` with density, capacity and efficiency. The entries hold them against their limits."""
    if not process.figures or not handed.stated.issuperset(process.figures):
        return False
    if handed.kind is not ItemKind.TECHNOLOGY and "tr:technology" not in present:
        return False
    return not present.keys() & _OTHER_STEPS
