"""Reconcile: once a legal day lay what was told beside what the history says was to be told."""

import logging

from vetting.engine.reading import Definitions
from vetting.queries.untold import Untold, untold
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.usecases.reconcile_notices import is_reconciled, keep_reconciliation, name_late

_LOG = logging.getLogger("vetting.worker")


def reconcile(database: Database, definitions: Definitions, ids: Ids) -> None:
    """Do it, unless it was done today; what is missing is an error in the log and on a page."""
    day = ids.today()
    if is_reconciled(database, day):
        return
    name_late(
        database, ids, (gap.telling for gap in _found(database, definitions).gaps if gap.telling)
    )
    found = _found(database, definitions)
    keep_reconciliation(database, day, ids.now(), found.due, len(found.gaps))
    if found.gaps:
        _LOG.error("%s of %s notices were not told", len(found.gaps), found.due)


def _found(database: Database, definitions: Definitions) -> Untold:
    with database.reading() as connection:
        return untold(connection, definitions)
