"""Under which names and identifiers a party stands in a document: its own, and those of its owners.

A field of the wrong type is unknown and named as a problem; each text in it is asked about all the same, as a
question, so that no listed party slips through in a field that cannot be read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from exportwatch.classification.problems import Problem, list_of, wrong
from exportwatch.classification.units import number
from exportwatch.screening.countries import known_country
from exportwatch_events.documents import Party

OWNED_FROM = Decimal(50)  # percent; reference domain section 4
_WHOLE = Decimal(100)  # percent
_FIELDS = frozenset(["name", "id", "country", "percent"])  # of an owner: keys that are no names
_TEXTS = ("local_name", "country", "id")
_SHARE_UNKNOWN = "its share is not known; half of it would extend the listing"
_MISPLACED = "it stands in a field of the wrong type"


@dataclass(frozen=True, slots=True)
class Asked:
    """A name or identifier of the document. ``doubt``: why it is no certain hit whatever it matches."""

    path: str
    text: str
    country: str | None
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class SmallOwner:
    """An owner of less than half: its share in percent, its identifiers, and its names."""

    percent: Decimal
    identifiers: tuple[Asked, ...]
    names: tuple[Asked, ...]


def party_names(index: int, party: Party) -> Iterator[Asked]:
    """The names of a party, and of its owners that have half of it or of whom the share is not known."""
    at, country = f"parties[{index}]", known_country(party.get("country"))
    yield Asked(f"{at}.name", party["name"], country)
    yield from _texts(f"{at}.local_name", party.get("local_name"), country)
    aliases = party.get("aliases")
    for alias in aliases if isinstance(aliases, list) else ():
        yield from _texts(f"{at}.aliases", alias, country)
    if not isinstance(aliases, list):
        yield from _misplaced(f"{at}.aliases", aliases, country)
    if not isinstance(party.get("id"), str):
        yield from _misplaced(f"{at}.id", party.get("id"), country)
    owners = party.get("owners")
    for place, owner in enumerate(owners if isinstance(owners, list) else ()):
        yield from _owner_names(f"{at}.owners[{place}]", owner)
    if not isinstance(owners, list):
        yield from _misplaced(f"{at}.owners", owners, None)


def party_identifiers(index: int, party: Party) -> Iterator[Asked]:
    """The register numbers of a party, and of its owners as ``party_names`` has them."""
    yield from _texts(f"parties[{index}].id", party.get("id"), None)
    owners = party.get("owners")
    for at, owner in enumerate(owners if isinstance(owners, list) else ()):
        doubt = _doubt(owner) if isinstance(owner, Mapping) else None
        if doubt is not None:
            yield from _texts(f"parties[{index}].owners[{at}].id", owner.get("id"), None, doubt)
    if not isinstance(owners, list):
        yield from _misplaced(f"parties[{index}].owners", owners, None)


def small_owners(index: int, party: Party) -> tuple[SmallOwner, ...]:
    """The owners that have less than half each and half or more together; none where they have not."""
    owners = party.get("owners")
    found: list[SmallOwner] = []
    for at, owner in enumerate(owners if isinstance(owners, list) else ()):
        percent = _percent(owner.get("percent")) if isinstance(owner, Mapping) else None
        if percent and percent < OWNED_FROM:
            path, country = f"parties[{index}].owners[{at}]", known_country(owner.get("country"))
            ids, names = _texts(f"{path}.id", owner.get("id"), None), _texts(path, owner.get("name"), country)
            found.append(SmallOwner(percent, tuple(ids), tuple(names)))
    return tuple(found) if sum(owner.percent for owner in found) >= OWNED_FROM else ()


def party_problems(index: int, party: Party) -> Iterator[Problem]:
    """What is stated of a party and cannot be read."""
    at = f"parties[{index}]"
    yield from _no_texts(at, party, _TEXTS)
    problems: list[Problem] = []
    for place, alias in enumerate(list_of(party, "aliases", problems)):
        if not isinstance(alias, str):
            yield wrong(f"{at}.aliases[{place}]", alias, "a name")
    for place, owner in enumerate(list_of(party, "owners", problems)):
        if isinstance(owner, Mapping):
            yield from _owner_problems(f"{at}.owners[{place}]", owner)
        else:
            yield wrong(f"{at}.owners[{place}]", owner, "an object with name and percent")
    yield from (replace(problem, path=f"{at}.{problem.path}") for problem in problems)


def texts_in(value: Any) -> Iterator[str]:
    """Each text inside a value of any type, in its order; of the keys of an object those that are no field's name."""
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, str):
            if one:
                yield one
        elif isinstance(one, list):
            rest += reversed(one)
        elif isinstance(one, Mapping):
            rest += reversed([part for key, held in one.items() for part in (_key(key), held)])


def _key(key: str) -> str:
    return "" if key in _FIELDS else key


def _texts(path: str, stated: Any, country: str | None, doubt: str = "") -> Iterator[Asked]:
    if isinstance(stated, str):
        if stated:
            yield Asked(path, stated, country, doubt)
        return
    yield from _misplaced(path, stated, country)


def _misplaced(path: str, stated: Any, country: str | None) -> Iterator[Asked]:
    return (Asked(path, text, country, _MISPLACED) for text in texts_in(stated))


def _owner_names(path: str, owner: Any) -> Iterator[Asked]:
    if not isinstance(owner, Mapping):
        yield from _misplaced(path, owner, None)
        return
    doubt, country = _doubt(owner), known_country(owner.get("country"))
    if doubt is not None:
        yield from _texts(path, owner.get("name"), country, doubt)
        if not isinstance(owner.get("id"), str):
            yield from _misplaced(f"{path}.id", owner.get("id"), country)


def _doubt(owner: Mapping[str, Any]) -> str | None:
    """Nothing where the owner has half, why that is doubtful where nobody knows; ``None`` where it has less."""
    percent = _percent(owner.get("percent"))
    if percent is None:
        return _SHARE_UNKNOWN
    return "" if percent >= OWNED_FROM else None


def _percent(stated: Any) -> Decimal | None:
    percent = number(stated)
    return percent if percent is not None and 0 <= percent <= _WHOLE else None


def _owner_problems(path: str, owner: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _no_texts(path, owner, ("name", "country", "id"))
    stated = owner.get("percent")
    if stated is not None and _percent(stated) is None:
        yield wrong(f"{path}.percent", stated, "0 to 100 percent")


def _no_texts(at: str, fields: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[Problem]:
    for name in names:
        stated = fields.get(name)
        if stated is not None and not isinstance(stated, str):
            yield wrong(f"{at}.{name}", stated, "text")
