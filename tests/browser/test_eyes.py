"""The eyes themselves: each kind of trouble is seen, and a good page causes none."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Error, expect

from tests.browser.conftest import served

POLICY = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src * data:; style-src 'self' 'unsafe-inline'"
    )
}
PAGES = {
    "good": "<p>Nguyễn Thị Phượng</p>",
    "picture-from-elsewhere": "<img alt='' src='http://192.0.2.1/x.png'>",
    "script-inside": "<script>document.title = 'x'</script>",
    "picture-not-there": "<img alt='' src='/nowhere.png'>",
    "picture-without-words": "<img src='data:,'>",
    "script-that-fails": "<script src='/fails.js'></script>",
    "pale-words": "<p style='color:#999'>Nguyễn Thị Phượng</p>",
    "words-on-a-dark-ground": (
        "<p style='color:#767676;background:#fff'>Nguyễn Thị Phượng</p>"
        "<p style='color:#767676;background:#555'>Nguyễn Thị Phượng</p>"
    ),
    "field-without-a-name": "<input>",
    "list-of-anything": "<ul><p>a</p></ul>",
    "heading-left-out": "<h3>a</h3>",
    "word-nobody-names": "<p lang=xx-nowhere>a</p>",
}
FOUND = {
    "good": [],
    "picture-without-words": ["image-alt: img"],
    "pale-words": ["color-contrast: p"],
    "words-on-a-dark-ground": ["color-contrast: p:nth-child(3)"],
    "field-without-a-name": ["label: input"],
    "list-of-anything": ["list: ul"],
    "heading-left-out": ["heading-order: h3"],
    "word-nobody-names": ["valid-lang: p"],
}


@pytest.fixture(scope="module")
def address():
    app = Flask(__name__)

    @app.get("/<name>")
    def show(name):
        if name == "fails.js":
            return "throw new Error('broken')", {"Content-Type": "text/javascript"}
        status = 200 if name in PAGES else 500 if name == "fails" else 404
        body = PAGES.get(name, f"<p>{status}</p>")
        page = (
            f"<!doctype html><html lang=vi><title>{name}</title><main><h1>{name}</h1>{body}</main>"
        )
        return page, status, POLICY

    with served(app) as address:
        yield address


def test_a_good_page_causes_no_trouble(page, address, axe, screenshot):
    page.goto(f"{address}/good")
    screenshot(page, "eyes-good")

    expect(page.locator("p")).to_have_text("Nguyễn Thị Phượng")
    assert axe(page) == []


def test_this_machine_goes_by_its_name_too(page, address):
    page.goto(f"{address.replace('127.0.0.1', 'localhost')}/good")

    expect(page.locator("p")).to_have_text("Nguyễn Thị Phượng")


@pytest.mark.parametrize("host", ["other.localhost", "localhost.example", "localhost.", "[::1]"])
def test_no_other_name_leads_anywhere(chromium, address, host):
    context = chromium.new_context()
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        context.new_page().goto(f"{address.replace('127.0.0.1', host)}/good")
    context.close()


def test_a_page_that_says_not_found_is_no_trouble(page, address):
    page.goto(f"{address}/nowhere")

    expect(page.locator("p")).to_have_text("404")


def test_axe_names_the_page_the_finding_and_the_place(page, address, axe):
    page.goto(f"{address}/picture-without-words")

    assert axe(page) == [
        f"{address}/picture-without-words: image-alt: Images must have alternative text: img"
    ]


@pytest.mark.parametrize("brought_along", [True, False])
def test_axe_finds_the_same_whether_it_came_with_the_page_or_afterwards(
    page, address, axe, brought_along
):
    if brought_along:
        page.add_init_script(AXE_SCRIPT)
    seen = {}
    for name in FOUND:
        page.goto(f"{address}/{name}")
        assert page.evaluate("!!window.axe") is brought_along
        seen[name] = [short(line, page) for line in axe(page)]
        assert [short(line, page) for line in axe(page)] == seen[name]  # and again, when asked

    assert seen == FOUND


def short(line, page):
    """The rule and the place of a finding."""
    rule, _, place = line.removeprefix(f"{page.url}: ").split(": ")
    return f"{rule}: {place}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "picture-from-elsewhere",
            [
                "asked for http://192.0.2.1/x.png, which is not on this machine",
                "the console of {page}: Failed to load resource: net::ERR_NAME_NOT_RESOLVED",
            ],
        ),
        ("picture-not-there", ["{address}/nowhere.png answered 404"]),
        ("script-that-fails", ["a script failed: broken"]),
        ("fails", ["{page} answered 500"]),
    ],
)
def test_each_trouble_is_seen(page, troubles, address, name, expected):
    page.goto(f"{address}/{name}", wait_until="networkidle")

    seen = troubles.copy()
    troubles.clear()
    assert seen == [line.format(address=address, page=f"{address}/{name}") for line in expected]


def test_what_the_policy_forbids_is_seen(page, troubles, address):
    page.goto(f"{address}/script-inside", wait_until="networkidle")

    (seen,) = troubles
    troubles.clear()
    assert "violates the following Content Security Policy" in seen
