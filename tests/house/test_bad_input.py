"""Whatever is sent, wherever and by whomever: a page that says why not, and nothing half done.

It runs over the routes, forms and fields that the program itself has, as they stand on its pages.
Of the ways to answer wrongly each field meets a part, and over all forms each way meets every kind
of field; with VETTING_EVERY_FIELD, as by `make prove-input`, each field meets all of them.
"""

import os
from urllib.parse import quote

import pytest
from flask import Blueprint, request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from werkzeug.datastructures import ImmutableMultiDict

from tests.house.forms import HIDDEN, LIST, WORDS, Form, send
from tests.house.judging import differences, faults_of, says
from tests.house.province import ONE_A_ROLE, VISITORS
from tests.house.site import EXAMPLES, NOBODY, Site, opened
from tests.web.browsing import the_form
from vetting import web
from vetting.engine.policy import PERMITTED, Action
from vetting.queries.history_check import check_history
from vetting.records.counters import counters
from vetting.web import create_app
from vetting.web.gate import needs
from vetting.web.shown import SHOWN, NoCase

MIB = 1024 * 1024
LIVE = "\"'><script>alert(1)</script>"

# Forms that no page of the province shows, each with the reason.
NOT_ON_A_PAGE = {
    "amendments.countersign": "no rule of a shipped workflow asks for a countersignature",
    "consultations.countersign": "no rule of a shipped workflow asks for a countersignature",
    "directories.enter": "this province has no directory; test_sign_in_by_ldap.py has one",
    "doctor.repair": "nothing in this province is to be mended; test_doctor.py plants what is",
    **dict.fromkeys(
        ("inbox_results.file", "lists.download", "results.download", "signed.receipt"),
        "a file; it asks whoever proved who they are long ago; test_files_ask_again.py waits",
    ),
    "retention.classify": "no retention class was entered; test_retention.py enters some",
    "retention.ask": "no schedule was entered, so none has run out; test_retention.py enters one",
    "retention.answer": "nobody asked that a record be destroyed; test_retention.py does",
    "requests.handed_over": "no package was taken out; test_requests.py hands one over",
    "requests.take": "no request was answered with a package; test_requests.py answers one",
    "sign_in.second": "it is shown only to whoever is half-way in",
}

# ------------------------------------------------------------------ every page


def test_every_page_that_somebody_may_open_is_a_good_page(surveyed):
    assert surveyed.faults == []
    assert surveyed.pages > 500


def test_every_form_of_the_program_was_found_on_a_page(site, surveyed):
    found = {endpoint for endpoint, _ in surveyed.forms}

    assert {route.endpoint for route in site.routes("POST")} - found == NOT_ON_A_PAGE.keys()


# ------------------------------------------------------------------ addresses

STRANGE = {
    "unknown": "AAAAAAAAAAAAAAAAAAAAAA",
    "one sign": "a",
    "over-long": "a" * 10_000,
    "Vietnamese": quote("Nguyễn"),
    "decomposed": quote("Nguye\u0302\u0303n"),
    "nothing but a space": "%20",
    "NUL": "a%00b",
    "line break": "a%0d%0aSet-Cookie:%20x=y",
    "no UTF-8": "%ff%fe",
    "half a character": "%ed%a0%80",
    "right to left": quote("\u202ecod.exe"),
    "percent": "%25",
    "broken percent": "%zz",
    "up a folder": "..%2f..%2fetc%2fpasswd",
    "backslash": "..%5c..",
    "live text": quote(LIVE),
    "SQL": quote("' OR 1=1 --"),
    "format": quote("%(x)s{0}{{7*7}}%n"),
    "negative": "-1",
    "huge": "9" * 400,
    "number of another kind": quote("١٢"),
    "none": "None",
    "tilde": "~",
}


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE.keys())
def test_no_strange_address_does_harm(site, strange):
    before, wrong, met = site.counts(), [], 0
    for route in site.routes():
        filled = next(route.filled(site.province))
        for _, name in route.arguments:
            address = route.address({**filled, name: strange})
            answer = ask(site, one_who_may(site, route), route.method, address)
            met += 1
            wrong += [f"{route.method} {address[:60]}: {it}" for it in faults_of(answer)]
            if answer.status_code == 200 and answer.mimetype != "text/html":
                wrong.append(f"{address[:60]} gives a file")

    assert not wrong, "\n".join(wrong)
    assert site.counts() == before
    assert met > 50


