"""Officers, what they are entrusted with and when, and their log-in sessions."""

from collections.abc import Collection

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Select,
    String,
    Table,
    Text,
    func,
    or_,
    select,
)

from vetting.engine.vocabulary import Role
from vetting.records.base import (
    CODE,
    DAY,
    HANDLE,
    HASH,
    METADATA,
    MOMENT,
    WORD,
    handle,
    optional,
    reference,
    required,
)

officers = Table(
    "officers",
    METADATA,
    handle(primary_key=True),
    required("login", unique=True),
    required("name"),
    required("sort_key"),
    required("password_hash"),
    Column("language", WORD, nullable=False, server_default="vi"),
    optional("disabled_at", MOMENT),
    optional("mail_address"),
    optional("password_given_at", MOMENT),  # by somebody else: until they choose one of their own
    Column("robot", Integer, nullable=False, server_default="0"),
)

role_assignments = Table(
    "role_assignments",
    METADATA,
    reference("officer", "officers.handle"),
    reference("organisation", "organisations.code", CODE),
    required("role", WORD),
    Column("valid_from", DAY, nullable=False, server_default=""),
    optional("valid_to", DAY),
    # The highest level of restricted cases that the officer may know of in this capacity.
    Column("clearance", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("officer", "organisation", "role", "valid_from"),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", "in_order"),
    CheckConstraint("clearance BETWEEN 0 AND 3", "clearance_known"),
)
Index("ix_role_assignments_organisation", role_assignments.c.organisation)

NO_PASSWORD = "!"  # noqa: S105  # no password has this hash

login_sessions = Table(
    "login_sessions",
    METADATA,
    Column("token_hash", HASH, primary_key=True),  # only the browser has the token itself
    required("mark", HANDLE, unique=True),  # the session's public name in the history
    reference("officer", "officers.handle"),
    reference("organisation", "organisations.code", CODE),
    required("role", WORD),
    required("method", WORD),
    required("began_at", MOMENT),
    required("seen_at", MOMENT),
    optional("ended_at", MOMENT),
    optional("proved_at", MOMENT),  # when the officer last proved who they are
    optional("proved_with", WORD),
    # For a session in which an officer acts for somebody who is away: for whom, in which form, in
    # which role of their own they were named, and for which case types (a list; empty: for all).
    optional("on_behalf_of", HANDLE),
    optional("form", WORD),
    optional("own_role", WORD),
    optional("case_types"),
    optional("address", String(45)),  # from where it was used last
    optional("device", WORD),  # and on what kind
)
Index("ix_login_sessions_officer", login_sessions.c.officer)

failed_logins = Table(
    "failed_logins",
    METADATA,
    required("login"),
    required("source", Text()),
    required("at", MOMENT),
)
Index("ix_failed_logins_login_at", failed_logins.c.login, failed_logins.c.at)
Index("ix_failed_logins_source_at", failed_logins.c.source, failed_logins.c.at)


def clearance_of(connection: Connection, officer: str, organisation: str, day: str) -> int | None:
    """Return what an officer is cleared for in an organisation, or None if they are not of it."""
    a = role_assignments.c
    found: int | None = connection.scalar(
        select(func.max(a.clearance))
        .join(officers, officers.c.handle == a.officer)
        .where(
            a.officer == officer,
            a.organisation == organisation,
            a.valid_from <= day,
            or_(a.valid_to.is_(None), a.valid_to >= day),
            officers.c.disabled_at.is_(None),
        )
    )
    return found


def administering(day: str) -> Select[tuple[str]]:
    """Return the query for whoever may sign in and is an administrator on *day*."""
    o, a = officers.c, role_assignments.c
    return (
        select(a.officer)
        .join(officers, o.handle == a.officer)
        .where(
            a.role == Role.ADMINISTRATOR.value,
            a.valid_from <= day,
            or_(a.valid_to.is_(None), a.valid_to >= day),
            o.disabled_at.is_(None),
            o.robot == 0,
        )
    )


def hold_officers(connection: Connection, handles: Collection[str]) -> None:
    """Let nobody else change these officers until the transaction ends, in one order for all."""
    connection.execute(
        select(officers.c.handle)
        .where(officers.c.handle.in_(sorted(handles)))
        .order_by(officers.c.handle)
        .with_for_update(key_share=True)
    ).all()


def organisations_of(connection: Connection, officers: Collection[str], day: str) -> set[str]:
    """Return where some officers have a role on *day*."""
    a = role_assignments.c
    return set(
        connection.scalars(
            select(a.organisation).where(
                a.officer.in_(sorted(officers)),
                a.valid_from <= day,
                or_(a.valid_to.is_(None), a.valid_to >= day),
            )
        )
    )


def is_of(connection: Connection, officer: str, organisation: str, day: str) -> bool:
    """Tell whether an officer has a role in an organisation on *day* and can work."""
    return clearance_of(connection, officer, organisation, day) is not None
