"""The form of a policy in an instrument's file: what a limb says of items that some list already controls.

    id, limb | limbs, effect, name {en, zh}, source {cite, confidence}, countries, codes, users, lists, purposes

It is read once for each limb that it names. A policy without any scope would reach everything there is, so it
must state the countries, codes or purposes that it speaks of.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping

from exportwatch.errors import ConfigError
from exportwatch.law.fields import Fields
from exportwatch.law.located import Place, not_known
from exportwatch.law.model import Policy, PolicyEffect, Source, Text

_SCOPES = ("countries", "codes", "purposes", "users", "lists")
_KEYS = ["id", "limb", "limbs", "effect", "name", "source", *_SCOPES]
_USERS = ("military",)
_COUNTRY = re.compile(r"[A-Z]{2}")

ReadSource = Callable[[Fields], Source | None]
Scope = Mapping[str, tuple[str, ...]]


def read_policies(
    fields: Fields,
    instrument_id: str,
    limbs: Collection[str],
    source: ReadSource,
    problems: list[ConfigError],
) -> Iterator[Policy]:
    """The policies of an instrument's file; what is wrong with one goes to ``problems``."""
    seen: set[str] = set()
    for item, line in fields.items("policies", required=False):
        own = Fields(item, Place(fields.place().file, line, f"{instrument_id} policy"), problems)
        own.only(_KEYS)
        policy_id = own.text("id") or ""
        if policy_id in seen:
            own.problem("id", f'id: "{policy_id}" stands twice')
        seen.add(policy_id)
        yield from _of_limbs(own, instrument_id, _limbs(own, limbs, problems), source(own))


def _of_limbs(
    own: Fields, instrument_id: str, limbs: Collection[str], source: Source | None
) -> Iterator[Policy]:
    effect, name = own.choice("effect", [e.value for e in PolicyEffect]), own.nested("name")
    name.only(["en", "zh"])
    text = Text(name.text("en") or "", name.text("zh") or "")
    scope = {key: own.texts(key, required=False) for key in _SCOPES}
    _check(own, effect, scope)
    for limb in limbs:
        if effect is not None and source is not None:
            yield Policy(
                id=own.text("id") or "",
                instrument_id=instrument_id,
                limb=limb,
                effect=PolicyEffect(effect),
                name=text,
                source=source,
                codes=scope["codes"],
                **{key: frozenset(scope[key]) for key in _SCOPES if key != "codes"},
            )


def _limbs(own: Fields, known: Collection[str], problems: list[ConfigError]) -> tuple[str, ...]:
    """The limbs that a policy names, as ``limb`` or ``limbs``: each one of the instrument's own."""
    if own.has("limb") == own.has("limbs"):
        own.problem("limb", "expected either limb or limbs")
        return ()
    key = "limb" if own.has("limb") else "limbs"
    named = own.texts(key) if key == "limbs" else (own.text(key) or "",)
    problems += [not_known(own.place(key), "limb", limb, known) for limb in named if limb not in known]
    return named


def _check(own: Fields, effect: str | None, scope: Scope) -> None:
    """What a scope must hold for its effect, and what it may hold at all."""
    if not (scope["countries"] or scope["codes"] or scope["purposes"]):
        own.problem(None, "reaches everything: expected countries, codes or purposes")
    if (effect == PolicyEffect.CARVED_OUT) != bool(scope["purposes"]):
        own.problem("purposes", "purposes belong to carved_out, and carved_out needs them")
    for country in scope["countries"]:
        if not _COUNTRY.fullmatch(country):
            own.problem("countries", f'countries: expected ISO 3166-1 alpha-2 codes, found "{country}"')
    for user in scope["users"]:
        if user not in _USERS:
            own.problem("users", f'users: expected {", ".join(_USERS)}, found "{user}"')