VALUES = {
    "empty": "",
    "space": " ",
    "nonsense": "abc",
    "negative": "-1",
    "zero": "0",
    "huge": "9" * 40,
    "fraction": "1.5e309",
    "long": "a" * 10_000,
    "mark of a page": "~~",
    "long mark": "~".join("a" * 30 for _ in range(9)),
    "NUL": "\0",
    "line break": "a\r\nSet-Cookie: x=y",
    "right to left": "\u202e\u2066",
    "decomposed": "e\u0302\u0303",
    "live text": LIVE,
    "SQL": "x') OR 1=1; DROP TABLE cases --",
    "LIKE": "%_\\%",
    "format": "%s%(x)s{0}{{7*7}}",
    "array": "[]",
    "another host": "//evil.example/",
    "no member": "not_a_state",
    "number of another kind": "²",
    "date": "2026-02-30",
}


@pytest.fixture(scope="module")
def asked_in_addresses(site):
    """What each page reads from its address, found by watching it."""
    read: set[str] = set()

    class Watched(ImmutableMultiDict):
        """Answers that remember what was asked for."""

        def __contains__(self, name):
            read.add(name)
            return super().__contains__(name)

        def get(self, name, *more, **how):
            read.add(name)
            return super().get(name, *more, **how)

        def getlist(self, name, *more, **how):
            read.add(name)
            return super().getlist(name, *more, **how)

        def __getitem__(self, name):
            read.add(name)
            return super().__getitem__(name)

    class WatchedRequest(site.app.request_class):
        parameter_storage_class = Watched

    plain, site.app.request_class = site.app.request_class, WatchedRequest
    found = {}
    try:
        for route in site.routes("GET"):
            read.clear()
            address = route.address(next(route.filled(site.province)))
            site.browser(one_who_may(site, route)).get(f"{address}?x=y")
            found[route.endpoint] = sorted(read)
    finally:
        site.app.request_class = plain
    return found


def test_what_pages_read_from_their_address_is_known(asked_in_addresses):
    assert "after" in asked_in_addresses["inbox.show"]
    assert "q" in asked_in_addresses["search.show"]


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_no_strange_question_does_harm(site, asked_in_addresses, value):
    before, wrong, met = site.counts(), [], 0
    for route in site.routes("GET"):
        address = route.address(next(route.filled(site.province)))
        visitor = one_who_may(site, route)
        told = quote(value, safe="")
        names = asked_in_addresses[route.endpoint]
        if not EVERY_FIELD:
            names = names[list(VALUES.values()).index(value) % 2 :: 2]
        questions = [f"{name}={told}" for name in names]
        questions.append("&".join(f"{name}={told}&{name}=1" for name in [*names, told]))
        for question in questions:
            answer = ask(site, visitor, "GET", f"{address}?{question}")
            met += 1
            wrong += [f"{address}?{question[:80]}: {it}" for it in faults_of(answer)]

    assert not wrong, "\n".join(wrong)
    assert site.counts() == before
    assert met > 100


@pytest.mark.parametrize("bytes_", ["%ff", "%ed%a0%80", "%", "%zz=%zz", "=", "q=%c3%28", "+" * 999])
def test_no_broken_question_does_harm(site, asked_in_addresses, bytes_):
    wrong = []
    for route in site.routes("GET"):
        if not asked_in_addresses[route.endpoint]:
            continue
        address = route.address(next(route.filled(site.province)))
        for question in (bytes_, f"after={bytes_}", f"q={bytes_}", f"next={bytes_}"):
            answer = ask(site, one_who_may(site, route), "GET", f"{address}?{question}")
            wrong += [f"{address}?{question}: {it}" for it in faults_of(answer)]

    assert not wrong, "\n".join(wrong)


@settings(max_examples=60, suppress_health_check=list(HealthCheck), derandomize=True)
@given(words=st.text(max_size=300), after=st.text(max_size=80))
def test_nothing_that_can_be_searched_for_does_harm(site, words, after):
    question = f"q={quote(words, errors='replace')}&after={quote(after, errors='replace')}"
    answer = site.browser("board").get(f"/search?{question}")

    assert faults_of(answer) == []
    assert answer.status_code in {200, 422}


# ------------------------------------------------------------------ forms, a field at a time


