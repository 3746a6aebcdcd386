"""Second factors: what officers have in hand beside what they know, and codes for a lost one.

The secret of an authenticator has to be read again to check a code, so it is sealed under a key
that only the installation's secret gives; a recovery code is kept as a hash, as a password is.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from vetting.engine.canonical import digest
from vetting.records.base import (
    HANDLE,
    HASH,
    METADATA,
    MOMENT,
    handle,
    optional,
    reference,
    required,
)
from vetting.records.passkeys import has_passkey, remove_passkey, remove_passkeys_of

authenticators = Table(
    "authenticators",
    METADATA,
    handle(primary_key=True),
    reference("officer", "officers.handle"),
    required("name"),
    required("secret", unique=True),  # sealed
    Column("last_step", Integer, nullable=False),  # of the newest code taken: none is taken twice
    required("added_at", MOMENT),
)
Index("ix_authenticators_officer", authenticators.c.officer)

recovery_codes = Table(
    "recovery_codes",
    METADATA,
    reference("officer", "officers.handle"),
    required("code_hash", HASH),
    optional("used_at", MOMENT),
    PrimaryKeyConstraint("officer", "code_hash"),
)

factor_resets = Table(
    "factor_resets",
    METADATA,
    reference("officer", "officers.handle"),
    required("at", MOMENT),
    Column("done_by", HANDLE, ForeignKey("officers.handle")),  # none: on the machine itself
    PrimaryKeyConstraint("officer", "at"),
)

_a, _r, _t = authenticators.c, recovery_codes.c, factor_resets.c
NONCE_BYTES = 12


class FactorKey:
    """What seals the secrets of authenticators: a key that the installation's secret gives."""

    def __init__(self, secret: bytes) -> None:
        derived = HKDF(SHA256(), 32, salt=None, info=b"vetting secrets of authenticators v1")
        self._cipher = AESGCM(derived.derive(secret))

    def seal(self, officer: str, secret: bytes) -> str:
        """Return a secret as it is kept, readable for this officer's row alone."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, secret, officer.encode())
        return urlsafe_b64encode(nonce + sealed).decode()

    def unseal(self, officer: str, sealed: str) -> bytes | None:
        """Return a secret that was sealed for this officer, and nothing for any other."""
        try:
            kept = urlsafe_b64decode(sealed.encode())
            return self._cipher.decrypt(kept[:NONCE_BYTES], kept[NONCE_BYTES:], officer.encode())
        except (InvalidTag, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class Authenticator:
    """An app or a device that shows a new code every half minute."""

    handle: str
    name: str
    secret: str  # sealed
    last_step: int
    added_at: str


def authenticators_of(connection: Connection, officer: str) -> Sequence[Authenticator]:
    """Return an officer's authenticators, the oldest first."""
    rows = connection.execute(
        select(_a.handle, _a.name, _a.secret, _a.last_step, _a.added_at)
        .where(_a.officer == officer)
        .order_by(_a.added_at, _a.handle)
    )
    return [Authenticator(*row) for row in rows]


def has_factor(connection: Connection, officer: str) -> bool:
    """Tell whether an officer has a second factor at all."""
    held = connection.scalar(select(exists().where(_a.officer == officer)))
    return bool(held) or has_passkey(connection, officer)


def add_authenticator(connection: Connection, officer: str, new: Authenticator) -> None:
    """Keep an authenticator."""
    connection.execute(
        insert(authenticators).values(
            handle=new.handle,
            officer=officer,
            name=new.name,
            secret=new.secret,
            last_step=new.last_step,
            added_at=new.added_at,
        )
    )


def take_step(connection: Connection, authenticator: str, step: int) -> bool:
    """Take the code of a time step, unless it or a later one was taken before."""
    done = connection.execute(
        update(authenticators)
        .where(_a.handle == authenticator, _a.last_step < step)
        .values(last_step=step)
    )
    return bool(done.rowcount)


def remove_factor(connection: Connection, officer: str, factor: str) -> bool:
    """Forget one of an officer's factors; tells whether it was theirs."""
    done = connection.execute(
        delete(authenticators).where(_a.handle == factor, _a.officer == officer)
    )
    return bool(done.rowcount) or remove_passkey(connection, officer, factor)


def remove_all_of(connection: Connection, officer: str) -> None:
    """Forget all of an officer's factors, and the codes for the day they are lost."""
    connection.execute(delete(authenticators).where(_a.officer == officer))
    remove_passkeys_of(connection, officer)
    connection.execute(delete(recovery_codes).where(_r.officer == officer))


def note_reset(connection: Connection, officer: str, at: str, by: str | None) -> None:
    """Remember that all of an officer's factors were taken off, and by whom."""
    connection.execute(insert(factor_resets).values(officer=officer, at=at, done_by=by))


def last_reset(connection: Connection, officer: str) -> str | None:
    """Return when an officer's factors were taken off last."""
    found: str | None = connection.scalar(select(func.max(_t.at)).where(_t.officer == officer))
    return found


def resets_of(connection: Connection, officer: str) -> list[tuple[str, str | None]]:
    """Return when an officer's factors were taken off, and by whom."""
    rows = connection.execute(select(_t.at, _t.done_by).where(_t.officer == officer))
    return [(row.at, row.done_by) for row in rows]


def code_hash(officer: str, code: str) -> str:
    """Return what is kept of a recovery code; it is long enough that nobody tries them all."""
    return digest("vetting recovery code v1", f"{officer}\n{code}".encode(errors="replace"))


def replace_recovery_codes(connection: Connection, officer: str, codes: Sequence[str]) -> None:
    """Give an officer other recovery codes; those from before are worth nothing any more."""
    connection.execute(delete(recovery_codes).where(_r.officer == officer))
    connection.execute(
        insert(recovery_codes),
        [{"officer": officer, "code_hash": code_hash(officer, code)} for code in codes],
    )


def take_recovery_code(connection: Connection, officer: str, code: str, at: str) -> bool:
    """Take a recovery code, unless it was taken before."""
    done = connection.execute(
        update(recovery_codes)
        .where(
            _r.officer == officer,
            _r.code_hash == code_hash(officer, code),
            _r.used_at.is_(None),
        )
        .values(used_at=at)
    )
    return bool(done.rowcount)


def recovery_codes_left(connection: Connection, officer: str) -> int:
    """Count the recovery codes that an officer has not used."""
    counted = select(func.count()).where(_r.officer == officer, _r.used_at.is_(None))
    return int(connection.scalar(counted.select_from(recovery_codes)) or 0)
