"""How a decision's findings fall into subjects: which reason rides on which alert.

Findings about a party, an end use or a destination belong to the document. A finding that names a control or
an instrument belongs to that control of its item. Law-less findings (data, classification, consistency)
belong to the document's data where they decide the item, else they ride on the item's controls as what a
person should know.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from exportwatch.alerting.identity import Subject
from exportwatch_events.catalogue import ReasonFamily, Result

Finding = Mapping[str, Any]
DATA = Subject.of_document(ReasonFamily.DATA)
_DOCUMENT_FAMILIES = frozenset({ReasonFamily.PARTY, ReasonFamily.END_USE, ReasonFamily.DESTINATION})
_LAWLESS_FAMILIES = frozenset({ReasonFamily.DATA, ReasonFamily.CLASSIFICATION, ReasonFamily.CONSISTENCY})


@dataclass(frozen=True, slots=True)
class Concern:
    """One subject as one item gives rise to it: the findings of that item that belong to the subject."""

    subject: Subject
    item: Finding
    classifications: tuple[Finding, ...]
    reasons: tuple[Finding, ...]


def concerns_of(item: Finding) -> tuple[Concern, ...]:
    """The subjects that an item of a decision touches, in the order in which the decision names them."""
    item_id = item["item_id"]
    classifications: dict[Subject, list[Finding]] = {}
    for found in item.get("classifications", ()):
        subject = Subject.of_control(item_id, found["instrument_id"], found["control_code"])
        classifications.setdefault(subject, []).append(found)
    reasons: dict[Subject, list[Finding]] = {subject: [] for subject in classifications}
    for reason in item.get("reasons", ()):
        for subject in _subjects_of(reason, item, tuple(classifications)):
            reasons.setdefault(subject, []).append(reason)
    return tuple(
        Concern(subject, item, tuple(classifications.get(subject, ())), tuple(belonging))
        for subject, belonging in reasons.items()
    )


def _subjects_of(reason: Finding, item: Finding, controls: tuple[Subject, ...]) -> Iterable[Subject]:
    family = ReasonFamily(reason["family"])
    if family in _DOCUMENT_FAMILIES:
        return (Subject.of_document(family),)
    instrument_id, control_code = reason.get("instrument_id") or "", reason.get("control_code") or ""
    named = tuple(_named(controls, instrument_id, control_code))
    if named and (instrument_id or control_code):
        return named
    if instrument_id:
        return (Subject.of_control(item["item_id"], instrument_id, control_code),)
    decides = family in _LAWLESS_FAMILIES and item["result"] == Result.REVIEW
    return (DATA,) if decides or not controls else controls


def _named(controls: Iterable[Subject], instrument_id: str, control_code: str) -> Iterator[Subject]:
    """The item's controls that a reason means: by both names, or by the one that it gives."""
    for control in controls:
        same_instrument = not instrument_id or control.instrument_id == instrument_id
        same_code = not control_code or control.control_code == control_code
        if same_instrument and same_code:
            yield control