def strange_values():
    """What may be sent in a field instead of an answer."""
    return {
        **VALUES,
        "a megabyte": "x" * MIB,
        "half a character": b"\xed\xa0\x80",
        "no UTF-8": b"\xff\xfe",
        "control": "\x1b[2J\x07",
        "many line breaks": "\n" * 5_000,
        "one character a hundred times": "\u0302" * 3_000,
        "script of a sheet": '=HYPERLINK("http://x")',
        "JSON": '{"$ne": null}',
        "far day": "31/12/9999",
        "no day": "99/99/0000",
    }


INSTEAD = {
    name: lambda pairs, field, value=value: [
        *((one, old) for one, old in pairs if one != field),
        (field, value),
    ]
    for name, value in strange_values().items()
}
INSTEAD |= {
    "missing": lambda pairs, field: [(one, old) for one, old in pairs if one != field],
    "twice": lambda pairs, field: [*pairs, (field, "another"), (field, "third")],
    "a thousand times": lambda pairs, field: [*pairs, *[(field, "x")] * 1_000],
    "beside an unknown field": lambda pairs, field: [*pairs, (f"{field}-1", "x"), ("role", "all")],
}


@pytest.mark.parametrize("way", INSTEAD)
def test_no_wrong_field_does_harm(site, surveyed, way):
    """What people write meets every other way, all else every fourth."""
    wrong, met, taken, instead = [], 0, 0, INSTEAD[way]
    untouched = site.counts()
    for form in surveyed.by_endpoint():
        if form.files() and way not in FEW:
            continue  # each such form starts a reader of files; some are enough
        for place, name in enumerate(form.names, len(form.endpoint)):
            every = 1 if EVERY_FIELD else 2 if name in form.written() else 4
            if (place + list(INSTEAD).index(way)) % every:
                continue
            answer = send(site, form, instead(form.pairs(), name))
            met += 1
            wrong += [f"{form.endpoint} {name}: {it}" for it in faults_of(answer)]
            taken += judge_and_restore(site, form, name, answer, untouched, wrong)

    assert not wrong, "\n".join(wrong)
    assert met > 40


EVERY_FIELD = bool(os.environ.get("VETTING_EVERY_FIELD"))
HELD: set[tuple[str, str]] = set()  # forms and fields after which the history was looked through
FEW = {"missing", "live text", "no member", "half a character", "twice"}


def judge_and_restore(site, form, name, answer, untouched, wrong) -> bool:
    """What was refused left nothing behind; what was taken left a history that holds."""
    now = site.counts()
    taken = now != untouched
    if taken and answer.status_code >= 400:
        changed = {key for key in now if now[key] != untouched[key]}
        wrong.append(f"{form.endpoint} {name}: refused, but {sorted(changed)} changed")
    if taken and (form.endpoint, name) not in HELD:
        HELD.add((form.endpoint, name))
        with site.database.reading() as connection:
            if not check_history(connection).holds:
                wrong.append(f"{form.endpoint} {name}: the history does not hold")
    if taken or "Set-Cookie" in answer.headers:
        site.restore()
    return taken


def test_no_file_where_text_is_asked_for_does_harm(site, surveyed):
    wrong, untouched = [], site.counts()
    for form in surveyed.by_endpoint():
        for name in form.names:
            pairs = [(one, value) for one, value in form.pairs() if one != name]
            answer = send(site, form, pairs, files={name: b"\0\xff not a text"})
            wrong += [f"{form.endpoint} {name}: {it}" for it in faults_of(answer)]
            judge_and_restore(site, form, name, answer, untouched, wrong)

    assert not wrong, "\n".join(wrong)


def test_no_text_where_a_file_is_asked_for_does_harm(site, surveyed):
    wrong, untouched, met = [], site.counts(), 0
    for form in surveyed.by_endpoint():
        for name in form.files():
            for pairs, files in (
                ([*form.pairs(), (name, "text")], {}),
                (form.pairs(), {name: b""}),
                (form.pairs(), {name: b"PK\x03\x04" + b"\0" * 3_000}),
                ([*form.pairs(), (name, "text")], {name: LIST}),
            ):
                answer = send(site, form, pairs, files=files)
                met += 1
                wrong += [f"{form.endpoint} {name}: {it}" for it in faults_of(answer)]
                judge_and_restore(site, form, name, answer, untouched, wrong)

    assert not wrong, "\n".join(wrong)
    assert met >= 4


# ------------------------------------------------------------------ forms, as a whole

