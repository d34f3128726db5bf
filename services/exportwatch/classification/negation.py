"""Whether a text denies what it names: ``Dy-free``, ``ohne Terbium``, ``不含工艺技术``.

A denial is a claim, not evidence: it never clears by itself, it only keeps a word from convicting.
"""

from exportwatch.classification.reading import Reading
from exportwatch.classification.text import Mention

REACH = 28  # characters between a denying word and what it denies


_CLOSE = 8  # characters beside further names: "without any Dy", "does not contain terbium or dysprosium"


def plainly_denied(mention: Mention, reading: Reading) -> bool:
    """Whether nothing but further names and small words stands between the denial and the name.

    ``without wooden box terbium`` may deny the box: that is a question, while ``without terbium`` is none.
    """
    for negation in reading.by_tag.get("tr:negation", ()):
        gap = mention.start - negation.end
        if negation.path == mention.path and 0 <= gap <= REACH:
            named = sum(
                m.end - m.start
                for m in reading.of("el:")
                if m.path == mention.path and negation.end <= m.start < mention.start
            )
            return gap - named <= _CLOSE
    return denied(mention, reading)


def denied(mention: Mention, reading: Reading) -> bool:
    """Whether a denying word stands shortly before the mention, or ``-free`` right behind it."""
    for negation in reading.by_tag.get("tr:negation", ()):
        if negation.path == mention.path and 0 <= mention.start - negation.end <= REACH:
            return True
    return any(
        m.path == mention.path and 0 <= m.start - mention.end <= 1 for m in reading.by_tag.get("tr:free", ())
    )
