"""Every answer: its headers, its errors, its language, and that nothing comes from elsewhere."""

import json
import logging
import re
from dataclasses import replace

import pytest
from flask import Blueprint, abort
from sqlalchemy import text
from wtforms.fields.core import UnboundField
from wtforms.widgets import HiddenInput

from tests.builders import officer_of
from tests.web.browsing import Browser, text_of, the_form
from tests.web.conftest import PASSWORD
from vetting import web
from vetting.config import ROOT
from vetting.engine.duties import ANOTHER_PART
from vetting.engine.policy import Action
from vetting.engine.refusals import HeldBack, Stale, TwoHats, Unacceptable, Unknown
from vetting.engine.sentences import say
from vetting.engine.vocabulary import Role
from vetting.web import create_app
from vetting.web.errors import NOT_SHOWN
from vetting.web.forms.base import AddressForm, hidden_names
from vetting.web.gate import FILES, needs
from vetting.web.shown import SHOWN, NoCase

ME = officer_of("thanh-tra", Role.BODY_SIGNER)
SECRET = "Nguyễn Văn Bí Mật"


def broken():
    raise RuntimeError(f"no such row: {SECRET}")


RAISED = {
    "unknown": Unknown(say("There is no such case.")),
    "held-back": HeldBack(say("Two bodies still owe an opinion.")),
    "stale": Stale(say("This case has changed since you opened the page.")),
    "two-hats": TwoHats(ANOTHER_PART),
    "unacceptable": Unacceptable(say("Name at least one thing that is missing.")),
}


@pytest.fixture
def app(settings, database, ids, passwords, monkeypatch):  # noqa: ARG001
    """An application with a page for each way that something can go wrong."""
    wrong = Blueprint("wrong", __name__)

    @wrong.route("/wrong/<how>", methods=["GET", "POST"])
    @needs(Action.SIGNED_IN)
    def go_wrong(how):
        if how in RAISED:
            raise RAISED[how]
        if how.isdigit():
            abort(int(how))
        broken()

    @wrong.get("/wrong")
    @needs(Action.OPEN)
    def open_and_broken():
        broken()

    monkeypatch.setattr(web, "BLUEPRINTS", (*web.BLUEPRINTS, wrong))
    for view in ("wrong.go_wrong", "wrong.open_and_broken"):
        monkeypatch.setitem(SHOWN, view, NoCase("it only goes wrong"))
    app = create_app(settings, ids=ids, passwords=passwords)
    app.test_client_class = Browser
    yield app
    app.extensions["vetting"].database.close()


@pytest.fixture
def me(browser_of):
    return browser_of(Role.BODY_SIGNER)


def every_answer(app, me):
    stranger = app.test_client()
    yield stranger.get("/")
    yield stranger.get("/sign-in")
    yield stranger.post("/sign-in")
    yield stranger.get("/health/live")
    yield stranger.get("/health/ready")
    yield stranger.get("/nothing/here")
    yield stranger.get("/wrong")
    yield stranger.get("/static/vetting.css", buffered=True)
    yield stranger.get("/static/nothing")
    yield stranger.get("/bootstrap/static/css/bootstrap.min.css", buffered=True)
    yield stranger.open("/help", method="TRACE")
    yield me.get("/")
    yield me.get("/help")
    yield me.head("/help")
    yield me.options("/help")
    yield me.get("/capacity")
    for how in (*RAISED, "400", "404", "405", "413", "415", "500", "503", "anything"):
        yield me.get(f"/wrong/{how}")


def test_the_headers_are_on_every_answer(app, me):
    answers = list(every_answer(app, me))
    assert {answer.status_code for answer in answers} >= {200, 303, 400, 403, 404, 405, 409, 500}
    for answer in answers:
        place, headers = answer.request.path, answer.headers
        assert headers["Content-Security-Policy"] == (
            "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
            "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
        ), place
        assert headers["X-Content-Type-Options"] == "nosniff", place
        assert headers["Referrer-Policy"] == "no-referrer", place
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", place
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", place
        is_file = "/static/" in place and answer.status_code == 200
        assert headers["Cache-Control"] == ("public, max-age=604800" if is_file else "no-store"), (
            place
        )
        assert "Strict-Transport-Security" not in headers, place


def test_a_file_that_did_not_change_keeps_its_headers(app):
    browser = app.test_client()
    first = browser.get("/static/vetting.css", buffered=True)
    again = browser.get(
        "/static/vetting.css", headers={"If-None-Match": first.headers["ETag"]}, buffered=True
    )

    assert again.status_code == 304
    assert again.headers["X-Content-Type-Options"] == "nosniff"
    assert again.headers["Cache-Control"] == "public, max-age=604800"