# Forms that carry no key: sent twice they do the same, or the second finds nobody signed in.
KEYLESS = {"languages.choose", "sign_in.leave"}
# Not acts of the history; a second click signs in, or goes on in the capacity, once more, or comes
# from the session as it was before the password or a factor was changed.
SIGNING_IN = {
    "sign_in.enter",
    "sign_in.capacity",
    "own_sessions.password",
    "own_factors.remove",
    "own_factors.renew",
}
# What they are about is gone once they were taken, and so is its page.
GONE = {"lists.preview", "retention.lift"}
# Acts on no case, kept in no history: a second click finds the first one's work and is refused.
WITHOUT_MEMORY = {
    "officers.new",
    "officers.entrust",
    "officers.clear",
    "officers.disable",
    "officers.reset_factor",
    "officers.mail",
    "officers.let_in",
    "role_proposals.confirm",
    "role_proposals.refuse_ticked",
    "role_proposals.take_back",
    "notices.mail",
    "absences.end",
    "setting_aside.set_aside",
}


def test_most_forms_are_taken_when_they_are_answered(site, surveyed):
    """Else nothing above would have come near an act."""
    taken = set()
    for form in surveyed.by_endpoint():
        site.restore()
        site.browser(form.visitor).get(form.page)
        if send(site, form, form.pairs()).status_code == 303:
            taken.add(form.endpoint)
    site.restore()

    assert len(taken) >= 0.7 * len(surveyed.by_endpoint())


def test_a_form_sent_twice_is_one_act(site, surveyed):
    wrong = []
    for form in surveyed.by_endpoint():
        if form.endpoint in KEYLESS | SIGNING_IN:
            continue
        site.restore()
        site.browser(form.visitor).get(form.page)
        first = send(site, form, form.pairs())
        if first.status_code != 303:
            continue
        once = site.counts()
        second = send(site, form, form.pairs())
        if form.endpoint in WITHOUT_MEMORY and second.status_code in {409, 422}:
            second = first
        if (second.status_code, second.location) != (303, first.location):
            wrong.append(f"{form.endpoint}: {first.location}, then {second.status_code}")
        if site.counts() != once:
            wrong.append(f"{form.endpoint}: did it twice")
    site.restore()

    assert not wrong, "\n".join(wrong)


def test_a_key_that_comes_back_with_another_content_is_refused(site, surveyed):
    wrong, met = [], 0
    for form in surveyed.by_endpoint():
        fields = form.written()
        if form.endpoint in KEYLESS | SIGNING_IN | WITHOUT_MEMORY or not fields:
            continue
        site.restore()
        site.browser(form.visitor).get(form.page)
        if send(site, form, form.pairs()).status_code != 303:
            continue
        once, met = site.counts(), met + 1
        pairs = [(name, "Khác" if name in fields else value) for name, value in form.pairs()]
        answer = send(site, form, pairs)
        wrong += [f"{form.endpoint}: {it}" for it in faults_of(answer)]
        refused = 404 if form.endpoint in GONE else 422
        if answer.status_code != refused or site.counts() != once:
            wrong.append(f"{form.endpoint}: {answer.status_code}")
    site.restore()

    assert not wrong, "\n".join(wrong)
    assert met >= 10


def test_an_outdated_page_is_refused_and_keeps_what_was_typed(site, surveyed):
    wrong, met = [], 0
    for form in surveyed.by_endpoint():
        told = dict(form.pairs())
        if not told.get("seen"):
            continue
        site.restore()
        site.browser(form.visitor).get(form.page)
        if send(site, form, form.pairs()).status_code != 303:
            continue
        site.restore()
        before, met = site.counts(), met + 1
        older = str(int(told["seen"]) - 1)
        answer = send(
            site, form, [(name, older if name == "seen" else value) for name, value in form.pairs()]
        )
        wrong += [f"{form.endpoint}: {it}" for it in faults_of(answer)]
        if answer.status_code != 409 or site.counts() != before:
            wrong.append(f"{form.endpoint}: {answer.status_code}")
        elif form.written() and not says(answer, WORDS):
            wrong.append(f"{form.endpoint}: what was typed is lost")
    site.restore()

    assert not wrong, "\n".join(wrong)
    assert met >= 10


