"""Whom a restricted case can be left to by name: the people of those who take part in it."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, or_, select

from vetting.engine.casefile import CaseFile
from vetting.engine.vocabulary import Role
from vetting.records.officers import officers, role_assignments


@dataclass(frozen=True)
class Nameable:
    """Somebody who could be named, and what they are cleared for."""

    officer: str  # handle
    name: str
    organisation: str
    clearance: int


def nameable(connection: Connection, case: CaseFile, today: str) -> tuple[Nameable, ...]:
    """Return those to whom the case is something by their role, by organisation and name."""
    o, a = officers.c, role_assignments.c
    asked = {one.body for one in case.consultations if one.state != "withdrawn"}
    of_case = or_(
        and_(a.role == Role.CASE_OFFICER.value, a.organisation == case.unit),
        a.role.in_([Role.BOARD_OFFICER.value, Role.BOARD_HEAD.value, Role.SUPERVISOR.value]),
        and_(
            a.role.in_([Role.BODY_OFFICER.value, Role.BODY_SIGNER.value]),
            a.organisation.in_(sorted(asked)),
        ),
        and_(a.role == Role.SECRETARY.value, a.organisation == (case.authority or "")),
    )
    rows = connection.execute(
        select(o.handle, o.name, a.organisation, func.max(a.clearance).label("clearance"))
        .join(role_assignments, a.officer == o.handle)
        .where(
            of_case,
            a.valid_from <= today,
            or_(a.valid_to.is_(None), a.valid_to >= today),
            o.disabled_at.is_(None),
            o.robot == 0,
            o.handle.not_in(sorted(case.recused)),
        )
        .group_by(o.handle, o.name, o.sort_key, a.organisation)
        .order_by(a.organisation, o.sort_key, o.handle)
    )
    return tuple(Nameable(*row) for row in rows)
