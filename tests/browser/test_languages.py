"""Whoever changes the language in the middle of a form goes on writing, with script and without."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_requests import fill, ground  # noqa: F401  # a fixture
from tests.browser.test_retention import come_in
from vetting.engine.vocabulary import Role


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_what_was_written_stays_and_enter_still_sends_the_form(
    ground,  # noqa: F811
    new_page,
    axe,
    screenshot,
    script,
):
    address, case, _ = ground
    unit = new_page(java_script_enabled=script)
    come_in(unit, address, "so-y-te", Role.CASE_OFFICER)
    unit.goto(f"{address}/cases/{case}/requests/new")
    unit.locator("#kind").select_option("copy")
    fill(unit, letter="Đơn ngày 02/02/2026", came_on="2/2/26", asked_for="Xin bản sao.")

    unit.locator(".languages button").focus()
    with unit.expect_navigation():
        unit.keyboard.press("Enter")

    expect(unit.locator("html[lang=en]")).to_have_count(1)
    expect(unit.locator(".error-summary")).to_have_count(0)
    for field, text in {
        "kind": "copy",
        "letter": "Đơn ngày 02/02/2026",
        "came_on": "2/2/26",
        "asked_for": "Xin bản sao.",
    }.items():
        expect(unit.locator(f"#{field}")).to_have_value(text)
    if script:
        assert axe(unit) == []
    screenshot(unit, f"languages-form-{'script' if script else 'none'}")

    unit.locator("#came_on").fill("02/02/2026")
    unit.locator("#received_by").fill("Văn thư Sở Y tế")
    with unit.expect_navigation():
        unit.keyboard.press("Enter")
    expect(unit.locator("main")).to_contain_text("The request is on record.")
