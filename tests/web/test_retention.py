"""The pages of retention: a hold, and a record that two people have destroyed."""

import re
from unittest.mock import patch

import pytest
from sqlalchemy import func, select, update

from tests.builders import add_officer, as_owner, officer_of
from tests.disposing import LATER, schedule
from tests.web.browsing import links_of, text_of, the_form
from vetting.engine.policy import BODYS_OWN, Action
from vetting.engine.vocabulary import Role
from vetting.records.cases import participations
from vetting.records.consultations import consultations
from vetting.records.history import entries
from vetting.records.officers import officers
from vetting.usecases import forget as forgetting
from vetting.usecases.look import look

NAME = "Đặng Thị Sẽ Quên"


@pytest.fixture
def closed(cast, database, kept_password, clock):
    clock.go_on(days=60)
    case = cast.closed(name=NAME)
    with as_owner(database).writing() as connection:
        add_officer(connection, "ban-to-chuc/bo2", "ban-to-chuc", Role.BOARD_OFFICER)
        connection.execute(update(officers).values(password_hash=kept_password, language="en"))
    return case


@pytest.fixture
def due(closed, database, clock):
    schedule(database)
    schedule(database, years=50, code="lau-dai", case_types="")
    clock.now = LATER
    return closed


def test_without_a_schedule_the_pages_say_so_and_offer_nothing(closed, browser_of):
    for role in (Role.BOARD_OFFICER, Role.BOARD_HEAD, Role.SUPERVISOR):
        browser = browser_of(role)
        page = browser.get(f"/cases/{closed}/retention")
        assert "No schedule was entered for this record" in text_of(page)
        assert "/disposal" not in page.text
        assert "Nothing runs out" in text_of(browser.get("/retention"))
    asked = browser_of(Role.BOARD_OFFICER, nth=2).get(f"/cases/{closed}/disposal")
    assert "No schedule was entered for this record" in text_of(asked)


def test_a_hold_is_placed_by_one_and_lifted_by_another(due, browser_of):
    head, supervisor = browser_of(Role.BOARD_HEAD), browser_of(Role.SUPERVISOR)
    page = head.get(f"/cases/{due}/hold")
    refused = head.send_form(page, reason="  ")
    assert refused.status_code == 422
    assert "Give a reason." in text_of(refused)
    assert head.send_form(page, reason="Có đơn khiếu nại.").status_code == 303
    shown = supervisor.get(f"/cases/{due}/retention")
    assert "Có đơn khiếu nại." in text_of(shown)
    assert "The record is held." in text_of(shown)
    assert NAME in text_of(supervisor.get("/retention"))
    [lift] = [link for link in links_of(shown) if link.endswith("/lift")]
    assert supervisor.get(lift.replace("/lift", "9/lift")).status_code == 404
    assert supervisor.send_form(supervisor.get(lift), reason="Đã giải quyết.").status_code == 303
    assert "held the record" in text_of(head.get(f"/cases/{due}/history"))


def test_another_class_is_set_by_the_head(due, browser_of):
    head = browser_of(Role.BOARD_HEAD)
    page = head.get(f"/cases/{due}/retention-class")
    assert head.send_form(page, record_class="lau-dai", reason="Lưu lâu dài.").status_code == 303
    assert "kept until its schedule has run out" in text_of(head.get(f"/cases/{due}/retention"))


def assert_who_did_what_is_told(database, case, shown):
    with database.reading() as connection:
        kept = connection.execute(
            select(entries.c.number, entries.c.verb, entries.c.body)
            .where(entries.c.case_handle == case)
            .order_by(entries.c.number)
        ).all()
    numbers = [int(one) for one in re.findall(r'<td class="number">(\d+)</td>', shown)]
    assert numbers == [one.number for one in kept if not (one.body and one.verb in BODYS_OWN)]
    assert len(numbers) < len(kept), "what a body did within itself was never shown to others"
    assert shown.count("the system, by itself") == 1, "that every reply was in, nobody did"
    assert "Hết thời hạn bảo quản" not in shown
    assert "Đồng ý." not in shown


