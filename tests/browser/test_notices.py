"""Notices in a real browser: with the keyboard alone, in both languages, without axe findings."""

from datetime import UTC, datetime

import pytest
from argon2.profiles import CHEAPEST
from playwright.sync_api import expect
from sqlalchemy import update

from tests.board_province import AUTHORITY, OVERSIGHT, UNIT, make_province, officer_of
from vetting.config import Settings
from vetting.engine.vocabulary import Role
from vetting.records.officers import officers
from vetting.records.passwords import Passwords
from vetting.usecases.conclude import Conclusion, conclude_cases
from vetting.usecases.do_jobs import Workbench
from vetting.usecases.tell_outcome import notify_units
from vetting.web import create_app
from vetting.worker.reconcile import ask_to_reconcile, works

PASSWORD = "mot-mat-khau-dai"
PLACE = {Role.CASE_OFFICER: UNIT, Role.SUPERVISOR: OVERSIGHT}
OUTCOME = {"vi": "Thông báo kết quả thẩm định", "en": "The outcome is announced"}
KNOWN = {"vi": "Tôi đã biết", "en": "I know of it"}
NOT_TOLD = {"vi": "thông báo chưa đến nơi", "en": "not told"}
SUBMITTED = {"vi": "Có hồ sơ trình kết luận", "en": "A case was submitted"}


@pytest.fixture
def province(sqlite_url):
    """A province in which two cases were announced, and one was submitted to nobody."""
    province = make_province(sqlite_url, datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    passwords = Passwords(CHEAPEST)
    cases = [province.submitted("Nguyễn Văn An"), province.submitted("Trần Thị Bình")]
    conclusion = Conclusion("meets", "Đủ tiêu chuẩn.", "2026-03-02")
    conclude_cases(province.secretary, province.sent(), cases, conclusion)
    notify_units(province.board, province.sent(), cases)
    with province.database.writing() as connection:
        connection.execute(update(officers).values(password_hash=passwords.hash(PASSWORD)))
        connection.execute(
            update(officers)
            .where(officers.c.login == officer_of(Role.SECRETARY, AUTHORITY))
            .values(disabled_at="2026-03-02T01:00:00.000000Z")
        )
    province.submitted("Lê Văn Cường")
    desk = province.board
    ask_to_reconcile(desk.database, desk.ids)
    assert Workbench(
        desk.database, desk.ids, works(desk.database, desk.definitions, desk.ids)
    ).do_next()
    yield province
    province.database.close()


@pytest.fixture
def address(province, serve, sqlite_url, tmp_path):
    assert province.definitions
    settings = Settings(database_url=sqlite_url, folder=tmp_path, secret_key="a key for tests only")
    return serve(create_app(settings, passwords=Passwords(CHEAPEST)))


def come_in(page, address, province, role, language):
    with province.database.writing() as connection:
        connection.execute(update(officers).values(language=language))
    page.goto(f"{address}/sign-in")
    page.locator("#login").fill(officer_of(role, PLACE[role]))
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_selector("nav.menu")
    return page


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_notice_is_read_and_acknowledged_and_a_gap_is_seen(
    new_page, address, province, axe, screenshot, language
):
    page = come_in(new_page(), address, province, Role.CASE_OFFICER, language)
    menu = page.locator("nav.menu a[href='/notices']")
    expect(menu.locator(".count")).to_be_visible()
    menu.press("Enter")
    expect(page.locator("tr.unopened")).not_to_have_count(0)
    screenshot(page, f"notices-{language}")
    assert axe(page) == []

    page.keyboard.press("j")
    expect(page.locator("a:focus")).to_contain_text(OUTCOME[language])
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(OUTCOME[language])
    expect(page.locator("main tbody tr")).to_have_count(2)
    screenshot(page, f"notice-{language}")
    assert axe(page) == []
    page.locator("main form button", has_text=KNOWN[language]).press("Enter")
    expect(page.locator("p.flash")).to_be_visible()
    expect(page.locator("main tbody tr").first.locator(".state")).to_have_count(0)

    overseer = come_in(new_page(), address, province, Role.SUPERVISOR, language)
    alarm = overseer.get_by_role("link", name=NOT_TOLD[language])
    screenshot(overseer, f"oversight-untold-{language}")
    alarm.press("Enter")
    expect(overseer.locator("main tbody tr").last).to_contain_text(SUBMITTED[language])
    screenshot(overseer, f"untold-{language}")
    assert axe(overseer) == []
