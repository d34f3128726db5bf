"""Record keys and the partition that a document belongs to.

A document's decisions and alerts lie in the partition that Kafka's default partitioner gives its document
key (murmur2, as in the Java client), whatever the record's own key is; so every writer and reader must
compute it alike. Pure: no Kafka client is asked.
"""

from struct import unpack_from
from typing import Final
from urllib.parse import unquote

from exportwatch_events.catalogue import DocumentType

_ESCAPES: Final = str.maketrans({"%": "%25", "/": "%2F", "@": "%40"})
_VERSION_DIGITS: Final = 19
_MASK: Final = 0xFFFFFFFF
_SEED: Final = 0x9747B28C
_FACTOR: Final = 0x5BD1E995


def escape(part: str) -> str:
    """A part of a key with ``/``, ``@`` and ``%`` percent-encoded; everything else stands as it is."""
    return part.translate(_ESCAPES)


def document_key(tenant: str, source: str, document_type: DocumentType | str, document_id: str) -> str:
    """``tenant/source/type/id``: two documents have the same key only if all four parts are the same."""
    key = f"{tenant}/{source}/{document_type}/{document_id}"
    if "%" not in key and "@" not in key and key.count("/") == 3:
        return key
    return f"{escape(tenant)}/{escape(source)}/{document_type}/{escape(document_id)}"


def parts_of_document_key(key: str) -> tuple[str, str, DocumentType, str]:
    """The four parts that ``document_key`` was given. ``ValueError`` for anything else."""
    tenant, source, document_type, document_id = key.split("/")
    return unquote(tenant), unquote(source), DocumentType(document_type), unquote(document_id)


def decision_key(document: str, version: int) -> bytes:
    """Key of a decision record: document key, ``@``, version."""
    return f"{document}@{version}".encode()


def license_key(license_no: str, version: int) -> bytes:
    """Key of a license record."""
    return f"{escape(license_no)}@{version}".encode()


def party_key(list_id: str, entry_id: str, version: int) -> bytes:
    """Key of a party-list record."""
    return f"{escape(list_id)}/{escape(entry_id)}@{version}".encode()


def law_key(instrument_id: str, limb: str, announced_by: str) -> bytes:
    """Key of a law amendment; ``limb`` is ``*`` for the whole instrument."""
    return "/".join(map(escape, (instrument_id, limb, announced_by))).encode()


def split_control_key(key: bytes | None) -> tuple[tuple[str, ...], int | None]:
    """The parts of a control record's key and its version, where it has one. Never empty.

    Takes keys that others wrote without escaping: what is not UTF-8 is one empty part.
    """
    try:
        text = (key or b"").decode()
    except UnicodeDecodeError:
        text = ""
    head, mark, version = text.rpartition("@")
    versioned = bool(mark) and version.isdecimal() and len(version) <= _VERSION_DIGITS
    parts = (head if versioned else text).split("/")
    return tuple(map(unquote, parts)), int(version) if versioned else None


def partition_of(document: str, partitions: int) -> int:
    """The partition of a document's decisions and alerts among ``partitions`` (at least 1)."""
    return (murmur2(document.encode()) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """The 32-bit murmur2 hash of Kafka's Java client, as an unsigned number."""
    whole, rest = divmod(len(data), 4)
    state = (_SEED ^ len(data)) & _MASK
    for word in unpack_from(f"<{whole}I", data):
        mixed = (word * _FACTOR) & _MASK
        state = ((state * _FACTOR) ^ ((mixed ^ (mixed >> 24)) * _FACTOR)) & _MASK
    if rest:
        state = ((state ^ int.from_bytes(data[-rest:], "little")) * _FACTOR) & _MASK
    state = ((state ^ (state >> 13)) * _FACTOR) & _MASK
    return state ^ (state >> 15)
