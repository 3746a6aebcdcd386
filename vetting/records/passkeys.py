"""Passkeys: public keys of devices that sign a question for this site, and the questions put.

Nothing here is secret: what signs never leaves the device.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Table,
    delete,
    exists,
    insert,
    select,
    update,
)

from vetting.records.base import HASH, METADATA, MOMENT, handle, reference, required

passkeys = Table(
    "passkeys",
    METADATA,
    handle(primary_key=True),
    reference("officer", "officers.handle"),
    required("name"),
    required("credential", unique=True),  # the device's own name for it
    required("public_key"),
    Column("sign_count", BigInteger, nullable=False),  # stays 0 where a device does not count
    required("added_at", MOMENT),
)
Index("ix_passkeys_officer", passkeys.c.officer)

passkey_questions = Table(
    "passkey_questions",
    METADATA,
    Column("question", HASH, primary_key=True),
    required("place"),  # the session, or the half-way sign-in, that it was put to, and what for
    required("asked_at", MOMENT),
)

_p, _q = passkeys.c, passkey_questions.c


@dataclass(frozen=True, slots=True)
class Passkey:
    """A key pair of which we have the public half."""

    handle: str
    name: str
    credential: str
    public_key: str
    sign_count: int
    added_at: str


def passkeys_of(connection: Connection, officer: str) -> Sequence[Passkey]:
    """Return an officer's passkeys, the oldest first."""
    rows = connection.execute(
        select(_p.handle, _p.name, _p.credential, _p.public_key, _p.sign_count, _p.added_at)
        .where(_p.officer == officer)
        .order_by(_p.added_at, _p.handle)
    )
    return [Passkey(*row) for row in rows]


def has_passkey(connection: Connection, officer: str) -> bool:
    """Tell whether an officer has a passkey."""
    return bool(connection.scalar(select(exists().where(_p.officer == officer))))


def add_passkey(connection: Connection, officer: str, new: Passkey) -> None:
    """Keep a passkey."""
    connection.execute(
        insert(passkeys).values(
            handle=new.handle,
            officer=officer,
            name=new.name,
            credential=new.credential,
            public_key=new.public_key,
            sign_count=new.sign_count,
            added_at=new.added_at,
        )
    )


def count_on(connection: Connection, passkey: Passkey, sign_count: int) -> bool:
    """Keep a device's new count, unless somebody else's answer moved it in the meantime."""
    done = connection.execute(
        update(passkeys)
        .where(_p.handle == passkey.handle, _p.sign_count == passkey.sign_count)
        .values(sign_count=sign_count)
    )
    return bool(done.rowcount)


def remove_passkey(connection: Connection, officer: str, passkey: str) -> bool:
    """Forget a passkey of an officer; tells whether it was theirs."""
    done = connection.execute(delete(passkeys).where(_p.handle == passkey, _p.officer == officer))
    return bool(done.rowcount)


def remove_passkeys_of(connection: Connection, officer: str) -> None:
    """Forget every passkey of an officer."""
    connection.execute(delete(passkeys).where(_p.officer == officer))


def note_question(connection: Connection, question: str, place: str, at: str) -> None:
    """Remember a question that is put."""
    connection.execute(
        insert(passkey_questions).values(question=question, place=place, asked_at=at)
    )


def take_question(connection: Connection, question: str, place: str, since: str) -> bool:
    """Take a question once, in the place it was put to, unless it was put before *since*."""
    done = connection.execute(
        delete(passkey_questions).where(
            _q.question == question, _q.place == place, _q.asked_at >= since
        )
    )
    return bool(done.rowcount)


def forget_questions_before(connection: Connection, at: str) -> None:
    """Forget questions that are too old to be answered."""
    connection.execute(delete(passkey_questions).where(_q.asked_at < at))
