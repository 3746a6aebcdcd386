"""In a file of SQLite no row of what is never changed is put in another's place by its number.

`INSERT OR REPLACE` with the number of a row that is there takes that row away, and no trigger of a
deletion is asked. Where a row is known by a whole number, that is its number, and was kept before.
A row without a number of its own stands as -1 there before it is written: no row has that number
unless somebody gave it one past the program, and that one keeps no other from coming.
"""

from collections.abc import Iterator

from alembic import op
from sqlalchemy import inspect
from sqlalchemy.types import Integer

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    """Take the step."""
    for table in _kept():
        op.execute(
            f"CREATE TRIGGER {table}_no_number BEFORE INSERT ON {table} "  # noqa: S608  # our own names only
            f"WHEN NEW.rowid <> -1 AND EXISTS (SELECT 1 FROM {table} WHERE rowid = NEW.rowid) "
            f"BEGIN SELECT RAISE(ABORT, 'the history is never changed: {table}'); END"
        )


def downgrade() -> None:
    """Take the step back."""
    for table in _kept():
        op.execute(f"DROP TRIGGER {table}_no_number")


def _kept() -> Iterator[str]:
    """Yield the tables of a file of SQLite whose rows nothing may replace."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        return
    known = connection.exec_driver_sql(
        "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger' "
        "AND substr(name, length(tbl_name) + 1, 11) = '_no_replace' ORDER BY tbl_name"
    )
    for (table,) in known.all():
        columns = {one["name"]: one["type"] for one in inspect(connection).get_columns(table)}
        key = inspect(connection).get_pk_constraint(table)["constrained_columns"]
        if len(key) != 1 or not isinstance(columns[key[0]], Integer):
            yield table
