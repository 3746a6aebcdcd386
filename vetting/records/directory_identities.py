"""Whom a directory means: its own mark of a person, tied to one officer, and answers it gave."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    delete,
    insert,
    select,
    update,
)

from vetting.records.base import (
    HASH,
    METADATA,
    MOMENT,
    reference,
    required,
)
from vetting.records.officers import officers

directory_identities = Table(
    "directory_identities",
    METADATA,
    required("provider"),
    required("subject"),
    reference("officer", "officers.handle"),
    required("login"),  # as it was written there when last it opened a session
    required("linked_at", MOMENT),
    reference("linked_by", "officers.handle", nullable=True),  # nobody: by the first log-in
    PrimaryKeyConstraint("provider", "subject"),
    UniqueConstraint("provider", "officer"),
)

directory_answers = Table(
    "directory_answers",
    METADATA,
    required("state", HASH, primary_key=True),  # what an answer of a provider came back with
    required("at", MOMENT),
)

_c, _o = directory_identities.c, officers.c


@dataclass(frozen=True, slots=True)
class Identity:
    """What a directory calls an officer."""

    provider: str
    subject: str
    officer: str
    login: str
    linked_at: str
    linked_by: str | None = None


def officer_of(connection: Connection, provider: str, subject: str) -> Any | None:  # noqa: ANN401  # a row
    """Return the officer whom a directory's mark is tied to, let in or not."""
    return connection.execute(
        select(_o.handle, _o.login, _o.language)
        .join(directory_identities, _c.officer == _o.handle)
        .where(_c.provider == provider, _c.subject == subject)
    ).first()


def identity_of(connection: Connection, provider: str, officer: str) -> Identity | None:
    """Return what a directory calls an officer."""
    row = connection.execute(
        select(directory_identities).where(_c.provider == provider, _c.officer == officer)
    ).first()
    return Identity(*row) if row else None


def link(connection: Connection, identity: Identity) -> None:
    """Tie a directory's mark of a person to an officer."""
    connection.execute(insert(directory_identities).values(asdict(identity)))


def keep_login(connection: Connection, provider: str, subject: str, login: str) -> None:
    """Remember how a log-in is written there now."""
    connection.execute(
        update(directory_identities)
        .where(_c.provider == provider, _c.subject == subject, _c.login != login)
        .values(login=login)
    )


def unlink(connection: Connection, officer: str) -> bool:
    """Untie an officer from every directory; tells whether they were tied."""
    done = connection.execute(delete(directory_identities).where(_c.officer == officer))
    return bool(done.rowcount)


def note_answer(connection: Connection, state: str, at: str, forget_before: str) -> None:
    """Write down that a provider's answer came back, which it may do once."""
    a = directory_answers.c
    connection.execute(delete(directory_answers).where(a.at < forget_before))
    connection.execute(insert(directory_answers).values(state=state, at=at))
