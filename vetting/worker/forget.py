"""Forget: destroy what two people agreed to, where the worker's login may own the tables."""

from sqlalchemy import Connection

from vetting.engine.canonical import moment
from vetting.engine.retries import LEASE
from vetting.records.database import Database, RoleRefused
from vetting.records.disposals import approved, owing
from vetting.records.identity import Ids
from vetting.records.jobs import Job, ask_for
from vetting.records.rights import DatabaseRole
from vetting.usecases.do_jobs import Work
from vetting.usecases.forget import forget

KIND = "forget"


def works_of_forgetting(database: Database, ids: Ids) -> dict[str, Work]:
    """Return how the jobs are done: before they end, outside of any transaction of theirs."""

    def destroy(_job: Job) -> None:
        forget(database.acting_as(DatabaseRole.OWNER), ids)

    def keep(_connection: Connection, _job: Job, _done: None) -> None:
        """Keep nothing more: what was destroyed says so by itself."""

    return {KIND: Work(keep, destroy)}


def ask_to_forget(database: Database, ids: Ids) -> None:
    """Ask that each record is destroyed to which two people agreed, and the files are cleaned.

    Files that owe a cleaning are asked for once a day and once more for whatever was destroyed
    since, but not while somebody may be at it: however often it went wrong on one day, it is tried
    again on the next.
    Where the worker may not own the tables nobody asks: `vetting retention run` is left to whoever
    may.
    """
    with database.reading() as connection:
        waiting, dirty = approved(connection), owing(connection)
    if not (waiting or dirty) or not may_own(database):
        return
    now = ids.clock()
    with database.writing() as connection:
        for stone in waiting:
            ask_for(connection, f"{KIND}/{stone.case_handle}/{stone.entry}", KIND, moment(now))
        if dirty:
            key = f"{KIND}/files/{ids.today()}/{dirty[-1].erased_at}"
            ask_for(connection, key, KIND, moment(now + LEASE))


def may_own(database: Database) -> bool:
    """Tell whether the login may work as the owner of the tables."""
    try:
        with database.acting_as(DatabaseRole.OWNER).reading():
            return True
    except RoleRefused:
        return False
