"""Control data folded into a snapshot: law amendments, licences and party lists, by their own dates and versions.

The fold does not depend on the order of arrival: the same records give the same snapshot, compacted or not.
A record that cannot be read fails closed: the instrument is unconfirmed, the licence covers nothing, the list is
incomplete. A null value withdraws a licence or a party entry; on law it is refused.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel

import exportwatch
from exportwatch.classification.classify import Classifier
from exportwatch.classification.thresholds import compile_checked
from exportwatch.classification.vocabulary import Vocabulary, build_vocabulary
from exportwatch.law.load import RulePack, load_pack
from exportwatch.law.register import LawRegister
from exportwatch.law.routes import Routes, license_routes
from exportwatch.screening.licenses import Licenses
from exportwatch.screening.parties import PartyLists
from exportwatch.screening.snapshot import Coverage, Reference, Snapshot
from exportwatch.screening.things import Things
from exportwatch_events.catalogue import LAW, LICENSES, PARTIES
from exportwatch_events.control import (
    LawAmendment,
    License,
    PartyListEntry,
    UnreadableControl,
    read_law,
    read_license,
    read_party,
)

ENGINE = f"exportwatch {exportwatch.__version__}"
EVERY = "*"


@dataclass(frozen=True, slots=True)
class ControlProblem:
    """A control record that cannot be used, and what is distrusted because of it."""

    topic: str
    key: str
    message: str
    effect: str


def load_rules(path: Path | None = None) -> RulePack:
    """The rule pack with its entries compiled. ``ConfigError`` names file, line and key of anything wrong."""
    return load_pack(path, compile_checked)


# The last one made, with the tables it was made of: it takes most of a second, and one pack is asked for often.
_made: list[tuple[Mapping[str, Any], Vocabulary]] = []


def _vocabulary_of(pack: RulePack) -> Vocabulary:
    """The vocabulary of a pack's tables; the same object for the same tables, which nothing changes."""
    if not _made or _made[0][0] is not pack.tables:
        _made[:] = [(pack.tables, build_vocabulary(pack.tables))]
    return _made[0][1]


class ControlContent:
    """An accumulator of control records. ``version`` grows when the content really changes."""

    def __init__(self, pack: RulePack) -> None:
        """``pack`` comes from ``load_rules``: under one whose entries are not compiled everything would clear."""
        if not pack.entries:
            raise ValueError("a law pack without compiled entries screens nothing")
        self._pack = pack
        self._vocabulary: Vocabulary = _vocabulary_of(pack)
        self._routes: Routes = license_routes(pack.tables)
        self._law: dict[bytes, LawAmendment | UnreadableControl] = {}
        self._licenses: dict[bytes, License | UnreadableControl] = {}
        self._parties: dict[bytes, PartyListEntry | UnreadableControl] = {}
        self._refused: dict[bytes, ControlProblem] = {}
        self.version = 1
        self._snapshot: Snapshot | None = None
        self._register: LawRegister = pack.register
        self._things = Things(Classifier(self._register.entries(), self._vocabulary))

    def fold(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        """Take one record. Records of other topics are ignored."""
        name = key or hashlib.sha256(value or b"").digest()
        match topic:
            case _ if topic == LAW:
                self._fold_law(name, key, value)
            case _ if topic == LICENSES:
                read = read_license(value, key) if value is not None else None
                self._put(self._licenses, name, read)
            case _ if topic == PARTIES:
                entry = read_party(value, key) if value is not None else None
                self._put(self._parties, name, entry)
            case _:
                return

    def _put(self, content: dict[bytes, Any], name: bytes, read: Any) -> None:
        if content.get(name) == read and (read is not None or name not in content):
            return
        if read is None:
            del content[name]
        else:
            content[name] = read
        self._changed()

    def _fold_law(self, name: bytes, key: bytes | None, value: bytes | None) -> None:
        if value is None:
            shown = (key or b"").decode(errors="replace")
            self._refused[name] = ControlProblem(
                LAW, shown, "a null value on the law is refused", "nothing changes"
            )
            return
        read = read_law(value, key)
        if self._law.get(name) == read:
            return
        self._law[name] = read
        amendments = [v for v in self._law.values() if isinstance(v, LawAmendment)]
        unreadable = [
            v.identity.instrument_id for v in self._law.values() if isinstance(v, UnreadableControl)
        ]
        self._register = self._pack.register.amended(amendments, unreadable)
        self._things = Things(Classifier(self._register.entries(), self._vocabulary))
        self._changed()

    def _changed(self) -> None:
        self.version += 1
        self._snapshot = None

    @property
    def problems(self) -> tuple[ControlProblem, ...]:
        """Every record that cannot be used, in the order of their keys."""
        found = [*self._refused.values()]
        for topic, content, effect in (
            (LAW, self._law, "the instrument is unconfirmed"),
            (LICENSES, self._licenses, "the licence covers nothing"),
            (PARTIES, self._parties, "the list is incomplete"),
        ):
            found += [
                ControlProblem(topic, name.decode(errors="replace"), read.message, effect)
                for name, read in content.items()
                if isinstance(read, UnreadableControl)
            ]
        for problem in self._register.problems:
            found.append(
                ControlProblem(
                    LAW, problem.instrument_id or EVERY, problem.text, "the instrument is unconfirmed"
                )
            )
        return tuple(sorted(found, key=lambda p: (p.topic, p.key, p.message)))

    def snapshot(self) -> Snapshot:
        """The snapshot of the content as it is now; the same object until the content changes."""
        if self._snapshot is None:
            self._snapshot = self._build()
        return self._snapshot

    def _build(self) -> Snapshot:
        licenses = [v for v in self._licenses.values() if isinstance(v, License)]
        distrusted = _named(
            v.identity.license_no for v in self._licenses.values() if isinstance(v, UnreadableControl)
        )
        entries = _newest(v for v in self._parties.values() if isinstance(v, PartyListEntry))
        incomplete = _named(
            v.identity.list_id for v in self._parties.values() if isinstance(v, UnreadableControl)
        )
        reference = Reference(
            rule_pack=self._pack.version,
            rule_pack_sha256=self._pack.sha256,
            law_version=self._register.law_version,
            lists=_digest(self._parties),
            licenses=_digest(self._licenses),
            engine=ENGINE,
        )
        return Snapshot(
            self.version,
            self._register,
            self._things,
            Coverage(Licenses(licenses, distrusted, self._routes), PartyLists(entries, incomplete)),
            reference,
        )


def _named(identities: Iterable[str | None]) -> frozenset[str]:
    return frozenset(name or EVERY for name in identities)


def _newest(entries: Iterable[PartyListEntry]) -> list[PartyListEntry]:
    """The highest version of each entry; equal versions by content, so that arrival does not matter."""
    newest: dict[tuple[str, str], PartyListEntry] = {}
    for entry in sorted(entries, key=lambda e: (e.version, e.model_dump_json())):
        newest[entry.list_id, entry.entry_id] = entry
    return [newest[key] for key in sorted(newest)]


def _digest(content: Mapping[bytes, Any]) -> str:
    """sha256 of the content of the records, in the order of their keys."""
    digest = hashlib.sha256()
    for name in sorted(content):
        read = content[name]
        said = read.model_dump_json() if isinstance(read, BaseModel) else orjson.dumps(read.message).decode()
        digest.update(name + b"\x00" + said.encode() + b"\n")
    return digest.hexdigest()
