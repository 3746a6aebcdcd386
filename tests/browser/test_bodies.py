"""Officers and signers of a consulted body, in a real browser, without a mouse."""

import pytest
from argon2.profiles import CHEAPEST
from playwright.sync_api import expect
from sqlalchemy import update

from tests.builders import Cast, as_owner, officer_of, opinion, sent, small_province
from vetting.config import Settings
from vetting.engine.vocabulary import Role, Verdict
from vetting.records.consultations import consultations
from vetting.records.database import Database
from vetting.records.officers import officers
from vetting.records.passwords import Passwords
from vetting.usecases.draft_opinion import draft_and_pass_on
from vetting.usecases.receive_consultation import assign_consultations, receive_consultations
from vetting.web import create_app

PASSWORD = "mot-mat-khau-dai"
BODY = "thanh-tra"
NAMES = ("Nguyễn Thị Ân", "Trần Văn Bình", "Lê Thị Thu Hà", "Phạm Đức Minh", "Đặng Quốc Khánh")


@pytest.fixture
def province(sqlite_url):
    database = Database(sqlite_url)
    with as_owner(database).writing() as connection:
        small_province(connection)
        connection.execute(
            update(officers).values(password_hash=Passwords(CHEAPEST).hash(PASSWORD))
        )
    cast = Cast(database)
    yield cast
    database.close()


@pytest.fixture
def address(serve, province, sqlite_url, tmp_path):  # noqa: ARG001  # its people come in
    settings = Settings(database_url=sqlite_url, folder=tmp_path, secret_key="a key for tests only")
    return serve(create_app(settings, passwords=Passwords(CHEAPEST)))


@pytest.fixture
def asked(province):
    """One question in each state that a body can leave it in, the last of them signed."""
    cases = [province.consulting(name=name, target="Phó Giám đốc Sở Y tế") for name in NAMES]
    asked = [province.asked(case)[BODY] for case in cases]
    officer = province.drafter(BODY)
    receive_consultations(officer, sent(), [asked[1]])
    assign_consultations(officer, sent(), [asked[2]], officer.principal.officer)
    said = opinion(
        Verdict.CONDITIONS,
        "Hồ sơ thiếu bản sao bằng thạc sĩ; các nội dung khác đầy đủ.",
        conditions=("Bổ sung bản sao có chứng thực.",),
        evidence=("Hồ sơ 12/HS, ngày 03/01/2026, lưu tại phòng nghiệp vụ",),
    )
    draft_and_pass_on(officer, sent(), asked[3], said)
    province.sign(cases[4], BODY)
    return asked


def come_in(page, address, role, language="vi"):
    page.goto(f"{address}/sign-in")
    if language == "en":
        page.locator(".languages button").click()
    page.locator("#login").fill(officer_of(BODY, role))
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("nav.menu")
    if page.locator("html").get_attribute("lang") != language:
        page.locator(".languages button").click()
        page.wait_for_selector(f"html[lang={language}]")


def is_as_wide_as_the_screen(page):
    return page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_of_a_body_reads_well(page, address, asked, axe, screenshot, language):
    come_in(page, address, Role.BODY_SIGNER, language)
    page.goto(f"{address}/letters")
    letter = page.locator("table th a").first.get_attribute("href")
    for name, place in {
        "inbox": "/inbox?tab=body",
        "inbox-empty": "/inbox",
        "consultation-asked": f"/consultations/{asked[0]}",
        "consultation-draft": f"/consultations/{asked[2]}/draft",
        "to-sign": "/to-sign",
        "to-sign-read": "/to-sign/read?show=unread",
        "to-sign-those-read": "/to-sign?show=read",
        "consultation-ready": f"/consultations/{asked[3]}",
        "consultation-signed": f"/consultations/{asked[4]}",
        "letters": "/letters",
        "letter": letter,
        "signed": "/signed",
    }.items():
        answer = page.goto(f"{address}{place}")
        screenshot(page, f"body-{name}-{language}")

        assert answer.status == 200, place
        assert axe(page) == []
        assert is_as_wide_as_the_screen(page), place


