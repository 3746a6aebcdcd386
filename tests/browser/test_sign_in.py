"""Coming in, in a real browser."""

import pytest
from argon2.profiles import CHEAPEST
from playwright.sync_api import expect
from sqlalchemy import update

from tests.builders import add_officer, as_owner, officer_of, small_province
from vetting.config import Settings
from vetting.engine.vocabulary import Role
from vetting.records.database import Database
from vetting.records.officers import officers
from vetting.records.passwords import Passwords
from vetting.web import create_app

PASSWORD = "mot-mat-khau-dai"
ME = officer_of("thanh-tra", Role.BODY_SIGNER)
HEADINGS = {"vi": "Đăng nhập", "en": "Sign in"}


@pytest.fixture
def address(serve, sqlite_url, tmp_path):
    passwords = Passwords(CHEAPEST)
    database = Database(sqlite_url)
    with as_owner(database).writing() as connection:
        small_province(connection)
        add_officer(connection, "nguoi-giup/a", "so-y-te", Role.CASE_OFFICER)
        connection.execute(update(officers).values(password_hash=passwords.hash(PASSWORD)))
    database.close()
    settings = Settings(database_url=sqlite_url, folder=tmp_path, secret_key="a key for tests only")
    return serve(create_app(settings, passwords=passwords))


def come_in(page, address):
    page.goto(f"{address}/help")
    page.locator("#login").fill(ME)
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_selector("nav.menu")


def is_as_wide_as_the_screen(page):
    return page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_for_coming_in_reads_well(page, address, axe, screenshot, language):
    page.goto(f"{address}/sign-in")
    if language == "en":
        page.locator(".languages button").click()
    screenshot(page, f"sign-in-{language}")

    assert page.locator("html").get_attribute("lang") == language
    expect(page.locator("h1")).to_have_text(HEADINGS[language])
    assert axe(page) == []
    assert is_as_wide_as_the_screen(page)


def test_what_is_wrong_is_said_first_and_leads_to_its_field(page, address, axe, screenshot):
    page.goto(f"{address}/sign-in")
    page.locator("main button").click()
    screenshot(page, "sign-in-refused-vi")

    assert page.locator(".error-summary").evaluate("it => it === document.activeElement")
    assert axe(page) == []
    page.locator(".error-summary a").first.click()
    assert page.locator("#login").evaluate("it => it === document.activeElement")


def test_help_is_one_key_away(page, address, axe, screenshot):
    come_in(page, address)
    page.goto(f"{address}/capacity")
    page.keyboard.press("?")

    expect(page.locator("dialog#keys")).to_be_visible()
    screenshot(page, "keys-vi")
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog#keys")).to_be_hidden()


@pytest.mark.parametrize("place", ["/help", "/capacity", "/nothing/here"])
def test_pages_of_the_foundation_read_well(page, address, axe, screenshot, place):
    come_in(page, address)
    page.goto(f"{address}{place}")
    screenshot(page, f"foundation{place.replace('/', '-')}-vi")

    assert axe(page) == []
    assert is_as_wide_as_the_screen(page)


def test_nothing_is_lost_at_twice_the_size(new_page, address):
    page = new_page(viewport={"width": 683, "height": 384})
    come_in(page, address)

    assert page.url == f"{address}/help"
    assert is_as_wide_as_the_screen(page)


def test_everything_goes_without_script_and_without_mouse(new_page, address):
    page = new_page(java_script_enabled=False)
    page.goto(f"{address}/sign-in")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() != ""
    page.locator("#login").focus()
    page.keyboard.type(ME)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/*")

    expect(page.locator(".who-name strong")).to_have_text(ME)
