"""Pages of the second factor: entered, asked for at the door, and again before a signature."""

from base64 import b32decode
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from pyotp import TOTP
from sqlalchemy import select, update

from tests.builders import officer_of
from tests.web.browsing import forms_of, links_of, text_of, the_form
from tests.web.conftest import PASSWORD, confirm_all
from vetting.engine.policy import ASKS_AGAIN
from vetting.engine.vocabulary import Role
from vetting.records.conclusions import conclusions
from vetting.records.consultations import sign_offs
from vetting.records.factors import authenticators
from vetting.records.history import entries
from vetting.records.officers import login_sessions, officers, role_assignments
from vetting.records.reads import reads
from vetting.web.asked_again import CALLED
from vetting.web.gate import ACTION_OF

ME = officer_of("thanh-tra", Role.BODY_SIGNER)
NOT_RIGHT = "This code is not right, or it was used before."
ANOTHER = "con trâu đứng ngắm mưa"


class Device:
    """An authenticator that was shown a page."""

    def __init__(self, page, clock):
        written = page.text.split('<code class="key">')[1].split("</code>")[0].replace(" ", "")
        self.shows, self.clock = TOTP(written), clock

    def code(self, off=0):
        return self.shows.at(int(self.clock().timestamp()), counter_offset=off)

    def wrong(self):
        return f"{(int(self.code()) + 7) % 1_000_000:06}"


@pytest.fixture
def enrol(clock):
    """Let whoever sits at a browser enter an authenticator; return it and the answer."""

    def enrol(browser, name="telephone"):
        page = browser.get("/second-factor/authenticator")
        device = Device(page, clock)
        answer = browser.send_form(page, code=device.code(), name=name)
        clock.go_on(seconds=30)
        return device, answer

    return enrol


@pytest.fixture
def signer(browser_of):
    return browser_of(Role.BODY_SIGNER)


@pytest.fixture
def device(signer, enrol):
    return enrol(signer)[0]


def half_way(app, next_=None):
    """A browser in which the password was right."""
    browser = app.test_client()
    browser.set_cookie("language", "en")
    answer = browser.send("/sign-in", login=ME, password=PASSWORD, next=next_ or "/")
    assert answer.status_code == 303, text_of(answer)
    assert answer.location.startswith("/sign-in/second-step")
    return browser, answer.location


# ------------------------------------------------------------------ entering one


def test_a_new_authenticator_is_shown_as_a_picture_and_as_a_key(signer, clock):
    page = signer.get("/second-factor/authenticator")
    picture = page.text.split('class="qr"')[1].split('src="')[1].split('"')[0]
    device = Device(page, clock)

    assert picture.startswith("data:image/svg+xml")
    assert len(b32decode(device.shows.secret)) == 20
    assert device.shows.secret not in str(signer.get("/second-factor/authenticator").data)
    assert "img-src 'self' data:" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"


def test_the_picture_says_whose_key_it_is_and_nothing_else(signer, monkeypatch):
    seen = []
    import segno  # noqa: PLC0415

    make = segno.make
    monkeypatch.setattr(segno, "make", lambda text, **how: seen.append(text) or make(text, **how))
    page = signer.get("/second-factor/authenticator")
    address = urlsplit(seen[0])
    asked = parse_qs(address.query)

    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert unquote(address.path) == f"/Political-standards vetting:{ME}"
    assert asked.keys() == {"secret", "issuer"}
    assert asked["secret"] == [page.text.split('<code class="key">')[1][:39].replace(" ", "")]


def test_the_first_code_enters_it_and_shows_the_recovery_codes_once(signer, enrol, database):
    device, answer = enrol(signer)
    codes = [part.split("<")[0] for part in answer.text.split("<li><code>")[1:]]
    listed = text_of(signer.get("/second-factor"))

    assert answer.status_code == 200
    assert (len(codes), {len(code) for code in codes}) == (10, {19})
    assert "telephone" in listed
    assert "You have 10 recovery codes left." in listed
    assert [code for code in codes if code in listed] == []
    with database.reading() as connection:
        assert device.shows.secret not in str(connection.execute(select(authenticators)).all())


