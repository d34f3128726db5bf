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
    for negation in reading.around("tr:negation", mention.path, mention.start - REACH, mention.start):
        gap = mention.start - negation.end
        if 0 <= gap <= REACH:
            between = reading.around("el:", mention.path, negation.end, mention.start)
            named = sum(m.end - m.start for m in between if negation.end <= m.start < mention.start)
            return gap - named <= _CLOSE
    return denied(mention, reading)


def denied(mention: Mention, reading: Reading) -> bool:
    """Whether a denying word stands shortly before the mention, or ``-free`` right behind it."""
    before = reading.around("tr:negation", mention.path, mention.start - REACH, mention.start + 1)
    if any(0 <= mention.start - negation.end <= REACH for negation in before):
        return True
    behind = reading.around("tr:free", mention.path, mention.end, mention.end + 2)
    return any(0 <= m.start - mention.end <= 1 for m in behind)
