"""Officers and what they are entrusted with, for the administrator."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from vetting.engine.names import folded
from vetting.engine.refusals import Unknown
from vetting.engine.role_proposals import Answer, RoleProposal
from vetting.engine.sentences import say
from vetting.engine.vocabulary import Role
from vetting.queries.keyset import PAGE, Page, read_mark
from vetting.queries.names_of import names_of_officers
from vetting.records import factors
from vetting.records.officer_changes import LOGIN, NAME, officer_changes_of, read_from_to
from vetting.records.officers import administering, officers, role_assignments
from vetting.records.role_changes import CLEARED, ENDED, RoleChange, role_changes_of
from vetting.records.role_proposals import not_given_to, waiting_of


@dataclass(frozen=True)
class Entrusted:
    """One role of an officer, for a time."""

    role: Role
    organisation: str
    valid_from: str | None
    valid_to: str | None
    clearance: int


@dataclass(frozen=True)
class RoleDone:
    """What was done about a role of an officer, and by whom."""

    role: Role
    organisation: str
    kind: str
    valid_from: str | None
    last_day: str | None
    level: int
    by: str | None  # a name; none: on the machine itself
    at: str
    second: str | None = None  # the name of whoever confirmed or refused it
    sentence: str = ""  # with which it was refused


FACTORS_OFF = "factors_off"


@dataclass(frozen=True)
class AccountDone:
    """What was done to an officer's account, and by whom."""

    kind: str
    before: str  # of a name or a log-in
    after: str
    by: str | None  # a name; none: on the machine itself
    at: str


@dataclass(frozen=True)
class Officer:
    """One officer."""

    handle: str
    login: str
    name: str
    disabled_at: str | None
    robot: bool
    roles: tuple[Entrusted, ...]
    waiting: tuple[RoleProposal, ...] = ()  # for a second administrator
    has_factor: bool = False  # told on the page of one officer
    factors_off_at: str | None = None
    mail_address: str | None = None
    changes: tuple[RoleDone, ...] = ()
    account: tuple[AccountDone, ...] = ()  # what was done to the account, newest first
    password_given_at: str | None = None  # and not replaced by one of their own

    def roles_from(self, day: str) -> list[Entrusted]:
        """Return the roles that have not ended before *day*."""
        return [one for one in self.roles if one.valid_to is None or one.valid_to >= day]


def officer_list(
    connection: Connection,
    organisation: str | None = None,
    after: str | None = None,
    words: str = "",
) -> Page[Officer]:
    """Return a page of officers by name, all or those of one organisation; three statements.

    *words* keeps those whose name or log-in has them, with or without marks.
    """
    o = officers.c
    statement = select(o.handle, o.login, o.name, o.disabled_at, o.robot)
    if organisation is not None:
        statement = statement.where(
            o.handle.in_(
                select(role_assignments.c.officer).where(
                    role_assignments.c.organisation == organisation
                )
            )
        )
    if mark := read_mark(after, 1):
        last = select(o.sort_key).where(o.handle == mark[0]).scalar_subquery()
        statement = statement.where(
            or_(o.sort_key > last, and_(o.sort_key == last, o.handle > mark[0]))
        )
    statement = statement.order_by(o.sort_key, o.handle)
    wanted = folded(words)
    if not wanted:
        statement = statement.limit(PAGE + 1)
    found = connection.execute(statement)
    rows = list(islice((row for row in found if _has(row, wanted)), PAGE + 1))
    found.close()
    shown = rows[:PAGE]
    handles = [row.handle for row in shown]
    roles, waits = _roles(connection, handles), waiting_of(connection, handles)
    return Page(
        tuple(_officer(row, roles, waits) for row in shown),
        shown[-1].handle if len(rows) > PAGE else None,
        after or None,
    )


def _has(row: Row[*tuple[Any, ...]], wanted: str) -> bool:
    return wanted in folded(row.name) or wanted in folded(row.login)


