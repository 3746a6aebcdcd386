"""Log-in sessions: who holds one, in which capacity, until when. One query tells it all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
)

from vetting.engine.policy import Principal, begun_by_password
from vetting.engine.refusals import OutOfTurn
from vetting.engine.sentences import say
from vetting.engine.substitutes import EVERY_TYPE, SUBSTITUTED, Form, stand_ins
from vetting.engine.vocabulary import KIND_OF_ROLE, CaseType, Role
from vetting.records.absences import (
    IS_LIVE,
    absences,
    away_of,
    namings_at,
    read_types,
    session_links,
    substitutions,
)
from vetting.records.database import Statement
from vetting.records.emergencies import OPEN_NOW
from vetting.records.half_sign_ins import end_halves_of
from vetting.records.officers import login_sessions, officers, role_assignments
from vetting.records.organisations import organisations
from vetting.records.standing import Purpose, on_purpose


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
    back_from: str | None = None  # an absence that is over, of which there is something to read
    seen_from: tuple[str | None, str | None] = (None, None)  # address and kind of device
    # When somebody else gave the officer the password by which the session began, and which they
    # have not replaced by one of their own.
    password_given_at: str | None = None


@dataclass(frozen=True, slots=True)
class Acting:
    """For whom an officer acts, and on what that rests."""

    on_behalf_of: str  # handle of whoever is away
    name: str
    form: Form
    case_types: frozenset[CaseType]
    own_role: Role  # that the officer has themself
    links: tuple[str, ...]  # the namings, from whoever is away to the officer
    between: tuple[str, ...] = ()  # whoever passed it on along them


@dataclass(frozen=True, slots=True)
class Capacity:
    """What an officer may work as: a role for an organisation."""

    organisation: str
    role: Role
    name_vi: str
    name_en: str
    acting: Acting | None = None  # for whom, where the officer acts for somebody who is away


def token_hash(token: str) -> str:
    """Return what is kept of a session's token."""
    return sha256(token.encode(errors="replace")).hexdigest()


_s, _o, _a, _n = login_sessions.c, officers.c, role_assignments.c, organisations.c
_other = role_assignments.alias("other").c
# The assignments by which a session's officer, or whoever they act for, has its capacity today.
_IN_FORCE = (
    _a.officer == func.coalesce(_s.on_behalf_of, _s.officer),
    _a.organisation == _s.organisation,
    _a.role == _s.role,
    _a.valid_from <= bindparam("day"),
    or_(_a.valid_to.is_(None), _a.valid_to >= bindparam("day")),
)
_COMMA: Any = literal_column("','")  # said in the text, so that the driver is given none
_away, _own = officers.alias("away"), role_assignments.alias("own").c
_link, _naming, _absence = session_links.c, substitutions.c, absences.c
_is_live = and_(
    IS_LIVE, _absence.first_day <= bindparam("day"), _absence.last_day >= bindparam("day")
)
# The role of their own for which somebody acts for another.
_OWN_IN_FORCE = (
    _own.officer == _s.officer,
    _own.organisation == _s.organisation,
    _own.role == _s.own_role,
    _own.valid_from <= bindparam("day"),
    or_(_own.valid_to.is_(None), _own.valid_to >= bindparam("day")),
)
# The roles in which somebody could be named for a role: those of the same kind.
_LIKE = {
    role: frozenset(one for one in SUBSTITUTED if KIND_OF_ROLE[one] is KIND_OF_ROLE[role])
    for role in SUBSTITUTED
}


def _said(roles: Collection[Role]) -> list[ColumnElement[str]]:
    """Say roles in the text of a statement, so that the driver is given none."""
    return [literal_column(f"'{role.value}'") for role in roles]


