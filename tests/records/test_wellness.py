"""What looks at every database that a test leaves sees what it is there to see."""

import pytest
from sqlalchemy import text, update

from tests.builders import Cast
from tests.records.conftest import province
from tests.wellness import amiss_in
from vetting.records.cases import cases


@pytest.fixture
def left(sqlite_url):
    """A database in which people acted."""
    for database in province(sqlite_url):
        Cast(database).consulting()
        yield database


def test_what_acts_leave_is_well(left):
    assert amiss_in(left.url) == []
    assert amiss_in("sqlite:////nowhere/at/all") == []


@pytest.mark.leaves_it_unwell
def test_a_row_unlike_its_entries_is_seen(left):
    with left.writing() as connection:
        connection.execute(update(cases).values(target="khác"))
    assert [line.rpartition(": ")[2] for line in amiss_in(left.url)] == [
        "“target” is not what the entries say."
    ]


@pytest.mark.leaves_it_unwell
def test_an_entry_that_was_changed_is_seen(left):
    with left.writing() as connection:
        connection.execute(text("DROP TRIGGER entries_no_update"))
        connection.execute(text("UPDATE entries SET session = 'another' WHERE number = 2"))
    assert [line.rpartition(": ")[2] for line in amiss_in(left.url)] == ["the entry was changed"]
