"""The gate: what is let through, and what is refused before anything is done."""

from io import BytesIO

import pytest
from flask import Blueprint
from gunicorn.http.errors import ChunkMissingTerminator, InvalidChunkSize
from werkzeug.routing import AnyConverter
from werkzeug.routing.converters import NumberConverter

from tests.builders import officer_of
from tests.web.browsing import the_form
from tests.web.conftest import PASSWORD
from vetting import web
from vetting.engine.policy import PERMITTED, Action
from vetting.engine.vocabulary import Role
from vetting.web import create_app
from vetting.web.gate import ACTION_OF, FILES, SAFE

ME = officer_of("thanh-tra", Role.BODY_SIGNER)


def addresses(app, method):
    """Every address that takes a method, with something in its gaps."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if method in rule.methods and rule.endpoint not in FILES:
                gaps = {name: something(rule, name) for name in rule.arguments}
                built = rule.build(gaps, append_unknown=False)
                if built is not None:
                    yield built[1], ACTION_OF[app.view_functions[rule.endpoint]]


def each_once(app, method):
    """Every address that a signed-in role may ask, by the first that may."""
    first = {}
    for role in Role:
        for address, action in addresses(app, method):
            if role in PERMITTED[action]:
                first.setdefault(address, role)
    return [(role, [one for one, who in first.items() if who is role]) for role in Role]


def something(rule, name):
    """Something that fits in the gap of an address."""
    converter = rule._converters[name]  # noqa: SLF001  # werkzeug tells it to nobody
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if isinstance(converter, NumberConverter) else "x" * 22


def test_every_view_says_which_action_it_is(app):
    silent = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint not in FILES and view not in ACTION_OF
    ]

    assert silent == []


def test_every_action_is_somebodys():
    assert {action for action in Action if not PERMITTED.get(action)} == set()


@pytest.mark.usefixtures("database")
def test_a_view_that_says_nothing_stops_the_start(settings, monkeypatch):
    careless = Blueprint("careless", __name__)
    careless.get("/careless")(lambda: "everything")
    monkeypatch.setattr(web, "BLUEPRINTS", (*web.BLUEPRINTS, careless))

    with pytest.raises(RuntimeError, match=r"no @needs on: careless\.<lambda>"):
        create_app(settings)


def test_without_signing_in_only_what_is_open_answers(app):
    browser = app.test_client()
    wrong = {
        address: answer.status_code
        for address, action in addresses(app, "GET")
        if action is not Action.OPEN
        for answer in [browser.get(address)]
        if answer.status_code != 303 or not answer.location.startswith("/sign-in")
    }

    assert wrong == {}


def test_a_role_that_may_not_is_refused_everywhere(app, browser_of):
    wrong = []
    for role in Role:
        browser = browser_of(role)
        for address, action in addresses(app, "GET"):
            if role not in PERMITTED[action]:
                status = browser.get(address).status_code
                if status != 403:
                    wrong.append((role, address, status))

    assert wrong == []


def test_no_database_is_asked_for_a_sign_that_it_cannot_keep(app, browser_of):
    wrong = []
    for role, own in each_once(app, "GET"):
        browser = browser_of(role)
        for address in own:
            asked = {f"{address}?after=a%00b": 422, f"{address}?x%00=1": 422}
            if "x" * 22 in address:
                asked[address.replace("x" * 22, "x%00x")] = 404
            statuses = {one: browser.get(one).status_code for one in asked}
            wrong += [(role, one) for one in asked if statuses[one] != asked[one]]

    assert wrong == []


def test_a_ticked_case_that_is_none_is_left_out_before_a_database_is_asked(browser_of):
    browser = browser_of(Role.BOARD_OFFICER)
    token = the_form(browser.get("/help"), to="/sign-out").filled

    answer = browser.post("/work/take-up", data={**token, "cases": "a\0b"})

    assert (answer.status_code, answer.location) == (303, "/work?wait=to_check&sort=longest")


FORGED = {
    "no token": lambda _mine, _theirs: {},
    "an empty token": lambda _mine, _theirs: {"csrf_token": ""},
    "a made up token": lambda _mine, _theirs: {"csrf_token": "0" * 64},
    "strange signs": lambda _mine, _theirs: {"csrf_token": "ộ\udcff".encode(errors="replace")},
    "another session's token": lambda _mine, theirs: {"csrf_token": theirs},
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_no_form_is_taken_that_this_session_did_not_make(app, browser_of, forge):
    theirs = the_form(browser_of(Role.BODY_SIGNER).get("/help"), to="/sign-out")
    taken = []
    for role, own in each_once(app, "POST"):
        browser = browser_of(role)
        mine = the_form(browser.get("/help"), to="/sign-out").filled["csrf_token"][0]
        for address in own:
            told = forge(mine, theirs.filled["csrf_token"][0])
            status = browser.post(address, data=told).status_code
            if status != 403:
                taken.append((role, address, status))

    assert taken == []


@pytest.mark.parametrize("with_token", [True, False])
def test_a_part_without_a_name_is_refused(browser_of, with_token):
    browser = browser_of(Role.CASE_OFFICER)
    token = the_form(browser.get("/help"), to="/sign-out").filled["csrf_token"][0]
    parts = [
        "Content-Disposition: form-data\r\n\r\nno name",
        "Content-Disposition: attachment; name*=utf-8''%ff\r\n\r\nneither",
        *[f'Content-Disposition: form-data; name="csrf_token"\r\n\r\n{token}'] * with_token,
    ]
    body = "".join(f"--here\r\n{part}\r\n" for part in parts) + "--here--\r\n"

    answer = browser.post(
        "/cases/new/planning", data=body, content_type="multipart/form-data; boundary=here"
    )

    assert answer.status_code == 400


class Broken(BytesIO):
    """What comes in pieces, of which one cannot be read."""

    def __init__(self, why):
        super().__init__()
        self.why = why

    def read(self, *_size):
        raise self.why

    readinto = read


@pytest.mark.parametrize(
    ("why", "status"),
    [
        (InvalidChunkSize("zz"), 400),
        (ChunkMissingTerminator("zz"), 400),
        (MemoryError(), 500),  # whoever sends it is not to blame
    ],
)
def test_what_cannot_be_read_to_its_end_is_told_as_such(browser_of, why, status):
    answer = browser_of(Role.CASE_OFFICER).post(
        "/cases/new/planning",
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input_terminated": True, "wsgi.input": Broken(why)},
    )

    assert answer.status_code == status


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "anything"])
def test_nothing_is_taken_from_another_site(app, browser_of, site):
    browser = browser_of(Role.BOARD_OFFICER)
    token = the_form(browser.get("/help"), to="/sign-out").filled
    taken = [
        address
        for address, _ in addresses(app, "POST")
        if browser.post(address, data=token, headers={"Sec-Fetch-Site": site}).status_code != 403
    ]

    assert taken == []
    assert browser.get("/help").status_code == 200  # and nobody was signed out


def test_our_own_pages_may_send(browser_of):
    browser = browser_of(Role.BODY_SIGNER)
    form = the_form(browser.get("/help"), to="/sign-out")
    answer = browser.post("/sign-out", data=form.filled, headers={"Sec-Fetch-Site": "same-origin"})

    assert answer.status_code == 303


def test_the_form_for_coming_in_is_tied_to_its_browser(app, browser):
    form = the_form(browser.get("/sign-in"), {"login"})
    told = {**form.filled, "login": ME, "password": PASSWORD}

    assert app.test_client().post("/sign-in", data=told).status_code == 403
    assert browser.post("/sign-in", data=told).status_code == 303


def test_a_visitors_token_is_worth_nothing_once_somebody_is_in(browser):
    form = the_form(browser.get("/sign-in"), {"login"})
    browser.post("/sign-in", data={**form.filled, "login": ME, "password": PASSWORD})

    assert browser.post("/sign-out", data=form.filled).status_code == 403


def test_unsafe_methods_that_no_page_uses_are_refused(app, browser_of):
    browser = browser_of(Role.BOARD_HEAD)
    used = {
        method for rule in app.url_map.iter_rules() for method in rule.methods if method not in SAFE
    }

    assert used == {"POST"}
    assert [browser.open("/help", method=m).status_code for m in ("PUT", "PATCH", "DELETE")] == [
        405
    ] * 3
