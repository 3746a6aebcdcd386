"""A slice of `make prove-calendar`: the days shown are those that each case has by itself."""

import pytest

from tests.proofs.many_dates import laid_down, one_by_one, shown


@pytest.mark.leaves_it_unwell  # rows are multiplied, entries are not
def test_the_calendar_shows_the_days_that_each_case_has_by_itself(sqlite_url):
    cast = laid_down(sqlite_url, 40)
    for desk in (cast.board, cast.unit):
        found = shown(cast, desk)
        assert found == one_by_one(cast, desk)
        assert len(found) > 10
    cast.database.close()
