"""The witness's folder: its key, and for each log it knows the last checkpoint it signed.

It lies on a machine of somebody else than whoever keeps the log. What was signed is on the disk
before the signature leaves: a witness that lost it could be led to sign a second past.
"""

import fcntl
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from vetting.engine.checkpoint import (
    COSIGNATURE,
    BadNote,
    Checkpoint,
    Cosignature,
    PublicKey,
    cosignatures_on,
    cosigned_bytes,
    read_checkpoint,
    read_public_key,
    signature_line,
)
from vetting.records.sealing_key import signed_checkpoint

PRIVATE, PUBLIC = "witness_key", "witness_key.pub"
LOG, LAST = "log.pub", "last_checkpoint"
LAST_SECOND = 253_402_300_799  # since 1970, of the last year that can be written down
_WRITTEN = "PRIVATE+KEY+"


class NoWitness(Exception):
    """The folder is no witness's folder."""


@dataclass(frozen=True)
class WitnessKey:
    """What a witness signs with."""

    name: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> PublicKey:
        """The half that the log is told."""
        return PublicKey(self.name, self.private.public_key().public_bytes_raw(), COSIGNATURE)

    def cosign(self, text: str, seconds: int) -> str:
        """Return the line that says that a note with this text was seen at that second."""
        signature = self.private.sign(cosigned_bytes(text, seconds))
        key = self.public
        return signature_line(key.name, key.mark, Cosignature(seconds, signature).content)


def cosigned_at(note: str, key: PublicKey) -> int | None:
    """Return the second at which a witness saw a note, or None if it did not sign it."""
    text, found = cosignatures_on(note, key)
    public = Ed25519PublicKey.from_public_bytes(key.key)
    for one in found:
        if one.seconds > LAST_SECOND:  # no moment that could be written down
            continue
        try:
            public.verify(one.signature, cosigned_bytes(text, one.seconds))
        except InvalidSignature:
            continue
        return one.seconds
    return None


def make_witness(folder: Path, name: str) -> bool:
    """Make a witness's key in *folder*, unless there is one; nobody else may read it."""
    file = folder / PRIVATE
    if file.exists():
        return False
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = WitnessKey(name, Ed25519PrivateKey.generate())
    seed = b64encode(COSIGNATURE + key.private.private_bytes_raw()).decode()
    write_whole(folder, PUBLIC, f"{key.public}\n")
    write_whole(folder, PRIVATE, f"{_WRITTEN}{name}+{key.public.mark.hex()}+{seed}\n", mode=0o600)
    return True


def read_witness_key(folder: Path) -> WitnessKey:
    """Return the key of a witness."""
    try:
        written = (folder / PRIVATE).read_text("utf-8").strip().removeprefix(_WRITTEN)
        name, mark, seed = written.split("+", 2)
        private = b64decode(seed, validate=True).removeprefix(COSIGNATURE)
        key = WitnessKey(name, Ed25519PrivateKey.from_private_bytes(private))
    except (OSError, ValueError):
        raise NoWitness(f"{folder} holds no key of a witness.") from None
    if key.public.mark.hex() != mark:
        raise NoWitness(f"{folder} holds a key of a witness that was damaged.")
    return key


def log_folder(folder: Path, key: PublicKey) -> Path:
    """Return where a witness keeps what it knows of a log."""
    return folder / f"log-{key.mark.hex()}"


def know_log(folder: Path, key: PublicKey) -> None:
    """Have a witness know a log: from now on it signs its checkpoints."""
    of_log = log_folder(folder, key)
    of_log.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(of_log, LOG, f"{key}\n")


def known_log(folder: Path, origin: str) -> PublicKey | None:
    """Return the key of the log of this name, if the witness knows it."""
    for file in sorted(folder.glob(f"log-*/{LOG}")):
        key = read_public_key(file.read_text("utf-8"))
        if key.name == origin:
            return key
    return None


@contextmanager
def held(folder: Path, key: PublicKey) -> Iterator[None]:
    """Keep every other process from signing for this log."""
    with (log_folder(folder, key) / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def last_signed(folder: Path, key: PublicKey) -> Checkpoint | None:
    """Return the last checkpoint of a log that the witness signed."""
    file = log_folder(folder, key) / LAST
    return signed_checkpoint(file.read_text("utf-8"), key) if file.exists() else None


def remember(folder: Path, key: PublicKey, note: str, *, keep_former: bool = False) -> None:
    """Write down which checkpoint the witness is about to sign."""
    of_log = log_folder(folder, key)
    last = of_log / LAST
    if keep_former and last.exists():
        former = last.read_text("utf-8")
        name = f"{LAST}_before_{checkpoint_in(note).size}"
        again = sum(1 for _ in of_log.glob(f"{name}*"))  # nothing is written over
        write_whole(of_log, f"{name}_{again + 1}" if again else name, former)
    write_whole(of_log, LAST, note)


def checkpoint_in(note: str) -> Checkpoint:
    """Return what a note says of its log, before anybody checked who signed it."""
    text, blank, _ = note.rpartition("\n\n")
    if not blank:
        raise BadNote("this is not a signed note")
    return read_checkpoint(f"{text}\n")


def write_whole(folder: Path, name: str, content: str, mode: int = 0o644) -> None:
    """Write a file so that a power cut leaves the old one or the new one, and nothing between."""
    new = folder / f".{name}.{os.getpid()}"
    descriptor = os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / name)
    entry = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(entry)
    finally:
        os.close(entry)
