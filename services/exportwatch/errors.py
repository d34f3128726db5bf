"""The errors of exportwatch, by who must act.

   Exception
   └── ConfigError      the operator: a bad pack, setting, topic file or environment stops the start (exit 2)

An outcome of a document is a value and never an exception; anything else that is raised is a bug or broken
infrastructure (exit 70).
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

OK = 0
FINDING = 1
WRONG_USE = 2
CRASH = 70


@dataclass(eq=False)
class ConfigError(Exception):
    """Something the operator can put right; its text says where it is, what was found and expected.

    `problem` is a sentence without its place. `file` may carry a line (`2025-58.yaml:41`) or be
    `environment`; `key` is the entry, setting or variable; `hint` is a step that would help.
    """

    problem: str
    file: str | None = None
    key: str | None = None
    found: str | None = None
    expected: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        parts = [part for part in (self.file, self.key, self.problem) if part]
        text = ": ".join(parts)
        if self.found is not None:
            text += f"; found {self.found}"
        if self.expected is not None:
            text += f"; expected {self.expected}"
        if self.hint is not None:
            text += f" ({self.hint})"
        return text


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """`did you mean "…"?` for the known word nearest to `word`; None where none is near."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f'did you mean "{near[0]}"?' if near else None
