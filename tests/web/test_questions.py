"""Questions to a unit while its case runs, on the pages of the unit, the Board and the bodies."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.builders import add_organisation, as_owner, definitions
from tests.web.browsing import links_of, text_of
from vetting.engine.definition import Definition
from vetting.engine.reading import Definitions
from vetting.engine.vocabulary import Kind, Role
from vetting.usecases.load_calendar import load_calendar
from vetting.web.desk import EXTENSION

BODY = "thanh-tra"


@pytest.fixture
def case(cast):
    return cast.consulting()


@pytest.fixture
def asked(cast, case):
    return cast.asked(case)[BODY]


@pytest.fixture
def signed(cast, case, asked, clock):
    """The question of a body that has signed some time ago."""
    cast.sign(case, BODY)
    clock.go_on(minutes=1)
    return asked


@pytest.fixture
def board(browser_of):
    return browser_of(Role.BOARD_OFFICER)


@pytest.fixture
def unit(browser_of):
    return browser_of(Role.CASE_OFFICER)


@pytest.mark.behind_the_wall
def test_the_board_asks_the_unit_answers_and_a_body_sees_what_is_new(
    board, unit, browser_of, case, signed
):
    page = board.get(f"/cases/{case}/questions/new")
    assert board.send_form(page, reason="Chưa rõ.").status_code == 422
    told = board.send_form(
        page, question_1="Năm nào?", question_2="Ai xác nhận?", reason="Chưa rõ.",
        answer_by="09/01/2026",
    )  # fmt: skip
    assert told.location == f"/cases/{case}#questions"

    listed = unit.get("/cases")
    assert "Waits for you: returned for completion, or asked" in text_of(listed)
    address = f"/cases/{case}/questions/1/answer"
    assert address in links_of(listed)
    form = unit.get(address)
    assert "The Board asks for an answer by 09/01/2026." in text_of(form)
    assert unit.send_form(form).status_code == 422
    assert unit.send_form(form, said_1="Năm 2025.").status_code == 303
    assert "Năm 2025." in text_of(unit.get(f"/cases/{case}"))

    body = browser_of(Role.BODY_OFFICER)
    seen = text_of(body.get(f"/consultations/{signed}"))
    assert "Since your body signed, something new came from the unit." in seen
    assert "Năm nào?" in seen
    assert "Năm 2025." in seen
    assert "Not answered." in seen
    assert "signed before the unit answered" in text_of(board.get(f"/cases/{case}/matrix"))

    closed = board.send(f"/cases/{case}/questions/1/close", reason="Không cần nữa.")
    assert closed.status_code == 303
    assert "no longer waited for" in text_of(board.get(f"/cases/{case}"))
    assert unit.get(address).status_code == 409


def test_a_body_has_something_made_clear_and_the_unit_is_not_told_who(
    board, unit, browser_of, case, asked
):
    body = browser_of(Role.BODY_OFFICER)
    page = f"/consultations/{asked}/clarify"
    assert body.send(page, question_1="", reason="Đối chiếu.").status_code == 422
    assert body.send(page, question_1="Ở đâu?", reason="Đối chiếu.").status_code == 303
    assert body.get(page).status_code == 409

    assert "A body asks the Board 1" in text_of(board.get("/work"))
    shown = board.get(f"/cases/{case}")
    assert "Office thanh-tra wants something made clear by the unit." in text_of(shown)
    form = board.get(f"/cases/{case}/questions/new?for={asked}")
    assert "Ở đâu?" in form.text
    assert board.send_form(form).status_code == 303
    told = text_of(unit.get(f"/cases/{case}"))
    assert "Ở đâu?" in told
    assert "thanh-tra" not in told
    assert board.get(f"/cases/{case}/clarifications/{asked}").status_code == 409


def test_the_board_says_why_it_does_not_ask(board, browser_of, case, asked):
    body = browser_of(Role.BODY_OFFICER)
    body.send(f"/consultations/{asked}/clarify", question_1="Ở đâu?", reason="Đối chiếu.")
    address = f"/cases/{case}/clarifications/{asked}"
    assert "Ở đâu?" in text_of(board.get(address))
    assert board.send(address, reason="Đã có trong lý lịch.").status_code == 303
    seen = text_of(body.get(f"/consultations/{asked}"))
    assert "did not ask the unit what Office thanh-tra wanted to know." in seen


def test_what_is_not_theirs_is_not_there(board, unit, browser_of, case, asked):
    board.send(f"/cases/{case}/questions/new", question_1="Gì?", reason="Chưa rõ.")
    assert unit.get(f"/cases/{case}/questions/2/answer").status_code == 404
    other = browser_of(Role.CASE_OFFICER, "so-noi-vu")
    assert other.get(f"/cases/{case}/questions/1/answer").status_code == 404
    assert (
        browser_of(Role.BODY_OFFICER, "thue").get(f"/consultations/{asked}/clarify").status_code
        == 404
    )
    assert unit.get(f"/cases/{case}/questions/new").status_code == 403


def test_a_second_click_is_the_first_ones_act(board, unit, browser_of, database, case, asked):
    body = browser_of(Role.BODY_OFFICER)
    body.send(f"/consultations/{asked}/clarify", question_1="Ở đâu?", reason="Đối chiếu.")
    page = board.get(f"/cases/{case}/questions/new?for={asked}")
    put = [board.send_form(page).status_code for _ in range(2)]
    page = unit.get(f"/cases/{case}/questions/1/answer")
    said = [unit.send_form(page, said_1="Tại xã.").status_code for _ in range(2)]
    with as_owner(database).writing() as connection:
        add_organisation(connection, "cong-thuong", Kind.CONSULTED_BODY)
    page = board.get(f"/cases/{case}/add-body?instead={asked}")
    told = {"body": "cong-thuong", "reason": "Đã chuyển nhiệm vụ."}
    added = [board.send_form(page, **told).status_code for _ in range(2)]
    assert (put, said, added) == ([303, 303], [303, 303], [303, 303])


def test_where_the_workflow_states_a_term_no_other_day_can_be_set(app, cast, board, unit, case):
    load_calendar(cast.database, cast.ids)
    told = definitions().of("planning", 1).model_dump(by_alias=True)
    told["questions"] = {"unit": "calendar_days", "length": 3, "basis": "1-QC/TU"}
    known = {**definitions().by_name, ("planning", 1): Definition.model_validate(told)}
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], definitions=Definitions(known))

    page = board.get(f"/cases/{case}/questions/new")
    due = date.fromisoformat(cast.ids.today()) + timedelta(days=3)
    said = f"{due:%d/%m/%Y}"
    assert f"the answer is due on {said}: 3 days from the day the unit is asked" in text_of(page)
    assert 'name="answer_by"' not in page.text
    assert board.send_form(page, question_1="Năm nào?", reason="Chưa rõ.").status_code == 303
    derivation = f"/cases/{case}/deadlines/questions-1"
    listed = unit.get("/cases")
    assert f"waiting since {date.fromisoformat(cast.ids.today()):%d/%m/%Y}" in text_of(listed)
    for shown in (
        listed,
        unit.get(f"/cases/{case}"),
        unit.get(f"/cases/{case}/questions/1/answer"),
    ):
        assert derivation in links_of(shown)
    assert "1-QC/TU" in text_of(unit.get(derivation))
    shown = text_of(board.get("/workflows/planning/v1"))
    assert "Answer of the unit to questions 3 " in shown
    assert "(1-QC/TU) (frozen: nothing that comes later moves it)" in shown
    assert "By the term of the workflow" in text_of(board.get(f"/cases/{case}/history"))
    assert said in text_of(
        board.get(f"/cases/{case}/past?on={date.fromisoformat(cast.ids.today()):%d/%m/%Y}")
    )
