"""The words of the table ``parameters``: by which a text says which parameter a number is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exportwatch.classification.bounds import Bounds, build_bounds
from exportwatch.classification.text import TermIndex


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of the table ``parameters``."""

    index: TermIndex
    bounds: Bounds
    at: tuple[str, ...]
    content: tuple[str, ...]
    powder: TermIndex
    compared: TermIndex


def build_labels(table: Mapping[str, Any]) -> Labels:
    return Labels(
        TermIndex({f"pa:{name}": found for name, found in table["labels"].items()}),
        build_bounds(table["comparisons"]),
        tuple(table["at"]),
        tuple(table["content"]),
        TermIndex({"pa:powder": table["powder"]}),
        TermIndex({"pa:compared": table["compared"]}),
    )
