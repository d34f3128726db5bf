"""Record keys and the partition that a document belongs to.

A document's decisions and alerts lie in the partition that Kafka's default partitioner gives its document
key (murmur2, as in the Java client), whatever the record's own key is; so every writer and reader must
compute it alike. Pure: no Kafka client is asked.
"""

from typing import Final
from urllib.parse import unquote

from exportwatch_events.catalogue import DocumentType

_ESCAPES: Final = str.maketrans({"%": "%25", "/": "%2F", "@": "%40"})
_MASK: Final = 0xFFFFFFFF
_SEED: Final = 0x9747B28C
_FACTOR: Final = 0x5BD1E995


def escape(part: str) -> str:
    """A part of a key with ``/``, ``@`` and ``%`` percent-encoded; everything else stands as it is."""
    return part.translate(_ESCAPES)


def document_key(tenant: str, source: str, document_type: DocumentType | str, document_id: str) -> str:
    """``tenant/source/type/id``: two documents have the same key only if all four parts are the same."""
    if any(mark in part for part in (tenant, source, document_id) for mark in "%/@"):
        tenant, source, document_id = escape(tenant), escape(source), escape(document_id)
    return f"{tenant}/{source}/{document_type}/{document_id}"


def parts_of_document_key(key: str) -> tuple[str, str, DocumentType, str]:
    """The four parts that ``document_key`` was given. ``ValueError`` for anything else."""
    tenant, source, document_type, document_id = key.split("/")
    return unquote(tenant), unquote(source), DocumentType(document_type), unquote(document_id)


def decision_key(document: str, version: int) -> bytes:
    """Key of a decision record: document key, ``@``, version."""
    return f"{document}@{version}".encode()


def license_key(license_no: str, version: int) -> bytes:
    """Key of a licence record."""
    return f"{escape(license_no)}@{version}".encode()


def party_key(list_id: str, entry_id: str, version: int) -> bytes:
    """Key of a party-list record."""
    return f"{escape(list_id)}/{escape(entry_id)}@{version}".encode()


def law_key(instrument_id: str, limb: str, announced_by: str) -> bytes:
    """Key of a law amendment; ``limb`` is ``*`` for the whole instrument."""
    return "/".join(map(escape, (instrument_id, limb, announced_by))).encode()


def partition_of(document: str, partitions: int) -> int:
    """The partition of a document's decisions and alerts among ``partitions`` (at least 1)."""
    return (murmur2(document.encode()) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """The 32-bit murmur2 hash of Kafka's Java client, as an unsigned number."""
    length = len(data)
    state = (_SEED ^ length) & _MASK
    whole = length & ~3
    for at in range(0, whole, 4):
        word = (int.from_bytes(data[at : at + 4], "little") * _FACTOR) & _MASK
        word = ((word ^ (word >> 24)) * _FACTOR) & _MASK
        state = ((state * _FACTOR) & _MASK) ^ word
    if length != whole:
        state = ((state ^ int.from_bytes(data[whole:], "little")) * _FACTOR) & _MASK
    state = ((state ^ (state >> 13)) * _FACTOR) & _MASK
    return state ^ (state >> 15)
