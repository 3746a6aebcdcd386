"""Pages of dates: why a date is the date, and the calendar year by year."""

import pytest

from tests.builders import sent
from tests.queries.test_deadlines import RESOLUTION
from tests.web.browsing import links_of, text_of, the_form
from vetting.engine.vocabulary import CaseType, Role
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.load_calendar import load_calendar
from vetting.usecases.record_fact import record_fact


@pytest.fixture
def admission(cast):
    case = cast.filed(case_type=CaseType.PARTY_ADMISSION, target="Đảng viên")
    record_fact(
        cast.unit, sent(), [case], "cell_resolution", RESOLUTION | {"passed_on": "2026-01-02"}
    )
    return case


def test_every_date_on_the_case_page_leads_to_its_derivation(browser_of, cast, admission, database):
    load_calendar(database, cast.ids)
    browser = browser_of(Role.CASE_OFFICER)

    links = [link for link in links_of(browser.get(f"/cases/{admission}")) if "/deadlines/" in link]

    assert links == [f"/cases/{admission}/deadlines/decision"] * 2
    page = text_of(browser.get(links[0]))
    # 5/1 to 13/2 are thirty, Tết is 16-20/2, and six weeks more end on 3/4
    assert "Due on 03/04/2026: running" in page
    assert "one extension of at most 30" in page
    assert "16/02/2026 Monday – closed: Lunar New Year's Eve" in page
    assert "29-QĐ/TW, 25/07/2016, Trung ương Đảng" in page
    assert "version 1" in page
    assert "source: holidays 0." in page


def test_without_a_calendar_the_page_says_so_instead_of_a_date(browser_of, admission):
    page = text_of(browser_of(Role.CASE_OFFICER).get(f"/cases/{admission}/deadlines/decision"))
    assert "The calendar of working days has not been entered." in page
    assert "Day by day" not in page


def test_a_body_reaches_the_date_of_its_own_question_from_its_inbox(browser_of, cast, database):
    load_calendar(database, cast.ids)
    case = cast.accepted()
    issue_consultations(cast.board, sent(), [case], Asking(due_on="2026-01-16"))
    browser = browser_of(Role.BODY_OFFICER)
    question = cast.asked(case)["thanh-tra"]

    for address in ("/inbox?tab=body", f"/consultations/{question}", f"/cases/{case}"):
        assert f"/cases/{case}/deadlines/{question}" in links_of(browser.get(address)), address

    page = text_of(browser.get(f"/cases/{case}/deadlines/{question}"))
    assert "A day that the Board set when it asked; nothing was counted." in page
    assert "Due on 16/01/2026: running" in page


def test_asking_why_is_written_down_as_a_look(browser_of, admission, database):
    browser_of(Role.SUPERVISOR).get(f"/cases/{admission}/deadlines/decision")
    with database.reading() as connection:
        lines = connection.exec_driver_sql("SELECT action, case_handle FROM reads").all()
    assert [tuple(line) for line in lines] == [("see_case", admission)]


@pytest.mark.parametrize("name", ["nothing", "probation%00", "accepted", "x" * 300])
def test_a_deadline_that_does_not_exist_is_not_found(browser_of, admission, name):
    answer = browser_of(Role.CASE_OFFICER).get(f"/cases/{admission}/deadlines/{name}")
    assert answer.status_code == 404


def test_the_calendar_has_a_page_a_year_with_closures_and_make_up_days(browser_of, cast, database):
    load_calendar(database, cast.ids)
    browser = browser_of(Role.BODY_SIGNER)

    page = text_of(browser.get("/registers/calendar"))

    assert "Working days 2026" in page
    assert "known from 01/01/2013 to 31/12/2031" in page
    assert (
        "22/08/2026 Saturday make-up working day Làm việc bù cho ngày nghỉ 31/08/2026 "
        "Worked in place of 31/08/2026" in page
    )
    assert "24/11/2026 Tuesday closed Ngày Văn hóa Việt Nam Vietnam Cultural Day" in page
    assert "26/04/2026 Sunday holiday on a weekend" in page
    # 261 weekdays, 13 of them closed, and one Saturday worked
    assert "Working days in this year: 249." in page
    later = text_of(browser.get("/registers/calendar?year=2031"))
    assert "The yearly swaps of working days are known up to 31/12/2026." in later


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("1000", 2013), ("9999", 2031), ("²", 2026), ("x", 2026), ("", 2026), ("-2030", 2026)],
)
def test_a_year_that_is_none_or_unknown_shows_the_nearest(browser_of, cast, database, asked, shown):
    load_calendar(database, cast.ids)
    answer = browser_of(Role.SUPERVISOR).get(f"/registers/calendar?year={asked}")
    assert (answer.status_code, f"Working days {shown}" in text_of(answer)) == (200, True)


