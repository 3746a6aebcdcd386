"""The Board, the authority's secretary and the supervisor at work, in a real browser."""

from datetime import UTC, datetime

import pytest
from argon2.profiles import CHEAPEST
from playwright.sync_api import expect
from sqlalchemy import update

from tests.board_province import (
    AUTHORITY,
    BOARD,
    BODIES,
    OTHER_UNIT,
    OVERSIGHT,
    UNIT,
    make_province,
    officer_of,
)
from vetting.config import Settings
from vetting.engine.vocabulary import Role, Verdict
from vetting.records.officers import officers
from vetting.records.passwords import Passwords
from vetting.usecases.check_completeness import take_up_cases
from vetting.web import create_app

PASSWORD = "mot-mat-khau-dai"
PLACE = {
    Role.BOARD_OFFICER: BOARD,
    Role.BOARD_HEAD: BOARD,
    Role.SECRETARY: AUTHORITY,
    Role.SUPERVISOR: OVERSIGHT,
    Role.ADMINISTRATOR: BOARD,
}


@pytest.fixture
def province(sqlite_url):
    province = make_province(sqlite_url, datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    passwords = Passwords(CHEAPEST)
    with province.database.writing() as connection:
        connection.execute(update(officers).values(password_hash=passwords.hash(PASSWORD)))
    yield province
    province.database.close()


@pytest.fixture
def address(province, serve, sqlite_url, tmp_path):
    assert province.definitions
    settings = Settings(database_url=sqlite_url, folder=tmp_path, secret_key="a key for tests only")
    return serve(create_app(settings, passwords=Passwords(CHEAPEST)))


@pytest.fixture
def come_in(address, province):
    """Sign an officer in, who reads a language."""

    def sign_in(page, role, language="vi"):
        with province.database.writing() as connection:
            connection.execute(update(officers).values(language=language))
        page.goto(f"{address}/sign-in")
        page.locator("#login").fill(officer_of(role, PLACE[role]))
        page.locator("#password").fill(PASSWORD)
        page.locator("main button").click()
        page.wait_for_selector("nav.menu")
        return page

    return sign_in


@pytest.fixture
def cases(province):
    """A case wherever one can stand."""
    planning = province.round()
    found = {
        "filed": province.filed("Nguyễn Văn An", round=planning),
        "checking": province.filed("Trần Thị Bình", unit=OTHER_UNIT, round=planning),
        "accepted": province.accepted("Lê Văn Cường", round=planning),
        "consulting": province.asked("Phạm Thị Dung", round=planning),
        "assembling": province.assembled("Hoàng Văn Em", unit=UNIT, round=planning),
        "proposed": province.proposed("Đặng Thị Gấm", round=planning),
        "submitted": province.submitted("Vũ Văn Hải", "does_not_meet", round=planning),
        "round": planning,
    }
    take_up_cases(province.board, province.sent(), [found["checking"]])
    province.sign(found["consulting"], BODIES[0], Verdict.OBJECTION, "Có đơn thư đang xác minh.")
    province.sign(found["consulting"], BODIES[1], Verdict.CONDITIONS, "Cần bổ sung bằng cấp.")
    province.sign(found["consulting"], BODIES[2])
    return found


def fits(page):
    return page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


# What test_every_page.py does not meet: lists that act on what is ticked, and a matrix in which the
# bodies do not agree.
PAGES = {
    Role.BOARD_OFFICER: (
        "/work?wait=with_bodies",
        "/work/take-up?case={filed}",
        "/cases/{consulting}/matrix",
    ),
    Role.SECRETARY: ("/submitted/conclude?case={submitted}",),
}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("role", PAGES)
def test_what_is_ticked_and_what_is_disputed_reads_well(  # noqa: PLR0913, PLR0917  # all that a look needs
    page, address, come_in, cases, axe, screenshot, role, language
):
    come_in(page, role, language)

    for path in PAGES[role]:
        page.goto(address + path.format(**cases))
        name = path.partition("?")[0].strip("/").replace("{", "").replace("}", "")
        screenshot(page, f"board-{name.replace('/', '-')}-{language}")
        assert page.locator("html").get_attribute("lang") == language, path
        expect(page.locator("h1")).to_have_count(1)
        assert axe(page) == [], path
        assert fits(page), path


def test_a_round_travels_from_the_check_to_the_conclusion_with_the_keyboard_alone(
    new_page, address, come_in, cases, province
):
    officer = come_in(new_page(), Role.BOARD_OFFICER)
    officer.goto(f"{address}/work?wait=checking")
    officer.keyboard.press("j")
    officer.keyboard.press("x")
    expect(officer.locator("tbody input:checked")).to_have_count(1)
    officer.locator("button[formaction='/work/accept']").press("Enter")
    officer.locator("#level").select_option("standing_committee")
    officer.locator("main form .btn-primary").press("Enter")
    assert province.case(cases["checking"]).state == "accepted"

    head = come_in(new_page(), Role.BOARD_HEAD)
    head.goto(f"{address}/cases/{cases['proposed']}/submit")
    head.locator("main form .btn-primary").press("Enter")
    assert province.case(cases["proposed"]).state == "submitted"

    secretary = come_in(new_page(java_script_enabled=False), Role.SECRETARY)
    secretary.goto(f"{address}/cases/{cases['proposed']}/conclude")
    expect(secretary.locator("input[type=radio]:checked")).to_have_count(0)
    secretary.locator("input[type=radio][value=meets]").check()
    secretary.locator("#reasons").fill("Đủ tiêu chuẩn chính trị.")
    secretary.locator("#decided_on").fill("02/03/2026")
    secretary.locator("main form .btn-primary").press("Enter")
    assert province.case(cases["proposed"]).outcome == "meets"

    supervisor = come_in(new_page(), Role.SUPERVISOR)
    supervisor.goto(f"{address}/oversight/cases/{cases['proposed']}/verify")
    expect(supervisor.locator(".notice-good")).to_be_visible()
