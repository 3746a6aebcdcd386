"""Every page, as everybody who may open it sees it, in both languages, in a real Chromium.

A page that is built as an earlier role saw it is not looked at again, and in English each page is
looked at with the first role that opens it; with VETTING_EVERY_ROLE, as by `make test-browser`,
everybody looks at everything.
"""

import os

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

from tests.browser.conftest import OFFICE_SCREEN, served
from tests.browser.skeleton import skeleton_of
from tests.house.conftest import made, surveyed  # noqa: F401  # fixtures
from tests.house.province import ONE_A_ROLE
from tests.house.site import NOBODY, opened
from vetting.engine.policy import PERMITTED
from vetting.engine.vocabulary import Role

LANGUAGES = ("vi", "en")
EVERY_ROLE = bool(os.environ.get("VETTING_EVERY_ROLE"))
ENLARGED = {"width": 683, "height": 384}  # an office screen at 200 %
# Pages that look different from one state to another; of all others the first is enough.
MORE_OF = {"cases.show": 5, "consultations.show": 5}
LOOK = """() => ({
    headings: document.querySelectorAll("h1").length,
    heading: (document.querySelector("h1") || {}).innerText || "",
    title: document.title.trim(),
    language: document.documentElement.lang,
    main: document.querySelectorAll("main").length,
    over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
})"""
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module", params=LANGUAGES)
def served_site(request, made, tmp_path_factory):  # noqa: F811
    """The application on the province, served in one language."""
    folder = tmp_path_factory.mktemp(f"served-{request.param}")
    with opened(made, folder, language=request.param) as site, served(site.app) as address:
        site.address = address
        site.looked_at = set()
        yield site


def come_in(page, site, visitor):
    """Give the page's browser the session of a visitor."""
    cookies = [{"name": "language", "value": site.language, "url": site.address}]
    if visitor != NOBODY:
        token = site.province.tokens[visitor]
        cookies.append({"name": "officer", "value": token, "url": site.address})
    page.context.add_cookies(cookies)


@pytest.mark.parametrize("visitor", [NOBODY, *ONE_A_ROLE])
def test_every_page_reads_well(
    served_site,
    surveyed,  # noqa: F811
    new_page,
    axe,
    screenshot,
    visitor,
):
    page = new_page()
    page.add_init_script(AXE_SCRIPT)
    come_in(page, served_site, visitor)
    wrong, met = [], 0
    pages = pages_of(served_site, surveyed, visitor)
    only_new = visitor not in {NOBODY, ONE_A_ROLE[0]} and not EVERY_ROLE
    for endpoint, addresses in pages.items():
        step = max(1, len(addresses) // MORE_OF.get(endpoint, 1))
        for address in addresses[::step][: MORE_OF.get(endpoint, 1)]:
            met += 1
            whole = served_site.address + address
            if only_new:
                built = (endpoint, skeleton_of(page.request.get(whole).text()))
                if built in served_site.looked_at:
                    continue
            page.set_viewport_size(OFFICE_SCREEN)
            answer = page.goto(whole)
            served_site.looked_at.add((endpoint, skeleton_of(answer.text())))
            wrong += [f"{address}: {it}" for it in faults_of(page, answer, served_site.language)]
            wrong += axe(page)
            page.set_viewport_size(ENLARGED)
            if (over := page.evaluate(OVER)) > 0:
                wrong.append(f"{address}: {over} px too wide at 200 %")
            screenshot(page, f"every-{served_site.language}-{visitor}-{endpoint}")

    assert not wrong, "\n".join(wrong)
    assert met == sum(
        min(len(addresses), MORE_OF.get(endpoint, 1)) for endpoint, addresses in pages.items()
    )


def pages_of(site, surveyed, visitor):  # noqa: F811
    """The pages of a visitor; what is the same for every role is looked at with the first one."""
    action_of = {route.endpoint: route.action for route in site.routes("GET")}
    seen = {
        endpoint for endpoint, action in action_of.items() if PERMITTED.get(action) == set(Role)
    }
    if site.language != LANGUAGES[0] and not EVERY_ROLE:
        for earlier in ONE_A_ROLE[: ONE_A_ROLE.index(visitor)] if visitor != NOBODY else ():
            seen |= surveyed.opened[earlier].keys()
    return {
        endpoint: addresses
        for endpoint, addresses in surveyed.opened[visitor].items()
        if visitor in {NOBODY, ONE_A_ROLE[0]} or endpoint not in seen - {"home.show_help"}
    }


def faults_of(page, answer, language):
    """What anybody would mind about a page."""
    look = page.evaluate(LOOK)
    if answer.status != 200:
        yield f"answered {answer.status}"
    if (look["headings"], look["main"]) != (1, 1) or not look["heading"].strip():
        yield f"{look['headings']} headings, {look['main']} main parts"
    if not look["title"].partition("–")[0].strip():
        yield "no title of its own"
    if look["language"] != language:
        yield f"is in {look['language']!r}"
    if look["over"] > 0:
        yield f"{look['over']} px too wide"


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ("<h1>a</h1><h1>b</h1>", ["2 headings, 1 main parts"]),
        ("<h1>a</h1><div style='width:2000px'>x</div>", ["634 px too wide"]),
    ],
)
def test_a_bad_page_is_seen(page, body, seen):
    page.set_content(f"<!doctype html><html lang=vi><title>x</title><main>{body}</main></html>")
    page.add_style_tag(content="body { margin: 0 }")

    class Answer:
        status = 200

    assert list(faults_of(page, Answer, "vi")) == seen


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        ("<main><p class=a>z</p><ul><li>1</li></ul></main><aside>", True),
        ("<main><p class=b>x</p><ul><li>1</li><li>2</li></ul></main>", False),
        ("<main><p class=a>x</p><ul><li>1</li><li class=now>2</li></ul></main>", False),
        ("<main><p class=a>x</p><ul><li>1</li><li>2</li></ul><p></p></main>", False),
    ],
)
def test_pages_are_built_alike_where_only_what_they_say_differs(other, alike):
    page = "<h1></h1><main><p class=a>x</p><ul><li>1</li><li>2</li></ul></main>"
    assert (skeleton_of(page) == skeleton_of(other)) is alike


