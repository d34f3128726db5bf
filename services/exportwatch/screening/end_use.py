"""Who uses it and for what: the nations that a document supplies, and whether the use is military.

Text is evidence here because it can only restrict: alone it is a question for a person, never a ban; a carve-out
comes from the field alone. What follows for a nation's users is said by the policies of the law pack.
"""

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from exportwatch.classification.text import TermIndex, read_text
from exportwatch.screening.countries import known_country
from exportwatch.screening.facts import Facts

_END_USERS = frozenset(["end_user", "consignee"])


class MilitaryUse(StrEnum):
    """How a military end use is known: the field states it, texts or names speak of it, nobody says, or it is not."""

    STATED = "stated"
    SAID = "said"
    UNKNOWN = "unknown"
    NONE = "none"


def nations(facts: Facts) -> frozenset[str]:
    """The destination and the nations of end users and consignees: a third country between them changes nothing."""
    named = {known_country(p.country) for p in facts.parties if p.role in _END_USERS}
    return frozenset(nation for nation in {facts.destination, *named} if nation is not None)


def military(facts: Facts, terms: TermIndex) -> tuple[MilitaryUse, tuple[str, ...]]:
    """Whether the end user or end use is military, and the paths that say so.

    A text against the word of the field is a question.
    """
    said = tuple(path for path, text in _texts(facts) if _known(terms, text))
    if facts.user_type == "military":
        return MilitaryUse.STATED, ("end_use.user_type", *said)
    if said:
        return MilitaryUse.SAID, said
    return (MilitaryUse.UNKNOWN if facts.user_type is None else MilitaryUse.NONE), ()


def _texts(facts: Facts) -> Iterator[tuple[str, str]]:
    """What is said of the use and of those who use it, with its place; nothing empty."""
    if facts.end_use_text:
        yield "end_use.text", facts.end_use_text
    for index, party in enumerate(facts.parties):
        if party.role not in _END_USERS:
            continue
        for field, name in (("name", party.name), ("local_name", party.local_name)):
            if isinstance(name, str) and name:
                yield f"parties[{index}].{field}", name


@lru_cache(maxsize=8192)
def _known(terms: TermIndex, text: str) -> bool:
    tags = {m.tag for m in terms.mentions(read_text("", text))}
    return "tr:military" in tags
