"""A slice of `make prove-due`: it is found by the index over its day."""

import pytest
from sqlalchemy import event

from tests.proofs.what_is_due import DUE, found, laid_down


def plan(database):
    """Return how the database finds what is due, as it says itself."""
    said = []

    def explain(connection, _cursor, statement, parameters, *_):
        if "due_order" in statement:
            rows = connection.connection.cursor().execute(
                f"EXPLAIN QUERY PLAN {statement}", parameters
            )
            said.extend(row[3] for row in rows)

    event.listen(database.engine, "before_cursor_execute", explain)
    found(database)
    event.remove(database.engine, "before_cursor_execute", explain)
    return said


@pytest.mark.leaves_it_unwell  # rows are multiplied, entries are not
def test_what_is_due_is_found_by_its_day(sqlite_url):
    database = laid_down(sqlite_url, 6_000)
    assert found(database) == DUE // 3 * 3
    assert any("ix_consultations_due (due_order<?)" in line for line in plan(database))
    database.close()
