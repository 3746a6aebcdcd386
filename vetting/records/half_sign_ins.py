"""Sign-ins that are half-way: the password was right, the second factor is still asked for."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    Select,
    Table,
    delete,
    insert,
    select,
    update,
)

from vetting.records.base import HASH, METADATA, MOMENT, WORD, reference, required

half_sign_ins = Table(
    "half_sign_ins",
    METADATA,
    Column("token_hash", HASH, primary_key=True),  # only the browser has the token itself
    reference("officer", "officers.handle"),
    required("method", WORD),  # what was proved first
    required("counted", HASH),  # under what the attempt is counted
    required("source"),
    Column("tries", Integer, nullable=False),
    required("began_at", MOMENT),
)
Index("ix_half_sign_ins_officer", half_sign_ins.c.officer)

_h = half_sign_ins.c


@dataclass(frozen=True, slots=True)
class HalfSignIn:
    """A sign-in whose password was right and whose second factor is asked for."""

    officer: str
    method: str
    counted: str
    source: str
    tries: int


def begin_half(connection: Connection, token_hash: str, half: HalfSignIn, at: str) -> None:
    """Note that somebody is half-way in."""
    connection.execute(
        insert(half_sign_ins).values(
            token_hash=token_hash,
            officer=half.officer,
            method=half.method,
            counted=half.counted,
            source=half.source,
            tries=half.tries,
            began_at=at,
        )
    )


def read_half(connection: Connection, token_hash: str, since: str) -> HalfSignIn | None:
    """Return the sign-in that is half-way under a token, unless it began before *since*."""
    return _half(connection, _FOUND.where(_h.token_hash == token_hash, _h.began_at > since))


def find_half(connection: Connection, token_hash: str, since: str) -> HalfSignIn | None:
    """Return the same, for this transaction alone until it ends."""
    wanted = _FOUND.where(_h.token_hash == token_hash, _h.began_at > since)
    return _half(connection, wanted.with_for_update())


_FOUND = select(_h.officer, _h.method, _h.counted, _h.source, _h.tries)


def _half(connection: Connection, wanted: Select[tuple[Any, ...]]) -> HalfSignIn | None:
    row = connection.execute(wanted).first()
    return HalfSignIn(*row) if row else None


def count_try(connection: Connection, token_hash: str) -> None:
    """Count one more try at the second factor."""
    connection.execute(
        update(half_sign_ins).where(_h.token_hash == token_hash).values(tries=_h.tries + 1)
    )


def end_half(connection: Connection, token_hash: str) -> bool:
    """Forget a sign-in that is half-way; tells whether there still was one."""
    done = connection.execute(delete(half_sign_ins).where(_h.token_hash == token_hash))
    return bool(done.rowcount)


def end_halves_of(connection: Connection, officer: str) -> None:
    """Forget everything that is half-way in under an officer's name."""
    connection.execute(delete(half_sign_ins).where(_h.officer == officer))


def end_halves_before(connection: Connection, at: str) -> None:
    """Forget what is too old to be finished."""
    connection.execute(delete(half_sign_ins).where(_h.began_at < at))