def officer_page(connection: Connection, handle: str) -> Officer:
    """Return one officer, in a few statements."""
    o = officers.c
    row = connection.execute(
        select(
            o.handle,
            o.login,
            o.name,
            o.disabled_at,
            o.robot,
            o.mail_address,
            o.password_given_at,
        ).where(o.handle == handle)
    ).first()
    if row is None:
        raise Unknown(say("There is no such officer."))
    return replace(
        _officer(row, _roles(connection, [handle]), waiting_of(connection, [handle])),
        mail_address=row.mail_address,
        has_factor=factors.has_factor(connection, handle),
        factors_off_at=factors.last_reset(connection, handle),
        changes=tuple(sorted(_changes(connection, handle), key=lambda one: one.at, reverse=True)),
        account=tuple(_account(connection, handle)),
        password_given_at=row.password_given_at,
    )


def administrators(connection: Connection, day: str) -> frozenset[str]:
    """Return who may sign in and is an administrator on *day*."""
    return frozenset(connection.scalars(administering(day)))


def _account(connection: Connection, officer: str) -> list[AccountDone]:
    done = officer_changes_of(connection, officer)
    resets = factors.resets_of(connection, officer)
    who = {one.done_by for one in done} | {by for _, by in resets}
    names = names_of_officers(connection, {one for one in who if one})
    told = [
        AccountDone(
            one.kind,
            *(read_from_to(one.value) if one.kind in {NAME, LOGIN} else ("", one.value)),
            names[one.done_by] if one.done_by else None,
            one.at,
        )
        for one in done
    ]
    told += [AccountDone(FACTORS_OFF, "", "", names[by] if by else None, at) for at, by in resets]
    return sorted(told, key=lambda one: one.at, reverse=True)


def _changes(connection: Connection, officer: str) -> Iterator[RoleDone]:
    found = role_changes_of(connection, officer)
    came_to_nothing = not_given_to(connection, officer)
    people = {name for one in found for name in (one.done_by, one.confirmed_by)}
    people |= {name for one in came_to_nothing for name in (one.proposal.proposed_by, one.by)}
    names = names_of_officers(connection, {name for name in people if name})
    for said in came_to_nothing:
        one_given = said.proposal
        yield RoleDone(
            one_given.role,
            one_given.organisation,
            said.kind.value,
            one_given.valid_from or None,
            one_given.valid_to,
            one_given.clearance,
            names[one_given.proposed_by],
            said.at,
            names[said.by] if said.kind is Answer.REFUSED else None,
            said.sentence,
        )
    for one in found:
        since, until, level = _read(one)
        yield RoleDone(
            Role(one.role),
            one.organisation,
            one.kind,
            since or None,
            until or None,
            int(level),
            names[one.done_by] if one.done_by else None,
            one.at,
            names[one.confirmed_by] if one.confirmed_by else None,
        )


def _read(one: RoleChange) -> tuple[str, str, str]:
    """Return what a change says: the first day, the last day, the level."""
    if one.kind == CLEARED:
        return "", "", one.value
    if one.kind == ENDED:
        return "", one.value, "0"
    since, until, level = one.value.split("/")
    return since, until, level


def _officer(
    row: Row[*tuple[Any, ...]],
    roles: dict[str, list[Entrusted]],
    waits: dict[str, list[RoleProposal]],
) -> Officer:
    return Officer(
        row.handle,
        row.login,
        row.name,
        row.disabled_at,
        bool(row.robot),
        tuple(roles.get(row.handle, ())),
        tuple(waits.get(row.handle, ())),
    )


def _roles(connection: Connection, handles: list[str]) -> dict[str, list[Entrusted]]:
    a = role_assignments.c
    found: dict[str, list[Entrusted]] = defaultdict(list)
    for row in connection.execute(
        select(role_assignments)
        .where(a.officer.in_(handles))
        .order_by(a.officer, a.valid_from, a.role)
    ):
        found[row.officer].append(
            Entrusted(
                Role(row.role),
                row.organisation,
                row.valid_from or None,
                row.valid_to,
                row.clearance,
            )
        )
    return found
