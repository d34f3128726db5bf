"""A change of facts, applied: the item and the situation as they would be if it were brought.

Pure and by value: nothing that is given is altered. The hypothetical facts take the wire's own form, so that they
are read by the same code as an ERP's.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, assert_never, cast

from exportwatch.classification.units import CONDITIONS
from exportwatch.law.changes import (
    Change,
    CiteLicenses,
    ConfirmStatus,
    DismissMatches,
    GrantLicenses,
    NameMaterial,
    ReportComposition,
    SetChineseContent,
    SetForm,
    SetKind,
    SetParameter,
    Withdraw,
)
from exportwatch.screening.judgment import Situation
from exportwatch.screening.license_scope import cited_for
from exportwatch.screening.licenses import supposed_number
from exportwatch_events.documents import Item

_SUPPOSED_CONTRACT = "supposed contract"
OfTheDocument = GrantLicenses | CiteLicenses | ConfirmStatus | DismissMatches


@dataclass(frozen=True, slots=True)
class Supposed:
    """An item in its situation, as stated or as it would be."""

    item: Item
    situation: Situation


def applied(change: Change, to: Supposed) -> Supposed:
    """What would stand there if the change were brought."""
    match change:
        case SetParameter():
            return _with(
                to, parameters=[*_others(to.item.get("parameters"), "name", (change.name,)), _line(change)]
            )
        case ReportComposition(elements=elements, percent=percent):
            lines = [_reported(element, percent) for element in elements]
            return _with(
                to, composition=[*_others(to.item.get("composition"), "substance", elements), *lines]
            )
        case SetForm(form=form):
            return _with(to, form=form)
        case SetKind(kind=kind):
            return _with(to, kind=kind)
        case NameMaterial(name=name):
            return _with(to, description=f"{to.item['description']}; {name}")
        case Withdraw(field=field):
            return _with(to, **{field: None})
        case SetChineseContent(percent=percent):
            return _with(to, chinese_content_percent=f"{percent:f}")
        case GrantLicenses() | CiteLicenses() | ConfirmStatus() | DismissMatches():
            cites = bool(cited_for(to.item, to.situation.facts.cited_licenses))
            # Once for all items that ask for it: what is found out about a document is not found out for each line.
            situation = to.situation.supposed((change, cites), lambda: _changed(change, to.situation, cites))
            return replace(to, situation=situation)
        case _:
            assert_never(change)


def _changed(change: OfTheDocument, situation: Situation, cites: bool) -> Situation:
    match change:
        case GrantLicenses():
            return _granted(change, situation, cites)
        case CiteLicenses(numbers=numbers):
            return _citing(situation, numbers)
        case ConfirmStatus():
            return replace(situation, snapshot=situation.snapshot.confirmed(change))
        case DismissMatches(matches=matches):
            seen = {(m.path, m.list_id, m.entry_id) for m in matches}
            hits = tuple(h for h in situation.hits if (h.path, h.list_id, h.entry_id) not in seen)
            return replace(situation, hits=hits)
        case _:
            assert_never(change)


def _with(to: Supposed, **fields: Any) -> Supposed:
    item = cast(Item, {**to.item, **fields})
    return replace(to, item=item)


def _others(stated: Any, key: str, names: tuple[str, ...]) -> list[Any]:
    """The lines of a list that speak of something else."""
    lines = stated if isinstance(stated, list) else []
    return [line for line in lines if not (isinstance(line, dict) and line.get(key) in names)]


def _line(change: SetParameter) -> dict[str, Any]:
    line: dict[str, Any] = {"name": change.name, "value": f"{change.value:f}", "unit": change.unit}
    if change.condition:
        line["condition"] = {name: _condition(name, value) for name, value in change.condition}
    return line


def _condition(name: str, value: Decimal) -> Any:
    unit = CONDITIONS[name].unit if name in CONDITIONS else ""
    return {"value": f"{value:f}", "unit": unit} if unit else f"{value:f}"


def _reported(element: str, percent: Decimal) -> dict[str, str]:
    return {"substance": element, "percent": f"{percent:f}", "evidence": "test_report"}


def _granted(change: GrantLicenses, situation: Situation, cites: bool) -> Situation:
    """Licences of the day for the document's contract, without a narrower scope; a document that cites licences
    cites these too, and one that names no contract names the one that they are granted for."""
    contract_id = situation.facts.contract_id or _SUPPOSED_CONTRACT
    facts = situation.facts._replace(contract_id=contract_id)
    snapshot = situation.snapshot.granting(change.needs, facts.legal_date.day, contract_id)
    granted = replace(situation, facts=facts, snapshot=snapshot)
    return _citing(granted, tuple(supposed_number(need) for need in change.needs)) if cites else granted


def _citing(situation: Situation, numbers: tuple[str, ...]) -> Situation:
    """The document cites the licences for all its lines, and these draw on them."""
    facts = situation.facts
    facts = facts._replace(cited_licenses=(*facts.cited_licenses, *numbers))
    return replace(situation, facts=facts)
