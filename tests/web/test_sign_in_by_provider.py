"""Coming in through an OpenID provider: to it, back, and everything that can be wrong on the way.

One provider is the library's own; the other lies as a test wants it to.
"""

import re
import time
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from joserfc.jwk import RSAKey
from sqlalchemy import insert, select, update
from werkzeug.wrappers import Response

from tests.builders import officer_of
from tests.directories.lying_provider import CLIENT, SECRET, lying_provider
from tests.web.browsing import links_of, text_of
from tests.web.conftest import PASSWORD
from tests.web.test_second_factor import Device
from vetting.config import OIDCSettings
from vetting.directories.ask_provider import OpenIDProvider
from vetting.directories.patience import Patience
from vetting.engine.vocabulary import Role
from vetting.records.directory_identities import directory_answers, directory_identities
from vetting.records.identity import Ids
from vetting.records.officers import (
    NO_PASSWORD,
    failed_logins,
    login_sessions,
    officers,
    role_assignments,
)
from vetting.web.headers import POLICY

ME = officer_of("thanh-tra", Role.BODY_SIGNER)
OTHER = officer_of("thanh-tra", Role.BODY_OFFICER)
LONG_AGO = "2026-01-01T00:00:00.000000Z"
DOES_NOT_PROVE = "What Thư mục tỉnh answered does not prove who you are. Nothing was done."
NOT_BEGUN_HERE = "This sign-in was not begun in this browser, or too long ago. Begin again."
NOT_OURS = "Thư mục tỉnh knows you, but you cannot sign in here with that."
DOWN = "Thư mục tỉnh does not answer at present. Try again in a while."


@pytest.fixture
def clock():
    """A clock that goes with the provider's until a test lets it go on."""

    class Clock:
        ahead = timedelta()

        def __call__(self):
            return datetime.now(UTC) + self.ahead

        @property
        def now(self):
            return self()

        def go_on(self, **time):
            self.ahead += timedelta(**time)

    return Clock()


@pytest.fixture
def ids(clock):
    return Ids(clock=clock)


@pytest.fixture(scope="module")
def one_provider():
    with lying_provider() as provider:
        yield provider


@pytest.fixture
def provider(one_provider):
    """A provider that is honest, and knows me."""
    key, address = one_provider.key, one_provider.address
    one_provider.__init__()
    one_provider.address, one_provider.key = address, key
    one_provider.keys = [key.as_dict(private=False)]
    one_provider.sign = one_provider.signed
    one_provider.claims = {"preferred_username": ME}
    return one_provider


def settings_of(issuer, **others):
    return OIDCSettings(
        issuer,
        CLIENT,
        SECRET,
        "http://127.0.0.1:5000/sign-in/provider/back",
        "Thư mục tỉnh",
        **others,
    )


@pytest.fixture
def settings(settings, provider):
    return replace(settings, oidc=settings_of(provider.address))


def set_out(browser, wanted=None):
    """Go to the provider; return the address there."""
    answer = browser.get("/sign-in/provider", query_string={"next": wanted} if wanted else {})
    assert answer.status_code == 303, text_of(answer)
    return answer.location


def come_back(browser, told):
    return browser.get(f"/sign-in/provider/back?{urlencode(told)}")


def come_in(browser, provider, wanted=None):
    """Go to the provider, prove who one is there, and come back."""
    return come_back(browser, provider.authorise(set_out(browser, wanted)))


def is_in(browser):
    return browser.get("/help").status_code == 200


def rows(database, table):
    with database.reading() as connection:
        return [row._asdict() for row in connection.execute(select(table))]


# ------------------------------------------------------------------ the way there and back


def test_the_page_for_coming_in_offers_the_provider_where_there_is_one(browser):
    answer = browser.get("/sign-in?next=/help")

    assert "/sign-in/provider?next=/help" in links_of(answer)
    assert "Sign in with Thư mục tỉnh" in text_of(answer)


