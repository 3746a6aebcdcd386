"""Officer changes: what was done to an officer's account, by whom and when; kept for good.

What somebody may do is told by `role_changes`; that factors were taken off, by `factor_resets`.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import CheckConstraint, Column, Connection, ForeignKey, Index, Table, insert, select

from vetting.records.base import (
    HANDLE,
    METADATA,
    MOMENT,
    WORD,
    handle,
    optional,
    reference,
    required,
)

officer_changes = Table(
    "officer_changes",
    METADATA,
    handle(primary_key=True),
    reference("officer", "officers.handle"),
    required("kind", WORD),
    required("value"),  # entered: the log-in; name, login: what it was and what it is, line by line
    Column("done_by", HANDLE, ForeignKey("officers.handle")),  # none: on the machine itself
    optional("session", HANDLE),
    required("at", MOMENT),
    CheckConstraint(
        "kind IN ('entered','password','disabled','let_in','name','login','mail')", "known_kind"
    ),
)
Index("ix_officer_changes_officer", officer_changes.c.officer, officer_changes.c.at)

ENTERED, PASSWORD, DISABLED, LET_IN = "entered", "password", "disabled", "let_in"
NAME, LOGIN, MAIL = "name", "login", "mail"


@dataclass(frozen=True)
class OfficerChange:
    """What was done to an officer's account, by whom and when."""

    handle: str
    officer: str
    kind: str
    value: str
    done_by: str | None
    session: str | None
    at: str


def note_officer_changes(connection: Connection, changes: list[OfficerChange]) -> None:
    """Write down what was done, with the same transaction that does it."""
    if changes:
        rows = [{name: getattr(one, name) for name in _COLUMNS} for one in changes]
        connection.execute(insert(officer_changes), rows)


def officer_changes_of(connection: Connection, officer: str) -> list[OfficerChange]:
    """Return what was done to the account of an officer, newest first."""
    c = officer_changes.c
    rows = connection.execute(
        select(officer_changes).where(c.officer == officer).order_by(c.at.desc(), c.handle)
    )
    return [OfficerChange(*row) for row in rows]


def changed_at(connection: Connection, change: str) -> str | None:
    """Return when a change was made, by its handle; None: it was not."""
    c = officer_changes.c
    at: str | None = connection.scalar(select(c.at).where(c.handle == change))
    return at


def who_gave_log_ins(connection: Connection, officers: Collection[str]) -> dict[str, str | None]:
    """Return who entered each of some officers, or gave them their last password.

    None, or nothing: it was done on the machine itself.
    """
    c = officer_changes.c
    rows = connection.execute(
        select(c.officer, c.done_by)
        .where(c.officer.in_(sorted(officers)), c.kind.in_([ENTERED, PASSWORD]))
        .order_by(c.at, c.handle)
    )
    return {row.officer: row.done_by for row in rows}  # the last of each stays


def from_to(before: str, after: str) -> str:
    """Return the value of a change of a name: neither the one nor the other has a second line."""
    return f"{before}\n{after}"


def read_from_to(value: str) -> tuple[str, str]:
    """Return what a name was, and what it is, from the value of a change."""
    before, _, after = value.partition("\n")
    return before, after


_COLUMNS = [column.name for column in officer_changes.c]
