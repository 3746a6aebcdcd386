"""Scrub: leave nothing of destroyed rows in the files of the database.

SQLite overwrites what it frees (`secure_delete`); here its file is written anew as well, since
pages that were split keep bytes of rows that moved. PostgreSQL leaves a destroyed row where it was
until its table is written anew, and writes along what somebody may still read in an older state of
the database, be it its own autovacuum that takes samples: so these are waited for. Its planner
keeps samples of columns, but none of those that hold words about a candidate
(migrations/versions/0033). What was written to the write-ahead log, to backups and to freed blocks
of a disk no program reaches from here: docs/operations.md says what an operator does about these.
"""

from sqlalchemy import Connection, text

from vetting.records.database import Database
from vetting.records.disposals import DELETED, EMPTIED

TABLES = tuple(sorted({table.name for table in (*DELETED, *EMPTIED)}))
PATIENCE = 600  # how often an older state is asked after, a tenth of a second apart
LOOKS = 2  # one after the other that find none
# What was destroyed before this may be seen by whoever began before it.
_NOW = text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
# A writer anywhere on the server counts: whoever begins to read here beside it reads as of then.
_OLDER = text(
    """
    SELECT count(*) FROM (
        SELECT backend_xid FROM pg_stat_activity WHERE pid <> pg_backend_pid()
        UNION ALL SELECT transaction FROM pg_prepared_xacts
        UNION ALL SELECT backend_xmin FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND (datname = current_database() OR datname IS NULL)
        UNION ALL SELECT xmin FROM pg_replication_slots
    ) AS states (oldest)
    WHERE age(oldest) > age(CAST(CAST(mod(CAST(:now AS numeric), 4294967296) AS text) AS xid))
    """
)
_A_MOMENT = text("SELECT pg_sleep(0.1)")


class NotScrubbed(Exception):
    """Somebody reads in an old state of the database, so that its files could not be cleaned."""


def scrub(owner: Database) -> None:
    """Write anew whatever had destroyed rows in it; for the owner of the tables."""
    with owner.alone() as connection:
        if connection.dialect.name == "sqlite":
            _scrub_sqlite(connection)
        else:
            _scrub_postgresql(connection)


def _scrub_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("VACUUM")
    mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    if mode == "wal":
        busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        if busy:
            raise NotScrubbed


def _scrub_postgresql(connection: Connection) -> None:
    _wait_for_readers(connection)
    for table in TABLES:
        connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {table}")


def _wait_for_readers(connection: Connection) -> None:
    """Wait until nobody reads in a state from before now; NotScrubbed when that takes too long.

    It is looked twice: somebody may have begun to read beside a writer that ended during the first.
    """
    now, clear = connection.scalar(_NOW), 0
    for _ in range(PATIENCE):
        clear = 0 if connection.scalar(_OLDER, {"now": now}) else clear + 1
        if clear == LOOKS:
            return
        if not clear:
            connection.execute(_A_MOMENT)
    raise NotScrubbed
