"""The generated stream: repeatable, of the size and mix that it says."""

import subprocess
import sys
from collections import Counter

import orjson
import pytest

from exportwatch.feed import ITEMS, Feed
from exportwatch_events.documents import ShipmentEvent
from exportwatch_events.envelope import read_document

SAMPLE = 4000


@pytest.fixture(scope="module")
def values() -> list[bytes]:
    return [record.value for record in Feed(7).documents(SAMPLE)]


def test_a_document_depends_on_seed_and_number_only() -> None:
    feed = Feed(3)
    in_order = list(feed.documents(50))
    assert [Feed(3).document(n) for n in reversed(range(50))][::-1] == in_order
    assert list(Feed(3).documents(10, start=40)) == in_order[40:]
    assert Feed(4).document(0) != in_order[0]


def test_another_process_makes_the_same_bytes() -> None:
    code = (
        "import sys; from exportwatch.feed import Feed; sys.stdout.buffer.write(Feed(3).document(99).value)"
    )
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env={"PYTHONHASHSEED": "5"}
    )
    assert other.stdout == Feed(3).document(99).value


def test_every_document_is_a_shipment_of_about_a_kilobyte_and_four_items(values: list[bytes]) -> None:
    for value in values[:500]:
        event = read_document(value)
        assert isinstance(event, ShipmentEvent)
        assert len(event.items) == ITEMS
    assert 900 < sum(map(len, values)) / len(values) < 1150


def test_the_controlled_share_is_as_asked() -> None:
    for share in (0.0, 0.05, 0.5, 1.0):
        controlled = sum(record.controlled for record in Feed(11, controlled=share).documents(SAMPLE))
        assert controlled / SAMPLE == pytest.approx(share, abs=0.03)
    with pytest.raises(ValueError, match="expected 0 to 1"):
        Feed(1, controlled=5)


def test_materials_repeat_as_an_erp_repeats_them(values: list[bytes]) -> None:
    drawn = [item["material_no"] for value in values for item in orjson.loads(value)["items"]]
    seen = Counter(drawn)
    repeated = 1 - len(seen) / len(drawn)
    assert repeated > 0.7
    top, tenth = (count for _, count in (seen.most_common(1)[0], seen.most_common(10)[9]))
    assert top > 4 * tenth


def test_a_distinct_feed_never_repeats_an_item() -> None:
    drawn = [
        (item["description"], item["material_no"])
        for record in Feed(7, distinct=True).documents(500)
        for item in orjson.loads(record.value)["items"]
    ]
    assert len(set(drawn)) == len(drawn) == 500 * ITEMS
