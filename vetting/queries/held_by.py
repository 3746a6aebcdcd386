"""What an officer holds: how many open questions are in their hands, body by body.

What was passed on for signing is in their hands no more.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from vetting.records.consultations import UNFINISHED, consultations


@dataclass(frozen=True)
class Holding:
    """Open questions that an officer holds at one body."""

    organisation: str
    assigned: int
    drafted: int  # of them, with a draft of the officer's own


def held_by(connection: Connection, officer: str) -> list[Holding]:
    """Return what an officer holds, in one statement."""
    c = consultations.c
    rows = connection.execute(
        select(
            c.body,
            func.count().label("assigned"),
            func.count(c.draft_by).filter(c.draft_by == officer).label("drafted"),
        )
        .where(c.state.in_(UNFINISHED), c.officer == officer)
        .group_by(c.body)
        .order_by(c.body)
    )
    return [Holding(row.body, row.assigned, row.drafted) for row in rows]
