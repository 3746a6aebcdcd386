"""Dissolved: organisations that ended or were merged, and those that are asked all the same.

A body that was merged is asked for opinions while the regulation still names it or a question still
waits there.
"""

from sqlalchemy import Connection, exists, func, or_, select

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