def test_a_case_goes_its_way_without_script(made, tmp_path_factory, new_page):  # noqa: F811
    """Filed, taken up, accepted, put to the bodies, drafted, passed on, read and signed."""
    with (
        opened(made, tmp_path_factory.mktemp("no-script"), language="en") as site,
        served(site.app) as address,
    ):
        site.address = address
        people = {}
        for visitor in ("unit", "board", "body", "signer"):
            people[visitor] = new_page(java_script_enabled=False)
            come_in(people[visitor], site, visitor)
        unit, board, body, signer = people.values()

        unit.goto(f"{address}/cases/new/planning")
        unit.locator("[name=name]").fill("Nguyễn Thị Không Script")
        unit.locator("[name=born]").fill("02/03/1979")
        unit.locator("[name=target]").fill("Phó Bí thư")
        unit.locator("[name=management_level]").select_option("standing_committee")
        unit.locator("main button[name=do][value=file]").click()
        case = unit.url
        assert "/cases/" in case
        for act in ("take-up", "accept", "consult"):
            board.goto(f"{case}/{act}")
            board.locator("main form[method=post] button:not([name])").last.click()
            expect(board).to_have_url(case)

        body.goto(f"{address}/inbox?tab=unassigned")
        body.goto(address + question_of(site, case.rpartition("/")[2]))
        question = body.url
        body.goto(f"{question}/draft")
        body.locator("[name=verdict][value=no_objection]").check()
        body.locator("[name=reasons]").fill("Không có thông tin.")
        body.locator("button[name=then][value=pass_on]").click()
        expect(body).to_have_url(question)

        signer.goto(question)
        signer.locator("form[action$='/sign'] button").click()
        assert signer.url == question
        expect(signer.locator("[role=status]")).to_contain_text("The opinion is signed.")


def question_of(site, case):
    """The address of what the visitors' body was asked about a case."""
    from sqlalchemy import select  # noqa: PLC0415

    from tests.house.province import BODY  # noqa: PLC0415
    from vetting.records.consultations import consultations  # noqa: PLC0415

    c = consultations.c
    with site.database.reading() as connection:
        found = connection.scalars(select(c.handle).where(c.case_handle == case, c.body == BODY))
        return f"/consultations/{found.one()}"
