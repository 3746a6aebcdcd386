"""After every test: what it left in its database is whole, and follows from its entries.

Only what a test itself opened on SQLite is looked at, and only where there are entries. A test that
plants a defect and leaves it there says so: `@pytest.mark.leaves_it_unwell`.
"""

import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from vetting.queries.history_check import check_history
from vetting.records.database import Database
from vetting.records.rebuild import compare

MARK = "leaves_it_unwell"
MOST_ENTRIES = 1_000  # beyond these a test is about size, and a proof of its own
_file: list[Path] = []
# One engine for all of them: each statement is compiled once.
_ENGINE = create_engine("sqlite://", creator=lambda: sqlite3.connect(_file[-1]), poolclass=NullPool)


@pytest.fixture(autouse=True)
def every_database_is_left_well(request: pytest.FixtureRequest) -> Iterator[None]:
    """Look at what the test opened, once everything else is over."""
    opened: set[str] = set()
    open_one = Database.__init__

    def noting(self: Database, url: str, *more: Any, **named: Any) -> None:
        opened.add(url)
        open_one(self, url, *more, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "__init__", noting)
        yield
    if request.node.get_closest_marker(MARK) is None:
        for url in sorted(opened):
            amiss = amiss_in(url)
            assert not amiss, (
                f"this test leaves a database that is not well; mark it {MARK} where that is its "
                f"point: {amiss}"
            )


def amiss_in(url: str) -> list[str]:
    """What is not as it should be in a database that a test has left."""
    parsed = make_url(url)
    file = Path(parsed.database or "")
    if parsed.get_backend_name() != "sqlite" or not file.is_file() or not _has_entries(file):
        return []
    _file.append(file)
    try:
        with _ENGINE.connect() as connection:
            unlike = [str(one.sentence) for one in islice(compare(connection), 3)]
            check = check_history(connection)
    finally:
        _file.pop()
    broken = [f"{one.case_handle}/{one.number}: {one.what}" for one in check.broken[:3]]
    return [*unlike, *broken, *(str(one.what) for one in check.broken_log[:3])]


def _has_entries(file: Path) -> bool:
    connection = sqlite3.connect(file)
    try:
        [(count,)] = connection.execute("SELECT count(*) FROM entries")
    except sqlite3.Error:  # no database of ours, or not one any more
        return False
    finally:
        connection.close()
    return 0 < int(count) <= MOST_ENTRIES