def test_the_provider_is_told_what_it_has_to_answer_and_no_secret(browser, provider):
    address = urlsplit(set_out(browser))
    asked = parse_qs(address.query)

    random = {name: asked.pop(name)[0] for name in ("state", "nonce", "code_challenge")}

    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{provider.address}/authorise"
    assert asked == {
        "client_id": ["vetting"],
        "code_challenge_method": ["S256"],
        "max_age": ["0"],
        "prompt": ["login"],
        "redirect_uri": ["http://127.0.0.1:5000/sign-in/provider/back"],
        "response_type": ["code"],
        "scope": ["openid profile email"],
    }
    assert [len(one) for one in random.values()] == [64, 64, 43]


def test_nobody_sets_out_twice_with_the_same_marks(browser):
    first, second = (parse_qs(urlsplit(set_out(browser)).query) for _ in range(2))

    assert [
        name for name in ("state", "nonce", "code_challenge") if first[name] == second[name]
    ] == []


def test_who_comes_back_is_in_and_goes_on_to_where_they_were_going(browser, provider, database):
    answer = come_in(browser, provider, "/help?x=1")

    assert (answer.status_code, answer.headers["Refresh"]) == (200, "0; url=/help?x=1")
    assert "You are signed in" in text_of(answer)
    assert "/help?x=1" in links_of(answer)
    assert is_in(browser)
    [session] = rows(database, login_sessions)
    assert (session["officer"], session["method"], session["ended_at"]) == (ME, "oidc", None)
    [identity] = rows(database, directory_identities)
    assert identity == {
        "provider": provider.address,
        "subject": "subject-1",
        "officer": ME,
        "login": ME,
        "linked_at": identity["linked_at"],
        "linked_by": None,
    }
    assert rows(database, failed_logins) == []


def test_the_code_is_exchanged_with_the_verifier_and_the_clients_secret(browser, provider):
    come_in(browser, provider)

    sent = provider.sent
    assert (sent.authorization.username, sent.authorization.password) == (CLIENT, SECRET)
    assert {name: sent.form[name] for name in ("grant_type", "code", "redirect_uri")} == {
        "grant_type": "authorization_code",
        "code": "a code",
        "redirect_uri": "http://127.0.0.1:5000/sign-in/provider/back",
    }
    assert re.fullmatch(r"[0-9a-f]{64}", sent.form["code_verifier"])


def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(browser, provider):
    provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}

    assert come_in(browser, provider).status_code == 200
    assert provider.sent.authorization is None
    assert provider.sent.form["client_secret"] == SECRET


def test_the_cookie_for_the_way_comes_along_from_the_provider_and_no_other_does(browser, provider):
    started = browser.get("/sign-in/provider")
    [way] = started.headers.getlist("Set-Cookie")
    back = come_back(browser, provider.authorise(started.location))
    given = {one.partition("=")[0]: one for one in back.headers.getlist("Set-Cookie")}

    assert "HttpOnly" in way
    assert "SameSite=Lax" in way
    assert "Max-Age=600" in way
    assert "SameSite=Strict" in given["officer"]
    assert "Max-Age=0" in given["way"]


def test_behind_tls_the_cookie_for_the_way_is_of_this_host_only(settings, app):
    shared = app.extensions["vetting"]
    app.extensions["vetting"] = replace(shared, settings=replace(settings, secure_cookies=True))
    answer = app.test_client().get("/sign-in/provider", base_url="https://127.0.0.1")
    app.extensions["vetting"] = shared
    [way] = answer.headers.getlist("Set-Cookie")

    assert way.startswith("__Host-way=")
    assert "Secure" in way


def test_no_form_leads_to_the_provider_so_the_pages_let_forms_lead_nowhere_else(browser, provider):
    page = browser.get("/sign-in")

    assert page.headers["Content-Security-Policy"] == POLICY
    assert "form-action 'self'" in POLICY
    assert provider.address not in page.text


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.org/",
        "//example.org",
        "/\\example.org",
        "javascript:alert(1)",
        "/" + "x" * 1000,
    ],
)
def test_nobody_is_led_to_another_site(browser, provider, elsewhere):
    assert come_in(browser, provider, elsewhere).headers["Refresh"] == "0; url=/"


