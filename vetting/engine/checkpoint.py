"""Checkpoints: the log's size and root, as a signed note (C2SP tlog-checkpoint, signed-note).

The first line names the log, the second how many entries it has, the third its root. Whoever keeps
such a note can show later that the log no longer begins with what it began with then. A witness
puts a line of its own under it, which says when it saw the note (C2SP tlog-cosignature).
"""

from base64 import b64decode, b64encode
from binascii import Error
from dataclasses import dataclass
from hashlib import sha256
from re import fullmatch

from vetting.engine.tree import HASH_LENGTH

ED25519 = b"\x01"
COSIGNATURE = b"\x04"
_DASH = "\N{EM DASH} "
_MARK_LENGTH = 4
_KEY_LENGTH = 32
_MOST = 10**18
_SIGNS = {ED25519: "signs", COSIGNATURE: "cosigns"}
_SECONDS_LENGTH = 8
_SIGNATURE_LENGTH = 64


class BadNote(ValueError):
    """This is no checkpoint, or no key."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The key by which signatures are checked, the name of whoever signs, and what they sign."""

    name: str
    key: bytes
    kind: bytes = ED25519  # a log's own signature, or a witness's `COSIGNATURE`

    @property
    def mark(self) -> bytes:
        """The four bytes by which a signature says which key it was made with."""
        return sha256(self.name.encode() + b"\n" + self.kind + self.key).digest()[:_MARK_LENGTH]

    def __str__(self) -> str:
        """Write the key down, as others read it."""
        return f"{self.name}+{self.mark.hex()}+{b64encode(self.kind + self.key).decode()}"


def read_public_key(text: str, kind: bytes = ED25519) -> PublicKey:
    """Return the key that was written down so; it must be one of this kind."""
    parts = fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+(\S+)", text.strip())
    if parts is None:
        raise BadNote("this is not a public key")
    content = _base64(parts[3])
    key = PublicKey(parts[1], content[1:], kind)
    if content[:1] != kind or len(key.key) != _KEY_LENGTH or key.mark.hex() != parts[2]:
        raise BadNote(f"this is not a public key of the kind that {_SIGNS[kind]} checkpoints")
    return key


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How large a log was, and its root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The lines that are signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @property
    def line(self) -> str:
        """The same in one line for paper, with a root that can be copied out by hand."""
        return f"{self.origin} {self.size} {self.root.hex()}"


def signed_note(text: str, name: str, mark: bytes, signature: bytes) -> str:
    """Return the note that carries *text* and one signature under it."""
    return f"{text}\n{signature_line(name, mark, signature)}"


def signature_line(name: str, mark: bytes, signature: bytes) -> str:
    """Return the line of one signature under a note."""
    return f"{_DASH}{name} {b64encode(mark + signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Cosignature:
    """That a witness saw a checkpoint, and when, in seconds since 1970."""

    seconds: int
    signature: bytes

    @property
    def content(self) -> bytes:
        """What stands in the line after the key's mark."""
        return self.seconds.to_bytes(_SECONDS_LENGTH, "big") + self.signature


def cosigned_bytes(text: str, seconds: int) -> bytes:
    """Return what a witness signs who sees a note with this text at that second."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def cosignatures_on(note: str, key: PublicKey) -> tuple[str, list[Cosignature]]:
    """Return the text of a note, and the cosignatures under it that say they are of *key*."""
    text, found = signatures_on(note, key)
    return text, [
        Cosignature(int.from_bytes(content[:_SECONDS_LENGTH], "big"), content[_SECONDS_LENGTH:])
        for content in found
        if len(content) == _SECONDS_LENGTH + _SIGNATURE_LENGTH
    ]


def signatures_on(note: str, key: PublicKey) -> tuple[str, list[bytes]]:
    """Return the text of a note, and the signatures under it that say they are of *key*."""
    text, blank, below = note.rpartition("\n\n")
    lines = below.splitlines()
    if not (blank and text and lines) or not below.endswith("\n"):
        raise BadNote("this is not a signed note")
    found = []
    for line in lines:
        parts = fullmatch(rf"{_DASH}([^\s+]+) (\S+)", line)
        if parts is None:
            raise BadNote("a line under the note is not a signature")
        content = _base64(parts[2])
        if parts[1] == key.name and content[:_MARK_LENGTH] == key.mark:
            found.append(content[_MARK_LENGTH:])
    return f"{text}\n", found


def is_size(written: str) -> bool:
    """Tell whether a text says how many entries a log has, as a log could have them."""
    return bool(fullmatch(r"0|[1-9][0-9]{0,18}", written)) and int(written) <= _MOST


def read_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint whose lines these are; lines after the third are others' affair."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not lines[0]:  # noqa: PLR2004  # three lines and their end
        raise BadNote("this is not a checkpoint")
    origin, size, root = lines[:3]
    if not is_size(size):
        raise BadNote("a checkpoint says its size as a whole number")
    hashed = _base64(root)
    if len(hashed) != HASH_LENGTH:
        raise BadNote("a checkpoint's root is a hash")
    return Checkpoint(origin, int(size), hashed)


def read_line(text: str) -> Checkpoint:
    """Return what a line says that was kept on paper, however its blanks and letters were copied.

    A root may be broken by blanks or lines and written large. A line of no entries vouches for
    nothing, so it is none.
    """
    origin, size, root = (*text.split(maxsplit=2), "", "", "")[:3]
    hashed = "".join(root.split()).lower()
    if not is_size(size) or int(size) == 0:
        raise BadNote("a line says how many entries a log had")
    if not fullmatch(rf"[0-9a-f]{{{2 * HASH_LENGTH}}}", hashed):
        raise BadNote("a line's root is a hash")
    return Checkpoint(origin, int(size), bytes.fromhex(hashed))


def _base64(text: str) -> bytes:
    try:
        content = b64decode(text, validate=True)
    except (Error, ValueError):
        raise BadNote("this is not base64") from None
    if b64encode(content).decode() != text:
        raise BadNote("this is base64 of another spelling")
    return content
