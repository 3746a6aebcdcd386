"""Seals: each entry of a case's history is sealed over the one before it.

The seal covers every column of the entry. What the entry says (its payload) is covered by a
salted commitment, so that a payload can lawfully be erased and the chain still holds.
"""

from collections.abc import Mapping

from vetting.engine.canonical import Json, canonical, digest

ALGORITHM = "sha256-v1"
FIRST = "0" * 64


def commitment(salt: str, payload: bytes) -> str:
    """Commit to the canonical bytes of a payload without revealing them."""
    return digest("vetting payload v1", salt.encode() + b"\n" + payload)


def seal(previous: str, entry: Mapping[str, Json]) -> str:
    """Return the seal of *entry*, which follows the entry sealed *previous*."""
    return seal_of(previous, canonical(entry))


def seal_of(previous: str, entry: bytes) -> str:
    """Return the seal of an entry whose canonical bytes are *entry*."""
    return digest("vetting entry v1", previous.encode() + b"\n" + entry)


def signed_bytes(content: Mapping[str, Json]) -> str:
    """Return the hash of exactly what a signer put a name to."""
    return digest("vetting signature v1", canonical(content))
