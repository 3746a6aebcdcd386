"""After a disposal no file of the database has a word about its candidate."""

from threading import Timer
from unittest.mock import patch

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.proofs.forgetting import (
    Found,
    files_left_as_they_are,
    forget_one,
    forgotten_table,
    ground,
)
from vetting.records import scrub


def test_no_file_has_a_word_about_whoever_was_forgotten(engine_url):
    there, found = ground(engine_url, 3), Found()
    for case in list(there.words)[:2]:
        forget_one(there, case, found)
    there.database.close()
    assert found.wrong == []
    assert found.tried > 40


@pytest.mark.leaves_it_unwell
def test_a_table_that_was_forgotten_is_found_out(engine_url):
    there, found = ground(engine_url, 2), Found()
    with forgotten_table():
        forget_one(there, next(iter(there.words)), found)
    there.database.close()
    assert any(line.startswith("still there") for line in found.wrong)
    assert any("no entry says this" in line for line in found.wrong)


@pytest.mark.postgresql
def test_rows_that_were_destroyed_and_still_lie_there_are_found_out(postgresql_url):
    there, found = ground(postgresql_url, 2), Found()
    with files_left_as_they_are():
        forget_one(there, next(iter(there.words)), found)
    there.database.close()
    assert any(line.startswith("still there") for line in found.wrong)


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("database", "does"),
    [(None, "SELECT 1"), ("postgres", "SELECT pg_current_xact_id()")],
    ids=["a reader of this database", "a writer of another on the same server"],
)
def test_whoever_reads_in_an_older_state_is_waited_for_or_it_is_said(
    postgresql_url, database, does
):
    there, found = ground(postgresql_url, 3), Found()
    first, second = list(there.words)[:2]
    url = make_url(postgresql_url)
    older = create_engine(
        url.set(database=database or url.database), isolation_level="REPEATABLE READ"
    )
    with older.connect() as connection:
        connection.execute(text(does))
        with patch.object(scrub, "PATIENCE", 3), pytest.raises(scrub.NotScrubbed):
            forget_one(there, first, found)
        del there.words[first]
        ends = Timer(0.3, connection.rollback)
        ends.start()
        forget_one(there, second, found)
    older.dispose()
    there.database.close()
    assert found.wrong == []
