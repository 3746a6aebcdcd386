"""Reconcile: once a legal day lay what was told beside what the history says was to be told."""

import logging
from datetime import date, timedelta

from sqlalchemy import Connection

from vetting.engine.reading import Definitions
from vetting.queries.mail_ledger import mail_ledger
from vetting.queries.untold import ALL_OF_IT, Untold, to_look_at, untold
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.jobs import Job, ask_for
from vetting.usecases.do_jobs import Work
from vetting.usecases.reconcile_notices import keep_reconciliation, name_late

KIND = "reconcile"
_LOG = logging.getLogger("vetting.worker")


def works(
    database: Database, definitions: Definitions, ids: Ids, *, mailing: bool = False
) -> dict[str, Work]:
    """Return how the jobs of an installation are done."""

    def look(_job: Job) -> tuple[str, Untold]:
        with database.reading() as connection:
            after = to_look_at(connection, ids)
        found = _found(database, definitions, after)
        late = [gap.telling for gap in found.gaps if gap.telling]
        if late:
            name_late(database, ids, late)
            found = _found(database, definitions, after)
        return after, found

    def keep(connection: Connection, _job: Job, looked: tuple[str, Untold]) -> None:
        after, found = looked
        day = ids.today()
        unsent = mail_ledger(connection, ids.now(), mailing=mailing).unsent
        gaps = len(found.gaps)
        keep_reconciliation(
            connection,
            day,
            ids.now(),
            due=found.due,
            gaps=gaps,
            unsent=unsent,
            after=None if after == ALL_OF_IT else after,
        )
        tomorrow = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
        ask_for(connection, f"{KIND}/{tomorrow}", KIND, ids.end_of(day))
        if found.gaps:
            _LOG.error("%s of %s notices were not told", gaps, found.due)
        if unsent:
            _LOG.error("%s mails did not go out", unsent)

    return {KIND: Work(keep, look)}


def ask_to_reconcile(database: Database, ids: Ids) -> None:
    """Have it done today, unless it was asked for; from then on each day asks for the next."""
    with database.writing() as connection:
        ask_for(connection, f"{KIND}/{ids.today()}", KIND, ids.now())


def _found(database: Database, definitions: Definitions, after: str) -> Untold:
    with database.reading() as connection:
        return untold(connection, definitions, after)
