"""The page of what falls due: a month in words, each date with its derivation, for each role."""

import pytest

from tests.builders import BODIES, sent
from tests.queries.test_deadlines import RESOLUTION
from tests.web.browsing import links_of, text_of
from vetting.engine.vocabulary import CaseType, Role
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.load_calendar import load_calendar
from vetting.usecases.record_fact import record_fact

BODY = "thanh-tra"


@pytest.fixture
def question(cast, database):
    load_calendar(database, cast.ids)
    case = cast.accepted()
    issue_consultations(cast.board, sent(), [case], Asking(due_on="2026-01-16"))
    return cast.asked(case)[BODY]


def test_the_menu_leads_to_it_and_each_date_to_its_derivation(browser_of, question):
    for role, many in ((Role.BODY_OFFICER, 1), (Role.BOARD_OFFICER, len(BODIES))):
        browser = browser_of(role)
        assert "/calendar" in links_of(browser.get("/help"))
        page = browser.get("/calendar")
        found = [link for link in links_of(page) if "/deadlines/" in link]
        assert len(found) == many
        assert all("Due on 16/01/2026" in text_of(browser.get(link)) for link in found)
    assert f"/consultations/{question}" in links_of(browser_of(Role.BODY_OFFICER).get("/calendar"))


@pytest.mark.usefixtures("question")
def test_the_month_says_in_words_what_is_closed_worked_due_and_today(browser_of):
    browser = browser_of(Role.BODY_OFFICER)
    january = text_of(browser.get("/calendar"))

    assert "What falls due in 01/2026" in january
    assert "1 date falls in this month." in january
    assert "closed: New Year's Day" in january
    assert "5 today" in january
    assert "15 16 1 due , 16/01/2026 17 weekend" in january
    day = text_of(browser.get("/calendar?day=2026-01-16"))
    assert "Due on 16/01/2026" in day
    assert "Friday Answer of" in day
    assert "Nothing falls due on this day." in text_of(browser.get("/calendar?day=2026-01-15"))
    august = text_of(browser.get("/calendar?month=2026-08"))
    assert "make-up working day: Worked in place of 31/08/2026" in august
    assert "Nothing falls due in this month." in august


@pytest.mark.usefixtures("question")
def test_beyond_the_calendar_the_page_says_so(browser_of):
    page = text_of(browser_of(Role.SUPERVISOR).get("/calendar?month=2032-01"))
    assert "is known from 01/01/2013 to 31/12/2031" in page
    assert "1 not known" in page
    later = text_of(browser_of(Role.SUPERVISOR).get("/calendar?month=2027-01"))
    assert "The yearly swaps of working days are known up to 31/12/2026." in later


def test_without_a_calendar_dates_have_no_day_and_say_why(browser_of, cast):
    case = cast.filed(case_type=CaseType.PARTY_ADMISSION, target="Đảng viên")
    record_fact(
        cast.unit, sent(), [case], "cell_resolution", RESOLUTION | {"passed_on": "2026-01-02"}
    )
    page = browser_of(Role.CASE_OFFICER).get("/calendar")
    assert "which days are worked is not known" in text_of(page)
    assert "Without a date (1)" in text_of(page)
    assert f"/cases/{case}/deadlines/decision" in links_of(page)


@pytest.mark.usefixtures("question")
def test_a_week_has_each_of_its_days_with_all_that_is_due(browser_of):
    browser = browser_of(Role.BOARD_OFFICER)
    page = browser.get("/calendar?week=2026-01-16")
    said = text_of(page)

    assert "What falls due from 12/01/2026 to 18/01/2026" in said
    assert "Thursday, 15/01/2026 Nothing falls due on this day." in said
    assert "Friday, 16/01/2026 Answer of" in said
    assert "Saturday, 17/01/2026 weekend" in said
    links = links_of(page)
    assert [link for link in links if "week=" in link or "month=" in link] == [
        "/calendar?week=2026-01-05",
        "/calendar?week=2026-01-05",  # the present one, by today
        "/calendar?week=2026-01-19",
        "/calendar?month=2026-01",
    ]
    assert len([link for link in links if "/deadlines/" in link]) == len(BODIES)
    assert "/calendar?week=2026-01-16" in links_of(browser.get("/calendar?day=2026-01-16"))
    assert "/calendar?week=2026-08-01" in links_of(browser.get("/calendar?month=2026-08"))
    this = text_of(browser.get("/calendar?week=2026-01-05"))
    assert "Monday, 05/01/2026 (today)" in this
    holiday = text_of(browser.get("/calendar?week=2026-01-01"))
    assert "Thursday, 01/01/2026 closed: New Year's Day" in holiday
    august = text_of(browser.get("/calendar?week=2026-08-22"))
    assert "22/08/2026 make-up working day: Worked in place of 31/08/2026" in august


def test_a_week_beyond_the_calendar_says_so(browser_of, cast, database):
    load_calendar(database, cast.ids)
    browser = browser_of(Role.SUPERVISOR)
    page = browser.get("/calendar?week=2032-01-01")
    assert page.status_code == 200
    assert "is known from 01/01/2013 to 31/12/2031" in text_of(page)
    assert "Thursday, 01/01/2032 not known" in text_of(page)
    last = browser.get("/calendar?week=9998-12-31")
    assert "to 03/01/9999" in text_of(last)
    assert "/calendar?week=9999" not in str(links_of(last))


@pytest.mark.parametrize(
    "asked",
    [
        "month=2026-13",
        "day=2026-02-30",
        "month=0000-01",
        "after=x",
        "week=2026-02-30",
        "week=9999-01-01",
        "week=x",
    ],
)
def test_what_is_no_month_or_page_is_refused_with_a_sentence(browser_of, asked):
    answer = browser_of(Role.SUPERVISOR).get(f"/calendar?{asked}")
    assert answer.status_code == 422


def test_the_administrator_has_no_such_page(browser_of):
    assert browser_of(Role.ADMINISTRATOR).get("/calendar").status_code == 403


@pytest.mark.usefixtures("question")
def test_the_cases_shown_are_written_down_as_seen(browser_of, database):
    browser_of(Role.SUPERVISOR).get("/calendar?month=2026-01")
    with database.reading() as connection:
        [line] = connection.exec_driver_sql("SELECT action, asked FROM reads").all()
    assert tuple(line) == ("see_calendar", "month=2026-01")
