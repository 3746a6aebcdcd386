"""Statistics in a real browser, without a mouse: made, read, run again and taken out."""

import pytest
from argon2.profiles import CHEAPEST
from playwright.sync_api import expect
from python_calamine import CalamineWorkbook
from sqlalchemy import update

from tests.builders import officer_of, small_province
from tests.random_histories import random_history
from vetting.config import Settings
from vetting.engine.vocabulary import Role
from vetting.records.database import Database
from vetting.records.officers import officers
from vetting.records.passwords import Passwords
from vetting.web import create_app

PASSWORD = "mot-mat-khau-dai"


@pytest.fixture
def address(serve, sqlite_url, tmp_path):
    """A province with some months of history, all of it in the log."""
    database = Database(sqlite_url)
    with database.writing() as connection:
        small_province(connection)
        kept = Passwords(CHEAPEST).hash(PASSWORD)
        connection.execute(update(officers).values(password_hash=kept))
    random_history(database, tmp_path, seed=11, steps=90)
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


def in_english(page):
    page.locator(".languages button").click()
    page.wait_for_selector("html[lang=en]")


def taken(page, kind, path):
    """Take the report out as a file, proving who it is where that is asked."""
    page.locator(f"input[value={kind}]").check()
    page.locator("#purpose").fill("Báo cáo Ban Thường vụ.")
    with page.expect_download() as download:
        page.locator("main form .btn-primary").press("Enter")
        page.wait_for_timeout(1)
        if page.locator("#proof_password").count():
            page.locator("#proof_password").fill(PASSWORD)
            page.keyboard.press("Enter")
    download.value.save_as(path)
    return path.read_bytes()


def test_a_report_is_made_read_run_again_and_taken_out(  # noqa: PLR0915  # one walk
    address, new_page, axe, screenshot, tmp_path
):
    page = new_page()
    come_in(page, address, "uy-ban-kiem-tra", Role.SUPERVISOR)
    page.locator("nav.menu a[href='/reports']").press("Enter")
    expect(page.locator("h1")).to_have_text("Thống kê")
    expect(page.locator(".empty")).to_contain_text("Chưa lập báo cáo nào.")
    reads_well(page, axe)

    page.locator("a[href='/reports/new']").press("Enter")
    page.locator("#since").fill("31/12/2026")
    page.locator("#until").fill("31/02/2026")
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("#until")).to_have_value("31/02/2026")  # typed, and not lost
    page.locator("#until").fill("01/01/2026")
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_contain_text("Ngày này trước ngày bắt đầu.")
    reads_well(page, axe)
    screenshot(page, "report-new-vi")
    page.locator("#since").fill("01/01/2026")
    page.locator("#until").fill("31/12/2026")
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("Báo cáo 01/01/2026 – 31/12/2026")
    expect(page.locator("main .figure-of-report")).to_have_count(6)
    for picture in page.locator("main img").all():
        assert picture.evaluate("one => one.complete && one.naturalWidth > 0")
    reads_well(page, axe)
    screenshot(page, "report-vi")
    report = page.url
    page.locator("main form .btn-primary").press("Enter")
    expect(page.locator("main")).to_contain_text("mọi con số và mọi danh sách đều giống hệt.")

    page.locator(".figure-of-report").first.locator("tfoot a").press("Enter")
    expect(page.locator("h1")).to_contain_text("Danh sách: Đề nghị và trả lời")
    asked = page.locator("tbody tr").count()
    page.locator("#measure").select_option("late")
    page.locator("main form .btn-primary").press("Enter")
    expect(page.locator("#measure")).to_have_value("late")
    assert 0 < page.locator("tbody tr").count() < asked
    reads_well(page, axe)
    screenshot(page, "report-list-vi")

    in_english(page)
    reads_well(page, axe)
    page.goto(report)
    expect(page.locator("h1")).to_have_text("Report 01/01/2026 – 31/12/2026")
    reads_well(page, axe)
    screenshot(page, "report-en")
    with page.expect_navigation():
        page.locator("a[href$='/file']").press("Enter")
    reads_well(page, axe)
    screenshot(page, "report-file-en")
    assert taken(page, "pdf", tmp_path / "report.pdf").startswith(b"%PDF-")
    page.goto(f"{report}/file")
    taken(page, "xlsx", tmp_path / "report.xlsx")
    book = CalamineWorkbook.from_path(str(tmp_path / "report.xlsx"))
    assert book.sheet_names[:2] == ["Requests and replies", "Filed and returned"]
    assert len(book.sheet_names) == 6
