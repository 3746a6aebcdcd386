"""Mail in a real browser: chosen with the keyboard alone, and what did not go out is seen."""

from datetime import time

import pytest
from argon2.profiles import CHEAPEST
from playwright.sync_api import expect
from sqlalchemy import update

from tests.browser import test_notices
from tests.browser.test_notices import come_in
from vetting.config import MailSettings, Settings
from vetting.engine.mails import MailStep, WhyNotSent
from vetting.engine.vocabulary import Role
from vetting.records.officers import officers
from vetting.records.passwords import Passwords
from vetting.usecases.do_jobs import Workbench
from vetting.usecases.mail_notices import Outcome, Post, ask_to_mail, works_of_mail
from vetting.web import create_app

province = test_notices.province
REFUSED = {"vi": "bị từ chối hẳn", "en": "refused for good"}


@pytest.fixture
def address(province, serve, sqlite_url, tmp_path):
    """A province that sends mail, to a server that refuses everybody."""
    desk = province.board
    with province.database.writing() as connection:
        connection.execute(update(officers).values(mail_address="an.nguyen@tinh.example"))
    refused = Outcome(MailStep.BOUNCED, WhyNotSent.REFUSED, 550)
    post = Post(lambda _mail: refused, "https://vetting.example", time(0, 0))
    bench = Workbench(desk.database, desk.ids, works_of_mail(desk.database, desk.ids, post))
    ask_to_mail(desk.database, desk.ids, post)
    while bench.do_next():
        pass
    mail = MailSettings(
        "127.0.0.1", 25, "none", "v@tinh.example", "https://vetting.example", time(7, 30)
    )
    told = Settings(
        database_url=sqlite_url, folder=tmp_path, secret_key="a key for tests only", mail=mail
    )
    return serve(create_app(told, passwords=Passwords(CHEAPEST)))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_mail_is_chosen_by_keyboard_and_what_failed_is_seen(
    new_page,
    address,
    province,
    axe,
    screenshot,
    language,
):
    page = come_in(new_page(), address, province, Role.CASE_OFFICER, language)
    page.goto(f"{address}/notices")
    page.locator("main a[href='/notices/mail']").press("Enter")
    expect(page.locator("h1")).to_be_visible()
    screenshot(page, f"mail-wishes-{language}")
    assert axe(page) == []

    overseer = come_in(new_page(), address, province, Role.SUPERVISOR, language)
    overseer.locator("main a[href='/oversight/notices#by-mail']").press("Enter")
    expect(overseer.locator("main table").last).to_contain_text(REFUSED[language])
    screenshot(overseer, f"mails-unsent-{language}")
    assert axe(overseer) == []
