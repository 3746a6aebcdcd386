"""Set aside: which cases an officer does not want in their own list until a day.

It is their own wish and comes and goes. It changes nothing about the case, and nobody else's list:
what is late stands in the lists of colleagues and of the supervisor as before. In the inbox of a
body what is due is back the day it is due, whatever was wished.
"""

from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    PrimaryKeyConstraint,
    Table,
    exists,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from vetting.engine.policy import Principal
from vetting.records.base import CODE, METADATA, MOMENT, reference, required
from vetting.records.cases import cases
from vetting.records.consultations import consultations

set_aside = Table(
    "set_aside",
    METADATA,
    reference("officer", "officers.handle"),
    reference("organisation", "organisations.code", CODE),
    reference("case_handle", "cases.handle"),
    required("until", MOMENT),
    required("at", MOMENT),
    PrimaryKeyConstraint("officer", "organisation", "case_handle"),
)
_s = set_aside.c


def is_set_aside(principal: Principal, now: str) -> ColumnElement[bool]:
    """Return the clause that the reader does not want a case in their list yet."""
    return exists().where(
        _s.officer == principal.officer,
        _s.organisation == principal.organisation,
        _s.case_handle == cases.c.handle,
        _s.until > now,
    )


def question_is_set_aside(principal: Principal, now: str, today: str) -> ColumnElement[bool]:
    """Return the clause that the reader does not want a question in their inbox yet."""
    return exists().where(*wished_aside(principal, now, today)).correlate_except(set_aside)


def wished_aside(principal: Principal, now: str, today: str) -> tuple[ColumnElement[bool], ...]:
    """Return the clauses for the lines that keep questions out of the reader's inbox.

    What is due today is wanted, and so is what was asked after they said so.
    """
    c = consultations.c
    return (
        _s.officer == principal.officer,
        _s.organisation == principal.organisation,
        _s.case_handle == c.case_handle,
        _s.until > now,
        _s.at >= c.asked_at,
        c.due_order > today,
    )


def all_aside(
    connection: Connection, principal: Principal, cases_shown: Sequence[str], now: str
) -> dict[str, str]:
    """Return until when the reader has set these cases aside, by case."""
    rows = connection.execute(
        select(_s.case_handle, _s.until).where(
            _s.officer == principal.officer,
            _s.organisation == principal.organisation,
            _s.case_handle.in_(cases_shown),
            _s.until > now,
        )
    )
    return {row.case_handle: row.until for row in rows}


def put_aside(connection: Connection, principal: Principal, case: str, until: str, at: str) -> None:
    """Write down until when an officer sets a case aside, in the place of what they said before."""
    new = insert(set_aside).values(
        officer=principal.officer,
        organisation=principal.organisation,
        case_handle=case,
        until=until,
        at=at,
    )
    connection.execute(
        new.on_conflict_do_update(
            index_elements=["officer", "organisation", "case_handle"],
            set_={"until": new.excluded.until, "at": new.excluded.at},
        )
    )


def take_up_again(connection: Connection, principal: Principal, case: str) -> None:
    """Have a case back in an officer's list."""
    connection.execute(
        set_aside.delete().where(
            _s.officer == principal.officer,
            _s.organisation == principal.organisation,
            _s.case_handle == case,
        )
    )
