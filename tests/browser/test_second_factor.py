"""The second factor in a real browser, by the keyboard alone; every page in both languages."""

from time import time

import pytest
from playwright.sync_api import expect
from pyotp import TOTP
from sqlalchemy import select, update

from tests.browser.test_sign_in import (  # noqa: F401  # a fixture
    ME,
    PASSWORD,
    address,
    come_in,
    is_as_wide_as_the_screen,
)
from vetting.records.database import Database
from vetting.records.officers import login_sessions

LONG_AGO = "2026-01-01T00:00:00.000000Z"


@pytest.fixture
def forget_proofs(sqlite_url):
    """Let it be long ago that anybody proved who they are."""

    def forget():
        database = Database(sqlite_url)
        with database.writing() as connection:
            connection.execute(update(login_sessions).values(proved_at=LONG_AGO))
        database.close()

    return forget


def is_focused(page, place):
    return page.locator(place).evaluate("it => it === document.activeElement")


def later_code(secret):
    """A code that was not used yet: that of the next half minute, which a clock may be off."""
    return TOTP(secret).at(int(time()), counter_offset=1)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_an_authenticator_is_entered_and_asked_for_by_the_keyboard_alone(  # noqa: PLR0915, PLR0917  # one walk
    new_page,
    address,  # noqa: F811
    sqlite_url,
    forget_proofs,
    axe,
    screenshot,
    language,
):
    me = new_page()
    come_in(me, address)
    if language == "en":
        me.locator(".languages button").click()

    def looks_well(name, page=me):
        screenshot(page, f"factor-{name}-{language}")
        assert axe(page) == []
        assert is_as_wide_as_the_screen(page)

    me.goto(f"{address}/second-factor")
    looks_well("none")
    me.goto(f"{address}/second-factor/authenticator")
    looks_well("add")
    assert me.locator("img.qr").evaluate("it => it.complete && it.naturalWidth > 100")
    secret = me.locator("code.key").inner_text().replace(" ", "")
    me.locator("#code").focus()
    me.keyboard.type("000")
    me.keyboard.press("Enter")
    me.wait_for_selector(".error-summary")
    looks_well("add-wrong")
    assert is_focused(me, ".error-summary")
    me.locator("#code").fill(TOTP(secret).now())
    me.keyboard.press("Enter")
    me.wait_for_selector(".recovery-codes")
    expect(me.locator(".recovery-codes code")).to_have_count(10)
    code = me.locator(".recovery-codes code").first.inner_text()
    looks_well("codes")
    me.locator("main .ways a").click()
    looks_well("one")

    forget_proofs()
    me.locator("main .ways form button").focus()
    me.keyboard.press("Enter")
    me.wait_for_selector("#proof_code")
    assert is_focused(me, "#proof_code")
    looks_well("asked-again")
    me.keyboard.type("12345")
    me.keyboard.press("Enter")
    me.wait_for_selector(".error-summary")
    looks_well("asked-again-wrong")
    me.locator("#proof_code").fill(later_code(secret))
    me.keyboard.press("Enter")
    me.wait_for_selector(".recovery-codes")
    fresh = me.locator(".recovery-codes code").first.inner_text()
    assert fresh != code

    other = new_page(locale="vi-VN" if language == "vi" else "en-GB")
    other.goto(f"{address}/sign-in")
    if language == "en":
        other.locator(".languages button").click()
    other.locator("#login").fill(ME)
    other.locator("#password").fill(PASSWORD)
    other.keyboard.press("Enter")
    other.wait_for_url(f"{address}/sign-in/second-step*")
    assert is_focused(other, "#code")
    looks_well("second-step", other)
    other.keyboard.type(code)  # one that was replaced
    other.keyboard.press("Enter")
    other.wait_for_selector(".error-summary")
    looks_well("second-step-wrong", other)
    other.locator("#code").fill(fresh)
    other.keyboard.press("Enter")
    other.wait_for_selector(".flash")
    looks_well("came-in", other)

    database = Database(sqlite_url)
    with database.reading() as connection:
        kept = connection.scalars(
            select(login_sessions.c.method).where(login_sessions.c.ended_at.is_(None))
        ).all()
    database.close()
    assert sorted(kept) == ["password+recovery", "password+totp"]


def test_the_question_reads_well_for_who_has_only_a_password(
    new_page,
    address,  # noqa: F811
    forget_proofs,
    screenshot,
):
    me = new_page(java_script_enabled=False)
    come_in(me, address)
    forget_proofs()
    me.goto(f"{address}/second-factor/authenticator")
    secret = me.locator("code.key").inner_text().replace(" ", "")
    me.locator("#code").fill(TOTP(secret).now())
    me.keyboard.press("Enter")
    me.wait_for_selector("#proof_password")
    assert is_focused(me, "#proof_password")
    screenshot(me, "factor-asked-password-vi")
    me.keyboard.type(PASSWORD)
    me.keyboard.press("Enter")
    me.wait_for_selector(".recovery-codes")
    expect(me.locator(".recovery-codes code")).to_have_count(10)