def test_the_forms_of_the_page_with_the_codes_are_good(signer, enrol):
    _, answer = enrol(signer)
    assert signer.send_form(answer, to="/sign-out").status_code == 303


def test_the_page_with_the_codes_sent_again_says_where_things_stand(signer, clock):
    page = signer.get("/second-factor/authenticator")
    form = the_form(page, {"code"}).filled | {"code": [Device(page, clock).code()]}
    sent = {name: values[0] for name, values in form.items()}
    assert signer.post("/second-factor/authenticator", data=sent).status_code == 200
    answer = signer.post("/second-factor/authenticator", data=sent)

    assert answer.status_code == 403
    assert "This form was sent before" in text_of(answer)
    assert "Recovery codes are shown once" in text_of(answer)
    assert "/second-factor" in links_of(answer)
    assert "/second-factor/authenticator" not in links_of(answer)


def test_a_wrong_first_code_is_said_at_its_field_and_the_key_stays(signer, clock):
    page = signer.get("/second-factor/authenticator")
    device = Device(page, clock)
    answer = signer.send_form(page, code=device.wrong(), name="of mine")

    assert answer.status_code == 422
    assert f"Code: {NOT_RIGHT}" in text_of(answer)
    assert Device(answer, clock).shows.secret == device.shows.secret
    assert the_form(answer, {"code"}).filled["name"] == ["of mine"]
    assert signer.send_form(answer, code=device.code()).status_code == 200


def test_a_form_made_for_somebody_else_enters_nothing(signer, browser_of, clock, database):
    page = browser_of(Role.BODY_OFFICER).get("/second-factor/authenticator")
    theirs = the_form(page, {"secret"}).filled["secret"][0]
    mine = signer.get("/second-factor/authenticator")
    answer = signer.send_form(mine, secret=theirs, code=Device(page, clock).code())

    assert (answer.status_code, "Open the page again" in text_of(answer)) == (422, True)
    with database.reading() as connection:
        assert connection.execute(select(authenticators)).all() == []


def test_a_change_ends_the_other_sessions_and_not_this_one(signer, browser_of, enrol):
    others = [browser_of(Role.BODY_SIGNER) for _ in range(2)]
    stranger = browser_of(Role.BODY_OFFICER)
    device, _ = enrol(signer)
    assert [one.get("/help").status_code for one in (*others, stranger, signer)] == [
        303,
        303,
        200,
        200,
    ]
    removing = [
        form.action
        for form in forms_of(signer.get("/second-factor"))
        if form.action.endswith("/remove")
    ]
    answer = signer.send("/second-factor", to=removing[0])
    assert (answer.status_code, answer.location) == (303, "/second-factor")
    assert "You have no second factor yet" in text_of(signer.get("/second-factor"))
    assert device.code()


# ------------------------------------------------------------------ at the door


def test_who_comes_in_by_two_steps_goes_on_to_where_they_were_going(app, device):
    browser, second = half_way(app, "/help?x=1")
    assert browser.get("/help").status_code == 303  # half-way is not in
    answer = browser.send(second, code=device.code())

    assert (answer.status_code, answer.location) == (303, "/help?x=1")
    assert browser.get("/help").status_code == 200
    # and there is no second time
    assert browser.get(second).location == "/sign-in?next=/help?x%3D1"


def test_a_wrong_code_is_said_and_never_shown_again(app, device):
    browser, second = half_way(app)
    answer = browser.send(second, code=device.wrong())

    assert answer.status_code == 422
    assert f"Code: {NOT_RIGHT}" in text_of(answer)
    assert browser.send_form(answer, code=device.code()).status_code == 303


def test_every_wrong_code_gets_the_same_answer(app, browser_of, device, enrol):
    theirs, _ = enrol(browser_of(Role.BODY_OFFICER))
    used, browser, second = device.code(), *half_way(app)
    assert browser.send(second, code=used).status_code == 303
    pages = {}
    for number, wrong in enumerate((device.wrong(), used, theirs.code(), "AAAA-AAAA-AAAA-AAAA")):
        browser = app.test_client()
        browser.environ_base["REMOTE_ADDR"] = f"10.0.0.{number}"
        browser.set_cookie("language", "en")
        second = browser.send("/sign-in", login=ME, password=PASSWORD).location
        answer = browser.send(second, code=wrong)
        page = answer.text
        assert wrong not in page
        for hidden in ("csrf_token", "key"):
            page = page.replace(the_form(answer, {"code"}).filled[hidden][0], "")
        pages[wrong] = (answer.status_code, page)

    assert len(set(pages.values())) == 1
    assert next(iter(pages.values()))[0] == 422


