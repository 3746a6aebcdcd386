"""The page of who has how much: in words, with what it leaves out, to each what is theirs."""

import pytest

from tests.builders import BODIES, officer_of, sent
from tests.web.browsing import links_of, text_of
from vetting.engine.vocabulary import Role
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.load_calendar import load_calendar
from vetting.usecases.receive_consultation import assign_consultations

BODY = "thanh-tra"
ME = officer_of(BODY, Role.BODY_OFFICER)


@pytest.fixture
def owed(cast, database, clock):
    load_calendar(database, cast.ids)
    case = cast.accepted()
    issue_consultations(cast.board, sent(), [case], Asking(due_on="2026-01-16"))
    assign_consultations(cast.drafter(BODY), sent(), [cast.asked(case)[BODY]], ME)
    clock.go_on(days=2)
    return case


@pytest.mark.usefixtures("owed")
def test_a_body_reads_of_itself_and_its_officers_from_the_menu(browser_of):
    browser = browser_of(Role.BODY_OFFICER)
    assert "/load" in links_of(browser.get("/inbox"))

    page = text_of(browser.get("/load"))

    assert "What is open is told as of 07/01/2026" in page
    assert f"Office {BODY} 1 0 0 05/01/2026 2 1 0" in page
    assert f"{ME} 1 0 0 05/01/2026 2 1 0" in page
    assert "Officers of the Board" not in page
    assert all(f"Office {body}" not in page for body in BODIES if body != BODY)
    assert "It says who has how much, and not who is better." in page


@pytest.mark.usefixtures("owed")
def test_the_board_and_the_supervisor_read_of_all_bodies_and_of_no_bodys_officers(browser_of):
    for role in (Role.BOARD_OFFICER, Role.BOARD_HEAD, Role.SUPERVISOR):
        browser = browser_of(role)
        assert "/load" in links_of(browser.get("/reports"))
        page = text_of(browser.get("/load"))
        assert all(f"Office {body} 1 0 0 05/01/2026" in page for body in BODIES)
        assert ME not in page
        assert officer_of("ban-to-chuc", Role.BOARD_OFFICER) in page
        assert "is the body’s own affair" in page


@pytest.mark.parametrize("role", [Role.CASE_OFFICER, Role.SECRETARY, Role.ADMINISTRATOR])
def test_to_others_there_is_no_such_page(browser_of, role):
    assert browser_of(role).get("/load").status_code == 403


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("since=10/01/2026&until=09/01/2026", "This day is before the first one."),
        ("since=01/01/2020&until=09/01/2026", "Ask for at most 366 days at a time."),
        ("since=31/02/2026", "There is no such day"),
        ("until=x", "Write the date as dd/mm/yyyy."),
        ("until=01/01/1900", ""),
    ],
)
def test_days_that_cannot_be_asked_for_are_refused_beside_the_field(browser_of, asked, said):
    answer = browser_of(Role.SUPERVISOR).get(f"/load?{asked}")
    assert answer.status_code == (422 if said else 200)
    assert said in text_of(answer)


def test_without_a_calendar_no_age_is_counted_and_the_page_says_so(browser_of, cast):
    cast.consulting()
    page = text_of(browser_of(Role.BODY_SIGNER).get("/load"))
    assert "no age is counted" in page
    assert "(1 not counted)" in page
