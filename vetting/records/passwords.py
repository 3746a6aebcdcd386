"""Passwords: kept as Argon2id hashes, and checked at the same cost whether or not there is one."""

from argon2 import Parameters, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

LONGEST = 256  # characters; a longer one is refused before it costs anything


class Passwords:
    """One cost for all passwords of an installation: RFC 9106, its profile for less memory."""

    def __init__(self, parameters: Parameters = RFC_9106_LOW_MEMORY) -> None:
        self._hasher = PasswordHasher.from_parameters(parameters)
        self._nobodys = self._hasher.hash("")

    def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        return self._hasher.hash(password)

    def fits(self, kept: str | None, password: str) -> bool:
        """Tell whether a password is the one that is kept; takes as long where none is kept."""
        known = kept is not None and kept.startswith("$argon2")
        try:
            self._hasher.verify(kept if kept is not None and known else self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return known

    def is_dated(self, kept: str) -> bool:
        """Tell whether a hash was made at another cost than today's."""
        return self._hasher.check_needs_rehash(kept)
