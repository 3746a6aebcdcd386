"""Pages about mail: where it goes, what an officer wants of it, and what did not go out."""

from datetime import time

from sqlalchemy import select, update

from tests.builders import BODIES, officer_of, sent
from tests.web.browsing import text_of
from vetting.engine.mails import MailStep, WhyNotSent
from vetting.engine.vocabulary import Role
from vetting.records.mails import muted_notices
from vetting.records.officers import officers
from vetting.records.outbox import notice_steps, recipients
from vetting.usecases.do_jobs import Workbench
from vetting.usecases.mail_notices import Outcome, Post, ask_to_mail, works_of_mail
from vetting.usecases.tell_outcome import notify_units

HEAD = "ban-to-chuc/bh1"


def unopened(cast, officer):
    with cast.database.reading() as connection:
        r = recipients.c
        return len(
            connection.execute(
                select(r.notice).where(r.officer == officer, r.opened_at.is_(None))
            ).all()
        )


def test_opening_a_case_opens_what_one_was_told_of_it_and_of_no_other(cast, browser_of):
    case = cast.concluded()
    cast.filed()
    before = unopened(cast, "ban-to-chuc/bo1")
    assert before > 2
    browser_of(Role.BOARD_OFFICER).get(f"/cases/{case}")
    assert unopened(cast, "ban-to-chuc/bo1") == 1
    assert unopened(cast, HEAD) > 1


def test_opening_a_question_opens_the_notice_of_it_and_acknowledges_nothing(cast, browser_of):
    case = cast.consulting()
    browser = browser_of(Role.BODY_OFFICER, "thue")
    browser.get(f"/consultations/{cast.asked(case)['thue']}", headers={"Sec-Purpose": "prefetch"})
    assert unopened(cast, "thue/bo1") == 1
    browser.get(f"/consultations/{cast.asked(case)['thue']}")
    assert unopened(cast, "thue/bo1") == 0
    with cast.database.reading() as connection:
        kinds = set(
            connection.scalars(
                select(notice_steps.c.kind).where(notice_steps.c.officer == "thue/bo1")
            )
        )
    assert kinds == {"shown", "opened"}


def test_an_outcome_that_is_opened_in_its_case_is_still_to_be_acknowledged(cast, browser_of):
    case = cast.concluded()
    notify_units(cast.board, sent(), [case])
    browser = browser_of(Role.CASE_OFFICER)
    browser.get(f"/cases/{case}")
    assert "to be acknowledged" in text_of(browser.get("/notices"))


def test_an_officer_chooses_of_what_they_want_a_mail(cast, browser_of):
    browser = browser_of(Role.BODY_OFFICER, "thue")
    page = browser.get("/notices/mail")
    assert "This installation sends no mail" in text_of(page)
    assert "Always, and at once An opinion is asked for" in text_of(page)
    assert browser.send_form(page, wanted=[]).status_code == 303
    with cast.database.reading() as connection:
        assert set(connection.execute(select(muted_notices))) == {
            ("thue/bo1", on)
            for on in (
                "sign",
                "answer_due",
                "answer_late",
                "clarification_declined",
                "amendment_released",
            )
        }

    page = browser.get("/notices/mail")
    assert browser.send_form(page, wanted="consult").status_code == 422
    assert browser.send_form(browser.get("/notices/mail"), wanted="sign").status_code == 303
    with cast.database.reading() as connection:
        assert set(connection.scalars(select(muted_notices.c.on_move))) == {
            "answer_due",
            "answer_late",
            "clarification_declined",
            "amendment_released",
        }


def test_several_kinds_of_notice_are_chosen_at_once(cast, browser_of):
    browser = browser_of(Role.BODY_OFFICER, "thue")
    page = browser.get("/notices/mail")

    assert browser.send_form(page, wanted=["sign", "answer_due"]).status_code == 303
    with cast.database.reading() as connection:
        assert set(connection.scalars(select(muted_notices.c.on_move))) == {
            "answer_late",
            "clarification_declined",
            "amendment_released",
        }


def test_what_did_not_go_out_is_an_alarm_until_it_is_opened(cast, ids, browser_of):
    with cast.database.writing() as connection:
        asked = [
            officer_of(body, role)
            for body in BODIES
            for role in (Role.BODY_OFFICER, Role.BODY_SIGNER)
        ]
        connection.execute(
            update(officers)
            .where(officers.c.handle.in_(asked))
            .values(mail_address="an@tinh.example")
        )
    case = cast.consulting()
    answers = iter([Outcome(MailStep.BOUNCED, WhyNotSent.REFUSED, 550)])
    post = Post(lambda _mail: next(answers, Outcome(MailStep.SENT)), "https://v.example", time(7))
    bench = Workbench(cast.database, ids, works_of_mail(cast.database, ids, post))
    ask_to_mail(cast.database, ids, post)
    while bench.do_next():
        pass

    browser = browser_of(Role.SUPERVISOR)
    assert "1 mail did not go out" in text_of(browser.get("/oversight"))
    page = text_of(browser.get("/oversight/notices"))
    assert "refused for good" in page
    assert "The mail server refuses the recipient or the mail. (550)" in page

    for body, question in cast.asked(case).items():
        for role in (Role.BODY_OFFICER, Role.BODY_SIGNER):
            browser_of(role, body).get(f"/consultations/{question}")
    assert "did not go out" not in text_of(browser.get("/oversight"))


def test_an_administrator_says_where_mail_goes(browser_of):
    browser = browser_of(Role.ADMINISTRATOR)
    page = browser.get("/officers/thue/bo1/mail")
    refused = browser.send_form(page, address="an@so@x")
    assert refused.status_code == 422
    assert "This is not a mail address." in text_of(refused)
    assert browser.send_form(refused, address="an@tinh.example").status_code == 303
    assert "Mail address an@tinh.example" in text_of(browser.get("/officers/thue/bo1"))
    assert browser.send_form(browser.get("/officers/thue/bo1/mail"), address="").status_code == 303
    assert "Mail address none" in text_of(browser.get("/officers/thue/bo1"))
