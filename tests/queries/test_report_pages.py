"""The list behind a figure is what the figure counts, and a reader sees the rows of their scope."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.builders import sent
from tests.random_histories import random_history
from tests.records.conftest import province
from vetting.engine.figures import FIGURES, Measure
from vetting.engine.vocabulary import CaseType, Role
from vetting.queries import report_pages
from vetting.queries.report_pages import ROW, Wanted, behind_figure, report_page
from vetting.usecases.make_report import make_report


@pytest.fixture
def made(sqlite_url, tmp_path):
    for database in province(sqlite_url):
        cast = random_history(database, tmp_path, seed=5, steps=90)
        desk = cast.desk("uy-ban-kiem-tra", Role.SUPERVISOR)
        report = make_report(desk, sent(), "2026-01-01", "2026-12-31")["report"]
        yield database, desk.principal, report


def whole_list(connection, principal, page, figure, wanted):
    """Every page of a list, one after the other."""
    found, after = [], None
    while True:
        behind = behind_figure(connection, principal, page, figure, wanted, after)
        found += behind.page.rows
        after = behind.page.next
        if after is None:
            return found


def test_a_list_adds_up_to_its_figure(made, monkeypatch):
    database, principal, report = made
    monkeypatch.setattr(report_pages, "PAGE", 3)
    monkeypatch.setattr(report_pages, "AT_ONCE", 4)
    monkeypatch.setattr(report_pages, "MOST_LOOKED_AT", 8)
    with database.reading() as connection:
        page = report_page(connection, principal, report)
        for figure in page.figures:
            listed = whole_list(connection, principal, page, figure.definition, Wanted())
            assert len(listed) == figure.items
            assert len({(one.handle, one.number) for one in listed}) == figure.items
            sums = Counter()
            for one in listed:
                for measure, number in one.item.values:
                    sums[one.item.key, measure] += number
            assert sums == Counter(
                {(key, m): n for key, row in figure.rows for m, n in row.items() if n}
            )
        requests = page.figure("requests")
        for key, row in requests.rows:
            wanted = Wanted(ROW.join(key), Measure.LATE.value)
            late = whole_list(connection, principal, page, requests.definition, wanted)
            assert len(late) == row[Measure.LATE]


def test_a_substitute_sees_the_case_types_that_were_left_to_them(made):
    database, principal, report = made
    for_some = replace(principal, case_types=frozenset({CaseType.PROMOTION}))
    with database.reading() as connection:
        whole = report_page(connection, principal, report)
        mine = report_page(connection, for_some, report)
    assert {figure.definition.name for figure in mine.figures} == FIGURES.keys()
    for figure, theirs in zip(whole.figures, mine.figures, strict=True):
        kept = tuple(one for one in figure.rows if "promotion" in one[0])
        assert theirs.rows == kept