@pytest.mark.usefixtures("database")
def test_behind_tls_every_cookie_is_this_hosts_alone(settings, ids, passwords):
    app = create_app(replace(settings, secure_cookies=True), ids=ids, passwords=passwords)
    app.test_client_class = Browser
    browser = app.test_client()
    browser.environ_base["wsgi.url_scheme"] = "https"
    first = browser.get("/sign-in", base_url="https://localhost")
    form = the_form(first, {"login"})
    answer = browser.post(
        "/sign-in",
        data={**form.filled, "login": ME, "password": PASSWORD},
        base_url="https://localhost",
    )

    assert answer.status_code == 303
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    cookies = first.headers.getlist("Set-Cookie") + answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 5
    for cookie in cookies:
        assert cookie.startswith("__Host-"), cookie
        for wanted in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
            assert wanted in cookie.split("; "), cookie


def test_nothing_on_a_page_comes_from_elsewhere(app, me):
    elsewhere = re.compile(r"""(?:src|href|action|srcset)=["'](?!/|\#|data:)[^"']*["']""")
    for answer in every_answer(app, me):
        if "html" in answer.content_type:
            assert elsewhere.findall(answer.text) == [], answer.request.path
            assert "<style" not in answer.text
            assert " style=" not in answer.text
            assert not re.search(r"<script(?![^>]*\ssrc=)", answer.text)


# --------------------------------------------------------------------- errors


STATUS = {
    "unknown": (404, "Either it does not exist, or it is not yours to see."),
    "held-back": (409, "Two bodies still owe an opinion."),
    "stale": (409, "This case has changed since you opened the page."),
    "two-hats": (409, "You already play another part in this case."),
    "unacceptable": (422, "Name at least one thing that is missing."),
    "400": (400, "This request cannot be understood"),
    "404": (404, "Either it does not exist, or it is not yours to see."),
    "405": (405, "This cannot be done from here"),
    "413": (413, "This is too large"),
    "anything": (500, "Something went wrong here, not with you"),
}


@pytest.mark.parametrize("how", STATUS)
def test_every_error_is_a_page_that_says_what_happened(me, how):
    answer = me.get(f"/wrong/{how}")

    assert (answer.status_code, answer.mimetype) == (STATUS[how][0], "text/html")
    assert STATUS[how][1] in text_of(answer)
    assert re.search(r"Number of this message: [A-Za-z0-9_-]{22}", text_of(answer))


def test_who_had_another_part_is_not_told_that_something_has_changed(me):
    said = text_of(me.get("/wrong/two-hats"))
    assert "Somebody else has to do this" in said
    assert "Leave it to somebody who had no other part in this case." in said
    assert "changed in the meantime" not in said
    assert "It has changed in the meantime" in text_of(me.get("/wrong/stale"))


def test_what_waits_for_something_is_not_said_to_have_changed(me):
    said = text_of(me.get("/wrong/held-back"))
    assert "This cannot be done yet Two bodies still owe an opinion. Nothing was done." in said
    assert "Open the page again to see what is waited for." in said


def test_what_is_not_there_and_what_is_not_mine_are_the_same_page(me):
    number = re.compile(r"(?<=Number of this message: )[A-Za-z0-9_-]{22}")
    pages = {
        number.sub("", me.get(place).text)
        for place in ("/wrong/unknown", "/wrong/404", "/no", "/x/y")
    }

    assert len(pages) == 1


def test_what_went_wrong_inside_stays_inside(me, caplog):
    with caplog.at_level(logging.INFO, "vetting.web"):
        answer = me.get("/wrong/anything")
    [line] = [json.loads(record.message) for record in caplog.records]

    assert SECRET not in answer.text
    assert "RuntimeError" not in answer.text
    assert SECRET not in str(line)
    assert line == {
        "at": "2026-01-05T02:00:00.000000Z",
        "number": re.search(r"message: ([\w-]{22})", answer.text)[1],
        "status": 500,
        "kind": "RuntimeError",
        "method": "GET",
        "endpoint": "wrong.go_wrong",
        "session": line["session"],
        "where": line["where"],
    }
    assert len(line["session"]) == 22


@pytest.mark.parametrize("forged", ["\n{}", '"}\n{"status": 200}', "\x1b[2J", "\u2028"])
def test_one_event_is_one_line_of_the_log(me, caplog, forged):
    with caplog.at_level(logging.INFO, "vetting.web"):
        me.get("/nothing", query_string={"q": forged}, headers={"User-Agent": forged.strip()[:1]})
        me.get(f"/nothing/{forged}")
    lines = [record.message for record in caplog.records]

    assert len(lines) == 2
    assert all(line.isascii() and "\n" not in line and json.loads(line) for line in lines)


def test_without_a_database_there_is_still_a_page(me, database):
    with database.writing() as connection:
        connection.execute(text("ALTER TABLE login_sessions RENAME TO gone"))
    answer = me.get("/help")

    assert answer.status_code == 500
    assert re.search(r"[A-Za-z0-9_-]{22}", text_of(answer))
    assert "login_sessions" not in answer.text
    assert not re.search("sqlite|psycopg|postgres", answer.text.lower())