def test_no_other_site_begins_a_sign_in_here(browser, provider):
    answer = browser.get("/sign-in/provider", headers={"Sec-Fetch-Site": "cross-site"})

    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert provider.asked == []


def test_a_log_in_is_taken_however_the_provider_writes_it(browser, provider, database):
    provider.claims = {"preferred_username": f" {ME.upper()}"}

    assert come_in(browser, provider).status_code == 200
    assert [one["login"] for one in rows(database, directory_identities)] == [f" {ME.upper()}"]


def test_the_log_in_is_asked_for_where_the_token_does_not_have_it(browser, provider):
    provider.claims = {}
    provider.info = {"preferred_username": ME}

    assert come_in(browser, provider).status_code == 200
    assert provider.asked[-1] == "/me"


def test_metadata_and_keys_are_asked_for_once_an_hour(browser, provider, clock):
    for _ in range(2):
        come_in(browser, provider)
    clock.go_on(minutes=61)
    provider.claims |= {"exp": int(time.time()) + 9000, "auth_time": int(time.time()) + 3660}
    come_in(browser, provider)

    assert provider.asked.count("/keys") == 2
    assert provider.asked.count("/.well-known/openid-configuration") == 2


def test_new_keys_of_the_provider_are_fetched_when_they_are_met(browser, provider, clock):
    come_in(browser, provider)
    key = RSAKey.generate_key(2048, {"kid": "second"})
    provider.keys = [key.as_dict(private=False)]
    provider.sign = lambda claims: provider.signed(claims, key, kid="second")
    at_once = come_in(browser, provider)
    clock.go_on(seconds=61)
    provider.claims |= {"exp": in_the_future(90), "auth_time": in_the_future(61)}

    assert (at_once.status_code, come_in(browser, provider).status_code) == (422, 200)


# ------------------------------------------------------------------ who may come in


def test_a_directory_grants_nothing(browser, provider, database):
    provider.claims = {"preferred_username": "somebody", "roles": ["administrator"]}
    answer = come_in(browser, provider)

    assert (answer.status_code, is_in(browser)) == (422, False)
    assert NOT_OURS in text_of(answer)
    assert rows(database, login_sessions) == []
    assert rows(database, directory_identities) == []


def change(database, **values):
    with database.writing() as connection:
        connection.execute(update(officers).where(officers.c.handle == ME).values(**values))


def add_robot(database, provider):
    with database.writing() as connection:
        connection.execute(
            insert(officers).values(
                handle="may", login="may", name="Máy", sort_key="may", password_hash="!", robot=1
            )
        )
    provider.claims = {"preferred_username": "may"}


def tie(database, provider, subject, officer):
    with database.writing() as connection:
        connection.execute(
            insert(directory_identities).values(
                provider=provider.address,
                subject=subject,
                officer=officer,
                login="there",
                linked_at="2026-01-01T00:00:00.000000Z",
            )
        )


NOT_LET_IN = {
    "nobody of this log-in": lambda database, _: change(database, login="somebody else"),
    "a disabled officer": lambda database, _: change(database, disabled_at="2026-01-01T00:00:00Z"),
    "a robot": add_robot,
    "another subject of the same log-in": lambda database, provider: tie(
        database, provider, "subject-0", ME
    ),
}


def test_whoever_is_not_let_in_gets_the_same_answer(app, provider, database):
    pages = {}
    for reason, prepare in NOT_LET_IN.items():
        browser = app.test_client()
        browser.set_cookie("language", "en")
        prepare(database, provider)
        answer = come_in(browser, provider)
        page = re.sub(r'(value="[0-9a-f]{64}"|Number of this message: \S+)', "", answer.text)
        pages[reason] = (answer.status_code, is_in(browser), page)
        change(database, login=ME, disabled_at=None)
        provider.claims = {"preferred_username": ME}

    assert NOT_OURS in pages["a robot"][2]
    assert pages["a robot"][:2] == (422, False)
    assert {reason for reason, page in pages.items() if page != pages["a robot"]} == set()


