"""Emergency access in a real browser, by keyboard alone: asked, agreed, told, ended, reviewed."""

import pytest
from argon2.profiles import CHEAPEST
from playwright.sync_api import expect
from sqlalchemy import select, update

from tests.browser.test_supervisor import PASSWORD, database, focus, look, press  # noqa: F401
from tests.builders import Cast, add_officer, officer_of, sent
from vetting.config import Settings
from vetting.engine.vocabulary import Role
from vetting.records.cases import cases
from vetting.records.identity import Ids
from vetting.records.officers import officers
from vetting.records.passwords import Passwords
from vetting.usecases.restrict_case import restrict_case
from vetting.web import create_app

NAME = "Đặng Thị Kín"
HEAD = officer_of("ban-to-chuc", Role.BOARD_HEAD)
ASKER = officer_of("ban-to-chuc", Role.BOARD_OFFICER)
UNIT = officer_of("so-y-te", Role.CASE_OFFICER)
SUPERVISOR, SECOND = (officer_of("uy-ban-kiem-tra", Role.SUPERVISOR, nth) for nth in (1, 2))
WORDS = {
    "vi": {
        "asked": "Chờ người thứ hai trả lời (1)",
        "agree": "Tôi đồng ý",
        "read": "Những gì đã đọc (2)",
        "reviewed": "Những lần truy cập đã được xem xét (1)",
        "told": "Hồ sơ thuộc công việc của đồng chí đã được mở cho người khác (1)",
    },
    "en": {
        "asked": "Waiting for a second person (1)",
        "agree": "I agree",
        "read": "What was read (2)",
        "reviewed": "Accesses that were reviewed (1)",
        "told": "Cases of your work, opened to others (1)",
    },
}


@pytest.fixture
def address(serve, sqlite_url, tmp_path, database):  # noqa: F811
    """A served application with one case that is left to the Board's head by name."""
    settings = Settings(database_url=sqlite_url, folder=tmp_path, secret_key="a key for tests only")
    cast = Cast(database, Ids())
    case = cast.filed(name=NAME)
    restrict_case(cast.head, sent(), case, 0, [HEAD])
    with database.writing() as connection:
        add_officer(connection, SECOND, "uy-ban-kiem-tra", Role.SUPERVISOR)
        connection.execute(
            update(officers).values(password_hash=Passwords(CHEAPEST).hash(PASSWORD))
        )
    return serve(create_app(settings, passwords=Passwords(CHEAPEST)))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_case_is_opened_in_an_emergency_and_all_are_told(  # noqa: PLR0915  # one walk
    address,
    database,  # noqa: F811
    new_page,
    look,  # noqa: F811
    language,
):
    words = WORDS[language]
    with database.writing() as connection:
        connection.execute(update(officers).values(language=language))
        case = connection.execute(select(cases.c.handle, cases.c.reference)).one()

    def person(login):
        page = new_page()
        page.goto(f"{address}/sign-in")
        page.locator("#login").fill(login)
        page.locator("#password").fill(PASSWORD)
        press(page, "Enter")
        page.wait_for_selector("nav.menu")
        return page

    def go(page, href):
        focus(page, page.locator(f"main a[href='{href}'], nav.menu a[href='{href}']").first)
        leave(page)

    def leave(page):
        with page.expect_navigation():
            press(page, "Enter")

    def end_of(page, way):
        return page.locator(f"main a[href$='/{way}']").first

    asker, second = person(ASKER), person(SECOND)
    go(asker, "/emergencies")
    go(asker, "/emergencies/new")
    focus(asker, asker.locator("#reference"))
    asker.keyboard.type(case.reference)
    focus(asker, asker.locator("#reason"))
    asker.keyboard.type("Thường trực họp tối nay.")
    focus(asker, asker.locator("input[name=hours]").first)
    press(asker, "Space")
    focus(asker, asker.locator("main form .btn-primary"))
    leave(asker)
    expect(asker.locator("article.record")).to_have_count(1)

    second.goto(f"{address}/notices")
    expect(second.locator("nav.menu a[href='/emergencies'] .count")).to_contain_text("1")
    look(second, f"emergency-notices-{language}")
    go(second, "/emergencies")
    expect(second.locator("main")).to_contain_text(words["asked"])
    look(second, f"emergency-waiting-{language}")
    focus(second, end_of(second, "answer"))
    leave(second)
    focus(second, second.get_by_label(words["agree"]))
    press(second, "Space")
    focus(second, second.locator("#sentence"))
    second.keyboard.type("Đồng ý, việc gấp.")
    look(second, f"emergency-answer-{language}")
    focus(second, second.locator("main form .btn-primary"))
    leave(second)
    expect(second).to_have_url(f"{address}/emergencies")
    look(second, f"emergency-told-second-{language}")

    go(asker, "/emergencies")
    look(asker, f"emergency-own-{language}")
    go(asker, f"/cases/{case.handle}")
    expect(asker.locator("main")).to_contain_text(NAME)
    asker.goto(f"{address}/cases/{case.handle}/history")
    look(asker, f"emergency-history-{language}")

    unit = person(UNIT)
    unit.goto(f"{address}/notices")
    look(unit, f"emergency-unit-notices-{language}")
    focus(unit, unit.locator("main table a").first)
    leave(unit)
    look(unit, f"emergency-unit-notice-{language}")
    go(unit, "/emergencies")
    expect(unit.locator("main")).to_contain_text(words["told"])
    expect(unit.locator("main")).not_to_contain_text("Thường trực họp")
    look(unit, f"emergency-unit-{language}")

    go(asker, "/emergencies")
    focus(asker, end_of(asker, "end"))
    leave(asker)
    focus(asker, asker.locator("main form .btn-primary"))
    leave(asker)

    supervisor = person(SUPERVISOR)
    go(supervisor, "/emergencies")
    look(supervisor, f"emergency-to-review-{language}")
    focus(supervisor, end_of(supervisor, "review"))
    leave(supervisor)
    expect(supervisor.locator("main")).to_contain_text(words["read"])
    focus(supervisor, supervisor.locator("#sentence"))
    supervisor.keyboard.type("Có lý do chính đáng.")
    look(supervisor, f"emergency-review-{language}")
    focus(supervisor, supervisor.locator("main form .btn-primary"))
    leave(supervisor)
    expect(supervisor.locator("main")).to_contain_text(words["reviewed"])
    look(supervisor, f"emergency-reviewed-{language}")
    supervisor.goto(f"{address}/history?case={case.reference}")
    look(supervisor, f"emergency-history-search-{language}")
    supervisor.goto(f"{address}/oversight/history")
    look(supervisor, f"oversight-history-{language}")
    supervisor.goto(f"{address}/sessions")
    look(supervisor, f"sessions-{language}")
