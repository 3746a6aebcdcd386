"""Role changes: who gave an officer a role, cleared them in it, or ended it; kept for good."""

from dataclasses import dataclass

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Table,
    func,
    insert,
    select,
)

from vetting.records.base import (
    CODE,
    HANDLE,
    METADATA,
    MOMENT,
    WORD,
    handle,
    optional,
    reference,
    required,
)

role_changes = Table(
    "role_changes",
    METADATA,
    handle(primary_key=True),
    reference("officer", "officers.handle"),
    reference("organisation", "organisations.code", CODE),
    required("role", WORD),
    required("kind", WORD),
    required("value"),  # given: first day/last day/level; cleared: level; ended: last day
    Column("done_by", HANDLE, ForeignKey("officers.handle")),  # none: on the machine itself
    optional("session", HANDLE),
    required("at", MOMENT),
    optional("confirmed_by", HANDLE),  # the second administrator; none: it took one, or none
    CheckConstraint("kind IN ('given','cleared','ended')", "known_kind"),
)
Index("ix_role_changes_officer", role_changes.c.officer, role_changes.c.at)

GIVEN, CLEARED, ENDED = "given", "cleared", "ended"


@dataclass(frozen=True)
class RoleChange:
    """What was done about one role of an officer, by whom and when."""

    handle: str
    officer: str
    organisation: str
    role: str
    kind: str
    value: str
    done_by: str | None
    session: str | None
    at: str
    confirmed_by: str | None = None  # the second administrator, where it takes two


def note_role_changes(connection: Connection, changes: list[RoleChange]) -> None:
    """Write down what was done, with the same transaction that does it."""
    if changes:
        rows = [{name: getattr(one, name) for name in _COLUMNS} for one in changes]
        connection.execute(insert(role_changes), rows)


def role_changes_of(connection: Connection, officer: str) -> list[RoleChange]:
    """Return what was done about the roles of an officer, newest first."""
    c = role_changes.c
    rows = connection.execute(
        select(role_changes).where(c.officer == officer).order_by(c.at.desc(), c.handle)
    )
    return [RoleChange(*row) for row in rows]


def given_at(
    connection: Connection, officer: str, organisation: str, role: str, since: str
) -> str | None:
    """Return when an officer was given a role that counts from a day; None: it is not known."""
    c = role_changes.c
    at: str | None = connection.scalar(
        select(func.max(c.at)).where(
            c.officer == officer,
            c.organisation == organisation,
            c.role == role,
            c.kind == GIVEN,
            c.value.startswith(f"{since}/", autoescape=True),
        )
    )
    return at


_COLUMNS = [column.name for column in role_changes.c]
