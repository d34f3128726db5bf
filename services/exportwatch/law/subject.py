"""What the law may ask of an item: the vocabulary between classification and the control entries.

Classification fills a ``Subject`` from an item's own facts; the compiled conditions of a control entry
(``law.conditions``) question it and answer with a ``Verdict``. Neither side knows the other's workings.
Logic is three-valued: a fact that nobody stated is ``UNKNOWN``, never ``NO``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum, StrEnum

from exportwatch.law.changes import Change


class Truth(IntEnum):
    """Kleene's three values, ordered so that ``min`` is *and* and ``max`` is *or*."""

    NO = 0
    UNKNOWN = 1
    YES = 2


class ItemKind(StrEnum):
    """What is handed over. ``UNSTATED`` only in contracts, where the field has no default."""

    GOODS = "goods"
    TECHNOLOGY = "technology"
    SERVICE = "service"
    SOFTWARE = "software"
    UNSTATED = "unstated"


class MaterialClass(StrEnum):
    """How an element is present, in the terms of Announcement 18/2025 and its official guidance."""

    METAL = "metal"
    ALLOY = "alloy"
    TARGET = "target"
    MAGNET = "magnet"
    OXIDE = "oxide"
    COMPOUND = "compound"
    ORE = "ore"
    DEEP_PROCESSED = "deep_processed"  # assemblies, finished goods, catalysts, phosphors: FAQ IV and V


class Identity(IntEnum):
    """How strongly a fact identifies the item, weakest first (design: promise 5)."""

    HS = 1
    DECLARED_CODE = 2
    GRADE = 3
    NAME = 4
    COMPOSITION = 5
    CAS = 6


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact of the document: where it stands, what it reads, what it says."""

    path: str
    value: str
    says: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact nobody stated, and why the decision needs it. ``by``: who can provide it, where the fact alone does not
    say (``screening.providers``)."""

    fact: str
    why: str
    by: str = ""


class ClearedBy(StrEnum):
    """What takes a thing that an entry speaks of out of that entry."""

    PARAMETER = "parameter"
    REPORT = "report"
    CLOSED_LIST = "closed_list"
    GUIDANCE = "guidance"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a condition: its truth, what supports it, what is missing, and what it was close to."""

    truth: Truth
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[Missing, ...] = ()
    near: bool = False  # not met, and a failing numeric condition lies within a tenth of its limit
    basis_mismatch: bool = False  # a value was given under another test condition than the law's
    options: tuple[
        Change, ...
    ] = ()  # changes that may settle it; offered only after a run (screening.options)
    cleared_by: tuple[ClearedBy, ...] = ()

    @property
    def remark(self) -> bool:
        """Not met by a parameter, a report, a closed list or official guidance: worth a customs remark."""
        return bool(self.cleared_by)


NOT_MET = Verdict(Truth.NO)


@dataclass(frozen=True, slots=True)
class Material:
    """One element (by symbol) that the item holds, or may hold, and how.

    ``classes`` are the classes that are still possible: one when the form is known, several when nobody said.
    ``settled`` is false for a named material on which no official position is known (YSZ, YAG, LYSO, …).
    ``constituents`` are the element symbols of the alloy, target or magnet where they are known; where they are
    ``open`` some may be missing or may give it no name, so that they put it on a closed list but never beside it;
    ``family`` names a magnet family (``ndfeb``, ``smco``). ``presence`` NO means that a report excludes it.
    """

    element: str
    classes: frozenset[MaterialClass]
    identity: Identity
    evidence: tuple[Evidence, ...]
    presence: Truth = Truth.YES
    settled: bool = True
    constituents: frozenset[str] | None = None
    open: bool = False
    family: str | None = None
    missing: tuple[Missing, ...] = ()
    options: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """A numeric parameter in the canonical unit of its name, as a closed interval.

    ``condition`` holds the test conditions in canonical units (``pressure`` in MPa, ``c_rate`` in 1/h).
    """

    low: Decimal
    high: Decimal
    condition: Mapping[str, Decimal]
    evidence: Evidence
    readable: bool = True  # false: a value was stated and cannot be used; it may be anything


@dataclass(frozen=True, slots=True)
class Finding:
    """A named substance or process with the strength and place of its evidence."""

    truth: Truth
    identity: Identity
    evidence: tuple[Evidence, ...]
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """An item as the law sees it."""

    kind: ItemKind
    materials: tuple[Material, ...] = ()
    substances: Mapping[str, Finding] = field(default_factory=dict)
    processes: Mapping[str, Finding] = field(default_factory=dict)
    measures: Mapping[str, tuple[Measure, ...]] = field(default_factory=dict)
    form: str | None = None
    form_evidence: Evidence | None = None
