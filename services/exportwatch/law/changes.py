"""What could be brought to settle an item: a small closed set of changes of facts, as values.

A condition that cannot be answered proposes changes; screening applies each to the document's facts, screens again
and offers only what came out (``screening.options``). A change says in words what a person has to bring.
Pure: it knows neither events nor decisions.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import assert_never

_TESTED_BELOW = Decimal(
    "0.1"
)  # mass percent: trade practice for Dy and Tb in magnets (reference domain 3.1, [S15])


@dataclass(frozen=True, slots=True)
class SetParameter:
    """A measured value takes the place of what is stated of the parameter. ``condition``: name and canonical value."""

    name: str
    value: Decimal
    unit: str
    condition: tuple[tuple[str, Decimal], ...]
    says: str


@dataclass(frozen=True, slots=True)
class ReportComposition:
    """A test report states the mass percent of each of these elements."""

    elements: tuple[str, ...]
    percent: Decimal


@dataclass(frozen=True, slots=True)
class SetForm:
    """The form of the item is stated."""

    form: str


@dataclass(frozen=True, slots=True)
class SetKind:
    """It is stated whether goods or technology are handed over."""

    kind: str


@dataclass(frozen=True, slots=True)
class NameMaterial:
    """The data sheet names the material, in the words of trade."""

    name: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The declarant takes back a field that contradicts the rest of the item."""

    field: str


@dataclass(frozen=True, slots=True)
class SetChineseContent:
    """The share of Chinese listed material in the value is stated."""

    percent: Decimal


@dataclass(frozen=True, slots=True)
class GrantLicenses:
    """A granted licence for each of these needs covers the item on the day, granted for the document's
    contract; a document that cites licences cites it too."""

    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CiteLicenses:
    """The document cites licences on record, one of which names no contract: they were granted for this one."""

    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LimbFrom:
    """A limb, and the first day on which its status is open."""

    instrument_id: str
    limb: str
    since: date


@dataclass(frozen=True, slots=True)
class ConfirmStatus:
    """The ministry confirms the status of limbs: the suspension goes on, or they are in force."""

    limbs: tuple[LimbFrom, ...]
    suspended: bool


@dataclass(frozen=True, slots=True)
class ListMatch:
    """A party of the document that is like an entry of a list."""

    path: str
    list_id: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class DismissMatches:
    """A person has compared the parties and finds that they are not the listed ones."""

    matches: tuple[ListMatch, ...]


Change = (
    SetParameter
    | ReportComposition
    | SetForm
    | SetKind
    | NameMaterial
    | Withdraw
    | SetChineseContent
    | GrantLicenses
    | CiteLicenses
    | ConfirmStatus
    | DismissMatches
)


def in_words(change: Change) -> str:
    """What has to be brought, for a person."""
    match change:
        case SetParameter(says=says):
            return f"the manufacturer's data sheet: {says}"
        case ReportComposition(elements=elements, percent=percent) if percent > 0:
            return f"third-party test report with {'+'.join(elements)} at most {_TESTED_BELOW} % by weight"
        case ReportComposition(elements=elements):
            return f"third-party test report without {', '.join(elements)}"
        case SetForm(form=form):
            return f"form stated as {form}"
        case SetKind(kind=kind):
            return f"kind stated as {kind}"
        case NameMaterial(name=name):
            return f"the manufacturer's data sheet: the material is {name}"
        case Withdraw(field=field):
            return f"the declarant takes {field} back, if it is wrong: the rest of the item contradicts it"
        case SetChineseContent(percent=percent):
            return f"bill of materials with Chinese listed material at {percent} % of the value"
        case GrantLicenses(needs=needs):
            named = " and a granted ".join(need.replace("_", " ") for need in needs)
            return f"a granted {named} that covers this item on the day (then released)"
        case CiteLicenses(numbers=numbers):
            named = " and ".join(f"licence {number}" for number in numbers)
            return f"the document cites {named}, where granted for this contract"
        case ConfirmStatus(limbs=limbs, suspended=suspended):
            named = ", ".join(limb_in_words(one.instrument_id, one.limb) for one in limbs)
            state = "still suspended" if suspended else "in force"
            return f"the commerce ministry confirms: {state} on the day: {named}"
        case DismissMatches(matches=matches):
            named = ", ".join(f"{m.path} is not entry {m.entry_id} of {m.list_id}" for m in matches)
            return f"a person who compared the parties: {named}"
        case _:
            assert_never(change)


def limb_in_words(instrument_id: str, limb: str) -> str:
    """``CN-2025-61 limb 1``; the whole instrument by its id alone."""
    return instrument_id if limb == "*" else f"{instrument_id} limb {limb}"


def size_of(change: Change) -> int:
    """How much has to be brought: the number of facts, statuses or documents."""
    match change:
        case GrantLicenses(needs=needs):
            return len(needs)
        case ConfirmStatus(limbs=limbs):
            return len(limbs)
        case DismissMatches(matches=matches):
            return len(matches)
        case _:
            return 1
