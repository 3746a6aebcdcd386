"""Reconcile notices: write down what was found, and name those who can be told meanwhile."""

from collections.abc import Iterable

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.outbox import name_recipients, reconciliations

NOBODY = ""  # acts here, so that nobody is left out for having acted


def name_late(database: Database, ids: Ids, tellings: Iterable[str]) -> None:
    """Name people for notices that were for nobody: somebody may be there by now."""
    for telling in sorted(set(tellings)):
        with database.writing() as connection:
            name_recipients(connection, telling, NOBODY, ids.now(), ids.today())


def keep_reconciliation(  # a day's look is all of this
    connection: Connection,
    day: str,
    at: str,
    *,
    due: int,
    gaps: int,
    unsent: int,
    after: str | None = None,
) -> None:
    """Write down what a day's reconciliation found; of two at once the first counts.

    It looked at what happened *after* a moment; none: at everything.
    """
    connection.execute(
        insert(reconciliations)
        .values(day=day, at=at, due=due, gaps=gaps, mails_unsent=unsent, looked_after=after)
        .on_conflict_do_nothing()
    )
