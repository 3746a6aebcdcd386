"""After a disposal no file of the database has a word about its candidate."""

import pytest

from tests.proofs.forgetting import (
    Found,
    files_left_as_they_are,
    forget_one,
    forgotten_table,
    ground,
)


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
