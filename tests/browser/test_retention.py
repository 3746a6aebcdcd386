"""A record is held and destroyed in a real browser, without a mouse, in both languages."""

from unittest.mock import patch

import pytest
from argon2.profiles import CHEAPEST
from playwright.sync_api import expect
from sqlalchemy import update

from tests.builders import Cast, as_owner, officer_of, small_province, ticking
from tests.disposing import LATER, Disposing, schedule
from vetting.config import Settings
from vetting.engine.vocabulary import Role
from vetting.records.database import Database
from vetting.records.officers import officers
from vetting.records.passwords import Passwords
from vetting.usecases import forget as forgetting
from vetting.web import create_app

PASSWORD = "mot-mat-khau-dai"
BOARD, OVERSIGHT = "ban-to-chuc", "uy-ban-kiem-tra"
NAME = "Đặng Thị Sẽ Quên"


@pytest.fixture
def ground(serve, sqlite_url, tmp_path):
    """A closed case whose schedule has run out, and others that are kept."""
    database = Database(sqlite_url)
    with as_owner(database).writing() as connection:
        small_province(connection)
    schedule(database)
    schedule(database, years=50, code="lau-dai", case_types="")
    cast = Cast(database)
    Disposing(cast)
    case = cast.closed(name=NAME)
    kept = Passwords(CHEAPEST).hash(PASSWORD)
    with as_owner(database).writing() as connection:
        connection.execute(update(officers).values(password_hash=kept))
    settings = Settings(database_url=sqlite_url, folder=tmp_path, secret_key="a key for tests only")
    ids = ticking(LATER)
    yield serve(create_app(settings, ids=ids, passwords=Passwords(CHEAPEST))), case, database, ids
    database.close()


def come_in(page, address, organisation, role, nth=1):
    page.goto(f"{address}/sign-in")
    page.locator("#login").fill(officer_of(organisation, role, nth))
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("nav.menu")


def reads_well(page, axe, screenshot, name):
    """No finding in either language, nothing wider than the screen; back to Vietnamese."""
    for language in ("vi", "en"):
        expect(page.locator(f"html[lang={language}]")).to_have_count(1)
        assert axe(page) == [], name
        wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert page.evaluate(wide), name
        screenshot(page, f"retention-{name}-{language}")
        with page.expect_navigation():
            page.locator(".languages button").click()


def send(page, reason):
    page.locator("#reason").focus()
    page.keyboard.type(reason)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_a_record_is_held_and_destroyed_without_a_mouse(ground, new_page, axe, screenshot):
    address, case, database, ids = ground
    head, asker, second = new_page(), new_page(), new_page()
    come_in(head, address, BOARD, Role.BOARD_HEAD)
    head.goto(f"{address}/retention")
    reads_well(head, axe, screenshot, "list")
    head.get_by_role("link", name="QH", exact=False).first.focus()
    head.keyboard.press("Enter")
    expect(head.locator("h1")).to_have_text("Thời hạn bảo quản hồ sơ")
    reads_well(head, axe, screenshot, "record")
    head.goto(f"{address}/cases/{case}/retention-class")
    reads_well(head, axe, screenshot, "class")
    head.goto(f"{address}/cases/{case}/hold")
    reads_well(head, axe, screenshot, "hold")
    send(head, "Có đơn khiếu nại đang giải quyết.")
    expect(head.locator("main")).to_contain_text("Có đơn khiếu nại đang giải quyết.")
    reads_well(head, axe, screenshot, "held")
    head.get_by_role("link", name="Bỏ lệnh giữ này", exact=False).focus()
    with head.expect_navigation():
        head.keyboard.press("Enter")
    reads_well(head, axe, screenshot, "lift")
    send(head, "Đơn đã giải quyết xong.")
    expect(head.locator("main")).to_contain_text("đã bỏ lệnh giữ")

    come_in(asker, address, BOARD, Role.BOARD_OFFICER, 2)
    asker.goto(f"{address}/cases/{case}/disposal")
    reads_well(asker, axe, screenshot, "ask")
    send(asker, "Đã hết thời hạn bảo quản.")
    expect(asker.locator("main")).to_contain_text("đã đề nghị tiêu hủy hồ sơ")

    come_in(second, address, OVERSIGHT, Role.SUPERVISOR)
    second.goto(f"{address}/retention")
    reads_well(second, axe, screenshot, "waiting")
    second.goto(f"{address}/cases/{case}/disposal/answer")
    reads_well(second, axe, screenshot, "answer")
    expect(second.locator("input[type=radio]:checked")).to_have_count(0)
    second.locator("input[type=radio]").first.focus()
    second.keyboard.press("Space")
    send(second, "Đúng danh mục, đúng quy định.")
    expect(second.locator("main")).to_contain_text("sắp tiêu hủy")

    with patch.object(forgetting, "clean_files", return_value=0):
        assert forgetting.forget(as_owner(database), ids).erased == (case,)
    second.goto(f"{address}/doctor")
    expect(second.locator("main")).to_contain_text("chưa được làm sạch")
    reads_well(second, axe, screenshot, "doctor")
    second.goto(f"{address}/retention")
    expect(second.locator("main")).to_contain_text("chưa làm sạch tệp")
    reads_well(second, axe, screenshot, "uncleaned")
    assert forgetting.forget(as_owner(database), ids).cleaned == 1
    second.goto(f"{address}/retention")
    expect(second.locator("main")).not_to_contain_text(NAME)
    reads_well(second, axe, screenshot, "gone")
    is_a_tombstone(second, f"{address}/cases/{case}", axe, screenshot)


def is_a_tombstone(page, case, axe, screenshot):
    page.goto(case)
    expect(page.locator("h1")).to_have_text("Hồ sơ đã được tiêu hủy đúng quy định")
    assert axe(page) == []
    screenshot(page, "retention-tombstone-vi")
    with page.expect_navigation():
        page.locator(".languages button").click()
    page.goto(case)
    expect(page.locator("h1")).to_have_text("This was lawfully destroyed")
    assert axe(page) == []
    screenshot(page, "retention-tombstone-en")
