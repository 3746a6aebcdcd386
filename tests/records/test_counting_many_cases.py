"""Counting goes through everything once: over many times as many cases, as many times the work.

Work is what SQLite itself counts, the steps of its virtual machine, so it is the same each time.
SQLite keeps no statistics here, and a plan that reads all entries of a verb again for each case is
quick over the few cases of a test and comes to no end over those of a province.
"""

import pytest

from tests.builders import sent
from tests.proofs.long_history import multiply
from tests.random_histories import random_history
from tests.records.conftest import province
from vetting.engine.figures import FIGURES
from vetting.engine.vocabulary import Role
from vetting.queries import report_pages
from vetting.queries.report_pages import Wanted, behind_figure, report_page
from vetting.records import reports
from vetting.records.sealing_key import read_sealing_key
from vetting.records.second_count import second_count
from vetting.usecases.make_report import counted, make_report
from vetting.usecases.seal_checkpoint import seal_checkpoint

PERIOD = ("2026-01-01", "2026-12-31")
TIMES = 30  # as many cases
AS_EXACT = 100  # steps of the machine
MORE_A_CASE = 1.2  # deeper trees, and larger lists to sort
OF_A_PAGE = 4  # deeper trees, and more of one moment to put in order


def by_the_first(connection, cast):
    counted(connection, cast.ids, *PERIOD, reports.checkpoint_until(connection, "9999"))


def by_the_second(connection, _cast):
    last = reports.checkpoint_until(connection, "9999")
    since, until = PERIOD
    second_count(connection, size=last["size"], as_of=last["at"], since=since, until=until)


SMALL_PAGES = {"PAGE": 3, "AT_ONCE": 4, "MOST_LOOKED_AT": 8}
COUNTS = {"the first count": by_the_first, "the second count": by_the_second}


def work(cast, read, *told):
    """How many steps the machine of SQLite takes to read something."""
    steps = 0

    def step():
        nonlocal steps
        steps += 1

    with cast.database.reading() as connection:
        driver = connection.connection.driver_connection
        driver.set_progress_handler(step, AS_EXACT)
        try:
            read(connection, *told)
        finally:
            driver.set_progress_handler(None, 0)
    return steps


def lists(cast):
    """How much work it takes to read the first page of the list behind each figure."""
    desk = cast.desk("uy-ban-kiem-tra", Role.SUPERVISOR)
    report = make_report(desk, sent(), *PERIOD)["report"]
    with cast.database.reading() as connection:
        page = report_page(connection, desk.principal, report)
    with pytest.MonkeyPatch.context() as patch:
        for name, rows in SMALL_PAGES.items():
            patch.setattr(report_pages, name, rows)
        return {
            figure.name: work(cast, behind_figure, desk.principal, page, figure, Wanted())
            for figure in FIGURES.values()
        }


@pytest.fixture(scope="module")
def works(shared_sqlite_url, tmp_path_factory):
    """How much work it is over some cases, and over many times as many."""
    folder = tmp_path_factory.mktemp("keys")
    for database in province(shared_sqlite_url):
        cast = random_history(database, folder, seed=7, steps=150)
        few = {name: work(cast, count, cast) for name, count in COUNTS.items()} | lists(cast)
        multiply(database, TIMES - 1)
        seal_checkpoint(database, read_sealing_key(folder), cast.ids)
        many = {name: work(cast, count, cast) for name, count in COUNTS.items()} | lists(cast)
        yield few, many


@pytest.mark.parametrize("count", COUNTS)
def test_counting_is_no_more_work_a_case_however_many_there_are(works, count):
    few, many = works
    assert many[count] <= few[count] * TIMES * MORE_A_CASE


@pytest.mark.parametrize("figure", FIGURES)
def test_a_page_of_a_list_is_little_more_work_however_many_there_are(works, figure):
    few, many = works
    assert many[figure] <= few[figure] * OF_A_PAGE
