"""A slice of the proof of the edge, and defects that it must see; `make prove-edge` tries all."""

from importlib import import_module
from pkgutil import iter_modules

import pytest
from wtforms import SelectMultipleField

from tests.house.province import PASSWORD
from tests.house.site import NOBODY, opened
from tests.proofs.edge import FORGERIES, header_faults, prove_forms, prove_headers
from tests.proofs.running import another
from tests.web.browsing import the_form
from vetting.web import create_app, forms, gate
from vetting.web.forms import consultations
from vetting.web.forms.base import PageForm

SLICE = ("signer", "administrator")
SOME = ("GET", "HEAD", "POST", "TRACE")


def test_no_form_is_taken_that_no_page_of_the_session_made(site):
    found = prove_forms(site, SLICE)

    assert found.wrong == []
    assert found.tried >= len(FORGERIES) * 25


def test_the_headers_are_on_every_answer(site):
    found = prove_headers(site, visitors=("body",), methods=SOME)

    assert found.wrong == []
    assert found.tried >= 2 * len(SOME) * 90


def test_behind_tls_the_headers_and_cookies_are_on_every_answer(made):
    with another(made, tls=True) as site:
        found = prove_headers(site, visitors=(), methods=SOME)
        browser = site.browser(NOBODY)
        form = the_form(browser.get("/sign-in"), {"login"})
        entered = browser.post(
            "/sign-in", data={**form.filled, "login": "coquan", "password": PASSWORD}
        )
        left = browser.send("/help", to="/sign-out")

        assert found.wrong == []
        assert (entered.status_code, left.status_code) == (303, 303)
        assert len(entered.headers.getlist("Set-Cookie")) == 4
        for answer in (entered, left):
            assert list(header_faults(answer, tls=True)) == []


def test_what_a_form_may_say_more_than_once_is_what_can_be_ticked():
    many = (SelectMultipleField, consultations._TickedField, consultations.TextsField)  # noqa: SLF001
    modules = [
        import_module(one.name) for one in iter_modules(forms.__path__, f"{forms.__name__}.")
    ]
    ticked = {
        name
        for module in modules
        for form in vars(module).values()
        if isinstance(form, type) and issubclass(form, PageForm)
        for name, field in vars(form).items()
        if issubclass(getattr(field, "field_class", object), many)
    }

    assert ticked == gate.TICKED


# ------------------------------------------------------------------ planted

ALL = [
    "no token",
    "an empty token",
    "a made up token",
    "another officer's token",
    "a token of one's own other session",
    "a token of a session that ended",
]


def forget_one(monkeypatch):
    refuse = gate._refuse_forged  # noqa: SLF001  # the very thing that a careless change would skip
    monkeypatch.setattr(
        gate,
        "_refuse_forged",
        lambda: None if gate.request.endpoint == "officers.disable" else refuse(),
    )


def take_anything(monkeypatch):
    monkeypatch.setattr(gate, "form_token_fits", lambda _sent: True)


def take_from_anywhere(monkeypatch):
    monkeypatch.setattr(gate, "FROM_HERE", gate.FROM_HERE | {"cross-site"})


def take_the_first(monkeypatch):
    def refuse():
        if not gate.form_token_fits(gate.request.form.get("csrf_token")):
            raise gate.NotFromHere(gate.say("No."))

    monkeypatch.setattr(gate, "_refuse_forged", refuse)


@pytest.mark.parametrize(
    ("plant", "seen"),
    [
        (forget_one, {"officers.disable of administrator, no token"}),
        (take_anything, {f"officers.new of administrator, {one}" for one in ALL[1:]}),
        (take_from_anywhere, {"officers.new of administrator, another site"}),
        (
            take_the_first,
            {
                "officers.new of administrator, two tokens, the right one first",
                "officers.new of administrator, the key twice",
            },
        ),
    ],
)
def test_a_door_that_takes_forged_forms_is_seen(site, monkeypatch, plant, seen):
    plant(monkeypatch)
    found = prove_forms(site, ("administrator",))

    assert seen <= {line.rpartition(":")[0] for line in found.wrong}


def careless(answer):
    """Spoil one header of each of a few answers."""
    endpoint, headers = gate.request.endpoint, answer.headers
    if endpoint == "health.live":
        headers["Content-Security-Policy"] += "; script-src 'self' 'unsafe-inline'"
    elif endpoint == "health.ready":
        del headers["Content-Security-Policy"]
    elif endpoint == "home.show_help":
        headers["Cache-Control"] = "private, max-age=60"
    elif endpoint == "sign_in.enter":
        headers["Set-Cookie"] = "words=x; Path=/; SameSite=Lax"
    elif endpoint == "static":
        headers["Set-Cookie"] = "words=x; Path=/; HttpOnly; SameSite=Strict"
    elif endpoint is None:
        del headers["X-Content-Type-Options"]
    elif answer.status_code == 303:
        headers.add("Referrer-Policy", "unsafe-url")
    return answer


def test_answers_that_lack_a_header_are_seen(made, tmp_path):
    def make(*given, **more):
        app = create_app(*given, **more)
        app.after_request_funcs[None].insert(0, careless)  # the first is the last to run
        return app

    with opened(made, tmp_path, make=make) as site:
        found = prove_headers(site, visitors=(), methods=SOME)

    for seen in (
        "GET /health/live of nobody: script-src is",
        "GET /health/ready of nobody: 0 times Content-Security-Policy",
        "GET /help of nobody: may be kept: 'private, max-age=60'",
        "GET /sign-in of nobody: the cookie words is not httponly",
        "GET /sign-in of nobody: the cookie words is not samesite=strict",
        "GET /static/vetting.css of nobody: a file that browsers share brings a cookie",
        "GET /no/where/at/all of nobody: 0 times X-Content-Type-Options",
        "GET /cases of nobody: 2 times Referrer-Policy",
    ):
        assert any(line.startswith(seen) for line in found.wrong), seen
