"""Whether a text denies what it names: ``Dy-free``, ``ohne Terbium``, ``不含工艺技术``.

A denial is a claim, not evidence: it never clears by itself, it only keeps a word from convicting.
"""

from exportwatch.classification.reading import Reading
from exportwatch.classification.text import Mention

REACH = 28  # characters between a denying word and what it denies


def denied(mention: Mention, reading: Reading) -> bool:
    """Whether a denying word stands shortly before the mention, or ``-free`` right behind it."""
    for negation in reading.by_tag.get("tr:negation", ()):
        if negation.path == mention.path and 0 <= mention.start - negation.end <= REACH:
            return True
    return any(
        m.path == mention.path and 0 <= m.start - mention.end <= 1 for m in reading.by_tag.get("tr:free", ())
    )
