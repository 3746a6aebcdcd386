"""One's own log-in sessions and password, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_sign_in import (  # noqa: F401  # a fixture
    PASSWORD,
    address,
    come_in,
    is_as_wide_as_the_screen,
)

ANOTHER = "con trâu đứng ngắm mưa"


def write(page, present, new, again):
    page.locator("#password").fill(present)
    page.locator("#new_password").fill(new)
    page.locator("#new_password_again").fill(again)
    page.locator("main form .btn-primary").click()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_session_left_open_is_ended_and_the_password_changed(
    new_page,
    address,  # noqa: F811
    axe,
    screenshot,
    language,
):
    me, left, third = new_page(), new_page(), new_page()
    for page in (me, left, third):
        come_in(page, address)
    if language == "en":
        me.locator(".languages button").click()

    def looks_well(name):
        screenshot(me, f"own-sessions-{name}-{language}")
        assert axe(me) == []
        assert is_as_wide_as_the_screen(me)

    me.locator(".who a[href='/sessions']").click()
    expect(me).to_have_url(f"{address}/sessions")
    expect(me.locator("main tbody tr")).to_have_count(3)
    looks_well("three")
    me.locator("main tbody tr").nth(1).locator("button").click()
    expect(me.locator("main tbody tr")).to_have_count(2)
    looks_well("one-ended")
    me.locator("main .ways a[href='/password']").click()
    looks_well("password")
    write(me, PASSWORD, "Mật khẩu 2026!", "Mật khẩu 2026!")
    assert me.locator(".error-summary").evaluate("it => it === document.activeElement")
    looks_well("password-guessable")
    write(me, "nhầm rồi", ANOTHER, "con trâu")
    looks_well("password-slip")
    write(me, PASSWORD, ANOTHER, ANOTHER)
    expect(me).to_have_url(f"{address}/sessions")
    expect(me.locator("main tbody tr")).to_have_count(1)
    looks_well("password-changed")

    for page in (left, third):
        assert page.request.get(f"{address}/help").url == f"{address}/sign-in?next=/help"
