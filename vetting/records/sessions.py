"""Log-in sessions: who holds one, in which capacity, until when. One query tells it all."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, func, or_, select

from vetting.engine.policy import Principal
from vetting.engine.vocabulary import Role
from vetting.records.database import Statement
from vetting.records.half_sign_ins import end_halves_of
from vetting.records.officers import login_sessions, officers, role_assignments
from vetting.records.organisations import organisations


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in session as it stands: the officer, the capacity, and what the pages say of both."""

    principal: Principal
    language: str
    capacity_vi: str  # the organisation's name
    capacity_en: str
    has_others: bool  # further capacities to switch to
    began_at: str
    seen_at: str


@dataclass(frozen=True, slots=True)
class Capacity:
    """What an officer may work as: a role for an organisation."""

    organisation: str
    role: Role
    name_vi: str
    name_en: str


def token_hash(token: str) -> str:
    """Return what is kept of a session's token."""
    return sha256(token.encode(errors="replace")).hexdigest()


_s, _o, _a, _n = login_sessions.c, officers.c, role_assignments.c, organisations.c
_other = role_assignments.alias("other").c
# The assignments by which a session's officer works in its capacity today.
_IN_FORCE = (
    _a.officer == _s.officer,
    _a.organisation == _s.organisation,
    _a.role == _s.role,
    _a.valid_from <= bindparam("day"),
    or_(_a.valid_to.is_(None), _a.valid_to >= bindparam("day")),
)
_FIND = Statement(
    select(
        _s.mark,
        _s.officer,
        _s.organisation,
        _s.role,
        _s.method,
        _s.began_at,
        _s.seen_at,
        select(func.max(_a.clearance)).where(*_IN_FORCE).scalar_subquery().label("clearance"),
        _s.proved_at,
        _s.proved_with,
        _o.name,
        _o.language,
        _n.name_vi,
        _n.name_en,
        exists()
        .where(
            _other.officer == _s.officer,
            or_(_other.organisation != _s.organisation, _other.role != _s.role),
            _other.valid_from <= bindparam("day"),
            or_(_other.valid_to.is_(None), _other.valid_to >= bindparam("day")),
        )
        .label("has_others"),
    )
    .join_from(login_sessions, officers, _o.handle == _s.officer)
    .join(organisations, _n.code == _s.organisation)
    .where(
        _s.token_hash == bindparam("token_hash"),
        _s.ended_at.is_(None),
        _o.disabled_at.is_(None),
        exists().where(*_IN_FORCE),
    )
)


def find(connection: Connection, token: str, day: str) -> Session | None:
    """Return the open session of a token, if its officer still works in its capacity."""
    row = _FIND(connection, {"token_hash": token_hash(token), "day": day}).first()
    if row is None:
        return None
    return Session(
        Principal(
            row.officer,
            row.name,
            Role(row.role),
            row.organisation,
            row.mark,
            row.method,
            clearance=row.clearance,
            proved_at=row.proved_at,
            proved_with=row.proved_with,
        ),
        row.language,
        row.name_vi,
        row.name_en,
        bool(row.has_others),
        row.began_at,
        row.seen_at,
    )


INSERT = Statement(
    login_sessions.insert().values(
        {column.name: bindparam(column.name) for column in login_sessions.c}
    )
)
TOUCH = Statement(
    login_sessions.update()
    .where(_s.token_hash == bindparam("token_hash_"))
    .values(seen_at=bindparam("seen_at"))
)
END = Statement(
    login_sessions.update()
    .where(_s.token_hash == bindparam("token_hash_"), _s.ended_at.is_(None))
    .values(ended_at=bindparam("ended_at"))
)


def end_all_of(connection: Connection, officer: str, at: str) -> None:
    """End every session of an officer, and what is half-way to one."""
    end_halves_of(connection, officer)
    connection.execute(
        login_sessions.update()
        .where(_s.officer == officer, _s.ended_at.is_(None))
        .values(ended_at=at)
    )


