"""Who uses it and for what: the nations that a document supplies, and whether the use is military.

The field decides; texts and names, in any language, are evidence that asks a person: they restrict and never carve
out. What follows for a nation's users is said by the policies of the law pack.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from exportwatch.classification.text import Mention, TermIndex, Text, read_text
from exportwatch.law.subject import Evidence
from exportwatch.screening.countries import known_country
from exportwatch.screening.facts import Facts

_END_USERS = frozenset(["end_user", "consignee"])


class MilitaryUse(StrEnum):
    """How a military end use is known: the field states it, texts or names speak of it or of a government body,
    nobody says, or it is not.
    """

    STATED = "stated"
    SAID = "said"
    GOVERNMENT = "government"
    UNKNOWN = "unknown"
    NONE = "none"


def nations(facts: Facts) -> frozenset[str]:
    """The destination and the nations of end users and consignees: a third country between them changes nothing."""
    named = {known_country(p.get("country")) for p in facts.parties if p["role"] in _END_USERS}
    return frozenset(nation for nation in {facts.destination, *named} if nation is not None)


@dataclass(frozen=True, slots=True)
class EndUser:
    """What is known of the end user and the end use, and what says so."""

    use: MilitaryUse
    evidence: tuple[Evidence, ...] = ()


def end_user(facts: Facts, terms: TermIndex) -> EndUser:
    """The end user by the field ``user_type``, the text of the end use, and the names of those who receive."""
    signs = [sign for path, text in _texts(facts) for sign in _signs(terms, path, text)]
    military = tuple(e for kind, e in signs if kind == _MILITARY)
    government = tuple(e for kind, e in signs if kind == _GOVERNMENT)
    stated = facts.user_type or ""
    field = (Evidence("end_use.user_type", stated, f"the end user is {stated}"),) if stated else ()
    if stated == "military":
        return EndUser(MilitaryUse.STATED, (*field, *military))
    if military:
        return EndUser(MilitaryUse.SAID, (*field, *military))
    if government and stated != "government":
        return EndUser(MilitaryUse.GOVERNMENT, (*field, *government))
    return EndUser(MilitaryUse.NONE if stated else MilitaryUse.UNKNOWN)


def _texts(facts: Facts) -> Iterator[tuple[str, str]]:
    """What is written about the end use and those who receive, each with its path."""
    if facts.end_use_text:
        yield "end_use.text", facts.end_use_text
    for index, party in enumerate(facts.parties):
        if party["role"] not in _END_USERS:
            continue
        aliases = party.get("aliases")
        stated = (
            ("name", party["name"]),
            ("local_name", party.get("local_name")),
            *(("aliases", alias) for alias in (aliases if isinstance(aliases, list) else ())),
        )
        for field, text in stated:
            if isinstance(text, str) and text:
                yield f"parties[{index}].{field}", text


_MILITARY, _GOVERNMENT = "eu:military", "eu:government"
_SAYS = {_MILITARY: "names military users or uses", _GOVERNMENT: "names a government body"}


def _signs(terms: TermIndex, path: str, text: str) -> Iterator[tuple[str, Evidence]]:
    """Each kind of end user that a text speaks of, by the first word that says so."""
    for tag, word in _spoken_of(terms, text):
        yield tag, Evidence(path, word, _SAYS[tag])


_DENIAL_REACH, _BEHIND_REACH = 60, 12  # characters


@lru_cache(maxsize=8192)
def _spoken_of(terms: TermIndex, raw: str) -> tuple[tuple[str, str], ...]:
    """The first word for each kind of end user that the text does not deny. One pass over the mentions."""
    text = read_text("", raw)
    mentions = sorted(terms.mentions(text), key=lambda m: m.start)
    denials_behind = [m.start for m in mentions if m.tag == "eu:denial_behind"]
    first: dict[str, str] = {}
    denied_from, contrary_at = -1, -1
    for mention in mentions:
        match mention.tag:
            case "eu:denial":
                denied_from = mention.end
            case "eu:contrary":
                contrary_at = mention.start
            case tag if tag in _SAYS and tag not in first:
                # "not for civil, but for military use": the contrary word takes the denial back.
                before = _denies(text, denied_from, mention) and contrary_at < denied_from
                if not before and not _denied_behind(denials_behind, mention):
                    first[tag] = mention.word
            case _:
                pass
    return tuple(sorted(first.items()))


def _denies(text: Text, denied_from: int, mention: Mention) -> bool:
    near = denied_from >= 0 and mention.start - denied_from <= _DENIAL_REACH
    return near and ". " not in text.plain[denied_from : mention.start]


def _denied_behind(denials: list[int], mention: Mention) -> bool:
    at = bisect_left(denials, mention.end)
    return at < len(denials) and denials[at] - mention.end <= _BEHIND_REACH
