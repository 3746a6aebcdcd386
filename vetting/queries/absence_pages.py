"""Absences as their pages show them: whose, when, who acts meanwhile, and who could be named."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, or_, select, union

from vetting.engine.policy import Principal
from vetting.engine.refusals import Unknown
from vetting.engine.sentences import say
from vetting.engine.substitutes import EVERY_TYPE, SUBSTITUTED, Form
from vetting.engine.vocabulary import KIND_OF_ROLE, CaseType, Role
from vetting.records.absences import IS_LIVE, absences, read_types, substitutions
from vetting.records.dissolved import closed_on
from vetting.records.officers import officers, role_assignments


@dataclass(frozen=True)
class Named:
    """Somebody who acts for whoever is away, in one role."""

    handle: str
    name: str
    organisation: str
    role: Role
    form: Form
    case_types: tuple[CaseType, ...]  # empty: all
    revoked_at: str | None


@dataclass(frozen=True)
class Absence:
    """One absence."""

    handle: str
    officer: str
    first: str
    last: str
    recorded_by: str
    recorded_at: str
    ended_by: str | None
    ended_at: str | None
    is_over: bool
    is_now: bool
    substitutes: tuple[Named, ...]


@dataclass(frozen=True)
class Offer:
    """A colleague who could be named, in place of whoever is away, in one role."""

    organisation: str
    role: Role
    officer: str
    name: str

    @property
    def value(self) -> str:
        """The offer as a form sends it; no code and no handle has a blank."""
        return f"{self.organisation} {self.role.value} {self.officer}"


def absences_of(connection: Connection, officer: str, today: str) -> list[Absence]:
    """Return an officer's absences, the latest first, in two statements."""
    a, recorder, ender = absences.c, officers.alias("recorder"), officers.alias("ender")
    rows = connection.execute(
        select(absences, recorder.c.name.label("recorder"), ender.c.name.label("ender"))
        .join(recorder, recorder.c.handle == a.recorded_by)
        .outerjoin(ender, ender.c.handle == a.ended_by)
        .where(a.officer == officer)
        .order_by(a.first_day.desc(), a.recorded_at.desc())
    ).all()
    named = _named(connection, [row.handle for row in rows])
    return [_absence(row, named, today) for row in rows]


def absence_page(connection: Connection, principal: Principal, handle: str, today: str) -> Absence:
    """Return one absence, for whoever is away and for the administrator."""
    officer = connection.scalar(select(absences.c.officer).where(absences.c.handle == handle))
    if officer is None or (
        officer != principal.officer and principal.role is not Role.ADMINISTRATOR
    ):
        raise Unknown(say("There is no such absence."))
    return next(one for one in absences_of(connection, officer, today) if one.handle == handle)


def offers_for(connection: Connection, officer: str, since: str) -> list[Offer]:
    """Return whom an officer could name, role by role, in a few statements.

    Also for what was left to them: they pass it on by naming it, and not with their own role. In an
    organisation that is over and in which nothing is left to be done there is nobody to name.
    """
    closed = closed_on(connection, since)
    a, o, s = role_assignments.c, officers.c, substitutions.c
    still = or_(a.valid_to.is_(None), a.valid_to >= since)
    own = select(a.organisation, a.role).where(
        a.officer == officer, a.role.in_([role.value for role in SUBSTITUTED]), still
    )
    left_to_them = (
        select(s.organisation, s.role)
        .join(absences, absences.c.handle == s.absence)
        .where(s.substitute == officer, IS_LIVE, absences.c.last_day >= since)
    )
    found = connection.execute(union(own, left_to_them).order_by("organisation", "role"))
    held = [row for row in found if row.organisation not in closed]
    colleagues = connection.execute(
        select(o.handle, o.name, o.sort_key, a.organisation, a.role)
        .join(role_assignments, a.officer == o.handle)
        .where(
            a.organisation.in_([row.organisation for row in held]),
            o.handle != officer,
            o.disabled_at.is_(None),
            o.robot == 0,
            a.role.in_([role.value for role in SUBSTITUTED]),
            still,
        )
        .order_by(o.sort_key, o.handle)
    ).all()
    return [
        offer
        for row in held
        for offer in dict.fromkeys(
            Offer(row.organisation, Role(row.role), other.handle, other.name)
            for other in colleagues
            if other.organisation == row.organisation
            and KIND_OF_ROLE[Role(other.role)] is KIND_OF_ROLE[Role(row.role)]
        )
    ]


def _named(connection: Connection, handles: list[str]) -> dict[str, list[Named]]:
    s = substitutions.c
    found: dict[str, list[Named]] = defaultdict(list)
    rows = connection.execute(
        select(substitutions, officers.c.name)
        .join(officers, officers.c.handle == s.substitute)
        .where(s.absence.in_(handles))
        .order_by(s.named_at, s.handle)
    )
    for row in rows:
        types = read_types(row.case_types)
        found[row.absence].append(
            Named(
                row.handle,
                row.name,
                row.organisation,
                Role(row.role),
                Form(row.form),
                () if types == EVERY_TYPE else tuple(one for one in CaseType if one in types),
                row.revoked_at,
            )
        )
    return found


def _absence(row: Row[Any], named: dict[str, list[Named]], today: str) -> Absence:
    over = row.ended_at is not None or row.last_day < today
    return Absence(
        row.handle,
        row.officer,
        row.first_day,
        row.last_day,
        row.recorder,
        row.recorded_at,
        row.ender,
        row.ended_at,
        over,
        not over and row.first_day <= today,
        tuple(named.get(row.handle, ())),
    )
