"""Look: a read of case data is written down, and committed, before the answer leaves."""

from collections.abc import Iterable

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from vetting.engine.looks import How, Showing
from vetting.engine.policy import Action, proven_again
from vetting.engine.reading_budget import Alarm, Budget, Kind
from vetting.engine.refusals import NotWrittenDown, OutOfTurn, TooMuchRead
from vetting.engine.sentences import say
from vetting.records import read_tallies, reads
from vetting.usecases.desk import Desk

NO_BUDGET = Budget()


def look(  # noqa: PLR0913  # a line says all of this
    desk: Desk,
    action: Action,
    *,
    cases: Iterable[str | None] = (None,),
    texts: Iterable[tuple[str, str, str]] = (),
    asked: str | None = None,
    showing: Showing = reads.AN_OPINION,
    purpose: str | None = None,
    budget: Budget = NO_BUDGET,
) -> None:
    """Write the lines of one look: the cases shown, or the drafts opened, or the words asked.

    What cannot be written down is not shown, whatever the database's reason is; neither is what
    goes beyond a budget of reading, and then those who have to know are told at once. Whatever is
    taken out as a file asks again who it is, here, so that no page can forget to.
    """
    by = desk.principal
    if showing.how is How.EXPORT:
        by = proven_again(by, desk.ids.clock(), desk.proved_for)
    cases, texts = tuple(cases), tuple(texts)
    shown = [case for case in (*cases, *(text[0] for text in texts)) if case is not None]
    at = desk.ids.now()
    driver: type[Exception] = desk.database.engine.dialect.loaded_dbapi.Error
    try:
        with desk.database.writing(desk.connection, desk.principal) as connection:
            _count(desk, connection, budget, at, shown)
            reads.write_lines(
                connection,
                by,
                at,
                action,
                cases=cases,
                texts=texts,
                asked=asked,
                showing=showing,
                purpose=purpose,
            )
    except _Beyond as beyond:
        with desk.database.writing(desk.connection, desk.principal) as connection:
            _raise_alarm(desk, connection, beyond.alarm, at)
        raise TooMuchRead(_SENTENCES[beyond.alarm.kind]) from beyond
    except (SQLAlchemyError, driver, OSError, OutOfTurn) as error:
        raise NotWrittenDown(
            say("It cannot be written down now who looks, so nothing is shown.")
        ) from error


def _count(desk: Desk, connection: Connection, budget: Budget, at: str, cases: list[str]) -> None:
    day = desk.ids.legal_day(at)
    alarm = read_tallies.count(connection, budget, desk.principal, day, cases)
    if alarm is None:
        return
    if alarm.refuses:
        raise _Beyond(alarm)
    _raise_alarm(desk, connection, alarm, at)


def _raise_alarm(desk: Desk, connection: Connection, alarm: Alarm, at: str) -> None:
    read_tallies.raise_alarm(connection, desk.principal, alarm, desk.ids.legal_day(at), at)


class _Beyond(Exception):  # it never leaves this file
    """The look goes beyond a budget: nothing of it is kept."""

    def __init__(self, alarm: Alarm) -> None:
        super().__init__(alarm.kind.value)
        self.alarm = alarm


_SENTENCES = {
    Kind.OFFICER_DAY: say(
        "You have seen as many cases today as one officer may. Your chief and the supervisor have "
        "been told; go on tomorrow, or ask them."
    ),
    Kind.BODY_DAY: say(
        "Your organisation has seen as many cases today as it may. Your chief and the supervisor "
        "have been told; go on tomorrow, or ask them."
    ),
}