def test_a_disabled_officers_mark_opens_nothing_through_another_log_in(browser, provider, database):
    come_in(browser, provider)
    change(database, disabled_at="2026-01-01T00:00:00Z")
    provider.claims = {"preferred_username": OTHER}

    assert come_in(browser, provider).status_code == 422


def test_who_is_tied_comes_in_whatever_their_log_in_is_called_there_now(
    browser, provider, database
):
    come_in(browser, provider)
    provider.claims = {"preferred_username": OTHER}
    come_in(browser, provider)

    assert [one["officer"] for one in rows(database, login_sessions)] == [ME, ME]
    assert [one["login"] for one in rows(database, directory_identities)] == [OTHER]


def test_the_same_subject_of_another_issuer_is_another_person(browser, provider, database):
    with database.writing() as connection:
        connection.execute(
            insert(directory_identities).values(
                provider="https://elsewhere.example",
                subject="subject-1",
                officer=OTHER,
                login="x",
                linked_at="2026-01-01T00:00:00.000000Z",
            )
        )
    come_in(browser, provider)

    assert [one["officer"] for one in rows(database, login_sessions)] == [ME]


def test_who_has_no_role_today_is_told_so(browser, provider, database):
    with database.writing() as connection:
        connection.execute(update(role_assignments).values(valid_to="2026-01-04"))
    answer = come_in(browser, provider)

    assert (answer.status_code, is_in(browser)) == (422, False)
    assert "You have no role today." in text_of(answer)
    assert rows(database, directory_identities) == []


def test_signing_out_ends_ours_and_the_old_answer_opens_nothing(browser, provider):
    told = provider.authorise(set_out(browser))
    provider.once = False
    come_back(browser, told)
    browser.send("/help", to="/sign-out")

    assert come_back(browser, told).status_code == 422
    assert not is_in(browser)


def test_who_has_a_second_factor_is_asked_for_it_after_the_provider(app, provider, clock, database):
    first = app.test_client()
    come_in(first, provider)
    page = first.get("/second-factor/authenticator")
    device = Device(page, clock)
    assert first.send_form(page, code=device.code(), name="telephone").status_code == 200
    clock.go_on(seconds=30)
    provider.claims |= {"auth_time": in_the_future(30)}
    second = app.test_client()
    second.set_cookie("language", "en")
    answer = come_in(second, provider, "/help")

    assert answer.headers["Refresh"] == "0; url=/sign-in/second-step?next=/help"
    assert "One more step" in text_of(answer)
    assert not is_in(second)
    done = second.send("/sign-in/second-step?next=/help", code=device.code())
    assert (done.status_code, done.location, is_in(second)) == (303, "/help", True)
    assert {one["method"] for one in rows(database, login_sessions)} == {"oidc+totp"}


# ------------------------------------------------------------------ answers that are not one's own


def test_an_answer_is_good_for_the_browser_that_went_for_it(app, provider, database):
    attacker, victim = app.test_client(), app.test_client()
    told = provider.authorise(set_out(attacker))
    victim.set_cookie("language", "en")
    answer = come_back(victim, told)

    assert (answer.status_code, is_in(victim)) == (422, False)
    assert NOT_BEGUN_HERE in text_of(answer)
    assert "/token" not in provider.asked
    assert rows(database, login_sessions) == []


def test_an_answer_is_good_for_the_way_it_was_asked_on(app, provider):
    attacker, victim = app.test_client(), app.test_client()
    told = provider.authorise(set_out(attacker))
    mine = provider.authorise(set_out(victim), "my code")

    assert come_back(victim, told).status_code == 422
    victim.get("/sign-in/provider")  # the way that was spoilt is over
    assert come_back(victim, mine).status_code == 422
    assert "/token" not in provider.asked