def test_no_page_tells_who_has_a_second_factor_before_the_password_is_right(app, device):
    def refused(login):
        browser = app.test_client()
        browser.set_cookie("language", "en")
        answer = browser.sign_in(login, "wrong")
        page = answer.text
        for hidden in ("csrf_token", "key"):
            page = page.replace(the_form(answer, {"login"}).filled[hidden][0], "")
        return answer.status_code, page.replace(login, "")

    other = officer_of("thanh-tra", Role.BODY_OFFICER)
    assert refused(ME) == refused(other) == refused("nobody/x1")
    assert device.code()


def test_without_the_password_there_is_no_second_step(browser, device):
    assert browser.get("/sign-in/second-step").location == "/sign-in"
    browser.set_cookie("half", "made-up-" * 6)
    assert browser.get("/sign-in/second-step").location == "/sign-in"
    assert device.code()


def test_too_many_wrong_codes_make_one_wait_and_then_begin_again(app, device, clock):
    browser, second = half_way(app)
    answers = []
    for _ in range(8):
        page = browser.get(second)
        if page.status_code != 200:
            answers.append(page.location)
            break
        answer = browser.send_form(page, code=device.wrong())
        answers.append(answer.status_code)
        clock.go_on(seconds=int(answer.headers.get("Retry-After", 0)))
    assert answers == [422, 422, 429, 422, 429, 422, 429, 422]
    assert browser.get(second).location == "/sign-in"


def test_a_recovery_code_lets_in_and_tells_how_many_are_left(app, signer, enrol):
    _, answer = enrol(signer)
    code = answer.text.split("<li><code>")[1].split("<")[0]
    browser, second = half_way(app)
    browser.send(second, code=code.lower())

    assert "You came in by a recovery code. You have 9 left." in text_of(browser.get("/help"))
    assert "9 left" not in text_of(browser.get("/help"))
    again, second = half_way(app)
    assert NOT_RIGHT in text_of(again.send(second, code=code))


def test_half_way_is_a_cookie_of_this_host_alone(app, device):
    browser = app.test_client()
    answer = browser.sign_in(ME, PASSWORD)
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("half="))

    assert {part.strip() for part in cookie.split(";")[1:] if "Expires" not in part} == {
        "HttpOnly",
        "Max-Age=600",
        "Path=/",
        "SameSite=Strict",
    }
    assert not any(one.startswith("officer=") for one in answer.headers.getlist("Set-Cookie"))
    assert device.code()


def test_who_has_no_role_today_is_told_so_after_the_second_step(app, device, database):
    browser, second = half_way(app)
    with database.writing() as connection:
        connection.execute(update(role_assignments).values(valid_to="2026-01-04"))
    code = device.code()
    answer = browser.send(second, code=code)
    assert (answer.status_code, "You have no role today." in text_of(answer)) == (422, True)


# ------------------------------------------------------------------ asked again


@pytest.fixture
def ready(cast):
    """A draft that waits for the signer, who has opened it."""
    case = cast.consulting()
    consultation = cast.asked(case)["thanh-tra"]
    cast.ready(case, consultation, "thanh-tra")
    return consultation


def methods(database, table=sign_offs):
    with database.reading() as connection:
        return connection.scalars(select(table.c.method).where(table.c.officer == ME)).all()


def test_within_five_minutes_nobody_is_asked_again(signer, ready, clock, database):
    clock.go_on(minutes=5)
    answer = signer.send(f"/consultations/{ready}", to=f"/consultations/{ready}/sign")

    assert (answer.status_code, methods(database)) == (303, ["password/password"])


