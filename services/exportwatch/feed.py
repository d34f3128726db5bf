"""A stream of shipments as a busy ERP publishes them: any length, and always the same.

Document number `n` of a seed is a function of both and of nothing else, so that a run can be repeated, cut
into parts and compared. About 1 KB and four items each, drawn from a material master by Zipf's law, as an ERP
repeats its best sellers; the share of documents with one controlled item is chosen. Every name is made up.
"""

import itertools
import random
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from exportwatch_events.catalogue import SHIPMENTS

MATERIALS = 5000
CONTROLLED_SHARE_OF_MASTER = 0.05
ITEMS = 4
ZIPF = 1.0
START = datetime.fromisoformat("2026-01-05T08:00:00+08:00")

Material = Mapping[str, Any]

ORDINARY = (
    ("Hexagon bolts, steel, zinc plated", "7318151090", "finished_product"),
    ("Cotton shirts, men's", "6205200099", "finished_product"),
    ("Ceramic tableware, white", "6911101900", "finished_product"),
    ("LED lamps 9 W", "8539520000", "finished_product"),
    ("Centrifugal water pump", "8413709990", "finished_product"),
    ("Induction motor 1.5 kW, complete", "8501520000", "finished_product"),
    ("Ferrite ring magnets", "8505191000", "magnet"),
    ("Copper foil for printed circuits", "7410110000", "component"),
    ("Polypropylene granules", "3902100000", "compound"),
    ("Lithium carbonate, technical grade", "2836910000", "compound"),
)
CONTROLLED = (
    ("Dysprosium oxide 99.9 %", {"cas": ["1308-87-8"], "form": "oxide", "hs_code": "2846901500"}),
    ("Terbium oxide Tb4O7", {"cas": ["12037-01-3"], "form": "oxide", "hs_code": "2846901600"}),
    ("Samarium cobalt magnets", {"form": "magnet", "hs_code": "8505119000"}),
    ("Yttrium oxide 5N", {"cas": ["1314-36-9"], "form": "oxide", "hs_code": "2846901100"}),
    ("Gadolinium metal", {"cas": ["7440-54-2"], "form": "metal", "hs_code": "2805301910"}),
)
DESTINATIONS = ("DE", "US", "JP", "KR", "FR", "NL", "IT", "VN", "BR", "GB")


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """One shipment to publish."""

    key: bytes
    value: bytes
    controlled: bool
    topic: str = SHIPMENTS
    headers: tuple[tuple[str, bytes], ...] = ()


class Feed:
    """The documents of one seed.

    `distinct` makes every item a material of its own, so that no cache of classified items can answer.
    """

    def __init__(self, seed: int, *, controlled: float = 0.05, distinct: bool = False) -> None:
        if not 0 <= controlled <= 1:
            raise ValueError(f"the controlled share is {controlled}; expected 0 to 1")
        self._seed = seed
        self._share = controlled
        self._distinct = distinct
        count = round(MATERIALS * CONTROLLED_SHARE_OF_MASTER)
        self._controlled = Shelf([material(seed, n, controlled=True) for n in range(count)])
        self._ordinary = Shelf([material(seed, n, controlled=False) for n in range(count, MATERIALS)])

    def documents(self, count: int, start: int = 0) -> Iterator[FeedRecord]:
        """Documents number `start` to `start + count - 1`."""
        return map(self.document, range(start, start + count))

    def document(self, number: int) -> FeedRecord:
        dice = random.Random(f"{self._seed}/{number}")  # noqa: S311
        controlled = dice.random() < self._share
        items = [
            self._item(dice, number, place, controlled=controlled and place == 1)
            for place in range(1, ITEMS + 1)
        ]
        value = orjson.dumps(document_body(self._seed, number, dice, items))
        return FeedRecord(f"FD-{self._seed}-{number:08d}".encode(), value, controlled)

    def _item(self, dice: random.Random, number: int, place: int, *, controlled: bool) -> Mapping[str, Any]:
        if self._distinct:
            chosen = material(self._seed, MATERIALS + number * ITEMS + place, controlled=controlled)
        else:
            chosen = (self._controlled if controlled else self._ordinary).draw(dice)
        return {
            "item_id": str(place * 10),
            **chosen,
            "quantity": {"value": dice.randint(1, 500), "unit": "C62"},
        }


class Shelf:
    """Materials in the order of their demand: the k-th is drawn 1/k times as often as the first."""

    def __init__(self, materials: Sequence[Material]) -> None:
        self._materials = materials
        self._steps = list(itertools.accumulate(1 / rank**ZIPF for rank in range(1, len(materials) + 1)))

    def draw(self, dice: random.Random) -> Material:
        return self._materials[bisect(self._steps, dice.random() * self._steps[-1])]


def material(seed: int, number: int, *, controlled: bool) -> Material:
    """The facts of one line of the material master; no two have the same."""
    dice = random.Random(f"{seed}/material/{number}")  # noqa: S311
    number_and_type = {"material_no": f"M{number:07d}"}
    if controlled:
        description, facts = CONTROLLED[number % len(CONTROLLED)]
        return {"description": f"{description}, lot type {number}", **number_and_type, **facts}
    description, hs_code, form = dice.choice(ORDINARY)
    return {
        "description": f"{description}, type {number}",
        **number_and_type,
        "hs_code": hs_code,
        "form": form,
    }


def document_body(
    seed: int, number: int, dice: random.Random, items: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any]:
    moment = START + timedelta(seconds=number % (300 * 86_400))
    destination = dice.choice(DESTINATIONS)
    buyer = f"Fictional Buyer {dice.randint(1, 400)} {destination}"
    return {
        "event_id": f"FE-{seed}-{number:08d}",
        "event_type": "shipment.created",
        "event_time": moment.isoformat(),
        "source": "ERP-FEED",
        "shipment_id": f"FD-{seed}-{number:08d}",
        "version": 1,
        "export_date": moment.date().isoformat(),
        "from": {"country": "CN", "zone": "mainland"},
        "to": {"country": destination},
        "parties": [
            {"role": "exporter", "name": "Placeholder General Export Co Ltd", "country": "CN"},
            {"role": "consignee", "name": buyer, "country": destination},
        ],
        "items": items,
    }
