"""The page of notices: what is new stands in the menu, opens the case, and is acknowledged."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from tests.builders import sent
from tests.web.browsing import links_of, text_of
from vetting.engine.reading_budget import Budget
from vetting.engine.vocabulary import Role
from vetting.records.officers import officers
from vetting.records.outbox import notice_steps, outbox, recipients
from vetting.usecases.do_jobs import Workbench
from vetting.usecases.propose import propose, submit_proposals
from vetting.usecases.tell_outcome import notify_units
from vetting.web.desk import EXTENSION
from vetting.worker.reconcile import ask_to_reconcile, works

NAME = "Đặng Thị Tin"
SECRETARY = officers.c.handle == "thuong-truc/s1"


@pytest.fixture
def notified(cast):
    case = cast.concluded(name=NAME)
    notify_units(cast.board, sent(), [case])
    return case


def notices_of(browser, way=""):
    return [
        link
        for link in links_of(browser.get(f"/notices{way}"))
        if link.startswith("/notices/") and link.count("/") == 3
    ]


def test_a_notice_waits_in_the_menu_and_opens_the_case(cast, browser_of):
    case = cast.filed(name=NAME)
    browser = browser_of(Role.BOARD_OFFICER)
    page = browser.get("/notices")
    assert "Notices 1 not opened" in text_of(page)
    assert "A case was filed" in text_of(page)
    assert NAME in text_of(page)

    [notice] = notices_of(browser)
    answer = browser.get(notice)
    assert (answer.status_code, answer.location) == (302, f"/cases/{case}")

    page = browser.get("/notices")
    assert "Notices Emergency access" in text_of(page)
    assert notices_of(browser, "?unopened=y") == []
    assert "You have opened every notice." in text_of(browser.get("/notices?unopened=y"))


@pytest.mark.parametrize("way", ["HEAD", "in stock"])
def test_what_nobody_sees_is_neither_shown_nor_opened(cast, browser_of, database, way):
    cast.filed(name=NAME)
    browser = browser_of(Role.BOARD_OFFICER)

    def ask(address):
        if way == "HEAD":
            return browser.head(address)
        return browser.get(address, headers={"Sec-Purpose": "prefetch"})

    with database.reading() as connection:
        telling, move = connection.execute(select(outbox.c.telling, outbox.c.on_move)).one()
    assert ask("/notices").status_code == 200
    assert ask(f"/notices/{telling}/{move}").status_code == 302

    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(notice_steps)) == 0
        assert set(connection.scalars(select(recipients.c.opened_at))) == {None}
    assert "Notices 1 not opened" in text_of(browser.get("/notices"))


def test_a_body_is_led_to_its_question(cast, browser_of):
    case = cast.consulting()
    browser = browser_of(Role.BODY_OFFICER, "thue")

    [notice] = notices_of(browser)

    assert browser.get(notice).location == f"/consultations/{cast.asked(case)['thue']}"


def test_what_asks_for_it_is_acknowledged_once(notified, browser_of):
    browser = browser_of(Role.CASE_OFFICER)
    [notice] = notices_of(browser)
    page = browser.get(notice)
    assert page.status_code == 200
    assert NAME in text_of(page)
    assert f"/cases/{notified}" in links_of(page)
    assert "Meets" not in text_of(page)
    assert "to be acknowledged" in text_of(browser.get("/notices"))

    for _ in range(2):
        told = browser.send_form(page, to=f"{notice}/acknowledge")
        assert told.status_code == 303
    assert "to be acknowledged" not in text_of(browser.get("/notices"))
    assert browser.get(notice).location == f"/cases/{notified}"


def test_everything_on_the_page_is_marked_as_opened(cast, clock, browser_of):
    cast.filed()
    browser = browser_of(Role.BOARD_HEAD)
    page = browser.get("/notices")
    clock.go_on(minutes=1)
    cast.filed()

    assert browser.send_form(page, to="/notices/open").status_code == 303

    assert "Notices 1 not opened" in text_of(browser.get("/notices"))


@pytest.mark.parametrize("until", ["", "x", "9" * 40, "2026-01-05T02:00:00.000000Z'"])
def test_up_to_no_moment_nothing_is_opened(cast, browser_of, until):
    cast.filed()
    browser = browser_of(Role.BOARD_HEAD)

    assert browser.send("/notices", to="/notices/open", up_to=until).status_code == 422

    assert "Notices 1 not opened" in text_of(browser.get("/notices"))


@pytest.mark.parametrize("way", ["x/notify", "x" * 23 + "/notify", "%00/notify", "x/%00"])
def test_what_is_no_notice_is_not_there(cast, browser_of, way):
    cast.filed()
    assert browser_of(Role.BOARD_OFFICER).get(f"/notices/{way}").status_code == 404


def test_anothers_notice_is_not_there(cast, browser_of):
    cast.filed()
    [notice] = notices_of(browser_of(Role.BOARD_OFFICER))

    assert browser_of(Role.CASE_OFFICER).get(notice).status_code == 404


def test_pages_follow_one_another(cast, clock, browser_of, monkeypatch):
    monkeypatch.setattr("vetting.queries.notices_page.PAGE", 2)
    cast.filed(name="Người Một")
    for name in ("Người Hai", "Người Ba"):
        clock.go_on(minutes=1)
        cast.filed(name=name)
    browser = browser_of(Role.BOARD_OFFICER)
    first = browser.get("/notices")
    [further] = [link for link in links_of(first) if "after=" in link]

    assert len(notices_of(browser)) == 2
    assert "Người Một" in text_of(browser.get(further))
    assert browser.get("/notices?after=tampered").status_code == 422


def test_a_supervisor_is_alarmed_by_what_was_not_told_and_by_what_stands_still(
    cast, database, clock, browser_of
):
    with database.writing() as connection:
        connection.execute(update(officers).where(SECRETARY).values(disabled_at="x"))
    case = cast.assembling(name=NAME)
    propose(cast.board, sent(), [case], "meets", "Đủ.")
    submit_proposals(cast.head, sent(), [case])
    browser = browser_of(Role.SUPERVISOR)
    assert "not told" not in text_of(browser.get("/oversight"))
    bench = Workbench(database, cast.ids, works(database, cast.board.definitions, cast.ids))
    ask_to_reconcile(database, cast.ids)
    assert bench.do_next()

    page = browser.get("/oversight")
    assert "1 notice was not told" in text_of(page)
    assert "/oversight/notices" in links_of(page)
    named = browser.get("/oversight/notices")
    assert "A case was submitted Office thuong-truc" in text_of(named)
    assert f"/cases/{case}" in links_of(named)
    assert "stands still" not in text_of(page)

    clock.go_on(days=2)
    page = text_of(browser_of(Role.SUPERVISOR).get("/oversight"))
    assert "0 jobs were given up, 1 are due for an hour" in page


def test_whoever_may_see_no_more_cases_today_still_reads_what_they_were_told(
    cast, browser_of, app, monkeypatch
):
    cast.filed(name=NAME)
    browser = browser_of(Role.BOARD_OFFICER)
    shared = app.extensions[EXTENSION]
    used_up = replace(shared.settings, reading=Budget(officer_a_day=0))
    monkeypatch.setitem(app.extensions, EXTENSION, replace(shared, settings=used_up))

    page = text_of(browser.get("/notices"))
    assert "A case was filed" in page
    assert "No more cases are shown to you today." in page
    assert NAME not in page
    [notice] = notices_of(browser)
    refused = text_of(browser.get(browser.get(notice).location))
    assert "Your notices and whatever names no case stay open to you." in refused
    assert "keeps your roles" not in refused
