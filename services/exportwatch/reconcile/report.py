"""What the reconciliation found, as values, as text for a person and as JSON. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from exportwatch.reconcile.marks import Fate
from exportwatch.streaming.partitions import TP
from exportwatch.streaming.wire import Source

MOST_NAMED = 1000
FINDINGS = (Fate.MISSING, Fate.WAITING)


@dataclass(frozen=True, slots=True)
class NamedRecord:
    """An input record that is a finding."""

    source: Source
    fate: Fate
    why: str
    decision: str | None = None

    @property
    def line(self) -> str:
        named = f" ({self.decision})" if self.decision else ""
        return f"{self.fate}: {self.source.text}{named}: {self.why}"


@dataclass(frozen=True, slots=True)
class LostStretch:
    """Records that retention deleted before they were screened: from `start` up to and without `end`."""

    tp: TP
    start: int
    end: int
    accepted: bool

    def within(self, other: "LostStretch") -> bool:
        return self.tp == other.tp and other.start <= self.start and self.end <= other.end

    @property
    def line(self) -> str:
        count, state = self.end - self.start, "accepted gap" if self.accepted else "gap"
        return f"{state}: {self.tp}: {count} records from {self.start} were deleted before they were screened"


@dataclass(frozen=True, slots=True)
class Due:
    """The newest decision of a document, to be made again since `since`."""

    document: str
    version: int
    since: date

    @property
    def line(self) -> str:
        return f"due: {self.document} version {self.version}: the law may say otherwise since {self.since}"


@dataclass(slots=True)
class Report:
    """Filled while the topics are read. Names are capped, counts are not."""

    on: date
    fates: dict[TP, Counter[Fate]] = field(default_factory=dict)
    named: list[NamedRecord] = field(default_factory=list)
    lost: list[LostStretch] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    due_count: int = 0

    def count(self, tp: TP, fate: Fate) -> None:
        self.fates.setdefault(tp, Counter())[fate] += 1

    def find(self, record: NamedRecord) -> None:
        self.count(TP(record.source.topic, record.source.partition), record.fate)
        if len(self.named) < MOST_NAMED:
            self.named.append(record)

    def find_due(self, due: Due) -> None:
        self.due_count += 1
        if len(self.due) < MOST_NAMED:
            self.due.append(due)

    def total(self, fate: Fate) -> int:
        return sum(fates[fate] for fates in self.fates.values())

    @property
    def records(self) -> int:
        return sum(fates.total() for fates in self.fates.values())

    @property
    def gaps(self) -> list[LostStretch]:
        """Those that nobody accepted."""
        accepted = [lost for lost in self.lost if lost.accepted]
        return [lost for lost in self.lost if not any(lost.within(one) for one in accepted)]

    @property
    def clean(self) -> bool:
        return not (any(self.total(fate) for fate in FINDINGS) or self.gaps or self.due_count)

    def lines(self) -> Iterator[str]:
        """For a person: a line for each partition that holds anything, the findings, the sum."""
        for tp, fates in sorted(self.fates.items()):
            yield f"{tp}: " + ", ".join(f"{fates[fate]} {fate}" for fate in Fate if fates[fate])
        yield from (lost.line for lost in self.lost)
        yield from (record.line for record in self.named)
        yield from (due.line for due in self.due)
        unnamed = sum(map(self.total, FINDINGS)) - len(self.named) + self.due_count - len(self.due)
        if unnamed:
            yield f"… and {unnamed} more"
        yield self.summary

    @property
    def summary(self) -> str:
        counts = ", ".join(f"{self.total(fate)} {fate}" for fate in Fate if self.total(fate)) or "none"
        way = " or on its way" if self.total(Fate.IN_FLIGHT) else ""
        verdict = f"every record is accounted for{way}" if self.clean else "NOT CLEAN"
        due = f"; {self.due_count} decisions due on {self.on}" if self.due_count else ""
        gaps = f"; {len(self.gaps)} gaps" if self.gaps else ""
        return f"{self.records} input records: {counts}{gaps}{due}: {verdict}"

    def as_json(self) -> dict[str, Any]:
        return {
            "clean": self.clean,
            "on": self.on.isoformat(),
            "records": self.records,
            **{fate.value: self.total(fate) for fate in Fate},
            "due": self.due_count,
            "partitions": [
                {"topic": tp.topic, "partition": tp.partition, **{fate.value: fates[fate] for fate in Fate}}
                for tp, fates in sorted(self.fates.items())
            ],
            "findings": [
                {
                    "topic": one.source.topic,
                    "partition": one.source.partition,
                    "offset": one.source.offset,
                    "fate": one.fate.value,
                    "why": one.why,
                    "decision": one.decision,
                }
                for one in self.named
            ],
            "gaps": [
                {
                    "topic": lost.tp.topic,
                    "partition": lost.tp.partition,
                    "from": lost.start,
                    "to": lost.end,
                    "accepted": lost.accepted,
                }
                for lost in self.lost
            ],
            "due_decisions": [
                {"document": due.document, "version": due.version, "since": due.since.isoformat()}
                for due in self.due
            ],
        }
