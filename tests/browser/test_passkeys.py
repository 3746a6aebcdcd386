"""Passkeys in a real browser, with a device that Chromium plays; every page in both languages."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from tests.browser.test_second_factor import forget_proofs  # noqa: F401  # a fixture
from tests.browser.test_sign_in import (  # noqa: F401  # a fixture
    ME,
    PASSWORD,
    address,
    come_in,
    is_as_wide_as_the_screen,
)
from vetting.records.database import Database
from vetting.records.officers import login_sessions

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def here(address):  # noqa: F811
    """The address by the name that passkeys can be bound to."""
    return address.replace("127.0.0.1", "localhost")


class Device:
    """What Chromium plays: a device in this page's hand."""

    def __init__(self, page, **wishes):
        self.line = page.context.new_cdp_session(page)
        self.line.send("WebAuthn.enable")
        told = self.line.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE | wishes})
        self.mark = told["authenticatorId"]

    def passkeys(self):
        return self.line.send("WebAuthn.getCredentials", {"authenticatorId": self.mark})[
            "credentials"
        ]

    def take(self, passkey):
        self.line.send(
            "WebAuthn.addCredential", {"authenticatorId": self.mark, "credential": passkey}
        )

    def recognises(self, *, yes):
        self.line.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.mark, "isUserVerified": yes}
        )


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_passkey_is_entered_asked_for_and_lets_in(  # noqa: PLR0915, PLR0917  # one walk
    new_page,
    here,
    sqlite_url,
    forget_proofs,  # noqa: F811
    axe,
    screenshot,
    language,
):
    me = new_page()
    come_in(me, here)
    if language == "en":
        me.locator(".languages button").click()
    device = Device(me)

    def looks_well(name, page=me):
        screenshot(page, f"passkey-{name}-{language}")
        assert axe(page) == []
        assert is_as_wide_as_the_screen(page)

    me.goto(f"{here}/second-factor")
    looks_well("none")
    me.goto(f"{here}/second-factor/passkey")
    expect(me.locator("[data-passkey-button]")).to_be_visible()
    expect(me.locator("p[data-passkey-without]")).to_be_hidden()
    looks_well("add")
    me.locator("#name").fill("Khoá ở cơ quan")
    device.recognises(yes=False)
    me.locator("[data-passkey-button]").click()
    expect(me.locator("[data-passkey-failed]")).to_be_visible()
    expect(me.locator("[data-passkey-failed]")).to_be_focused()
    looks_well("add-failed")
    device.recognises(yes=True)
    me.locator("[data-passkey-button]").focus()
    me.keyboard.press("Enter")
    me.wait_for_selector(".recovery-codes")
    expect(me.locator(".recovery-codes code")).to_have_count(10)
    code = me.locator(".recovery-codes code").first.inner_text()
    me.locator("main .ways a").click()
    looks_well("one")

    forget_proofs()
    me.locator("main .ways form button").click()
    me.wait_for_selector("#proof_code")
    expect(me.locator("[data-passkey-button]")).to_be_visible()
    looks_well("asked-again")
    me.locator("[data-passkey-button]").click()
    me.wait_for_selector(".recovery-codes")
    assert me.locator(".recovery-codes code").first.inner_text() != code

    other = new_page(locale="vi-VN" if language == "vi" else "en-GB")
    second = Device(other)
    other.goto(f"{here}/sign-in")
    if language == "en":
        other.locator(".languages button").click()
    other.locator("#login").fill(ME)
    other.locator("#password").fill(PASSWORD)
    other.keyboard.press("Enter")
    other.wait_for_url(f"{here}/sign-in/second-step*")
    looks_well("second-step", other)
    other.locator("[data-passkey-button]").click()
    expect(other.locator("[data-passkey-failed]")).to_be_visible()  # this device has none
    [passkey] = device.passkeys()
    copied = {**passkey, "signCount": 0}
    second.take(copied)
    other.locator("[data-passkey-button]").click()
    other.wait_for_selector(".error-summary")  # it counts less than the one it was copied from
    looks_well("second-step-copied", other)
    second.line.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": second.mark})
    Device(other).take(passkey)
    other.locator("[data-passkey-button]").click()
    other.wait_for_selector("nav.menu")

    database = Database(sqlite_url)
    with database.reading() as connection:
        kept = connection.execute(
            select(login_sessions.c.method, login_sessions.c.proved_with).where(
                login_sessions.c.ended_at.is_(None)
            )
        ).all()
    database.close()
    assert [tuple(one) for one in kept] == [("password+passkey", "passkey")] * 2


def test_without_script_the_other_ways_are_offered(new_page, here, screenshot):
    me = new_page()
    come_in(me, here)
    Device(me)
    me.goto(f"{here}/second-factor/passkey")
    me.locator("[data-passkey-button]").click()
    me.wait_for_selector(".recovery-codes")
    code = me.locator(".recovery-codes code").first.inner_text()

    plain = new_page(java_script_enabled=False)
    plain.goto(f"{here}/sign-in")
    plain.locator("#login").fill(ME)
    plain.locator("#password").fill(PASSWORD)
    plain.locator("main button").click()
    plain.wait_for_url(f"{here}/sign-in/second-step*")
    expect(plain.locator("[data-passkey-button]")).to_be_hidden()
    plain.locator("#code").fill(code)
    plain.keyboard.press("Enter")
    plain.wait_for_selector("nav.menu")
    plain.goto(f"{here}/second-factor/passkey")
    expect(plain.locator("[data-passkey-button]")).to_be_hidden()
    expect(plain.locator("p[data-passkey-without]")).to_be_visible()
    screenshot(plain, "passkey-add-without-script-vi")


def test_at_a_bare_number_no_passkey_is_offered(new_page, address, screenshot):  # noqa: F811
    me = new_page()
    come_in(me, address)
    me.goto(f"{address}/second-factor/passkey")
    expect(me.locator("[data-passkey-button]")).to_be_hidden()
    expect(me.locator("p[data-passkey-without]")).to_be_visible()
    screenshot(me, "passkey-add-at-a-number-vi")
