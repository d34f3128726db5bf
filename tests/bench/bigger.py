"""Rules ten times as many and lists of 25,000 parties, made from what is there.

Copies of the compiled control entries stand under other codes and other index keys, and the vocabulary grows by
as many terms, so that the indexes are as large as with real lists. None of it occurs in the feed: decisions
must be the same but for the reference.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson

from exportwatch.law.load import RulePack
from exportwatch.screening.control import ControlContent, load_rules
from exportwatch.screening.snapshot import Snapshot
from exportwatch_events.catalogue import PARTIES

TIMES = 10
LIST_PARTIES = 25_000
# Tables whose rows are a name, its words and its CAS numbers.
NAMED = ("alloys", "common", "substances", "unsettled")
SYLLABLES = "ba ce di fo gu ka le mi no pu ra se ti vo za qui dro fel gar mon nus tal ver wex yor".split()
# Real lists are full of such words, and so are the names of ordinary buyers.
COMMON_WORDS = "Trading Export General International Technology Electronics Industrial Research".split()
HAN = range(0x4E00, 0x9F00)


def snapshot(*, bigger: bool) -> Snapshot:
    """The law as packaged, without control data; or many times as much law, and long lists."""
    pack = load_rules(None)
    if not bigger:
        return ControlContent(pack).snapshot()
    content = ControlContent(bigger_pack(pack))
    for key, value in list_parties(LIST_PARTIES):
        content.fold(PARTIES, key, value)
    if content.problems:
        raise ValueError(f"the made-up lists are wrong: {content.problems[0].message}")
    return content.snapshot()


def bigger_pack(pack: RulePack) -> RulePack:
    entries = list(pack.entries)
    for number in range(1, TIMES):
        entries += [
            replace(
                entry,
                control_code=f"{entry.control_code}~{number}",
                keys=frozenset(f"{key}~{number}" for key in entry.keys),
            )
            for entry in pack.entries
        ]
    tables = {name: bigger_table(rows) if name in NAMED else rows for name, rows in pack.tables.items()}
    return replace(pack, entries=tuple(entries), tables=tables)


def bigger_table(rows: Mapping[str, Any]) -> Mapping[str, Any]:
    grown = dict(rows)
    for number in range(1, TIMES):
        for name, row in rows.items():
            words = [other_word(word, number) for word in row["names"]]
            grown[f"{name}~{number}"] = {**row, "names": words, "short": [], "cas": []}
    return grown


def other_word(word: str, number: int) -> str:
    """A word that no text has, as long as this one and of the same script."""
    return "".join(shifted(character, number) for character in word)


def shifted(character: str, number: int) -> str:
    if character.isascii() and character.isalpha():
        # Never an English word: vowels go, and each copy has letters of its own.
        return "bcdfghjklmnpqrstvwxz"[(ord(character.lower()) + number) % 20]
    return chr(HAN[(ord(character) + 97 * number) % len(HAN)]) if ord(character) in HAN else character


def list_parties(count: int) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of list entries, the same every time: made-up names of two words and a common one."""
    dice = random.Random("list parties")
    for number in range(count):
        name = f"{made_up_word(dice)} {made_up_word(dice)} {dice.choice(COMMON_WORDS)} Co Ltd"
        list_id = ("cn-control-list", "cn-watch-list", "other")[number % 3]
        entry = {
            "list_id": list_id,
            "entry_id": f"E{number:05d}",
            "version": 1,
            "name": name,
            "aliases": [f"{made_up_word(dice)} {name}"],
            "country": dice.choice(("US", "JP", "TW", "DE")),
            "listed_from": "2025-01-02",
        }
        yield f"{list_id}/E{number:05d}".encode(), orjson.dumps(entry)


def made_up_word(dice: random.Random) -> str:
    return "".join(dice.choices(SYLLABLES, k=dice.randint(2, 4))).capitalize()