_between, _works = officers.alias("between").c, role_assignments.alias("works").c
_gone = absences.alias("gone").c
# Whoever passed it on may sign in still, and works there in a role of the same kind.
_stands_between = and_(
    exists().where(_between.handle == _naming.substitute, _between.disabled_at.is_(None)),
    exists().where(
        _works.officer == _naming.substitute,
        _works.organisation == _naming.organisation,
        or_(
            *(
                and_(_naming.role.in_(alike), _works.role.in_(alike))
                for alike in map(_said, sorted({tuple(sorted(kind)) for kind in _LIKE.values()}))
            )
        ),
        _works.valid_from <= bindparam("day"),
        or_(_works.valid_to.is_(None), _works.valid_to >= bindparam("day")),
    ),
)
# A session in which somebody acts for another ends with any link of the chain it rests on, with
# any of its people, and with the role of their own for which they were named.
_may_act = and_(
    _away.c.disabled_at.is_(None),
    exists().where(*_OWN_IN_FORCE),
    not_(
        exists().where(
            _gone.officer == _s.officer,
            _gone.ended_at.is_(None),
            _gone.first_day <= bindparam("day"),
            _gone.last_day >= bindparam("day"),
        )
    ),
    not_(
        exists(
            select(_link.session)
            .join(substitutions, _naming.handle == _link.substitution)
            .join(absences, _absence.handle == _naming.absence)
            .where(
                _link.session == _s.mark,
                or_(not_(_is_live), and_(_naming.substitute != _s.officer, not_(_stands_between))),
            )
        )
    ),
)
_passed_on = (
    select(func.aggregate_strings(_naming.absent, _COMMA))
    .join_from(session_links, substitutions, _naming.handle == _link.substitution)
    .where(_link.session == _s.mark, _naming.absent != _s.on_behalf_of)
    .correlate(login_sessions)
    .scalar_subquery()
)
_over = absences.alias("over")
# Something was done in the officer's name while they were away, and they have not read it yet.
_back = (
    select(func.min(_over.c.handle))
    .where(
        _over.c.officer == _s.officer,
        _over.c.seen_at.is_(None),
        or_(_over.c.ended_at.is_not(None), _over.c.last_day < bindparam("day")),
        exists(
            select(_link.session)
            .join(substitutions, _naming.handle == _link.substitution)
            .where(_naming.absence == _over.c.handle, _naming.absent == _over.c.officer)
        ),
    )
    .correlate(login_sessions)
    .scalar_subquery()
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
        _s.address,
        _s.device,
        select(func.max(_own.clearance))
        .where(*_OWN_IN_FORCE)
        .scalar_subquery()
        .label("own_clearance"),
        _s.on_behalf_of,
        _s.form,
        _s.case_types,
        _away.c.name.label("away_name"),
        _passed_on.label("between"),
        _back.label("back_from"),
        OPEN_NOW.label("emergency"),
        _o.name,
        _o.language,
        _o.password_given_at,
        _n.name_vi,
        _n.name_en,
        or_(
            _s.on_behalf_of.is_not(None),
            exists().where(
                _other.officer == _s.officer,
                or_(_other.organisation != _s.organisation, _other.role != _s.role),
                _other.valid_from <= bindparam("day"),
                or_(_other.valid_to.is_(None), _other.valid_to >= bindparam("day")),
            ),
            exists(
                select(_naming.handle)
                .join(absences, _absence.handle == _naming.absence)
                .where(_naming.substitute == _s.officer, _is_live)
            ),
        ).label("has_others"),
    )
    .join_from(login_sessions, officers, _o.handle == _s.officer)
    .join(organisations, _n.code == _s.organisation)
    .outerjoin(_away, _away.c.handle == _s.on_behalf_of)
    .where(
        _s.token_hash == bindparam("token_hash"),
        _s.ended_at.is_(None),
        _o.disabled_at.is_(None),
        exists().where(*_IN_FORCE),
        or_(_s.on_behalf_of.is_(None), _may_act),
    )
)

# Once more when an act is written: until it is committed nobody can end the session.
STANDS = Statement(
    select(_s.mark)
    .join_from(login_sessions, officers, _o.handle == _s.officer)
    .outerjoin(_away, _away.c.handle == _s.on_behalf_of)
    .where(
        _s.mark == bindparam("mark"),
        _s.ended_at.is_(None),
        _o.disabled_at.is_(None),
        exists().where(*_IN_FORCE, _a.clearance >= bindparam("clearance")),
        or_(
            _s.on_behalf_of.is_(None),
            and_(
                _may_act, exists().where(*_OWN_IN_FORCE, _own.clearance >= bindparam("clearance"))
            ),
        ),
    )
    .with_for_update(read=True, of=login_sessions)
)
HAS_ENDED = OutOfTurn(say("Your session has ended in the meantime. Nothing was changed."))


def standing(principal: Principal, day: str) -> dict[str, Any]:
    """Return what `STANDS` asks with whether a session is open, and its capacity as it was."""
    return {"mark": principal.session, "clearance": principal.clearance, "day": day}


def refuse_ended(connection: Connection, principal: Principal, day: str) -> None:
    """Refuse what is done in a session that has ended, or lost its capacity, since it began."""
    if STANDS(connection, standing(principal, day)).first() is None:
        raise HAS_ENDED


def find(connection: Connection, token: str, day: str, now: str) -> Session | None:
    """Return the open session of a token, if its officer still works in its capacity."""
    given = {"token_hash": token_hash(token), "day": day, "now": now}
    with on_purpose(connection, Purpose.SESSION):
        row = _FIND(connection, given).first()
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
            # A substitute is cleared for no more than both of them are.
            clearance=row.clearance
            if row.on_behalf_of is None
            else min(row.clearance, row.own_clearance),
            emergency=frozenset(row.emergency.split(",")) if row.emergency else frozenset(),
            proved_at=row.proved_at,
            proved_with=row.proved_with,
            on_behalf_of=row.on_behalf_of,
            on_behalf_name=row.away_name,
            form=Form(row.form) if row.form else None,
            between=tuple(sorted(row.between.split(","))) if row.between else (),
            case_types=read_types(row.case_types) if row.case_types else EVERY_TYPE,
        ),
        row.language,
        row.name_vi,
        row.name_en,
        bool(row.has_others),
        row.began_at,
        row.seen_at,
        row.back_from,
        (row.address, row.device),
        row.password_given_at if begun_by_password(row.method) else None,
    )


