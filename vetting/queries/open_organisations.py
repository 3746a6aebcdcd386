"""Organisations in which somebody can be given work: not those that ended or were merged.

A body that was merged and is asked for opinions all the same, because the regulation still names it
or a question still waits there, needs people until it is asked no more: it is offered for roles of
those who are here already and for who acts meanwhile, and said to be over.
"""

from sqlalchemy import Connection, exists, func, or_, select

from vetting.queries.registers_page import Organisation, organisation_list
from vetting.records.organisations import organisations, successions
from vetting.records.rules import bodies_of, regulation_on
from vetting.records.tallies import tallies


def over_on(connection: Connection, day: str) -> frozenset[str]:
    """Return the organisations that ended before *day* or were merged by then.

    A merger without a date is one that was: the registers name who took over, and not when.
    """
    o, s = organisations.c, successions.c
    merged = exists().where(s.predecessor == o.code, or_(s.from_date.is_(None), s.from_date <= day))
    return frozenset(connection.scalars(select(o.code).where(or_(o.valid_to < day, merged))))


def still_asked(connection: Connection, day: str) -> frozenset[str]:
    """Return the bodies that can be asked on *day*, or at which something waits."""
    regulation = regulation_on(connection, day)
    named = bodies_of(connection, regulation, day) if regulation else ()
    t = tallies.c
    waiting = connection.scalars(
        select(t.body).group_by(t.body).having(func.sum(t.waiting) > 0)
    ).all()
    return frozenset((*named, *waiting))


def closed_on(connection: Connection, day: str) -> frozenset[str]:
    """Return the organisations that are over on *day* and in which nothing is left to be done."""
    over = over_on(connection, day)
    return over - still_asked(connection, day) if over else over


def organisations_to_enter(connection: Connection, day: str) -> list[Organisation]:
    """Return the organisations in which somebody new can be entered."""
    over = over_on(connection, day)
    return [one for one in organisation_list(connection) if one.code not in over]


def organisations_to_entrust(connection: Connection, day: str) -> list[tuple[Organisation, bool]]:
    """Return the organisations in which a role can be given, and of each whether it is over."""
    over, closed = over_on(connection, day), closed_on(connection, day)
    return [
        (one, one.code in over) for one in organisation_list(connection) if one.code not in closed
    ]
