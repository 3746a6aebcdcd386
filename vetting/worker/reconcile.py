"""Reconcile: once a legal day lay what was told beside what the history says was to be told."""

import logging
from datetime import date, timedelta

from sqlalchemy import Connection

from vetting.engine.reading import Definitions
from vetting.queries.mail_ledger import mail_ledger
from vetting.queries.untold import Untold, untold
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

    def look(_job: Job) -> Untold:
        found = _found(database, definitions)
        late = [gap.telling for gap in found.gaps if gap.telling]
        if not late:
            return found
        name_late(database, ids, late)
        return _found(database, definitions)

    def keep(connection: Connection, _job: Job, found: Untold) -> None:
        day = ids.today()
        unsent = mail_ledger(connection, ids.now(), mailing=mailing).unsent
        gaps = len(found.gaps)
        keep_reconciliation(connection, day, ids.now(), due=found.due, gaps=gaps, unsent=unsent)
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


def _found(database: Database, definitions: Definitions) -> Untold:
    with database.reading() as connection:
        return untold(connection, definitions)
