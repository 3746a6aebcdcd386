"""More time for an answer, on the pages of the body that asks and of the Board that answers."""

import pytest

from tests.builders import sent
from tests.web.browsing import errors_at, text_of
from vetting.engine.vocabulary import Role
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.load_calendar import load_calendar

BODY = "thanh-tra"


@pytest.fixture
def case(cast, database):
    load_calendar(database, cast.ids)
    case = cast.accepted()
    issue_consultations(cast.board, sent(), [case], Asking(due_on="2026-01-09"))  # a Friday
    return case


@pytest.fixture
def asked(cast, case):
    return cast.asked(case)[BODY]


@pytest.mark.behind_the_wall
def test_a_body_asks_and_the_board_gives_and_everybody_sees_the_day(browser_of, case, asked):
    body, board = browser_of(Role.BODY_OFFICER), browser_of(Role.BOARD_OFFICER)
    page = body.get(f"/consultations/{asked}/more-time")
    assert "No rule has been entered that limits this; the Board decides each time." in text_of(
        page
    )
    assert body.send_form(page, reason="Chờ xác minh.").status_code == 422
    sent_off = body.send_form(page, working_days="3", reason="Chờ xác minh.")
    assert sent_off.location == f"/consultations/{asked}"
    waiting = text_of(body.get(f"/consultations/{asked}"))
    assert "Your body asked for more time, until 14/01/2026." in waiting
    assert body.get(f"/consultations/{asked}/more-time").status_code == 409

    assert "A body asks the Board 1" in text_of(board.get("/work?wait=asked_of_us"))
    matrix = board.get(f"/cases/{case}/matrix")
    assert "Asks for more time, until 14/01/2026" in text_of(matrix)
    form = board.get(f"/cases/{case}/more-time/{asked}")
    assert "Chờ xác minh." in text_of(form)
    assert board.send_form(form, gives="", reason="Đồng ý.").status_code == 422
    assert board.send_form(form, gives="yes", reason="Đồng ý.").status_code == 303

    assert "due 14/01/2026 set first: 09/01/2026" in text_of(board.get(f"/cases/{case}/matrix"))
    why = text_of(body.get(f"/cases/{case}/deadlines/{asked}"))
    assert "more time was given, 09/01/2026 → 14/01/2026 (3 working days)" in why
    assert "13/01/2026" in why
    assert "14/01/2026" in text_of(body.get("/inbox?tab=unassigned"))
    assert board.get(f"/cases/{case}/more-time/{asked}").status_code == 409


def test_the_board_leaves_the_day_as_it_is(browser_of, case, asked):
    body, board = browser_of(Role.BODY_OFFICER), browser_of(Role.BOARD_OFFICER)
    body.send(f"/consultations/{asked}/more-time", until="30/01/2026", reason="Nhiều việc.")
    answer = board.send(f"/cases/{case}/more-time/{asked}", gives="no", reason="Hội đồng họp sớm.")
    assert answer.status_code == 303
    page = text_of(body.get(f"/consultations/{asked}"))
    assert "09/01/2026" in page
    assert "did not give Office thanh-tra more time; its answer stays due on 09/01/2026." in page


def test_who_is_not_asked_or_does_not_ask_finds_nothing(browser_of, case, asked):
    assert (
        browser_of(Role.BODY_OFFICER, "thue").get(f"/consultations/{asked}/more-time").status_code
        == 404
    )
    assert browser_of(Role.CASE_OFFICER).get(f"/cases/{case}/more-time/{asked}").status_code == 403
    board = browser_of(Role.BOARD_OFFICER)
    assert board.get(f"/cases/{case}/more-time/nothing").status_code == 404


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({}, "working_days", "Ask either for so many working days or for a day, not for both."),
        (
            {"working_days": "3", "until": "30/01/2026"},
            "working_days",
            "Ask either for so many working days or for a day, not for both.",
        ),
        ({"until": "09/01/2026"}, "until", "That day is no later than the one that stands."),
        ({"until": "30/02/2026"}, "until", "There is no such day"),
        ({"working_days": "251"}, "working_days", "Number must be between 1 and 250."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_in_the_summary(
    browser_of, asked, typed, field, says
):
    body = browser_of(Role.BODY_OFFICER)
    answer = body.send(f"/consultations/{asked}/more-time", reason="Chờ.", **typed)
    assert answer.status_code == 422
    [beside] = errors_at(answer, field)
    assert says in beside
    assert f'<a href="#{field}">' in answer.text


def test_a_day_that_cannot_be_given_any_more_is_said_beside_the_answer(
    browser_of, case, asked, clock
):
    body = browser_of(Role.BODY_OFFICER)
    body.send(f"/consultations/{asked}/more-time", until="12/01/2026", reason="Chờ.")
    clock.go_on(days=10)
    board = browser_of(Role.BOARD_OFFICER)
    answer = board.send(f"/cases/{case}/more-time/{asked}", gives="yes", reason="Đồng ý.")
    assert answer.status_code == 422
    assert errors_at(answer, "gives") == ["That day lies in the past."]


@pytest.mark.parametrize(
    "typed",
    [{"working_days": "0"}, {"working_days": "251"}, {"working_days": "x"}, {"until": "32/1"}],
)
def test_what_is_typed_wrongly_is_said_and_kept(browser_of, asked, typed):
    body = browser_of(Role.BODY_OFFICER)
    answer = body.send(f"/consultations/{asked}/more-time", reason="Chờ.", **typed)
    assert answer.status_code == 422
    assert "Chờ." in answer.text