def test_one_asks_another_agrees_and_the_addresses_say_what_became_of_it(
    due, browser_of, database, ids
):
    with database.reading() as connection:
        consultation = connection.scalar(
            select(consultations.c.handle).where(consultations.c.body == "thanh-tra")
        )
    asker = browser_of(Role.BOARD_OFFICER, nth=2)
    page = asker.get(f"/cases/{due}/disposal")
    assert "Signed opinions" in text_of(page)
    again = asker.send_form(page, reason="Hết thời hạn bảo quản.")
    assert again.status_code == 303, again.text
    own = browser_of(Role.BOARD_OFFICER, nth=2).get(f"/cases/{due}/retention")
    assert "has asked that it be destroyed" in text_of(own)

    second = browser_of(Role.SUPERVISOR)
    assert NAME in text_of(second.get("/retention"))
    page = second.get(f"/cases/{due}/disposal/answer")
    assert "It is the very list" in text_of(page)
    assert second.send_form(page, answer="", reason="Đồng ý.").status_code == 422
    answer = second.send_form(page, answer="agree", reason="Đồng ý.")
    assert answer.status_code == 303, answer.text
    assert "about to be destroyed" in text_of(second.get(f"/cases/{due}/retention"))

    with patch.object(forgetting, "clean_files", return_value=0):
        assert forgetting.forget(as_owner(database), ids).erased == (due,)
    doctor = {role: browser_of(role) for role in (Role.SUPERVISOR, Role.ADMINISTRATOR)}
    assert "the files of the database are not cleaned yet" in text_of(
        doctor[Role.SUPERVISOR].get("/doctor")
    )
    numbers = text_of(doctor[Role.ADMINISTRATOR].get("/doctor"))
    assert "the files of the database are not clean of it 1" in " ".join(numbers.split())
    assert "The record of case" not in numbers
    assert "files not cleaned yet" in text_of(second.get("/retention"))
    assert forgetting.forget(as_owner(database), ids).cleaned == 1
    assert "Nothing is amiss." in text_of(doctor[Role.SUPERVISOR].get("/doctor"))
    secretary = browser_of(Role.SECRETARY)
    for browser, address in (
        (asker, f"/cases/{due}"),
        (second, f"/cases/{due}/history"),
        (second, f"/cases/{due}/package"),
        (browser_of(Role.CASE_OFFICER), f"/cases/{due}"),
        (secretary, f"/cases/{due}"),
        (browser_of(Role.BODY_SIGNER), f"/consultations/{consultation}/receipt"),
    ):
        gone = browser.get(address)
        assert gone.status_code == 410, address
        assert "lawfully destroyed on" in text_of(gone)
        assert NAME not in gone.text
        assert "kept for 20 years after it was over" in text_of(gone)
        assert ("Disposal agreed to" in text_of(gone)) == (browser in (asker, second, secretary)), (
            address
        )
    assert browser_of(Role.CASE_OFFICER, "so-noi-vu").get(f"/cases/{due}").status_code == 404
    assert browser_of(Role.BODY_OFFICER, "thue").get(f"/cases/{due}").status_code == 410
    listed = text_of(second.get("/retention"))
    assert "Văn bản thử nghiệm" in listed
    assert NAME not in listed
    assert "files cleaned: " in listed
    assert f"/cases/{due}" in links_of(second.get("/retention"))
    assert_who_did_what_is_told(database, due, second.get(f"/cases/{due}").text)
    for role, address in (
        (Role.BOARD_HEAD, f"/search?q={NAME}"),
        (Role.CASE_OFFICER, "/cases"),
        (Role.BODY_SIGNER, "/signed"),
        (Role.BOARD_OFFICER, "/work"),
        (Role.CASE_OFFICER, "/notices"),
        (Role.SUPERVISOR, "/oversight"),
        (Role.BOARD_HEAD, "/doctor"),
        (Role.BOARD_HEAD, "/letters"),
    ):
        answer = browser_of(role).get(address)
        assert answer.status_code == 200, address
        assert due not in answer.text, address


def test_nobody_is_offered_to_agree_to_another_list_than_was_asked_about(due, cast, browser_of):
    asker = browser_of(Role.BOARD_OFFICER, nth=2)
    asked = asker.send_form(asker.get(f"/cases/{due}/disposal"), reason="Hết thời hạn.")
    assert asked.status_code == 303
    look(cast.head, Action.SEE_CASE, cases=[due], purpose="Đối chiếu đơn.")
    second = browser_of(Role.SUPERVISOR)
    page = second.get(f"/cases/{due}/disposal/answer")
    assert "It is not the list any more" in text_of(page)
    assert "I agree" not in page.text
    assert second.send_form(page, answer="agree", reason="Đồng ý.").status_code == 422
    assert second.send_form(page, answer="refuse", reason="Đã khác.").status_code == 303


