"""Military end use and the instruments that forbid it for a destination.

Announcement 46/2024 paragraph 1 (United States) and Announcement 1/2026 (Japan) bar dual-use items to military users
and uses. Text is evidence here because it can only restrict; a carve-out comes from the field alone.
"""

from functools import lru_cache

from exportwatch.classification.text import TermIndex, read_text
from exportwatch.law.subject import Truth
from exportwatch.screening.countries import known_country
from exportwatch.screening.facts import Facts

# Destination -> the limb that bars military users and uses there.
MILITARY_BARS = {"US": ("CN-2024-46", "1"), "JP": ("CN-2026-1", "*")}
_END_USERS = frozenset(["end_user", "consignee"])


def bars(facts: Facts) -> tuple[tuple[str, str], ...]:
    """The limbs that could bar the document: by its destination and by the nation of its end users.

    Both announcements reach transfers through third countries (reference domain 1.1 and 4).
    """
    nations = {facts.destination} | {
        known_country(p.get("country")) for p in facts.parties if p["role"] in _END_USERS
    }
    return tuple(bar for nation, bar in MILITARY_BARS.items() if nation in nations)


def military(facts: Facts, terms: TermIndex) -> Truth:
    """Whether the end user or end use is military: by the field, else by what text and names say."""
    said = any(_says_military(text, terms) for text in _texts(facts))
    match facts.user_type:
        case "military":
            return Truth.YES
        case "civil":
            return Truth.UNKNOWN if said else Truth.NO
        case _:
            return Truth.YES if said else Truth.NO if facts.user_type == "government" else Truth.UNKNOWN


def _texts(facts: Facts) -> tuple[str, ...]:
    named = [p for p in facts.parties if p["role"] in _END_USERS]
    local = (p.get("local_name") for p in named)
    return (
        facts.end_use_text,
        *(p["name"] for p in named),
        *(name for name in local if isinstance(name, str)),
    )


def _says_military(text: str, terms: TermIndex) -> bool:
    return bool(text) and _known(terms, text)


@lru_cache(maxsize=8192)
def _known(terms: TermIndex, text: str) -> bool:
    tags = {m.tag for m in terms.mentions(read_text("", text))}
    return "tr:military" in tags
