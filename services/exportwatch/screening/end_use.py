"""Who uses it and for what: the nations that a document supplies, and whether the use is military.

The field decides; texts and names, in any language, are evidence that asks a person: they restrict and never carve
out. What follows for a nation's users is said by the policies of the law pack.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from exportwatch.classification.spelling import SpelledTerms
from exportwatch.classification.text import Mention
from exportwatch.law.subject import Evidence
from exportwatch.screening.clauses import Clauses, clauses_of
from exportwatch.screening.countries import known_country, nation_of
from exportwatch.screening.facts import Facts
from exportwatch.screening.roles import receives
from exportwatch_events.documents import Item, Party

_END_USERS = frozenset(["end_user", "consignee"])
_MILITARY, _GOVERNMENT = "eu:military", "eu:government"
MASS_DESTRUCTION = "eu:mass_destruction"
SAYS = {
    _MILITARY: "names military users or uses",
    _GOVERNMENT: "names a government body",
    MASS_DESTRUCTION: "speaks of weapons of mass destruction or terrorism",
}
_NATIONS = {"eu:us": "US", "eu:japan": "JP"}


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
    return _with_their_nation({facts.destination, *named})


def nations_on_the_way(facts: Facts) -> frozenset[str]:
    """The nations of all who may receive: buyers, and parties of a role that is not known, among them."""
    return _with_their_nation({known_country(p.get("country")) for p in facts.parties if receives(p)})


def _with_their_nation(countries: Iterable[str | None]) -> frozenset[str]:
    known = {*countries}
    return frozenset(nation for nation in (*known, *map(nation_of, known)) if nation is not None)


@dataclass(frozen=True, slots=True)
class EndUser:
    """What is known of the end user and the end use, and what says so."""

    use: MilitaryUse
    evidence: tuple[Evidence, ...] = ()
    # Those whose military a text speaks of, wherever the goods go first.
    nations: frozenset[str] = frozenset()


def end_user(facts: Facts, terms: SpelledTerms, lines: Iterable[tuple[str, Item]] = ()) -> EndUser:
    """The end user by the field ``user_type``, the texts of the end use and the contract, the names of those who may
    receive, and what is written of the ``lines`` that may be controlled, each with its path."""
    written = (*texts(facts), *(text for path, item in lines for text in _texts_of_line(path, item)))
    signs = [sign for path, text in written for sign in _signs(terms, path, text)]
    military = tuple(e for kind, e in signs if kind == _MILITARY)
    government = tuple(e for kind, e in signs if kind == _GOVERNMENT)
    at = {e.path for e in military}
    of_nations = frozenset(_NATIONS[kind] for kind, e in signs if kind in _NATIONS and e.path in at)
    stated = facts.user_type or ""
    field = (Evidence("end_use.user_type", stated, f"the end user is {stated}"),) if stated else ()
    if stated == "military":
        return EndUser(MilitaryUse.STATED, (*field, *military), of_nations)
    if military:
        return EndUser(MilitaryUse.SAID, (*field, *military), of_nations)
    if government and stated != "government":
        return EndUser(MilitaryUse.GOVERNMENT, (*field, *government))
    return EndUser(MilitaryUse.NONE if stated else MilitaryUse.UNKNOWN)


def _texts_of_line(path: str, item: Item) -> Iterator[tuple[str, str]]:
    further = item.get("descriptions")
    stated = [("description", item["description"]), ("customs_remark", item.get("customs_remark"))]
    stated += (
        [(f"descriptions.{tag}", text) for tag, text in further.items()] if isinstance(further, dict) else []
    )
    yield from ((f"{path}.{field}", text) for field, text in stated if isinstance(text, str) and text)


def texts(facts: Facts) -> Iterator[tuple[str, str]]:
    """What is written about the end use and the contract, and who may receive by name; each with its path."""
    yield from facts.end_use_texts
    yield from facts.context
    for index, party in enumerate(facts.parties):
        if receives(party):
            yield from ((f"parties[{index}].{field}", name) for field, name in names_of(party))


def names_of(party: Party) -> Iterator[tuple[str, str]]:
    """Each name of a party, with the field that states it."""
    yield "name", party["name"]
    if party.get("local_name") or party.get("aliases"):
        aliases = party.get("aliases")
        further = [("local_name", party.get("local_name"))]
        further += [("aliases", alias) for alias in (aliases if isinstance(aliases, list) else ())]
        yield from ((field, name) for field, name in further if isinstance(name, str) and name)


def _signs(terms: SpelledTerms, path: str, text: str) -> Iterator[tuple[str, Evidence]]:
    """Each kind of end user that a text speaks of, by the first word that says so."""
    for tag, word in spoken_of(terms, text):
        yield tag, Evidence(path, word, SAYS.get(tag, "names a nation"))


_DENIAL_REACH, _BEHIND_REACH = 60, 12  # characters


@lru_cache(maxsize=8192)
def spoken_of(terms: SpelledTerms, raw: str) -> tuple[tuple[str, str], ...]:
    """The first word for each kind of end user that the text does not deny. One pass over the mentions."""
    clauses = clauses_of(raw)
    mentions = sorted(terms.mentions(clauses.text), key=lambda m: m.start)
    behind = _denials_behind(mentions)
    first: dict[str, str] = {}
    denied_from, directly_from, contrary_at = -1, -1, -1
    for mention in mentions:
        match mention.tag:
            case "eu:denial":
                denied_from = directly_from = mention.end
            case "eu:denial_direct":
                directly_from = mention.end
            case "eu:contrary":
                contrary_at = mention.start
            case tag if tag in SAYS:
                # "not for civil, but for military use": the contrary word takes the denial back.
                before = contrary_at < denied_from and _denies(clauses, denied_from, mention)
                if before or (directly_from >= 0 and clauses.fills(directly_from, mention.start)):
                    directly_from = mention.end  # "or weapons use" goes on with what is denied
                elif tag not in first and not _denied_behind(clauses, behind, mention):
                    first[tag] = mention.word
            case "eu:us" | "eu:japan":
                first.setdefault(mention.tag, mention.word)
            case _:
                pass
    american = None if "eu:us" in first else _AMERICAN.search(clauses.text.shown)
    if american:
        first["eu:us"] = american.group()
    return tuple(sorted(first.items()))


# In capitals: "us" is a word of every other sentence.
_AMERICAN = re.compile(r"(?<![A-Za-z])(?:U\.S\.(?:A\.)?|USA?)(?![A-Za-z])")


def _denies(clauses: Clauses, denied_from: int, mention: Mention) -> bool:
    near = denied_from >= 0 and mention.start - denied_from <= _DENIAL_REACH
    return near and clauses.reaches(denied_from, mention.start)


def _denials_behind(mentions: list[Mention]) -> list[int]:
    """Where denials stand that follow what they deny, without those of a civil use: "not for civil use"."""
    civil = {m.end for m in mentions if m.tag == "eu:not_military"}
    return [m.start for m in mentions if m.tag == "eu:denial_behind" and m.start not in civil]


def _denied_behind(clauses: Clauses, denials: list[int], mention: Mention) -> bool:
    at = bisect_left(denials, mention.end)
    if at == len(denials) or denials[at] - mention.end > _BEHIND_REACH:
        return False
    return clauses.reaches(mention.end, denials[at])
