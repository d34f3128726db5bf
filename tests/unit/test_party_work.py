"""What the names of parties cost in the search for words of mass destruction: each is read for its own party only."""

from counted_work import instructions_of
from exportwatch.screening.catch_all import is_spoken_of
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.facts import Facts, document_facts
from exportwatch_events.envelope import read_document
from law.case_events import wire_event

TERMS = ControlContent(load_rules()).snapshot().things.classifier.vocabulary.end_uses


def facts_with(parties: int) -> Facts:
    named = [
        {"role": "consignee", "name": f"Firm {n} GmbH", "aliases": [f"F{n}"], "country": "DE"}
        for n in range(parties)
    ]
    event = read_document(wire_event({"on": "2025-06-01", "facts": {"parties": named}}), ())
    return document_facts(event)  # type: ignore[arg-type]


def test_parties_with_aliases_cost_no_more_for_being_many() -> None:
    def work(parties: int) -> int:
        facts = facts_with(parties)
        is_spoken_of(facts, TERMS)  # the readings are remembered
        return instructions_of(lambda: is_spoken_of(facts, TERMS))

    assert work(240) <= work(40) * 6.5


def test_the_alias_of_the_last_party_is_read() -> None:
    facts = facts_with(3)
    last = {**facts.parties[2], "aliases": ["Bureau of Nuclear Weapons"]}
    assert not is_spoken_of(facts, TERMS)
    assert is_spoken_of(facts._replace(parties=(*facts.parties[:2], last)), TERMS)  # type: ignore[arg-type]
