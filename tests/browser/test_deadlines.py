"""A date is asked why, in a real browser, without script, in both languages."""

from datetime import UTC, datetime

import pytest
from argon2.profiles import CHEAPEST
from playwright.sync_api import expect
from sqlalchemy import update

from tests.browser.test_case_officer import PASSWORD, come_in, reads_well
from tests.builders import Cast, as_owner, officer_of, sent, small_province, ticking
from tests.queries.test_deadlines import RESOLUTION
from vetting.config import Settings
from vetting.engine.vocabulary import CaseType, Role
from vetting.records.database import Database
from vetting.records.officers import officers
from vetting.records.passwords import Passwords
from vetting.usecases.load_calendar import load_calendar
from vetting.usecases.record_fact import record_fact
from vetting.web import create_app

__all__ = ["reads_well"]
IDS = ticking(datetime(2026, 9, 1, 1, 0, tzinfo=UTC))


@pytest.fixture
def admission(sqlite_url):
    database = Database(sqlite_url)
    with as_owner(database).writing() as connection:
        small_province(connection)
        connection.execute(
            update(officers).values(password_hash=Passwords(CHEAPEST).hash(PASSWORD))
        )
    load_calendar(database, IDS)
    cast = Cast(database, IDS)
    case = cast.filed(case_type=CaseType.PARTY_ADMISSION, target="Đảng viên")
    record_fact(
        cast.unit, sent(), [case], "cell_resolution", RESOLUTION | {"passed_on": "2026-08-20"}
    )
    yield case
    database.close()


@pytest.fixture
def address(serve, sqlite_url, tmp_path, admission):  # noqa: ARG001  # the case has to be there
    settings = Settings(database_url=sqlite_url, folder=tmp_path, secret_key="a key for tests only")
    return serve(create_app(settings, ids=IDS, passwords=Passwords(CHEAPEST)))


@pytest.mark.parametrize(
    ("language", "named"),
    [
        ("vi", ("ngày làm bù: Làm việc bù cho ngày nghỉ 31/08/2026", "Quốc khánh")),
        ("en", ("make-up working day: Worked in place of 31/08/2026", "National Day")),
    ],
)
def test_from_my_cases_to_why_this_date_and_on_to_the_calendar(
    page, address, admission, reads_well, language, named
):
    come_in(page, address, language=language)
    page.goto(f"{address}/cases")
    reads_well(page, f"own-cases-due-{language}")
    page.locator("a.due").click()
    page.wait_for_url(f"{address}/cases/{admission}/deadlines/decision")
    reads_well(page, f"deadline-{language}")
    rows = page.locator(".day-by-day tbody tr")
    expect(rows.nth(2).locator("td").nth(2)).to_have_text(named[0])
    expect(rows.nth(12)).to_contain_text(named[1])
    expect(rows.last.locator("th")).to_have_text("16/11/2026")
    expect(rows.last.locator("td").nth(1)).to_have_text("60")

    page.goto(f"{address}/cases/{admission}")
    reads_well(page, f"case-due-{language}")
    page.goto(f"{address}/cases/{admission}/deadlines/probation")
    reads_well(page, f"deadline-not-begun-{language}")

    page.goto(f"{address}/cases/{admission}/deadlines/decision")
    with page.expect_navigation():
        page.locator(".particulars a[href*='year=2026']").click()
    reads_well(page, f"calendar-{language}")
    expect(page.locator(".calendar-days .worked th")).to_have_text("22/08/2026")
    page.locator(".years a", has_text="2031").click()
    expect(page.locator(".notice")).to_have_count(1)
    reads_well(page, f"calendar-2031-{language}")


def test_a_date_is_asked_why_without_script(new_page, address, admission):
    page = new_page(java_script_enabled=False)
    come_in(page, address)
    page.goto(f"{address}/cases/{admission}")
    page.locator("header a.due").click()
    expect(page.locator(".day-by-day tbody tr")).to_have_count(89)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("vi", ("nghỉ", "Những thời hạn bị dời", "1 thời hạn đã dời")),
        ("en", ("closed", "What this moves", "1 deadline has moved")),
    ],
)
def test_a_day_is_closed_by_keyboard_and_what_it_moves_is_seen_before(
    page, address, admission, reads_well, language, said
):
    come_in(page, address, login=officer_of("ban-to-chuc", Role.BOARD_HEAD), language=language)
    page.goto(f"{address}/registers/calendar")
    with page.expect_navigation():
        page.locator("main a[href='/registers/calendar/change']").press("Enter")
    reads_well(page, f"calendar-change-{language}")
    page.locator("#first").press_sequentially("15/09/2026")
    page.locator("#kind-0").press("Space")
    expect(page.locator("label[for='kind-0']")).to_have_text(said[0])
    page.locator("#name_vi").press_sequentially("Nghỉ do bão số 9")
    page.locator("#name_en").press_sequentially("Storm no. 9")
    page.locator("#reason").press_sequentially("Công điện của tỉnh về cơn bão số 9.")
    page.locator("#reason").press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#what-moves")).to_have_text(said[1])
    cells = page.locator(".what-moves tbody tr").locator("th, td")
    expect(cells.nth(3)).to_have_text("16/11/2026")
    expect(cells.nth(4)).to_have_text("17/11/2026")
    reads_well(page, f"calendar-change-moves-{language}")
    page.locator(".ways button").press("Enter")
    expect(page.locator("body")).to_contain_text(said[2])
    reads_well(page, f"calendar-changed-{language}")
    page.goto(f"{address}/cases/{admission}/history")
    expect(page.locator("main")).to_contain_text("16/11/2026 → 17/11/2026")
    reads_well(page, f"calendar-history-{language}")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("vi", ("Việc đến hạn từ 16/11/2026 đến 22/11/2026", "Thứ Hai, 16/11/2026", "hôm nay")),
        ("en", ("What falls due from 16/11/2026 to 22/11/2026", "Monday, 16/11/2026", "today")),
    ],
)
def test_a_week_of_what_falls_due_by_keyboard_wide_narrow_and_on_paper(
    page, address, admission, reads_well, language, said
):
    come_in(page, address, language=language)
    page.goto(f"{address}/calendar?day=2026-11-16")
    reads_well(page, f"due-month-{language}")
    with page.expect_navigation():
        page.locator("main .ways a[href='/calendar?week=2026-11-16']").press("Enter")
    expect(page.locator("h1")).to_have_text(said[0])
    expect(page.locator(".week-day")).to_have_count(7)
    monday = page.locator(".week-day").first
    expect(monday.locator("h2")).to_have_text(said[1])
    expect(monday.locator("li a").first).to_have_attribute(
        "href", f"/cases/{admission}/deadlines/decision"
    )
    reads_well(page, f"due-week-{language}")
    page.set_viewport_size({"width": 400, "height": 800})
    reads_well(page, f"due-week-narrow-{language}")
    page.emulate_media(media="print")
    expect(page.locator("main .ways")).to_be_hidden()
    expect(monday.locator("li")).to_be_visible()
    page.emulate_media(media="screen")
    with page.expect_navigation():
        page.locator("main .ways a").nth(1).press("Enter")
    expect(page.locator(".week-day.today h2")).to_contain_text(said[2])
    with page.expect_navigation():
        page.locator("main .ways a").last.press("Enter")
    expect(page.locator(".month td.today")).to_have_count(1)