def capacities(connection: Connection, officer: str, day: str) -> Sequence[Capacity]:
    """Return what an officer may work as on *day*."""
    rows = connection.execute(
        select(_a.organisation, _a.role, _n.name_vi, _n.name_en)
        .join(organisations, _n.code == _a.organisation)
        .where(
            _a.officer == officer,
            _a.valid_from <= day,
            or_(_a.valid_to.is_(None), _a.valid_to >= day),
        )
        .distinct()
        .order_by(_n.name_vi, _a.role)
    )
    return [Capacity(row.organisation, Role(row.role), row.name_vi, row.name_en) for row in rows]


def latest_capacity(connection: Connection, officer: str) -> tuple[str, str] | None:
    """Return the organisation and role that an officer worked as last."""
    row = connection.execute(
        select(_s.organisation, _s.role)
        .where(_s.officer == officer)
        .order_by(_s.seen_at.desc(), func.coalesce(_s.ended_at, "still open").desc())
        .limit(1)
    ).first()
    return (row.organisation, row.role) if row else None


def officer_by_login(connection: Connection, login: str) -> Any | None:  # noqa: ANN401  # a row
    """Return the officer of a log-in who may sign in at all."""
    return connection.execute(
        select(_o.handle, _o.password_hash, _o.language).where(
            and_(_o.login == login, _o.disabled_at.is_(None), _o.robot == 0)
        )
    ).first()


def password_now(connection: Connection, officer: str) -> str | None:
    """Return the hash of an officer's password, unless they are let in no more.

    Until the transaction ends nobody can give them another one, or disable them.
    """
    found: str | None = connection.scalar(
        select(_o.password_hash)
        .where(_o.handle == officer, _o.disabled_at.is_(None))
        .with_for_update(key_share=True)
    )
    return found


def officer_now(connection: Connection, officer: str) -> Any | None:  # noqa: ANN401  # a row
    """Return an officer who may sign in, whom nobody can shut out until the transaction ends."""
    return connection.execute(
        select(_o.login, _o.language)
        .where(_o.handle == officer, _o.disabled_at.is_(None))
        .with_for_update(key_share=True)
    ).first()


def prove(connection: Connection, mark: str, method: str, at: str, proof: str) -> bool:
    """Note when and with what the officer of a session proved who they are, unless it has ended."""
    done = connection.execute(
        login_sessions.update()
        .where(_s.mark == mark, _s.ended_at.is_(None))
        .values(method=method, proved_at=at, proved_with=proof)
    )
    return bool(done.rowcount)


def last_proof(connection: Connection, mark: str) -> tuple[str, str] | None:
    """Return when and with what the officer of an open session proved who they are last."""
    row = connection.execute(
        select(_s.proved_at, _s.proved_with).where(
            _s.mark == mark, _s.ended_at.is_(None), _s.proved_at.is_not(None)
        )
    ).first()
    return (row.proved_at, row.proved_with) if row else None


def end_one_of(connection: Connection, officer: str, mark: str, at: str) -> bool:
    """End a session of an officer, unless it has ended; tells whether it is theirs at all."""
    done = connection.execute(
        login_sessions.update()
        .where(_s.mark == mark, _s.officer == officer)
        .values(ended_at=func.coalesce(_s.ended_at, at))
    )
    return bool(done.rowcount)


def end_others_of(connection: Connection, officer: str, mark: str, at: str) -> None:
    """End every session of an officer but the one of this mark, and what is half-way to one."""
    end_halves_of(connection, officer)
    connection.execute(
        login_sessions.update()
        .where(_s.officer == officer, _s.mark != mark, _s.ended_at.is_(None))
        .values(ended_at=at)
    )


def renew(connection: Connection, mark: str, token: str) -> bool:
    """Let a session go on under another token, unless it has ended; the old one opens nothing."""
    done = connection.execute(
        login_sessions.update()
        .where(_s.mark == mark, _s.ended_at.is_(None))
        .values(token_hash=token_hash(token))
    )
    return bool(done.rowcount)