@pytest.mark.parametrize("checks_challenge", [True, False])
def test_a_code_of_somebody_else_does_not_fit_the_way(app, provider, checks_challenge):
    """It fails at its challenge, and where the provider does not check that, at its nonce."""
    provider.checks_challenge = checks_challenge
    attacker, victim = app.test_client(), app.test_client()
    provider.authorise(set_out(victim), "the victim's code")
    mine = provider.authorise(set_out(attacker), "my code")
    answer = come_back(attacker, {**mine, "code": "the victim's code"})

    assert (answer.status_code, is_in(attacker)) == (422, False)


def test_an_answer_is_good_once_even_where_the_provider_takes_a_code_twice(app, provider, database):
    browser = app.test_client()
    started = browser.get("/sign-in/provider")
    way = browser.get_cookie("way").value
    told = provider.authorise(started.location)
    provider.once = False
    assert come_back(browser, told).status_code == 200
    thief = app.test_client()
    thief.set_cookie("way", way)
    thief.set_cookie("language", "en")
    answer = come_back(thief, told)

    assert (answer.status_code, is_in(thief)) == (409, False)
    assert "This answer was used before. Begin again." in text_of(answer)
    assert provider.asked.count("/token") == 1
    assert len(rows(database, directory_answers)) == 1


@pytest.mark.parametrize("way", ["", "x", "x.y", ".", f"e30=.{'0' * 64}", "ế.é"])
def test_a_cookie_that_is_not_ours_is_no_way(browser, provider, way):
    told = provider.authorise(set_out(browser))
    browser.set_cookie("way", way)

    assert come_back(browser, told).status_code == 422


def test_an_answer_that_comes_too_late_is_not_taken(browser, provider, clock):
    told = provider.authorise(set_out(browser))
    clock.go_on(minutes=10, seconds=1)
    answer = come_back(browser, told)

    assert answer.status_code == 422
    assert NOT_BEGUN_HERE in text_of(answer)


@pytest.mark.parametrize(
    "told",
    [
        {"error": "access_denied", "error_description": "<script>alert(1)</script>"},
        {"code": ""},
        {"error": "access_denied", "code": "a code"},
    ],
)
def test_who_is_refused_there_is_not_in_here(browser, provider, told):
    state = provider.authorise(set_out(browser))["state"]
    answer = come_back(browser, {**told, "state": state})

    assert (answer.status_code, is_in(browser)) == (422, False)
    assert "alert(1)" not in answer.text
    assert "/token" not in provider.asked


@pytest.mark.parametrize(
    "told", [{}, {"state": "x"}, {"code": "a code"}, {"state": "\0", "code": "\0"}]
)
def test_an_answer_without_what_belongs_to_it_is_a_bad_one(browser, told):
    set_out(browser)

    assert come_back(browser, told).status_code == 422


def test_another_issuer_in_the_answer_is_a_mix_up(browser, provider):
    told = provider.authorise(set_out(browser))
    answer = come_back(browser, {**told, "iss": "https://elsewhere.example"})

    assert (answer.status_code, is_in(browser)) == (422, False)
    assert "/token" not in provider.asked


def test_a_provider_that_names_itself_has_to_do_so(browser, provider):
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    unnamed = come_in(browser, provider)
    told = provider.authorise(set_out(browser))
    named = come_back(browser, {**told, "iss": provider.address})

    assert (unnamed.status_code, named.status_code) == (422, 200)


# ------------------------------------------------------------------ tokens that lie


def in_the_future(seconds):
    return int(time.time()) + seconds


