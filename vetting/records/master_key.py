"""The master key: what the data keys of candidates are wrapped with. It is never in the database.

It comes from a file or from the environment, the newest key first. The older ones stay readable
until nothing is wrapped with them any more, so that it can be changed while people work.
"""

import os
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from typing import Self

KEY_BYTES = 32
_LINE = re.compile(r"[A-Za-z0-9+/]{43}=")


class NoMasterKey(Exception):
    """There is no master key, or not the one that a data key is wrapped with."""


@dataclass(frozen=True)
class MasterKey:
    """One key; its name is told from it, and tells nothing of it."""

    secret: bytes = field(repr=False)

    @classmethod
    def made(cls) -> Self:
        """Make a new one."""
        return cls(token_bytes(KEY_BYTES))

    @property
    def name(self) -> str:
        """What it is called where something is wrapped with it."""
        return sha256(b"vetting master key v1\n" + self.secret).hexdigest()[:16]

    def __str__(self) -> str:
        """Return it as it is written down."""
        return b64encode(self.secret).decode()


class MasterKeys:
    """The master keys of an installation, the newest first."""

    def __init__(self, text: str) -> None:
        self._take(text)

    @property
    def newest(self) -> MasterKey:
        """What new data keys are wrapped with."""
        return next(iter(self._keys.values()))

    @property
    def names(self) -> tuple[str, ...]:
        """What the keys are called."""
        return tuple(self._keys)

    def __str__(self) -> str:
        """Return the keys as they are written down."""
        return " ".join(map(str, self._keys.values()))

    def named(self, name: str) -> MasterKey:
        """Return the key that is called so."""
        found = self._keys.get(name)
        if found is None:
            raise NoMasterKey(f"There is no master key {name}.")
        return found

    def _take(self, text: str) -> None:
        words = text.split()
        if not words:
            raise NoMasterKey("There is no master key.")
        if not all(map(_LINE.fullmatch, words)):
            raise NoMasterKey("What should be the master key is none.")
        keys = [MasterKey(b64decode(word)) for word in words]
        self._keys = {key.name: key for key in keys}


class MasterKeyFile(MasterKeys):
    """The master keys that a file keeps. A running program notices when the file changes."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._seen: tuple[int, ...] = ()
        self._read()

    @property
    def newest(self) -> MasterKey:
        """What new data keys are wrapped with."""
        self._read()
        return super().newest

    def named(self, name: str) -> MasterKey:
        """Return the key that is called so."""
        if name not in self._keys:
            self._read()
        return super().named(name)

    def keep(self, *keys: MasterKey) -> None:
        """Write these keys to the file and no others: whole, or not at all."""
        _write(self.file, keys)
        self._read()

    def _read(self) -> None:
        try:
            known = self.file.stat()
        except OSError:
            raise NoMasterKey(f"There is no master key: {self.file} cannot be read.") from None
        if known.st_mode & 0o077:
            raise NoMasterKey("Others may read the file of the master key; give it mode 0600.")
        seen = (known.st_ino, known.st_mtime_ns, known.st_size)
        if seen != self._seen:
            try:
                text = self.file.read_text(encoding="ascii")
            except (OSError, UnicodeDecodeError):
                raise NoMasterKey(f"There is no master key: {self.file} cannot be read.") from None
            self._take(text)
            self._seen = seen


def make_master_key(file: Path) -> bool:
    """Make the master key of an installation, unless it has one; nobody else may read it."""
    if file.exists():
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    _write(file, (MasterKey.made(),))
    return True


def _write(file: Path, keys: tuple[MasterKey, ...]) -> None:
    beside = file.with_name(f"{file.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as written:
        written.writelines(f"{key}\n" for key in keys)
        written.flush()
        os.fsync(written.fileno())
    beside.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name, too, is on the disk before anything is wrapped with the key
    finally:
        os.close(folder)


class _Held:
    keys: MasterKeys | None = None  # one installation a process


def hold(keys: MasterKeys | None) -> None:
    """Have this process wrap and unwrap with these keys, or with none."""
    _Held.keys = keys


def held() -> MasterKeys:
    """Return the keys of this process."""
    if _Held.keys is None:
        raise NoMasterKey("There is no master key.")
    return _Held.keys


def is_held() -> bool:
    """Tell whether this process has the keys."""
    return _Held.keys is not None


def hold_what_is_given(text: str | None, file: Path) -> None:
    """Hold the keys that an installation gives, if it gives any: as text, or else in a file."""
    if text is not None:
        hold(MasterKeys(text))
    elif file.exists():
        hold(MasterKeyFile(file))
