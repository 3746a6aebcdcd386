"""Look: a read of case data is written down, and committed, before the answer leaves."""

from collections.abc import Iterable

from sqlalchemy.exc import SQLAlchemyError

from vetting.engine.looks import Showing
from vetting.engine.policy import Action
from vetting.engine.refusals import NotWrittenDown, OutOfTurn
from vetting.engine.sentences import say
from vetting.records import reads
from vetting.usecases.desk import Desk


def look(
    desk: Desk,
    action: Action,
    *,
    cases: Iterable[str | None] = (None,),
    texts: Iterable[tuple[str, str, str]] = (),
    asked: str | None = None,
    showing: Showing = reads.AN_OPINION,
    purpose: str | None = None,
) -> None:
    """Write the lines of one look: the cases shown, or the drafts opened, or the words asked.

    What cannot be written down is not shown, whatever the database's reason is.
    """
    driver: type[Exception] = desk.database.engine.dialect.loaded_dbapi.Error
    try:
        with desk.database.writing(desk.connection) as connection:
            reads.write_lines(
                connection,
                desk.principal,
                desk.ids.now(),
                action,
                cases=cases,
                texts=texts,
                asked=asked,
                showing=showing,
                purpose=purpose,
            )
    except (SQLAlchemyError, driver, OSError, OutOfTurn) as error:
        raise NotWrittenDown(
            say("It cannot be written down now who looks, so nothing is shown.")
        ) from error
