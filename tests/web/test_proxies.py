"""From whom a request comes: what a proxy says counts only where one is trusted, and its last."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.builders import officer_of
from tests.web.browsing import Browser, text_of
from tests.web.conftest import PASSWORD
from vetting.config import Settings
from vetting.engine.vocabulary import Role
from vetting.records.officers import failed_logins, login_sessions
from vetting.web import create_app

ME = officer_of("ban-to-chuc", Role.BOARD_OFFICER)
PROXY, REAL, FORGED = "192.0.2.80", "198.51.100.7", "203.0.113.66"


@pytest.fixture
def behind(settings, database, ids, passwords):  # noqa: ARG001  # the province has to be there
    """A browser of an application that trusts so many proxies, asked through one."""
    made = []

    def browser(trusted, forwarded, user_agent=""):
        app = create_app(replace(settings, trusted_proxies=trusted), ids=ids, passwords=passwords)
        made.append(app)
        app.test_client_class = Browser
        found = app.test_client()
        found.environ_base |= {"REMOTE_ADDR": PROXY, "HTTP_USER_AGENT": user_agent}
        if forwarded is not None:
            found.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded
        found.set_cookie("language", "en")
        return found

    yield browser
    for app in made:
        app.extensions["vetting"].database.close()


@pytest.mark.parametrize(
    ("trusted", "forwarded", "source"),
    [
        (0, None, PROXY),
        (0, FORGED, PROXY),
        (1, None, PROXY),
        (1, REAL, REAL),
        (1, f"{FORGED}, {REAL}", REAL),
        (2, f"{FORGED}, {REAL}, {PROXY}", REAL),
        (2, REAL, PROXY),
        (1, "<b>nobody</b>", "unknown"),
    ],
)
def test_where_a_wrong_password_is_counted(behind, database, trusted, forwarded, source):
    behind(trusted, forwarded).sign_in(ME, "not the password")

    with database.reading() as connection:
        assert connection.scalars(select(failed_logins.c.source)).all() == [source]


def test_whoever_guesses_keeps_nobody_out_who_comes_through_the_same_proxy(behind):
    guesser, officer = behind(1, FORGED), behind(1, REAL)
    for _ in range(4):
        guesser.sign_in(ME, "not the password")

    assert guesser.sign_in(ME, PASSWORD).status_code == 429
    assert officer.sign_in(ME, PASSWORD).status_code == 303


def test_two_sessions_are_told_apart_by_device_and_address(behind, database):
    mine = behind(1, REAL, "Mozilla/5.0 (Windows NT 10.0) Firefox/127.0")
    other = behind(1, FORGED, "Mozilla/5.0 (Linux; Android 10) Chrome/126.0 Safari/537.36")
    for browser in (mine, other):
        browser.sign_in(ME, PASSWORD)
        browser.get("/work")

    page = text_of(mine.get("/sessions"))

    assert f"Firefox on Windows Address: {REAL}" in page
    assert f"Chrome on Android Address: {FORGED}" in page
    assert page.count("Proved by: password") == 2
    with database.reading() as connection:
        kept = set(connection.scalars(select(login_sessions.c.device)))
    assert kept == {"firefox/windows", "chrome/android"}


def test_a_session_that_is_taken_elsewhere_says_so_at_once(behind):
    mine = behind(1, REAL, "Mozilla/5.0 (Windows NT 10.0) Firefox/127.0")
    mine.sign_in(ME, PASSWORD)
    mine.get("/work")
    mine.environ_base["HTTP_X_FORWARDED_FOR"] = FORGED

    assert f"Address: {FORGED}" in text_of(mine.get("/sessions"))


def test_what_a_browser_says_of_itself_is_never_shown(behind):
    mine = behind(1, REAL, "<script>alert(1)</script>" + "x" * 50_000)
    mine.sign_in(ME, PASSWORD)

    page = mine.get("/sessions")

    assert "another browser on another system" in text_of(page)
    assert "alert(1)" not in page.text


@pytest.mark.parametrize("given", ["-1", "6", "yes", "1.0", "٢"])
def test_a_number_of_proxies_that_is_none_stops_the_start(given):
    with pytest.raises(SystemExit, match="VETTING_TRUSTED_PROXIES"):
        Settings.from_env({"VETTING_TRUSTED_PROXIES": given})


@pytest.mark.parametrize(("given", "number"), [("", 0), ("0", 0), (" 2 ", 2), ("5", 5)])
def test_how_many_proxies_are_trusted_is_a_setting(given, number):
    assert Settings.from_env({"VETTING_TRUSTED_PROXIES": given}).trusted_proxies == number
