"""Tallies: how many open consultations wait at a body, in which state and with whom.

Counting them would cost more the more there are, and an inbox shows their number on every page.
So each act adds what it changed. It adds to a line of the officer who acts: two officers never
wait for each other's line, and the number is the sum over the lines.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    PrimaryKeyConstraint,
    Table,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert

from vetting.engine.casefile import Consultation
from vetting.engine.policy import Principal
from vetting.engine.substitutes import EVERY_TYPE
from vetting.records.base import CODE, HANDLE, METADATA, WORD, reference, required
from vetting.records.consultations import IS_OPEN, OPEN_STATES, consultations
from vetting.records.database import Statement
from vetting.records.scope import not_withheld, withheld_from
from vetting.records.standing import Purpose, on_purpose

NOBODY = ""

tallies = Table(
    "tallies",
    METADATA,
    reference("body", "organisations.code", CODE),
    required("holder", HANDLE),  # whose it is, or empty: nobody's yet
    required("state", WORD),
    required("counted_by", HANDLE),  # the officer whose acts this line adds up
    Column("waiting", Integer, nullable=False),  # may be below nothing: what another line added
    PrimaryKeyConstraint("body", "holder", "state", "counted_by"),
)

# Both databases read this one text.
_adding = insert(tallies).values(dict.fromkeys(tallies.c.keys()))
ADD = Statement(
    _adding.on_conflict_do_update(
        index_elements=["body", "holder", "state", "counted_by"],
        set_={"waiting": tallies.c.waiting + _adding.excluded.waiting},
    )
)

Place: TypeAlias = tuple[str, str, str]  # body, holder, state


def places(consultation: Consultation) -> Iterator[Place]:
    """Yield where an open consultation is counted; one that is answered or released nowhere."""
    if consultation.state in OPEN_STATES:
        yield consultation.body, consultation.officer or NOBODY, consultation.state


def add(connection: Connection, officer: str, changes: Counter[Place]) -> None:
    """Add what an act changed, in an order in which no two acts can wait for each other."""
    rows: list[dict[str, Any]] = [
        {
            "body": body,
            "holder": holder,
            "state": state,
            "counted_by": officer,
            "waiting": change,
        }
        for (body, holder, state), change in sorted(changes.items())
        if change
    ]
    if rows:
        ADD.run(connection, rows)


def waiting_at(connection: Connection, body: str) -> Counter[tuple[str, str]]:
    """Return how many consultations wait at a body, by whose they are and their state."""
    t = tallies.c
    rows = connection.execute(
        select(t.holder, t.state, func.sum(t.waiting).label("waiting"))
        .where(t.body == body)
        .group_by(t.holder, t.state)
    )
    return Counter({(row.holder, row.state): int(row.waiting) for row in rows if row.waiting})


def waiting_for(connection: Connection, principal: Principal) -> Counter[tuple[str, str]]:
    """Return the same for one reader: without what is kept from them, of which there is little.

    To whom only some case types were left the tallies say nothing: theirs are counted one by one.
    """
    t, c = tallies.c, consultations.c
    if principal.case_types != EVERY_TYPE:
        holder = func.coalesce(c.officer, NOBODY)
        counted = connection.execute(
            select(holder.label("holder"), c.state, func.count().label("waiting"))
            .where(c.body == principal.organisation, IS_OPEN, not_withheld(principal))
            .group_by(holder, c.state)
        )
        return Counter({(row.holder, row.state): row.waiting for row in counted})
    at_the_body = select(t.holder, t.state, t.waiting).where(t.body == principal.organisation)
    # From the few cases that are kept back to their questions, not from all questions to those.
    withheld = withheld_from(principal).subquery()
    kept = select(withheld.c.case_handle).distinct().subquery()
    kept_back = (
        select(func.coalesce(c.officer, NOBODY), c.state, literal(-1))
        .join(kept, kept.c.case_handle == c.case_handle)
        .where(c.body == principal.organisation, IS_OPEN)
    )
    both = union_all(at_the_body, kept_back).subquery().c
    wanted = select(both.holder, both.state, func.sum(both.waiting).label("waiting")).group_by(
        both.holder, both.state
    )
    with on_purpose(connection, Purpose.COUNTING):  # what is kept back is there to be taken off
        rows = connection.execute(wanted).all()
    return Counter({(row.holder, row.state): int(row.waiting) for row in rows if row.waiting})


def counted_anew(connection: Connection) -> Counter[Place]:
    """Count every open consultation, to rebuild the tallies or to check them."""
    c = consultations.c
    holder = func.coalesce(c.officer, NOBODY)
    rows: Iterable[Any] = connection.execute(
        select(c.body, holder.label("holder"), c.state, func.count().label("waiting"))
        .where(c.state.in_(OPEN_STATES))
        .group_by(c.body, holder, c.state)
    )
    return Counter({(row.body, row.holder, row.state): row.waiting for row in rows})
