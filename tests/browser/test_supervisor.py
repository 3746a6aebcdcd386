"""A supervisor's questions in a real browser, by keyboard alone: search, past and package."""

import pytest
from argon2.profiles import CHEAPEST
from playwright.sync_api import expect
from sqlalchemy import update

from tests.builders import Cast, officer_of, small_province
from vetting.config import Settings
from vetting.engine.verify_offline import check_package, unpacked
from vetting.engine.vocabulary import Role
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.officers import officers
from vetting.records.passwords import Passwords
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.usecases.seal_checkpoint import seal_checkpoint
from vetting.web import create_app

PASSWORD = "mot-mat-khau-dai"
SUPERVISOR = officer_of("uy-ban-kiem-tra", Role.SUPERVISOR)


@pytest.fixture
def database(sqlite_url):
    database = Database(sqlite_url)
    with database.writing() as connection:
        small_province(connection)
        hashed = Passwords(CHEAPEST).hash(PASSWORD)
        connection.execute(update(officers).values(password_hash=hashed))
    yield database
    database.close()


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def focus(page, locator):
    """Come to something by the tab key alone."""
    locator.wait_for(state="attached")
    reached = page.locator(":focus").and_(locator)
    for _ in range(120):
        if reached.count():
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{locator} is not reached by keyboard")


@pytest.fixture
def key(tmp_path):
    make_sealing_key(tmp_path, "vetting/test")
    return read_sealing_key(tmp_path)


@pytest.fixture
def address(serve, sqlite_url, tmp_path, database):
    """A served application with one case that was concluded."""
    settings = Settings(database_url=sqlite_url, folder=tmp_path, secret_key="a key for tests only")
    Cast(database, Ids()).concluded(name="Đặng Thị Gói")
    return serve(create_app(settings, passwords=Passwords(CHEAPEST)))


@pytest.fixture
def look(axe, screenshot):
    def look(page, name):
        screenshot(page, name)
        assert axe(page) == []

    return look


def test_a_supervisor_searches_looks_back_and_takes_out_a_package(
    address, database, key, new_page, look
):
    page = new_page()
    page.goto(f"{address}/sign-in")
    page.locator("#login").fill(SUPERVISOR)
    page.locator("#password").fill(PASSWORD)
    press(page, "Enter")
    focus(page, page.get_by_role("link", name="Tìm trong nhật ký"))
    press(page, "Enter")
    focus(page, page.locator("#reason"))
    page.keyboard.type("khong co y kien")
    press(page, "Enter")
    expect(page.locator("ol.history > li")).not_to_have_count(0)
    look(page, "supervisor-search")
    assert "reason=khong" in page.url

    focus(page, page.locator("ol.history").get_by_role("link", name="Đặng Thị Gói").first)
    press(page, "Enter")
    page.wait_for_url("**/cases/*")
    case = page.url
    look_back(page, look)
    page.goto(f"{case}/entries/5")
    look(page, "supervisor-entry")
    page.goto(case)
    data = take_out(page, look, lambda: seal_checkpoint(database, key))

    assert check_package(data, None, [])["files"]
    alone = new_page(bypass_csp=True)  # what looks for findings is a script, and it allows none
    for name in ("ho-so.html", "case.html"):
        alone.set_content(unpacked(data)[name].decode())
        expect(alone.locator("h1")).to_contain_text("Đặng Thị Gói")
        look(alone, f"package-{name}")


def look_back(page, look):
    """See the case as it stood on a day, with what had changed."""
    focus(page, page.get_by_role("link", name="Hồ sơ vào một ngày trước"))
    press(page, "Enter")
    focus(page, page.locator("#on"))
    page.keyboard.type(page.evaluate("new Date().toLocaleDateString('en-GB')"))
    focus(page, page.locator("#since"))
    page.keyboard.type("01/01/2020")
    press(page, "Enter")
    expect(page.locator("p.past")).to_contain_text("Đây là ngày hôm nay")
    look(page, "supervisor-past")


def take_out(page, look, seal):
    """Ask for the case's package and take it out once the log has reached it."""
    focus(page, page.get_by_role("link", name="Xuất gói hồ sơ"))
    press(page, "Enter")
    focus(page, page.locator("#reason"))
    page.keyboard.type("Kiểm tra theo kế hoạch")
    look(page, "supervisor-asks-for-a-package")
    press(page, "Tab", "Enter")
    expect(page.get_by_text("Gói đang được niêm phong").first).to_be_visible()
    look(page, "supervisor-waits-for-the-log")
    seal()
    focus(page, page.get_by_role("link", name="Xem lại"))
    press(page, "Enter")
    button = page.get_by_role("button", name="Tải tệp về")
    focus(page, button)
    look(page, "supervisor-takes-a-package")
    with page.expect_download() as download:
        press(page, "Enter")
    return download.value.path().read_bytes()
