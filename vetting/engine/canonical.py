"""Canonical bytes: one way to write a value down, so that its hash is the same for ever.

Version 1: JSON with sorted keys and no spaces, UTF-8 in Unicode NFC; text, whole numbers, truth
values, nothing, lists and mappings with text keys. No floating point: the type forbids it.
Moments are written as text in UTC with microseconds before they come here.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import TypeAlias, Union
from unicodedata import is_normalized, normalize

Json: TypeAlias = Union[bool, int, str, Sequence["Json"], Mapping[str, "Json"], None]  # noqa: UP007  # a recursive alias

_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def canonical(value: Json) -> bytes:
    """Return the canonical bytes of *value*."""
    text = _ENCODER.encode(value)
    if not is_normalized("NFC", text):
        # The values, never the encoded text: there a mark could join the letter of an escape.
        text = _ENCODER.encode(composed(value))
    return text.encode()


def is_composed(value: Json) -> bool:
    """Tell whether every text in *value* is in Unicode NFC already."""
    if isinstance(value, str):
        return is_normalized("NFC", value)
    if isinstance(value, Mapping):
        return all(is_composed(inner) for inner in value.values())
    return not isinstance(value, Sequence) or all(map(is_composed, value))


def composed(value: Json) -> Json:
    """Return *value* with every text in it in Unicode NFC."""
    if isinstance(value, str):
        return normalize("NFC", value)
    if isinstance(value, Mapping):
        kept = {normalize("NFC", name): composed(inner) for name, inner in value.items()}
        if len(kept) < len(value):
            raise ValueError("two keys are the same text, written in two ways")
        return kept
    if isinstance(value, Sequence):
        return [composed(inner) for inner in value]
    return value


def digest(domain: str, content: bytes) -> str:
    """Return the SHA-256 of *content* within *domain*, so that no hash can stand for another."""
    return sha256(domain.encode() + b"\n" + content).hexdigest()


def moment(at: datetime) -> str:
    """Write a moment down in UTC with microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
