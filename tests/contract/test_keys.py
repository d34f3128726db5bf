"""Keys are unambiguous, and partitions are those that Kafka's own partitioners choose."""

import pytest
from aiokafka.partitioner import murmur2 as aiokafka_murmur2
from hypothesis import given
from hypothesis import strategies as st

from exportwatch_events.catalogue import DocumentType
from exportwatch_events.keys import (
    decision_key,
    document_key,
    murmur2,
    partition_of,
    parts_of_document_key,
)

PARTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@pytest.mark.parametrize(
    ("text", "hashed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_murmur2_gives_what_the_java_client_gives(text: bytes, hashed: int) -> None:
    assert murmur2(text) == hashed & 0xFFFFFFFF


@given(st.binary(max_size=200))
def test_murmur2_agrees_with_aiokafka(data: bytes) -> None:
    assert murmur2(data) == aiokafka_murmur2(data) & 0xFFFFFFFF


@given(PARTS, PARTS, st.sampled_from(DocumentType), PARTS)
def test_the_parts_of_a_document_key_can_be_read_back(
    tenant: str, source: str, kind: DocumentType, number: str
) -> None:
    key = document_key(tenant, source, kind, number)
    assert parts_of_document_key(key) == (tenant, source, kind, number)
    assert key.count("/") == 3
    assert decision_key(key, 5).decode().rpartition("@") == (key, "@", "5")


@pytest.mark.parametrize("key", ["", "a/b/shipment", "a/b/invoice/1", "a/b/shipment/1/2"])
def test_what_is_no_document_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parts_of_document_key(key)


def test_a_document_has_one_partition_among_those_there_are() -> None:
    key = document_key("default", "ERP-P01", DocumentType.SHIPMENT, "SH-1")
    assert partition_of(key, 1) == 0
    assert {partition_of(f"{key}{number}", 12) for number in range(500)} == set(range(12))