def test_no_form_is_taken_that_this_session_did_not_make(site, surveyed):
    others = {form.visitor: dict(form.pairs())["csrf_token"] for form in surveyed.by_endpoint()}
    wrong, untouched = [], site.counts()
    for form in surveyed.by_endpoint():
        stranger = next(token for visitor, token in others.items() if visitor != form.visitor)
        for token in (None, "", "0" * 64, stranger, "\0", "\u202e", "x" * MIB):
            pairs = [(name, value) for name, value in form.pairs() if name != "csrf_token"]
            answer = send(
                site, form, pairs + ([("csrf_token", token)] if token is not None else [])
            )
            wrong += [f"{form.endpoint}: {it}" for it in faults_of(answer)]
            if answer.status_code != 403:
                wrong.append(f"{form.endpoint} with the token {token!r}: {answer.status_code}")

    assert not wrong, "\n".join(wrong)
    assert site.counts() == untouched


BODIES = {
    "JSON": ("application/json", b'{"csrf_token": 1}', {403}),
    "broken JSON": ("application/json", b"{" * 10_000, {403}),
    "plain text": ("text/plain", b"csrf_token=1", {403}),
    "XML": (
        "application/xml",
        b'<!DOCTYPE x [<!ENTITY y "z">]><x>&y;</x>',
        {403},
    ),
    "nothing": ("", b"", {403}),
    "parts without a border": ("multipart/form-data", b"--x", {400, 403}),
    "parts that never end": ("multipart/form-data; boundary=x", b"--x\r\nContent-Dis", {400, 403}),
    "another alphabet": ("application/x-www-form-urlencoded; charset=utf-7", b"a=+ADw-", {403}),
    "too many parts": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 6_000 + b"--x--",
        {413},
    ),
    "too large": ("application/x-www-form-urlencoded", b"a=" + b"b" * 12 * MIB, {413}),
    "fields too large": ("application/x-www-form-urlencoded", b"a=" + b"b" * 3 * MIB, {403, 413}),
}


@pytest.mark.parametrize("kind", BODIES.values(), ids=BODIES.keys())
def test_no_strange_body_does_harm(site, surveyed, kind):
    content_type, body, statuses = kind
    wrong, untouched = [], site.counts()
    for form in surveyed.by_endpoint():
        answer = site.browser(form.visitor).post(form.action, data=body, content_type=content_type)
        wrong += [f"{form.endpoint}: {it}" for it in faults_of(answer)]
        if answer.status_code not in statuses:
            wrong.append(f"{form.endpoint}: {answer.status_code}")

    assert not wrong, "\n".join(wrong)
    assert site.counts() == untouched


@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "FOO"]
)
def test_only_a_post_does_anything(site, surveyed, method):
    wrong, untouched = [], site.counts()
    for form in surveyed.by_endpoint():
        question = "&".join(f"{name}={quote(value)}" for name, value in form.pairs())
        address = form.action.partition("?")[0]
        answer = site.browser(form.visitor).open(f"{address}?{question}", method=method)
        wrong += [f"{form.endpoint}: {it}" for it in faults_of(answer)]
        if method not in {"GET", "HEAD", "OPTIONS"} and answer.status_code not in {403, 405}:
            wrong.append(f"{form.endpoint}: {answer.status_code}")
        if site.counts() != untouched:
            wrong.append(f"{form.endpoint}: {method} did something")
            site.restore()

    assert not wrong, "\n".join(wrong)


# ------------------------------------------------------------------ what one may not see


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_not_yours_is_as_if_it_were_not(site, visitor, method):
    wrong = []
    token = csrf_of(site, visitor)
    for route in site.routes(method):
        if site.role(visitor) not in PERMITTED[route.action] or not route.arguments:
            continue
        hidden = hidden_from(site, visitor, route)
        if hidden is None:
            continue
        filled, name = hidden
        nothing = {**filled, name: "A" * len(str(filled[name]))}
        for more in ({}, {"key": "k" * 22, "seen": "1", "reason": WORDS}):
            told = {"csrf_token": token, **more} if method == "POST" else None
            one, other = (
                site.browser(visitor).open(route.address(address), method=method, data=told)
                for address in (filled, nothing)
            )
            names = str(filled[name]), str(nothing[name])
            wrong += [f"{route.rule.rule}: {it}" for it in differences(one, other, *names)]

    assert not wrong, "\n".join(wrong)


def hidden_from(site: Site, visitor, route):
    """Something that is there, but not for this visitor."""
    for filled in route.filled(site.province):
        for key in route.arguments:
            name = key[1]
            if (
                key in EXAMPLES
                and name in {"handle", "key", "mark"}
                and not site.concerns(visitor, key, filled[name], filled)
            ):
                return filled, name
    return None


