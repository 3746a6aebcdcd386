"""Scrub: leave nothing of destroyed rows in the files of the database.

SQLite overwrites what it frees (`secure_delete`); here its file is written anew as well, since
pages that were split keep bytes of rows that moved. PostgreSQL leaves a destroyed row where it was
until its table is written anew. Its planner keeps samples of columns, but none of those that hold
words about a candidate (migrations/versions/0033). What was written to the write-ahead log, to
backups and to freed blocks of a disk no program reaches from here: docs/operations.md says what an
operator does about these.
"""

from sqlalchemy import Connection

from vetting.records.database import Database
from vetting.records.disposals import DELETED, EMPTIED

TABLES = tuple(sorted(table.name for table in (*DELETED, *EMPTIED)))


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
    for table in TABLES:
        connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {table}")
