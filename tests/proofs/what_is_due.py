"""What is due costs the same to find, however much is open.

Answers are laid down as rows of cases that were filed, as many as wanted; the same few of them are
due. What a sweep asks for these is timed among a thousand and among a million.

`make prove-due` does it with a million; the tests with less.
"""

import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Connection

from tests.builders import BODIES, Cast, as_owner, small_province
from vetting.queries.deadline_sweep import answers_due
from vetting.records.cases import cases
from vetting.records.consultations import consultations
from vetting.records.database import Database
from vetting.records.migrate import upgrade

FEW, MANY = 1_000, 1_000_000
DUE = 40  # answers, whatever else is open
TODAY = date(2026, 9, 1)
MOST = 1.2  # times the cost among a few
TRIES = 400


def laid_down(url: str, wanted: int) -> Database:
    """A database with so many open answers, of which the same number is due as in any other."""
    upgrade(url)
    database = Database(url)
    with as_owner(database).writing() as connection:
        small_province(connection)
    case = Cast(database).consulting()
    with as_owner(database).writing() as connection:
        _multiply(connection, case, wanted)
    return database


def _multiply(connection: Connection, case: str, wanted: int) -> None:
    connection.exec_driver_sql("UPDATE consultations SET due_on = NULL, due_order = '9999-12-31'")
    numbers = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "  # noqa: S608  # our own
        f"WHERE i < {wanted // len(BODIES) + 1})"
    )
    columns = [column.name for column in cases.c]
    told = {"handle": "'c' || i", "reference": "'R-' || i"}
    connection.exec_driver_sql(
        f"{numbers} INSERT INTO cases ({', '.join(columns)}) "  # noqa: S608
        f"SELECT {', '.join(told.get(name, name) for name in columns)} "
        f"FROM cases, n WHERE handle = '{case}'"
    )
    columns = [column.name for column in consultations.c]
    # The first are due; the others in the years after, some of them without a day.
    day = (
        f"CASE WHEN i <= {DUE // len(BODIES)} THEN '{TODAY - timedelta(days=3)}' "
        f"WHEN i % 10 = 0 THEN '9999-12-31' "
        f"ELSE date('{TODAY + timedelta(days=30)}', '+' || (i % 700) || ' days') END"
    )
    told = {
        "handle": "handle || i",
        "case_handle": "'c' || i",
        "due_order": day,
        "due_on": f"nullif({day}, '9999-12-31')",
    }
    connection.exec_driver_sql(
        f"{numbers} INSERT INTO consultations ({', '.join(columns)}) "  # noqa: S608
        f"SELECT {', '.join(told.get(name, name) for name in columns)} "
        f"FROM consultations, n WHERE case_handle = '{case}'"
    )


def found(database: Database) -> int:
    """Find what is due, once."""
    until = (TODAY + timedelta(days=5)).isoformat()
    with database.reading() as connection:
        return sum(1 for _ in answers_due(connection, TODAY.isoformat(), until))


def seconds(databases: list[Database], tries: int) -> list[float]:
    """Time it in each database, in turn, so that a busy machine is as busy for each."""
    taken: list[list[float]] = [[] for _ in databases]
    for _ in range(tries):
        for database, times in zip(databases, taken, strict=True):
            began = time.process_time()
            found(database)
            times.append(time.process_time() - began)
    return [statistics.median(times) for times in taken]


def main() -> int:
    """Compare a few with many."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    with tempfile.TemporaryDirectory() as folder:
        both = [laid_down(f"sqlite:///{Path(folder)}/{size}.sqlite", size) for size in (FEW, many)]
        due = [found(database) for database in both]
        few, most = seconds(both, TRIES)
    print(  # noqa: T201
        f"{due[0]} due among {FEW:,} open answers: {few * 1000:.2f} ms; {due[1]} among {many:,}: "
        f"{most * 1000:.2f} ms, {most / few:.2f} times as long (at most {MOST})"
    )
    return 0 if due[0] == due[1] and most / few <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
