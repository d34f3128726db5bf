"""What all predicates of control entries share: how an argument is read, and what is wrong with one."""

from collections.abc import Sequence
from typing import Any


class ConditionError(Exception):
    """A condition that cannot be compiled: ``key`` is where, ``found`` and ``known`` say what and what else."""

    def __init__(self, key: str, found: object, known: Sequence[str]) -> None:
        super().__init__(f"{key}: {found!r} is not known; known: {', '.join(known)}")
        self.key, self.found, self.known = key, found, tuple(known)


def names_in(name: str, argument: Any, known: Sequence[str] | None = None) -> tuple[str, ...]:
    """A name or a list of names as a tuple; each one of ``known`` where that is given."""
    values = (argument,) if isinstance(argument, str) else argument
    if not isinstance(values, list | tuple) or not all(isinstance(v, str) for v in values):
        raise ConditionError(name, argument, ["a name", "a list of names"])
    for value in values:
        if known is not None and value not in known:
            raise ConditionError(name, value, known)
    return tuple(values)
