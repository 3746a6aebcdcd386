"""Rules in force on a day: which regulation names the bodies, and who is competent to conclude."""

from collections.abc import Sequence

from sqlalchemy import Connection, or_, select

from vetting.engine.vocabulary import CaseType, Kind
from vetting.records.legal_bases import authority_rules, regulation_bodies, regulations
from vetting.records.organisations import organisation_kinds, organisations


def regulation_on(connection: Connection, day: str) -> str | None:
    """Return the code of the coordination regulation in force on *day*."""
    c = regulations.c
    return connection.scalar(
        select(c.code)
        .where(
            or_(c.valid_from.is_(None), c.valid_from <= day),
            or_(c.valid_to.is_(None), c.valid_to >= day),
        )
        .order_by(c.valid_from.desc())
        .limit(1)
    )


def bodies_of(connection: Connection, regulation: str, day: str) -> Sequence[str]:
    """Return the bodies that a regulation names and that exist on *day*, in its order."""
    c = organisations.c
    return connection.scalars(
        select(c.code)
        .join(regulation_bodies, regulation_bodies.c.body == c.code)
        .where(
            regulation_bodies.c.regulation == regulation,
            or_(c.valid_to.is_(None), c.valid_to >= day),
        )
        .order_by(regulation_bodies.c.position)
    ).all()


def is_authority(connection: Connection, code: str, day: str) -> bool:
    """Tell whether *code* is an authority that exists on *day*."""
    return _is_one(connection, code, Kind.AUTHORITY, day)


def consulted_bodies(connection: Connection, day: str) -> Sequence[tuple[str, str, str]]:
    """Return the code and both names of every consulted body that exists on *day*."""
    c, k = organisations.c, organisation_kinds.c
    rows = connection.execute(
        select(c.code, c.name_vi, c.name_en)
        .join(organisation_kinds, k.organisation == c.code)
        .where(
            k.kind == Kind.CONSULTED_BODY.value,
            or_(c.valid_from.is_(None), c.valid_from <= day),
            or_(c.valid_to.is_(None), c.valid_to >= day),
        )
        .order_by(c.name_vi)
    )
    return [(row.code, row.name_vi, row.name_en) for row in rows]


def is_consulted_body(connection: Connection, code: str, day: str) -> bool:
    """Tell whether *code* is a consulted body that exists on *day*."""
    return _is_one(connection, code, Kind.CONSULTED_BODY, day)


def _is_one(connection: Connection, code: str, kind: Kind, day: str) -> bool:
    c, k = organisations.c, organisation_kinds.c
    found = connection.scalar(
        select(c.code)
        .join(organisation_kinds, k.organisation == c.code)
        .where(
            c.code == code,
            k.kind == kind.value,
            or_(c.valid_to.is_(None), c.valid_to >= day),
        )
    )
    return found is not None


def authority_on(
    connection: Connection, level: str | None, case_type: CaseType, day: str
) -> str | None:
    """Return who is competent to conclude by the authority table, or None where it is silent."""
    if level is None:
        return None
    c = authority_rules.c
    return connection.scalar(
        select(c.authority)
        .where(
            c.management_level == level,
            c.case_type == case_type.value,
            c.valid_from <= day,
            or_(c.valid_to.is_(None), c.valid_to >= day),
        )
        .order_by(c.valid_from.desc())
        .limit(1)
    )