def test_a_second_click_on_the_answer_is_the_first_answer_again(due, browser_of, database):
    asker, second = browser_of(Role.BOARD_OFFICER, nth=2), browser_of(Role.SUPERVISOR)
    asker.send_form(asker.get(f"/cases/{due}/disposal"), reason="Hết thời hạn.")
    page = second.get(f"/cases/{due}/disposal/answer")
    first = second.send_form(page, answer="agree", reason="Đồng ý.")
    with database.reading() as connection:
        before = connection.scalar(select(func.count()).select_from(entries))
    again = second.send_form(page, answer="agree", reason="Đồng ý.")
    assert (again.status_code, again.location) == (303, first.location), text_of(again)
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(entries)) == before
    other = second.send_form(page, answer="agree", reason="Một câu khác.")
    assert other.status_code == 422
    assert "Two people have agreed" in text_of(other)
    assert "Not a valid choice" not in text_of(other)
    late = second.get(f"/cases/{due}/disposal/answer")
    assert "Two people have agreed; the record is about to be destroyed." in text_of(late)
    assert "Nobody waits" not in text_of(late)


def test_whoever_had_a_part_reads_beforehand_that_others_have_to_ask_and_agree(due, browser_of):
    for role, told in (
        (Role.BOARD_OFFICER, "officer or the head of the Board who did nothing in the case"),
        (Role.BOARD_HEAD, "officer or the head of the Board who did nothing in the case"),
    ):
        browser = browser_of(role)
        page = browser.get(f"/cases/{due}/retention")
        assert "You had a part in this case yourself" in text_of(page)
        assert told in text_of(page)
        assert "/disposal" not in page.text
        page = browser.get(f"/cases/{due}/disposal")
        assert "You had a part in this case yourself" in text_of(page)
        assert 'name="reason"' not in page.text
    asker = browser_of(Role.BOARD_OFFICER, nth=2)
    assert "You had a part" not in text_of(asker.get(f"/cases/{due}/retention"))
    asker.send_form(asker.get(f"/cases/{due}/disposal"), reason="Hết thời hạn.")
    assert "You had a part" not in text_of(asker.get(f"/cases/{due}/retention"))


def test_a_supervisor_who_had_a_part_reads_that_another_has_to_agree(due, browser_of, database):
    asker, second = browser_of(Role.BOARD_OFFICER, nth=2), browser_of(Role.SUPERVISOR)
    asker.send_form(asker.get(f"/cases/{due}/disposal"), reason="Hết thời hạn.")
    with as_owner(database).writing() as connection:
        connection.execute(
            participations.insert(),
            {
                "case_handle": due,
                "officer": officer_of("uy-ban-kiem-tra", Role.SUPERVISOR),
                "hat": "review",
                "organisation": "uy-ban-kiem-tra",
            },
        )
    for address in (f"/cases/{due}/retention", f"/cases/{due}/disposal/answer"):
        page = second.get(address)
        assert "A supervisor who did nothing in the case can answer." in text_of(page)
        assert 'name="answer"' not in page.text
        assert not [one for one in links_of(page) if one.endswith("/answer")]


def test_what_the_page_carries_unseen_is_not_told_as_typed(due, browser_of):
    seen = browser_of(Role.BOARD_OFFICER, nth=2).get(f"/cases/{due}/disposal")
    plan = the_form(seen).filled["plan"][0]
    browser = browser_of(Role.BOARD_OFFICER)
    token = the_form(browser.get("/help"), to="/language").filled["csrf_token"][0]
    sent = {"csrf_token": token, "key": "k-1", "plan": plan, "reason": "Hết thời hạn."}
    refused = browser.post(f"/cases/{due}/disposal", data=sent)
    assert refused.status_code == 409
    assert "Hết thời hạn." in text_of(refused)
    assert plan not in refused.text
    nobodys = browser_of(Role.BOARD_OFFICER)
    nobodys.delete_cookie("officer")
    ended = nobodys.post(f"/cases/{due}/disposal", data=sent)
    assert ended.status_code == 401
    assert "Hết thời hạn." in text_of(ended)
    assert plan not in ended.text