def csrf_of(site: Site, visitor) -> str:
    """The token of a visitor's session, as every page of theirs carries it."""
    if visitor not in TOKENS:
        page = site.browser(visitor).get("/help")
        TOKENS[visitor] = the_form(page, to="/sign-out").filled["csrf_token"][0]
    return TOKENS[visitor]


TOKENS: dict[str, str] = {}  # of the province's sessions, which are the same in every copy


def one_who_may(site: Site, route) -> str:
    """A visitor whose role may open a route."""
    return next(one for one in ONE_A_ROLE if site.role(one) in PERMITTED[route.action])


def ask(site: Site, visitor, method, address):
    token = {"csrf_token": csrf_of(site, visitor)} if method == "POST" else None
    return site.browser(visitor).open(address, method=method, data=token)


# ------------------------------------------------------------------ the eyes themselves


@pytest.fixture(scope="module")
def careless(made, tmp_path_factory):
    """The application with a few pages that break each rule."""
    pages = Blueprint("careless", __name__)

    @pages.get("/careless/crash")
    @needs(Action.OPEN)
    def crash():
        return {"x": int(request.args["n"])}

    @pages.get("/careless/echo")
    @needs(Action.OPEN)
    def echo():
        return f'<html lang="vi"><h1>x</h1>{request.args.get("q")}</html>'

    @pages.get("/careless/language")
    @needs(Action.OPEN)
    def speak():
        return '<html lang="en"><h1>x</h1></html>'

    @pages.get("/careless/inside")
    @needs(Action.OPEN)
    def tell():
        return '<html lang="vi"><h1>x</h1><p>sqlalchemy.exc.DataError</p></html>', 422

    @pages.get("/careless/silent")
    @needs(Action.OPEN)
    def say_nothing():
        return '<html lang="vi"><h1>x</h1><main></main></html>', 422

    @pages.get("/careless/away")
    @needs(Action.OPEN)
    def lead_away():
        return "", 303, {"Location": "//evil.example/"}

    @pages.get("/careless/half")
    @needs(Action.OPEN)
    def half():
        with site.database.writing() as connection:
            connection.execute(insert(counters).values(name="half", last=1))
        return '<html lang="vi"><h1>x</h1><main><p>no</p></main></html>', 422

    @pages.get("/careless/cases/<handle>")
    @needs(Action.OPEN)
    def leak(handle):
        there = handle in site.province.cases.values()
        return '<html lang="vi"><h1>x</h1></html>', 403 if there else 404

    blueprints = (*web.BLUEPRINTS, pages)
    patch = pytest.MonkeyPatch()
    patch.setattr(web, "BLUEPRINTS", blueprints)
    for view in (crash, echo, speak, tell, say_nothing, lead_away, half, leak):
        patch.setitem(SHOWN, f"careless.{view.__name__}", NoCase("it is only careless"))
    with opened(made, tmp_path_factory.mktemp("careless"), make=create_app) as site:
        patch.undo()
        yield site


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("/careless/crash?n=x", "answered 500"),
        (f"/careless/echo?q={quote(LIVE)}", "lets what was typed run"),
        ("/careless/language", "is in no language, or in another"),
        ("/careless/inside", "tells what is inside: 'sqlalchemy'"),
        ("/careless/silent", "is refused without a sentence"),
        ("/careless/away", "leads away to '//evil.example/'"),
    ],
)
def test_a_careless_page_is_seen(careless, address, seen):
    assert seen in faults_of(careless.browser(NOBODY).get(address))


def test_half_an_act_is_seen(careless):
    untouched, wrong = careless.counts(), []
    answer = careless.browser(NOBODY).get("/careless/half")
    form = Form("/careless/half", NOBODY, "/careless/half", "careless.half")
    judge_and_restore(careless, form, "n", answer, untouched, wrong)

    assert wrong == ["careless.half n: refused, but ['counters'] changed"]


def test_a_page_that_tells_what_exists_is_seen(careless):
    names = careless.province.cases["filed"], "A" * 22
    there, nothing = (careless.browser(NOBODY).get(f"/careless/cases/{name}") for name in names)

    assert differences(there, nothing, *names) == ["403, but 404 for what does not exist"]
    assert {"csrf_token", "key", "seen"} == HIDDEN
