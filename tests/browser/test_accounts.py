"""An officer's account, and whoever works for another, in a real browser; both languages."""

from datetime import timedelta

import pytest
from argon2.profiles import CHEAPEST
from playwright.sync_api import expect
from sqlalchemy import update

from tests.browser.test_sign_in import (  # noqa: F401  # a fixture
    ME,
    PASSWORD,
    address,
    is_as_wide_as_the_screen,
)
from tests.builders import add_officer, as_owner, officer_of
from vetting.engine.vocabulary import Role
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.officers import officers
from vetting.records.passwords import Passwords

ADMINISTRATOR = officer_of("ban-to-chuc", Role.ADMINISTRATOR)
COLLEAGUE = officer_of("thanh-tra", Role.BODY_OFFICER)
OWN = "sáu hộp bút chì màu"


def come_in_as(page, address, login, password=PASSWORD):  # noqa: F811
    page.goto(f"{address}/sign-in")
    page.locator("#login").fill(login)
    page.locator("#password").fill(password)
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_given_password_is_passed_on_and_replaced_by_the_keyboard_alone(
    new_page,
    address,  # noqa: F811
    sqlite_url,
    axe,
    screenshot,
    language,
):
    database = Database(sqlite_url)
    with as_owner(database).writing() as connection:
        add_officer(connection, ADMINISTRATOR, "ban-to-chuc", Role.ADMINISTRATOR)
        kept = Passwords(CHEAPEST).hash(PASSWORD)
        connection.execute(update(officers).values(language=language, password_hash=kept))
    database.close()

    def looks_well(page, name):
        screenshot(page, f"account-{name}-{language}")
        assert axe(page) == []
        assert is_as_wide_as_the_screen(page)

    keeper, officer = new_page(), new_page()
    come_in_as(keeper, address, ADMINISTRATOR)
    for way in ("name", "roles/clearance"):
        keeper.goto(f"{address}/officers/{ME}/{way}")
        looks_well(keeper, way.replace("/", "-"))
    keeper.goto(f"{address}/officers/{ME}/password")
    looks_well(keeper, "password")
    keeper.locator("main button").focus()
    with keeper.expect_navigation():
        keeper.keyboard.press("Enter")
    looks_well(keeper, "given")
    given = keeper.locator("code.key").last.inner_text()

    come_in_as(officer, address, ME, given)
    assert officer.url == f"{address}/password"
    looks_well(officer, "own")
    expect(officer.locator("nav.menu")).to_have_count(0)
    officer.locator("#password").focus()
    for text in (given, OWN, OWN):
        officer.keyboard.type(text)
        officer.keyboard.press("Tab")
    with officer.expect_navigation():
        officer.keyboard.press("Enter")
    expect(officer.locator("nav.menu")).to_have_count(1)
    keeper.goto(f"{address}/officers/{ME}")
    looks_well(keeper, "page")


def test_whoever_works_for_another_has_a_head_of_one_line(new_page, address, screenshot):  # noqa: F811
    away, page = new_page(), new_page()
    today = Ids().clock() + timedelta(hours=7)
    come_in_as(away, address, ME)
    away.goto(f"{address}/absences/new")
    away.locator("#first_day").fill(today.strftime("%d/%m/%Y"))
    away.locator("#last_day").fill((today + timedelta(days=3)).strftime("%d/%m/%Y"))
    away.locator("#substitute").select_option(index=1)
    away.locator("#form").select_option(index=1)
    with away.expect_navigation():
        away.locator("#last_day").press("Enter")
    come_in_as(page, address, COLLEAGUE)
    page.goto(f"{address}/capacity")
    page.get_by_label("K/T").check()
    with page.expect_navigation():
        page.locator("main button").first.click()
    for language in ("vi", "en"):
        assert page.locator("html").get_attribute("lang") == language
        screenshot(page, f"acting-{language}")
        boxes = [one.bounding_box() for one in page.locator(".top-line > *, .who > *").all()]
        assert max(box["y"] for box in boxes) < min(box["y"] + box["height"] for box in boxes)
        assert is_as_wide_as_the_screen(page)
        with page.expect_navigation():
            page.locator(".languages button").click()
