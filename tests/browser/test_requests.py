"""A candidate's request is recorded and answered in a real browser, without a mouse."""

from datetime import UTC, datetime

import pytest
from argon2.profiles import CHEAPEST
from playwright.sync_api import expect
from sqlalchemy import update

from tests.browser.test_retention import BOARD, OVERSIGHT, PASSWORD, come_in
from tests.builders import Cast, as_owner, sent, small_province, ticking
from vetting.config import Settings
from vetting.engine.vocabulary import Role
from vetting.records.database import Database
from vetting.records.officers import officers
from vetting.records.passwords import Passwords
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.usecases.answer_candidate import Asked, record_request
from vetting.usecases.load_calendar import load_calendar
from vetting.usecases.seal_checkpoint import seal_checkpoint
from vetting.web import create_app


@pytest.fixture
def ground(serve, sqlite_url, tmp_path):
    """A closed case, and another about which a candidate was not answered in time."""
    database = Database(sqlite_url)
    with as_owner(database).writing() as connection:
        small_province(connection)
    ids = ticking(datetime(2026, 2, 3, 2, 0, tzinfo=UTC))
    cast = Cast(database, ids)
    load_calendar(database, ids)
    case, late = cast.closed(name="Đặng Thị Hỏi"), cast.consulting(name="Lê Văn Chờ")
    asked = Asked("erase", "2026-01-05", "Đơn ngày 05/01/2026", "Văn thư", "Đề nghị xóa.")
    record_request(cast.unit, sent(), late, asked)
    with as_owner(database).writing() as connection:
        kept = Passwords(CHEAPEST).hash(PASSWORD)
        connection.execute(update(officers).values(password_hash=kept))
    make_sealing_key(tmp_path, "vetting/test")
    settings = Settings(database_url=sqlite_url, folder=tmp_path, secret_key="a key for tests only")
    app = create_app(settings, ids=ids, passwords=Passwords(CHEAPEST))
    yield serve(app), case, lambda: seal_checkpoint(database, read_sealing_key(tmp_path))
    database.close()


def reads_well(page, axe, screenshot, name):
    """No finding in either language, nothing wider than the screen; back to Vietnamese."""
    for language in ("vi", "en"):
        expect(page.locator(f"html[lang={language}]")).to_have_count(1)
        assert axe(page) == [], name
        wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert page.evaluate(wide), name
        screenshot(page, f"requests-{name}-{language}")
        with page.expect_navigation():
            page.locator(".languages button").click()


def fill(page, **answers):
    for field, text in answers.items():
        page.locator(f"#{field}").focus()
        page.keyboard.type(text)


def choose(page, name, place):
    page.locator(f"#{name}-{place}").focus()
    page.keyboard.press("Space")


def send(page):
    page.locator("main form button").last.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_candidate_is_answered_without_a_mouse(ground, new_page, axe, screenshot):
    address, case, seal = ground
    unit, board, head = (new_page() for _ in range(3))
    request = record(unit, address, case, axe, screenshot)
    prepare(board, address, request, axe, screenshot)
    review(head, address, request, axe, screenshot)

    board.goto(f"{request}/package")
    expect(board.locator("main")).to_contain_text("Gói đang được niêm phong")
    seal()
    board.goto(f"{request}/package")
    reads_well(board, axe, screenshot, "ready")
    board.locator("main form button").focus()
    with board.expect_download() as taken:
        board.keyboard.press("Enter")
    assert taken.value.suggested_filename.endswith(".zip")
    board.goto(f"{request}/handed-over")
    expect(board.locator("input[type=radio]:checked")).to_have_count(0)
    reads_well(board, axe, screenshot, "handed-over")
    fill(board, handed_on="03/02/2026", handed_by="Nguyễn Văn Thư", receipt="Giấy giao nhận số 4")
    choose(board, "manner", 0)
    send(board)
    expect(board.locator("main")).to_contain_text("đã giao ngày 03/02/2026")


def record(unit, address, case, axe, screenshot):
    come_in(unit, address, "so-y-te", Role.CASE_OFFICER)
    unit.goto(f"{address}/cases/{case}/requests")
    reads_well(unit, axe, screenshot, "case-empty")
    unit.goto(f"{address}/cases/{case}/requests/new")
    expect(unit.locator("#kind")).to_have_value("")
    reads_well(unit, axe, screenshot, "new")
    unit.locator("#kind").select_option("copy")
    fill(unit, letter="Đơn ngày 02/02/2026", came_on="02/02/2026", received_by="Văn thư Sở Y tế")
    fill(unit, asked_for="Đề nghị cung cấp bản sao dữ liệu về tôi.")
    send(unit)
    reads_well(unit, axe, screenshot, "recorded")
    return unit.url


def prepare(board, address, request, axe, screenshot):
    come_in(board, address, BOARD, Role.BOARD_OFFICER)
    board.goto(f"{address}/requests")
    expect(board.locator("main")).to_contain_text("Lê Văn Chờ")
    reads_well(board, axe, screenshot, "list")
    board.goto(f"{request}/acknowledge")
    reads_well(board, axe, screenshot, "acknowledge")
    fill(board, told_on="03/02/2026", letter="21-CV/BTC")
    send(board)
    board.goto(f"{request}/prepare")
    expect(board.locator("input[type=radio]:checked")).to_have_count(0)
    reads_well(board, axe, screenshot, "prepare")
    choose(board, "way", 0)
    fill(board, reasons="Cung cấp bản sao theo đề nghị.")
    fill(board, ground_fact_candidate_told="Có thông tin của người khác; căn cứ do cơ quan nêu.")
    send(board)
    board.goto(f"{request}/package")
    reads_well(board, axe, screenshot, "preview")


def review(head, address, request, axe, screenshot):
    come_in(head, address, BOARD, Role.BOARD_HEAD)
    head.goto(request)
    reads_well(head, axe, screenshot, "waits")
    head.goto(f"{request}/review")
    expect(head.locator("input[type=radio]:checked")).to_have_count(0)
    reads_well(head, axe, screenshot, "review")
    choose(head, "answer", 0)
    send(head)
    expect(head.locator("main")).to_contain_text("đã trả lời yêu cầu")
    reads_well(head, axe, screenshot, "answered")


def test_a_supervisor_sees_what_is_late(ground, page, axe, screenshot):
    address, _, _ = ground
    come_in(page, address, OVERSIGHT, Role.SUPERVISOR)
    page.goto(f"{address}/oversight")
    expect(page.locator("main")).to_contain_text("Yêu cầu của nhân sự đã quá hạn trả lời (1)")
    reads_well(page, axe, screenshot, "oversight")