# For whom an officer acted whose session is over by nothing else than that they are back.
_WHO_IS_BACK = Statement(
    select(_away.c.name)
    .join_from(login_sessions, _away, _away.c.handle == _s.on_behalf_of)
    .join(session_links, _link.session == _s.mark)
    .join(substitutions, _naming.handle == _link.substitution)
    .join(absences, _absence.handle == _naming.absence)
    .where(
        _s.token_hash == bindparam("token_hash"),
        _s.ended_at.is_(None),
        _naming.absent == _s.on_behalf_of,
        _naming.revoked_at.is_(None),
        or_(_absence.ended_at.is_not(None), _absence.last_day < bindparam("day")),
    )
)


def who_is_back(connection: Connection, token: str, day: str) -> str | None:
    """Return the name of whoever the holder of a token acted for, if their absence is over."""
    with on_purpose(connection, Purpose.SESSION):
        row = _WHO_IS_BACK(connection, {"token_hash": token_hash(token), "day": day}).first()
    return None if row is None else str(row.name)


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
NOTE_FROM = Statement(
    login_sessions.update()
    .where(_s.token_hash == bindparam("token_hash_"))
    .values(address=bindparam("address_"), device=bindparam("device_"))
)
INSERT_LINK = Statement(
    session_links.insert().values(session=bindparam("session"), substitution=bindparam("naming"))
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


def acting_capacities(connection: Connection, officer: str, day: str) -> Sequence[Capacity]:
    """Return for whom an officer may act on *day*: along chains, in what they left to others."""
    own = [one for one in capacities(connection, officer, day) if one.role in SUBSTITUTED]
    named = namings_at(connection, {one.organisation for one in own}, day)
    away = away_of(connection, {one.absent for one in named} | {officer}, day)
    found: list[Capacity] = []
    for one in stand_ins(named, away, day):
        mine = [
            held
            for held in own
            if one.officer == officer and one.links[0].like(held.organisation, held.role)
        ]
        absent = _working(connection, one.absent, one.organisation, {one.role}, day)
        between = (
            _working(connection, link.substitute, link.organisation, _LIKE[link.role], day)
            for link in one.links[:-1]
        )
        if not mine or absent is None or None in between:
            continue
        acting = Acting(
            one.absent,
            absent,
            one.form,
            one.case_types,
            mine[0].role,
            tuple(link.handle for link in one.links),
            one.between,
        )
        found.append(Capacity(one.organisation, one.role, mine[0].name_vi, mine[0].name_en, acting))
    return sorted(found, key=lambda one: (one.acting.name if one.acting else "", one.role))


def working_as(connection: Connection, by: Principal, capacity: Capacity, day: str) -> Principal:
    """Return an officer as they would be in another of their capacities.

    A substitute is cleared for no more than both of them are, and reads nothing in an emergency.
    """
    acting, place = capacity.acting, capacity.organisation
    own_role = acting.own_role if acting else capacity.role
    cleared = _clearance(connection, by.officer, place, own_role, day)
    if acting is not None:
        of_absent = _clearance(connection, acting.on_behalf_of, place, capacity.role, day)
        cleared = min(cleared, of_absent)
    return replace(
        by,
        role=capacity.role,
        organisation=place,
        clearance=cleared,
        emergency=frozenset(),
        on_behalf_of=acting.on_behalf_of if acting else None,
        on_behalf_name=acting.name if acting else None,
        form=acting.form if acting else None,
        between=tuple(sorted(acting.between)) if acting else (),
        case_types=acting.case_types if acting else EVERY_TYPE,
    )


def _clearance(
    connection: Connection, officer: str, organisation: str, role: Role, day: str
) -> int:
    wanted = (
        _a.officer == officer,
        _a.organisation == organisation,
        _a.role == role.value,
        _a.valid_from <= day,
        or_(_a.valid_to.is_(None), _a.valid_to >= day),
    )
    return connection.scalar(select(func.max(_a.clearance)).where(*wanted)) or 0


def _working(
    connection: Connection, officer: str, organisation: str, roles: Collection[Role], day: str
) -> str | None:
    """Return the name of an officer who may sign in and has one of these roles on *day*."""
    found: str | None = connection.scalar(
        select(_o.name)
        .join(role_assignments, _a.officer == _o.handle)
        .where(
            _o.handle == officer,
            _o.disabled_at.is_(None),
            _a.organisation == organisation,
            _a.role.in_(sorted(roles)),
            _a.valid_from <= day,
            or_(_a.valid_to.is_(None), _a.valid_to >= day),
        )
        .limit(1)
    )
    return found


def latest_capacity(connection: Connection, officer: str) -> tuple[str, str] | None:
    """Return the organisation and role that an officer worked as last."""
    row = connection.execute(
        select(_s.organisation, _s.role)
        .where(_s.officer == officer, _s.on_behalf_of.is_(None))
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