def focus(page, selector):
    """Go on with Tab until the keyboard is where it is wanted."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.matches({selector!r})"):
            return
    pytest.fail(f"the keyboard never comes to {selector}")


@pytest.mark.usefixtures("asked")
def test_a_question_is_answered_and_signed_without_a_mouse(
    new_page, address, province, axe, screenshot
):
    officer, signer = new_page(), new_page()
    come_in(officer, address, Role.BODY_OFFICER, "en")
    officer.goto(f"{address}/inbox?tab=unassigned")
    officer.keyboard.press("j")
    officer.keyboard.press("Enter")
    officer.wait_for_url("**/consultations/*")
    focus(officer, "a.btn-primary")
    officer.keyboard.press("Enter")
    officer.wait_for_url("**/draft")
    focus(officer, "input[name=verdict]")
    expect(officer.locator("input[name=verdict]:checked")).to_have_count(0)
    officer.keyboard.press("Space")
    focus(officer, "#reasons")
    officer.keyboard.type("No objection.")
    focus(officer, "button[value=pass_on]")
    officer.keyboard.press("Enter")
    officer.wait_for_selector(".flash")
    expect(officer.locator(".flash")).to_have_text("Saved and passed on for signing.")

    come_in(signer, address, Role.BODY_SIGNER, "en")
    assert signer.url.endswith("/to-sign")
    expect(signer.locator("input[name=texts]")).to_have_count(0)
    focus(signer, "main a.btn-primary")
    signer.keyboard.press("Enter")
    signer.wait_for_url("**/to-sign/read*")
    expect(signer.locator("article")).to_have_count(2)
    focus(signer, "input[name=texts]")
    signer.keyboard.press("Space")
    focus(signer, "input[name=texts]")
    signer.keyboard.press("Space")
    focus(signer, "main .act-foot .btn-primary")
    signer.keyboard.press("Enter")
    signer.wait_for_url("**/inbox/results/*")
    screenshot(signer, "body-result-en")

    expect(signer.locator("main .state-good")).to_have_count(2)
    assert axe(signer) == []
    with province.database.reading() as connection:
        states = connection.execute(
            consultations.select().where(consultations.c.body == BODY)
        ).mappings()
        assert sorted(row["state"] for row in states) == [
            "drafting",
            "received",
            "signed",
            "signed",
            "signed",
        ]


def test_a_draft_that_clashes_shows_both_texts(new_page, address, asked, axe, screenshot):
    mine, theirs = new_page(), new_page()
    for page, role in ((mine, Role.BODY_OFFICER), (theirs, Role.BODY_SIGNER)):
        come_in(page, address, role)
        page.goto(f"{address}/consultations/{asked[2]}/draft")
        page.locator("input[name=verdict]").first.check()
    theirs.locator("#reasons").fill("Của đồng nghiệp.")
    theirs.locator("main button[value=stay]").click()
    theirs.wait_for_selector(".flash")

    mine.locator("#reasons").fill("Của tôi, viết rất lâu.")
    mine.locator("main button[value=stay]").click()
    mine.wait_for_selector("#kept-reasons")
    screenshot(mine, "body-changed-vi")

    expect(mine.locator("#kept-reasons")).to_have_value("Của tôi, viết rất lâu.")
    expect(mine.locator("main")).to_contain_text("Của đồng nghiệp.")
    assert axe(mine) == []


def test_a_body_works_without_script_and_at_twice_the_size(new_page, address, asked):
    page = new_page(java_script_enabled=False, viewport={"width": 683, "height": 384})
    come_in(page, address, Role.BODY_OFFICER)
    page.goto(f"{address}/inbox?tab=body")
    page.locator("input[name=consultations]").first.check()
    page.locator("main button.btn-primary").click()
    page.wait_for_load_state()
    expect(page.locator("main .flash")).to_have_count(1)

    page.goto(f"{address}/consultations/{asked[0]}")
    expect(page.locator("main form[action$='/receive']")).to_have_count(0)
    for place in (
        "/inbox?tab=body",
        f"/consultations/{asked[3]}",
        f"/consultations/{asked[2]}/draft",
        "/letters",
        "/signed",
    ):
        page.goto(f"{address}{place}")
        assert is_as_wide_as_the_screen(page), place
