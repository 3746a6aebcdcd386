"""The sealing key: what checkpoints are signed with. It lies in the installation's own folder.

There is no default: without the key nothing is signed. The public half lies beside it and may be
given to anybody; with it alone the history is checked.
"""

import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from vetting.engine.checkpoint import (
    ED25519,
    BadNote,
    Checkpoint,
    PublicKey,
    read_checkpoint,
    read_public_key,
    signatures_on,
    signed_note,
)

PRIVATE = "sealing_key"
PUBLIC = "sealing_key.pub"
_WRITTEN = "PRIVATE+KEY+"


class NoSealingKey(Exception):
    """The installation has no key to sign its checkpoints with."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why} Run `vetting init`.")


@dataclass(frozen=True)
class SealingKey:
    """What signs the checkpoints of one log; its name is the log's own."""

    name: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> PublicKey:
        """The half that may be given away."""
        return PublicKey(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, checkpoint: Checkpoint) -> str:
        """Return the signed note of a checkpoint."""
        text = checkpoint.text
        return signed_note(text, self.name, self.public.mark, self.private.sign(text.encode()))


def signed_checkpoint(note: str, key: PublicKey) -> Checkpoint:
    """Return the checkpoint that a note carries, signed with *key*; refuses any other note."""
    text, signatures = signatures_on(note, key)
    public = Ed25519PublicKey.from_public_bytes(key.key)
    for signature in signatures:
        try:
            public.verify(signature, text.encode())
        except InvalidSignature:
            continue
        checkpoint = read_checkpoint(text)
        if checkpoint.origin != key.name:
            break
        return checkpoint
    raise BadNote("the note is not signed with this log's key")


def make_sealing_key(folder: Path, name: str) -> bool:
    """Make the key of an installation, unless it has one; nobody else may read it."""
    file = folder / PRIVATE
    if file.exists():
        return False
    folder.mkdir(parents=True, exist_ok=True)
    key = SealingKey(name, Ed25519PrivateKey.generate())
    seed = ED25519 + key.private.private_bytes_raw()
    written = f"{_WRITTEN}{name}+{key.public.mark.hex()}+{b64encode(seed).decode()}\n"
    (folder / PUBLIC).write_text(f"{key.public}\n", encoding="utf-8")
    descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as private:
        private.write(written)
        private.flush()
        os.fsync(private.fileno())
    return True


def read_sealing_key(folder: Path) -> SealingKey:
    """Return the key of an installation, or say that there is none."""
    file = folder / PRIVATE
    if not file.exists():
        raise NoSealingKey("There is no sealing key.")
    if file.stat().st_mode & 0o077:
        raise NoSealingKey("Others may read the sealing key; give it mode 0600 or make another.")
    name, _, rest = file.read_text(encoding="utf-8").strip().removeprefix(_WRITTEN).partition("+")
    try:
        seed = b64decode(rest.partition("+")[2], validate=True)
        return SealingKey(name, Ed25519PrivateKey.from_private_bytes(seed.removeprefix(ED25519)))
    except ValueError:
        raise NoSealingKey("The file of the sealing key holds no key.") from None


def read_public_half(folder: Path) -> PublicKey | None:
    """Return the key that the installation's checkpoints are checked with, if it has one."""
    file = folder / PUBLIC
    return read_public_key(file.read_text(encoding="utf-8")) if file.exists() else None