def test_what_was_typed_is_shown_when_the_case_has_moved_on(me):
    token = the_form(me.get("/help"), to="/sign-out").filled
    answer = me.post("/wrong/stale", data={**token, "reason": "Thiếu bản <kê khai>", "key": "k-1"})

    assert answer.status_code == 409
    assert "Thiếu bản &lt;kê khai&gt;" in answer.text
    assert token["csrf_token"][0] not in text_of(answer)
    assert 'href="/wrong/stale"' in answer.text


def test_too_much_at_once_is_refused(me):
    answer = me.post("/wrong/anything", data={"file": "x" * (12 * 1024 * 1024)})

    assert answer.status_code == 413
    assert "This is too large" in text_of(answer)


def test_a_method_that_is_not_offered_names_those_that_are(me):
    answer = me.post("/help", data={})

    assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (
        405,
        {"GET", "HEAD", "OPTIONS"},
    )


# --------------------------------------------------------------------- language


def test_vietnamese_comes_first(app):
    assert '<html lang="vi">' in app.test_client().get("/sign-in").text


def test_the_language_is_remembered_before_and_after_signing_in(app):
    browser = app.test_client()
    answer = browser.send("/sign-in?next=/help", to="/language", language="en")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/help")
    assert '<html lang="en">' in browser.get("/sign-in").text
    assert browser.get_cookie("language").max_age == 365 * 24 * 3600


def test_the_language_follows_the_officer_to_another_browser(me, browser_of):
    answer = me.send("/help?a=b", to="/language", language="vi")
    assert (answer.status_code, answer.location) == (303, "/help?a=b")

    assert '<html lang="vi">' in browser_of(Role.BODY_SIGNER).get("/help").text


def test_whoever_leaves_is_still_read_to_in_their_language(me):
    me.send("/help", to="/sign-out")

    assert '<html lang="en">' in me.get("/sign-in").text


@pytest.mark.parametrize("language", ["", "de", "vi_VN", "../en", "EN"])
def test_a_language_that_is_not_there_changes_nothing(me, language):
    answer = me.send("/help", to="/language", language=language)

    assert answer.status_code == 422
    assert '<html lang="en">' in me.get("/help").text


@pytest.mark.parametrize("back", ["//example.org", "https://example.org", "", "\\\\x"])
def test_the_switch_leads_to_no_other_site(me, back):
    answer = me.send("/help", to="/language", language="vi", back=back)

    assert answer.location == "/"


# --------------------------------------------------------------------- the menu and the rest


def test_each_role_is_offered_what_it_may_open_and_what_is_there(browser_of):
    for role in Role:
        browser = browser_of(role)
        menu = re.search(r'<nav class="menu".*?</nav>', browser.get("/help").text, re.DOTALL)[0]
        places = re.findall(r'href="([^"]+)"', menu)
        assert [browser.get(place).status_code for place in places] == [200] * len(places), role
        assert browser.get("/").location == places[0]


def test_health_says_whether_an_act_could_be_done(app, settings, database):
    browser = app.test_client()
    assert (browser.get("/health/live").json, browser.get("/health/ready").json) == (
        {"live": True},
        {"ready": True},
    )
    signed = settings.folder / "witnessed"
    signed.write_text("rubbish")
    answer = browser.get("/health/ready")
    assert (answer.status_code, answer.json) == (503, {"ready": False})
    signed.unlink()
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = browser.get("/health/ready")

    assert (answer.status_code, answer.json) == (503, {"ready": False})


def test_static_files_are_the_only_open_files():
    assert frozenset({"static", "bootstrap.static"}) == FILES


def test_the_application_does_not_start_on_tables_of_another_version(settings, database):
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))

    with pytest.raises(SystemExit, match="Run `vetting init`"):
        create_app(settings)


def test_the_application_does_not_start_without_a_secret_key(settings):
    with pytest.raises(SystemExit, match="There is no secret key yet"):
        create_app(replace(settings, secret_key=None))


@pytest.mark.usefixtures("database")
def test_the_application_does_not_start_in_a_language_that_is_not_there(settings):
    with pytest.raises(SystemExit, match="VETTING_LANGUAGE must be vi or en"):
        create_app(replace(settings, language="de"))


def test_what_a_form_carries_unseen_no_form_shows_under_the_same_name():
    kinds, shown = [AddressForm], set()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        made = {name: getattr(kind, name) for name in dir(kind)}
        shown |= {
            name
            for name, field in made.items()
            if isinstance(field, UnboundField)
            and not isinstance(field.field_class.widget, HiddenInput)
        }
    assert {"plan", "text", "cases", "key", "seen"} <= hidden_names()
    assert {"reason", "answer", "until"} <= shown
    assert not shown & hidden_names()


def test_which_button_was_pressed_is_shown_to_nobody_as_what_they_had_typed():
    pressed = {
        name
        for file in (ROOT / "templates").rglob("*.html")
        for button in re.findall(r"<button\b[^>]*>", file.read_text("utf-8"))
        for name in re.findall(r'\bname="(\w+)"', button)
    }
    assert pressed - NOT_SHOWN == {"language", "read_in"}  # which make no error page