def test_a_signature_is_asked_about_after_that_and_goes_on_with_the_password(
    signer, ready, clock, database
):
    clock.go_on(minutes=5, seconds=1)
    question = signer.send(f"/consultations/{ready}", to=f"/consultations/{ready}/sign")
    assert (question.status_code, methods(database)) == (401, [])
    told = text_of(question)
    assert "Is it you?" in told
    assert "What waits: Sign an opinion, Case QH-2026-" in told
    with database.reading() as connection:
        read = connection.execute(select(reads.c.asked).order_by(reads.c.number.desc())).first()
    assert read == ("asked again",)

    wrong = signer.send_form(question, proof_password="not mine at all")
    assert (wrong.status_code, methods(database)) == (422, [])
    assert "Your present password is not right." in text_of(wrong)
    assert "not mine at all" not in wrong.text

    done = signer.send_form(wrong, proof_password=PASSWORD)
    assert (done.status_code, done.location) == (303, f"/consultations/{ready}")
    assert methods(database) == ["password/password"]


def test_who_has_a_factor_is_asked_for_it_and_the_entry_keeps_both(
    signer, device, ready, clock, database
):
    clock.go_on(minutes=6)
    question = signer.send(f"/consultations/{ready}", to=f"/consultations/{ready}/sign")
    assert (question.status_code, "proof_password" in question.text) == (401, False)
    code = device.code()
    done = signer.send_form(question, proof_code=code)
    again = signer.send_form(question, proof_code=code)

    assert (done.status_code, again.status_code) == (303, 303)  # a second click is one act
    assert methods(database) == methods(database, entries) == ["password+totp/totp"]


def test_a_signature_that_was_never_asked_about_is_refused_below_the_pages(
    signer, ready, clock, database
):
    """What takes the question away from the page takes nothing from the rule."""
    page = signer.get(f"/consultations/{ready}")
    form = the_form(page, {"text"}, f"/consultations/{ready}/sign")
    clock.go_on(minutes=6)
    answers = [
        signer.post(form.action, data={**form.filled, **more}).status_code
        for more in ({}, {"proof_code": ""}, {"proof_password": ""}, {"proof_code": "000000"})
    ]

    assert answers == [401, 422, 422, 422]
    assert methods(database) == []


def test_many_at_once_are_asked_about_once_and_all_that_was_ticked_is_kept(
    signer, cast, clock, database
):
    for name in ("Nguyễn Thị Ân", "Trần Văn Bình"):
        case = cast.consulting(name=name)
        cast.ready(case, cast.asked(case)["thanh-tra"], "thanh-tra")
    page = signer.get("/to-sign?show=read&tick=all")
    clock.go_on(minutes=6)
    question = signer.send_form(page, to="/to-sign/sign")
    assert (question.status_code, methods(database)) == (401, [])
    done = signer.send_form(question, proof_password=PASSWORD)

    assert done.location.startswith("/inbox/results/")
    assert methods(database) == ["password/password"] * 2


def test_a_conclusion_keeps_every_word_while_it_is_asked_about(browser_of, cast, clock, database):
    from tests.builders import sent  # noqa: PLC0415
    from vetting.usecases.propose import propose, submit_proposals  # noqa: PLC0415

    case = cast.assembling()
    propose(cast.board, sent(), [case], "meets", "Đủ.")
    submit_proposals(cast.head, sent(), [case])
    secretary = browser_of(Role.SECRETARY)
    page = secretary.get(f"/cases/{case}/conclude")
    clock.go_on(minutes=6)
    words = "Thống nhất,\nkhông có ý kiến khác."
    question = secretary.send_form(
        page, outcome="meets", reasons=words, decided_on="04/01/2026", votes_for="15"
    )
    assert question.status_code == 401
    done = secretary.send_form(question, proof_password=PASSWORD)

    assert done.status_code == 303
    with database.reading() as connection:
        kept = connection.execute(select(conclusions)).mappings().one()
    assert (kept["reasons"], kept["decided_on"], kept["votes_for"]) == (words, "2026-01-04", 15)


def test_a_form_that_is_not_filled_in_is_refused_before_anybody_is_asked(browser_of, clock):
    administrator = browser_of(Role.ADMINISTRATOR)
    clock.go_on(minutes=6)
    assert administrator.send("/officers/new", login="", name="").status_code == 422