LIES = {
    "of another issuer": lambda p: p.claims.update(iss="https://elsewhere.example"),
    "without issuer": lambda p: p.claims.update(iss=None),
    "for another client": lambda p: p.claims.update(aud="another"),
    "for others too": lambda p: p.claims.update(aud=[CLIENT, "another"], azp=CLIENT),
    "for nobody": lambda p: p.claims.update(aud=None),
    "for an empty list": lambda p: p.claims.update(aud=[]),
    "authorised for another client": lambda p: p.claims.update(azp="another"),
    "expired": lambda p: p.claims.update(exp=in_the_future(-61)),
    "without end": lambda p: p.claims.update(exp=None),
    "with an end that is no number": lambda p: p.claims.update(exp="later"),
    "made in the future": lambda p: p.claims.update(iat=in_the_future(120)),
    "not valid yet": lambda p: p.claims.update(nbf=in_the_future(120)),
    "with another nonce": lambda p: p.claims.update(nonce="0" * 64),
    "without nonce": lambda p: p.claims.update(nonce=None),
    "proved yesterday": lambda p: p.claims.update(auth_time=in_the_future(-86400)),
    "proved at no time": lambda p: p.claims.update(auth_time="now"),
    "without subject": lambda p: p.claims.update(sub=None),
    "with an empty subject": lambda p: p.claims.update(sub=""),
    "with a number as subject": lambda p: p.claims.update(sub=7),
    "with an endless subject": lambda p: p.claims.update(sub="x" * 256),
    "with a subject that no database keeps": lambda p: p.claims.update(sub="a\0b"),
    "with a list as log-in": lambda p: p.claims.update(preferred_username=[ME]),
    "with a log-in that no database keeps": lambda p: p.claims.update(preferred_username="a\0b"),
    "with another token's hash": lambda p: p.claims.update(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "signed by nobody": lambda p: setattr(p, "sign", p.signed_by_nobody),
    "signed with the public key": lambda p: setattr(p, "sign", p.signed_with_the_public_key),
    "signed by another": lambda p: setattr(p, "sign", p.signed_by_another),
    "signed with a key of its own": lambda p: setattr(p, "sign", p.signed_with_a_key_of_its_own),
    "not signed at all": lambda p: setattr(p, "sign", lambda _: "x"),
    "a list": lambda p: setattr(p, "sign", lambda _: ["x"]),
    "not there": lambda p: setattr(p, "sign", lambda _: None),
    "about another person": lambda p: (
        p.claims.clear(),
        p.info.update(sub="subject-2", preferred_username=ME),
    ),
    "about nobody": lambda p: p.claims.clear(),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_token_that_lies_proves_nothing(browser, provider, database, lie):
    lie(provider)
    answer = come_in(browser, provider)

    assert (answer.status_code, is_in(browser)) == (422, False)
    assert DOES_NOT_PROVE in text_of(answer)
    assert rows(database, login_sessions) == []
    assert rows(database, directory_identities) == []


def test_clocks_may_differ_by_a_minute(browser, provider):
    provider.claims |= {"exp": in_the_future(-55), "iat": in_the_future(55)}

    assert come_in(browser, provider).status_code == 200


def test_the_log_says_why_in_no_words_of_the_providers(browser, provider, caplog):
    provider.claims |= {"aud": "a word of theirs"}
    with caplog.at_level("INFO", "vetting.web"):
        come_in(browser, provider)

    [line] = [one.getMessage() for one in caplog.records if "NotProven" in one.getMessage()]
    assert '"because": "InvalidClaimError aud"' in line
    assert "a word of theirs" not in line


# ------------------------------------------------------------------ providers that lie or hang


def answered(status, body=b"{}", **headers):
    return lambda _: Response(body, status, headers)


WELL_KNOWN = "/.well-known/openid-configuration"
BROKEN = {
    "has another name": (lambda p: p.metadata.update(issuer="https://elsewhere.example"), 422),
    "sends the code in the clear": (
        lambda p: p.metadata.update(token_endpoint="http://10.0.0.1/"),
        422,
    ),
    "shows its keys in the clear": (lambda p: p.metadata.update(jwks_uri="http://10.0.0.1/"), 422),
    "asks for who one is by script": (
        lambda p: p.metadata.update(authorization_endpoint="javascript:x"),
        422,
    ),
    "tells half": (lambda p: p.metadata.update(jwks_uri=None), 422),
    "has no keys": (lambda p: p.keys.clear(), 422),
    "tells no JSON": (lambda p: p.answer.update({WELL_KNOWN: answered(200, b"<html>")}), 422),
    "tells a list": (lambda p: p.answer.update({WELL_KNOWN: answered(200, b"[]")}), 422),
    "leads elsewhere": (
        lambda p: p.answer.update({WELL_KNOWN: answered(302, Location="http://127.0.0.1:1/")}),
        422,
    ),
    "tells more than anybody reads": (
        lambda p: p.answer.update({WELL_KNOWN: answered(200, b" " * 1_100_000)}),
        422,
    ),
    "is broken": (lambda p: p.answer.update({WELL_KNOWN: answered(500)}), 503),
    "breaks at the keys": (lambda p: p.answer.update({"/keys": answered(500)}), 503),
    "breaks at the token": (lambda p: p.answer.update({"/token": answered(500)}), 503),
    "tells no JSON at the token": (
        lambda p: p.answer.update({"/token": answered(200, b"<html>")}),
        422,
    ),
    "leads elsewhere with the token": (
        lambda p: p.answer.update({"/token": answered(307, Location="http://127.0.0.1:1/")}),
        422,
    ),
    "refuses the code": (
        lambda p: p.answer.update({"/token": answered(400, b'{"error": "invalid_grant"}')}),
        422,
    ),
    "refuses to tell about me": (
        lambda p: (p.claims.clear(), p.answer.update({"/me": answered(500)})),
        503,
    ),
}


@pytest.mark.parametrize(("breaks", "status"), BROKEN.values(), ids=BROKEN)
def test_a_provider_that_is_broken_is_one_clear_sentence(browser, provider, breaks, status):
    breaks(provider)
    answer = browser.get("/sign-in/provider")
    if answer.status_code == 303:
        answer = come_back(browser, provider.authorise(answer.location))

    assert (answer.status_code, is_in(browser)) == (status, False)
    assert (DOWN if status == 503 else DOES_NOT_PROVE) in text_of(answer)
    assert links_of(answer)[-1].startswith("/sign-in")


def test_a_provider_that_is_not_there_is_one_clear_sentence(app, browser):
    shared = app.extensions["vetting"]
    nobody = OpenIDProvider(settings_of("http://127.0.0.1:9"), shared.ids.clock)
    app.extensions["vetting"] = replace(
        shared, directories=replace(shared.directories, provider=nobody)
    )
    answer = browser.get("/sign-in/provider")

    assert answer.status_code == 503
    assert DOWN in text_of(answer)
    assert browser.sign_in(ME, PASSWORD).status_code == 303  # the other way stays open


def test_a_provider_that_hangs_is_given_up(app, browser, provider):
    shared, go_on = app.extensions["vetting"], Event()
    hasty = OpenIDProvider(settings_of(provider.address), shared.ids.clock, Patience(seconds=0.05))
    app.extensions["vetting"] = replace(
        shared, directories=replace(shared.directories, provider=hasty)
    )
    provider.answer[WELL_KNOWN] = lambda _: go_on.wait(10) and None
    answer = browser.get("/sign-in/provider")
    go_on.set()

    assert answer.status_code == 503
    assert DOWN in text_of(answer)


# ------------------------------------------------------------------ too many


def test_a_source_that_comes_back_with_nothing_again_and_again_has_to_wait(
    browser, provider, clock
):
    provider.claims = {"preferred_username": "nobody"}
    answers = [come_in(browser, provider) for _ in range(51)]
    assert [one.status_code for one in answers] == [422] * 50 + [429]
    assert answers[-1].headers["Retry-After"] == "1"
    clock.go_on(seconds=10)
    provider.claims = {"preferred_username": ME}

    assert come_in(browser, provider).status_code == 200


def test_guesses_at_a_password_hold_nobody_up_who_comes_by_the_provider(app, browser, provider):
    for number in range(30):
        elsewhere = app.test_client()
        elsewhere.environ_base["REMOTE_ADDR"] = f"10.1.{number}.1"
        elsewhere.sign_in(ME, "wrong")

    assert come_in(browser, provider).status_code == 200


def test_setting_out_writes_nothing(browser, database):
    for _ in range(5):
        set_out(browser)

    assert (rows(database, failed_logins), rows(database, directory_answers)) == ([], [])


# ------------------------------------------------------------------ the library's own provider


@pytest.fixture(scope="module")
def mock():
    """The provider of oidc-provider-mock, over HTTP."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is built on a module of Authlib that is going away
        from oidc_provider_mock import User, run_server_in_thread  # noqa: PLC0415  # which warns

        known = User(sub="subject-9", claims={"preferred_username": ME})
        with run_server_in_thread(require_nonce=True, user_claims=[known]) as server:
            yield f"http://localhost:{server.server_port}"


@pytest.fixture
def by_mock(mock, app):
    shared = app.extensions["vetting"]
    provider = OpenIDProvider(settings_of(mock), shared.ids.clock)
    app.extensions["vetting"] = replace(
        shared, directories=replace(shared.directories, provider=provider)
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("by_mock")
def test_the_whole_way_with_a_provider_that_is_not_ours(browser, database, mock):
    address = set_out(browser, "/help")
    there = requests.post(address, data={"sub": "subject-9"}, allow_redirects=False, timeout=5)
    back = urlsplit(there.headers["Location"])
    answer = browser.get(f"{back.path}?{back.query}")

    assert (answer.status_code, answer.headers["Refresh"]) == (200, "0; url=/help")
    assert is_in(browser)
    assert [(one["officer"], one["method"]) for one in rows(database, login_sessions)] == [
        (ME, "oidc")
    ]
    assert [(one["provider"], one["subject"]) for one in rows(database, directory_identities)] == [
        (mock, "subject-9")
    ]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("by_mock")
def test_who_says_no_there_is_not_in_here(browser):
    there = requests.post(
        set_out(browser), data={"action": "deny"}, allow_redirects=False, timeout=5
    )
    back = urlsplit(there.headers["Location"])

    assert browser.get(f"{back.path}?{back.query}").status_code == 422
    assert not is_in(browser)


def test_who_has_nothing_here_to_be_asked_for_comes_again_and_enters_a_factor(
    app, provider, clock, database
):
    """Five minutes after coming in nothing can be signed, until there is a second factor."""

    def proved_long_ago():
        with database.writing() as connection:
            connection.execute(update(login_sessions).values(proved_at=LONG_AGO))

    browser = app.test_client()
    browser.set_cookie("language", "en")
    come_in(browser, provider)
    with database.writing() as connection:
        connection.execute(update(officers).values(password_hash=NO_PASSWORD))
    page = browser.get("/second-factor/authenticator")
    proved_long_ago()
    answer = browser.send_form(page, code=Device(page, clock).code())
    assert answer.status_code == 401
    assert "Sign in with Thư mục tỉnh once more and enter one within 5 minutes." in text_of(answer)
    [way] = [link for link in links_of(answer) if link.startswith("/sign-in/provider")]
    assert way == "/sign-in/provider?next=/second-factor"

    come_in(browser, provider, "/second-factor")
    page = browser.get("/second-factor/authenticator")
    device = Device(page, clock)
    assert browser.send_form(page, code=device.code()).status_code == 200
    proved_long_ago()
    clock.go_on(seconds=30)
    question = browser.send("/second-factor", to="/second-factor/recovery-codes")
    assert (question.status_code, "proof_code" in question.text) == (401, True)
    assert browser.send_form(question, proof_code=device.code()).status_code == 200
