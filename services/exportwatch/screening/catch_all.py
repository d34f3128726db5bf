"""The catch-all: what leaves for weapons of mass destruction, what carries them, or terrorism needs a licence, listed
or not (Export Control Law art. 12; Regulations on dual-use items art. 14). A text that says so asks a person.
"""

from functools import lru_cache

from exportwatch.classification.spelling import SpelledTerms
from exportwatch.law.subject import Evidence
from exportwatch.screening import reasons
from exportwatch.screening.end_use import MASS_DESTRUCTION, SAYS, names_of, spoken_of, texts
from exportwatch.screening.facts import Facts, Movement
from exportwatch.screening.roles import receives
from exportwatch_events.catalogue import ReasonCode, ReasonFamily

_FROM_CHINA = frozenset([Movement.EXPORT, Movement.UNKNOWN, Movement.DEEMED])
_SOURCE = "Export Control Law art. 12; Regulations on Export Control of Dual-Use Items art. 14"
_SAID = (
    "the end use or a party speaks of weapons of mass destruction or terrorism; unlisted items need a licence, too",
    "最终用途或当事方涉及大规模杀伤性武器或恐怖主义，未列管物项亦须申请许可",
)


def is_spoken_of(facts: Facts, terms: SpelledTerms) -> bool:
    """Whether a text of the end use or of the contract, or a name, says so. Asked of every document: the readings are
    remembered."""
    for _, text in (*facts.end_use_texts, *facts.context):
        if _says(terms, text):
            return facts.movement in _FROM_CHINA
    for party in facts.parties:
        if not receives(party):
            continue
        if any(_says(terms, name) for _, name in names_of(party)):
            return facts.movement in _FROM_CHINA
    return False


@lru_cache(maxsize=65536)
def _says(terms: SpelledTerms, text: str) -> bool:
    return any(tag == MASS_DESTRUCTION for tag, _ in spoken_of(terms, text))


def evidence_of(facts: Facts, terms: SpelledTerms) -> tuple[Evidence, ...]:
    """The words that say so with their places; none where nothing leaves or nobody says so."""
    if not is_spoken_of(facts, terms):
        return ()
    return tuple(
        Evidence(path, word, SAYS[MASS_DESTRUCTION])
        for path, text in texts(facts)
        for tag, word in spoken_of(terms, text)
        if tag == MASS_DESTRUCTION
    )


def end_use_reason(evidence: tuple[Evidence, ...]) -> reasons.Reason:
    """That the end use must be known, listed or not."""
    said = reasons.reason(ReasonFamily.END_USE, ReasonCode.CATCH_ALL_END_USE, *_SAID, source=_SOURCE)
    return {**said, "evidence": reasons.proofs(evidence)}
