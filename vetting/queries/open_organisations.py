"""Organisations in which somebody can be given work: not those that ended or were merged.

A body that was merged and is asked for opinions all the same, because the regulation still names it
or a question still waits there, needs people until it is asked no more: it is offered for roles of
those who are here already and for who acts meanwhile, and said to be over.
"""

from sqlalchemy import Connection

from vetting.queries.registers_page import Organisation, organisation_list
from vetting.records.dissolved import closed_on, over_on


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
