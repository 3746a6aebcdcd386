"""A case officer's day in a real browser: file one, file a list, get one back, file it again."""

from io import BytesIO

import pytest
from argon2.profiles import CHEAPEST
from openpyxl import Workbook
from playwright.sync_api import expect
from sqlalchemy import select, update

from tests.builders import Cast, as_owner, officer_of, sent, small_province
from vetting.config import Settings
from vetting.engine.vocabulary import CaseType, Role
from vetting.records.cases import cases
from vetting.records.database import Database
from vetting.records.officers import officers
from vetting.records.passwords import Passwords
from vetting.usecases.check_completeness import return_case, take_up_cases
from vetting.web import create_app

PASSWORD = "mot-mat-khau-dai"
OFFICER = officer_of("so-y-te", Role.CASE_OFFICER)


@pytest.fixture
def database(sqlite_url):
    database = Database(sqlite_url)
    with as_owner(database).writing() as connection:
        small_province(connection)
        connection.execute(
            update(officers).values(password_hash=Passwords(CHEAPEST).hash(PASSWORD))
        )
    yield database
    database.close()


@pytest.fixture
def cast(database):
    return Cast(database)


@pytest.fixture
def address(serve, sqlite_url, tmp_path, database):  # noqa: ARG001  # the province has to be there
    settings = Settings(database_url=sqlite_url, folder=tmp_path, secret_key="a key for tests only")
    return serve(create_app(settings, passwords=Passwords(CHEAPEST)))


@pytest.fixture
def reads_well(axe, screenshot):
    """Look at a page: no finding, no sideways scrolling; keep a picture of it."""

    def look(page, name):
        screenshot(page, name)
        assert axe(page) == []
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), f"{page.url} is wider than the screen"

    return look


def come_in(page, address, login=OFFICER, language="vi"):
    page.goto(f"{address}/sign-in")
    page.locator("#login").fill(login)
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))
    if page.locator("html").get_attribute("lang") != language:
        page.locator(".languages button").click()


def tab_to(page, place):
    """Go with the Tab key alone to a place on the page."""
    page.wait_for_load_state("load")
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("place => document.activeElement.matches(place)", place):
            return
    pytest.fail(f"the Tab key does not lead to {place} on {page.url}")


def a_list():
    book = Workbook()
    for row in (
        ["STT", "Họ và tên", "Ngày sinh", "Tôn giáo", "Chức danh quy hoạch"],
        [1, "Nguyễn Thị Ân", "02/03/1975", "Không", "Phó Giám đốc Sở Y tế"],
        [2, "Trần Văn Bình", "1980", "Không", "Trưởng phòng Tổ chức cán bộ"],
        [3, "", "01/01/1981", "Không", "Trưởng phòng"],
    ):
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    return {
        "name": "Danh sách quy hoạch.xlsx",
        "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "buffer": file.getvalue(),
    }


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_day_of_a_case_officer(page, address, cast, database, reads_well, language):
    come_in(page, address, language=language)
    reads_well(page, f"own-cases-empty-{language}")

    page.goto(f"{address}/cases/new")
    reads_well(page, f"case-choose-{language}")
    page.goto(f"{address}/cases/new/planning")
    reads_well(page, f"case-new-{language}")
    with page.expect_navigation():
        page.locator("main button[value=file]").click()
    reads_well(page, f"case-new-refused-{language}")
    page.locator("#name").fill("Nguyễn Thị Ân")
    page.locator("#born").fill("02/03/1975")
    page.locator("#target").fill("Phó Giám đốc Sở Y tế")
    page.locator("main button[value=file]").click()
    expect(page.locator(".case-head h1")).to_have_text("Nguyễn Thị Ân")
    reads_well(page, f"case-filed-{language}")

    page.goto(f"{address}/lists/new")
    reads_well(page, f"list-new-{language}")
    page.locator("#file").set_input_files(a_list())
    page.locator("#case_type").select_option("planning")
    page.locator("main form button").click()
    page.wait_for_url(f"{address}/lists/*")
    reads_well(page, f"list-preview-{language}")
    page.locator("#letter_number").fill("15-CV/SYT")
    page.locator("main form .btn-primary").click()
    page.wait_for_url(f"{address}/submissions/*")
    reads_well(page, f"list-filed-{language}")

    with database.reading() as connection:
        case = connection.scalar(select(cases.c.handle).where(cases.c.name == "Trần Văn Bình"))
    take_up_cases(cast.board, sent(), [case])
    return_case(cast.board, sent(), case, "Hồ sơ chưa đủ.", ["Sơ yếu lý lịch mẫu 2C", "Ngày sinh"])

    page.goto(f"{address}/cases")
    reads_well(page, f"own-cases-{language}")
    with page.expect_navigation():
        page.locator(".missing ~ a").click()
    reads_well(page, f"case-refile-{language}")
    page.locator("#born").fill("04/05/1980")
    page.locator("#completed").fill("Đã bổ sung.")
    page.locator("main form .btn-primary").click()
    page.wait_for_url(f"{address}/cases/{case}")
    page.goto(f"{address}/cases/{case}/history")
    reads_well(page, f"history-unit-{language}")

    page.goto(f"{address}/cases/{case}/withdraw")
    reads_well(page, f"case-withdraw-{language}")
    page.goto(f"{address}/search?q=nguyen+thi+an")
    reads_well(page, f"search-{language}")


def test_one_case_is_filed_with_the_keyboard_alone(page, address, database):
    come_in(page, address)
    tab_to(page, "a[href='/cases/new']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/cases/new")
    tab_to(page, "a[href='/cases/new/planning']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/cases/new/planning")
    tab_to(page, "#name")
    page.keyboard.type("Nguyễn Thị Ân")
    page.keyboard.press("Tab")
    page.keyboard.type("1975")
    page.keyboard.press("Tab")
    page.keyboard.type("Phó Giám đốc Sở Y tế")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/new" not in url)

    with database.reading() as connection:
        assert connection.scalars(select(cases.c.state)).all() == ["filed"]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("login", "name"),
    [
        ("ban-to-chuc/bo1", "board"),
        ("thanh-tra/bs1", "body"),
        ("uy-ban-kiem-tra/s1", "supervisor"),
        ("so-y-te/co1", "unit"),
    ],
)
def test_a_case_reads_well_to_each_reader(  # noqa: PLR0917  # fixtures
    page, address, cast, reads_well, login, name, language
):
    case = cast.consulting(case_type=CaseType.APPOINTMENT)
    cast.sign(case, "thanh-tra")
    cast.ready(case, cast.asked(case)["thue"], "thue")
    come_in(page, address, login, language)

    page.goto(f"{address}/cases/{case}")
    reads_well(page, f"case-{name}-{language}")
    page.goto(f"{address}/cases/{case}/history")
    reads_well(page, f"history-{name}-{language}")


@pytest.mark.parametrize("page_of", ["", "/history"])
def test_a_case_is_read_at_twice_the_size(new_page, address, cast, reads_well, page_of):
    case = cast.consulting()
    page = new_page(viewport={"width": 683, "height": 384})
    come_in(page, address, "ban-to-chuc/bo1")

    page.goto(f"{address}/cases/{case}{page_of}")
    reads_well(page, f"case-200{page_of.replace('/', '-')}")
