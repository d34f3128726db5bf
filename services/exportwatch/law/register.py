"""The register: which instruments there are, and the status of each limb on each day, amendments included.

Immutable. ``amended`` gives a new register whose content is a function of the set of amendments. What could
not be read or applied is in ``problems`` and leaves its instrument unconfirmed. An entry of an amendment is
compiled with the function that compiled the pack.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from types import MappingProxyType

from exportwatch.errors import ConfigError
from exportwatch.law.amendments import (
    Amendment,
    LawAmendment,
    LawProblem,
    amendment,
    newest,
    statements,
)
from exportwatch.law.compiling import CompileEntry, compiled
from exportwatch.law.model import (
    WHOLE,
    ControlEntry,
    Instrument,
    Limb,
    LimbStatus,
    Policy,
    StatusInterval,
)
from exportwatch.law.newcomers import amendment_entries, new_instrument
from exportwatch.law.status import LimbCalendar


@dataclass(frozen=True, slots=True)
class _Folded:
    """The amendments of a register: each announcement once, and the instruments of unreadable records."""

    amendments: tuple[Amendment, ...] = ()
    unreadable: frozenset[str | None] = frozenset()


class LawRegister:
    """Instruments, control entries and the calendar of every limb."""

    def __init__(
        self,
        instruments: Iterable[Instrument],
        entries: Iterable[ControlEntry] = (),
        compile_entry: CompileEntry | None = None,
        folded: _Folded = _Folded(),
    ) -> None:
        self._pack = tuple(sorted(instruments, key=lambda i: i.id))
        self._pack_entries = tuple(entries)
        self._compile = compile_entry
        self._folded = folded
        self._problems: list[LawProblem] = []
        self._instruments = self._with_newcomers()
        self._entries = (*self._pack_entries, *self._compiled())
        self._policies = tuple(policy for i in self._instruments.values() for policy in i.policies)
        self._calendars = self._laid_out()

    # -- questions -----------------------------------------------------------------------------------------

    def status(self, instrument_id: str, limb: str, on: date, at: time | None = None) -> LimbStatus:
        """The status of a limb on a day (China), at an hour where the document gives one.

        ``LookupError`` if there is no such instrument or limb: entries are checked against them at load.
        """
        return self._calendars[instrument_id, limb].on(on, at)

    def entries(self) -> tuple[ControlEntry, ...]:
        """All control entries, those of amendments behind those of the pack."""
        return self._entries

    @property
    def policies(self) -> tuple[Policy, ...]:
        """What limbs say of items that some list already controls, in the order of instruments and files."""
        return self._policies

    def policies_for(self, nations: frozenset[str]) -> tuple[Policy, ...]:
        """The policies for these nations and those for every nation, in the order of the pack."""
        return tuple(p for p in self._policies if not p.countries or p.countries & nations)

    def instrument(self, instrument_id: str) -> Instrument | None:
        return self._instruments.get(instrument_id)

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """By id, in the order of ids."""
        return MappingProxyType(self._instruments)

    @property
    def problems(self) -> tuple[LawProblem, ...]:
        """Amendments that could not be read or applied, in an order of their own."""
        return tuple(sorted(self._problems, key=lambda p: (p.instrument_id or "", p.limb, p.text)))

    def calendar(self, instrument_id: str, limb: str) -> LimbCalendar:
        """The whole calendar of a limb. ``LookupError`` as for ``status``."""
        return self._calendars[instrument_id, limb]

    def boundaries(self) -> tuple[date, ...]:
        """Every day on which the status of some limb changes, ascending."""
        return tuple(sorted({day for calendar in self._calendars.values() for day in calendar.boundaries()}))

    @property
    def law_version(self) -> str:
        """sha256 of what the amendments say (not of their order, nor of records that others replaced)."""
        digest = hashlib.sha256()
        for item in self._folded.amendments:
            digest.update(item.content + b"\n")
        for name in sorted(name or WHOLE for name in self._folded.unreadable):
            digest.update(b"unreadable " + name.encode() + b"\n")
        return digest.hexdigest()

    # -- amendments ----------------------------------------------------------------------------------------

    def amended(self, events: Iterable[LawAmendment], unreadable: Iterable[str | None] = ()) -> "LawRegister":
        """This register with amendments. ``unreadable`` names the instrument of each record that could not be
        read (None: nobody knows which, so all of them); they are unconfirmed from their publication on."""
        folded = _Folded(
            newest([*self._folded.amendments, *(amendment(event) for event in events)]),
            self._folded.unreadable | frozenset(unreadable),
        )
        return LawRegister(self._pack, self._pack_entries, self._compile, folded)

    def _with_newcomers(self) -> dict[str, Instrument]:
        known = {instrument.id: instrument for instrument in self._pack}
        amended = sorted({item.instrument_id for item in self._folded.amendments})
        for instrument_id in amended:
            items = [item for item in self._folded.amendments if item.instrument_id == instrument_id]
            entries = tuple(raw for item in items for raw in amendment_entries(item))
            if instrument_id in known:
                pack = known[instrument_id]
                known[instrument_id] = replace(pack, entries=pack.entries + entries)
                continue
            newcomer = new_instrument(instrument_id, items, entries)
            if isinstance(newcomer, LawProblem):
                self._problems.append(newcomer)
            else:
                known[instrument_id] = newcomer
        return dict(sorted(known.items()))

    def _compiled(self) -> list[ControlEntry]:
        """The entries of amendments; one that cannot be compiled leaves its instrument unconfirmed."""
        entries: list[ControlEntry] = []
        if self._compile is None:
            return entries
        for item in self._folded.amendments:
            instrument = self._instruments.get(item.instrument_id)
            if instrument is None:
                continue
            for raw in amendment_entries(item):
                try:
                    entries.append(compiled(raw, instrument, self._compile))
                except ConfigError as error:
                    self._closing(item, str(error))
        return entries

    def _closing(self, item: Amendment, text: str) -> None:
        self._problems.append(LawProblem(item.instrument_id, item.limb, item.announced_by, text))

    # -- calendars -----------------------------------------------------------------------------------------

    def _laid_out(self) -> dict[tuple[str, str], LimbCalendar]:
        published = {i.id: i.published for i in self._pack}
        calendars = {}
        for instrument in self._instruments.values():
            self._check_limbs(instrument)
            told = {limb.id: self._told(instrument, limb, published) for limb in instrument.limbs}
            closed_by = self._closed(instrument)
            for limb_id, interval in told.items():
                calendars[instrument.id, limb_id] = LimbCalendar(
                    instrument.id, limb_id, instrument.published, interval, closed_by
                )
        return calendars

    def _check_limbs(self, instrument: Instrument) -> None:
        for item in self._folded.amendments:
            unknown = item.limb != WHOLE and instrument.limb(item.limb) is None
            if item.instrument_id == instrument.id and unknown:
                known = ", ".join(limb.id for limb in instrument.limbs)
                self._closing(item, f'limb "{item.limb}" is not known; known: {known}')

    def _told(
        self, instrument: Instrument, limb: Limb, published: Mapping[str, date]
    ) -> Sequence[StatusInterval]:
        own = [a for a in self._folded.amendments if (a.instrument_id, a.limb) == (instrument.id, limb.id)]
        special = {a.announced_by for a in own}
        if limb.id != WHOLE:
            whole = [
                a for a in self._folded.amendments if (a.instrument_id, a.limb) == (instrument.id, WHOLE)
            ]
            own += [a for a in whole if a.announced_by not in special]
        told, problems = statements(limb, own, published)
        self._problems += [problem for problem in problems if problem not in self._problems]
        return told

    def _closed(self, instrument: Instrument) -> str | None:
        """Why nothing is certain about an instrument any more, if so."""
        unreadable = self._folded.unreadable
        if None in unreadable:
            return "a law amendment of an unknown instrument could not be read"
        if instrument.id in unreadable:
            return "a law amendment of this instrument could not be read"
        for problem in self.problems:
            if problem.instrument_id == instrument.id:
                return f"the amendment by {problem.announced_by} could not be applied: {problem.text}"
        return None
