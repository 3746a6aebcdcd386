"""Set a case aside in one's own list until a working day, or take it up again."""

from datetime import date

from sqlalchemy import Connection, exists, select

from vetting.engine.calendar import Uncountable, written
from vetting.engine.policy import is_of_body
from vetting.engine.refusals import Unacceptable, Unknown
from vetting.engine.reminders import OPENS, returns_on
from vetting.engine.sentences import say
from vetting.records.calendars import calendar_of
from vetting.records.cases import cases
from vetting.records.consultations import IS_OPEN, consultations
from vetting.records.scope import visible_to
from vetting.records.sessions import refuse_ended
from vetting.records.set_aside import put_aside, take_up_again
from vetting.usecases.desk import Desk


def set_case_aside(desk: Desk, case: str, day: str) -> str:
    """Set a case aside until a day; returns when it comes back: at eight on a working day."""
    ids = desk.ids
    with desk.database.writing(desk.connection, desk.principal) as connection:
        _refuse_unknown(connection, desk, case)
        calendar = calendar_of(connection)
        if calendar is None:
            raise Unacceptable(say("The calendar of working days has not been entered."))
        if day <= ids.today():
            raise Unacceptable(say("Name a day that is still to come."))
        if is_of_body(desk.principal):
            _refuse_due(connection, desk, case, day)
        try:
            back_on = returns_on(calendar, date.fromisoformat(day))
        except Uncountable as outside:
            raise Unacceptable(outside.sentence) from outside
        until = ids.moment_of(back_on.isoformat(), OPENS)
        put_aside(connection, desk.principal, case, until, ids.now())
        if desk.in_session:
            refuse_ended(connection, desk.principal, ids.today())
    return until


def take_case_up_again(desk: Desk, case: str) -> None:
    """Have a case back in one's list at once."""
    with desk.database.writing(desk.connection, desk.principal) as connection:
        _refuse_unknown(connection, desk, case)
        take_up_again(connection, desk.principal, case)
        if desk.in_session:
            refuse_ended(connection, desk.principal, desk.ids.today())


def _refuse_due(connection: Connection, desk: Desk, case: str, day: str) -> None:
    """Refuse to set aside what is due, or for longer than until the day it is due."""
    c = consultations.c
    due = connection.scalars(
        select(c.due_order).where(
            c.case_handle == case, c.body == desk.principal.organisation, IS_OPEN
        )
    ).first()
    if due is None:
        raise Unacceptable(say("Nothing waits for your body in this case."))
    if due <= desk.ids.today():
        raise Unacceptable(say("The answer is due; it is not set aside."))
    if day > due:
        raise Unacceptable(
            say(
                "The answer is due on %(day)s; name that day at the latest.",
                day=written(date.fromisoformat(due)),
            )
        )


def _refuse_unknown(connection: Connection, desk: Desk, case: str) -> None:
    known = exists().where(cases.c.handle == case, visible_to(desk.principal))
    if not connection.scalar(select(known)):
        raise Unknown(say("There is no such case."))
