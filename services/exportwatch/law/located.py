"""YAML that remembers where it was written, and errors that name the place.

The dialect is narrower than YAML 1.1: only ``true`` and ``false`` are booleans (``on`` is a word, as in our
tests), ``1:5`` is text and not a number in base 60, and a key may stand once. Knows nothing of the law.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import yaml

from exportwatch.errors import ConfigError, did_you_mean

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class LocatedMapping(dict[str, Any]):
    """A mapping with the line of itself and of each of its keys."""

    line: int = 0
    lines: dict[str, int]


class LocatedList(list[Any]):
    """A list with the line of each of its items."""

    line: int = 0
    lines: list[int]


class _Loader(_Base):  # type: ignore[misc]
    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}


_KEPT = "tag:yaml.org,2002:"
_Loader.add_implicit_resolver(_KEPT + "bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver(_KEPT + "int", re.compile(r"^[-+]?(?:0|[1-9]\d*)$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    _KEPT + "float", re.compile(r"^[-+]?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?$"), list("-+.0123456789")
)
_Loader.add_implicit_resolver(_KEPT + "null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
_Loader.add_implicit_resolver(
    _KEPT + "timestamp", re.compile(r"^\d{4}-\d{2}-\d{2}(?:[Tt ].*)?$"), list("0123456789")
)


@dataclass(frozen=True, slots=True)
class UnquotedDate:
    """A date that was written without quotes: other readers of the file would take it for a time stamp."""

    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written: file, line, and what it is about (``entry 3A001``)."""

    file: str
    line: int
    subject: str = ""

    def error(self, problem: str, expected: str | None = None, hint: str | None = None) -> ConfigError:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return ConfigError(problem, file=where, key=self.subject or None, expected=expected, hint=hint)


def at(place: Place, problem: str) -> ConfigError:
    """An error at a place. ``problem`` says what was found and what was expected."""
    return place.error(problem)


def not_known(place: Place, what: str, found: object, known: Iterable[str]) -> ConfigError:
    """An error about a name outside a closed set: with all known names and the nearest of them."""
    names = list(known)
    hint = did_you_mean(str(found), names)
    return place.error(f'{what} "{found}" is not known', expected=", ".join(names), hint=hint)


def read_yaml(text: str, file: str) -> Any:
    """Parse one document into located mappings and lists. ``ConfigError`` with the line if it is not YAML."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        raise at(Place(file, line), f"not YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise at(Place(file, 0), f"not YAML: {error}") from None
    return None if node is None else _value(node, file)


def find_line(value: Any, name: object, default: int = 0) -> int:
    """The line of the first key or item that reads ``name``, searched depth first; else the default."""
    pairs: Iterable[tuple[Any, Any, int]] = ()
    if isinstance(value, LocatedMapping):
        pairs = [(key, item, value.lines[key]) for key, item in value.items()]
    elif isinstance(value, LocatedList):
        pairs = [(None, item, value.lines[index]) for index, item in enumerate(value)]
    for key, item, line in pairs:
        if name in (key, item):
            return line
        found = find_line(item, name)
        if found:
            return found
    return default


def _value(node: yaml.Node, file: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, file)
    if isinstance(node, yaml.SequenceNode):
        items = LocatedList(_value(item, file) for item in node.value)
        items.line = _line(node)
        items.lines = [_line(item) for item in node.value]
        return items
    assert isinstance(node, yaml.ScalarNode)
    return _scalar(node, file)


def _mapping(node: yaml.MappingNode, file: str) -> LocatedMapping:
    mapping = LocatedMapping()
    mapping.line = _line(node)
    mapping.lines = {}
    for key_node, value_node in node.value:
        place = Place(file, _line(key_node))
        if not isinstance(key_node, yaml.ScalarNode):
            raise at(place, "a key must be text")
        key = key_node.value
        if key in mapping:
            raise at(place, f'key "{key}" stands twice (first on line {mapping.lines[key]})')
        mapping[key] = _value(value_node, file)
        mapping.lines[key] = place.line
    return mapping


def _scalar(node: yaml.ScalarNode, file: str) -> Any:
    text = node.value
    match str(node.tag).removeprefix(_KEPT):
        case "str":
            return text
        case "bool":
            return text == "true"
        case "int":
            return int(text)
        case "float":
            return float(text)
        case "null":
            return None
        case "timestamp":
            return UnquotedDate(text)
        case _:
            raise at(Place(file, _line(node)), f'the tag "{node.tag}" is not used here')


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