def test_a_role_is_granted_and_an_officer_disabled_only_after_the_question(
    browser_of, clock, database
):
    administrator = browser_of(Role.ADMINISTRATOR)
    clock.go_on(minutes=6)
    for page, answers in (
        (f"/officers/{ME}/roles", {"organisation": "thue", "role": "body_officer"}),
        (f"/officers/{ME}/disable", {}),
    ):
        question = administrator.send(page, **answers)
        assert question.status_code == 401, page
        with database.reading() as connection:
            assert (
                connection.scalar(select(officers.c.disabled_at).where(officers.c.handle == ME))
                is None
            )
        done = administrator.send_form(question, proof_password=PASSWORD)
        assert done.status_code == 303, page
        clock.go_on(minutes=6)


@pytest.mark.usefixtures("second")
def test_a_password_that_was_typed_is_asked_for_anew_and_stands_on_no_page(browser_of, clock, app):
    administrator = browser_of(Role.ADMINISTRATOR)
    clock.go_on(minutes=6)
    question = administrator.send(
        "/officers/new",
        name="Nguyễn Thị Mới",
        login="moi",
        password=ANOTHER,
        organisation="thanh-tra",
        role="body_officer",
    )
    assert (question.status_code, ANOTHER in question.text) == (401, False)
    done = administrator.send_form(question, password=ANOTHER, proof_password=PASSWORD)
    assert done.status_code == 303
    confirm_all(browser_of(Role.ADMINISTRATOR, nth=2))
    assert app.test_client().sign_in("moi", ANOTHER).status_code == 303


def test_what_asks_nothing_is_never_asked_about(signer, clock):
    clock.go_on(hours=2)
    assert signer.send("/help", to="/sign-out").status_code == 303


def test_a_proof_in_another_browser_helps_nobody_here(browser_of, ready, clock, database):
    here, there = browser_of(Role.BODY_SIGNER), browser_of(Role.BODY_SIGNER)
    clock.go_on(minutes=6)
    page = f"/consultations/{ready}"
    question = there.send(page, to=f"{page}/sign")
    assert question.status_code == 401
    stolen = the_form(question, {"proof_password"}).filled
    answer = here.post(f"{page}/sign", data={**stolen, "proof_password": PASSWORD})

    assert (answer.status_code, methods(database)) == (403, [])


def test_the_capacity_one_switches_to_keeps_what_was_proved(browser_of, database, clock):
    with database.writing() as connection:
        connection.execute(
            role_assignments.insert(),
            {"officer": ME, "organisation": "thanh-tra", "role": "body_officer"},
        )
    signer = browser_of(Role.BODY_SIGNER)
    clock.go_on(minutes=1)
    signer.send("/capacity", capacity="body_officer@thanh-tra")
    with database.reading() as connection:
        kept = connection.execute(
            select(login_sessions.c.proved_at, login_sessions.c.proved_with).where(
                login_sessions.c.officer == ME
            )
        ).all()
    assert [tuple(one) for one in kept] == [("2026-01-05T02:00:00.000000Z", "password")] * 2


def test_guessing_at_the_question_becomes_slow(signer, ready, clock, database):
    clock.go_on(minutes=6)
    page = f"/consultations/{ready}"
    answer = signer.send(page, to=f"{page}/sign")
    statuses = []
    for _ in range(4):
        answer = signer.send_form(answer, proof_password="wrong")
        statuses.append(answer.status_code)

    assert (statuses, answer.headers["Retry-After"]) == ([422, 422, 422, 429], "1")
    assert methods(database) == []


def test_the_sessions_page_leads_to_the_second_factor(signer):
    assert "/second-factor" in links_of(signer.get("/sessions"))


def test_every_act_that_asks_again_is_called_by_its_name(app):
    """What is asked about is named, and nothing is named that is not there."""
    asks = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if ACTION_OF.get(app.view_functions[rule.endpoint]) in ASKS_AGAIN
        and ("POST" in rule.methods or rule.endpoint == "packages.take")
    }
    assert asks - CALLED.keys() == set()
    assert CALLED.keys() - set(app.view_functions) == set()