def test_without_a_calendar_the_page_says_what_brings_it(browser_of):
    page = text_of(browser_of(Role.SUPERVISOR).get("/registers/calendar"))
    assert "The calendar of working days has not been entered." in page
    assert "vetting init" in page


def test_a_calendar_is_changed_once_what_it_moves_was_looked_at(
    browser_of, cast, admission, database
):
    load_calendar(database, cast.ids)
    browser = browser_of(Role.BOARD_HEAD)
    address = "/registers/calendar/change"
    typed = {
        "calendar": "province",
        "first": "12/01/2026",
        "kind": "closure",
        "name_vi": "Bão",
        "name_en": "Storm",
        "reason": "Tỉnh cho nghỉ.",
    }

    shown = browser.get(address)
    looked_at = browser.post(address, data=the_form(shown, to="").filled | typed)
    page = text_of(looked_at)
    assert looked_at.status_code == 200
    assert "Decision of the competent committee 03/04/2026 06/04/2026" in page

    other = cast.filed(case_type=CaseType.PARTY_ADMISSION, target="Đảng viên", name="Trần Bình")
    record_fact(
        cast.unit, sent(), [other], "cell_resolution", RESOLUTION | {"passed_on": "2026-01-05"}
    )
    form = the_form(looked_at, to="").filled | typed
    refused = browser.post(address, data=form)
    assert refused.status_code == 409
    assert "Other deadlines would move now than were shown." in text_of(refused)
    assert "Decision of the competent committee 06/04/2026 07/04/2026" in text_of(refused)

    saved = browser.post(address, data=the_form(refused, to="").filled | typed)
    assert saved.headers["Location"] == "/registers/calendar?year=2026&calendar=province"
    calendar = text_of(browser.get(saved.headers["Location"]))
    assert "The calendar is changed. 2 deadlines have moved." in calendar
    assert "12/01/2026: closed (Storm)" in calendar
    history = text_of(browser_of(Role.CASE_OFFICER).get(f"/cases/{admission}/history"))
    assert "changed the calendar of working days" in history
    assert "03/04/2026 → 06/04/2026" in history


def test_a_closed_day_needs_no_english_name(browser_of, cast, database):
    load_calendar(database, cast.ids)
    browser = browser_of(Role.BOARD_HEAD)
    address = "/registers/calendar/change"
    typed = {
        "calendar": "province",
        "first": "12/01/2026",
        "kind": "closure",
        "name_vi": "Bão số 9",
    }
    form = the_form(browser.get(address), to="").filled | typed | {"reason": "Tỉnh cho nghỉ."}
    shown = browser.post(address, data=form)
    saved = browser.post(address, data=the_form(shown, to="").filled)
    assert saved.status_code == 303, text_of(saved)
    calendar = browser.get(saved.location)
    assert "12/01/2026: closed (Bão số 9)" in text_of(calendar)
    assert calendar.text.count('<td lang="vi">Bão số 9</td>') == 2


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"first": "01/01/2032"}, "a day outside it is not entered"),
        ({"first": "31/02/2026"}, "There is no such day"),
        ({"last": "01/01/2026"}, "lies before the first"),
        ({"name_vi": ""}, "Say what the day is called."),
        ({"kind": "holiday"}, "Not a valid choice"),
        ({"calendar": "so-y-te"}, "Not a valid choice"),
        ({"reason": ""}, "Give a reason."),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_nothing_typed_is_lost(
    browser_of, cast, database, wrong, says
):
    load_calendar(database, cast.ids)
    browser = browser_of(Role.BOARD_HEAD)
    address = "/registers/calendar/change"
    typed = {
        "calendar": "province",
        "first": "12/01/2026",
        "kind": "closure",
        "name_vi": "Bão số 9",
        "name_en": "Storm",
        "reason": "Tỉnh cho nghỉ.",
    }
    answer = browser.post(
        address, data=the_form(browser.get(address), to="").filled | typed | wrong
    )
    assert answer.status_code == 422
    assert says in text_of(answer)
    assert "Storm" in answer.get_data(as_text=True)
