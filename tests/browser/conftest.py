"""A real Chromium, a served application, and eyes that miss nothing a person would mind."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright
from werkzeug.serving import make_server

ROOT = Path(__file__).parent.parent.parent
# The same engine as /usr/bin/chromium, without windows that nobody would see and with less work for
# each page.
CHROMIUM = Path("/usr/bin/chromium-headless-shell")
# Every rule that axe has in force; only what it finds travels here.
RUN_AXE = """() => window.axe
    ? axe.run({resultTypes: ["violations"]}).then(found => found.violations)
    : null"""
OFFICE_SCREEN = {"width": 1366, "height": 768}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies in this folder, so that `-m "not browser"` leaves it out."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the session; it reaches 127.0.0.1, by that and by localhost, and no more."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing; `make install-dev` brings it or says how to get it.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                # Every page is a new one; nothing runs long enough to be worth optimizing.
                "--js-flags=--no-opt --no-maglev",
                "--host-resolver-rules=MAP localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def troubles() -> Iterator[list[str]]:
    """Whatever goes wrong on any page, seen or not; it fails the test."""
    seen: list[str] = []
    yield seen
    if seen:
        pytest.fail("\n".join(seen))


@pytest.fixture
def pages(troubles: list[str]) -> Iterator[ExitStack]:  # noqa: ARG001  # they end before it looks
    """Whatever pages a test opened; they close before what serves them does."""
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def new_page(chromium: Browser, pages: ExitStack, troubles: list[str]) -> Callable[..., Page]:
    """Open a page for one more person, each with cookies of their own.

    `new_page(java_script_enabled=False)` and the like pass on to the browser's context.
    """

    def open_page(**wishes: object) -> Page:
        return pages.enter_context(_watched_page(chromium, wishes, troubles))

    return open_page


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A page for a test with one person in it."""
    return new_page()


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """What an accessibility check finds on a page: a line for each finding, naming the places.

    Where every page of a context is looked at, `add_init_script(AXE_SCRIPT)` brings the check along
    with each; any other page is given it when it is looked at.
    """

    def findings(page: Page) -> list[str]:
        if (violations := page.evaluate(RUN_AXE)) is None:
            page.evaluate(AXE_SCRIPT)
            violations = page.evaluate(RUN_AXE)
        return [
            f"{page.url}: {found['id']}: {found['help']}: "
            + ", ".join(" ".join(map(str, node["target"])) for node in found["nodes"])
            for found in violations
        ]

    return findings


@pytest.fixture(scope="session")
def screenshot() -> Callable[[Page, str], None]:
    """Keep a picture of a page under screenshots/, when VETTING_SCREENSHOTS asks for it."""

    def keep(page: Page, name: str) -> None:
        if os.environ.get("VETTING_SCREENSHOTS"):
            page.screenshot(path=ROOT / "screenshots" / f"{name}.png", full_page=True)

    return keep


@pytest.fixture
def serve(pages: ExitStack) -> Iterator[Callable[[Flask], str]]:
    """Serve applications on free ports of this machine until the test ends; give their address."""
    with ExitStack() as servers:
        yield lambda app: servers.enter_context(served(app))
        pages.close()  # a page that still loads would find nobody there


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an application as long as the block lasts, several requests at a time.

    For a fixture that serves one application to many tests.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line a request says nothing here
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def _watched_page(
    chromium: Browser, wishes: dict[str, object], troubles: list[str]
) -> Iterator[Page]:
    context = chromium.new_context(
        **{
            "viewport": OFFICE_SCREEN,
            "locale": "vi-VN",
            "timezone_id": "Asia/Ho_Chi_Minh",
            **wishes,
        }
    )
    context.set_default_timeout(10_000)

    def requested(request: Request) -> None:
        address = urlsplit(request.url)
        is_here = address.hostname in {"127.0.0.1", "localhost"}
        if address.scheme not in {"about", "blob", "data"} and not is_here:
            troubles.append(f"asked for {request.url}, which is not on this machine")

    def answered(response: Response) -> None:
        # A page that says "not found" or "out of turn" is a good page; a missing picture is not.
        asked_for_page = response.request.is_navigation_request()
        if response.status >= 500 or (response.status >= 400 and not asked_for_page):
            troubles.append(f"{response.url} answered {response.status}")

    def said(message: ConsoleMessage) -> None:
        # The console also repeats every status above 399; `answered` has judged those.
        if message.type == "error" and not message.text.startswith(
            "Failed to load resource: the server responded with a status of"
        ):
            troubles.append(f"the console of {message.page and message.page.url}: {message.text}")

    context.on("request", requested)
    context.on("response", answered)
    context.on("console", said)
    context.on("weberror", lambda error: troubles.append(f"a script failed: {error.error}"))
    try:
        yield context.new_page()
    finally:
        context.close()
