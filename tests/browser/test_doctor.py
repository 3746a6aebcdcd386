"""The doctor in a real browser, without a mouse: seen by the supervisor, mended by the head."""

import pytest
from argon2.profiles import CHEAPEST
from playwright.sync_api import expect
from sqlalchemy import update

from tests.builders import Cast, add_officer, officer_of, opinion, sent, small_province
from vetting.config import Settings
from vetting.engine.vocabulary import Role
from vetting.records.cases import cases
from vetting.records.database import Database
from vetting.records.officers import officers, role_assignments
from vetting.records.organisations import organisations
from vetting.records.passwords import Passwords
from vetting.usecases.draft_opinion import draft_opinion
from vetting.usecases.interrupt_case import suspend_case
from vetting.web import create_app

pytestmark = pytest.mark.leaves_it_unwell

PASSWORD = "mot-mat-khau-dai"
BODY = "thanh-tra"


@pytest.fixture
def address(serve, sqlite_url, tmp_path):
    """A province in which something of each kind is amiss."""
    database = Database(sqlite_url)
    a = role_assignments.c
    with database.writing() as connection:
        small_province(connection)
        add_officer(connection, officer_of(BODY, Role.BODY_OFFICER, 2), BODY, Role.BODY_OFFICER)
        administrator = officer_of("ban-to-chuc", Role.ADMINISTRATOR)
        add_officer(connection, administrator, "ban-to-chuc", Role.ADMINISTRATOR)
        kept = Passwords(CHEAPEST).hash(PASSWORD)
        connection.execute(update(officers).values(password_hash=kept))
    cast = Cast(database)
    case = cast.consulting(name="Đặng Văn Đức")
    draft_opinion(cast.drafter(BODY), sent(), cast.asked(case)[BODY], opinion())
    suspend_case(cast.head, sent(), cast.accepted(name="Lê Ý"), "Chờ")
    changed = cast.filed(name="Hồ Quỳnh")
    with database.writing() as connection:
        ended = {"valid_to": "2026-03-03"}
        connection.execute(
            update(role_assignments)
            .where(a.officer == officer_of(BODY, Role.BODY_OFFICER))
            .values(ended)
        )
        connection.execute(
            update(organisations).where(organisations.c.code == "thue").values(ended)
        )
        connection.execute(update(cases).where(cases.c.handle == changed).values(target="khác"))
    database.close()
    settings = Settings(database_url=sqlite_url, folder=tmp_path, secret_key="a key for tests only")
    return serve(create_app(settings, passwords=Passwords(CHEAPEST)))


def come_in(page, address, organisation, role):
    page.goto(f"{address}/sign-in")
    page.locator("#login").fill(officer_of(organisation, role))
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("nav.menu")


def reads_well(page, axe):
    assert axe(page) == []
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


def test_what_is_amiss_is_seen_and_mended_without_a_mouse(address, new_page, axe, screenshot):
    head, supervisor, administrator = new_page(), new_page(), new_page()
    come_in(supervisor, address, "uy-ban-kiem-tra", Role.SUPERVISOR)
    supervisor.goto(f"{address}/doctor")
    expect(supervisor.locator("h1")).to_have_text("Rà soát hồ sơ")
    expect(supervisor.locator("main")).to_contain_text("Yêu cầu gửi cơ quan không còn hoạt động")
    expect(supervisor.locator("main")).to_contain_text("Tạm dừng mà không chờ việc gì")
    expect(supervisor.locator("a[href$='/repair']")).to_have_count(0)
    reads_well(supervisor, axe)
    screenshot(supervisor, "doctor-supervisor-vi")
    supervisor.locator(".languages button").click()
    supervisor.wait_for_selector("html[lang=en]")
    expect(supervisor.locator("h1")).to_have_text("Doctor")
    reads_well(supervisor, axe)

    come_in(administrator, address, "ban-to-chuc", Role.ADMINISTRATOR)
    administrator.goto(f"{address}/doctor")
    expect(administrator.locator("td.reference")).to_have_count(0)
    reads_well(administrator, axe)
    screenshot(administrator, "doctor-administrator-vi")

    come_in(head, address, "ban-to-chuc", Role.BOARD_HEAD)
    head.goto(f"{address}/doctor")
    screenshot(head, "doctor-head-vi")
    head.get_by_role("link", name="Trả yêu cầu về cơ quan được hỏi").focus()
    head.keyboard.press("Enter")
    expect(head.locator("h1")).to_have_text("Xử lý vướng mắc của hồ sơ")
    expect(head.locator("input[type=radio]:checked")).to_have_count(0)
    reads_well(head, axe)
    screenshot(head, "doctor-repair-vi")
    head.locator("input[type=radio]").first.focus()
    head.keyboard.press("Space")
    head.locator("#reason").focus()
    head.keyboard.type("Cán bộ đã chuyển công tác")
    head.keyboard.press("Tab")
    head.keyboard.press("Enter")
    expect(head.locator(".flash, .notice, [role=status]").first).to_contain_text("Đã xử lý xong")
    head.goto(f"{address}/doctor")
    expect(head.locator("main")).not_to_contain_text("Trả yêu cầu về cơ quan được hỏi")
